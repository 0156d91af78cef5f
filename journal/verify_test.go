package journal_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"testing"
	"time"

	"github.com/motcua/motcua/journal"
)

// edited shows another journal's records as somebody has changed them.
type edited struct {
	journal.Journal
	edit func(*journal.Record)
}

func (e edited) Tail(ctx context.Context, position int64) iter.Seq2[journal.Record, error] {
	return e.edited(e.Journal.Tail(ctx, position))
}

func (e edited) Read(ctx context.Context, s journal.Stream, after int64) iter.Seq2[journal.Record, error] {
	return e.edited(e.Journal.Read(ctx, s, after))
}

func (e edited) edited(records iter.Seq2[journal.Record, error]) iter.Seq2[journal.Record, error] {
	return func(yield func(journal.Record, error) bool) {
		for r, err := range records {
			e.edit(&r)
			if r.Seq > 0 && !yield(r, err) {
				return
			}
		}
	}
}

// audited is a journal whose look-up tables contradict its facts.
type audited struct{ journal.Journal }

func (audited) AuditIndex(context.Context) error {
	return &journal.BrokenError{Position: 7, Rule: "head"}
}

func written(t *testing.T) *journal.Memory {
	t.Helper()
	j := journal.NewMemory()
	for n := range 12 {
		stream, err := journal.ParseStream(fmt.Sprintf("dossier/%d", n%3))
		if err != nil {
			t.Fatal(err)
		}
		fact := journal.Fact{Kind: "dossier.noted", Actor: "officer-7", At: time.Unix(1.8e9, 0),
			Body: fmt.Appendf(nil, `{"n":%d}`, n), Private: []byte("Trần Thị Mỹ Vĩnh"), Subject: "subject-1",
			Command: journal.NewCommand(fmt.Sprint(n)), Keys: []journal.Key{{Name: "unit", Value: "H26.1", Sort: int64(n)}}}
		if _, err := j.Append(t.Context(), stream, int64(n/3), fact); err != nil {
			t.Fatal(err)
		}
	}
	return j
}

func TestVerifyFindsEveryEdit(t *testing.T) {
	const place = 5 // the second record of dossier/1
	other, err := journal.ParseStream("dossier/2")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name string
		want int64
		edit func(*journal.Record)
	}{
		{"position", place, func(r *journal.Record) { r.Position = 3 }},
		{"stream", place, func(r *journal.Record) { r.Stream = other }},
		{"sequence", place, func(r *journal.Record) { r.Seq++ }},
		{"part", place, func(r *journal.Record) { r.Part = 1 }},
		{"part far off", place, func(r *journal.Record) { r.Part = 9 }},
		{"kind", place, func(r *journal.Record) { r.Kind = "dossier.refused" }},
		{"actor", place, func(r *journal.Record) { r.Actor = "officer-8" }},
		{"time", place, func(r *journal.Record) { r.At = r.At.Add(time.Microsecond) }},
		{"body", place, func(r *journal.Record) { r.Body[5] ^= 1 }},
		{"private half", place, func(r *journal.Record) { r.Private[0] ^= 1 }},
		{"private half gone", place, func(r *journal.Record) { r.Private = nil }},
		{"subject", place, func(r *journal.Record) { r.Subject = "subject-2" }},
		{"command key", place, func(r *journal.Record) { r.Command.Key += "x" }},
		{"command sum", place, func(r *journal.Record) { r.Command.Sum[31] ^= 1 }},
		{"key's value", place, func(r *journal.Record) { r.Keys[0].Value = "H26.2" }},
		{"key's sort", place, func(r *journal.Record) { r.Keys[0].Sort++ }},
		{"keys emptied", place, func(r *journal.Record) { r.Keys = []journal.Key{} }},
		{"keys unstated", place, func(r *journal.Record) { r.Keys = nil }},
		{"previous hash", place, func(r *journal.Record) { r.Prev[0] ^= 1 }},
		{"hash", place, func(r *journal.Record) { r.Hash[0] ^= 1 }},
		{"removed", place + 3, func(r *journal.Record) { r.Seq = 0 }},
		{"edited and hashed again", place + 3, func(r *journal.Record) { r.Actor = "officer-8"; r.Hash = r.Digest() }},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := journal.Verify(t.Context(), edited{written(t), func(r *journal.Record) {
				if r.Position == place {
					test.edit(r)
				}
			}})
			var broken *journal.BrokenError
			if !errors.As(err, &broken) || !errors.Is(err, journal.ErrBroken) {
				t.Fatalf("got %v, want *BrokenError", err)
			}
			if want := test.want; broken.Position != want && !(test.name == "position" && broken.Position == 3) {
				t.Errorf("got position %d (%s), want %d", broken.Position, broken.Rule, want)
			}
		})
	}
}

func TestVerifyAsksTheAuditor(t *testing.T) {
	sum, err := journal.Verify(t.Context(), audited{written(t)})
	var broken *journal.BrokenError
	if !errors.As(err, &broken) || broken.Position != 7 || sum.Facts != 12 || sum.Streams != 3 {
		t.Errorf("got %+v, %v, want the auditor's verdict after 12 facts", sum, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := journal.Verify(ctx, written(t)); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: got %v", err)
	}
}

func TestVerifyStream(t *testing.T) {
	stream, err := journal.ParseStream("dossier/1")
	if err != nil {
		t.Fatal(err)
	}
	j := written(t)
	records, err := journal.Load(t.Context(), j, stream)
	if err != nil {
		t.Fatal(err)
	}
	want := journal.Head{Seq: 4, Hash: records[3].Hash}
	if head, err := journal.VerifyStream(t.Context(), j, stream); err != nil || head != want {
		t.Errorf("got %+v, %v, want %+v", head, err, want)
	}
	_, err = journal.VerifyStream(t.Context(), edited{j, func(r *journal.Record) {
		if r.Seq == 3 {
			r.Body[5] ^= 1
		}
	}}, stream)
	var broken *journal.BrokenError
	if !errors.As(err, &broken) || broken.Position != records[2].Position || broken.Seq != 3 {
		t.Errorf("edited: got %v, want *BrokenError at position %d", err, records[2].Position)
	}
}
