package csca

import (
	"bytes"
	"encoding/asn1"
	"errors"

	"github.com/motcua/motcua/internal/asn1x"
	"github.com/motcua/motcua/internal/cms"
)

// OIDMasterList is id-icao-cscaMasterList.
var OIDMasterList = asn1.ObjectIdentifier{2, 23, 136, 1, 1, 2}

// maxListed bounds the certificates of a master list; the largest known has about a thousand.
const maxListed = 8192

// MasterList is a parsed CSCA master list (Doc 9303-12, chapter 9). Its signature has not been verified.
type MasterList struct {
	// Certificates are in the order of the list. Unreadable counts those whose very frame is broken.
	Certificates []*Certificate
	Unreadable   int
	// Embedded are the certificates beside the list: its signer's and that one's authority.
	Embedded []*Certificate

	message *cms.Message
}

// ParseMasterList reads a master list: CMS SignedData around CscaMasterList. Errors: *Error with ErrFormat.
func ParseMasterList(der []byte) (*MasterList, error) {
	message, embedded, rest, err := cms.ParseRaw(der)
	if err != nil || len(rest) != 0 {
		return nil, &Error{ErrFormat, "one SignedData", err}
	}
	if !message.ContentType.Equal(OIDMasterList) || len(message.Signers) != 1 {
		return nil, fail("a CSCA master list with one signer")
	}
	l := &MasterList{message: message}
	outer := asn1x.Open(message.Content)
	seq, err := outer.Take(asn1x.Sequence)
	if err != nil || outer.End() != nil {
		return nil, &Error{ErrFormat, "CscaMasterList", err}
	}
	c := asn1x.Open(seq.Body)
	if v, err := c.Int(); err != nil || v != 0 {
		return nil, fail("CscaMasterList version 0")
	}
	set, err := c.Take(asn1x.Set)
	if err != nil || c.End() != nil {
		return nil, &Error{ErrFormat, "a SET of certificates", err}
	}
	for in := asn1x.Open(set.Body); !in.Done(); {
		e, err := in.Next()
		if err != nil {
			return nil, &Error{ErrFormat, "a SET of certificates", err}
		}
		if len(l.Certificates)+l.Unreadable >= maxListed {
			return nil, fail("at most 8192 certificates")
		}
		if cert, err := Parse(e.Full); err == nil {
			l.Certificates = append(l.Certificates, cert)
		} else {
			l.Unreadable++
		}
	}
	l.Embedded = ParseAll(embedded)
	return l, nil
}

// ParseAll reads what can be read.
func ParseAll(raw [][]byte) (list []*Certificate) {
	for _, der := range raw {
		if cert, err := Parse(der); err == nil {
			list = append(list, cert)
		}
	}
	return list
}

// Signer returns the certificate that the list's signer names, nil when it is not there.
func (l *MasterList) Signer() *Certificate { return FindSigner(l.message.Signers[0], l.Embedded) }

// CheckSignature checks the list's content and signature with a signer's key. Errors: *cms.Error or *Error.
func (l *MasterList) CheckSignature(key Key) error {
	return CheckSigned(l.message.Signers[0], l.message.ContentType, l.message.Content, key)
}

// Scheme returns how the list is signed.
func (l *MasterList) Scheme() cms.Scheme { return l.message.Signers[0].Scheme }

// FindSigner finds the certificate that a signer names by issuer and serial number, or by key identifier. The issuer may
// be written in another encoding than in the certificate.
func FindSigner(s *cms.Signer, list []*Certificate) *Certificate {
	if s.KeyID != nil {
		for _, cert := range list {
			if len(s.KeyID) > 0 && string(cert.SubjectKeyID) == string(s.KeyID) {
				return cert
			}
		}
		return nil
	}
	for _, cert := range list {
		if cert.Serial.Cmp(s.Serial) == 0 && cert.Issuer.Same(Name{Raw: s.Issuer}) {
			return cert
		}
	}
	return nil
}

// CheckSigned checks signed attributes, content digest and signature of a signer. The signature is over the attributes in
// the order of DER (RFC 5652, 5.4); some writers sort them for the signature and not for the message.
func CheckSigned(s *cms.Signer, contentType asn1.ObjectIdentifier, content []byte, key Key) error {
	h := cms.NewHash(s.Digest)
	if h == nil {
		return &Error{Kind: ErrKey, Rule: "a digest that can be computed"}
	}
	h.Write(content)
	if err := s.CheckContent(contentType, h.Sum(nil)); err != nil {
		return err
	}
	err := key.Verify(s.Scheme, s.SignedBytes(), s.Value)
	if !errors.Is(err, ErrSignature) {
		return err
	}
	if sorted := inOrder(s.SignedBytes()); sorted != nil && key.Verify(s.Scheme, sorted, s.Value) == nil {
		return nil
	}
	return err
}

// inOrder returns a SET OF in DER, nil when it is in order as it is.
func inOrder(set []byte) []byte {
	e, err := asn1x.Open(set).Take(asn1x.Set)
	if err != nil {
		return nil
	}
	var members [][]byte
	for c := asn1x.Open(e.Body); !c.Done(); {
		m, err := c.Next()
		if err != nil {
			return nil
		}
		members = append(members, m.Full)
	}
	if sorted := asn1x.EncodeSetOf(members...); !bytes.Equal(sorted, set) {
		return sorted
	}
	return nil
}
