package sdjwt_test

import (
	"bytes"
	"compress/zlib"
	"context"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/motcua/motcua/identity/sdjwt"
	"github.com/motcua/motcua/qr/status"
)

// register is an office's list, served over real HTTP.
type register struct {
	server *httptest.Server
	body   atomic.Pointer[string]
	code   atomic.Int64
	asked  atomic.Int64
}

func openRegister(t testing.TB) *register {
	r := &register{}
	r.code.Store(http.StatusOK)
	r.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		r.asked.Add(1)
		if req.Header.Get("Accept") != "application/statuslist+jwt" {
			w.WriteHeader(http.StatusNotAcceptable)
			return
		}
		w.WriteHeader(int(r.code.Load()))
		_, _ = w.Write([]byte(*r.body.Load()))
	}))
	t.Cleanup(r.server.Close)
	r.sign(t, nil)
	return r
}

// sign publishes a list: place 1 revoked, 2 suspended, 3 something nobody knows.
func (r *register) sign(t testing.TB, change func(*sdjwt.StatusDraft)) {
	t.Helper()
	table := must[*status.Table](t)(status.New(1000, 2))
	for index, value := range map[uint64]status.Value{1: status.Revoked, 2: status.Suspended, 3: 3} {
		if err := table.Set(index, value); err != nil {
			t.Fatal(err)
		}
	}
	draft := sdjwt.StatusDraft{URI: r.server.URL, Table: table, IssuedAt: now, Expires: now.Add(12 * time.Hour)}
	if change != nil {
		change(&draft)
	}
	r.put(must[string](t)(issuer(t).SignStatusList(draft)))
}

func (r *register) put(text string) { r.body.Store(&text) }

// at is a presentation of a credential whose status stands at this place.
func (r *register) at(index any) string {
	s := fresh()
	s.payload["status"] = map[string]any{"status_list": map[string]any{"idx": index, "uri": r.server.URL}}
	return s.build()
}

func (r *register) verifier(t testing.TB, cfg sdjwt.StatusConfig) *sdjwt.Verifier {
	lists := must[*sdjwt.StatusLists](t)(sdjwt.NewStatusLists(cfg))
	return verifier(t, func(_ *sdjwt.TrustedIssuer, c *sdjwt.Config) { c.Status, c.RequireStatus = lists, true })
}

func TestStatus(t *testing.T) {
	r := openRegister(t)
	v := r.verifier(t, sdjwt.StatusConfig{})
	for _, tt := range []struct {
		name    string
		index   any
		verdict sdjwt.Verdict
		reason  string
	}{
		{"good", 0, sdjwt.Valid, ""},
		{"revoked", 1, sdjwt.Revoked, "revoked"},
		{"suspended", 2, sdjwt.Suspended, "suspended"},
		{"a value nobody knows", 3, sdjwt.Unsettled, "status-value"},
		{"the last place", 999, sdjwt.Valid, ""},
		{"behind the list", 1000, sdjwt.Refused, "status-index"},
		{"before the list", -1, sdjwt.Refused, "status-form"},
		{"half a place", 0.5, sdjwt.Refused, "status-form"},
		{"no number", "1", sdjwt.Refused, "status-form"},
	} {
		report := v.Verify(context.Background(), r.at(tt.index), expect)
		if report.Verdict != tt.verdict || failure(report) != tt.reason {
			t.Errorf("%s: %v %q", tt.name, report.Verdict, failure(report))
		}
		if report.Verdict == sdjwt.Valid && !report.StatusAsOf.Equal(now) {
			t.Errorf("as of %v", report.StatusAsOf)
		}
	}
	if asked := r.asked.Load(); asked != 1 {
		t.Errorf("the list was fetched %d times", asked)
	}
	s := fresh()
	s.payload["status"] = map[string]any{"status_list": map[string]any{"idx": 1, "uri": "http://192.0.2.1/x"}}
	if got := failure(v.Verify(context.Background(), s.build(), expect)); got != "status-form" {
		t.Errorf("a list on plain http: %q", got)
	}
	s.payload["status"] = map[string]any{"identifier_list": map[string]any{}}
	if got := failure(v.Verify(context.Background(), s.build(), expect)); got != "status-form" {
		t.Errorf("another mechanism: %q", got)
	}
}

