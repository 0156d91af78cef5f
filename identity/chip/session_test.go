package chip_test

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"math/big"
	"testing"
	"time"

	"github.com/motcua/motcua/identity/chip"
	"github.com/motcua/motcua/identity/identitytest"
	"github.com/motcua/motcua/internal/asn1x"
)

var challenge = []byte("8 bytes!")

func withSession(t *testing.T, c *identitytest.CardChip, policy chip.Policy, s chip.Session) *chip.Report {
	t.Helper()
	return vietnam().verifier(t, policy).Verify(today, read(t, c), s)
}

func TestActiveAuthentication(t *testing.T) {
	for _, a := range []identitytest.CardAlgorithm{
		{Key: "RSA 1024", Hash: crypto.SHA256}, {Key: "RSA 2048", Hash: crypto.SHA224}, {Key: "RSA 2048", Hash: crypto.SHA384},
		{Key: "RSA 2048", Hash: crypto.SHA512}, {Key: "P-224", Hash: crypto.SHA224}, {Key: "P-256", Explicit: true},
		{Key: "P-521", Hash: crypto.SHA512}, {Key: "brainpoolP256r1", Explicit: true}, {Key: "brainpoolP384r1", Hash: crypto.SHA384},
	} {
		t.Run(names(a), func(t *testing.T) {
			c := vietnam().chip(t, identitytest.CardConfig{Signed: signed, Active: a})
			for range 8 { // both representatives of an RSA signature, short integers
				answer := must[*chip.ActiveAuthentication](t)(c.Prove(challenge))
				expect(t, withSession(t, c, chip.Policy{CloneProof: true}, chip.Session{Active: answer}), chip.Accepted, "")
				other := *answer
				other.Challenge = []byte("8 others")
				expect(t, withSession(t, c, chip.Policy{}, chip.Session{Active: &other}), chip.Rejected, "active-authentication.response")
			}
		})
	}
}

func TestActiveAuthenticationWithSHA1(t *testing.T) {
	for _, key := range []string{"RSA 1024", "P-256"} {
		c := vietnam().chip(t, identitytest.CardConfig{Signed: signed, Active: identitytest.CardAlgorithm{Key: key, Hash: crypto.SHA1}})
		s := chip.Session{Active: must[*chip.ActiveAuthentication](t)(c.Prove(challenge))}
		expect(t, withSession(t, c, chip.Policy{}, s), chip.Rejected, "active-authentication.digest")
		expect(t, withSession(t, c, chip.Policy{SHA1Until: today.Add(time.Hour)}, s), chip.Accepted, "")
	}
}

func TestActiveAuthenticationRefuses(t *testing.T) {
	v := vietnam()
	for _, key := range []string{"RSA 2048", "brainpoolP256r1"} {
		c := v.chip(t, identitytest.CardConfig{Signed: signed, Active: identitytest.CardAlgorithm{Key: key}})
		good := must[*chip.ActiveAuthentication](t)(c.Prove(challenge))
		zero := make([]byte, len(good.Response))
		ones := make([]byte, len(good.Response))
		for i := range ones {
			ones[i] = 0xff
		}
		tests := []struct {
			name                string
			challenge, response []byte
			code                string
		}{
			{"short challenge", challenge[:7], good.Response, "active-authentication.challenge"},
			{"no response", challenge, nil, "active-authentication.response"},
			{"zeros", challenge, zero, "active-authentication.response"},
			{"beyond the modulus or order", challenge, ones, "active-authentication.response"},
			{"cut", challenge, good.Response[1:], "active-authentication.response"},
			{"longer", challenge, append([]byte{0}, good.Response...), "active-authentication.response"},
		}
		for _, tt := range tests {
			t.Run(key+" "+tt.name, func(t *testing.T) {
				s := chip.Session{Active: &chip.ActiveAuthentication{Challenge: tt.challenge, Response: tt.response}}
				expect(t, withSession(t, c, chip.Policy{}, s), chip.Rejected, tt.code)
			})
		}
		cloned := v.chip(t, identitytest.CardConfig{Signed: signed, Active: identitytest.CardAlgorithm{Key: key},
			Flaws: []identitytest.CardFlaw{identitytest.CardCloned}})
		s := chip.Session{Active: must[*chip.ActiveAuthentication](t)(cloned.Prove(challenge))}
		expect(t, withSession(t, cloned, chip.Policy{}, s), chip.Rejected, "active-authentication.response")
	}
	plain := v.chip(t, identitytest.CardConfig{Signed: signed})
	s := chip.Session{Active: &chip.ActiveAuthentication{Challenge: challenge, Response: make([]byte, 64)}}
	expect(t, withSession(t, plain, chip.Policy{}, s), chip.Incomplete, "active-authentication.key")
	if _, err := plain.Prove(challenge); err == nil {
		t.Error("a chip without key proves itself")
	}
}

