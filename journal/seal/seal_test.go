package seal_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/journal/journaltest"
	"github.com/motcua/motcua/journal/seal"
	"github.com/motcua/motcua/journal/sqlite"
)

// A sealed journal keeps every promise of the port.
func TestPort(t *testing.T) {
	journaltest.Run(t, func(tb testing.TB) journal.Journal {
		return sealed(tb, journal.NewMemory(), newSafe(tb))
	}, journaltest.Config{MaxPrivate: seal.MaxPrivate})
}

// A killed process leaves neither a fact without its key nor a key that another one doubles.
func TestCrash(t *testing.T) {
	journaltest.Crash(t, func(tb testing.TB, dir string) journal.Journal {
		below := must(sqlite.Open(context.Background(), filepath.Join(dir, "journal.db"), sqlite.Config{}))(tb)
		tb.Cleanup(func() { below.Close() })
		ring, err := seal.OpenKeyring(filepath.Join(dir, "ring"))
		if errors.Is(err, os.ErrNotExist) {
			ring, err = seal.CreateKeyring(filepath.Join(dir, "ring"))
		}
		return sealed(tb, below, openSafe(tb, dir, must(ring, err)(tb), seal.DirConfig{}))
	}, 4)
}

func TestBelowHoldsNothingInClear(t *testing.T) {
	below := journal.NewMemory()
	j := sealed(t, below, newSafe(t))
	fact := filed(1, nghia, secret)
	returned := mustAppend(t, j, "dossier/1", 0, fact)
	if string(fact.Private) != secret {
		t.Error("the caller's fact was changed")
	}
	hits := must(j.Find(t.Context(), journal.Query{Name: "unit", Value: "H26.1"}))(t).Hits
	for name, r := range map[string]journal.Record{
		"append": returned[0], "read": load(t, j, "dossier/1")[0], "find": hits[0].Head,
	} {
		if string(r.Private) != secret || r.IsErased() || r.Digest() != r.Hash || len(r.Sealed) != len(secret)+seal.Overhead {
			t.Errorf("%s: got private half of %d bytes, erased %v, digest holds %v", name, len(r.Private), r.IsErased(),
				r.Digest() == r.Hash)
		}
	}
	stored := load(t, below, "dossier/1")[0]
	if bytes.Contains(stored.Private, []byte("Ngh")) || !bytes.Equal(stored.Private, returned[0].Sealed) {
		t.Error("the journal below does not hold the sealed half")
	}
	for name, verified := range map[string]journal.Journal{"with keys": j, "without": below} {
		if sum := verify(t, verified); sum.Facts != 1 {
			t.Errorf("verify %s: got %+v", name, sum)
		}
	}
	if head, err := journal.VerifyStream(t.Context(), j, stored.Stream); err != nil || head.Hash != stored.Hash {
		t.Errorf("verify the stream: got %+v, %v", head, err)
	}
	// Another key store is a mistake, not an erasure.
	_, err := journal.Load(t.Context(), sealed(t, below, newSafe(t)), stored.Stream)
	if missing, ok := errors.AsType[*seal.KeyError](err); !ok || !errors.Is(err, seal.ErrNoKey) || missing.Act != "read" {
		t.Errorf("with other keys: got %v, want a missing key", err)
	}
}

func TestEqualHalvesDiffer(t *testing.T) {
	j := sealed(t, journal.NewMemory(), newSafe(t))
	a := mustAppend(t, j, "dossier/1", 0, filed(1, nghia, secret))
	b := mustAppend(t, j, "dossier/2", 0, filed(1, nghia, secret))
	if bytes.Equal(a[0].Sealed, b[0].Sealed) || bytes.Equal(a[0].Sealed[20:], b[0].Sealed[20:]) {
		t.Error("the same half twice is the same in the store")
	}
	if a[0].Hash == b[0].Hash {
		t.Error("equal hashes")
	}
}

