package signature_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/motcua/motcua/signature"
	"github.com/motcua/motcua/signature/pades"
	"github.com/motcua/motcua/signature/signaturetest"
)

// A file that only guessing can read is refused, or, when that was asked for, read and never better than INDETERMINATE.
func TestRepair(t *testing.T) {
	o := newOffice(t)
	trust, err := signature.NewTrustStore(o.ca.Root)
	if err != nil {
		t.Fatal(err)
	}
	strict := verifier(t, o.ca.Root)
	loose, err := signature.NewVerifier(trust, signature.Policy{Revocation: signature.RevocationNotChecked, Repair: true})
	if err != nil {
		t.Fatal(err)
	}
	for name, file := range map[string]signaturetest.File{"table": {}, "stream": {XRefStream: true}} {
		doc := sign(t, signaturetest.NewPDF(file), o.leader, pades.Config{})
		if r := verify(t, loose, doc, at); r.Indication != signature.TotalPassed || r.Repaired {
			t.Errorf("%s: a sound file: %v", name, r)
		}
		for how, broken := range map[string]struct {
			doc    []byte
			intact bool
		}{
			"an end that leads nowhere": {fmt.Appendf(bytes.Clone(doc), "startxref\n99\n%%%%EOF\n"), true},
			"a revision cut off":        {fmt.Appendf(bytes.Clone(doc), "900 0 obj\n<</A 1>>\nendobj\nxref\n0 1\nstartxref\n%d\n%%%%EOF\n", len(doc)+26), true},
			"a signed byte changed":     {append(bytes.Replace(doc, []byte("/Type /Pages"), []byte("/Type /Paged"), 1), "startxref\n99\n%%EOF\n"...), false},
		} {
			t.Run(name+"/"+how, func(t *testing.T) {
				if _, err := strict.Verify(t.Context(), bytes.NewReader(broken.doc), int64(len(broken.doc)), at); !errors.As(err, new(*signature.DocumentError)) {
					t.Errorf("without repair: %v", err)
				}
				r, err := loose.Verify(t.Context(), bytes.NewReader(broken.doc), int64(len(broken.doc)), at)
				if err != nil || !r.Repaired || len(r.Signatures) != 1 || r.Indication == signature.TotalPassed {
					t.Fatalf("%v, %v", r, err)
				}
				if s := r.Signatures[0]; !slices.Contains(codes(s), "document.repaired") || s.Intact != broken.intact || s.Coverage != signature.UnclearCoverage {
					t.Errorf("%s %v, intact %v", s.Indication, codes(s), s.Intact)
				}
			})
		}
	}
	w := newWorld(t)
	alone := w.archive(t, w.sign(t, signaturetest.NewPDF(signaturetest.File{}), w.leader)) // a document time stamp and nothing else
	later := w.now.Add(time.Hour)
	stamped := w.archive(t, w.preserve(t, w.stamp(t, w.sign(t, signaturetest.NewPDF(signaturetest.File{}), w.leader))))
	broken := append(bytes.Clone(stamped), "startxref\n99\n%%EOF\n"...)
	trust, err = signature.NewTrustStore(w.ca.Root)
	if err != nil {
		t.Fatal(err)
	}
	loose, err = signature.NewVerifier(trust, signature.Policy{Revocation: signature.RevocationNotChecked, Repair: true})
	if err != nil {
		t.Fatal(err)
	}
	if r := verify(t, loose, alone, later); r.Signatures[0].ProvenTime == nil {
		t.Errorf("a sound document time stamp proves no time: %v", r.DocumentTimestamps)
	}
	guessed := append(bytes.Clone(alone), "startxref\n99\n%%EOF\n"...)
	if r := verify(t, loose, guessed, later); r.Signatures[0].ProvenTime != nil {
		t.Errorf("one that was guessed does: %v", r.Signatures[0].ProvenTime)
	}
	r, err := loose.Verify(t.Context(), bytes.NewReader(broken), int64(len(broken)), w.now)
	if err != nil || r.Indication != signature.Indeterminate || len(r.DocumentTimestamps) != 1 || r.DocumentTimestamps[0].Indication == signature.TotalPassed {
		t.Errorf("%v, %v", r, err)
	}
}
