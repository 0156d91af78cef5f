package qr_test

import (
	"bytes"
	"crypto/elliptic"
	"crypto/rand"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/veraison/go-cose"

	"github.com/motcua/motcua/internal/base45"
	"github.com/motcua/motcua/qr"
)

// TestForgeriesAreRefused signs each message after spoiling it, with the true key where a signature is asked for: only
// the strict rules stand between it and a valid verdict.
func TestForgeriesAreRefused(t *testing.T) {
	o := newOffice(t)
	claims := receipt()
	claims.ID = qr.ID{1, 2, 3, 5, 8, 13, 21, 34}
	base := genuine(t, o, claims)
	kid := o.issuer(t).KeyID()
	header := func(parts ...string) []byte { return []byte(strings.Join(parts, "")) }
	alg, id := "\x01\x26", "\x04\x48"+string(kid[:])
	claim := func(m message, from, to string) message {
		if bytes.Count(m.payload, []byte(from)) != 1 {
			t.Fatalf("%q is not once in the payload", from)
		}
		m.payload = bytes.Replace(m.payload, []byte(from), []byte(to), 1)
		return m
	}
	with := func(f func(*message)) message { m := base; f(&m); return m }
	tests := []struct {
		name   string
		m      message
		spoil  func([]byte) []byte
		reason string
	}{
		{"nothing spoiled", base, nil, "qr.revocation-unchecked"},
		{"crit with an unknown label that is there",
			with(func(m *message) { m.protected = header("\xa4", alg, "\x02\x81\x18\x63", id, "\x18\x63\x01") }), nil, "qr.crit"},
		{"crit with a known label",
			with(func(m *message) { m.protected = header("\xa3", alg, "\x02\x81\x01", id) }), nil, "qr.crit"},
		{"unknown protected label",
			with(func(m *message) { m.protected = header("\xa3", alg, id, "\x05\x41\x00") }), nil, "qr.header"},
		{"typ of a trust list",
			with(func(m *message) {
				m.protected = header("\xa3", alg, id, "\x10\x78\x25application/vnd.motcua.trustlist+cbor")
			}), nil, "qr.header"},
		{"no kid", with(func(m *message) { m.protected = header("\xa1", alg) }), nil, "qr.header"},
		{"kid of seven bytes",
			with(func(m *message) { m.protected = header("\xa2", alg, "\x04\x47", string(kid[:7])) }), nil, "qr.header"},
		{"no alg", with(func(m *message) { m.protected = header("\xa1", id) }), nil, "qr.header"},
		{"alg in the unprotected header only", with(func(m *message) {
			m.protected, m.unprotected = header("\xa1", id), []byte("\xa1\x01\x26")
		}), nil, "qr.header"},
		{"empty protected header", with(func(m *message) { m.protected = nil }), nil, "qr.cbor"},
		{"alg that is none", with(func(m *message) { m.protected = header("\xa2\x01\x20", id) }), nil, "qr.algorithm"},
		{"alg of another family", with(func(m *message) { m.protected = header("\xa2\x01\x27", id) }), nil, "qr.signature"},
		{"non-minimal integer in the protected header",
			with(func(m *message) { m.protected = header("\xa2\x18\x01\x26", id) }), nil, "qr.cbor"},
		{"duplicate alg", with(func(m *message) { m.protected = header("\xa3", alg, alg, id) }), nil, "qr.cbor"},
		{"byte behind the protected header",
			with(func(m *message) { m.protected = append(header("\xa2", alg, id), 0) }), nil, "qr.cbor"},
		{"unprotected header added after signing",
			with(func(m *message) { m.unprotected = []byte("\xa1\x04\x41\x00") }), nil, "qr.unprotected"},
		{"signature with n-s", base, func(s []byte) []byte {
			v := new(big.Int).SetBytes(s[32:])
			v.Sub(elliptic.P256().Params().N, v).FillBytes(s[32:])
			return s
		}, "qr.signature-form"},
		{"signature of zeros", base, func(s []byte) []byte { return make([]byte, len(s)) }, "qr.signature"},
		{"signature of 63 bytes", base, func(s []byte) []byte { return s[:63] }, "qr.signature-form"},
		{"signature of 65 bytes", base, func(s []byte) []byte { return append(s, 0) }, "qr.signature-form"},
		{"no tag", with(func(m *message) { m.head = m.head[1:] }), nil, "qr.cbor"},
		{"another tag", with(func(m *message) { m.head = []byte("\xd1\x84") }), nil, "qr.cbor"},
		{"CWT tag around", with(func(m *message) { m.head = []byte("\xd8\x3d\xd2\x84") }), nil, "qr.cbor"},
		{"five parts", with(func(m *message) { m.head, m.tail = []byte("\xd2\x85"), []byte{0xf6} }), nil, "qr.cbor"},
		{"indefinite array", with(func(m *message) { m.head, m.tail = []byte("\xd2\x9f"), []byte{0xff} }), nil, "qr.cbor"},
		{"2^32 parts", with(func(m *message) { m.head = []byte("\xd2\x9b\x00\x00\x00\x01\x00\x00\x00\x00") }), nil, "qr.cbor"},
		{"trailing byte", with(func(m *message) { m.tail = []byte{0} }), nil, "qr.cbor"},
	}
	payloads := []struct{ name, from, to, reason string }{
		{"duplicate claim", "\xa6\x01\x66H26.12", "\xa7\x01\x66H26.12\x01\x66H26.12", "qr.claims"},
		{"unknown claim", "\xa6\x01\x66H26.12", "\xa7\x01\x66H26.12\x02\x60", "qr.claims"},
		{"indefinite map", "\xa6\x01\x66H26.12", "\xbf\x01\x66H26.12", "qr.claims"},
		{"non-minimal length", "\x01\x66H26.12", "\x01\x78\x06H26.12", "qr.claims"},
		{"indefinite text", "\x01\x66H26.12", "\x01\x7f\x66H26.12\xff", "qr.claims"},
		{"issuer as bytes", "\x01\x66H26.12", "\x01\x46H26.12", "qr.claims"},
		{"invalid UTF-8", "********4321", "********432\xff", "qr.claims"},
		{"control character", "********4321", "********432\x07", "qr.claims"},
		{"decomposed text", "********4321", "*********a\xcc\x83", "qr.claims"},
		{"number that is no number", "\x04\x1a", "\x04\x3a", "qr.claims"},
		{"bignum", "\x04\x1a", "\x04\xc2\x44", "qr.claims"},
		{"unknown kind", "\x3a\x00\x01\x11\x70\x02", "\x3a\x00\x01\x11\x70\x18\x63", "qr.kind"},
		{"kind that no agency signs", "\x3a\x00\x01\x11\x70\x02", "\x3a\x00\x01\x11\x70\x05", "qr.kind"},
		{"a status list's kind", "\x3a\x00\x01\x11\x70\x02", "\x3a\x00\x01\x11\x70\x06", "qr.kind"},
		{"receipt passed off as a person", "\x3a\x00\x01\x11\x70\x02", "\x3a\x00\x01\x11\x70\x01", "qr.claims"},
		{"receipt passed off as a payment", "\x3a\x00\x01\x11\x70\x02", "\x3a\x00\x01\x11\x70\x04", "qr.claims"},
		{"receipt passed off as a result", "\x3a\x00\x01\x11\x70\x02", "\x3a\x00\x01\x11\x70\x03", "qr.claims"},
		{"unknown field of the body", "\x04\x63TN1", "\x08\x63TN1", "qr.claims"},
		{"empty field of the body", "\x04\x63TN1", "\x04\x60", "qr.claims"},
		{"fields out of order", "\x04\x63TN1", "\x00\x63TN1", "qr.claims"},
	}
	for _, p := range payloads {
		tests = append(tests, struct {
			name   string
			m      message
			spoil  func([]byte) []byte
			reason string
		}{p.name, claim(base, p.from, p.to), nil, p.reason})
	}
	verifier := o.verifier(t)
	for _, tt := range tests {
		report := verifier.Verify(tt.m.text(t, o.signer, tt.spoil), noon.Add(time.Hour))
		refused := report.Verdict == qr.Malformed || report.Verdict == qr.BadSignature
		if reasonOf(report) != tt.reason || refused == (tt.name == "nothing spoiled") || refused && report.Claims != nil {
			t.Errorf("%s: %v %v, want %s", tt.name, report.Verdict, report.Reasons, tt.reason)
		}
	}
}

