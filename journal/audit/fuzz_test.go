package audit_test

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"github.com/motcua/motcua/journal/audit"
)

// A log whose key everybody knows, so that fuzzers reach what lies behind the signature.
const fuzzSecret = "PRIVATE+KEY+motcua.example.vn/so+6c23804d+AQABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"

func fuzzOffice(f *testing.F) (*office, *audit.Verifier) {
	f.Helper()
	s, err := audit.ParseSigner(fuzzSecret)
	if err != nil {
		f.Fatal(err)
	}
	o := &office{tb: f, dir: f.TempDir(), signer: s, journal: written(f, 40), now: start.Add(time.Minute)}
	o.open(o.journal)
	o.checkpoint()
	return o, newVerifier(f, s.Key(), audit.Policy{})
}

// FuzzBundle never panics, and answers with a finding or with a proof whose records are those of the journal.
func FuzzBundle(f *testing.F) {
	o, v := fuzzOffice(f)
	f.Add(o.prove(audit.Selection{Positions: []int64{1}}))
	f.Add(o.prove(audit.Selection{Positions: []int64{15, 40}, Since: []audit.Checkpoint{o.log.Last()}}))
	f.Add([]byte(`{"format":"motcua-proof-1","checkpoint":"","records":[{}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		p, err := v.Bundle(raw)
		if err != nil {
			if !errors.As(err, new(*audit.FindingError)) {
				t.Fatalf("error of type %T", err)
			}
			return
		}
		for _, r := range p.Records {
			if want := factOf(int(r.Index)); !bytes.Equal(r.Body, want.Body) || r.Actor != want.Actor || !r.At.Equal(want.At) {
				t.Fatalf("proved something else at %d", r.Index)
			}
		}
	})
}

// FuzzCheckpoint reads back what it accepts.
func FuzzCheckpoint(f *testing.F) {
	o, v := fuzzOffice(f)
	f.Add(o.log.Last().Note())
	f.Add([]byte("motcua.example.vn/so\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n— x AAAAAAAA\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		c, err := v.Checkpoint(raw)
		if err != nil {
			if !errors.As(err, new(*audit.FindingError)) {
				t.Fatalf("error of type %T", err)
			}
			return
		}
		again, err := v.Checkpoint(c.Note())
		if err != nil || again.String() != c.String() || !bytes.Equal(c.Note(), raw) {
			t.Fatalf("read back as %v, %v", again, err)
		}
	})
}

// FuzzCheckpointFile reads lines until the first that does not hold, and never one that shrinks.
func FuzzCheckpointFile(f *testing.F) {
	_, v := fuzzOffice(f)
	f.Add([]byte("{\"checkpoint\":\"\"}\n"))
	f.Add([]byte("\n\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		size := int64(-1)
		for c, err := range v.Checkpoints(bytes.NewReader(raw)) {
			if err != nil {
				if !errors.As(err, new(*audit.FindingError)) {
					t.Fatalf("error of type %T", err)
				}
				return
			}
			if c.Size() < size {
				t.Fatal("a file that shrinks")
			}
			size = c.Size()
		}
	})
}

func FuzzKey(f *testing.F) {
	s, err := audit.ParseSigner(fuzzSecret)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(s.Key().String())
	f.Add(s.WitnessKey().String())
	f.Add(fuzzSecret)
	f.Fuzz(func(t *testing.T, text string) {
		if k, err := audit.ParseKey(text); err == nil && k.String() != text {
			t.Fatalf("%q read back as %q", text, k)
		}
		if s, err := audit.ParseSigner(text); err == nil && s.Key().IsZero() {
			t.Fatal("a signer without a key")
		}
	})
}
