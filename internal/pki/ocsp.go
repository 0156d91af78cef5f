package pki

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/asn1"
	"time"

	"github.com/motcua/motcua/internal/asn1x"
	"github.com/motcua/motcua/internal/cms"
)

const (
	tagEnumerated      = 0x0a
	tagGeneralizedTime = 0x18

	maxSingles    = 1024
	maxResponders = 16
)

var (
	oidBasicResponse = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 1}
	oidNonce         = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 2}
	oidNoCheck       = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 5}
)

// Status is what is said about a certificate.
type Status int

// Statuses.
const (
	Unknown Status = iota
	Good
	Revoked
	OnHold // certificateHold: suspended (tạm dừng), which may end
)

// Reasons of CRLReason that change what an entry means.
const (
	ReasonHold   = 6
	ReasonRemove = 8 // in a delta CRL: the entry is gone
)

// Response is a parsed BasicOCSPResponse. Nothing in it has been verified.
type Response struct {
	Raw []byte
	// ResponderName (DER) or ResponderKey (SHA-1 of the key) says who answers.
	ResponderName, ResponderKey []byte
	ProducedAt                  time.Time
	Singles                     []Single
	Certificates                []*x509.Certificate
	Nonce                       []byte
	Scheme                      cms.Scheme

	tbs, value []byte
}

// Single is the answer about one certificate.
type Single struct {
	ID        CertID
	Status    Status
	RevokedAt time.Time
	Reason    int
	// NextUpdate is zero when newer information is available all the time.
	ThisUpdate, NextUpdate time.Time
}

// ParseOCSP reads an OCSPResponse. A response whose status is not "successful" is ErrRefused.
func ParseOCSP(input []byte) (*Response, error) {
	der, rest, err := asn1x.Normalize(input, asn1x.Limits{Size: 1 << 20})
	if err != nil || len(rest) != 0 {
		return nil, malformed("an OCSPResponse of RFC 6960")
	}
	outer, err := asn1x.Open(der).Take(asn1x.Sequence)
	if err != nil {
		return nil, malformed("an OCSPResponse of RFC 6960")
	}
	c := asn1x.Open(outer.Body)
	status, err := c.Take(tagEnumerated)
	if err != nil || len(status.Body) != 1 {
		return nil, malformed("a response status")
	}
	if status.Body[0] != 0 {
		return nil, ErrRefused
	}
	var basic []byte
	if e, err := c.Take(asn1x.Context(0)); err == nil {
		if seq, err := asn1x.Open(e.Body).Take(asn1x.Sequence); err == nil {
			in := asn1x.Open(seq.Body)
			id, err1 := in.OID()
			octets, err2 := in.Take(asn1x.OctetString)
			if err1 == nil && err2 == nil && id.Equal(oidBasicResponse) {
				basic = octets.Body
			}
		}
	}
	if basic == nil {
		return nil, malformed("a basic response")
	}
	r := &Response{Raw: bytes.Clone(input)}
	if err := r.parseBasic(basic); err != nil {
		return nil, malformed("a BasicOCSPResponse of RFC 6960: " + err.Error())
	}
	return r, nil
}

func (r *Response) parseBasic(der []byte) error {
	der, rest, err := asn1x.Normalize(der, asn1x.Limits{Size: 1 << 20})
	if err != nil || len(rest) != 0 {
		return malformed("one element")
	}
	seq, err := asn1x.Open(der).Take(asn1x.Sequence)
	if err != nil {
		return err
	}
	c := asn1x.Open(seq.Body)
	tbs, err := c.Take(asn1x.Sequence)
	if err != nil {
		return err
	}
	r.tbs = tbs.Full
	algorithm, err := c.Take(asn1x.Sequence)
	if err != nil {
		return err
	}
	if r.Scheme, err = cms.ParseScheme(algorithm.Body); err != nil {
		return err
	}
	bits, err := c.Take(asn1x.BitString)
	if err != nil || len(bits.Body) < 2 || bits.Body[0] != 0 {
		return malformed("a signature")
	}
	r.value = bits.Body[1:]
	if e, ok, err := c.Optional(asn1x.Context(0)); err != nil {
		return err
	} else if ok {
		if err := r.parseCertificates(e.Body); err != nil {
			return err
		}
	}
	if err := c.End(); err != nil {
		return err
	}
	return r.parseData(asn1x.Open(tbs.Body))
}

func (r *Response) parseCertificates(body []byte) error {
	list, err := asn1x.Open(body).Take(asn1x.Sequence)
	if err != nil {
		return err
	}
	for c := asn1x.Open(list.Body); !c.Done(); {
		e, err := c.Take(asn1x.Sequence)
		if err != nil {
			return err
		}
		if len(r.Certificates) >= maxResponders {
			return malformed("at most 16 certificates")
		}
		if cert, err := ParseCertificate(e.Full); err == nil {
			r.Certificates = append(r.Certificates, cert)
		}
	}
	return nil
}