func TestTextsThatAreNoCode(t *testing.T) {
	o := newOffice(t)
	text := o.issue(t, receipt()).Text()
	tests := []struct {
		name, text string
		verdict    qr.Verdict
		reason     string
	}{
		{"nothing", "", qr.Unsigned, "qr.unsigned"},
		{"a link", "https://dichvucong.example/tra-cuu?ma=1", qr.Unsigned, "qr.unsigned"},
		{"lower-case prefix", "vn1:" + text[4:], qr.Malformed, "qr.prefix"},
		{"lower-case text", strings.ToLower(text), qr.Malformed, "qr.prefix"},
		{"lower-case base45", "VN1:" + strings.ToLower(text[4:]), qr.Malformed, "qr.base45"},
		{"later version", "VN2:" + text[4:], qr.Malformed, "qr.version"},
		{"only the prefix", "VN1:", qr.Malformed, "qr.cbor"},
		{"one character lost", text[:len(text)-1], qr.Malformed, ""},
		{"line end", text + "\n", qr.Malformed, ""},
		{"blank before", " " + text, qr.Unsigned, "qr.unsigned"},
		{"three characters above 65535", "VN1::::", qr.Malformed, "qr.base45"},
		{"longer than a symbol", "VN1:" + strings.Repeat("0", 4293), qr.Malformed, "qr.length"},
		{"as long as a symbol", "VN1:" + strings.Repeat("0", 4292), qr.Malformed, ""},
		{"twice", text + text, qr.Malformed, ""},
	}
	verifier := o.verifier(t)
	for _, tt := range tests {
		report := verifier.Verify(tt.text, noon)
		if report.Verdict != tt.verdict || tt.reason != "" && reasonOf(report) != tt.reason || report.Claims != nil {
			t.Errorf("%s: %v %v, want %v %s", tt.name, report.Verdict, report.Reasons, tt.verdict, tt.reason)
		}
	}
}

