package cms

import (
	"bytes"
	"crypto"
	"crypto/subtle"
	"crypto/x509"
	"encoding/asn1"

	"github.com/motcua/motcua/internal/asn1x"
)

const defaultESSHash = crypto.SHA256

// Certificate finds the certificate a signer names, among those in the message and extra ones of the caller's. Two that
// answer the name are told apart by the signed certificate reference.
func (m *Message) Certificate(s *Signer, extra ...*x509.Certificate) (*x509.Certificate, error) {
	var found *x509.Certificate
	for _, list := range [][]*x509.Certificate{m.Certificates, extra} {
		for _, cert := range list {
			if !s.names(cert) {
				continue
			}
			if bound, err := s.CheckBinding(cert); bound && err == nil {
				return cert, nil
			}
			if found == nil {
				found = cert
			}
		}
	}
	if found == nil {
		return nil, fail(ErrNoSigner, "the certificate that the signer identifier names")
	}
	return found, nil
}

func (s *Signer) names(cert *x509.Certificate) bool {
	if s.KeyID != nil {
		return len(cert.SubjectKeyId) > 0 && bytes.Equal(cert.SubjectKeyId, s.KeyID)
	}
	return bytes.Equal(cert.RawIssuer, s.Issuer) && cert.SerialNumber != nil && cert.SerialNumber.Cmp(s.Serial) == 0
}

// Attribute returns the single value of a signed attribute.
func (s *Signer) Attribute(id asn1.ObjectIdentifier) ([]byte, bool) {
	for _, a := range s.Attributes {
		if a.ID.Equal(id) && len(a.Values) == 1 {
			return a.Values[0], true
		}
	}
	return nil, false
}

// CheckAttributes checks the rules that hold whatever the content is: there are signed attributes, none stands twice,
// each that RFC 5652 makes single has one value, and content-type is contentType.
func (s *Signer) CheckAttributes(contentType asn1.ObjectIdentifier) error {
	if s.signed == nil || len(s.Attributes) == 0 {
		return fail(ErrAttributes, "signed attributes")
	}
	for i, a := range s.Attributes {
		if len(a.Values) != 1 {
			return fail(ErrAttributes, "one value in each signed attribute")
		}
		for _, b := range s.Attributes[:i] {
			if a.ID.Equal(b.ID) {
				return fail(ErrAttributes, "each signed attribute once")
			}
		}
	}
	value, ok := s.Attribute(OIDContentType)
	if !ok || !bytes.Equal(value, asn1x.EncodeOID(contentType)) {
		return fail(ErrAttributes, "the content-type attribute to name the content")
	}
	if digest, ok := s.Attribute(OIDMessageDigest); !ok || digest[0] != asn1x.OctetString {
		return fail(ErrAttributes, "a message-digest attribute")
	}
	return nil
}

// CheckContent compares the message-digest attribute with the digest of the content, made with s.Digest.
func (s *Signer) CheckContent(contentType asn1.ObjectIdentifier, digest []byte) error {
	if err := s.CheckAttributes(contentType); err != nil {
		return err
	}
	value, _ := s.Attribute(OIDMessageDigest)
	e, err := asn1x.Open(value).Take(asn1x.OctetString)
	if err != nil {
		return fail(ErrAttributes, "a message-digest attribute")
	}
	if subtle.ConstantTimeCompare(e.Body, digest) != 1 {
		return fail(ErrDigest, "the message-digest attribute to equal the content's digest")
	}
	return nil
}

// CheckSignature checks the signature value over the signed attributes with the certificate's key.
func (s *Signer) CheckSignature(cert *x509.Certificate) error {
	if s.signed == nil {
		return fail(ErrAttributes, "signed attributes")
	}
	return s.Scheme.Verify(PublicKey(cert), s.signed, s.Value)
}

// CheckBinding checks the signed reference to the certificate, signingCertificateV2 or its SHA-1 predecessor. bound is
// false when there is neither.
func (s *Signer) CheckBinding(cert *x509.Certificate) (bound bool, err error) {
	value, v2 := s.Attribute(OIDSigningCertificateV2)
	if !v2 {
		var v1 bool
		if value, v1 = s.Attribute(OIDSigningCertificate); !v1 {
			return false, nil
		}
	}
	hash, digest, issuer, err := parseReference(value, v2)
	if err != nil {
		return true, fail(ErrBinding, "a well-formed certificate reference")
	}
	h := NewHash(hash)
	if h == nil {
		return true, fail(ErrBinding, "a digest algorithm that can be computed")
	}
	h.Write(cert.Raw)
	if !bytes.Equal(h.Sum(nil), digest) {
		return true, fail(ErrBinding, "the digest of the signer's certificate")
	}
	want := asn1x.Encode(asn1x.Sequence,
		asn1x.Encode(asn1x.Sequence, asn1x.Encode(asn1x.Context(4), cert.RawIssuer)), serial(cert))
	if issuer != nil && !bytes.Equal(issuer, want) {
		return true, fail(ErrBinding, "issuer and serial number of the signer's certificate")
	}
	return true, nil
}

// parseReference reads the first ESSCertID or ESSCertIDv2: the signer's. issuer is nil when the reference has none.
func parseReference(value []byte, v2 bool) (hash crypto.Hash, digest, issuer []byte, err error) {
	hash = crypto.SHA1
	if v2 {
		hash = defaultESSHash
	}
	body := value
	for range 3 { // SigningCertificate, certs, the first reference
		e, err := asn1x.Open(body).Take(asn1x.Sequence)
		if err != nil {
			return 0, nil, nil, err
		}
		body = e.Body
	}
	c := asn1x.Open(body)
	if v2 && c.Peek() == asn1x.Sequence {
		if hash, err = parseHash(c); err != nil {
			return 0, nil, nil, err
		}
	}
	octets, err := c.Take(asn1x.OctetString)
	if err != nil {
		return 0, nil, nil, err
	}
	if e, ok, err := c.Optional(asn1x.Sequence); err != nil {
		return 0, nil, nil, err
	} else if ok {
		issuer = e.Full
	}
	return hash, octets.Body, issuer, c.End()
}
