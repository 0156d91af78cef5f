package csca

import (
	"bytes"
	"math/big"
	"time"

	"github.com/motcua/motcua/internal/asn1x"
	"github.com/motcua/motcua/internal/cms"
)

// Bounds of a revocation list. Those of document authorities have a few lines.
const (
	maxCRL     = 8 << 20
	maxRevoked = 200_000
)

// CRL is a parsed revocation list (Doc 9303-12, 7.1.4). Its signature has not been verified.
type CRL struct {
	Raw        []byte
	Issuer     Name
	ThisUpdate time.Time
	NextUpdate time.Time // zero when the list names none
	// AuthorityKeyID is the key that signed the list, where it says so. Number is nil when it has none.
	AuthorityKeyID []byte
	Number         *big.Int

	tbs, signature []byte
	scheme         cms.Scheme
	schemeErr      error
	revoked        map[string]time.Time
}

// ParseCRL reads a complete, direct revocation list in DER. Errors: *Error with ErrFormat: also for a delta or indirect
// list, which Doc 9303-12 does not use, and for critical extensions that are not known (RFC 5280, 5.2).
func ParseCRL(der []byte) (*CRL, error) {
	if len(der) > maxCRL {
		return nil, fail("a CRL of at most 8 MiB")
	}
	l := &CRL{Raw: der, revoked: make(map[string]time.Time)}
	if err := l.parse(); err != nil {
		if _, ok := err.(*Error); !ok {
			err = &Error{ErrFormat, "a CRL of RFC 5280", err}
		}
		return nil, err
	}
	return l, nil
}

func (l *CRL) parse() error {
	outer := asn1x.Open(l.Raw)
	seq, err := outer.Take(asn1x.Sequence)
	if err != nil {
		return err
	}
	if err := outer.End(); err != nil {
		return err
	}
	in := asn1x.Open(seq.Body)
	tbs, err := in.Take(asn1x.Sequence)
	if err != nil {
		return err
	}
	algorithm, err := in.Take(asn1x.Sequence)
	if err != nil {
		return err
	}
	value, err := in.Take(asn1x.BitString)
	if err != nil || in.End() != nil || len(value.Body) < 2 || value.Body[0] != 0 {
		return fail("a signature in a BIT STRING")
	}
	l.tbs, l.signature = tbs.Full, value.Body[1:]
	l.scheme, l.schemeErr = cms.ParseScheme(algorithm.Body)
	return l.parseTBS(asn1x.Open(tbs.Body), algorithm.Full)
}

func (l *CRL) parseTBS(in *asn1x.Cursor, outerAlgorithm []byte) error {
	if in.Peek() == asn1x.Integer {
		if _, err := in.Int(); err != nil {
			return err
		}
	}
	algorithm, err := in.Take(asn1x.Sequence)
	if err != nil {
		return err
	}
	if !bytes.Equal(algorithm.Full, outerAlgorithm) {
		return fail("one signature algorithm inside and outside")
	}
	if l.Issuer, err = takeName(in); err != nil {
		return err
	}
	if l.ThisUpdate, err = TakeTime(in); err != nil {
		return err
	}
	if tag := in.Peek(); tag == utcTime || tag == generalizedTime {
		if l.NextUpdate, err = TakeTime(in); err != nil {
			return err
		}
	}
	if e, ok, err := in.Optional(asn1x.Sequence); err != nil {
		return err
	} else if ok {
		if err := l.parseEntries(asn1x.Open(e.Body)); err != nil {
			return err
		}
	}
	if e, ok, err := in.Optional(asn1x.Context(0)); err != nil {
		return err
	} else if ok {
		if err := l.parseExtensions(e.Body); err != nil {
			return err
		}
	}
	return in.End()
}

func (l *CRL) parseEntries(in *asn1x.Cursor) error {
	for !in.Done() {
		e, err := in.Take(asn1x.Sequence)
		if err != nil {
			return err
		}
		if len(l.revoked) >= maxRevoked {
			return fail("at most 200000 lines")
		}
		c := asn1x.Open(e.Body)
		serial, err := c.BigInt()
		if err != nil {
			return err
		}
		at, err := TakeTime(c)
		if err != nil {
			return err
		}
		if extensions, ok, err := c.Optional(asn1x.Sequence); err != nil {
			return err
		} else if ok {
			if err := eachExtension(extensions.Full, entryExtension); err != nil {
				return err
			}
		}
		if err := c.End(); err != nil {
			return err
		}
		l.revoked[serial.String()] = at
	}
	return nil
}

// entryExtension knows reason and invalidity date; a certificate issuer would make the list indirect.
func entryExtension(id string, critical bool, _ []byte) error {
	if id == "\x55\x1d\x1d" || critical && id != "\x55\x1d\x15" && id != "\x55\x1d\x18" {
		return fail("a direct list with critical extensions that are known")
	}
	return nil
}

func (l *CRL) parseExtensions(body []byte) error {
	return eachExtension(body, func(id string, critical bool, value []byte) (err error) {
		switch id {
		case "\x55\x1d\x23":
			var x Extensions
			err = readAKI(&x, asn1x.Open(value))
			l.AuthorityKeyID = x.AuthorityKeyID
		case "\x55\x1d\x14":
			l.Number, err = asn1x.Open(value).BigInt()
		case "\x55\x1d\x1b":
			return fail("a complete list")
		default:
			if critical {
				return fail("critical extensions that are known")
			}
		}
		return err
	})
}

// eachExtension walks Extensions.
func eachExtension(body []byte, visit func(id string, critical bool, value []byte) error) error {
	const boolean = 0x01
	seq, err := asn1x.Open(body).Take(asn1x.Sequence)
	if err != nil {
		return err
	}
	count := 0
	for c := asn1x.Open(seq.Body); !c.Done(); count++ {
		e, err := c.Take(asn1x.Sequence)
		if err != nil {
			return err
		}
		in := asn1x.Open(e.Body)
		id, err := in.Take(asn1x.OID)
		if err != nil {
			return err
		}
		flag, _, err := in.Optional(boolean)
		if err != nil {
			return err
		}
		value, err := in.Take(asn1x.OctetString)
		if err != nil {
			return err
		}
		if count >= maxExtensions {
			return fail("at most 64 extensions")
		}
		if err := visit(string(id.Body), len(flag.Body) == 1 && flag.Body[0] != 0, value.Body); err != nil {
			return err
		}
	}
	return nil
}

// MayBeIssuedBy reports whether name and key identifier of the list fit the authority's certificate.
func (l *CRL) MayBeIssuedBy(issuer *Certificate) bool {
	if len(l.AuthorityKeyID) > 0 && len(issuer.SubjectKeyID) > 0 {
		return bytes.Equal(l.AuthorityKeyID, issuer.SubjectKeyID)
	}
	return l.Issuer.Same(issuer.Subject)
}

// CheckSignature checks the list's signature by an authority's key. Errors: *Error.
func (l *CRL) CheckSignature(issuer Key) error {
	if l.schemeErr != nil {
		return &Error{ErrKey, "a known signature algorithm", l.schemeErr}
	}
	return issuer.Verify(l.scheme, l.tbs, l.signature)
}

// Scheme returns how the list is signed.
func (l *CRL) Scheme() cms.Scheme { return l.scheme }

// Revoked returns when a serial number was revoked; ok is false when it is not in the list.
func (l *CRL) Revoked(serial *big.Int) (at time.Time, ok bool) {
	at, ok = l.revoked[serial.String()]
	return at, ok
}

// Len returns how many certificates are revoked.
func (l *CRL) Len() int { return len(l.revoked) }