// TestNoBitCanBeFlipped flips every bit of the text, and in the bytes below it.
func TestNoBitCanBeFlipped(t *testing.T) {
	o := newOffice(t)
	verifier := o.verifier(t)
	text := o.issue(t, result()).Text()
	try := func(where string, i int, changed string) {
		if report := verifier.Verify(changed, noon); report.Verdict >= qr.NotYetValid || report.Claims != nil {
			t.Errorf("bit %d of the %s: %v %v", i, where, report.Verdict, report.Reasons)
		}
	}
	for i := range 8 * len(text) {
		b := []byte(text)
		b[i/8] ^= 1 << (i % 8)
		try("text", i, string(b))
	}
	data, err := base45.AppendDecoded(nil, text[4:])
	if err != nil {
		t.Fatal(err)
	}
	for i := range 8 * len(data) {
		b := bytes.Clone(data)
		b[i/8] ^= 1 << (i % 8)
		try("message", i, "VN1:"+string(base45.Append(nil, b)))
	}
}

// TestCOSEPeerAgrees reads our codes with go-cose and a general CBOR decoder, and lets go-cose sign what we read.
func TestCOSEPeerAgrees(t *testing.T) {
	o := newOffice(t)
	data, err := base45.AppendDecoded(nil, o.issue(t, result()).Text()[4:])
	if err != nil {
		t.Fatal(err)
	}
	var peer cose.Sign1Message
	if err := peer.UnmarshalCBOR(data); err != nil {
		t.Fatal(err)
	}
	checker, err := cose.NewVerifier(cose.AlgorithmES256, o.signer.Public())
	if err != nil {
		t.Fatal(err)
	}
	if err := peer.Verify(nil, checker); err != nil {
		t.Fatalf("go-cose refuses our code: %v", err)
	}
	var claims struct {
		Issuer string      `cbor:"1,keyasint"`
		Status map[int]int `cbor:"65535,keyasint"`
		Kind   int         `cbor:"-70001,keyasint"`
		Body   map[int]any `cbor:"-70002,keyasint"`
		ID     []byte      `cbor:"7,keyasint"`
		Expiry int64       `cbor:"4,keyasint"`
	}
	if err := cbor.Unmarshal(peer.Payload, &claims); err != nil {
		t.Fatal(err)
	}
	if claims.Issuer != "H26.12" || claims.Status[1] != 3 || claims.Status[2] != 70_000 || claims.Kind != 3 ||
		claims.Body[2] != "2.000635" || len(claims.ID) != 8 || claims.Expiry != expiry.Unix() {
		t.Errorf("the peer reads %+v", claims)
	}

	signer, err := cose.NewSigner(cose.AlgorithmES256, o.signer)
	if err != nil {
		t.Fatal(err)
	}
	verifier := o.verifier(t)
	kid := o.issuer(t).KeyID()
	high := 0
	for range 24 {
		again := cose.NewSign1Message()
		again.Payload = peer.Payload
		again.Headers.Protected = cose.ProtectedHeader{
			cose.HeaderLabelAlgorithm: cose.AlgorithmES256, cose.HeaderLabelKeyID: kid[:],
		}
		if err := again.Sign(rand.Reader, nil, signer); err != nil {
			t.Fatal(err)
		}
		signed, err := again.MarshalCBOR()
		if err != nil {
			t.Fatal(err)
		}
		report := verifier.Verify("VN1:"+string(base45.Append(nil, signed)), noon)
		if reasonOf(report) == "qr.signature-form" {
			high++ // go-cose does not choose the low s
			continue
		}
		if report.Verdict != qr.ValidStatusStale {
			t.Fatalf("go-cose's message: %v %v", report.Verdict, report.Reasons)
		}
	}
	if high == 0 || high == 24 {
		t.Errorf("%d of 24 signatures had a high s, want some", high)
	}
}