// TestStatusIsNotAskedForWhatDoesNotHold holds that a forged credential cannot make us fetch anything.
func TestStatusIsNotAskedForWhatDoesNotHold(t *testing.T) {
	r := openRegister(t)
	v := r.verifier(t, sdjwt.StatusConfig{})
	s := fresh()
	s.payload["status"] = map[string]any{"status_list": map[string]any{"idx": 0, "uri": r.server.URL}}
	s.holderKey = keys().other
	if got := failure(v.Verify(context.Background(), s.build(), expect)); got != "proof-signature" || r.asked.Load() != 0 {
		t.Errorf("%q, asked %d times", got, r.asked.Load())
	}
}

// TestBadStatusLists holds that a list which is not sound leaves the credential unsettled, never valid.
func TestBadStatusLists(t *testing.T) {
	lists := func(bits any, data []byte) map[string]any { return map[string]any{"bits": bits, "lst": b64(data)} }
	packed := func(n int) []byte {
		var out bytes.Buffer
		z := zlib.NewWriter(&out)
		_, _ = z.Write(make([]byte, n))
		_ = z.Close()
		return out.Bytes()
	}
	r := openRegister(t)
	hand := func(change func(header, payload map[string]any)) string {
		header := map[string]any{"alg": "ES256", "typ": "statuslist+jwt", "kid": "k1"}
		payload := map[string]any{"sub": r.server.URL, "iat": now.Unix(), "exp": now.Add(time.Hour).Unix(), "status_list": lists(1, packed(10))}
		change(header, payload)
		return es256(keys().issuer, toJSON(header), toJSON(payload))
	}
	other := es256(keys().other, []byte(`{"alg":"ES256","typ":"statuslist+jwt","kid":"k1"}`), []byte(`{}`))
	for name, c := range map[string]struct{ text, reason string }{
		"sound":             {hand(func(_, _ map[string]any) {}), ""},
		"no type":           {hand(func(h, _ map[string]any) { delete(h, "typ") }), "status-list-form"},
		"a credential":      {strings.Split(fresh().build(), "~")[0], "status-list-form"},
		"another's":         {other, "status-list-signature"},
		"unknown key":       {hand(func(h, _ map[string]any) { h["kid"] = "k2" }), "status-list-signature"},
		"another list":      {hand(func(_, p map[string]any) { p["sub"] = "https://other.example" }), "status-list-other"},
		"another issuer":    {hand(func(_, p map[string]any) { p["iss"] = "https://other.example" }), "status-list-other"},
		"claims no object":  {es256(keys().issuer, []byte(`{"alg":"ES256","typ":"statuslist+jwt","kid":"k1"}`), []byte(`[]`)), "status-list-form"},
		"padded list":       {hand(func(_, p map[string]any) { p["status_list"] = map[string]any{"bits": 1, "lst": b64(packed(10)) + "="} }), "status-list-form"},
		"no time":           {hand(func(_, p map[string]any) { delete(p, "iat") }), "status-list-form"},
		"made tomorrow":     {hand(func(_, p map[string]any) { p["iat"] = now.AddDate(0, 0, 1).Unix() }), "status-list-form"},
		"ended":             {hand(func(_, p map[string]any) { p["exp"] = now.Unix() }), "status-old"},
		"made last week":    {hand(func(_, p map[string]any) { p["iat"] = now.AddDate(0, 0, -7).Unix() }), "status-old"},
		"ttl of nothing":    {hand(func(_, p map[string]any) { p["ttl"] = 0 }), "status-list-form"},
		"ttl no number":     {hand(func(_, p map[string]any) { p["ttl"] = "1" }), "status-list-form"},
		"three bits":        {hand(func(_, p map[string]any) { p["status_list"] = lists(3, packed(10)) }), "status-list-form"},
		"no bits":           {hand(func(_, p map[string]any) { p["status_list"] = lists(nil, packed(10)) }), "status-list-form"},
		"not packed":        {hand(func(_, p map[string]any) { p["status_list"] = lists(1, []byte("x")) }), "status-list-form"},
		"nothing in it":     {hand(func(_, p map[string]any) { p["status_list"] = lists(1, packed(0)) }), "status-list-form"},
		"cut short":         {hand(func(_, p map[string]any) { p["status_list"] = lists(1, packed(1000)[:10]) }), "status-list-form"},
		"something behind":  {hand(func(_, p map[string]any) { p["status_list"] = lists(1, append(packed(9), 0)) }), "status-list-form"},
		"a bomb of 32 MiB":  {hand(func(_, p map[string]any) { p["status_list"] = lists(1, packed(32<<20)) }), "status-list-form"},
		"no list":           {hand(func(_, p map[string]any) { delete(p, "status_list") }), "status-list-form"},
		"larger than 6 MiB": {strings.Repeat("a", 6<<20+1), "status-unreachable"},
		"an error page":     {"<html>", "status-list-form"},
	} {
		r.put(c.text)
		report := r.verifier(t, sdjwt.StatusConfig{}).Verify(context.Background(), r.at(0), expect)
		want := sdjwt.Unsettled
		if c.reason == "" {
			want = sdjwt.Valid
		}
		if failure(report) != c.reason || report.Verdict != want {
			t.Errorf("%s: %v %q, want %q", name, report.Verdict, failure(report), c.reason)
		}
	}
}

