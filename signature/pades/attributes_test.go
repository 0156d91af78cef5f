package pades_test

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"github.com/motcua/motcua/signature"
	"github.com/motcua/motcua/signature/pades"
	"github.com/motcua/motcua/signature/signaturetest"
)

// A policy and a hint are signed, survive the three steps, and are shown with a word that the policy was not applied.
func TestPolicyAndHint(t *testing.T) {
	ca := newCA(t)
	id := issue(t, ca, signaturetest.Subject{})
	plain := signaturetest.NewPDF(signaturetest.File{})
	cfg := pades.Config{Now: clock, Hint: "Quyết định phê duyệt", Policy: pades.PolicyReference{ID: "1.3.6.1.4.1.55555.1.2",
		SHA256: sha256.Sum256([]byte("chính sách")), URI: "https://example.vn/chinh-sach.pdf"}}
	p, err := pades.Prepare(bytes.NewReader(plain), int64(len(plain)), id.Chain, cfg)
	if err != nil {
		t.Fatal(err)
	}
	kept, err := p.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	again := new(pades.Prepared)
	if err := again.UnmarshalBinary(kept); err != nil {
		t.Fatal(err)
	}
	input, opts := again.Input()
	value, err := id.Signer.Sign(rand.Reader, input, opts)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := again.Embed(bytes.NewReader(plain), int64(len(plain)), &out, value); err != nil {
		t.Fatal(err)
	}
	trust, err := signature.NewTrustStore(ca.Root)
	if err != nil {
		t.Fatal(err)
	}
	v, err := signature.NewVerifier(trust, signature.Policy{Revocation: signature.RevocationNotChecked})
	if err != nil {
		t.Fatal(err)
	}
	report, err := v.Verify(t.Context(), bytes.NewReader(out.Bytes()), int64(out.Len()), now)
	if err != nil || report.Indication != signature.TotalPassed {
		t.Fatal(report, err)
	}
	s := report.Signatures[0]
	if s.ContentHint != cfg.Hint || s.Policy == nil || s.Policy.ID != cfg.Policy.ID || s.Policy.URI != cfg.Policy.URI ||
		s.Policy.Digest != "SHA-256" || len(s.Policy.Value) != 64 {
		t.Errorf("%q, %+v", s.ContentHint, s.Policy)
	}
	warned := false
	for _, w := range s.Warnings {
		warned = warned || w.Code == "signature.policy"
	}
	if !warned {
		t.Errorf("no word about the policy: %v", s.Warnings)
	}
	for _, bad := range []string{`"id":"1.3.6.1.4.1.55555.1.2"`, `"hint":"`} {
		broken := bytes.Replace(kept, []byte(bad), []byte(map[string]string{`"id":"1.3.6.1.4.1.55555.1.2"`: `"id":"x"`,
			`"hint":"`: `"hint":"` + strings.Repeat("a", 2000)}[bad]), 1)
		if err := new(pades.Prepared).UnmarshalBinary(broken); !errors.Is(err, pades.ErrState) {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

func TestPolicyRefused(t *testing.T) {
	ca := newCA(t)
	id := issue(t, ca, signaturetest.Subject{})
	plain := signaturetest.NewPDF(signaturetest.File{})
	sum := sha256.Sum256(nil)
	for name, cfg := range map[string]pades.Config{
		"no identifier":          {Policy: pades.PolicyReference{SHA256: sum}},
		"no digest":              {Policy: pades.PolicyReference{ID: "1.2.3"}},
		"one arc":                {Policy: pades.PolicyReference{ID: "1", SHA256: sum}},
		"an arc too large":       {Policy: pades.PolicyReference{ID: "1.2.99999999999", SHA256: sum}},
		"an impossible arc":      {Policy: pades.PolicyReference{ID: "1.40", SHA256: sum}},
		"signs":                  {Policy: pades.PolicyReference{ID: "1.2.+3", SHA256: sum}},
		"an address with spaces": {Policy: pades.PolicyReference{ID: "1.2.3", SHA256: sum, URI: "a b"}},
		"an address not ASCII":   {Policy: pades.PolicyReference{ID: "1.2.3", SHA256: sum, URI: "https://ví-dụ.vn"}},
		"an address too long":    {Policy: pades.PolicyReference{ID: "1.2.3", SHA256: sum, URI: strings.Repeat("a", 1001)}},
		"a hint too long":        {Hint: strings.Repeat("a", 1001)},
		"a hint that is no text": {Hint: "\xff"},
	} {
		if _, err := sign(plain, id, cfg); !errors.As(err, new(*pades.ConfigError)) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := sign(plain, id, pades.Config{Policy: pades.PolicyReference{ID: "2.16.704.1.2.3", SHA256: sum, URI: strings.Repeat("a", 1000)},
		Hint: strings.Repeat("ữ", 1000)}); err != nil {
		t.Errorf("at the limits: %v", err)
	}
}

// Two tabs prepare the same document. The second signature does not fit what the first has made of it.
func TestTwoTabs(t *testing.T) {
	ca := newCA(t)
	id := issue(t, ca, signaturetest.Subject{})
	doc := signaturetest.NewPDF(signaturetest.File{})
	var prepared [2]*pades.Prepared
	var values [2][]byte
	for i := range prepared {
		p, err := pades.Prepare(bytes.NewReader(doc), int64(len(doc)), id.Chain, pades.Config{Now: clock, Reason: []string{"một", "hai"}[i]})
		if err != nil {
			t.Fatal(err)
		}
		input, opts := p.Input()
		if values[i], err = id.Signer.Sign(rand.Reader, input, opts); err != nil {
			t.Fatal(err)
		}
		prepared[i] = p
	}
	var first, second bytes.Buffer
	if err := prepared[0].Embed(bytes.NewReader(doc), int64(len(doc)), &first, values[0]); err != nil {
		t.Fatal(err)
	}
	if err := prepared[1].Embed(bytes.NewReader(first.Bytes()), int64(first.Len()), &second, values[1]); !errors.Is(err, pades.ErrChanged) {
		t.Errorf("onto the first one's document: %v", err)
	}
	if err := prepared[1].Embed(bytes.NewReader(doc), int64(len(doc)), &second, values[0]); !errors.Is(err, pades.ErrValue) {
		t.Errorf("with the first one's value: %v", err)
	}
	if second.Len() != 0 {
		t.Error("something was written")
	}
}

// The signer's certificate is exchanged between the steps, or the service signs with another one's key, or another digest.
func TestCertificateExchangedMeanwhile(t *testing.T) {
	ca := newCA(t)
	id, other := issue(t, ca, signaturetest.Subject{Key: signaturetest.RSA2048}), issue(t, ca, signaturetest.Subject{Key: signaturetest.RSA2048})
	doc := signaturetest.NewPDF(signaturetest.File{})
	p, err := pades.Prepare(bytes.NewReader(doc), int64(len(doc)), id.Chain, pades.Config{Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	kept, err := p.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	input, opts := p.Input()
	value, err := id.Signer.Sign(rand.Reader, input, opts)
	if err != nil {
		t.Fatal(err)
	}
	b64 := base64.StdEncoding.EncodeToString
	exchanged := new(pades.Prepared)
	if err := exchanged.UnmarshalBinary(bytes.ReplaceAll(kept, []byte(b64(id.Certificate.Raw)), []byte(b64(other.Certificate.Raw)))); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := exchanged.Embed(bytes.NewReader(doc), int64(len(doc)), &out, value); !errors.Is(err, pades.ErrValue) {
		t.Errorf("another certificate: %v", err)
	}
	foreign, err := other.Signer.Sign(rand.Reader, input, opts)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Embed(bytes.NewReader(doc), int64(len(doc)), &out, foreign); !errors.Is(err, pades.ErrValue) {
		t.Errorf("another key: %v", err)
	}
	sum := sha256.Sum256([]byte("another document"))
	elsewhere, err := id.Signer.Sign(rand.Reader, sum[:], opts)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Embed(bytes.NewReader(doc), int64(len(doc)), &out, elsewhere); !errors.Is(err, pades.ErrValue) {
		t.Errorf("a signature of another hash: %v", err)
	}
	if out.Len() != 0 {
		t.Error("something was written")
	}
}
