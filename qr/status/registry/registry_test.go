package registry_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/journal/sqlite"
	"github.com/motcua/motcua/qr"
	"github.com/motcua/motcua/qr/status"
	"github.com/motcua/motcua/qr/status/registry"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.FixedZone("+07", 7*60*60))

const listURI = "https://qr.example.vn/h26.12/2026"

// book is the adapter of a journal.
type book struct{ journal.Journal }

func (b book) Append(ctx context.Context, stream string, after int64, facts ...registry.Fact) error {
	s, err := journal.ParseStream(stream)
	if err != nil {
		return err
	}
	out := make([]journal.Fact, len(facts))
	for i, f := range facts {
		out[i] = journal.Fact{Kind: f.Kind, Actor: f.Actor, At: f.At, Body: f.Body}
	}
	_, err = b.Journal.Append(ctx, s, after, out...)
	if errors.Is(err, journal.ErrConflict) {
		return registry.ErrConflict
	}
	return err
}

func (b book) Read(ctx context.Context, stream string, after int64) ([]registry.Fact, error) {
	s, err := journal.ParseStream(stream)
	if err != nil {
		return nil, err
	}
	var out []registry.Fact
	for r, err := range b.Journal.Read(ctx, s, after) {
		if err != nil {
			return nil, err
		}
		out = append(out, registry.Fact{Seq: r.Seq, Kind: r.Kind, Actor: r.Actor, At: r.At, Body: r.Body})
	}
	return out, nil
}

func key(letter byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{letter}, ed25519.SeedSize))
}

func newIssuer(tb testing.TB, clock func() time.Time) *qr.Issuer {
	tb.Helper()
	issuer, err := qr.NewIssuer(key('a'), "H26.12", qr.IssueConfig{Now: clock})
	if err != nil {
		tb.Fatal(err)
	}
	return issuer
}

func trust(tb testing.TB) *qr.TrustList {
	tb.Helper()
	data, err := qr.SignTrustList(key('r'), qr.TrustListDraft{
		Owner: "Cục mẫu", Version: 1, Issued: noon, Until: noon.AddDate(1, 0, 0),
		Keys: []qr.TrustedKey{{Public: key('a').Public(), Issuer: "H26.12", NotBefore: noon, NotAfter: noon.AddDate(1, 0, 0),
			Kinds: []qr.Kind{qr.KindPerson, qr.KindReceipt, qr.KindStatusList}, Procedures: []string{qr.AllProcedures}}},
	})
	if err != nil {
		tb.Fatal(err)
	}
	list, err := qr.ParseTrustList(data, key('r').Public())
	if err != nil {
		tb.Fatal(err)
	}
	return list
}

func receipt() qr.Claims {
	return qr.Claims{Expires: noon.AddDate(0, 6, 0), Body: qr.Receipt{Due: noon.AddDate(0, 0, 5), Paper: qr.Paper{
		Dossier: "H26.12-261120-0001", Procedure: "2.000635", Subject: "********4321", NameCode: "TN1", Source: "H26.12-MC",
		Published: noon}}}
}

func citizen() qr.Claims {
	return qr.Claims{Expires: noon.AddDate(0, 6, 0), Body: qr.Person{FullName: "Trần Thị Mỹ Vĩnh", Number: "001190012345"}}
}

// desk is a registry with a clock that stands still until it is moved.
type desk struct {
	*registry.Registry
	now   time.Time
	store registry.Store
}

func newDesk(tb testing.TB, store registry.Store, list registry.List, cfg registry.Config) *desk {
	tb.Helper()
	d := &desk{now: noon, store: store}
	cfg.Now = func() time.Time { return d.now }
	if list == (registry.List{}) {
		list = registry.List{Number: 2026, Size: 4096, URI: listURI}
	}
	r, err := registry.Open(tb.Context(), store, newIssuer(tb, cfg.Now), list, cfg)
	if err != nil {
		tb.Fatal(err)
	}
	d.Registry = r
	return d
}

