package audit_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/journal/audit"
)

// shown is what a proof says, for comparison.
func shown(p *audit.Proof) string {
	return fmt.Sprintf("%+v %+v %+v", p.Checkpoint, p.Stamped, p.Records)
}

// TestOneCitizensRecords proves what is about one person and shows nothing of anybody else.
func TestOneCitizensRecords(t *testing.T) {
	j := written(t, 100)
	o := newOffice(t, j)
	o.checkpoint()
	raw := o.prove(audit.Selection{Subject: "subject-3"})
	p, err := o.verifier.Bundle(raw)
	if err != nil {
		t.Fatal(err)
	}
	var want []int64
	for n := range 100 {
		if n%3 == 0 && n%5 == 3 {
			want = append(want, int64(n))
		}
	}
	var got []int64
	for _, r := range p.Records {
		got = append(got, r.Index)
		f := factOf(int(r.Index))
		if r.Subject != "subject-3" || !bytes.Equal(r.Body, f.Body) || !r.At.Equal(f.At) || r.Actor != f.Actor || r.Position != 0 {
			t.Errorf("record %d: %+v", r.Index, r)
		}
		if full := (&journal.Record{Fact: f}); r.Private != nil || r.PrivateSum != full.PrivateSum() {
			t.Errorf("record %d: private half shown or its digest wrong", r.Index)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("proved %v, want %v", got, want)
	}
	for _, other := range []string{"subject-0", "subject-1", "subject-2", "subject-4", "Nghĩa"} {
		if bytes.Contains(raw, []byte(other)) {
			t.Errorf("the bundle shows %s", other)
		}
	}
}

// TestOneStream shows a stream whole, from its first record, and says so.
func TestOneStream(t *testing.T) {
	j := written(t, 100)
	o := newOffice(t, j)
	o.checkpoint()
	write(t, j, 100, 120) // not under the checkpoint
	s := streamOf(t, "dossier/2")
	p, err := o.verifier.Bundle(o.prove(audit.Selection{Streams: []journal.Stream{s}}))
	if err != nil {
		t.Fatal(err)
	}
	if got := p.Spans(); len(got) != 1 || got[0] != (audit.Span{Stream: s, First: 1, Last: 20}) {
		t.Errorf("spans %v, want one of 1 to 20", got)
	}
	p, err = o.verifier.Bundle(o.prove(audit.Selection{Positions: []int64{3, 8, 18, 3, 20}}))
	if err != nil {
		t.Fatal(err)
	}
	want := []audit.Span{{Stream: s, First: 1, Last: 2}, {Stream: s, First: 4, Last: 4}, {Stream: streamOf(t, "dossier/4"), First: 4, Last: 4}}
	if got := p.Spans(); !slices.Equal(got, want) {
		t.Errorf("spans %v, want %v", got, want)
	}
	_, err = o.log.Prove(t.Context(), audit.Selection{Positions: []int64{101}})
	wantFinding(t, err, audit.ErrUncovered, "uncovered")
	_, err = o.log.Prove(t.Context(), audit.Selection{Streams: []journal.Stream{streamOf(t, "dossier/none")}})
	wantFinding(t, err, audit.ErrUncovered, "uncovered")
}

// TestProofIsSmall holds everything around a record to two kilobytes; the path grows by 43 characters a doubling.
func TestProofIsSmall(t *testing.T) {
	o := newOffice(t, written(t, 1000))
	o.checkpoint()
	raw := o.prove(audit.Selection{Positions: []int64{501}})
	var b struct {
		Checkpoint string
		Records    []struct{ Path []byte }
	}
	if err := json.Unmarshal(raw, &b); err != nil {
		t.Fatal(err)
	}
	if levels := len(b.Records[0].Path) / 32; levels != 10 {
		t.Errorf("path of %d hashes among 1,000, want 10", levels)
	}
	if fixed := len(b.Checkpoint) + 26*43; fixed > 2000 {
		t.Errorf("%d bytes of checkpoint and path among 50 million, want at most 2,000", fixed)
	}
}

// TestEverySingleBit flips bits of a bundle: each flip is refused, or changes nothing of what is proven. Two bits of each
// byte are flipped, and all eight with MOTCUA_NIGHTLY=1.
func TestEverySingleBit(t *testing.T) {
	j := written(t, 12)
	o := newOffice(t, j)
	first := o.checkpoint()
	for n := 12; n < 20; n++ {
		f := factOf(n)
		f.At = o.now.Add(time.Duration(n) * time.Second)
		if _, err := j.Append(t.Context(), streamOf(t, fmt.Sprintf("dossier/%d", n)), 0, f); err != nil {
			t.Fatal(err)
		}
	}
	o.now = o.now.Add(time.Hour)
	o.checkpoint()
	raw := o.prove(audit.Selection{Positions: []int64{4, 13}, Since: []audit.Checkpoint{first}})
	good, err := o.verifier.Bundle(raw)
	if err != nil {
		t.Fatal(err)
	}
	want, harmless := shown(good), 0
	for i := range len(raw) * 8 {
		if (i%8-i/8)%4 != 0 && os.Getenv("MOTCUA_NIGHTLY") == "" {
			continue
		}
		raw[i/8] ^= 1 << (i % 8)
		if p, err := o.verifier.Bundle(raw); err == nil {
			if harmless++; shown(p) != want || len(p.Links) != 1 {
				t.Errorf("bit %d of byte %d (%q): another content is proven", i%8, i/8, raw[i/8])
			}
		} else if !errors.As(err, new(*audit.FindingError)) {
			t.Errorf("bit %d: error of type %T", i, err)
		}
		raw[i/8] ^= 1 << (i % 8)
	}
	if harmless > len(raw)*8/100 { // letters of hexadecimal digests in upper case, white space at the end
		t.Errorf("%d of %d flips go unnoticed", harmless, len(raw)*8)
	}
}

// TestForgedBundles edits a bundle with care.
func TestForgedBundles(t *testing.T) {
	j := written(t, 60)
	o := newOffice(t, j)
	o.checkpoint()
	raw := string(o.prove(audit.Selection{Streams: []journal.Stream{streamOf(t, "dossier/3")}}))
	other := newOffice(t, j)
	other.checkpoint()
	swap := func(a, b string) string {
		if !strings.Contains(raw, a) {
			t.Fatalf("no %q in the bundle", a)
		}
		return strings.Replace(raw, a, b, 1)
	}
	for _, tt := range []struct {
		name, bundle string
		kind         error
		rule         string
	}{
		{"body", swap(`{\"n\":3,`, `{\"n\":4,`), audit.ErrAltered, "root"},
		{"actor", swap("officer-7", "officer-8"), audit.ErrAltered, "root"},
		{"subject", swap("subject-3", "subject-4"), audit.ErrAltered, "root"},
		{"index", swap(`"index":3,`, `"index":4,`), audit.ErrAltered, "root"},
		{"sequence", swap(`"seq":2,`, `"seq":3,`), audit.ErrAltered, "root"},
		{"keys unstated", swap(`"keys":[],`, ``), audit.ErrAltered, "root"},
		{"time with another spelling", swap(`"at":"2026-11-18T01:30:03.000000Z"`, `"at":"2026-11-18T08:30:03.000000+07:00"`), audit.ErrMalformed, "record"},
		{"time with a comma", swap(`01:30:03.000000Z`, `01:30:03,000000Z`), audit.ErrMalformed, "record"},
		{"records in another order", reorder(t, raw), audit.ErrMalformed, "format"},
		{"stream", swap("dossier/3", "Dossier 3"), audit.ErrMalformed, "record"},
		{"unknown member", swap(`"seq":`, `"note":1,"seq":`), audit.ErrMalformed, "json"},
		{"member twice", swap(`"seq":1`, `"seq":1,"seq":1`), audit.ErrMalformed, "json"},
		{"member in another case", swap(`"seq":1`, `"Seq":1`), audit.ErrMalformed, "json"},
		{"something behind", raw + raw, audit.ErrMalformed, "json"},
		{"not JSON", "%PDF-1.7", audit.ErrMalformed, "json"},
		{"cut", raw[:len(raw)/2], audit.ErrMalformed, "json"},
		{"not UTF-8", swap("officer-7", "officer-\xff"), audit.ErrMalformed, "json"},
		{"deep", strings.Repeat("[", 100000), audit.ErrMalformed, "json"},
		{"large", strings.Repeat(" ", audit.MaxBundle+1), audit.ErrMalformed, "bounds"},
		{"another format", swap("motcua-proof-1", "motcua-proof-2"), audit.ErrMalformed, "format"},
		{"no records", `{"format":"motcua-proof-1","checkpoint":"","records":[]}`, audit.ErrMalformed, "bounds"},
		{"another log", string(other.prove(audit.Selection{Positions: []int64{1}})), audit.ErrSignature, "signature"},
		{"path shortened", swap(`"path":"`, `"path":"AAAA`), audit.ErrMalformed, "json"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := o.verifier.Bundle([]byte(tt.bundle))
			wantFinding(t, err, tt.kind, tt.rule)
			if strings.Contains(err.Error(), "officer") || strings.Contains(err.Error(), "subject") {
				t.Error("the error quotes the record")
			}
		})
	}
	t.Run("printed again", func(t *testing.T) {
		var pretty bytes.Buffer
		if err := json.Indent(&pretty, []byte(raw), "", "  "); err != nil {
			t.Fatal(err)
		}
		if _, err := o.verifier.Bundle(pretty.Bytes()); err != nil {
			t.Errorf("white space matters: %v", err)
		}
	})
}

