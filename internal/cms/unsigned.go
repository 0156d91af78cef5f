package cms

import (
	"bytes"

	"github.com/motcua/motcua/internal/asn1x"
)

// AddUnsigned returns the message with one more unsigned attribute at its only signer. What is signed stays byte for
// byte.
func AddUnsigned(message []byte, a Attribute) ([]byte, error) {
	der, _, err := asn1x.Normalize(message, asn1x.Limits{})
	if err != nil {
		return nil, &Error{ErrFormat, "BER or DER within bounds", err}
	}
	info, err := split(der)
	if err != nil || len(info) != 2 {
		return nil, fail(ErrFormat, "ContentInfo")
	}
	wrapped, err := split(info[1].Full)
	if err != nil || len(wrapped) != 1 {
		return nil, fail(ErrFormat, "SignedData")
	}
	data, err := split(wrapped[0].Full)
	if err != nil || len(data) < 4 {
		return nil, fail(ErrFormat, "SignedData")
	}
	signers, err := split(data[len(data)-1].Full)
	if err != nil || len(signers) != 1 {
		return nil, fail(ErrFormat, "one signer")
	}
	signer, err := addTo(signers[0].Full, a)
	if err != nil {
		return nil, err
	}
	data[len(data)-1].Full = asn1x.EncodeSetOf(signer)
	return asn1x.Encode(asn1x.Sequence, info[0].Full, asn1x.Encode(asn1x.Context(0), join(asn1x.Sequence, data))), nil
}

// addTo adds the attribute to a SignerInfo.
func addTo(signer []byte, a Attribute) ([]byte, error) {
	parts, err := split(signer)
	if err != nil || len(parts) < 5 {
		return nil, fail(ErrFormat, "SignerInfo")
	}
	members := [][]byte{a.encode()}
	if last := parts[len(parts)-1]; last.Tag == asn1x.Context(1) {
		old, err := split(last.Full)
		if err != nil || len(old) >= maxAttributes {
			return nil, fail(ErrFormat, "at most 64 unsigned attributes")
		}
		for _, e := range old {
			members = append(members, e.Full)
		}
		parts = parts[:len(parts)-1]
	}
	set := asn1x.EncodeSetOf(members...)
	set[0] = asn1x.Context(1)
	return join(asn1x.Sequence, append(parts, asn1x.Element{Full: set})), nil
}

// split returns the members of a constructed element.
func split(full []byte) ([]asn1x.Element, error) {
	outer, err := asn1x.Open(full).Next()
	if err != nil {
		return nil, err
	}
	var list []asn1x.Element
	for c := asn1x.Open(outer.Body); !c.Done(); {
		e, err := c.Next()
		if err != nil {
			return nil, err
		}
		list = append(list, e)
	}
	return list, nil
}

func join(tag byte, list []asn1x.Element) []byte {
	parts := make([][]byte, len(list))
	for i, e := range list {
		parts[i] = e.Full
	}
	return asn1x.Encode(tag, parts...)
}

// parseRevocation keeps the CRLs and OCSP responses of RevocationInfoChoices (RFC 5652, 10.2.1; RFC 5940).
func (m *Message) parseRevocation(c *asn1x.Cursor) error {
	for count := 0; !c.Done(); count++ {
		e, err := c.Next()
		if err != nil {
			return err
		}
		switch {
		case count >= maxCertificates:
			return fail(ErrFormat, "at most 32 pieces of revocation data")
		case e.Tag == asn1x.Sequence:
			m.CRLs = append(m.CRLs, bytes.Clone(e.Full))
		case e.Tag == asn1x.Context(1):
			other := asn1x.Open(e.Body)
			if id, err := other.OID(); err != nil || !id.Equal(oidOCSPResponse) {
				continue
			}
			if v, err := other.Next(); err == nil {
				m.OCSPs = append(m.OCSPs, bytes.Clone(v.Full))
			}
		}
	}
	return nil
}

// Archived returns the CRLs and OCSP responses in Adobe's signed attribute adbe-revocationInfoArchival. Malformed ones
// count as none: they are evidence offered, not a claim to be checked.
func (s *Signer) Archived() (crls, ocsps [][]byte) {
	value, ok := s.Attribute(OIDRevocationArchival)
	if !ok {
		return nil, nil
	}
	parts, err := split(value)
	if err != nil {
		return nil, nil
	}
	for _, part := range parts {
		lists, err := split(part.Full) // [n] EXPLICIT SEQUENCE OF
		if err != nil || len(lists) != 1 {
			continue
		}
		members, err := split(lists[0].Full)
		if err != nil || len(members) > maxCertificates {
			continue
		}
		for _, e := range members {
			switch part.Tag {
			case asn1x.Context(0):
				crls = append(crls, bytes.Clone(e.Full))
			case asn1x.Context(1):
				ocsps = append(ocsps, bytes.Clone(e.Full))
			}
		}
	}
	return crls, ocsps
}