// TestActiveOnlyAfterPassive has a forger with a key of their own: the chip answers every challenge rightly, and its key
// stands in a file that no authority signed.
func TestActiveOnlyAfterPassive(t *testing.T) {
	mallory := newOffice(t, identitytest.CardAuthorityConfig{}, identitytest.CardSignerConfig{})
	active := identitytest.CardAlgorithm{Key: "P-256"}
	forged := mallory.chip(t, identitytest.CardConfig{Signed: signed, Active: active, Agreement: "P-256"})
	s := chip.Session{
		Active: must[*chip.ActiveAuthentication](t)(forged.Prove(challenge)),
		Chip:   must[*chip.ChipAuthentication](t)(forged.Agree([]byte{9})),
	}
	expect(t, withSession(t, forged, chip.Policy{CloneProof: true}, s), chip.Incomplete,
		"chain.no-anchor, active-authentication.after-passive, chip-authentication.after-passive, clone-proof.missing")
	// A genuine card with the forger's keys in place of its own.
	genuine := vietnam().chip(t, identitytest.CardConfig{Signed: signed, Active: active, Agreement: "P-256"})
	genuine.Files[chip.DG14], genuine.Files[chip.DG15] = forged.Files[chip.DG14], forged.Files[chip.DG15]
	expect(t, withSession(t, genuine, chip.Policy{}, s), chip.Rejected, "hash.differs DG14, hash.differs DG15, "+
		"active-authentication.after-passive, chip-authentication.after-passive")
	// And with them added where it has none.
	plain := vietnam().chip(t, identitytest.CardConfig{Signed: signed})
	plain.Files[chip.DG14], plain.Files[chip.DG15] = forged.Files[chip.DG14], forged.Files[chip.DG15]
	expect(t, withSession(t, plain, chip.Policy{}, s), chip.Rejected, "hash.injected DG14, hash.injected DG15, "+
		"active-authentication.after-passive, chip-authentication.after-passive")
}

func TestChipAuthentication(t *testing.T) {
	for _, curve := range []string{"P-224", "P-256", "P-384", "P-521", "brainpoolP256r1", "brainpoolP512r1"} {
		for _, cipher := range []string{"3DES", "AES-128", "AES-192", "AES-256"} {
			t.Run(curve+" "+cipher, func(t *testing.T) {
				c := vietnam().chip(t, identitytest.CardConfig{Signed: signed, Agreement: curve, Cipher: cipher})
				terminal := make([]byte, 24)
				if _, err := rand.Read(terminal); err != nil {
					t.Fatal(err)
				}
				s := must[*chip.ChipAuthentication](t)(c.Agree(terminal))
				expect(t, withSession(t, c, chip.Policy{CloneProof: true}, chip.Session{Chip: s}), chip.Accepted, "")
				s.Cipher = "" // the only one that DG14 offers
				expect(t, withSession(t, c, chip.Policy{CloneProof: true}, chip.Session{Chip: s}), chip.Accepted, "")
			})
		}
	}
}

