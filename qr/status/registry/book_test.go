package registry_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/qr"
	"github.com/motcua/motcua/qr/status"
	"github.com/motcua/motcua/qr/status/registry"
)

// FuzzBook reads books that somebody else has written into: a registry refuses them, or keeps a list in which every code
// has a place of its own.
func FuzzBook(f *testing.F) {
	kinds := []string{"qr.code-issued", "qr.code-revoked", "qr.code-suspended", "qr.code-resumed", "qr.rate-exceeded", "qr.list-opened", "x"}
	issued := []byte(`{"expires":1,"id":"0102030405060708","index":7,"kind":"receipt","sum":"00"}`)
	changed := []byte(`{"decoys":[8,9],"id":"0102030405060708","reason":"lost"}`)
	f.Add(uint8(0), issued, uint8(1), changed)
	f.Add(uint8(0), issued, uint8(2), changed)
	f.Add(uint8(0), issued, uint8(4), []byte(`{"count":3,"limit":"all","refused":true}`))
	f.Add(uint8(5), []byte(`{}`), uint8(6), []byte(`[]`))
	f.Fuzz(func(t *testing.T, kind1 uint8, body1 []byte, kind2 uint8, body2 []byte) {
		opened := fmt.Sprintf(`{"agency":"H26.12","list":2026,"size":4096,"uri":%q}`, listURI)
		facts := []registry.Fact{{Seq: 1, Kind: "qr.list-opened", Body: []byte(opened)},
			{Seq: 2, Kind: kinds[int(kind1)%len(kinds)], Body: body1, At: noon}, {Seq: 3, Kind: kinds[int(kind2)%len(kinds)], Body: body2, At: noon}}
		r, err := registry.Open(t.Context(), shelf{facts}, newIssuer(t, func() time.Time { return noon }),
			registry.List{Number: 2026, Size: 4096, URI: listURI},
			registry.Config{Now: func() time.Time { return noon }, Limits: []registry.Limit{{Name: "all", Most: 1, Within: time.Hour}}})
		if err != nil {
			if !errors.As(err, new(*registry.BrokenError)) {
				t.Fatal(err)
			}
			return
		}
		place, known, err := r.Lookup(t.Context(), qr.ID{1, 2, 3, 4, 5, 6, 7, 8})
		if err != nil || known && (place.Index >= 4096 || place.Status > status.Suspended) {
			t.Fatalf("%+v, %v", place, err)
		}
	})
}

func BenchmarkIssue(b *testing.B) {
	d := newDesk(b, book{journal.NewMemory()}, registry.List{Number: 1, Size: 1 << 22, URI: listURI}, registry.Config{
		Limits: []registry.Limit{{Name: "day", Most: 100_000, Within: 24 * time.Hour}}})
	b.ReportAllocs()
	for b.Loop() {
		if _, err := d.Issue(b.Context(), "officer-1", receipt()); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkOpen reads a book of fifty thousand codes.
func BenchmarkOpen(b *testing.B) {
	store := book{journal.NewMemory()}
	list := registry.List{Number: 1, Size: 1 << 20, URI: listURI}
	d := newDesk(b, store, list, registry.Config{})
	batch := make([]qr.Claims, 50)
	for i := range batch {
		batch[i] = receipt()
	}
	for range 1000 {
		if _, err := d.IssueBatch(b.Context(), "officer-1", batch); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		newDesk(b, store, list, registry.Config{})
	}
}
