package pki

import (
	"encoding/asn1"
	"slices"
	"time"

	"github.com/motcua/motcua/internal/asn1x"
	"github.com/motcua/motcua/internal/cms"
)

// EncodeOCSPRequest asks about one certificate; nonce may be nil.
func EncodeOCSPRequest(id CertID, nonce []byte) []byte {
	list := asn1x.Encode(asn1x.Sequence, asn1x.Encode(asn1x.Sequence, id.encode()))
	if nonce == nil {
		return asn1x.Encode(asn1x.Sequence, asn1x.Encode(asn1x.Sequence, list))
	}
	return asn1x.Encode(asn1x.Sequence, asn1x.Encode(asn1x.Sequence, list, asn1x.Encode(asn1x.Context(2), extension(nonce))))
}

func extension(nonce []byte) []byte {
	value := asn1x.Encode(asn1x.OctetString, asn1x.Encode(asn1x.OctetString, nonce))
	return asn1x.Encode(asn1x.Sequence, asn1x.Encode(asn1x.Sequence, asn1x.EncodeOID(oidNonce), value))
}

func (id CertID) encode() []byte {
	return asn1x.Encode(asn1x.Sequence, cms.HashIdentifier(id.Hash), asn1x.Encode(asn1x.OctetString, id.NameHash),
		asn1x.Encode(asn1x.OctetString, id.KeyHash), asn1x.EncodeInt(id.Serial))
}

// ParseOCSPRequest reads the first question of a request, and its nonce as the response must repeat it.
func ParseOCSPRequest(input []byte) (id CertID, nonce []byte, err error) {
	der, rest, err := asn1x.Normalize(input, asn1x.Limits{Size: 1 << 16})
	if err != nil || len(rest) != 0 {
		return id, nil, malformed("an OCSPRequest of RFC 6960")
	}
	body := der
	for range 2 { // OCSPRequest, TBSRequest
		e, err := asn1x.Open(body).Take(asn1x.Sequence)
		if err != nil {
			return id, nil, malformed("an OCSPRequest of RFC 6960")
		}
		body = e.Body
	}
	c := asn1x.Open(body)
	for _, tag := range []byte{asn1x.Context(0), asn1x.Context(1)} { // version, requestor
		if _, _, err := c.Optional(tag); err != nil {
			return id, nil, err
		}
	}
	list, err := c.Take(asn1x.Sequence)
	if err != nil {
		return id, nil, err
	}
	body = list.Body
	for range 2 { // Request, CertID
		e, err := asn1x.Open(body).Take(asn1x.Sequence)
		if err != nil {
			return id, nil, malformed("a question")
		}
		body = e.Body
	}
	if id, err = parseCertID(asn1x.Open(body)); err != nil {
		return id, nil, err
	}
	if e, ok, err := c.Optional(asn1x.Context(2)); err != nil {
		return id, nil, err
	} else if ok {
		if nonce, err = nonceIn(e.Body); err != nil {
			return id, nil, err
		}
	}
	return id, nonce, nil
}

// Nonce returns the bytes that a nonce extension carries, as [Response.Nonce] shows it.
func Nonce(nonce []byte) []byte { return asn1x.Encode(asn1x.OctetString, nonce) }

// Answer is what a responder says; [Answer.Encode] signs it.
type Answer struct {
	// Responder is the DER of the responder's name.
	Responder  []byte
	ProducedAt time.Time
	Singles    []Single
	// Nonce is repeated from the request, as [ParseOCSPRequest] returned it.
	Nonce        []byte
	Certificates [][]byte
}

// Encode returns the OCSPResponse; sign signs the bytes of the response data under scheme.
func (a Answer) Encode(scheme cms.Scheme, sign func(tbs []byte) ([]byte, error)) ([]byte, error) {
	var singles [][]byte
	for _, s := range a.Singles {
		singles = append(singles, s.encode())
	}
	parts := [][]byte{asn1x.Encode(asn1x.Context(1), a.Responder), encodeTime(a.ProducedAt),
		asn1x.Encode(asn1x.Sequence, singles...)}
	if a.Nonce != nil {
		value := asn1x.Encode(asn1x.Sequence, asn1x.EncodeOID(oidNonce), asn1x.Encode(asn1x.OctetString, a.Nonce))
		parts = append(parts, asn1x.Encode(asn1x.Context(1), asn1x.Encode(asn1x.Sequence, value)))
	}
	tbs := asn1x.Encode(asn1x.Sequence, parts...)
	value, err := sign(tbs)
	if err != nil {
		return nil, err
	}
	basic := [][]byte{tbs, scheme.Identifier(), asn1x.Encode(asn1x.BitString, append([]byte{0}, value...))}
	if len(a.Certificates) > 0 {
		basic = append(basic, asn1x.Encode(asn1x.Context(0), asn1x.Encode(asn1x.Sequence, a.Certificates...)))
	}
	bytesOf := asn1x.Encode(asn1x.Sequence, asn1x.EncodeOID(oidBasicResponse),
		asn1x.Encode(asn1x.OctetString, asn1x.Encode(asn1x.Sequence, basic...)))
	return asn1x.Encode(asn1x.Sequence, []byte{tagEnumerated, 1, 0}, asn1x.Encode(asn1x.Context(0), bytesOf)), nil
}

// EncodeOCSPRefusal returns a response without an answer, such as tryLater (3).
func EncodeOCSPRefusal(status byte) []byte {
	return asn1x.Encode(asn1x.Sequence, []byte{tagEnumerated, 1, status})
}

func (s Single) encode() []byte {
	status := []byte{asn1x.ContextPrimitive(2), 0}
	switch s.Status {
	case Good:
		status[0] = asn1x.ContextPrimitive(0)
	case Revoked, OnHold:
		reason := asn1x.Encode(asn1x.Context(0), []byte{tagEnumerated, 1, byte(s.Reason)})
		status = asn1x.Encode(asn1x.Context(1), encodeTime(s.RevokedAt), reason)
	}
	parts := [][]byte{s.ID.encode(), status, encodeTime(s.ThisUpdate)}
	if !s.NextUpdate.IsZero() {
		parts = append(parts, asn1x.Encode(asn1x.Context(0), encodeTime(s.NextUpdate)))
	}
	return asn1x.Encode(asn1x.Sequence, parts...)
}

func encodeTime(t time.Time) []byte {
	return asn1x.Encode(tagGeneralizedTime, []byte(t.UTC().Format("20060102150405Z")))
}

// NoCheckExtension is the identifier of id-pkix-ocsp-nocheck.
func NoCheckExtension() asn1.ObjectIdentifier { return slices.Clone(oidNoCheck) }
