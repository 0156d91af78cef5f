package cms

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/asn1"
	"math/big"

	"github.com/motcua/motcua/internal/asn1x"
)

// Bounds of a message. The largest real ones carry a chain, a few CRLs and time stamps.
const (
	maxCertificates = 32
	maxSigners      = 16
	maxAttributes   = 64
)

// Message is a parsed SignedData. Nothing in it has been verified.
type Message struct {
	ContentType asn1.ObjectIdentifier
	// Content is the encapsulated content; nil when the content is detached.
	Content []byte
	// Certificates are candidates in the order of the message. Those that crypto/x509 cannot read, attribute certificates
	// among them, are left out.
	Certificates []*x509.Certificate
	Unreadable   int // certificates left out
	// CRLs and OCSPs are revocation data that travels with the message, in DER.
	CRLs, OCSPs [][]byte
	Signers     []*Signer
}

// Signer is one SignerInfo.
type Signer struct {
	// Issuer (DER) and Serial name the certificate, or KeyID does.
	Issuer []byte
	Serial *big.Int
	KeyID  []byte

	Digest     crypto.Hash
	Scheme     Scheme
	Attributes []Attribute
	Unsigned   []Attribute
	Value      []byte

	signed []byte // the signed attributes as a SET, nil when there are none
}

// Reader reads messages. The zero value is ready.
type Reader struct {
	// Certificate reads a certificate; default x509.ParseCertificate. One that remembers saves reading the same few
	// authorities' certificates with every message.
	Certificate func(der []byte) (*x509.Certificate, error)
}

// Parse reads a ContentInfo with SignedData, in BER or DER, and returns what follows it.
func Parse(input []byte) (m *Message, rest []byte, err error) { return Reader{}.Parse(input) }

// Parse is the function of that name.
func (r Reader) Parse(input []byte) (m *Message, rest []byte, err error) {
	if r.Certificate == nil {
		r.Certificate = x509.ParseCertificate
	}
	der, rest, err := asn1x.Normalize(input, asn1x.Limits{})
	if err != nil {
		return nil, nil, &Error{ErrFormat, "BER or DER within bounds", err}
	}
	m, err = r.message(der)
	if err != nil {
		if _, ok := err.(*Error); !ok {
			err = &Error{ErrFormat, "SignedData of RFC 5652", err}
		}
		return nil, nil, err
	}
	return m, rest, nil
}

func (r Reader) message(der []byte) (*Message, error) {
	info, err := asn1x.Open(der).Take(asn1x.Sequence)
	if err != nil {
		return nil, err
	}
	c := asn1x.Open(info.Body)
	if id, err := c.OID(); err != nil || !id.Equal(OIDSignedData) {
		return nil, fail(ErrFormat, "content type signed-data")
	}
	wrapped, err := c.Take(asn1x.Context(0))
	if err != nil {
		return nil, err
	}
	seq, err := asn1x.Open(wrapped.Body).Take(asn1x.Sequence)
	if err != nil {
		return nil, err
	}
	m := new(Message)
	return m, r.signedData(m, asn1x.Open(seq.Body))
}

func (r Reader) signedData(m *Message, c *asn1x.Cursor) error {
	if v, err := c.Int(); err != nil || v < 1 || v > 5 {
		return fail(ErrFormat, "SignedData version 1 to 5")
	}
	if _, err := c.Take(asn1x.Set); err != nil { // digestAlgorithms: a hint, each signer names its own
		return err
	}
	content, err := c.Take(asn1x.Sequence)
	if err != nil {
		return err
	}
	if err := m.parseContent(asn1x.Open(content.Body)); err != nil {
		return err
	}
	if e, ok, err := c.Optional(asn1x.Context(0)); err != nil {
		return err
	} else if ok {
		if err := r.certificates(m, asn1x.Open(e.Body)); err != nil {
			return err
		}
	}
	if e, ok, err := c.Optional(asn1x.Context(1)); err != nil {
		return err
	} else if ok {
		if err := m.parseRevocation(asn1x.Open(e.Body)); err != nil {
			return err
		}
	}
	signers, err := c.Take(asn1x.Set)
	if err != nil {
		return err
	}
	if err := c.End(); err != nil {
		return err
	}
	return m.parseSigners(asn1x.Open(signers.Body))
}

