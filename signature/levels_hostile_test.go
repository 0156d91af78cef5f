package signature_test

import (
	"bytes"
	"context"
	"crypto"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/motcua/motcua/internal/pdf"
	"github.com/motcua/motcua/signature"
	"github.com/motcua/motcua/signature/pades"
	"github.com/motcua/motcua/signature/signaturetest"
)

// Whatever byte of an archived document is flipped, it does not pass as it did: outside the newest time stamp's own value
// every byte is covered, that of the evidence too.
func TestEveryByteOfAnArchiveIsCovered(t *testing.T) {
	w := newWorld(t)
	doc := w.archive(t, w.preserve(t, w.stamp(t, w.sign(t, signaturetest.NewPDF(signaturetest.File{}), w.leader))))
	w.now = w.now.Add(time.Minute)
	list := func(root bool) []byte {
		der, _, err := w.ca.List(w.now, signaturetest.ListConfig{Root: root})
		if err != nil {
			t.Fatal(err)
		}
		return der
	}
	v := w.verifier(t, signature.Evidence{CRLs: [][]byte{list(false), list(true)}})
	before := verify(t, v, doc, w.now)
	if before.Indication != signature.TotalPassed || before.Signatures[0].Level != "PAdES-BASELINE-LTA" {
		explain(t, before)
		t.Fatal(before)
	}
	hole := before.DocumentTimestamps[0].ByteRange
	step := 211
	if testing.Short() {
		step = 2111
	}
	for i := 0; i < len(doc); i += step {
		if int64(i) >= hole[1] && int64(i) < hole[2] {
			continue
		}
		changed := bytes.Clone(doc)
		changed[i] ^= []byte{0x01, 0x20, 0x80}[i%3]
		report, err := v.Verify(t.Context(), bytes.NewReader(changed), int64(len(changed)), w.now)
		if err != nil {
			if !errors.As(err, new(*signature.DocumentError)) {
				t.Fatalf("byte %d: %v", i, err)
			}
			continue
		}
		if report.Indication == signature.TotalPassed && len(report.DocumentTimestamps) == 1 &&
			report.DocumentTimestamps[0].Indication == signature.TotalPassed {
			explain(t, report)
			t.Fatalf("byte %d (%q) flipped passes", i, doc[i])
		}
	}
}

// A security store made to exhaust: thousands of streams, nested encodings, a store that leads to itself.
func TestHostileSecurityStore(t *testing.T) {
	w := newWorld(t)
	plain := w.sign(t, signaturetest.NewPDF(signaturetest.File{}), w.leader)
	tests := map[string]func(update *pdf.Update) pdf.Value{
		"ten thousand streams": func(update *pdf.Update) pdf.Value {
			var list pdf.Array
			for i := range 10000 {
				list = append(list, update.Add(&pdf.Data{Bytes: fmt.Appendf(nil, "0\x82%d", i)}))
			}
			return pdf.Dict{"Certs": list, "CRLs": list, "OCSPs": list}
		},
		"nested encodings": func(update *pdf.Update) pdf.Value {
			bomb := update.Add(&pdf.Data{Bytes: bytes.Repeat([]byte{0x30, 0x80}, 2<<20)})
			return pdf.Dict{"OCSPs": pdf.Array{bomb}, "CRLs": pdf.Array{bomb}, "Certs": pdf.Array{bomb}}
		},
		"a store in itself": func(update *pdf.Update) pdf.Value {
			self := update.Add(pdf.Dict{})
			update.Set(self, pdf.Dict{"VRI": self, "Certs": pdf.Array{self}, "OCSPs": self, "CRLs": self, "A": self})
			return self
		},
		"other types": func(*pdf.Update) pdf.Value {
			return pdf.Dict{"Certs": int64(1), "OCSPs": pdf.Dict{}, "CRLs": pdf.Text("a"), "VRI": pdf.Array{}}
		},
	}
	for name, build := range tests {
		t.Run(name, func(t *testing.T) {
			doc := revise(t, plain, func(d *pdf.Document, catalog pdf.Dict, update *pdf.Update) {
				catalog["DSS"] = build(update)
				setCatalog(d, catalog, update)
			})
			start := time.Now()
			report, err := w.verifier(t, w.fetcher()).Verify(t.Context(), bytes.NewReader(doc), int64(len(doc)), w.now)
			if err != nil && !errors.As(err, new(*signature.DocumentError)) {
				t.Fatal(err)
			}
			if err == nil && len(report.Signatures) != 1 {
				t.Errorf("%v", report)
			}
			if took := time.Since(start); took > 10*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

// Reports of other documents, and reports that rest on nothing, are not preserved; what cannot be stamped is not.
func TestStepsThatAreRefused(t *testing.T) {
	w := newWorld(t)
	plain := w.sign(t, signaturetest.NewPDF(signaturetest.File{}), w.leader)
	cramped := sign(t, signaturetest.NewPDF(signaturetest.File{}), w.leader, pades.Config{Room: 4096})
	unsigned := signaturetest.NewPDF(signaturetest.File{})
	archived := w.archive(t, plain)
	stamp := func(doc []byte) error {
		var out bytes.Buffer
		err := pades.Stamp(t.Context(), bytes.NewReader(doc), int64(len(doc)), &out, w.client)
		if err != nil && out.Len() > 0 {
			t.Error("something was written")
		}
		return err
	}
	preserve := func(doc []byte, report *signature.Report) error {
		var out bytes.Buffer
		err := pades.Preserve(bytes.NewReader(doc), int64(len(doc)), &out, report)
		if err != nil && out.Len() > 0 {
			t.Error("something was written")
		}
		return err
	}
	unchecked := verify(t, verifier(t, w.ca.Root), plain, w.now)
	w.server.Flaw("/tsa")
	for name, tt := range map[string]struct{ got, want error }{
		"no room for the stamp":          {stamp(cramped), pades.ErrRoom},
		"no signature to stamp":          {stamp(unsigned), pades.ErrNoSignature},
		"a document stamp is over it":    {stamp(archived), pades.ErrNoSignature},
		"no report":                      {preserve(plain, nil), pades.ErrNoEvidence},
		"a report of another document":   {preserve(unsigned, unchecked), pades.ErrNoEvidence},
		"revocation was not asked for":   {preserve(plain, unchecked), pades.ErrNoEvidence},
		"an authority that lies":         {pades.Stamp(t.Context(), bytes.NewReader(plain), int64(len(plain)), new(bytes.Buffer), liar{w}), pades.ErrToken},
		"an authority that says nothing": {pades.Stamp(t.Context(), bytes.NewReader(plain), int64(len(plain)), new(bytes.Buffer), liar{}), pades.ErrToken},
	} {
		if !errors.Is(tt.got, tt.want) {
			t.Errorf("%s: got %v, want %v", name, tt.got, tt.want)
		}
	}
}

// liar stamps something else, or nothing.
type liar struct{ w *world }

func (l liar) Timestamp(_ context.Context, hash crypto.Hash, digest []byte) ([]byte, error) {
	if l.w == nil {
		return nil, nil
	}
	other := bytes.Clone(digest)
	other[0] ^= 1
	return l.w.tsa.Token(l.w.now, hash, other)
}
