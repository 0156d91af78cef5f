package cms_test

import (
	"bytes"
	"testing"

	"github.com/motcua/motcua/internal/asn1x"
	"github.com/motcua/motcua/internal/cms"
)

// TestParseRaw leaves certificates unread that crypto/x509 would refuse, and keeps their order.
func TestParseRaw(t *testing.T) {
	first, second := asn1x.Encode(asn1x.Sequence, []byte{2, 1, 1}), asn1x.Encode(asn1x.Sequence, []byte{2, 1, 2})
	certificates := asn1x.Encode(asn1x.Context(0), first, []byte{0xa1, 0}, second)
	data := asn1x.Encode(asn1x.Sequence, []byte{2, 1, 3, asn1x.Set, 0},
		asn1x.Encode(asn1x.Sequence, asn1x.EncodeOID(cms.OIDData)), certificates, []byte{asn1x.Set, 0})
	message := asn1x.Encode(asn1x.Sequence, asn1x.EncodeOID(cms.OIDSignedData), asn1x.Encode(asn1x.Context(0), data))
	m, raw, rest, err := cms.ParseRaw(append(message, 7))
	if err != nil || len(rest) != 1 || len(raw) != 2 || !bytes.Equal(raw[0], first) || !bytes.Equal(raw[1], second) || len(m.Certificates) != 0 {
		t.Errorf("%x, rest %x, %v", raw, rest, err)
	}
	m, _, err = cms.Parse(message)
	if err != nil || m.Unreadable != 3 {
		t.Errorf("Parse: %v", err)
	}
}