func (m *Message) parseContent(c *asn1x.Cursor) (err error) {
	if m.ContentType, err = c.OID(); err != nil {
		return err
	}
	e, ok, err := c.Optional(asn1x.Context(0))
	if err != nil || !ok {
		return err
	}
	octets, err := asn1x.Open(e.Body).Take(asn1x.OctetString)
	if err != nil {
		return err
	}
	m.Content = bytes.Clone(octets.Body)
	if m.Content == nil {
		m.Content = []byte{}
	}
	return c.End()
}

func (r Reader) certificates(m *Message, c *asn1x.Cursor) error {
	for count := 0; !c.Done(); count++ {
		e, err := c.Next()
		if err != nil {
			return err
		}
		if count >= maxCertificates {
			return fail(ErrFormat, "at most 32 certificates")
		}
		if e.Tag != asn1x.Sequence { // attribute certificates and other choices
			m.Unreadable++
			continue
		}
		cert, err := r.Certificate(e.Full)
		if err != nil {
			m.Unreadable++
			continue
		}
		m.Certificates = append(m.Certificates, cert)
	}
	return nil
}

func (m *Message) parseSigners(c *asn1x.Cursor) error {
	for !c.Done() {
		e, err := c.Take(asn1x.Sequence)
		if err != nil {
			return err
		}
		if len(m.Signers) >= maxSigners {
			return fail(ErrFormat, "at most 16 signers")
		}
		s, err := parseSigner(asn1x.Open(e.Body))
		if err != nil {
			return err
		}
		m.Signers = append(m.Signers, s)
	}
	return nil
}

func parseSigner(c *asn1x.Cursor) (*Signer, error) {
	version, err := c.Int()
	if err != nil || version != 1 && version != 3 {
		return nil, fail(ErrFormat, "SignerInfo version 1 or 3")
	}
	s := new(Signer)
	if err := s.parseID(c); err != nil {
		return nil, err
	}
	if s.Digest, err = parseHash(c); err != nil {
		return nil, err
	}
	if e, ok, err := c.Optional(asn1x.Context(0)); err != nil {
		return nil, err
	} else if ok {
		s.signed = bytes.Clone(e.Full)
		s.signed[0] = asn1x.Set
		if s.Attributes, err = parseAttributes(e.Body); err != nil {
			return nil, err
		}
	}
	algorithm, err := c.Take(asn1x.Sequence)
	if err != nil {
		return nil, err
	}
	if s.Scheme, err = parseScheme(algorithm.Body, s.Digest); err != nil {
		return nil, err
	}
	value, err := c.Take(asn1x.OctetString)
	if err != nil {
		return nil, err
	}
	s.Value = bytes.Clone(value.Body)
	if e, ok, err := c.Optional(asn1x.Context(1)); err != nil {
		return nil, err
	} else if ok {
		if s.Unsigned, err = parseAttributes(e.Body); err != nil {
			return nil, err
		}
	}
	return s, c.End()
}

// parseID reads issuerAndSerialNumber or subjectKeyIdentifier [0].
func (s *Signer) parseID(c *asn1x.Cursor) error {
	if e, ok, err := c.Optional(asn1x.ContextPrimitive(0)); err != nil {
		return err
	} else if ok {
		s.KeyID = bytes.Clone(e.Body)
		return nil
	}
	e, err := c.Take(asn1x.Sequence)
	if err != nil {
		return err
	}
	in := asn1x.Open(e.Body)
	name, err := in.Take(asn1x.Sequence)
	if err != nil {
		return err
	}
	s.Issuer = bytes.Clone(name.Full)
	if s.Serial, err = in.BigInt(); err != nil {
		return err
	}
	return in.End()
}

func parseAttributes(body []byte) ([]Attribute, error) {
	var list []Attribute
	for c := asn1x.Open(body); !c.Done(); {
		e, err := c.Take(asn1x.Sequence)
		if err != nil {
			return nil, err
		}
		if len(list) >= maxAttributes {
			return nil, fail(ErrFormat, "at most 64 attributes")
		}
		in := asn1x.Open(e.Body)
		id, err := in.OID()
		if err != nil {
			return nil, err
		}
		set, err := in.Take(asn1x.Set)
		if err != nil {
			return nil, err
		}
		if err := in.End(); err != nil {
			return nil, err
		}
		a := Attribute{ID: id}
		for v := asn1x.Open(set.Body); !v.Done(); {
			value, err := v.Next()
			if err != nil {
				return nil, err
			}
			a.Values = append(a.Values, bytes.Clone(value.Full))
		}
		list = append(list, a)
	}
	return list, nil
}
