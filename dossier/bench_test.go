package dossier_test

import (
	"fmt"
	"testing"

	"github.com/motcua/motcua/dossier"
	"github.com/motcua/motcua/journal"
)

// BenchmarkAct is one act on a dossier of three facts: read, judge, append. BenchmarkBareAppend is its floor: reading
// the stream and appending the same bytes without asking anybody.
func BenchmarkAct(b *testing.B) {
	o := newOffice(b, journal.NewMemory(), nil)
	ready := make([]*dossier.Dossier, b.N)
	for i := range ready {
		ready[i] = o.accepted()
	}
	b.ReportAllocs()
	b.ResetTimer()
	for _, d := range ready {
		o.do(d, dossier.Assign, dossier.Officer)
	}
}

func BenchmarkBareAppend(b *testing.B) {
	o := newOffice(b, journal.NewMemory(), nil)
	last := o.do(o.accepted(), dossier.Assign, dossier.Officer)
	stream, err := last.ID.Stream()
	if err != nil {
		b.Fatal(err)
	}
	records, err := journal.Load(b.Context(), o.journal, stream)
	if err != nil {
		b.Fatal(err)
	}
	streams := make([]journal.Stream, b.N)
	for i := range streams {
		if streams[i], err = journal.ParseStream(fmt.Sprintf("bare/%d", i)); err != nil {
			b.Fatal(err)
		}
		if _, err := o.journal.Append(b.Context(), streams[i], 0, records[0].Fact, records[1].Fact); err == nil {
			b.Fatal("two commands in one append")
		}
		for n, r := range records[:2] {
			if _, err := o.journal.Append(b.Context(), streams[i], int64(n), r.Fact); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportAllocs()
	b.ResetTimer()
	for _, s := range streams {
		if _, err := journal.Load(b.Context(), o.journal, s); err != nil {
			b.Fatal(err)
		}
		if _, err := o.journal.Append(b.Context(), s, 2, records[2].Fact); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParseCode(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := dossier.ParseCode("000.17.22.H56-210531-0001"); err != nil {
			b.Fatal(err)
		}
	}
}
