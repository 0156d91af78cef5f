package openid4vp_test

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/motcua/motcua/identity/identitytest"
	"github.com/motcua/motcua/identity/openid4vp"
)

func b64(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }

func TestMemory(t *testing.T) {
	ctx := context.Background()
	m := openid4vp.NewMemory(3)
	at := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
	for i := range 4 {
		if err := m.Put(ctx, strconv.Itoa(i), openid4vp.Transaction{Expires: at}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := m.Get(ctx, "0"); !errors.Is(err, openid4vp.ErrUnknown) {
		t.Errorf("the oldest was not displaced: %v", err)
	}
	if err := m.Put(ctx, "1", openid4vp.Transaction{}); !errors.Is(err, openid4vp.ErrReplayed) {
		t.Errorf("an id twice: %v", err)
	}
	if err := m.Move(ctx, "9", openid4vp.Waiting, openid4vp.Transaction{}); !errors.Is(err, openid4vp.ErrUnknown) {
		t.Errorf("%v", err)
	}
	if err := m.Put(ctx, "later", openid4vp.Transaction{Expires: at.Add(openid4vp.Lifetime + 1)}); err != nil {
		t.Fatal(err)
	}
	if _, err := m.Get(ctx, "3"); !errors.Is(err, openid4vp.ErrUnknown) {
		t.Errorf("what was over was not forgotten: %v", err)
	}
	var wins sync.Map
	var group sync.WaitGroup
	for i := range 16 {
		group.Add(1)
		go func() {
			defer group.Done()
			if m.Move(ctx, "later", openid4vp.Waiting, openid4vp.Transaction{Stage: openid4vp.Answered}) == nil {
				wins.Store(i, true)
			}
		}()
	}
	group.Wait()
	count := 0
	wins.Range(func(any, any) bool { count++; return true })
	if count != 1 {
		t.Errorf("%d callers moved one transaction", count)
	}
}

// TestAnswersRace posts two answers at once: one is kept.
func TestAnswersRace(t *testing.T) {
	o := open(t, set{})
	link := visit(t, browser(t), o.app.URL+"/wallet/start")
	form := o.intercept(t, link)
	statuses := make(chan int, 8)
	for range cap(statuses) {
		go func() {
			resp, err := http.PostForm(o.client.ResponseURL, form)
			if err != nil {
				statuses <- 0
				return
			}
			_ = resp.Body.Close()
			statuses <- resp.StatusCode
		}()
	}
	count := map[int]int{}
	for range cap(statuses) {
		count[<-statuses]++
	}
	if count[200] != 1 || count[409] != cap(statuses)-1 {
		t.Errorf("%v", count)
	}
}

// TestStoreCannotInvent changes what the store keeps: what was not shown is not collected.
func TestStoreCannotInvent(t *testing.T) {
	for name, change := range map[string]func(*openid4vp.Transaction){
		"another person's": func(tx *openid4vp.Transaction) {
			tx.Answer = map[string]string{"pid": strings.Replace(tx.Answer["pid"], "~", "~"+b64(`["s","is_admin",true]`)+"~", 1)}
		},
		"nonce":                    func(tx *openid4vp.Transaction) { tx.Nonce = "other" },
		"a moment ahead":           func(tx *openid4vp.Transaction) { tx.AnsweredAt = tx.AnsweredAt.Add(30 * time.Second) },
		"a moment before it began": func(tx *openid4vp.Transaction) { tx.AnsweredAt = tx.AnsweredAt.Add(-30 * time.Second) },
		"tomorrow":                 func(tx *openid4vp.Transaction) { tx.AnsweredAt = tx.AnsweredAt.AddDate(0, 0, 1) },
		"long ago":                 func(tx *openid4vp.Transaction) { tx.AnsweredAt = tx.AnsweredAt.AddDate(0, 0, -1) },
	} {
		store := &meddler{Memory: openid4vp.NewMemory(0), change: change}
		o := open(t, set{config: func(c *openid4vp.Config) { c.Transactions = store }})
		if _, _, err := o.sameDevice(t); err == nil {
			t.Errorf("%s: collected", name)
		}
	}
}

// TestCollectRaces holds that of two browsers' tabs that fetch at once one has the result.
func TestCollectRaces(t *testing.T) {
	o := open(t, set{config: func(c *openid4vp.Config) { c.Transactions = slow{openid4vp.NewMemory(0)} }})
	if _, _, err := o.sameDevice(t); !errors.Is(err, openid4vp.ErrReplayed) {
		t.Errorf("%v", err)
	}
}

// slow lets somebody else be faster at every result.
type slow struct{ *openid4vp.Memory }

func (s slow) Move(ctx context.Context, id string, from openid4vp.Stage, tx openid4vp.Transaction) error {
	if from == openid4vp.Answered {
		if err := s.Memory.Move(ctx, id, from, tx); err != nil {
			return err
		}
	}
	return s.Memory.Move(ctx, id, from, tx)
}

// TestTrashForAKey holds that a store which lost a transaction's key is our failure.
func TestTrashForAKey(t *testing.T) {
	lossy := &keyless{Memory: openid4vp.NewMemory(0)}
	o := open(t, set{config: func(c *openid4vp.Config) { c.Transactions = lossy }})
	link := visit(t, browser(t), o.app.URL+"/wallet/start")
	form := o.intercept(t, link)
	lossy.lost = true
	resp := must[*http.Response](t)(http.PostForm(o.client.ResponseURL, form))
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusInternalServerError {
		t.Errorf("%d", resp.StatusCode)
	}
	if _, err := o.wallet.Answer(t.Context(), link); !errors.Is(err, identitytest.ErrWalletRequest) {
		t.Errorf("%v", err)
	}
}

type keyless struct {
	*openid4vp.Memory
	lost bool
}

func (k *keyless) Get(ctx context.Context, id string) (openid4vp.Transaction, error) {
	tx, err := k.Memory.Get(ctx, id)
	if k.lost {
		tx.Key = []byte{1}
	}
	return tx, err
}

// meddler changes answered transactions.
type meddler struct {
	*openid4vp.Memory
	change func(*openid4vp.Transaction)
}

func (m *meddler) Get(ctx context.Context, id string) (openid4vp.Transaction, error) {
	tx, err := m.Memory.Get(ctx, id)
	if tx.Stage == openid4vp.Answered {
		m.change(&tx)
	}
	return tx, err
}

// TestBrokenStore holds that a store that fails is our failure, with the status for that.
func TestBrokenStore(t *testing.T) {
	o := open(t, set{config: func(c *openid4vp.Config) { c.Transactions = broken{} }})
	resp := must[*http.Response](t)(browser(t).Get(o.app.URL + "/wallet/start"))
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusInternalServerError {
		t.Errorf("%d", resp.StatusCode)
	}
	w := httptest.NewRecorder()
	form := url.Values{"state": {strings.Repeat("A", 43)}, "vp_token": {"{}"}}
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	o.verifier.Response(w, r)
	if w.Code != http.StatusInternalServerError {
		t.Errorf("%d", w.Code)
	}
}

type broken struct{}

var errBroken = errors.New("disk")

func (broken) Put(context.Context, string, openid4vp.Transaction) error { return errBroken }
func (broken) Get(context.Context, string) (openid4vp.Transaction, error) {
	return openid4vp.Transaction{}, errBroken
}
func (broken) Move(context.Context, string, openid4vp.Stage, openid4vp.Transaction) error {
	return errBroken
}

// FuzzResponse holds that no answer makes the verifier panic, or pass.
func FuzzResponse(f *testing.F) {
	o := open(f, set{config: func(c *openid4vp.Config) { c.InsecurePlainResponse = true }})
	sealed := open(f, set{})
	form := o.intercept(f, visit(f, browser(f), o.app.URL+"/wallet/start"))
	f.Add(form.Get("vp_token"), "")
	f.Add(`{"pid":["a~"]}`, "")
	f.Add(`{"pid":[]}`, sealedTo(strings.Repeat("A", 43)))
	f.Fuzz(func(t *testing.T, token, response string) {
		for _, office := range []*office{o, sealed} {
			request := httptest.NewRequest(http.MethodGet, "/", nil)
			invitation, err := office.verifier.Begin(httptest.NewRecorder(), request, openid4vp.Begin{}, office.ask)
			if err != nil {
				t.Fatal(err)
			}
			form := url.Values{"vp_token": {token}, "state": {invitation.ID}}
			if response != "" {
				form = url.Values{"response": {response}}
			}
			r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(form.Encode()))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			w := httptest.NewRecorder()
			office.verifier.Response(w, r)
			if w.Code == http.StatusOK {
				t.Fatalf("passed: %s", w.Body)
			}
		}
	})
}

// FuzzAsk holds that what a store gives back is a query or refused.
func FuzzAsk(f *testing.F) {
	f.Add([]byte(`{"id":"pid","purpose":"sign-in","types":["t"],"paths":[["a",null,0]],"ages":[18]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var ask, again openid4vp.Ask
		if ask.UnmarshalJSON(raw) != nil {
			return
		}
		if err := again.UnmarshalJSON([]byte(toJSON(t, ask))); err != nil || toJSON(t, again) != toJSON(t, ask) {
			t.Fatalf("%v", err)
		}
	})
}