func TestChipAuthenticationRefuses(t *testing.T) {
	v := vietnam()
	cfg := identitytest.CardConfig{Signed: signed, Agreement: "brainpoolP256r1", Cipher: "AES-128"}
	c := v.chip(t, cfg)
	good := must[*chip.ChipAuthentication](t)(c.Agree([]byte("the terminal's own key")))
	edit := func(change func(*chip.ChipAuthentication)) *chip.ChipAuthentication {
		s := *good
		s.Response = append([]byte(nil), good.Response...)
		change(&s)
		return &s
	}
	last := len(good.Response) - 1
	tests := []struct {
		name string
		s    *chip.ChipAuthentication
		code string
	}{
		{"another terminal key", edit(func(s *chip.ChipAuthentication) { s.PrivateKey = []byte{1} }), "mac"},
		{"no terminal key", edit(func(s *chip.ChipAuthentication) { s.PrivateKey = nil }), "terminal-key"},
		{"terminal key beyond the order", edit(func(s *chip.ChipAuthentication) {
			s.PrivateKey = []byte("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff")
		}), "terminal-key"},
		{"another counter", edit(func(s *chip.ChipAuthentication) { s.Counter = 4 }), "mac"},
		{"another cipher", edit(func(s *chip.ChipAuthentication) { s.Cipher = "3DES" }), "cipher"},
		{"another key", edit(func(s *chip.ChipAuthentication) { s.KeyID = 8 }), "key"},
		{"data changed", edit(func(s *chip.ChipAuthentication) { s.Response[5] ^= 1 }), "mac"},
		{"status changed", edit(func(s *chip.ChipAuthentication) { s.Response[last] ^= 1 }), "response"},
		{"code changed", edit(func(s *chip.ChipAuthentication) { s.Response[last-4] ^= 1 }), "mac"},
		{"code cut", edit(func(s *chip.ChipAuthentication) { s.Response = append(s.Response[:last-9], 0x90, 0) }), "response"},
		{"no response", edit(func(s *chip.ChipAuthentication) { s.Response = nil }), "response"},
		{"unprotected response", edit(func(s *chip.ChipAuthentication) { s.Response = []byte{0x90, 0} }), "response"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			verdict := chip.Rejected
			if tt.code == "cipher" || tt.code == "key" { // not wrong, but nothing to check it with
				verdict = chip.Incomplete
			}
			expect(t, withSession(t, c, chip.Policy{}, chip.Session{Chip: tt.s}), verdict, "chip-authentication."+tt.code)
		})
	}
	cfg.Flaws = []identitytest.CardFlaw{identitytest.CardCloned}
	cloned := v.chip(t, cfg)
	s := must[*chip.ChipAuthentication](t)(cloned.Agree([]byte("the terminal's own key")))
	expect(t, withSession(t, cloned, chip.Policy{}, chip.Session{Chip: s}), chip.Rejected, "chip-authentication.mac")
	plain := v.chip(t, identitytest.CardConfig{Signed: signed})
	expect(t, withSession(t, plain, chip.Policy{}, chip.Session{Chip: good}), chip.Incomplete, "chip-authentication.key")
	expect(t, withSession(t, plain, chip.Policy{CloneProof: true}, chip.Session{}), chip.Incomplete, "clone-proof.missing")
}

// TestSilentDG14 has chips that do not name their algorithms: without a name nothing can be checked on elliptic curves, and
// chip authentication is 3DES (Doc 9303-11, 6.2.2).
func TestSilentDG14(t *testing.T) {
	cfg := identitytest.CardConfig{Signed: signed, Silent: true, Agreement: "P-256", Active: identitytest.CardAlgorithm{Key: "P-256"}}
	c := vietnam().chip(t, cfg)
	active := chip.Session{Active: must[*chip.ActiveAuthentication](t)(c.Prove(challenge))}
	expect(t, withSession(t, c, chip.Policy{}, active), chip.Incomplete, "active-authentication.algorithm")
	agreed := must[*chip.ChipAuthentication](t)(c.Agree([]byte("terminal")))
	expect(t, withSession(t, c, chip.Policy{}, chip.Session{Chip: agreed}), chip.Accepted, "")
	agreed.Cipher = "AES-128"
	expect(t, withSession(t, c, chip.Policy{}, chip.Session{Chip: agreed}), chip.Incomplete, "chip-authentication.cipher")
}