// A half that is put anywhere else does not open, even when whoever moved it can compute the chain anew.
func TestTransplants(t *testing.T) {
	keys := newSafe(t)
	below := journal.NewMemory()
	j := sealed(t, below, keys)
	mustAppend(t, j, "dossier/victim", 0, filed(1, nghia, secret), filed0(2, nghia, "another half"))
	mustAppend(t, j, "dossier/other", 0, filed(1, vinh, "Trần Thị Mỹ Vĩnh"))
	stored := load(t, below, "dossier/victim")[0].Fact
	flip := func(i int) func(*journal.Fact) {
		return func(f *journal.Fact) { f.Private = bytes.Clone(f.Private); f.Private[i] ^= 1 }
	}
	for _, test := range []struct {
		name, stream string
		before       int // facts that stand in front of it
		edit         func(*journal.Fact)
		want         error
	}{
		{"nothing but the chain's place", "dossier/victim", 0, func(*journal.Fact) {}, nil},
		{"other look-up keys", "dossier/victim", 0, func(f *journal.Fact) { f.Keys = nil }, nil},
		{"another stream", "dossier/other", 0, func(*journal.Fact) {}, journal.ErrBroken},
		{"another place", "dossier/victim", 1, func(*journal.Fact) {}, journal.ErrBroken},
		{"another body", "dossier/victim", 0, func(f *journal.Fact) { f.Body = []byte(`{"n":2}`) }, journal.ErrBroken},
		{"another kind", "dossier/victim", 0, func(f *journal.Fact) { f.Kind = "dossier.refused" }, journal.ErrBroken},
		{"another actor", "dossier/victim", 0, func(f *journal.Fact) { f.Actor = "officer-7" }, journal.ErrBroken},
		{"another time", "dossier/victim", 0, func(f *journal.Fact) { f.At = at.Add(1e6) }, journal.ErrBroken},
		{"another command", "dossier/victim", 0, func(f *journal.Fact) { f.Command = journal.Command{} }, journal.ErrBroken},
		{"another subject", "dossier/victim", 0, func(f *journal.Fact) { f.Subject = vinh }, seal.ErrNoKey},
		{"a subject without keys", "dossier/victim", 0, func(f *journal.Fact) { f.Subject = "nobody" }, seal.ErrNoKey},
		{"another version", "dossier/victim", 0, flip(0), journal.ErrBroken},
		{"another key", "dossier/victim", 0, flip(5), seal.ErrNoKey},
		{"another nonce", "dossier/victim", 0, flip(21), journal.ErrBroken},
		{"another text", "dossier/victim", 0, flip(40), journal.ErrBroken},
		{"in clear", "dossier/victim", 0, func(f *journal.Fact) { f.Private = []byte(secret) }, journal.ErrBroken},
		{"cut off", "dossier/victim", 0, func(f *journal.Fact) { f.Private = f.Private[:seal.Overhead-1] }, journal.ErrBroken},
	} {
		t.Run(test.name, func(t *testing.T) {
			forged := journal.NewMemory()
			for n := range test.before {
				mustAppend(t, forged, test.stream, int64(n), filed0(9, "", ""))
			}
			fact := stored
			test.edit(&fact)
			mustAppend(t, forged, test.stream, int64(test.before), fact)
			verify(t, forged) // the forger's chain is in order
			records, err := journal.Load(t.Context(), sealed(t, forged, keys), stream(t, test.stream))
			if !errors.Is(err, test.want) || test.want == nil && string(records[0].Private) != secret {
				t.Errorf("got %v, want %v", err, test.want)
			}
		})
	}
}

// filed0 is a fact without a command, with or without a private half.
func filed0(n int, subject, private string) journal.Fact {
	f := filed(n, subject, private)
	f.Command = journal.Command{}
	return f
}

func TestCommandAgain(t *testing.T) {
	j := sealed(t, journal.NewMemory(), newSafe(t))
	first := mustAppend(t, j, "dossier/1", 0, filed(1, nghia, secret), filed0(2, vinh, "of another"))
	again := mustAppend(t, j, "dossier/1", 7, filed(1, nghia, secret), filed0(2, vinh, "of another"))
	for i := range first {
		if again[i].Hash != first[i].Hash || !bytes.Equal(again[i].Private, first[i].Private) ||
			!bytes.Equal(again[i].Sealed, first[i].Sealed) {
			t.Errorf("record %d of the repetition differs", i)
		}
	}
	other := filed(1, nghia, "another request")
	if _, err := j.Append(t.Context(), stream(t, "dossier/1"), 0, other); !errors.Is(err, journal.ErrCommandReused) {
		t.Errorf("another request under the same key: got %v", err)
	}
	if err := j.Erase(t.Context(), nghia, seal.Order{Actor: "officer-7", Ground: "request 12"}); err != nil {
		t.Fatal(err)
	}
	again = mustAppend(t, j, "dossier/1", 0, filed(1, nghia, secret), filed0(2, vinh, "of another"))
	if !again[0].IsErased() || again[0].Hash != first[0].Hash || string(again[1].Private) != "of another" {
		t.Errorf("after the erasure: erased %v, the other's half %d bytes", again[0].IsErased(), len(again[1].Private))
	}
}

