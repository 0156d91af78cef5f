package cms

import (
	"bytes"
	"crypto"
	"encoding/asn1"
	"unicode/utf8"

	"github.com/motcua/motcua/internal/asn1x"
)

var (
	// OIDSignaturePolicy is signature-policy-identifier (EN 319 122-1, 5.2.9.1), OIDContentHints content-hints (RFC 2634, 2.9).
	OIDSignaturePolicy = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 15}
	OIDContentHints    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 4}
	// OIDContentTimestamp is content-time-stamp (EN 319 122-1, 5.2.8): a time stamp over what is signed, from before.
	OIDContentTimestamp = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 20}

	oidPolicyURI = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 5, 1}
)

const (
	tagUTF8 = 0x0c
	tagIA5  = 0x16
	maxHint = 4096 // bytes
)

// SignaturePolicy names the rules a signer says he follows. ID is nil when he leaves them to the context (implied).
type SignaturePolicy struct {
	ID     asn1.ObjectIdentifier
	Hash   crypto.Hash
	Digest []byte // of the policy's text
	URI    string // where it can be read; empty when not said
}

// PolicyAttribute is the signed attribute that names a policy.
func PolicyAttribute(p SignaturePolicy) Attribute {
	parts := [][]byte{asn1x.EncodeOID(p.ID),
		asn1x.Encode(asn1x.Sequence, hashIdentifier(p.Hash), asn1x.Encode(asn1x.OctetString, p.Digest))}
	if p.URI != "" {
		uri := asn1x.Encode(asn1x.Sequence, asn1x.EncodeOID(oidPolicyURI), asn1x.Encode(tagIA5, []byte(p.URI)))
		parts = append(parts, asn1x.Encode(asn1x.Sequence, uri))
	}
	return Attribute{OIDSignaturePolicy, [][]byte{asn1x.Encode(asn1x.Sequence, parts...)}}
}

// SignaturePolicy reads the policy a signer names; present is false when he names none.
func (s *Signer) SignaturePolicy() (p SignaturePolicy, present bool, err error) {
	value, ok := s.Attribute(OIDSignaturePolicy)
	if !ok {
		return p, false, nil
	}
	if bytes.Equal(value, []byte{asn1x.Null, 0}) {
		return p, true, nil
	}
	if err := p.parse(value); err != nil {
		return SignaturePolicy{}, true, fail(ErrAttributes, "a well-formed signature policy")
	}
	return p, true, nil
}

func (p *SignaturePolicy) parse(value []byte) error {
	seq, err := asn1x.Open(value).Take(asn1x.Sequence)
	if err != nil {
		return err
	}
	c := asn1x.Open(seq.Body)
	if p.ID, err = c.OID(); err != nil {
		return err
	}
	hashed, err := c.Take(asn1x.Sequence)
	if err != nil {
		return err
	}
	h := asn1x.Open(hashed.Body)
	if p.Hash, err = parseHash(h); err != nil {
		return err
	}
	digest, err := h.Take(asn1x.OctetString)
	if err != nil {
		return err
	}
	p.Digest = bytes.Clone(digest.Body)
	qualifiers, ok, err := c.Optional(asn1x.Sequence)
	if err != nil {
		return err
	}
	for q := asn1x.Open(qualifiers.Body); ok && !q.Done(); {
		one, err := q.Take(asn1x.Sequence)
		if err != nil {
			return err
		}
		in := asn1x.Open(one.Body)
		if id, err := in.OID(); err != nil || !id.Equal(oidPolicyURI) {
			continue // user notices and what others define
		}
		if uri, err := in.Take(tagIA5); err == nil && len(uri.Body) <= maxHint && !bytes.ContainsFunc(uri.Body, notASCII) {
			p.URI = string(uri.Body)
		}
	}
	return nil
}

func notASCII(r rune) bool { return r < 0x20 || r > 0x7e }

// HintAttribute is the signed attribute that describes the content in words.
func HintAttribute(text string) Attribute {
	return Attribute{OIDContentHints, [][]byte{asn1x.Encode(asn1x.Sequence, asn1x.Encode(tagUTF8, []byte(text)), asn1x.EncodeOID(OIDData))}}
}

// ContentHint returns the signer's words about the content, empty when there are none that can be read.
func (s *Signer) ContentHint() string {
	value, ok := s.Attribute(OIDContentHints)
	if !ok {
		return ""
	}
	seq, err := asn1x.Open(value).Take(asn1x.Sequence)
	if err != nil {
		return ""
	}
	text, ok, err := asn1x.Open(seq.Body).Optional(tagUTF8)
	if err != nil || !ok || len(text.Body) > maxHint || !utf8.Valid(text.Body) {
		return ""
	}
	return string(text.Body)
}
