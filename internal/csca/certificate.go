package csca

import (
	"bytes"
	"crypto/sha256"
	"math/big"
	"time"

	"github.com/motcua/motcua/internal/asn1x"
	"github.com/motcua/motcua/internal/cms"
)

// maxCertificate bounds a certificate in bytes; real ones have one to three thousand.
const maxCertificate = 32 << 10

// Certificate is a parsed certificate. Its signature has not been verified.
type Certificate struct {
	Raw, RawTBS     []byte
	Serial          *big.Int
	Issuer, Subject Name
	NotBefore       time.Time
	NotAfter        time.Time
	// Key is the public key; when it cannot be used it is zero and KeyErr says why.
	Key    Key
	KeyErr error
	// Scheme is how the certificate is signed; when that is not known SchemeErr says why.
	Scheme    cms.Scheme
	SchemeErr error
	Signature []byte
	Extensions
}

// Parse reads a certificate in DER. Errors: *Error with ErrFormat, for the frame only.
func Parse(der []byte) (*Certificate, error) {
	if len(der) > maxCertificate {
		return nil, fail("a certificate of at most 32 KiB")
	}
	outer := asn1x.Open(der)
	seq, err := outer.Take(asn1x.Sequence)
	if err != nil || outer.End() != nil {
		return nil, fail("one certificate in DER")
	}
	c := &Certificate{Raw: der, Extensions: Extensions{PathLen: -1}}
	in := asn1x.Open(seq.Body)
	tbs, err := in.Take(asn1x.Sequence)
	if err != nil {
		return nil, fail("TBSCertificate of RFC 5280")
	}
	c.RawTBS = tbs.Full
	algorithm, err := in.Take(asn1x.Sequence)
	if err != nil {
		return nil, fail("a signature algorithm")
	}
	c.Scheme, c.SchemeErr = cms.ParseScheme(algorithm.Body)
	value, err := in.Take(asn1x.BitString)
	if err != nil || in.End() != nil || len(value.Body) < 2 || value.Body[0] != 0 {
		return nil, fail("a signature in a BIT STRING")
	}
	c.Signature = value.Body[1:]
	if err := c.parseTBS(asn1x.Open(tbs.Body), algorithm.Full); err != nil {
		if _, ok := err.(*Error); !ok {
			err = &Error{ErrFormat, "TBSCertificate of RFC 5280", err}
		}
		return nil, err
	}
	return c, nil
}

func (c *Certificate) parseTBS(in *asn1x.Cursor, outerAlgorithm []byte) error {
	if _, _, err := in.Optional(asn1x.Context(0)); err != nil { // the version follows from what is there
		return err
	}
	var err error
	if c.Serial, err = in.BigInt(); err != nil {
		return err
	}
	algorithm, err := in.Take(asn1x.Sequence)
	if err != nil {
		return err
	}
	if !bytes.Equal(algorithm.Full, outerAlgorithm) {
		return fail("one signature algorithm inside and outside")
	}
	if c.Issuer, err = takeName(in); err != nil {
		return err
	}
	if c.NotBefore, c.NotAfter, err = validity(in); err != nil {
		return err
	}
	if c.Subject, err = takeName(in); err != nil {
		return err
	}
	spki, err := in.Take(asn1x.Sequence)
	if err != nil {
		return err
	}
	c.Key, c.KeyErr = ParseKey(spki.Full)
	for in.Peek() == asn1x.ContextPrimitive(1) || in.Peek() == asn1x.ContextPrimitive(2) { // unique identifiers
		if _, err := in.Next(); err != nil {
			return err
		}
	}
	if e, ok, err := in.Optional(asn1x.Context(3)); err != nil {
		return err
	} else if ok {
		if err := c.parseExtensions(e.Body); err != nil {
			return err
		}
	}
	return in.End()
}

func takeName(in *asn1x.Cursor) (Name, error) {
	e, err := in.Take(asn1x.Sequence)
	if err != nil {
		return Name{}, err
	}
	return parseName(e.Full)
}

func validity(in *asn1x.Cursor) (from, to time.Time, err error) {
	seq, err := in.Take(asn1x.Sequence)
	if err != nil {
		return from, to, err
	}
	c := asn1x.Open(seq.Body)
	if from, err = TakeTime(c); err != nil {
		return from, to, err
	}
	if to, err = TakeTime(c); err != nil {
		return from, to, err
	}
	return from, to, c.End()
}

// TakeTime takes a UTCTime or GeneralizedTime; seconds may be missing, and fractions of them are dropped.
func TakeTime(c *asn1x.Cursor) (time.Time, error) {
	e, err := c.Next()
	if err != nil {
		return time.Time{}, err
	}
	return parseTime(e.Tag, string(e.Body))
}

const (
	utcTime         = 0x17
	generalizedTime = 0x18
)

func parseTime(tag byte, s string) (time.Time, error) {
	layouts := []string{"060102150405Z0700", "0601021504Z0700"}
	if tag == generalizedTime {
		layouts = []string{"20060102150405Z0700", "200601021504Z0700"}
	} else if tag != utcTime {
		return time.Time{}, fail("a time")
	}
	for _, layout := range layouts {
		t, err := time.Parse(layout, s)
		if err != nil {
			continue
		}
		if tag == utcTime && t.Year() >= 2050 { // RFC 5280, 4.1.2.5.1; Go splits the century at 69
			t = t.AddDate(-100, 0, 0)
		}
		return t.UTC().Truncate(time.Second), nil
	}
	return time.Time{}, fail("a time with Zulu")
}

// Fingerprint returns the SHA-256 of the certificate.
func (c *Certificate) Fingerprint() [32]byte { return sha256.Sum256(c.Raw) }

// SelfIssued reports whether the certificate names itself as its issuer.
func (c *Certificate) SelfIssued() bool {
	if !c.Issuer.Same(c.Subject) {
		return false
	}
	return len(c.AuthorityKeyID) == 0 || len(c.SubjectKeyID) == 0 || bytes.Equal(c.AuthorityKeyID, c.SubjectKeyID)
}

// CheckSignature checks the certificate's signature by an issuer's key. Errors: *Error.
func (c *Certificate) CheckSignature(issuer Key) error {
	if c.SchemeErr != nil {
		return &Error{ErrKey, "a known signature algorithm", c.SchemeErr}
	}
	return issuer.Verify(c.Scheme, c.RawTBS, c.Signature)
}

// MayBeIssuedBy reports whether the issuer's name and key identifier are those the certificate names. One of both is
// enough when the certificate gives both: names change (Doc 9303-12, 7.1.1.5) and are written in several encodings.
// Where both give key identifiers, these must be equal.
func (c *Certificate) MayBeIssuedBy(issuer *Certificate) bool {
	if len(c.AuthorityKeyID) > 0 && len(issuer.SubjectKeyID) > 0 {
		return bytes.Equal(c.AuthorityKeyID, issuer.SubjectKeyID)
	}
	return c.Issuer.Same(issuer.Subject)
}