func TestTooManyRecords(t *testing.T) {
	j := journal.NewMemory()
	facts := make([]journal.Fact, journal.MaxFacts)
	for i := range facts {
		facts[i] = factOf(1)
	}
	s := streamOf(t, "dossier/long")
	for n := 0; n <= audit.MaxRecords; n += len(facts) {
		if _, err := j.Append(t.Context(), s, int64(n), facts...); err != nil {
			t.Fatal(err)
		}
	}
	o := newOffice(t, j)
	o.checkpoint()
	_, err := o.log.Prove(t.Context(), audit.Selection{Streams: []journal.Stream{s}})
	wantFinding(t, err, audit.ErrMalformed, "bounds")
}

// TestProveFindsAChangedJournal will not prove what was not signed for.
func TestProveFindsAChangedJournal(t *testing.T) {
	j := written(t, 100)
	o := newOffice(t, j)
	o.checkpoint()
	o.open(rewritten(t, j, func(all records) records { all[40].Actor = "officer-8"; return all[:90] }))
	_, err := o.log.Prove(t.Context(), audit.Selection{Positions: []int64{41}})
	wantFinding(t, err, audit.ErrAltered, "edited")
	_, err = o.log.Prove(t.Context(), audit.Selection{Positions: []int64{95}})
	wantFinding(t, err, audit.ErrCut, "cut")
	if _, err := o.verifier.Bundle(o.prove(audit.Selection{Positions: []int64{39}})); err != nil {
		t.Errorf("what is intact can still be proven: %v", err)
	}
	if err := flip(o.dir+"/leaves", 40*10); err != nil {
		t.Fatal(err)
	}
	_, err = o.log.Prove(t.Context(), audit.Selection{Positions: []int64{10}})
	wantFinding(t, err, audit.ErrAltered, "tree")
}

