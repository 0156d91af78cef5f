package seal_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/journal/seal"
)

var ordered = seal.Order{Actor: "officer-7", Ground: "Law 91/2025/QH15 art. 4, request 12"}

func erase(t *testing.T, j *seal.Journal, subject string) {
	t.Helper()
	if err := j.Erase(t.Context(), subject, ordered); err != nil {
		t.Fatal(err)
	}
}

func TestErase(t *testing.T) {
	below, keys := journal.NewMemory(), newSafe(t)
	j := sealed(t, below, keys)
	elsewhere := sealed(t, below, keys.again(t)) // another process, which has the key in its memory
	mustAppend(t, j, "dossier/1", 0, filed(1, nghia, secret), filed0(2, vinh, "Trần Thị Mỹ Vĩnh"), filed0(3, "", ""))
	load(t, elsewhere, "dossier/1")
	before := verify(t, below)
	erase(t, j, nghia)
	for name, reader := range map[string]*seal.Journal{"here": j, "elsewhere": elsewhere} {
		records := load(t, reader, "dossier/1")
		if r := records[0]; !r.IsErased() || r.Private != nil || r.Subject != nghia || string(r.Body) != `{"n":1}` {
			t.Errorf("%s: erased %v, %d bytes", name, r.IsErased(), len(r.Private))
		}
		if string(records[1].Private) != "Trần Thị Mỹ Vĩnh" || records[1].IsErased() || records[2].IsErased() {
			t.Errorf("%s: the erasure has gone too far", name)
		}
		if sum := verify(t, reader); sum.Facts != before.Facts+2 {
			t.Errorf("%s: got %+v", name, sum)
		}
	}
	// What is filed later has a key of its own, and another erasure takes that one too.
	mustAppend(t, elsewhere, "dossier/2", 0, filed(4, nghia, "a new dossier"))
	if r := load(t, j, "dossier/2")[0]; string(r.Private) != "a new dossier" || !load(t, j, "dossier/1")[0].IsErased() {
		t.Error("what came later is not there, or what was erased is back")
	}
	erase(t, elsewhere, nghia)
	if r := load(t, j, "dossier/2")[0]; !r.IsErased() {
		t.Error("the second erasure did nothing")
	}
	erase(t, j, nghia)
	erase(t, j, "somebody without a key")
	verify(t, j)
}

// hits of a list are erased like everything else, and the list stays.
func TestErasedInLists(t *testing.T) {
	j := sealed(t, journal.NewMemory(), newSafe(t))
	mustAppend(t, j, "dossier/1", 0, filed(1, nghia, secret))
	mustAppend(t, j, "dossier/2", 0, filed(2, vinh, "another"))
	erase(t, j, nghia)
	page := must(j.Find(t.Context(), journal.Query{Name: "unit", Value: "H26.1"}))(t)
	if len(page.Hits) != 2 || !page.Hits[0].Head.IsErased() || string(page.Hits[1].Head.Private) != "another" {
		t.Errorf("got %d hits, first erased %v", len(page.Hits), page.Hits[0].Head.IsErased())
	}
}

// What was ordered is on record, with who and why, and not with what.
func TestErasureIsOnRecord(t *testing.T) {
	below := journal.NewMemory()
	j := sealed(t, below, newSafe(t))
	mustAppend(t, j, "dossier/1", 0, filed(1, nghia, secret))
	erase(t, j, nghia)
	var kinds []string
	for r, err := range below.Tail(t.Context(), 1) {
		if err != nil {
			t.Fatal(err)
		}
		if r.Actor != ordered.Actor || r.Subject != nghia || !strings.Contains(string(r.Body), "request 12") || r.Private != nil {
			t.Errorf("%s: not what was ordered", r.Kind)
		}
		kinds = append(kinds, r.Kind)
	}
	if !slices.Equal(kinds, []string{"seal.erasure-ordered", "seal.erased"}) {
		t.Errorf("got %v", kinds)
	}
	for _, test := range []struct {
		field, subject string
		order          seal.Order
	}{
		{"subject", "", ordered}, {"subject", "a\x00", ordered}, {"ground", nghia, seal.Order{Actor: "officer-7"}},
		{"ground", nghia, seal.Order{Actor: "officer-7", Ground: strings.Repeat("x", 201)}},
		{"actor", nghia, seal.Order{Ground: "x"}},
	} {
		invalid, ok := errors.AsType[*journal.InvalidError](j.Erase(t.Context(), test.subject, test.order))
		if !ok || invalid.Field != test.field {
			t.Errorf("%s: got %v", test.field, invalid)
		}
	}
}

// stuck is a key store whose device is away.
type stuck struct{ seal.KeyStore }

var errAway = errors.New("device away")

func (stuck) Destroy(context.Context, string) error { return errAway }

func TestErasureCutShort(t *testing.T) {
	below, keys := journal.NewMemory(), newSafe(t)
	mustAppend(t, sealed(t, below, keys), "dossier/1", 0, filed(1, nghia, secret))
	broken := sealed(t, below, stuck{keys})
	for range 2 { // the second time, too, there is one order
		err := broken.Erase(t.Context(), nghia, ordered)
		if key, ok := errors.AsType[*seal.KeyError](err); !ok || key.Act != "destroy" || !errors.Is(err, errAway) {
			t.Errorf("got %v, want a *KeyError", err)
		}
	}
	j := sealed(t, below, keys)
	if got := must(j.Pending(t.Context()))(t); !slices.Equal(got, []string{nghia}) {
		t.Errorf("pending: got %v", got)
	}
	if load(t, j, "dossier/1")[0].IsErased() {
		t.Error("erased before the key was destroyed")
	}
	erase(t, j, nghia)
	if got := must(j.Pending(t.Context()))(t); len(got) != 0 || !load(t, j, "dossier/1")[0].IsErased() {
		t.Errorf("pending after it was done: %v", got)
	}
	if sum := verify(t, below); sum.Facts != 3 {
		t.Errorf("got %d facts, want one order and one end", sum.Facts)
	}
}
