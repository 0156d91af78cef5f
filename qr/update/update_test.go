package update_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/motcua/motcua/qr"
	"github.com/motcua/motcua/qr/status"
	"github.com/motcua/motcua/qr/update"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

const (
	trustURL  = "https://qr.example.vn/trust"
	statusURL = "https://qr.example.vn/h26/3"
)

// key makes an Ed25519 key out of a letter: the lists of a run are the same bytes each time.
func key(letter byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{letter}, ed25519.SeedSize))
}

func roots() []crypto.PublicKey { return []crypto.PublicKey{key('r').Public()} }

func trust(tb testing.TB, version uint64, owner string) []byte {
	tb.Helper()
	data, err := qr.SignTrustList(key('r'), qr.TrustListDraft{
		Owner: owner, Version: version, Issued: noon, Until: noon.AddDate(0, 1, 0),
		Keys: []qr.TrustedKey{{Public: key('a').Public(), Issuer: "H26", NotBefore: noon.AddDate(0, -1, 0), NotAfter: noon.AddDate(1, 0, 0),
			Kinds: []qr.Kind{qr.KindReceipt, qr.KindStatusList}, Procedures: []string{qr.AllProcedures}}},
		Status: []qr.StatusSource{{Issuer: "H26", List: 3, URI: statusURL, MaxAge: 24 * time.Hour}},
	})
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

func statuses(tb testing.TB, list uint64, at time.Time, ttl time.Duration) []byte {
	tb.Helper()
	table, err := status.New(1000, 2)
	if err != nil {
		tb.Fatal(err)
	}
	issuer, err := qr.NewIssuer(key('a'), "H26", qr.IssueConfig{})
	if err != nil {
		tb.Fatal(err)
	}
	data, err := issuer.SignStatusList(qr.StatusDraft{List: list, URI: statusURL, IssuedAt: at, Expires: at.AddDate(0, 0, 7),
		TTL: ttl, Table: table})
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

// web answers like a server with ETags and counts what it was asked.
type web struct {
	pages     map[string][]byte
	status    map[string]int // other than 200
	asked     []string
	unchanged int
	times     []time.Time
}

func (w *web) RoundTrip(r *http.Request) (*http.Response, error) {
	from := r.URL.String()
	w.asked, w.times = append(w.asked, from), append(w.times, time.Now())
	page, etag := w.pages[from], fmt.Sprintf(`"%x"`, len(w.pages[from])*1000+int(sum(w.pages[from])))
	response := &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Etag": {etag}}, Request: r,
		Body: io.NopCloser(bytes.NewReader(page))}
	switch code := w.status[from]; {
	case code < 0:
		return nil, errors.New("no route")
	case code != 0:
		response.StatusCode = code
	case page == nil:
		response.StatusCode = http.StatusNotFound
	case r.Header.Get("If-None-Match") == etag:
		w.unchanged++
		response.StatusCode, response.Body = http.StatusNotModified, io.NopCloser(strings.NewReader(""))
	}
	return response, nil
}

func sum(b []byte) (s byte) {
	for _, c := range b {
		s = s*31 + c
	}
	return s
}

func newUpdater(tb testing.TB, dir string, w *web, cfg update.Config) *update.Updater {
	tb.Helper()
	cfg.Client = &http.Client{Transport: w}
	u, err := update.New(dir, trustURL, roots(), cfg)
	if err != nil {
		tb.Fatal(err)
	}
	return u
}

func TestRefreshAndLoad(t *testing.T) {
	dir := t.TempDir()
	w := &web{pages: map[string][]byte{trustURL: trust(t, 4, "Cục mẫu"), statusURL: statuses(t, 3, noon, 0)}}
	u := newUpdater(t, dir, w, update.Config{})
	if _, err := u.Load(); !errors.Is(err, update.ErrNoTrust) {
		t.Errorf("an empty directory: %v", err)
	}
	for round := range 2 {
		lists, err := u.Refresh(t.Context())
		if err != nil || lists.Trust.Version() != 4 || len(lists.Status) != 1 {
			t.Fatalf("round %d: %+v, %v", round, lists, err)
		}
		if w.unchanged != 2*round {
			t.Errorf("round %d: %d pages unchanged", round, w.unchanged)
		}
	}
	// Another process, without a network.
	offline := newUpdater(t, dir, &web{}, update.Config{})
	lists, err := offline.Load()
	if err != nil || len(lists.Status) != 1 {
		t.Fatalf("from the disk: %+v, %v", lists, err)
	}
	if _, err := lists.Verifier(qr.VerifyConfig{MinVersion: 4}); err != nil {
		t.Error(err)
	}
	left, err := filepath.Glob(filepath.Join(dir, "*.tmp"))
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	none := newUpdater(t, dir, w, update.Config{Want: func(qr.StatusSource) bool { return false }})
	if lists, err := none.Refresh(t.Context()); err != nil || len(lists.Status) != 0 {
		t.Errorf("a list that was not wanted: %+v, %v", lists, err)
	}
}

// TestWhatIsServedLater serves good lists, then something else, and wants the good ones to stay.
func TestWhatIsServedLater(t *testing.T) {
	other, err := qr.SignTrustList(key('x'), qr.TrustListDraft{Owner: "Kẻ khác", Version: 9, Issued: noon,
		Until: noon.AddDate(0, 1, 0), Keys: []qr.TrustedKey{{Public: key('x').Public(), Issuer: "H26", NotBefore: noon,
			NotAfter: noon.AddDate(1, 0, 0), Kinds: []qr.Kind{1}, Procedures: []string{"*"}}}})
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name   string
		url    string
		page   []byte
		status int
		want   error // nil: any
	}{
		{"older trust list", trustURL, trust(t, 4, "Cục mẫu"), 0, update.ErrRollback},
		{"another trust list of the same number", trustURL, trust(t, 5, "Cục khác"), 0, update.ErrRollback},
		{"trust list of another root", trustURL, other, 0, qr.ErrUntrustedList},
		{"no trust list", trustURL, []byte("<html>"), 0, nil},
		{"trust list cut short", trustURL, trust(t, 6, "Cục mẫu")[:100], 0, nil},
		{"nothing", trustURL, []byte{}, 0, nil},
		{"too much", trustURL, make([]byte, 4<<20+1), 0, nil},
		{"a redirect", trustURL, nil, http.StatusFound, nil},
		{"an error of the server", trustURL, nil, http.StatusInternalServerError, nil},
		{"no network", trustURL, nil, -1, nil},
		{"older status list", statusURL, statuses(t, 3, noon.Add(-time.Hour), 0), 0, update.ErrRollback},
		{"status list of another number", statusURL, statuses(t, 4, noon.Add(time.Hour), 0), 0, qr.ErrUntrustedStatus},
		{"no status list", statusURL, []byte("gone"), 0, nil},
		{"no network for the status list", statusURL, nil, -1, nil},
	}
	for _, tt := range tests {
		dir := t.TempDir()
		w := &web{pages: map[string][]byte{trustURL: trust(t, 5, "Cục mẫu"), statusURL: statuses(t, 3, noon, 0)}}
		u := newUpdater(t, dir, w, update.Config{})
		if _, err := u.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.pages[tt.url], w.status = tt.page, map[string]int{tt.url: tt.status}
		lists, err := u.Refresh(t.Context())
		fetch := (*update.FetchError)(nil)
		if !errors.As(err, &fetch) || fetch.URL != tt.url || tt.want != nil && !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
		for _, lists := range []*update.Lists{lists, mustLoad(t, dir)} {
			if lists == nil || lists.Trust.Version() != 5 || lists.Trust.Owner() != "Cục mẫu" || len(lists.Status) != 1 ||
				!lists.Status[0].Issued().Equal(noon) {
				t.Errorf("%s: the good lists are lost: %+v", tt.name, lists)
			}
		}
	}
}

