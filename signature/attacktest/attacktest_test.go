package attacktest_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/motcua/motcua/internal/enginetest"
	"github.com/motcua/motcua/signature"
	"github.com/motcua/motcua/signature/attacktest"
	"github.com/motcua/motcua/signature/signaturetest"
)

func newKit(tb testing.TB, cfg attacktest.Config) *attacktest.Kit {
	tb.Helper()
	k, err := attacktest.New(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	return k
}

// judge returns a verifier of the kit's world.
func judge(tb testing.TB, k *attacktest.Kit) func([]byte) *signature.Report {
	tb.Helper()
	trust, err := signature.NewTrustStore(k.Root())
	if err != nil {
		tb.Fatal(err)
	}
	v, err := signature.NewVerifier(trust, signature.Policy{Revocation: signature.RevocationRequired,
		Source: signature.Evidence{CRLs: k.CRLs()}})
	if err != nil {
		tb.Fatal(err)
	}
	return func(file []byte) *signature.Report {
		r, err := v.Verify(context.Background(), bytes.NewReader(file), int64(len(file)), k.At())
		if err != nil { // a file that cannot be judged does not pass
			return &signature.Report{Indication: signature.TotalFailed}
		}
		return r
	}
}

// documents are files as different writers make them.
func documents(t *testing.T) map[string][]byte {
	docs := map[string][]byte{
		"table":  signaturetest.NewPDF(signaturetest.File{}),
		"stream": signaturetest.NewPDF(signaturetest.File{XRefStream: true}),
		"form":   signaturetest.NewPDF(signaturetest.File{Fields: []string{"ho_ten"}, Annotation: true}),
	}
	if program, err := exec.LookPath("qpdf"); err == nil {
		dir := t.TempDir()
		in, out := filepath.Join(dir, "in.pdf"), filepath.Join(dir, "out.pdf")
		if err := os.WriteFile(in, docs["form"], 0o600); err != nil {
			t.Fatal(err)
		}
		if text, err := exec.Command(program, "--linearize", "--object-streams=generate", in, out).CombinedOutput(); err != nil {
			t.Fatalf("qpdf: %v\n%s", err, text)
		}
		if docs["linearized by qpdf"], err = os.ReadFile(out); err != nil {
			t.Fatal(err)
		}
	}
	return docs
}

// severe reports whether a verdict is at least as severe as another.
func severe(got, want signature.Indication) bool {
	return got == signature.TotalFailed || got == signature.Indeterminate && want == signature.Indeterminate
}

// TestAttacks runs the whole kit against the verifier of this module, on files of several kinds. Every attack gets the
// verdict that is expected, none takes long, and what the victim signed passes.
func TestAttacks(t *testing.T) {
	k := newKit(t, attacktest.Config{})
	verdict := judge(t, k)
	for name, document := range documents(t) {
		genuine, err := k.Genuine(document)
		if err != nil {
			t.Fatal(err)
		}
		if r := verdict(genuine); r.Indication != signature.TotalPassed {
			t.Fatalf("%s: the genuine document: %v", name, r)
		}
		attacks, err := k.Attacks(document)
		if err != nil {
			t.Fatal(err)
		}
		made := map[string]int{}
		for _, a := range attacks {
			t.Run(name+"/"+a.Family+"/"+a.Name, func(t *testing.T) {
				if a.File == nil {
					if name == "table" { // the plainest file there is has room for everything
						t.Errorf("no room: %s", a.Skipped)
					}
					t.Skip(a.Skipped)
				}
				made[a.Family]++
				start := time.Now()
				r := verdict(a.File)
				if took := time.Since(start); took > time.Second+time.Second*time.Duration(len(a.File)/(10<<20)) {
					t.Errorf("took %v", took)
				}
				if !severe(r.Indication, a.Want) {
					t.Errorf("got %v, want %s", r, a.Want)
				}
			})
		}
		for _, family := range []string{"incremental saving", "signature wrapping", "universal forgery", "shadow", "certification",
			"trust", "time", "revocation", "resources"} {
			if made[family] == 0 {
				t.Errorf("%s: no attack of the family %s", name, family)
			}
		}
	}
}

// TestAttacksShow has poppler draw the attacks that change what is seen: one that a viewer does not fall for would say
// nothing about a verifier.
func TestAttacksShow(t *testing.T) {
	program := enginetest.Need(t, "pdftotext")
	k := newKit(t, attacktest.Config{})
	attacks, err := k.Attacks(signaturetest.NewPDF(signaturetest.File{}))
	if err != nil {
		t.Fatal(err)
	}
	packed, err := k.Attacks(signaturetest.NewPDF(signaturetest.File{XRefStream: true}))
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, a := range append(attacks, packed...) {
		shows := a.Family == "incremental saving" && strings.Contains(a.Name, "text") || a.Family == "signature wrapping" ||
			a.Family == "shadow" && !strings.Contains(a.Name, "digits") && !strings.Contains(a.Name, "field") ||
			strings.Contains(a.Name, "leads to") || strings.Contains(a.Name, "page shows")
		if !shows || a.File == nil {
			continue
		}
		seen++
		t.Run(a.Family+"/"+a.Name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "a.pdf")
			if err := os.WriteFile(path, a.File, 0o600); err != nil {
				t.Fatal(err)
			}
			out, err := exec.Command(program, path, "-").CombinedOutput()
			if err != nil || !strings.Contains(string(out), "9,999,999,999") {
				t.Errorf("%v: %q", err, out)
			}
		})
	}
	if seen < 24 {
		t.Errorf("%d attacks drawn", seen)
	}
}

