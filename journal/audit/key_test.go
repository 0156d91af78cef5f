package audit_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"github.com/motcua/motcua/journal/audit"
)

func TestKeys(t *testing.T) {
	secret, public, err := note.GenerateKey(rand.Reader, "motcua.example.vn/so")
	if err != nil {
		t.Fatal(err)
	}
	s, err := audit.ParseSigner(secret)
	if err != nil {
		t.Fatal(err)
	}
	if s.Key().String() != public || s.Key().IsWitness() || !s.WitnessKey().IsWitness() || s.Key().Name() != "motcua.example.vn/so" {
		t.Errorf("key %s, want %s", s.Key(), public)
	}
	for _, k := range []audit.Key{s.Key(), s.WitnessKey()} {
		if got, err := audit.ParseKey(k.String()); err != nil || got != k {
			t.Errorf("read back %v, %v", got, err)
		}
	}
	if !(audit.Key{}).IsZero() || (audit.Key{}).String() != "" {
		t.Error("the zero key is a key")
	}
	for _, bad := range []string{"", "a", "a+b", "a+00000000+AA==", public + "A", public + "\n", " " + public,
		strings.Replace(public, "motcua", "mot cua", 1), strings.Replace(public, "motcua", "motcuA", 1), strings.ToUpper(public), secret} {
		_, err := audit.ParseKey(bad)
		wantFinding(t, err, audit.ErrMalformed, "key")
		if _, err := audit.ParseSigner(bad); err == nil && bad != secret {
			t.Errorf("%q makes a signer", bad)
		}
	}
	_, err = audit.ParseSigner(strings.Replace(secret, "motcua", "motcuA", 1))
	wantFinding(t, err, audit.ErrMalformed, "key")
}

func TestSignerHidesItsKey(t *testing.T) {
	secret, err := audit.NewSecret("motcua.example.vn/so")
	if err != nil {
		t.Fatal(err)
	}
	s, err := audit.ParseSigner(secret)
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := json.Marshal(map[string]any{"signer": s})
	if err != nil {
		t.Fatal(err)
	}
	var logged strings.Builder
	slog.New(slog.NewTextHandler(&logged, nil)).Info("x", "signer", s)
	key := secret[strings.LastIndex(secret, "+")+1:]
	for _, text := range []string{fmt.Sprint(s), fmt.Sprintf("%#v %+v %x %s %d", s, s, s, s, s), string(encoded), logged.String()} {
		if !strings.Contains(text, "motcua.example.vn/so") || strings.Contains(text, key) || len(text) > 300 {
			t.Errorf("printed as %s", text)
		}
	}
}

func TestSignersRefused(t *testing.T) {
	_, good, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	other, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	_, err = audit.NewSigner("a b", good)
	wantFinding(t, err, audit.ErrMalformed, "key")
	_, err = audit.NewSigner("a", nil)
	wantFinding(t, err, audit.ErrMalformed, "key")
	_, err = audit.NewSigner("a", other)
	wantFinding(t, err, audit.ErrMalformed, "key")
	_, err = audit.NewSecret("a+b")
	wantFinding(t, err, audit.ErrMalformed, "key")
	if s, err := audit.NewSigner("a", good); err != nil || s.Key().IsZero() {
		t.Errorf("%v, %v", s, err)
	}
}

func TestPoliciesRefused(t *testing.T) {
	l, w := newSigner(t, "a"), newSigner(t, "w")
	for _, tt := range []struct {
		name   string
		key    audit.Key
		policy audit.Policy
	}{
		{"no key", audit.Key{}, audit.Policy{}},
		{"a witness's key", w.WitnessKey(), audit.Policy{}},
		{"quorum without witnesses", l.Key(), audit.Policy{Quorum: 1}},
		{"negative quorum", l.Key(), audit.Policy{Quorum: -1}},
		{"log's key as witness", l.Key(), audit.Policy{Witnesses: []audit.Key{l.WitnessKey()}}},
		{"witness with a log's key", l.Key(), audit.Policy{Witnesses: []audit.Key{w.Key()}}},
		{"witness twice", l.Key(), audit.Policy{Witnesses: []audit.Key{w.WitnessKey(), w.WitnessKey()}, Quorum: 2}},
		{"stamps without roots", l.Key(), audit.Policy{Stamped: true}},
		{"negative skew", l.Key(), audit.Policy{Skew: -1}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := audit.NewVerifier(tt.key, tt.policy)
			wantFinding(t, err, audit.ErrMalformed, "key")
		})
	}
}
