package cms_test

import (
	"bytes"
	"crypto"
	"crypto/elliptic"
	"crypto/sha256"
	"errors"
	"math/big"
	"testing"
	"time"

	"encoding/asn1"

	"github.com/motcua/motcua/internal/asn1x"
	"github.com/motcua/motcua/internal/cms"
)

func token(tb testing.TB, change func(*cms.TSTInfo)) ([]byte, *cms.TSTInfo) {
	tb.Helper()
	key := ecKey(tb, elliptic.P256())
	cert := certificate(tb, key, 9)
	sum := sha256.Sum256(content)
	info := &cms.TSTInfo{Policy: asn1.ObjectIdentifier{1, 2, 3}, Hash: crypto.SHA256, Imprint: sum[:], Serial: big.NewInt(5),
		Time: time.Date(2026, time.November, 21, 3, 0, 0, 0, time.UTC), Nonce: big.NewInt(77)}
	if change != nil {
		change(info)
	}
	body := cms.EncodeTSTInfo(*info)
	scheme, err := cms.SchemeFor(key.Public(), false)
	if err != nil {
		tb.Fatal(err)
	}
	attrs := cms.SignedAttributesFor(cms.OIDTSTInfo, cert, scheme, digestOf(scheme.Hash, body))
	value, err := scheme.Sign(key, attrs)
	if err != nil {
		tb.Fatal(err)
	}
	der, err := cms.Assemble(cms.Parts{Type: cms.OIDTSTInfo, Content: body, Certificate: cert, Scheme: scheme, Attributes: attrs,
		Value: value})
	if err != nil {
		tb.Fatal(err)
	}
	return der, info
}

func TestToken(t *testing.T) {
	der, info := token(t, nil)
	parsed, rest, err := cms.ParseToken(append(bytes.Clone(der), 0, 0))
	if err != nil || len(rest) != 2 {
		t.Fatal(err)
	}
	got := parsed.Info
	if !got.Policy.Equal(info.Policy) || got.Hash != info.Hash || !bytes.Equal(got.Imprint, info.Imprint) ||
		got.Serial.Cmp(info.Serial) != 0 || !got.Time.Equal(info.Time) || got.Nonce.Cmp(info.Nonce) != 0 {
		t.Errorf("got %+v", got)
	}
	cert, err := parsed.Certificate()
	if err != nil {
		t.Fatal(err)
	}
	if err := parsed.Check(cert); err != nil {
		t.Error(err)
	}
	if cms.IsTimestampAuthority(cert) {
		t.Error("a certificate without the purpose")
	}
	at := bytes.Index(der, []byte("20261121030000Z"))
	der[at+3] = '5'
	if parsed, _, err = cms.ParseToken(der); err != nil {
		t.Fatal(err)
	}
	if err := parsed.Check(cert); !errors.Is(err, cms.ErrDigest) {
		t.Errorf("another time: %v", err)
	}
	if _, _, err := cms.ParseToken(bytes.Repeat([]byte{0x30, 0x80}, 1<<20)); !errors.Is(err, cms.ErrFormat) {
		t.Errorf("nested: %v", err)
	}
}

func TestTimestampRequestRoundTrip(t *testing.T) {
	sum := sha256.Sum256(content)
	for _, r := range []cms.TimestampRequest{
		{Hash: crypto.SHA256, Imprint: sum[:]},
		{Hash: crypto.SHA256, Imprint: sum[:], Nonce: big.NewInt(9), Certificates: true, Policy: asn1.ObjectIdentifier{1, 2, 3}},
	} {
		back, err := cms.ParseTimestampRequest(r.Encode())
		if err != nil || back.Certificates != r.Certificates || !bytes.Equal(back.Imprint, r.Imprint) ||
			(back.Nonce == nil) != (r.Nonce == nil) || !back.Policy.Equal(r.Policy) {
			t.Errorf("%+v: %+v, %v", r, back, err)
		}
	}
	status, der, err := cms.ParseTimestampResponse(cms.EncodeTimestampResponse(2, nil))
	if err != nil || status != 2 || der != nil {
		t.Errorf("%d, %x, %v", status, der, err)
	}
}

// What is signed stays byte for byte when an unsigned attribute comes after the fact.
func TestAddUnsigned(t *testing.T) {
	_, der := build(t, ecKey(t, elliptic.P256()), false)
	stamp, _ := token(t, nil)
	once, err := cms.AddUnsigned(append(bytes.Clone(der), 0, 0, 0), cms.Attribute{ID: cms.OIDTimestampToken, Values: [][]byte{stamp}})
	if err != nil {
		t.Fatal(err)
	}
	twice, err := cms.AddUnsigned(once, cms.Attribute{ID: asn1.ObjectIdentifier{1, 2, 3}, Values: [][]byte{asn1x.EncodeInt(big.NewInt(1))}})
	if err != nil {
		t.Fatal(err)
	}
	for i, message := range [][]byte{der, once, twice} {
		m, s := parse(t, message)
		if err := check(m, s); err != nil || len(s.Unsigned) != i {
			t.Errorf("%d attributes: %d, %v", i, len(s.Unsigned), err)
		}
	}
	if _, err := cms.AddUnsigned([]byte{0x30, 0}, cms.Attribute{}); !errors.Is(err, cms.ErrFormat) {
		t.Errorf("not a message: %v", err)
	}
}