// TestStatusListByCertificate holds that a list with a chain must be its issuer's, as a credential must.
func TestStatusListByCertificate(t *testing.T) {
	a := newAuthority(t)
	key := &keys().issuer.PublicKey
	good := a.certify(t, key, nil)
	other := a.certify(t, key, func(c *x509.Certificate) { c.URIs, c.DNSNames = nil, []string{"other.example"} })
	r := openRegister(t)
	for name, c := range map[string]struct {
		x5c    any
		reason string
	}{
		"good":           {[]string{base64.StdEncoding.EncodeToString(good.Raw)}, ""},
		"another issuer": {[]string{base64.StdEncoding.EncodeToString(other.Raw)}, "status-list-signature"},
		"trash":          {"AAAA", "status-list-signature"},
	} {
		table := must[*status.Table](t)(status.New(8, 1))
		raw := must[[]byte](t)(table.Deflate())
		payload := toJSON(map[string]any{"sub": r.server.URL, "iat": now.Unix(), "status_list": map[string]any{"bits": 1, "lst": b64(raw)}})
		r.put(es256(keys().issuer, toJSON(map[string]any{"alg": "ES256", "typ": "statuslist+jwt", "x5c": c.x5c}), payload))
		lists := must[*sdjwt.StatusLists](t)(sdjwt.NewStatusLists(sdjwt.StatusConfig{}))
		v := verifier(t, func(i *sdjwt.TrustedIssuer, cfg *sdjwt.Config) {
			i.Roots, cfg.Status = []*x509.Certificate{a.root}, lists
		})
		if got := failure(v.Verify(context.Background(), r.at(0), expect)); got != c.reason {
			t.Errorf("%s: %q, want %q", name, got, c.reason)
		}
	}
}