// A verifier that looks at nothing but the digest and the message falls for most of the kit: the kit would find it.
func TestRunFindsABrokenVerifier(t *testing.T) {
	k := newKit(t, attacktest.Config{})
	trust, err := signature.NewTrustStore(k.Root())
	if err != nil {
		t.Fatal(err)
	}
	v, err := signature.NewVerifier(trust, signature.Policy{Revocation: signature.RevocationNotChecked})
	if err != nil {
		t.Fatal(err)
	}
	attacks, err := k.Attacks(signaturetest.NewPDF(signaturetest.File{}))
	if err != nil {
		t.Fatal(err)
	}
	fallen := map[string]int{}
	for _, a := range attacks {
		r, err := v.Verify(t.Context(), bytes.NewReader(a.File), int64(len(a.File)), k.At())
		if err == nil && len(r.Signatures) > 0 && r.Signatures[0].Intact { // as the digest says
			fallen[a.Family]++
		}
	}
	for _, family := range []string{"incremental saving", "shadow", "certification", "trust", "time", "revocation"} {
		if fallen[family] == 0 {
			t.Errorf("%s: the signed bytes of no attack are intact", family)
		}
	}
}

func ExampleRun() {
	kit, err := attacktest.New(attacktest.Config{})
	if err != nil {
		panic(err)
	}
	trust, err := signature.NewTrustStore(kit.Root())
	if err != nil {
		panic(err)
	}
	verifier, err := signature.NewVerifier(trust, signature.Policy{Revocation: signature.RevocationRequired,
		Source: signature.Evidence{CRLs: kit.CRLs()}})
	if err != nil {
		panic(err)
	}
	passes := func(file []byte) bool {
		report, err := verifier.Verify(context.Background(), bytes.NewReader(file), int64(len(file)), kit.At())
		return err == nil && report.Indication == signature.TotalPassed
	}
	document := signaturetest.NewPDF(signaturetest.File{})
	attacks, err := kit.Attacks(document) // in a test: attacktest.Run(t, kit, document, passes)
	if err != nil {
		panic(err)
	}
	passed := 0
	for _, a := range attacks {
		if passes(a.File) {
			passed++
		}
	}
	fmt.Println("more than fifty attacks:", len(attacks) > 50, "passed:", passed)
	// Output: more than fifty attacks: true passed: 0
}