func FuzzParseToken(f *testing.F) {
	der, _ := token(f, nil)
	f.Add(der)
	f.Fuzz(func(t *testing.T, der []byte) {
		parsed, _, err := cms.ParseToken(der)
		if err != nil {
			return
		}
		if cert, err := parsed.Certificate(); err == nil {
			_ = parsed.Check(cert)
		}
	})
}

func FuzzParseTimestampRequest(f *testing.F) {
	sum := sha256.Sum256(content)
	f.Add(cms.TimestampRequest{Hash: crypto.SHA256, Imprint: sum[:], Nonce: big.NewInt(9), Certificates: true}.Encode())
	f.Fuzz(func(t *testing.T, der []byte) {
		r, err := cms.ParseTimestampRequest(der)
		if err != nil {
			return
		}
		back, err := cms.ParseTimestampRequest(r.Encode())
		if err != nil || !bytes.Equal(back.Imprint, r.Imprint) {
			t.Errorf("does not read back: %v", err)
		}
		_, _, _ = cms.ParseTimestampResponse(der)
	})
}

// What an authority asserts is read to the last byte, in the order of RFC 3161, and its time in no other form.
func TestTSTInfoIsReadStrictly(t *testing.T) {
	_, info := token(t, nil)
	der := cms.EncodeTSTInfo(*info)
	seq, err := asn1x.Open(der).Take(asn1x.Sequence)
	if err != nil {
		t.Fatal(err)
	}
	var parts [][]byte
	for c := asn1x.Open(seq.Body); !c.Done(); {
		e, err := c.Next()
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, e.Full)
	}
	head, nonce := parts[:5:5], parts[5]
	accuracy, ordering := asn1x.Encode(asn1x.Sequence, []byte{2, 1, 1}), []byte{1, 1, 0xff}
	name, extensions := asn1x.Encode(asn1x.Context(0), []byte{5, 0}), asn1x.Encode(asn1x.Context(1), []byte{5, 0})
	timed := func(text string) [][]byte {
		return append(append(parts[:4:4], asn1x.Encode(0x18, []byte(text))), nonce)
	}
	for name, tt := range map[string]struct {
		parts [][]byte
		ok    bool
	}{
		"nonce alone":              {parts, true},
		"nothing optional":         {head, true},
		"everything":               {append(head, accuracy, ordering, nonce, name, extensions), true},
		"ordering before accuracy": {append(head, ordering, accuracy), false},
		"nonce before ordering":    {append(head, nonce, ordering), false},
		"two nonces":               {append(head, nonce, nonce), false},
		"extensions before name":   {append(head, extensions, name), false},
		"an unknown element":       {append(head, nonce, []byte{5, 0}), false},
		"a fraction":               {timed("20261121030000.25Z"), true},
		"a fraction ending in 0":   {timed("20261121030000.250Z"), false},
		"an empty fraction":        {timed("20261121030000.Z"), false},
		"a comma":                  {timed("20261121030000,25Z"), false},
		"no seconds":               {timed("202611210300Z"), false},
		"another zone":             {timed("20261121030000+0700"), false},
		"no zone":                  {timed("20261121030000"), false},
		"the 31st of November":     {timed("20261131030000Z"), false},
	} {
		t.Run(name, func(t *testing.T) {
			key := ecKey(t, elliptic.P256())
			cert := certificate(t, key, 9)
			body := asn1x.Encode(asn1x.Sequence, tt.parts...)
			scheme, err := cms.SchemeFor(key.Public(), false)
			if err != nil {
				t.Fatal(err)
			}
			attrs := cms.SignedAttributesFor(cms.OIDTSTInfo, cert, scheme, digestOf(scheme.Hash, body))
			value, err := scheme.Sign(key, attrs)
			if err != nil {
				t.Fatal(err)
			}
			der, err := cms.Assemble(cms.Parts{Type: cms.OIDTSTInfo, Content: body, Certificate: cert, Scheme: scheme, Attributes: attrs, Value: value})
			if err != nil {
				t.Fatal(err)
			}
			if _, _, err := cms.ParseToken(der); (err == nil) != tt.ok || err != nil && !errors.Is(err, cms.ErrFormat) {
				t.Errorf("got %v", err)
			}
		})
	}
}