// TestSignedStatusLists holds what an office publishes: dated, and with its chain where it has one.
func TestSignedStatusLists(t *testing.T) {
	a := newAuthority(t)
	chain := []*x509.Certificate{a.certify(t, &keys().issuer.PublicKey, nil)}
	i := must[*sdjwt.Issuer](t)(sdjwt.NewIssuer(keys().issuer, issuerName, sdjwt.IssuerConfig{Chain: chain, Now: clock}))
	r := openRegister(t)
	r.put(must[string](t)(i.SignStatusList(sdjwt.StatusDraft{
		URI: r.server.URL, Table: must[*status.Table](t)(status.New(8, 1)), Expires: now.Add(time.Hour),
	})))
	lists := must[*sdjwt.StatusLists](t)(sdjwt.NewStatusLists(sdjwt.StatusConfig{}))
	v := verifier(t, func(i *sdjwt.TrustedIssuer, cfg *sdjwt.Config) {
		i.Keys, i.Roots, cfg.Status = nil, []*x509.Certificate{a.root}, lists
	})
	s := fresh()
	s.header["x5c"] = []string{base64.StdEncoding.EncodeToString(chain[0].Raw)}
	s.payload["status"] = map[string]any{"status_list": map[string]any{"idx": 0, "uri": r.server.URL}}
	if report := v.Verify(context.Background(), s.build(), expect); report.Verdict != sdjwt.Valid || !report.StatusAsOf.Equal(now) {
		t.Errorf("%v, as of %v", report.Err(), report.StatusAsOf)
	}
}

// TestManyStatusLists holds that lists are kept up to a number, and fetched again beyond it.
func TestManyStatusLists(t *testing.T) {
	r := openRegister(t)
	fetched := map[string]int{}
	lists := must[*sdjwt.StatusLists](t)(sdjwt.NewStatusLists(sdjwt.StatusConfig{Fetch: func(_ context.Context, uri string) ([]byte, error) {
		fetched[uri]++
		r.sign(t, func(d *sdjwt.StatusDraft) { d.URI = uri })
		return []byte(*r.body.Load()), nil
	}}))
	v := verifier(t, func(_ *sdjwt.TrustedIssuer, cfg *sdjwt.Config) { cfg.Status = lists })
	judge := func(n int) {
		s := fresh()
		s.payload["status"] = map[string]any{"status_list": map[string]any{"idx": 0, "uri": "https://a.example/" + strconv.Itoa(n)}}
		if report := v.Verify(context.Background(), s.build(), expect); report.Verdict != sdjwt.Valid {
			t.Fatal(report.Err())
		}
	}
	for n := range 257 {
		judge(n)
	}
	judge(256)
	judge(0)
	if fetched["https://a.example/256"] != 1 || fetched["https://a.example/0"] != 2 {
		t.Errorf("%d and %d", fetched["https://a.example/256"], fetched["https://a.example/0"])
	}
}

// TestOwnClient holds that the caller's client is used, without its cookies.
func TestOwnClient(t *testing.T) {
	r := openRegister(t)
	used := 0
	client := &http.Client{Transport: tripper(func(req *http.Request) (*http.Response, error) {
		used++
		return http.DefaultTransport.RoundTrip(req)
	})}
	if report := r.verifier(t, sdjwt.StatusConfig{HTTPClient: client}).Verify(context.Background(), r.at(0), expect); report.Verdict != sdjwt.Valid || used != 1 {
		t.Errorf("%v, used %d times", report.Err(), used)
	}
}

type tripper func(*http.Request) (*http.Response, error)