func mustLoad(tb testing.TB, dir string) *update.Lists {
	tb.Helper()
	lists, err := newUpdater(tb, dir, &web{}, update.Config{}).Load()
	if err != nil {
		tb.Fatal(err)
	}
	return lists
}

func TestCodeListIsKeptFresh(t *testing.T) {
	const codesURL = "https://qr.example.vn/codes"
	codes := func(version uint64) []byte {
		data, err := qr.SignCodeList(key('r'), qr.CodeListDraft{Owner: "Cục mẫu", Version: version, Issued: noon}, nil)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	w := &web{pages: map[string][]byte{trustURL: trust(t, 5, "Cục mẫu"), statusURL: statuses(t, 3, noon, 0)}}
	dir := t.TempDir()
	u := newUpdater(t, dir, w, update.Config{CodesURL: codesURL})
	for _, step := range []struct {
		serve []byte
		want  uint64
		err   error
	}{{codes(2), 2, nil}, {codes(3), 3, nil}, {codes(2), 3, update.ErrRollback}, {codes(4), 4, nil}} {
		w.pages[codesURL] = step.serve
		lists, err := u.Refresh(t.Context())
		if lists == nil || lists.Codes.Version() != step.want || !errors.Is(err, step.err) {
			t.Fatalf("version %d wanted: %+v, %v", step.want, lists, err)
		}
		stored, err := newUpdater(t, dir, &web{}, update.Config{CodesURL: codesURL}).Load()
		if err != nil || stored.Codes.Version() != step.want {
			t.Errorf("on the disk: %+v, %v", stored, err)
		}
	}
}

func TestNewListsReplaceOldOnes(t *testing.T) {
	dir := t.TempDir()
	w := &web{pages: map[string][]byte{trustURL: trust(t, 5, "Cục mẫu"), statusURL: statuses(t, 3, noon, 0)}}
	u := newUpdater(t, dir, w, update.Config{})
	if _, err := u.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.pages = map[string][]byte{trustURL: trust(t, 6, "Cục mẫu"), statusURL: statuses(t, 3, noon.Add(time.Hour), 0)}
	if _, err := u.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if lists := mustLoad(t, dir); lists.Trust.Version() != 6 || !lists.Status[0].Issued().Equal(noon.Add(time.Hour)) {
		t.Errorf("still version %d", lists.Trust.Version())
	}
	// A list spoilt on the disk is not used, and is fetched in full although its mark is there.
	if err := os.WriteFile(filepath.Join(dir, "trust.cose"), []byte("spoilt"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := newUpdater(t, dir, &web{}, update.Config{}).Load(); !errors.Is(err, update.ErrNoTrust) {
		t.Errorf("a spoilt list: %v", err)
	}
	if lists, err := u.Refresh(t.Context()); err != nil || lists.Trust.Version() != 6 {
		t.Errorf("after a spoilt list: %+v, %v", lists, err)
	}
}

func TestRunWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &web{pages: map[string][]byte{trustURL: trust(t, 5, "Cục mẫu"), statusURL: statuses(t, 3, noon, 10*time.Minute)}}
		u := newUpdater(t, t.TempDir(), w, update.Config{})
		ctx, cancel := context.WithCancel(t.Context())
		rounds := 0
		err := u.Run(ctx, func(lists *update.Lists, err error) {
			rounds++
			if err != nil || lists == nil {
				t.Errorf("round %d: %v", rounds, err)
			}
			if rounds == 40 {
				cancel()
			}
		})
		if !errors.Is(err, context.Canceled) || rounds != 40 {
			t.Fatalf("%d rounds, %v", rounds, err)
		}
		waits := make(map[time.Duration]bool)
		for i := 2; i < len(w.times); i += 2 {
			wait := w.times[i].Sub(w.times[i-2])
			waits[wait] = true
			if wait < 8*time.Minute || wait > 12*time.Minute {
				t.Errorf("waited %v for a list that asks for ten minutes", wait)
			}
		}
		if len(waits) < 30 {
			t.Errorf("only %d different waits of 39", len(waits))
		}
	})
}

func TestRunTriesAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &web{status: map[string]int{trustURL: -1}}
		u := newUpdater(t, t.TempDir(), w, update.Config{Rand: bytes.NewReader(bytes.Repeat([]byte{0x80, 0, 0, 0, 0, 0, 0, 0}, 7))})
		rounds := 0
		err := u.Run(t.Context(), func(lists *update.Lists, err error) {
			rounds++
			if !errors.Is(err, update.ErrNoTrust) || lists != nil {
				t.Errorf("round %d: %v", rounds, err)
			}
		})
		if !errors.Is(err, io.EOF) { // the random source is at its end
			t.Fatal(err)
		}
		for i, minutes := range []int{1, 2, 4, 8, 16, 32, 60} {
			if wait := w.times[i+1].Sub(w.times[i]).Round(time.Second); wait != time.Duration(minutes)*time.Minute {
				t.Errorf("wait %d is %v, want %d minutes", i, wait, minutes)
			}
		}
	})
}

func TestNewRefuses(t *testing.T) {
	tests := []struct {
		name, dir, url string
		roots          []crypto.PublicKey
		cfg            update.Config
		field          string
	}{
		{"no directory", "", trustURL, roots(), update.Config{}, "dir"},
		{"no https", "d", "http://qr.example.vn/trust", roots(), update.Config{}, "trustURL"},
		{"a user", "d", "https://a:b@qr.example.vn/trust", roots(), update.Config{}, "trustURL"},
		{"code list without https", "d", trustURL, roots(), update.Config{CodesURL: "file:///etc"}, "codesURL"},
		{"no roots", "d", trustURL, nil, update.Config{}, "roots"},
		{"waiting backwards", "d", trustURL, roots(), update.Config{Every: -1}, "every"},
	}
	for _, tt := range tests {
		_, err := update.New(tt.dir, tt.url, tt.roots, tt.cfg)
		if invalid := (*update.InvalidError)(nil); !errors.As(err, &invalid) || invalid.Field != tt.field {
			t.Errorf("%s: %v, want a refusal of %s", tt.name, err, tt.field)
		}
	}
}

func ExampleUpdater_Refresh() {
	dir, err := os.MkdirTemp("", "lists")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	served := &web{status: map[string]int{trustURL: http.StatusServiceUnavailable}} // in life: the default client
	u, err := update.New(dir, trustURL, roots(), update.Config{Client: &http.Client{Transport: served}})
	if err != nil {
		fmt.Println(err)
		return
	}
	lists, err := u.Refresh(context.Background())
	fmt.Println(lists == nil, errors.Is(err, update.ErrNoTrust))
	// Output: true true
}