func TestProveUnderAStrangersCheckpoint(t *testing.T) {
	o := newOffice(t, written(t, 10))
	o.checkpoint()
	other := newOffice(t, written(t, 9))
	c := other.checkpoint()
	_, err := o.log.Prove(t.Context(), audit.Selection{Positions: []int64{1}, Under: c})
	wantFinding(t, err, audit.ErrUnlinked, "unlinked")
	bigger := newOffice(t, written(t, 20))
	_, err = o.log.Prove(t.Context(), audit.Selection{Positions: []int64{1}, Since: []audit.Checkpoint{bigger.checkpoint()}})
	wantFinding(t, err, audit.ErrUnlinked, "unlinked")
	renamed := newSigner(t, "motcua.example.vn/khac")
	l, err := audit.Open(t.TempDir(), o.journal, renamed.Key(), audit.Config{Signer: renamed})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	same, err := l.Checkpoint(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_, err = o.log.Prove(t.Context(), audit.Selection{Positions: []int64{1}, Since: []audit.Checkpoint{same}})
	wantFinding(t, err, audit.ErrUnlinked, "unlinked")
	empty := newOffice(t, journal.NewMemory())
	_, err = empty.log.Prove(t.Context(), audit.Selection{Positions: []int64{1}})
	wantFinding(t, err, audit.ErrUncovered, "uncovered")
}

// TestSignedForABrokenChain is a log whose operator signed for records of one stream that do not follow each other.
func TestSignedForABrokenChain(t *testing.T) {
	for _, tt := range []struct {
		name      string
		positions []int64
		edit      func(*journal.Record)
	}{
		{"previous hash", []int64{4, 9, 14}, func(r *journal.Record) { r.Prev[0] ^= 1 }},
		{"sequence going back", []int64{9, 14}, func(r *journal.Record) { r.Seq = 1; r.Prev = journal.Hash{} }},
		{"first of its stream, and yet behind another", []int64{14}, func(r *journal.Record) { r.Seq = 1 }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := newOffice(t, written(t, 40))
			o.open(edited{o.journal, func(r *journal.Record) {
				if r.Position == 14 { // the third of dossier/3
					tt.edit(r)
					r.Hash = r.Digest()
				}
			}})
			o.checkpoint()
			_, err := o.verifier.Bundle(o.prove(audit.Selection{Positions: tt.positions}))
			var f *audit.FindingError
			if !errors.As(err, &f) || f.Rule != "chain" && f.Rule != "record" || f.Index != 13 {
				t.Errorf("got %v, want a finding at leaf 13", err)
			}
		})
	}
}

// reorder swaps the first two records of a bundle.
func reorder(tb testing.TB, raw string) string {
	tb.Helper()
	var b map[string]any
	dec := json.NewDecoder(strings.NewReader(raw))
	dec.UseNumber()
	if err := dec.Decode(&b); err != nil {
		tb.Fatal(err)
	}
	records := b["records"].([]any)
	records[0], records[1] = records[1], records[0]
	out, err := json.Marshal(b)
	if err != nil {
		tb.Fatal(err)
	}
	return string(out)
}