// parseData reads ResponseData.
func (r *Response) parseData(c *asn1x.Cursor) error {
	if _, _, err := c.Optional(asn1x.Context(0)); err != nil { // version
		return err
	}
	who, err := c.Next()
	if err != nil {
		return err
	}
	switch who.Tag {
	case asn1x.Context(1):
		r.ResponderName = bytes.Clone(who.Body)
	case asn1x.Context(2):
		key, err := asn1x.Open(who.Body).Take(asn1x.OctetString)
		if err != nil {
			return err
		}
		r.ResponderKey = bytes.Clone(key.Body)
	default:
		return malformed("a responder id")
	}
	if r.ProducedAt, err = takeTime(c); err != nil {
		return err
	}
	list, err := c.Take(asn1x.Sequence)
	if err != nil {
		return err
	}
	for in := asn1x.Open(list.Body); !in.Done(); {
		e, err := in.Take(asn1x.Sequence)
		if err != nil {
			return err
		}
		if len(r.Singles) >= maxSingles {
			return malformed("at most 1024 answers")
		}
		single, err := parseSingle(asn1x.Open(e.Body))
		if err != nil {
			return err
		}
		r.Singles = append(r.Singles, single)
	}
	if e, ok, err := c.Optional(asn1x.Context(1)); err != nil {
		return err
	} else if ok {
		r.Nonce, err = nonceIn(e.Body)
		return err
	}
	return c.End()
}

func parseSingle(c *asn1x.Cursor) (s Single, err error) {
	id, err := c.Take(asn1x.Sequence)
	if err != nil {
		return s, err
	}
	if s.ID, err = parseCertID(asn1x.Open(id.Body)); err != nil {
		return s, err
	}
	status, err := c.Next()
	if err != nil {
		return s, err
	}
	switch status.Tag {
	case asn1x.ContextPrimitive(0):
		s.Status = Good
	case asn1x.Context(1):
		if err := s.parseRevoked(asn1x.Open(status.Body)); err != nil {
			return s, err
		}
	case asn1x.ContextPrimitive(2):
		s.Status = Unknown
	default:
		return s, malformed("a certificate status")
	}
	if s.ThisUpdate, err = takeTime(c); err != nil {
		return s, err
	}
	if e, ok, err := c.Optional(asn1x.Context(0)); err != nil {
		return s, err
	} else if ok {
		if s.NextUpdate, err = takeTime(asn1x.Open(e.Body)); err != nil {
			return s, err
		}
	}
	_, _, err = c.Optional(asn1x.Context(1))
	return s, err
}

func (s *Single) parseRevoked(c *asn1x.Cursor) (err error) {
	s.Status = Revoked
	if s.RevokedAt, err = takeTime(c); err != nil {
		return err
	}
	if e, ok, err := c.Optional(asn1x.Context(0)); err != nil {
		return err
	} else if ok {
		reason, err := asn1x.Open(e.Body).Take(tagEnumerated)
		if err != nil || len(reason.Body) != 1 {
			return malformed("a reason")
		}
		if s.Reason = int(reason.Body[0]); s.Reason == ReasonHold {
			s.Status = OnHold
		}
	}
	return c.End()
}

func parseCertID(c *asn1x.Cursor) (id CertID, err error) {
	if id.Hash, err = cms.TakeHash(c); err != nil {
		return id, err
	}
	name, err := c.Take(asn1x.OctetString)
	if err != nil {
		return id, err
	}
	key, err := c.Take(asn1x.OctetString)
	if err != nil {
		return id, err
	}
	id.NameHash, id.KeyHash = bytes.Clone(name.Body), bytes.Clone(key.Body)
	id.Serial, err = c.BigInt()
	return id, err
}

func takeTime(c *asn1x.Cursor) (time.Time, error) {
	e, err := c.Take(tagGeneralizedTime)
	if err != nil {
		return time.Time{}, err
	}
	t, err := time.Parse("20060102150405.999999999Z", string(e.Body))
	if err != nil {
		return t, malformed("a time in UTC")
	}
	return t, nil
}

func nonceIn(body []byte) ([]byte, error) {
	list, err := asn1x.Open(body).Take(asn1x.Sequence)
	if err != nil {
		return nil, err
	}
	for c := asn1x.Open(list.Body); !c.Done(); {
		e, err := c.Take(asn1x.Sequence)
		if err != nil {
			return nil, err
		}
		in := asn1x.Open(e.Body)
		id, err := in.OID()
		if err != nil {
			return nil, err
		}
		if _, _, err := in.Optional(1); err != nil {
			return nil, err
		}
		value, err := in.Take(asn1x.OctetString)
		if err != nil {
			return nil, err
		}
		if id.Equal(oidNonce) {
			return bytes.Clone(value.Body), nil
		}
	}
	return nil, nil
}

// Find returns the answer about a certificate; of several the newest.
func (r *Response) Find(cert, issuer *x509.Certificate) (Single, bool) {
	var found Single
	ok := false
	for _, s := range r.Singles {
		if s.ID.Names(cert, issuer) && (!ok || s.ThisUpdate.After(found.ThisUpdate)) {
			found, ok = s, true
		}
	}
	return found, ok
}

// IsBy reports whether the response says that cert's holder made it.
func (r *Response) IsBy(cert *x509.Certificate) bool {
	if r.ResponderName != nil {
		return bytes.Equal(r.ResponderName, cert.RawSubject)
	}
	return bytes.Equal(r.ResponderKey, digest(crypto.SHA1, KeyBits(cert)))
}

// CheckSignature checks the responder's signature.
func (r *Response) CheckSignature(responder *x509.Certificate) error {
	if err := r.Scheme.Verify(cms.PublicKey(responder), r.tbs, r.value); err != nil {
		return ErrSignature
	}
	return nil
}

// NoCheck reports whether a responder's certificate says that it need not be checked itself (id-pkix-ocsp-nocheck).
func NoCheck(cert *x509.Certificate) bool {
	for _, e := range cert.Extensions {
		if e.Id.Equal(oidNoCheck) {
			return true
		}
	}
	return false
}
