package qr_test

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"github.com/motcua/motcua/internal/base45"
	"github.com/motcua/motcua/qr"
)

// signed takes a list's message apart, changes its payload and signs it again with the true key: only the strict reading
// stands between it and a list.
func resigned(tb testing.TB, o *office, data []byte, from, to string, byRoot bool) []byte {
	tb.Helper()
	protected := data[4 : 4+int(data[3])]
	payload := data[4+len(protected)+4 : len(data)-66]
	if data[4+len(protected)+1] != 0x59 {
		tb.Fatal("the head of the payload has not three bytes")
	}
	if bytes.Count(payload, []byte(from)) != 1 {
		tb.Fatalf("%q is not once in %x", from, payload)
	}
	m := message{head: []byte("\xd2\x84"), protected: protected, unprotected: []byte{0xA0},
		payload: bytes.Replace(payload, []byte(from), []byte(to), 1)}
	signer := o.signer
	if byRoot {
		signer = o.root
	}
	out, err := base45.AppendDecoded(nil, m.text(tb, signer, nil)[4:])
	if err != nil {
		tb.Fatal(err)
	}
	return out
}

func TestSpoiltStatusLists(t *testing.T) {
	o := newOffice(t)
	trust := o.list(t, o.listing(nil))
	draft := statusDraft(t)
	draft.URI += "/" + string(bytes.Repeat([]byte("a"), 120)) // so that the payload's head has three bytes
	data := o.signStatus(t, draft)
	tests := []struct{ name, from, to string }{
		{"nothing spoiled", "\xa8\x01\x66H26.12", "\xa8\x01\x66H26.12"},
		{"no issuer", "\xa8\x01\x66H26.12", "\xa7"},
		{"an unknown claim", "\xa8\x01\x66H26.12", "\xa9\x00\x01\x01\x66H26.12"},
		{"an issuer twice", "\xa8\x01\x66H26.12", "\xa9\x01\x66H26.12\x01\x66H26.12"},
		{"no https", "https://", "httpx://"},
		{"bits before lst", "\x63lst", "\x63lsu"},
		{"another word for bits", "\x64bits", "\x64bitz"},
		{"three bits", "\x64bits\x02", "\x64bits\x03"},
		{"one bit", "\x64bits\x02", "\x64bits\x01"},
		{"a third key", "\xa2\x63lst", "\xa3\x63lst"},
		{"a TTL of nothing", "\x19\xff\xfe\x19\x0e\x10", "\x19\xff\xfe\x00"},
		{"a TTL of ages", "\x19\xff\xfe\x19\x0e\x10", "\x19\xff\xfe\x1a\xff\xff\xff\xff"},
		{"a place more", "\x1a\x00\x01\x86\xa0", "\x1a\x00\x01\x86\xa8"},
		{"a place less", "\x1a\x00\x01\x86\xa0", "\x1a\x00\x01\x86\x98"},
		{"more places than anybody has", "\x1a\x00\x01\x86\xa0", "\x1b\x00\x00\x01\x00\x00\x00\x00\x00"},
	}
	for _, tt := range tests {
		list, err := trust.ParseStatusList(resigned(t, o, data, tt.from, tt.to, false))
		switch {
		case tt.name == "nothing spoiled":
			if err != nil {
				t.Errorf("%s: %v", tt.name, err)
			}
		case list != nil || !errors.As(err, new(*qr.InvalidError)) && !errors.Is(err, qr.ErrUntrustedStatus):
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

func TestSpoiltSources(t *testing.T) {
	o := newOffice(t)
	draft := o.draft(o.entry)
	draft.Status = []qr.StatusSource{{Issuer: "H26.13", List: 3, URI: statusURI, MaxAge: time.Hour}}
	data, err := qr.SignTrustList(o.root, draft)
	if err != nil {
		t.Fatal(err)
	}
	source := "\x81\xa4\x01\x66H26.13\x02\x03\x03\x78\x1e" + statusURI + "\x04\x19\x0e\x10"
	tests := []struct{ name, to string }{
		{"nothing spoiled", source},
		{"an empty list", "\x80"},
		{"three fields", "\x81\xa3" + source[2:len(source)-4]},
		{"an unknown field", source[:len(source)-4] + "\x05\x19\x0e\x10"},
		{"an age of nothing", source[:len(source)-4] + "\x04\x00"},
		{"an age in text", source[:len(source)-4] + "\x04\x611"},
		{"two of one list", "\x82" + source[1:] + source[1:]},
	}
	for _, tt := range tests {
		list, err := qr.ParseTrustList(resigned(t, o, data, source, tt.to, true), o.root.Public())
		if good := tt.name == "nothing spoiled"; good != (err == nil) || !good && (list != nil || !errors.As(err, new(*qr.InvalidError))) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

// TestSpoiltHolderKeys signs codes whose holder's key is none.
func TestSpoiltHolderKeys(t *testing.T) {
	o := newOffice(t)
	device := newP256(t)
	claims := receipt()
	claims.Holder = device.Public()
	base := genuine(t, o, claims)
	point, err := device.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	sign := byte(0xF4) + point[64]&1
	x := string(point[1:33])
	key := "\x08\xa1\x01\xa4\x01\x02\x20\x01\x21\x58\x20" + x + "\x22" + string([]byte{sign})
	tests := []struct{ name, to, reason string }{
		{"nothing spoiled", key, "qr.holder-missing"},
		{"an empty confirmation", "\x08\xa0", "qr.claims"},
		{"a key identifier", "\x08\xa1\x03\x41\x00", "qr.claims"},
		{"an encrypted key", "\x08\xa1\x02\xa4" + key[4:], "qr.claims"},
		{"symmetric", "\x08\xa1\x01\xa4\x01\x04" + key[6:], "qr.claims"},
		{"another curve", "\x08\xa1\x01\xa4\x01\x02\x20\x02" + key[8:], "qr.claims"},
		{"Ed25519 with y", "\x08\xa1\x01\xa4\x01\x01\x20\x06" + key[8:], "qr.claims"},
		{"P-256 without y", "\x08\xa1\x01\xa3" + key[4:len(key)-2], "qr.claims"},
		{"an unknown label", key[:len(key)-2] + "\x23" + key[len(key)-1:], "qr.claims"},
		{"x of 31 bytes", "\x08\xa1\x01\xa4\x01\x02\x20\x01\x21\x58\x1f" + x[:31] + key[len(key)-2:], "qr.claims"},
		{"x that is on no point", "\x08\xa1\x01\xa4\x01\x02\x20\x01\x21\x58\x20" + string(bytes.Repeat([]byte{0xFF}, 32)) +
			key[len(key)-2:], "qr.claims"},
		{"y as bytes", key[:len(key)-1] + "\x41\x00", "qr.claims"},
	}
	for _, tt := range tests {
		m := base
		if bytes.Count(m.payload, []byte(key)) != 1 {
			t.Fatalf("the key is not in %x", m.payload)
		}
		m.payload = bytes.Replace(m.payload, []byte(key), []byte(tt.to), 1)
		report := o.verifier(t).Verify(m.text(t, o.signer, nil), noon)
		if report.Verdict != qr.Malformed || reasonOf(report) != tt.reason {
			t.Errorf("%s: %v %v, want %s", tt.name, report.Verdict, report.Reasons, tt.reason)
		}
	}
}