func (d *desk) issue(tb testing.TB) qr.Code {
	tb.Helper()
	code, err := d.Issue(tb.Context(), "officer-1", receipt())
	if err != nil {
		tb.Fatal(err)
	}
	return code
}

// verdict is what a verifier says that has the list as it stands now.
func (d *desk) verdict(tb testing.TB, code qr.Code) qr.Verdict {
	tb.Helper()
	verifier, err := qr.NewVerifier(trust(tb), qr.VerifyConfig{Status: []*qr.StatusList{d.status(tb)}})
	if err != nil {
		tb.Fatal(err)
	}
	return verifier.Verify(code.Text(), d.now).Verdict
}

func (d *desk) status(tb testing.TB) *qr.StatusList {
	tb.Helper()
	data, err := d.StatusList(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	list, err := trust(tb).ParseStatusList(data)
	if err != nil {
		tb.Fatal(err)
	}
	return list
}

func ExampleRegistry() {
	ctx := context.Background()
	issuer, err := qr.NewIssuer(key('a'), "H26.12", qr.IssueConfig{})
	if err != nil {
		fmt.Println(err)
		return
	}
	store := book{journal.NewMemory()} // the adapter above; in life journal/sqlite or journal/postgres
	r, err := registry.Open(ctx, store, issuer, registry.List{Number: 2026, Size: 1 << 16, URI: listURI}, registry.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	claims := receipt()
	claims.Expires = time.Now().AddDate(0, 6, 0)
	code, err := r.Issue(ctx, "officer-1", claims)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(r.Revoke(ctx, "officer-2", code.ID(), "issued-in-error"))
	place, known, err := r.Lookup(ctx, code.ID())
	fmt.Println(place.Status, known, err)
	fmt.Println(errors.Is(r.Resume(ctx, "officer-2", code.ID(), "mistake"), registry.ErrState))
	// Output:
	// <nil>
	// revoked true <nil>
	// true
}

func TestLifeOfACode(t *testing.T) {
	journals := map[string]journal.Journal{"memory": journal.NewMemory()}
	db, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "book.db"), sqlite.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	journals["sqlite"] = db
	for name, j := range journals {
		d := newDesk(t, book{j}, registry.List{}, registry.Config{})
		code, other := d.issue(t), d.issue(t)
		ctx := t.Context()
		steps := []struct {
			name string
			act  func() error
			err  error
			want qr.Verdict
		}{
			{"issued", func() error { return nil }, nil, qr.Valid},
			{"resumed without a hold", func() error { return d.Resume(ctx, "o", code.ID(), "x") }, registry.ErrState, qr.Valid},
			{"suspended", func() error { return d.Suspend(ctx, "o", code.ID(), "under-review") }, nil, qr.Suspended},
			{"suspended again", func() error { return d.Suspend(ctx, "o", code.ID(), "x") }, registry.ErrState, qr.Suspended},
			{"resumed", func() error { return d.Resume(ctx, "o", code.ID(), "cleared") }, nil, qr.Valid},
			{"suspended once more", func() error { return d.Suspend(ctx, "o", code.ID(), "under-review") }, nil, qr.Suspended},
			{"revoked", func() error { return d.Revoke(ctx, "o", code.ID(), "lost") }, nil, qr.Revoked},
			{"revoked again", func() error { return d.Revoke(ctx, "o", code.ID(), "lost") }, registry.ErrState, qr.Revoked},
			{"resumed after all", func() error { return d.Resume(ctx, "o", code.ID(), "x") }, registry.ErrState, qr.Revoked},
			{"a code nobody issued", func() error { return d.Revoke(ctx, "o", qr.ID{1}, "lost") }, registry.ErrUnknown, qr.Revoked},
		}
		for _, step := range steps {
			if err := step.act(); !errors.Is(err, step.err) {
				t.Errorf("%s, %s: %v, want %v", name, step.name, err, step.err)
			}
			if got := d.verdict(t, code); got != step.want {
				t.Errorf("%s, %s: verdict %v, want %v", name, step.name, got, step.want)
			}
			if got := d.verdict(t, other); got != qr.Valid {
				t.Errorf("%s, %s: the other code is %v", name, step.name, got)
			}
		}
		fresh, err := d.Reissue(ctx, "officer-2", other.ID(), "damaged", receipt())
		if err != nil {
			t.Fatal(err)
		}
		if d.verdict(t, other) != qr.Revoked || d.verdict(t, fresh) != qr.Valid {
			t.Errorf("%s: after a re-issue: old %v, new %v", name, d.verdict(t, other), d.verdict(t, fresh))
		}
		if _, err := d.Reissue(ctx, "officer-2", other.ID(), "damaged", receipt()); !errors.Is(err, registry.ErrState) {
			t.Errorf("%s: a revoked code was issued again: %v", name, err)
		}
		if _, known, err := d.Lookup(ctx, qr.ID{9}); known || err != nil {
			t.Errorf("%s: a code behind the registry's back is known: %v", name, err)
		}
		if _, err := journal.Verify(ctx, j); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		// The book alone makes the same list.
		again := newDesk(t, book{j}, registry.List{}, registry.Config{})
		one, two := d.status(t), again.status(t)
		for i := range one.Size() {
			a, _ := one.At(i)
			if b, _ := two.At(i); a != b {
				t.Errorf("%s: place %d is %v in the book, %v in memory", name, i, b, a)
			}
		}
	}
}

func TestBookHoldsNoPersonalData(t *testing.T) {
	store := book{journal.NewMemory()}
	d := newDesk(t, store, registry.List{}, registry.Config{})
	code, err := d.Issue(t.Context(), "officer-1", citizen())
	if err != nil {
		t.Fatal(err)
	}
	facts, err := store.Read(t.Context(), "qrlist/H26.12:2026", 0)
	if err != nil || len(facts) != 2 {
		t.Fatalf("%d facts, %v", len(facts), err)
	}
	var body map[string]any
	if err := json.Unmarshal(facts[1].Body, &body); err != nil {
		t.Fatal(err)
	}
	sum := fmt.Sprintf("%x", sha256.Sum256([]byte(code.Text())))
	if body["id"] != code.ID().String() || body["kind"] != "person" || body["sum"] != sum || facts[1].Actor != "officer-1" {
		t.Errorf("record %s by %s", facts[1].Body, facts[1].Actor)
	}
	for _, f := range facts {
		if strings.Contains(string(f.Body), "Vĩnh") || strings.Contains(string(f.Body), "001190012345") ||
			strings.Contains(string(f.Body), "VN1:") {
			t.Errorf("a record tells %s", f.Body)
		}
	}
}

func TestPlacesAreRandomAndDecoysStay(t *testing.T) {
	d := newDesk(t, book{journal.NewMemory()}, registry.List{}, registry.Config{Decoys: 5})
	var claims []qr.Claims
	for range 50 {
		claims = append(claims, receipt())
	}
	codes, err := d.IssueBatch(t.Context(), "officer-1", claims)
	if err != nil {
		t.Fatal(err)
	}
	seen := make(map[uint64]bool)
	neighbours, last := 0, uint64(0)
	for _, code := range codes {
		place, known, err := d.Lookup(t.Context(), code.ID())
		if err != nil || !known || seen[place.Index] {
			t.Fatalf("place %+v, %v, %v", place, known, err)
		}
		seen[place.Index] = true
		if place.Index == last+1 {
			neighbours++
		}
		last = place.Index
	}
	low := 0
	for index := range seen {
		if index < 2048 {
			low++
		}
	}
	if neighbours > 2 || low < 8 || low > 42 {
		t.Errorf("%d codes follow their neighbour, %d of 50 are in the lower half", neighbours, low)
	}
	revoked := func() map[uint64]bool {
		out := make(map[uint64]bool)
		list := d.status(t)
		for i := range list.Size() {
			if v, _ := list.At(i); v == status.Revoked {
				out[i] = true
			}
		}
		return out
	}
	var before map[uint64]bool
	for _, code := range codes[:20] {
		if err := d.Revoke(t.Context(), "officer-1", code.ID(), "lost"); err != nil {
			t.Fatal(err)
		}
		now := revoked()
		for i := range before {
			if !now[i] {
				t.Fatalf("place %d came back: a decoy gives itself away", i)
			}
		}
		before = now
	}
	if len(before) < 20+40 || len(before) > 20+160 {
		t.Errorf("20 revocations show as %d, want about 120", len(before))
	}
	for _, code := range codes[20:] {
		if got := d.verdict(t, code); got != qr.Valid {
			t.Errorf("a code that was not revoked is %v", got)
		}
	}
	// No new code gets the place of a decoy.
	for range 200 {
		place, _, err := d.Lookup(t.Context(), d.issue(t).ID())
		if err != nil || place.Status != status.Good {
			t.Fatalf("a new code is %v, %v", place.Status, err)
		}
	}
}

func TestFullList(t *testing.T) {
	d := newDesk(t, book{journal.NewMemory()}, registry.List{Number: 1, Size: 1024, URI: listURI}, registry.Config{})
	var last qr.Code
	for i := range 896 {
		code, err := d.Issue(t.Context(), "o", receipt())
		if err != nil {
			t.Fatalf("code %d: %v", i, err)
		}
		last = code
	}
	if _, err := d.Issue(t.Context(), "o", receipt()); !errors.Is(err, registry.ErrFull) {
		t.Errorf("a code too many: %v", err)
	}
	if err := d.Revoke(t.Context(), "o", last.ID(), "lost"); err != nil {
		t.Errorf("a full list does not revoke: %v", err)
	}
}

func TestManyDesksOneBook(t *testing.T) {
	store := book{journal.NewMemory()}
	const desks, each = 4, 25
	all := make(chan qr.ID, desks*each)
	var wg sync.WaitGroup
	for i := range desks {
		d := newDesk(t, store, registry.List{}, registry.Config{})
		wg.Go(func() {
			for range each {
				for {
					code, err := d.Issue(context.Background(), fmt.Sprint("officer-", i), receipt())
					if errors.Is(err, registry.ErrConflict) {
						continue // eight times overtaken
					}
					if err != nil {
						t.Error(err)
						return
					}
					all <- code.ID()
					break
				}
			}
		})
	}
	wg.Wait()
	close(all)
	d := newDesk(t, store, registry.List{}, registry.Config{})
	places := make(map[uint64]bool)
	for id := range all {
		place, known, err := d.Lookup(t.Context(), id)
		if err != nil || !known || places[place.Index] {
			t.Fatalf("code %v: %+v, %v, %v", id, place, known, err)
		}
		places[place.Index] = true
	}
	if len(places) != desks*each {
		t.Errorf("%d codes in the book, want %d", len(places), desks*each)
	}
}

func TestTwoCodesOfOneIdentifier(t *testing.T) {
	d := newDesk(t, book{journal.NewMemory()}, registry.List{}, registry.Config{})
	claims := receipt()
	claims.ID = qr.ID{1, 2, 3, 4, 5, 6, 7, 8}
	if _, err := d.IssueBatch(t.Context(), "o", []qr.Claims{claims, claims}); !errors.Is(err, registry.ErrDuplicate) {
		t.Errorf("twice in a batch: %v", err)
	}
	if _, known, _ := d.Lookup(t.Context(), claims.ID); known {
		t.Error("half a batch was written")
	}
	if _, err := d.Issue(t.Context(), "o", claims); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Issue(t.Context(), "o", claims); !errors.Is(err, registry.ErrDuplicate) {
		t.Errorf("a second one: %v", err)
	}
}