func TestRefusedBeforeAKeyIsMade(t *testing.T) {
	keys := newSafe(t)
	j := sealed(t, journal.NewMemory(), keys)
	for name, fact := range map[string]journal.Fact{
		"private": filed(1, nghia, string(make([]byte, seal.MaxPrivate+1))),
		"subject": filed(1, "", secret),
	} {
		_, err := j.Append(t.Context(), stream(t, "dossier/1"), 0, fact)
		invalid, ok := errors.AsType[*journal.InvalidError](err)
		if !ok || invalid.Field != name {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if exists(keys.file(nghia, 1)) || exists(keys.file("", 1)) {
		t.Error("a refused fact has left a key")
	}
	for name, make := range map[string]func() (*seal.Journal, error){
		"no journal":     func() (*seal.Journal, error) { return seal.New(nil, keys, seal.Config{}) },
		"no keys":        func() (*seal.Journal, error) { return seal.New(journal.NewMemory(), nil, seal.Config{}) },
		"negative bound": func() (*seal.Journal, error) { return seal.New(journal.NewMemory(), keys, seal.Config{ClearUntil: -1}) },
	} {
		if _, err := make(); err == nil {
			t.Errorf("%s: constructed", name)
		}
	}
}

// Sealing may begin in the midst of a journal's life.
func TestClearUntil(t *testing.T) {
	below, keys := journal.NewMemory(), newSafe(t)
	mustAppend(t, below, "dossier/1", 0, filed(1, nghia, "of before"))
	j := must(seal.New(below, keys, seal.Config{ClearUntil: 1}))(t)
	mustAppend(t, j, "dossier/1", 1, filed(2, nghia, secret))
	records := load(t, j, "dossier/1")
	if string(records[0].Private) != "of before" || string(records[1].Private) != secret {
		t.Error("got other halves than were written")
	}
	verify(t, j)
	// A bound that was set too far does not show ciphertext for what was said.
	far := must(seal.New(below, newSafe(t), seal.Config{ClearUntil: 9}))(t)
	if _, err := journal.Load(t.Context(), far, records[0].Stream); !errors.Is(err, seal.ErrNoKey) {
		t.Errorf("a sealed half before the bound, without its key: got %v", err)
	}
	mustAppend(t, below, "dossier/1", 2, filed(3, nghia, "behind the bound"))
	if _, err := journal.Load(t.Context(), j, records[0].Stream); !errors.Is(err, journal.ErrBroken) {
		t.Errorf("an unsealed half behind the bound: got %v", err)
	}
}

// A vendor's transaction and the sealed journal are one commit.
func TestOverTransaction(t *testing.T) {
	below := must(sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "journal.db"), sqlite.Config{}))(t)
	defer below.Close()
	j := sealed(t, below, newSafe(t))
	for _, commit := range []bool{false, true} {
		tx := must(below.DB().BeginTx(t.Context(), nil))(t)
		within := j.Over(below.WithTx(tx))
		mustAppend(t, within, "dossier/1", 0, filed(1, nghia, secret))
		if got := load(t, within, "dossier/1"); len(got) != 1 || string(got[0].Private) != secret {
			t.Fatal("the transaction does not see what it wrote")
		}
		if !commit {
			if err := tx.Rollback(); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if err := tx.Commit(); err != nil {
			t.Fatal(err)
		}
	}
	if got := load(t, j, "dossier/1"); len(got) != 1 || string(got[0].Private) != secret {
		t.Error("what was committed is not there")
	}
	verify(t, j)
}
