package audit_test

import (
	"crypto/rand"
	"strings"
	"testing"
	"time"

	fnote "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"

	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/journal/audit"
)

const goodText = "motcua.example.vn/so\n5\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\ntime 2026-11-21T17:00:00.000000Z\n"

// TestSignedButWrong has checkpoints that bear the log's true signature and still are none.
func TestSignedButWrong(t *testing.T) {
	secret, public, err := note.GenerateKey(rand.Reader, "motcua.example.vn/so")
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(secret)
	if err != nil {
		t.Fatal(err)
	}
	key, err := audit.ParseKey(public)
	if err != nil {
		t.Fatal(err)
	}
	v := newVerifier(t, key, audit.Policy{})
	for _, tt := range []struct {
		name, from, to string
		kind           error
		rule           string
	}{
		{"as it should be", "", "", nil, ""},
		{"a further line", "Z\n", "Z\nmore\n", nil, ""},
		{"size with a plus", "\n5\n", "\n+5\n", audit.ErrMalformed, "note"},
		{"size with a zero in front", "\n5\n", "\n05\n", audit.ErrMalformed, "note"},
		{"negative size", "\n5\n", "\n-5\n", audit.ErrMalformed, "note"},
		{"size beyond int64", "\n5\n", "\n9223372036854775808\n", audit.ErrMalformed, "note"},
		{"short root", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", "47DEQpj8", audit.ErrMalformed, "note"},
		{"root with loose bits", "uFU=", "uFV=", audit.ErrMalformed, "note"},
		{"no time", "time 2026-11-21T17:00:00.000000Z\n", "", audit.ErrMalformed, "note"},
		{"time in another zone", "17:00:00.000000Z", "17:00:00.000000+07:00", audit.ErrMalformed, "note"},
		{"a date that is none", "11-21", "11-31", audit.ErrMalformed, "note"},
		{"another origin", "motcua.example.vn/so\n", "motcua.example.vn/khac\n", audit.ErrSignature, "signature"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			text := strings.Replace(goodText, tt.from, tt.to, 1)
			signed, err := note.Sign(&note.Note{Text: text}, signer)
			if err != nil {
				t.Fatal(err)
			}
			c, err := v.Checkpoint(signed)
			if tt.kind != nil {
				wantFinding(t, err, tt.kind, tt.rule)
				return
			}
			if err != nil || c.Size() != 5 || c.Origin() != "motcua.example.vn/so" || !c.At().Equal(time.Date(2026, 11, 21, 17, 0, 0, 0, time.UTC)) {
				t.Errorf("%v, %v", c, err)
			}
		})
	}
}

// TestWitnessAloneIsNotEnough has a note that only a known witness has signed.
func TestWitnessAloneIsNotEnough(t *testing.T) {
	secret, err := audit.NewSecret("chung-kien.example.vn")
	if err != nil {
		t.Fatal(err)
	}
	witness, err := audit.ParseSigner(secret)
	if err != nil {
		t.Fatal(err)
	}
	peer, err := fnote.NewSignerForCosignatureV1(secret)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := note.Sign(&note.Note{Text: goodText}, peer)
	if err != nil {
		t.Fatal(err)
	}
	log := newSigner(t, "motcua.example.vn/so")
	v := newVerifier(t, log.Key(), audit.Policy{Witnesses: []audit.Key{witness.WitnessKey()}, Quorum: 1})
	_, err = v.Checkpoint(signed)
	wantFinding(t, err, audit.ErrSignature, "signature")
}

// TestCosignaturesAddUp keeps two witnesses' signatures, handed in one after the other.
func TestCosignaturesAddUp(t *testing.T) {
	o := newOffice(t, written(t, 5))
	one, two := newSigner(t, "mot.example.vn"), newSigner(t, "hai.example.vn")
	keys := []audit.Key{one.WitnessKey(), two.WitnessKey()}
	o.log.Close()
	l, err := audit.Open(o.dir, o.journal, o.signer.Key(), audit.Config{Signer: o.signer, Witnesses: keys, Now: func() time.Time { return o.now }})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c, err := l.Checkpoint(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []*audit.Signer{one, two} {
		cosigned, err := newWitness(t, o.verifier, s).See(c.Note(), nil, o.now)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := l.Keep(cosigned); err != nil {
			t.Fatal(err)
		}
	}
	raw, err := l.Prove(t.Context(), audit.Selection{Positions: []int64{1}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := newVerifier(t, o.signer.Key(), audit.Policy{Witnesses: keys, Quorum: 2}).Bundle(raw); err != nil {
		t.Error(err)
	}
	write(t, o.journal.(*journal.Memory), 5, 8)
	o.now = o.now.Add(time.Minute)
	if _, err := l.Checkpoint(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, err = l.Keep(c.Note())
	wantFinding(t, err, audit.ErrUnlinked, "stale")
}