func TestFiniteField(t *testing.T) {
	// SecurityInfos with one ChipAuthenticationPublicKeyInfo of id-PK-DH.
	raw := []byte("\x6e\x11\x31\x0f\x30\x0d\x06\x09\x04\x00\x7f\x00\x07\x02\x02\x01\x01\x30\x00")
	c := vietnam().chip(t, identitytest.CardConfig{Signed: signed, More: map[chip.File][]byte{chip.DG14: raw}})
	s := chip.Session{Chip: &chip.ChipAuthentication{PrivateKey: []byte{1}, KeyID: -1, Response: []byte{0x90, 0}, Counter: 2}}
	expect(t, withSession(t, c, chip.Policy{}, s), chip.Incomplete, "chip-authentication.finite-field")
}

// TestRecoveryForms signs representatives that are not as ISO/IEC 9796-2 has them, with a key of our own.
func TestRecoveryForms(t *testing.T) {
	key := must[*rsa.PrivateKey](t)(rsa.GenerateKey(rand.Reader, 1024))
	spki := must[[]byte](t)(x509.MarshalPKIXPublicKey(&key.PublicKey))
	v := vietnam()
	c := v.chip(t, identitytest.CardConfig{Signed: signed, More: map[chip.File][]byte{chip.DG15: asn1x.Encode(0x6f, spki)}})
	files := read(t, c)
	representative := func(header byte, fill int, hash crypto.Hash, trailer ...byte) []byte {
		m1 := bytes.Repeat([]byte{7}, 128-1-fill-hash.Size()-len(trailer))
		h := hash.New()
		h.Write(m1)
		h.Write(challenge)
		m := append([]byte{header}, bytes.Repeat([]byte{0xbb}, fill)...)
		return append(h.Sum(append(m, m1...)), trailer...)
	}
	sign := func(m []byte) *big.Int { return new(big.Int).Exp(new(big.Int).SetBytes(m), key.D, key.N) }
	other := func(s *big.Int) *big.Int { return new(big.Int).Sub(key.N, s) }
	tests := []struct {
		name      string
		signature *big.Int
		want      chip.Verdict
	}{
		{"as it should be", sign(representative(0x6a, 0, crypto.SHA256, 0x34, 0xcc)), chip.Accepted},
		{"the other of J and n-J", other(sign(representative(0x6a, 0, crypto.SHA256, 0x34, 0xcc))), chip.Accepted},
		{"whole recovery", sign(representative(0x4a, 0, crypto.SHA256, 0x34, 0xcc)), chip.Rejected},
		{"padded", sign(representative(0x4b, 3, crypto.SHA256, 0x34, 0xcc)), chip.Rejected},
		{"another trailer", sign(representative(0x6a, 0, crypto.SHA256, 0x34, 0xdc)), chip.Rejected},
		{"another digest in the trailer", sign(representative(0x6a, 0, crypto.SHA256, 0x38, 0xcc)), chip.Rejected},
		{"unknown digest in the trailer", sign(representative(0x6a, 0, crypto.SHA256, 0x31, 0xcc)), chip.Rejected},
		{"one-byte trailer of SHA-1 with SHA-256", sign(representative(0x6a, 0, crypto.SHA256, 0xbc)), chip.Rejected},
		{"plain PKCS#1", new(big.Int).SetBytes(must[[]byte](t)(rsa.SignPKCS1v15(rand.Reader, key, 0, challenge))), chip.Rejected},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := chip.Session{Active: &chip.ActiveAuthentication{Challenge: challenge, Response: tt.signature.FillBytes(make([]byte, 128))}}
			want := ""
			if tt.want == chip.Rejected {
				want = "active-authentication.response"
			}
			expect(t, v.verifier(t, chip.Policy{}).Verify(today, files, s), tt.want, want)
		})
	}
}