func (f tripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestStatusWhenTheRegisterIsDown holds that an old list serves until it ends, that we do not hammer, and that in the end
// nothing is valid.
func TestStatusWhenTheRegisterIsDown(t *testing.T) {
	r := openRegister(t)
	r.sign(t, func(d *sdjwt.StatusDraft) { d.Expires, d.TTL = now.Add(time.Hour), 10*time.Minute })
	lists := must[*sdjwt.StatusLists](t)(sdjwt.NewStatusLists(sdjwt.StatusConfig{}))
	judge := func(after time.Duration) sdjwt.Report {
		v := verifier(t, func(_ *sdjwt.TrustedIssuer, c *sdjwt.Config) {
			c.Status, c.Now = lists, func() time.Time { return now.Add(after) }
		})
		s := fresh()
		s.payload["exp"], s.proof["iat"] = now.Add(24*time.Hour).Unix(), now.Add(after).Unix()
		s.payload["status"] = map[string]any{"status_list": map[string]any{"idx": 0, "uri": r.server.URL}}
		return v.Verify(context.Background(), s.build(), expect)
	}
	for _, step := range []struct {
		after  time.Duration
		code   int64
		reason string
		asked  int64
	}{
		{0, 200, "", 1},
		{9 * time.Minute, 200, "", 1},
		{10 * time.Minute, 503, "", 2},
		{10*time.Minute + 10*time.Second, 503, "", 2}, // within the pause
		{11 * time.Minute, 503, "", 3},
		{60 * time.Minute, 503, "status-unreachable", 4},
		{60*time.Minute + 29*time.Second, 200, "status-unreachable", 4},
		{61 * time.Minute, 200, "status-old", 5},
	} {
		r.code.Store(step.code)
		report := judge(step.after)
		if failure(report) != step.reason || r.asked.Load() != step.asked {
			t.Errorf("after %v: %q, asked %d times; want %q, %d", step.after, failure(report), r.asked.Load(), step.reason, step.asked)
		}
	}
}

func TestStatusConfig(t *testing.T) {
	for _, cfg := range []sdjwt.StatusConfig{{MaxAge: -1}, {MaxAge: 32 * 24 * time.Hour}, {Keep: -1}, {Keep: 25 * time.Hour}} {
		if _, err := sdjwt.NewStatusLists(cfg); err == nil {
			t.Errorf("%+v", cfg)
		}
	}
	r := openRegister(t)
	mirrored := r.verifier(t, sdjwt.StatusConfig{Fetch: func(context.Context, string) ([]byte, error) { return []byte(*r.body.Load() + "\n"), nil }})
	if report := mirrored.Verify(context.Background(), r.at(0), expect); report.Verdict != sdjwt.Valid || r.asked.Load() != 0 {
		t.Errorf("%v, asked %d times", report.Err(), r.asked.Load())
	}
	broken := r.verifier(t, sdjwt.StatusConfig{Fetch: func(context.Context, string) ([]byte, error) { return nil, errors.New("down") }})
	if report := broken.Verify(context.Background(), r.at(0), expect); report.Verdict != sdjwt.Unsettled {
		t.Errorf("%v", report.Err())
	}
	table := must[*status.Table](t)(status.New(8, 1))
	for name, draft := range map[string]sdjwt.StatusDraft{
		"no table":   {URI: statusURI, Expires: now.Add(1e12)},
		"no end":     {URI: statusURI, Table: table},
		"plain http": {URI: "http://a.example", Table: table, Expires: now.Add(1e12)},
		"long ttl":   {URI: statusURI, Table: table, Expires: now.Add(1e12), TTL: 367 * 24 * time.Hour},
	} {
		if _, err := issuer(t).SignStatusList(draft); err == nil {
			t.Error(name)
		}
	}
}

// TestRedirectedStatusIsNotFollowed holds that a list stays at the address that was signed.
func TestRedirectedStatusIsNotFollowed(t *testing.T) {
	r := openRegister(t)
	away := httptest.NewServer(http.RedirectHandler(r.server.URL, http.StatusFound))
	defer away.Close()
	s := fresh()
	s.payload["status"] = map[string]any{"status_list": map[string]any{"idx": 0, "uri": away.URL}}
	v := r.verifier(t, sdjwt.StatusConfig{HTTPClient: &http.Client{}})
	if got := failure(v.Verify(context.Background(), s.build(), expect)); got != "status-unreachable" || r.asked.Load() != 0 {
		t.Errorf("%q", got)
	}
}
