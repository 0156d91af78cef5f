package cms

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"math/big"

	"github.com/motcua/motcua/internal/asn1x"
)

// Attribute is a signed or unsigned attribute with its encoded values.
type Attribute struct {
	ID     asn1.ObjectIdentifier
	Values [][]byte
}

func (a Attribute) encode() []byte {
	return asn1x.Encode(asn1x.Sequence, asn1x.EncodeOID(a.ID), asn1x.EncodeSetOf(a.Values...))
}

// SignedAttributes returns the DER of the attributes to be signed: content-type id-data, the digest of the content,
// signingCertificateV2 with issuer and serial number, and extra. There is no signing-time: in a PDF the claimed time
// stands in the signature dictionary (EN 319 142-1, 6.3).
func SignedAttributes(cert *x509.Certificate, scheme Scheme, digest []byte, extra ...Attribute) []byte {
	return SignedAttributesFor(OIDData, cert, scheme, digest, extra...)
}

// SignedAttributesFor is SignedAttributes for another type of content.
func SignedAttributesFor(
	content asn1.ObjectIdentifier, cert *x509.Certificate, scheme Scheme, digest []byte, extra ...Attribute,
) []byte {
	members := [][]byte{
		Attribute{OIDContentType, [][]byte{asn1x.EncodeOID(content)}}.encode(),
		Attribute{OIDMessageDigest, [][]byte{asn1x.Encode(asn1x.OctetString, digest)}}.encode(),
		Attribute{OIDSigningCertificateV2, [][]byte{signingCertificate(cert, scheme)}}.encode(),
	}
	for _, a := range extra {
		members = append(members, a.encode())
	}
	return asn1x.EncodeSetOf(members...)
}

// signingCertificate encodes SigningCertificateV2 (RFC 5035). The digest algorithm is left out when it is SHA-256, its
// default, as DER demands.
func signingCertificate(cert *x509.Certificate, scheme Scheme) []byte {
	h := scheme.Hash.New()
	h.Write(cert.Raw)
	var parts [][]byte
	if scheme.Hash != defaultESSHash {
		parts = append(parts, hashIdentifier(scheme.Hash))
	}
	parts = append(parts, asn1x.Encode(asn1x.OctetString, h.Sum(nil)))
	name := asn1x.Encode(asn1x.Context(4), cert.RawIssuer) // GeneralName: directoryName
	parts = append(parts, asn1x.Encode(asn1x.Sequence, asn1x.Encode(asn1x.Sequence, name), serial(cert)))
	id := asn1x.Encode(asn1x.Sequence, parts...)
	return asn1x.Encode(asn1x.Sequence, asn1x.Encode(asn1x.Sequence, id))
}

func serial(cert *x509.Certificate) []byte {
	if cert.SerialNumber == nil {
		return asn1x.EncodeInt(new(big.Int))
	}
	return asn1x.EncodeInt(cert.SerialNumber)
}

// Parts are the pieces of a signed message with one signer.
type Parts struct {
	// Type and Content are the encapsulated content, of that type; without them the content is detached id-data.
	Type        asn1.ObjectIdentifier
	Content     []byte
	Certificate *x509.Certificate
	// Chain holds further certificates; the signer's own may be among them.
	Chain      []*x509.Certificate
	Scheme     Scheme
	Attributes []byte // as SignedAttributes returned them
	Value      []byte // the signature value
	// Unsigned attributes, such as a time-stamp token.
	Unsigned []Attribute
}

// Assemble returns the ContentInfo in DER, after checking that the value fits the certificate's key.
func Assemble(p Parts) ([]byte, error) {
	if err := p.Scheme.Verify(PublicKey(p.Certificate), p.Attributes, p.Value); err != nil {
		return nil, err
	}
	certificates := [][]byte{p.Certificate.Raw}
	for _, c := range p.Chain {
		if !bytes.Equal(c.Raw, p.Certificate.Raw) {
			certificates = append(certificates, c.Raw)
		}
	}
	set := asn1x.EncodeSetOf(certificates...)
	set[0] = asn1x.Context(0)
	digest := hashIdentifier(p.Scheme.Hash)
	version := asn1x.EncodeInt(big.NewInt(1))
	signed := bytes.Clone(p.Attributes)
	signed[0] = asn1x.Context(0)
	signer := [][]byte{version, asn1x.Encode(asn1x.Sequence, p.Certificate.RawIssuer, serial(p.Certificate)),
		digest, signed, p.Scheme.Identifier(), asn1x.Encode(asn1x.OctetString, p.Value)}
	if len(p.Unsigned) > 0 {
		var members [][]byte
		for _, a := range p.Unsigned {
			members = append(members, a.encode())
		}
		unsigned := asn1x.EncodeSetOf(members...)
		unsigned[0] = asn1x.Context(1)
		signer = append(signer, unsigned)
	}
	outer, content := version, asn1x.Encode(asn1x.Sequence, asn1x.EncodeOID(OIDData))
	if p.Type != nil {
		outer = asn1x.EncodeInt(big.NewInt(3)) // RFC 5652, 5.1: content that is not id-data
		content = asn1x.Encode(asn1x.Sequence, asn1x.EncodeOID(p.Type),
			asn1x.Encode(asn1x.Context(0), asn1x.Encode(asn1x.OctetString, p.Content)))
	}
	data := asn1x.Encode(asn1x.Sequence, outer, asn1x.EncodeSetOf(digest), content, set,
		asn1x.EncodeSetOf(asn1x.Encode(asn1x.Sequence, signer...)))
	return asn1x.Encode(asn1x.Sequence, asn1x.EncodeOID(OIDSignedData), asn1x.Encode(asn1x.Context(0), data)), nil
}