func FuzzVerify(f *testing.F) {
	o := newOffice(f)
	verifier := o.verifier(f)
	for _, claims := range []qr.Claims{receipt(), result()} {
		data, err := base45.AppendDecoded(nil, o.issue(f, claims).Text()[4:])
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte("\xd2\x84\x40\xa0\x40\x40"))
	f.Fuzz(func(t *testing.T, data []byte) {
		report := verifier.Verify("VN1:"+string(base45.Append(nil, data)), noon)
		// The fuzzer has no key, so nothing but a code of this run can be genuine; the seeds are.
		if len(report.Reasons) != 1 || report.Reasons[0].Code() == "" || report.Claims != nil && len(data) < 150 {
			t.Fatalf("%x: %+v", data, report)
		}
		// The payload's reader is tried on its own, behind a true signature.
		text := message{head: []byte("\xd2\x84"), protected: genuineHeader(o, t), unprotected: []byte{0xA0}, payload: data}.
			text(t, o.signer, nil)
		if len(text) > 4296 {
			return
		}
		if report := verifier.Verify(text, noon); report.Claims != nil {
			again := *report.Claims
			if _, err := o.issuer(t).Issue(again); err != nil {
				t.Fatalf("claims that were accepted are not issued: %v", err)
			}
		}
	})
}

func genuineHeader(o *office, tb testing.TB) []byte {
	kid := o.issuer(tb).KeyID()
	return append([]byte("\xa2\x01\x26\x04\x48"), kid[:]...)
}
