package openid4vp_test

import (
	"bytes"
	"context"
	"crypto"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/motcua/motcua/identity"
	"github.com/motcua/motcua/identity/identitytest"
	"github.com/motcua/motcua/identity/openid4vp"
	"github.com/motcua/motcua/identity/privacy"
	"github.com/motcua/motcua/identity/sdjwt"
	"github.com/motcua/motcua/qr"
)

func code(err error) string {
	var own *openid4vp.Error
	if err == nil {
		return ""
	}
	if !errors.As(err, &own) {
		return err.Error()
	}
	return strings.TrimPrefix(own.Code(), "openid4vp.")
}

// TestClients plays the whole way with each kind of client identifier, signed and unsigned, encrypted and not.
func TestClients(t *testing.T) {
	for name, s := range map[string]set{
		"x509_hash": {},
		"x509_san_dns": {client: func(o *office, c *openid4vp.Client) {
			for _, address := range []*string{&c.RequestURL, &c.ResponseURL, &c.ReturnURL} {
				*address = strings.Replace(*address, "127.0.0.1", "localhost", 1)
			}
			c.ID = "x509_san_dns:localhost"
		}},
		"registered": {
			client: func(_ *office, c *openid4vp.Client) { c.ID, c.KeyID, c.Chain = "mot-cua", "k", nil },
			wallet: func(o *office, c *identitytest.WalletConfig) {
				c.Registered = map[string]crypto.PublicKey{"mot-cua": o.client.Key.Public()}
			},
		},
		"redirect_uri": {
			client: func(_ *office, c *openid4vp.Client) { c.ID, c.Key, c.Chain = "redirect_uri:"+c.ResponseURL, nil, nil },
			wallet: func(_ *office, c *identitytest.WalletConfig) { c.Unsigned = true },
		},
		"unencrypted": {config: func(c *openid4vp.Config) { c.InsecurePlainResponse = true }},
		"A128GCM":     {config: func(c *openid4vp.Config) { c.Encs = []string{"A128GCM"} }},
	} {
		t.Run(name, func(t *testing.T) {
			o := open(t, s)
			b := browser(t)
			start := o.app.URL
			if name == "x509_san_dns" {
				start = strings.Replace(start, "127.0.0.1", "localhost", 1)
			}
			link := visit(t, b, start+"/wallet/start?return_to=/ho-so")
			answer := must[identitytest.WalletAnswer](t)(o.wallet.Answer(t.Context(), link))
			if answer.Status != http.StatusOK || answer.RedirectURI == "" {
				t.Fatalf("%+v", answer)
			}
			visit(t, b, answer.RedirectURI)
			result, err := o.outcome(t)
			if err != nil {
				t.Fatal(err)
			}
			if !result.SameDevice || result.ReturnTo != "/ho-so" || !result.At.Equal(o.now) {
				t.Errorf("%+v", result)
			}
			checkPID(t, result)
		})
	}
}

// checkPID holds what a sign-in may see of the invented person, and that it sees no more.
func checkPID(t *testing.T, result openid4vp.Result) {
	t.Helper()
	shown, ok := result.Presented["pid"]
	if !ok || shown.Report.Verdict != sdjwt.Valid || shown.Purpose != "sign-in" || len(result.Presented) != 1 {
		t.Fatalf("%+v", result)
	}
	statement := must[identity.Statement](t)(shown.Report.Statement(sdjwt.PIDMapping()))
	if statement.Person.Reveal() != "001090000123" || statement.Name.Reveal() != "Nguyễn Trọng Nghĩa" ||
		statement.BirthDate.Reveal() != "1990-03-15" || statement.Sex != identity.Male || statement.Origin.Trust != identity.Verified {
		t.Errorf("%+v", statement)
	}
	want := "[birthdate family_name given_name personal_administrative_number sex]"
	if got := fmt.Sprint(shown.Report.Claims().Names()); got != want {
		t.Errorf("claims %s", got)
	}
}

// TestMisbehavingWallets holds that each fault of a wallet is refused: how the wallet is answered, and what the person is
// told. A fault that proves nothing about the transaction leaves it waiting.
func TestMisbehavingWallets(t *testing.T) {
	o := open(t, set{})
	tests := []struct {
		fault  identitytest.WalletFault
		code   string
		status int
	}{
		{identitytest.WalletOtherNonce, "refused.proof-nonce", 400},
		{identitytest.WalletOtherAudience, "refused.proof-aud", 400},
		{identitytest.WalletOtherKey, "refused.proof-signature", 400},
		{identitytest.WalletOldProof, "refused.proof-iat", 400},
		{identitytest.WalletNoProof, "refused.proof-missing", 400},
		{identitytest.WalletProofType, "refused.proof-typ", 400},
		{identitytest.WalletProofNone, "refused.proof-base64", 400}, // an empty signature is no base64url of one
		{identitytest.WalletProofByTrash, "refused.proof-form", 400},
		{identitytest.WalletDrop, "refused.proof-sd-hash", 400},
		{identitytest.WalletAdd, "refused.proof-sd-hash", 400},
		{identitytest.WalletDouble, "refused.disclosure-twice", 400},
		{identitytest.WalletForge, "refused.disclosure-unreferenced", 400},
		{identitytest.WalletWithhold, "refused.claims-missing", 400},
		{identitytest.WalletOtherType, "refused.type-other", 400},
		{identitytest.WalletOtherState, "refused.state", 400},
		{identitytest.WalletNoState, "refused.state", 400},
		{identitytest.WalletOtherQuery, "refused.vp-token", 400},
		{identitytest.WalletTwice, "refused.vp-token", 400},
		{identitytest.WalletBareText, "refused.vp-token", 400},
		{identitytest.WalletDenies, "denied.access_denied", 200},
		{identitytest.WalletDeniesWithTrash, "denied.other", 200},
		{identitytest.WalletDeniesInside, "denied.access_denied", 200},
		{identitytest.WalletInsideList, "refused.response-json", 400},
		{identitytest.WalletInsideTwice, "refused.response-json", 400},
		{identitytest.WalletInsideNumber, "refused.response-json", 400},
		{identitytest.WalletHuge, "pending.waiting", 400},
		{identitytest.WalletPlain, "pending.waiting", 400},
		{identitytest.WalletZip, "pending.waiting", 400},
		{identitytest.WalletKeyWrap, "pending.waiting", 400},
		{identitytest.WalletPBES, "pending.waiting", 400},
		{identitytest.WalletTag, "pending.waiting", 400},
		{identitytest.WalletParameterTwice, "pending.waiting", 400},
		{identitytest.WalletJSONBody, "pending.waiting", 400},
		{identitytest.WalletReplays, "", 200}, // the first answer ever, kept for the next test
		{identitytest.WalletOvershare, "", 200},
	}
	for _, tt := range tests {
		t.Run(string(tt.fault), func(t *testing.T) {
			o.wallet.Misbehave(tt.fault)
			if tt.fault == identitytest.WalletReplays {
				o.wallet.Misbehave()
			}
			result, answer, err := o.sameDevice(t)
			if code(err) != tt.code || answer.Status != tt.status {
				t.Fatalf("%v with status %d, want %q with %d", err, answer.Status, tt.code, tt.status)
			}
			var own *openid4vp.Error
			if errors.As(err, &own) && (own.Text("vi") == own.Text("en") || strings.Contains(own.Text("vi"), "script")) {
				t.Errorf("text %q", own.Text("vi"))
			}
			if err == nil {
				checkPID(t, result)
			}
		})
	}
}

// TestReplayedAnswer posts one wallet's good answer to the transaction it belonged to, and to another one.
func TestReplayedAnswer(t *testing.T) {
	o := open(t, set{})
	if _, _, err := o.sameDevice(t); err != nil {
		t.Fatal(err)
	}
	b := browser(t)
	link := visit(t, b, o.app.URL+"/wallet/start")
	o.wallet.Misbehave(identitytest.WalletReplays)
	answer := must[identitytest.WalletAnswer](t)(o.wallet.Answer(t.Context(), link))
	if answer.Status != http.StatusConflict || answer.RedirectURI != "" {
		t.Errorf("%+v", answer)
	}
	o.wallet.Misbehave()
	if answer = must[identitytest.WalletAnswer](t)(o.wallet.Answer(t.Context(), link)); answer.Status != http.StatusOK {
		t.Errorf("the transaction that was not meant: %+v", answer)
	}
	if _, err := o.wallet.Answer(t.Context(), link); !errors.Is(err, identitytest.ErrWalletRequest) {
		t.Errorf("a request that has been answered is handed out again: %v", err)
	}
	visit(t, b, answer.RedirectURI)
	if _, err := o.outcome(t); err != nil {
		t.Error(err)
	}
	visit(t, b, answer.RedirectURI)
	if _, err := o.outcome(t); !errors.Is(err, openid4vp.ErrReplayed) {
		t.Errorf("a result fetched twice: %v", err)
	}
}

// TestAnswerOfAnotherTransaction holds that a presentation made for one request does not pass in another, encrypted to
// that one's key by somebody who has both.
func TestAnswerOfAnotherTransaction(t *testing.T) {
	o := open(t, set{config: func(c *openid4vp.Config) { c.InsecurePlainResponse = true }})
	var forms [2]url.Values
	var links [2]string
	for i := range links {
		links[i] = visit(t, browser(t), o.app.URL+"/wallet/start")
		id := idOf(t, links[i])
		// A wallet that posts to a listener of ours in place of the verifier.
		forms[i] = o.intercept(t, links[i])
		if forms[i].Get("state") != id {
			t.Fatal("state")
		}
	}
	forms[1].Set("vp_token", forms[0].Get("vp_token"))
	resp := must[*http.Response](t)(http.PostForm(o.client.ResponseURL, forms[1]))
	body := must[[]byte](t)(io.ReadAll(io.LimitReader(resp.Body, 1<<20)))
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusBadRequest || !strings.Contains(string(body), "proof-nonce") {
		t.Errorf("%d %s", resp.StatusCode, body)
	}
}

func idOf(t testing.TB, link string) string {
	t.Helper()
	request := must[*url.URL](t)(url.Parse(must[*url.URL](t)(url.Parse(link)).Query().Get("request_uri")))
	return request.Path[strings.LastIndexByte(request.Path, '/')+1:]
}

// intercept lets the wallet answer, but keeps the answer from the verifier.
func (o *office) intercept(t testing.TB, link string) url.Values {
	t.Helper()
	var form url.Values
	wallet := must[*identitytest.Wallet](t)(identitytest.NewWallet(identitytest.WalletConfig{
		Now: o.clock, Roots: o.client.Chain[1:], HTTPClient: &http.Client{Transport: tripper(func(r *http.Request) (*http.Response, error) {
			if r.URL.String() != o.client.ResponseURL {
				return http.DefaultTransport.RoundTrip(r)
			}
			raw, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
			if err != nil {
				return nil, err
			}
			form, err = url.ParseQuery(string(raw))
			return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("{}"))}, err
		})},
	}))
	saved := o.wallet
	o.wallet = wallet
	wallet.Add(o.issue(t, pidType))
	o.wallet = saved
	must[identitytest.WalletAnswer](t)(wallet.Answer(t.Context(), link))
	return form
}

type tripper func(*http.Request) (*http.Response, error)

func (f tripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestStolenResponseCode holds that the code is worth nothing in another browser, and the cookie nothing without the code.
func TestStolenResponseCode(t *testing.T) {
	o := open(t, set{})
	victim, thief := browser(t), browser(t)
	link := visit(t, victim, o.app.URL+"/wallet/start")
	visit(t, thief, o.app.URL+"/wallet/start") // has a cookie of its own
	answer := must[identitytest.WalletAnswer](t)(o.wallet.Answer(t.Context(), link))
	for name, c := range map[string]struct {
		browser *http.Client
		address string
		code    string
	}{
		"another browser":    {thief, answer.RedirectURI, "browser.cookie"},
		"no cookie":          {browser(t), answer.RedirectURI, "browser.cookie"},
		"no code":            {victim, o.app.URL + "/wallet/back?id=" + idOf(t, link), "pending.response-code"},
		"another code":       {victim, answer.RedirectURI[:len(answer.RedirectURI)-43] + idOf(t, link), "browser.response-code"},
		"half a code":        {victim, answer.RedirectURI[:len(answer.RedirectURI)-3], "request.query"},
		"id and code":        {victim, answer.RedirectURI + "&id=" + idOf(t, link), "request.query"},
		"nothing":            {victim, o.app.URL + "/wallet/back", "request.query"},
		"no such":            {victim, o.app.URL + "/wallet/back?id=" + strings.Repeat("A", 43), "unknown.id"},
		"an endless address": {victim, answer.RedirectURI + "&x=" + strings.Repeat("a", 5000), "request.query"},
	} {
		visit(t, c.browser, c.address)
		if _, err := o.outcome(t); code(err) != c.code {
			t.Errorf("%s: %v, want %s", name, err, c.code)
		}
	}
	visit(t, victim, answer.RedirectURI)
	if _, err := o.outcome(t); err != nil {
		t.Error(err)
	}
}

// TestCrossDevice polls in the browser that shows the symbol, while a wallet on another device answers.
func TestCrossDevice(t *testing.T) {
	o := open(t, set{})
	b := browser(t)
	visit(t, b, o.app.URL+"/wallet/begin")
	back := o.app.URL + "/wallet/back?id=" + o.last.ID
	visit(t, b, back)
	if _, err := o.outcome(t); !errors.Is(err, openid4vp.ErrPending) {
		t.Errorf("%v", err)
	}
	if _, err := qr.Encode(o.last.WalletURL, qr.M); err != nil {
		t.Errorf("the link does not fit a symbol: %v", err)
	}
	answer := must[identitytest.WalletAnswer](t)(o.wallet.Answer(t.Context(), o.last.WalletURL))
	if answer.Status != http.StatusOK || answer.RedirectURI != "" {
		t.Errorf("%+v", answer)
	}
	visit(t, browser(t), back)
	if _, err := o.outcome(t); !errors.Is(err, openid4vp.ErrBrowser) {
		t.Errorf("another browser polls: %v", err)
	}
	visit(t, b, back)
	result, err := o.outcome(t)
	if err != nil || result.SameDevice || result.ReturnTo != "/ho-so" {
		t.Fatalf("%+v, %v", result, err)
	}
	checkPID(t, result)
	visit(t, b, back)
	if _, err := o.outcome(t); !errors.Is(err, openid4vp.ErrReplayed) {
		t.Errorf("%v", err)
	}
}

// TestAgeOnly holds that a question is asked as the issuer's yes or no, and that no date of birth comes along.
func TestAgeOnly(t *testing.T) {
	o := open(t, set{purpose: "age-check"})
	o.wallet.Misbehave(identitytest.WalletOvershare)
	result, _, err := o.sameDevice(t)
	if err != nil {
		t.Fatal(err)
	}
	shown := result.Presented["pid"]
	if shown.Answers["age>=18"] != identity.Yes || fmt.Sprint(shown.Report.Claims().Names()) != "[age_equal_or_over]" ||
		shown.Report.Claims().Has(sdjwt.Path{"age_equal_or_over", "60"}) {
		t.Errorf("%v %v", shown.Answers, shown.Report.Claims().Names())
	}
}

func TestTenMinutes(t *testing.T) {
	o := open(t, set{})
	b := browser(t)
	link := visit(t, b, o.app.URL+"/wallet/start")
	form := o.intercept(t, link)
	o.sleep(openid4vp.Lifetime)
	if _, err := o.wallet.Answer(t.Context(), link); !errors.Is(err, identitytest.ErrWalletRequest) {
		t.Errorf("a request of ten minutes ago is handed out: %v", err)
	}
	resp := must[*http.Response](t)(http.PostForm(o.client.ResponseURL, form))
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusGone {
		t.Errorf("an answer after ten minutes: %d", resp.StatusCode)
	}
	visit(t, b, o.app.URL+"/wallet/back?id="+idOf(t, link))
	if _, err := o.outcome(t); !errors.Is(err, openid4vp.ErrExpired) {
		t.Errorf("%v", err)
	}
	link = visit(t, b, o.app.URL+"/wallet/start")
	answer := must[identitytest.WalletAnswer](t)(o.wallet.Answer(t.Context(), link))
	o.sleep(openid4vp.Lifetime - time.Second)
	visit(t, b, answer.RedirectURI)
	if _, err := o.outcome(t); err != nil {
		t.Errorf("a result within the ten minutes: %v", err)
	}
}

// TestStatusDown holds that a credential whose status cannot be told is refused with the words for that.
func TestStatusDown(t *testing.T) {
	o := open(t, set{verify: func(c *sdjwt.Config) { c.RequireStatus = true }})
	_, _, err := o.sameDevice(t)
	var cause *sdjwt.VerifyError
	if code(err) != "refused.status-missing" || !errors.As(err, &cause) || cause.Step.Name != "status" {
		t.Errorf("%v", err)
	}
}

func TestStartRefuses(t *testing.T) {
	o := open(t, set{})
	for _, path := range []string{"//evil.example", `/\evil.example`, "https://evil.example", "/%2Fevil.example/..//x\n", "x"} {
		resp := must[*http.Response](t)(browser(t).Get(o.app.URL + "/wallet/start?return_to=" + url.QueryEscape(path)))
		body := must[[]byte](t)(io.ReadAll(io.LimitReader(resp.Body, 1<<20)))
		_ = resp.Body.Close()
		if resp.StatusCode != http.StatusBadRequest || !strings.Contains(string(body), "openid4vp.request.return-to") {
			t.Errorf("%q: %d %s", path, resp.StatusCode, body)
		}
	}
	resp := must[*http.Response](t)(browser(t).Post(o.app.URL+"/wallet/start", "text/plain", nil))
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusBadRequest {
		t.Errorf("POST: %d", resp.StatusCode)
	}
}

func TestHandlersRefuse(t *testing.T) {
	o := open(t, set{})
	link := visit(t, browser(t), o.app.URL+"/wallet/start")
	id, good := idOf(t, link), o.intercept(t, link)
	plain := open(t, set{config: func(c *openid4vp.Config) { c.InsecurePlainResponse = true }})
	plainID := idOf(t, visit(t, browser(t), plain.app.URL+"/wallet/start"))
	with := func(name, value string) string {
		form := url.Values{"response": good["response"], name: {value}}
		return form.Encode()
	}
	request := o.client.RequestURL + "/"
	form := "application/x-www-form-urlencoded"
	for name, c := range map[string]struct {
		method, address, media, body string
		status                       int
		code                         string
	}{
		"request":                {"GET", request + id, "", "", 200, ""},
		"request by post":        {"POST", request + id, form, "wallet_nonce=n", 200, ""},
		"unknown parameters":     {"POST", request + id, form, "wallet_nonce=n&x=y", 200, ""},
		"nonce twice":            {"POST", request + id, form, "wallet_nonce=n&wallet_nonce=m", 400, "request.parameter-twice"},
		"endless nonce":          {"POST", request + id, form, "wallet_nonce=" + strings.Repeat("n", 513), 400, "request.wallet-nonce"},
		"request by JSON":        {"POST", request + id, "application/json", "{}", 400, "request.content-type"},
		"request by delete":      {"DELETE", request + id, "", "", 400, "request.method"},
		"no such request":        {"GET", request + strings.Repeat("A", 43), "", "", 404, "unknown.id"},
		"no id":                  {"GET", request, "", "", 404, "unknown.id"},
		"response by get":        {"GET", o.client.ResponseURL, "", "", 400, "request.method"},
		"empty response":         {"POST", o.client.ResponseURL, form, "", 404, "unknown.state"},
		"a hundred parameters":   {"POST", o.client.ResponseURL, form, strings.Repeat("a=b&", 101), 400, "request.size"},
		"bad escape":             {"POST", o.client.ResponseURL, form, "state=%zz", 400, "request.form"},
		"a megabyte":             {"POST", o.client.ResponseURL, form, "response=" + strings.Repeat("a", 1<<20), 400, "request.size"},
		"no such transaction":    {"POST", o.client.ResponseURL, form, "vp_token={}&state=" + strings.Repeat("A", 43), 404, "unknown.id"},
		"sealed and plain":       {"POST", o.client.ResponseURL, form, with("vp_token", "{}"), 400, "request.parameters"},
		"sealed and refused":     {"POST", o.client.ResponseURL, form, with("error", "access_denied"), 400, "request.parameters"},
		"sealed with another id": {"POST", o.client.ResponseURL, form, with("state", "x"), 400, "request.parameters"},
		"sealed trash":           {"POST", o.client.ResponseURL, form, "response=" + sealedTo(id), 400, "request.response-header-member"},
		"sealed for the plain":   {"POST", plain.client.ResponseURL, form, "response=" + sealedTo(plainID), 400, "request.encrypted"},
		"plain for the sealed":   {"POST", o.client.ResponseURL, form, "vp_token={}&state=" + id, 400, "request.not-encrypted"},
	} {
		req := must[*http.Request](t)(http.NewRequestWithContext(t.Context(), c.method, c.address, strings.NewReader(c.body)))
		req.Header.Set("Content-Type", c.media)
		resp := must[*http.Response](t)(http.DefaultClient.Do(req))
		body := must[[]byte](t)(io.ReadAll(io.LimitReader(resp.Body, 1<<20)))
		_ = resp.Body.Close()
		if resp.StatusCode != c.status || resp.Header.Get("Cache-Control") != "no-store" || !strings.Contains(string(body), c.code) {
			t.Errorf("%s: %d %s, want %d %s", name, resp.StatusCode, body, c.status, c.code)
		}
	}
	// None of that was an answer; some wallets repeat the state beside the sealed one.
	resp := must[*http.Response](t)(http.PostForm(o.client.ResponseURL, url.Values{"response": good["response"], "state": {id}}))
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("%d", resp.StatusCode)
	}
}

// TestRequestObject holds what a request says, and that there is none of a client that cannot sign, nor after its time.
func TestRequestObject(t *testing.T) {
	o := open(t, set{})
	id := idOf(t, visit(t, browser(t), o.app.URL+"/wallet/start"))
	fetch := func(address string) (int, string) {
		resp := must[*http.Response](t)(http.Get(address))
		defer resp.Body.Close()
		return resp.StatusCode, string(must[[]byte](t)(io.ReadAll(io.LimitReader(resp.Body, 1<<20))))
	}
	status, text := fetch(o.client.RequestURL + "/" + id)
	if status != http.StatusOK {
		t.Fatal(status, text)
	}
	raw := must[[]byte](t)(base64.RawURLEncoding.DecodeString(strings.Split(text, ".")[1]))
	var request struct {
		Mode     string `json:"response_mode"`
		Exp      int64  `json:"exp"`
		Metadata struct {
			Name string   `json:"client_name"`
			Encs []string `json:"encrypted_response_enc_values_supported"`
			JWKS struct {
				Keys []map[string]any `json:"keys"`
			} `json:"jwks"`
		} `json:"client_metadata"`
	}
	if err := json.Unmarshal(raw, &request); err != nil {
		t.Fatal(err)
	}
	m := request.Metadata
	if request.Mode != "direct_post.jwt" || request.Exp != o.now.Add(openid4vp.Lifetime).Unix() || m.Name != "UBND phường Ví Dụ" ||
		len(m.Encs) != 2 || len(m.JWKS.Keys) != 1 || m.JWKS.Keys[0]["d"] != nil {
		t.Errorf("%s", raw)
	}
	o.sleep(openid4vp.Lifetime)
	if status, text = fetch(o.client.RequestURL + "/" + id); status != http.StatusGone {
		t.Errorf("after ten minutes: %d %s", status, text)
	}
	unsigned := open(t, set{client: func(_ *office, c *openid4vp.Client) { c.ID, c.Key, c.Chain = "redirect_uri:"+c.ResponseURL, nil, nil }})
	link := must[*url.URL](t)(url.Parse(visit(t, browser(t), unsigned.app.URL+"/wallet/start")))
	if status, text = fetch(unsigned.client.RequestURL + "/" + link.Query().Get("state")); status != http.StatusNotFound {
		t.Errorf("a request nobody signed: %d %s", status, text)
	}
}

// TestRegisteredClientNamesItsKey holds that a client without certificates names its key, and a certified one does not.
func TestRegisteredClientNamesItsKey(t *testing.T) {
	for kid, s := range map[string]set{
		"key-7": {client: func(_ *office, c *openid4vp.Client) { c.ID, c.KeyID, c.Chain = "mot-cua", "key-7", nil }}, "": {},
	} {
		o := open(t, s)
		resp := must[*http.Response](t)(http.Get(o.client.RequestURL + "/" + idOf(t, visit(t, browser(t), o.app.URL+"/wallet/start"))))
		text := must[[]byte](t)(io.ReadAll(io.LimitReader(resp.Body, 1<<20)))
		_ = resp.Body.Close()
		var header struct {
			Kid string
			X5C []string `json:"x5c"`
		}
		raw := must[[]byte](t)(base64.RawURLEncoding.DecodeString(strings.Split(string(text), ".")[0]))
		if err := json.Unmarshal(raw, &header); err != nil || header.Kid != kid || (len(header.X5C) == 1) != (kid == "") {
			t.Errorf("%s", raw)
		}
	}
}

// TestTwoTabs begins twice in one browser: both can be finished.
func TestTwoTabs(t *testing.T) {
	o := open(t, set{})
	b := browser(t)
	links := []string{visit(t, b, o.app.URL+"/wallet/start"), visit(t, b, o.app.URL+"/wallet/start")}
	for _, link := range links {
		answer := must[identitytest.WalletAnswer](t)(o.wallet.Answer(t.Context(), link))
		visit(t, b, answer.RedirectURI)
		if _, err := o.outcome(t); err != nil {
			t.Error(err)
		}
	}
}

// TestTokens holds the form of a vp_token.
func TestTokens(t *testing.T) {
	o := open(t, set{config: func(c *openid4vp.Config) { c.InsecurePlainResponse = true }})
	for name, token := range map[string]string{
		"a list": `[]`, "nothing": ``, "nobody": `{}`, "a text": `{"pid":"x"}`, "none": `{"pid":[]}`, "two": `{"pid":["x","y"]}`,
		"an empty one": `{"pid":[""]}`, "a number": `{"pid":[1]}`, "one more": `{"pid":["x"],"other":["y"]}`,
		"one twice": `{"pid":["x"],"pid":["y"]}`, "another": `{"other":["x"]}`,
	} {
		id := idOf(t, visit(t, browser(t), o.app.URL+"/wallet/start"))
		resp := must[*http.Response](t)(http.PostForm(o.client.ResponseURL, url.Values{"state": {id}, "vp_token": {token}}))
		body := must[[]byte](t)(io.ReadAll(io.LimitReader(resp.Body, 1<<20)))
		_ = resp.Body.Close()
		if resp.StatusCode != http.StatusBadRequest || !strings.Contains(string(body), "openid4vp.request.vp-token") {
			t.Errorf("%s: %d %s", name, resp.StatusCode, body)
		}
	}
}

func sealedTo(id string) string {
	return b64(`{"alg":"ECDH-ES","enc":"A128GCM","kid":"`+id+`"}`) + "..AAAAAAAAAAAAAAAA.AA.AAAAAAAAAAAAAAAAAAAAAA"
}

func TestNewRefuses(t *testing.T) {
	o := open(t, set{})
	credentials := must[*sdjwt.Verifier](t)(sdjwt.NewVerifier([]sdjwt.TrustedIssuer{
		{Name: issuerName, Types: []string{pidType}, Keys: sdjwt.KeySet{}},
	}, sdjwt.Config{}))
	for name, c := range map[string]struct {
		change func(*openid4vp.Client)
		rule   string
	}{
		"good":                        {func(*openid4vp.Client) {}, ""},
		"no key":                      {func(c *openid4vp.Client) { c.Key = nil }, "client-key"},
		"another algorithm":           {func(c *openid4vp.Client) { c.Alg = "ES384" }, "client-key"},
		"another's certificate":       {func(c *openid4vp.Client) { c.Key = newKey(t) }, "client-id"},
		"hash of another":             {func(c *openid4vp.Client) { c.ID = openid4vp.HashID(o.root) }, "client-id"},
		"no certificate":              {func(c *openid4vp.Client) { c.Chain = nil }, "client-id"},
		"name not in the certificate": {func(c *openid4vp.Client) { c.ID = "x509_san_dns:other.example" }, "client-id"},
		"answers to another host":     {func(c *openid4vp.Client) { c.ID = "x509_san_dns:localhost" }, "client-id"},
		"unsigned with a key":         {func(c *openid4vp.Client) { c.ID = "redirect_uri:" + c.ResponseURL }, "client-id"},
		"unsigned to elsewhere":       {func(c *openid4vp.Client) { c.ID, c.Key, c.Chain = "redirect_uri:https://x.example", nil, nil }, "client-id"},
		"a DID":                       {func(c *openid4vp.Client) { c.ID = "decentralized_identifier:did:x:y" }, "client-id"},
		"registered without a key id": {func(c *openid4vp.Client) { c.ID = "mot-cua" }, "client-id"},
		"nobody":                      {func(c *openid4vp.Client) { c.ID = "" }, "client-id"},
		"plain http":                  {func(c *openid4vp.Client) { c.ResponseURL = "http://x.example/r" }, "response-url"},
		"a query in the address":      {func(c *openid4vp.Client) { c.RequestURL += "?x" }, "request-url"},
		"nowhere to return":           {func(c *openid4vp.Client) { c.ReturnURL = "" }, "return-url"},
		"a script to open the wallet": {func(c *openid4vp.Client) { c.WalletURL = "javascript:x" }, "wallet-url"},
		"a wallet without a scheme":   {func(c *openid4vp.Client) { c.WalletURL = "wallet" }, "wallet-url"},
		"a universal link":            {func(c *openid4vp.Client) { c.WalletURL = "https://wallet.example/open" }, ""},
	} {
		client := o.client
		c.change(&client)
		_, err := openid4vp.New(client, credentials, openid4vp.Config{})
		var own *openid4vp.Error
		if errors.As(err, &own); (err == nil) != (c.rule == "") || err != nil && (own.Rule != c.rule || !errors.Is(err, openid4vp.ErrConfig)) {
			t.Errorf("%s: %v, want %q", name, err, c.rule)
		}
	}
	if _, err := openid4vp.New(o.client, nil, openid4vp.Config{}); err == nil {
		t.Error("a verifier that trusts nobody in particular")
	}
	if _, err := openid4vp.New(o.client, credentials, openid4vp.Config{Encs: []string{"A128CBC-HS256"}}); err == nil {
		t.Error("another encryption")
	}
}

// TestAsks holds that only what a purpose names can be asked for.
func TestAsks(t *testing.T) {
	catalogue := openid4vp.PIDCatalogue()
	good := must[openid4vp.Ask](t)(openid4vp.NewAsk("pid", purpose(t, "sign-in"), catalogue, pidType))
	if got := toJSON(t, good.Paths()); got != `[["personal_administrative_number"],["family_name"],["given_name"],["birthdate"],["sex"]]` {
		t.Errorf("%s", got)
	}
	var back openid4vp.Ask
	if err := back.UnmarshalJSON([]byte(toJSON(t, good))); err != nil || toJSON(t, back) != toJSON(t, good) || back.ID() != "pid" {
		t.Errorf("%v %s", err, toJSON(t, back))
	}
	for name, f := range map[string]func() error{
		"an item such credentials may hold, but nobody mapped": func() error {
			_, err := openid4vp.NewAsk("x", privacy.Purpose{Items: []string{"face"}}, catalogue, pidType)
			return err
		},
		"a question that is none": func() error {
			_, err := openid4vp.NewAsk("x", privacy.Purpose{Asks: []string{"income>=18"}}, catalogue, pidType)
			return err
		},
		"nothing": func() error {
			_, err := openid4vp.NewAsk("x", purpose(t, "statistics"), catalogue, pidType)
			return err
		},
		"no type":             func() error { _, err := openid4vp.NewAsk("x", purpose(t, "sign-in"), catalogue); return err },
		"any type":            func() error { _, err := openid4vp.NewAsk("x", purpose(t, "sign-in"), catalogue, ""); return err },
		"an id with a space":  func() error { _, err := openid4vp.NewAsk("a b", purpose(t, "sign-in"), catalogue, pidType); return err },
		"no id":               func() error { _, err := openid4vp.NewAsk("", purpose(t, "sign-in"), catalogue, pidType); return err },
		"a store's trash":     func() error { return new(openid4vp.Ask).UnmarshalJSON([]byte(`{"id":1}`)) },
		"a store's empty row": func() error { return new(openid4vp.Ask).UnmarshalJSON([]byte(`{}`)) },
		"a store's bad path": func() error {
			return new(openid4vp.Ask).UnmarshalJSON([]byte(`{"id":"x","types":["t"],"paths":[[true]]}`))
		},
		"a type nobody issues": func() error {
			return begin(open(t, set{}), must[openid4vp.Ask](t)(openid4vp.NewAsk("x", purpose(t, "sign-in"), catalogue, "urn:x")))
		},
		"the same name twice": func() error { return begin(open(t, set{}), good, good) },
		"none":                func() error { return begin(open(t, set{})) },
		"an empty one":        func() error { return begin(open(t, set{}), openid4vp.Ask{}) },
	} {
		if err := f(); !errors.Is(err, openid4vp.ErrConfig) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func begin(o *office, asks ...openid4vp.Ask) error {
	req, _ := http.NewRequestWithContext(context.Background(), http.MethodGet, "/", nil)
	_, err := o.verifier.Begin(discard{http.Header{}}, req, openid4vp.Begin{}, asks...)
	return err
}

type discard struct{ header http.Header }

func (d discard) Header() http.Header         { return d.header }
func (d discard) Write(b []byte) (int, error) { return len(b), nil }
func (d discard) WriteHeader(int)             {}

// TestTwoCredentials asks for two at once; one that is missing refuses both.
func TestTwoCredentials(t *testing.T) {
	o := open(t, set{})
	first := must[openid4vp.Ask](t)(openid4vp.NewAsk("pid", purpose(t, "sign-in"), openid4vp.PIDCatalogue(), pidType))
	second := must[openid4vp.Ask](t)(openid4vp.NewAsk("birth", purpose(t, "age-check"), openid4vp.PIDCatalogue(), otherType))
	recorder, request := discard{http.Header{}}, must[*http.Request](t)(http.NewRequestWithContext(t.Context(), "GET", "/", nil))
	invitation := must[openid4vp.Invitation](t)(o.verifier.Begin(recorder, request, openid4vp.Begin{}, first, second))
	answer := must[identitytest.WalletAnswer](t)(o.wallet.Answer(t.Context(), invitation.WalletURL))
	if answer.Status != http.StatusOK {
		t.Fatalf("%+v", answer)
	}
	back := must[*http.Request](t)(http.NewRequestWithContext(t.Context(), "GET", "/?id="+invitation.ID, nil))
	back.Header.Set("Cookie", strings.Split(recorder.header.Get("Set-Cookie"), ";")[0])
	result := must[openid4vp.Result](t)(o.verifier.Collect(back))
	if len(result.Presented) != 2 || result.Presented["birth"].Answers["age>=18"] != identity.Yes || result.Presented["birth"].Report.Type != otherType {
		t.Errorf("%+v", result)
	}
}

// TestNothingPrintsPersonalData looks for the person, and for the transaction's secrets, in addresses, errors, stores as
// printed, and results.
func TestNothingPrintsPersonalData(t *testing.T) {
	memory := &spy{Memory: openid4vp.NewMemory(0)}
	o := open(t, set{config: func(c *openid4vp.Config) { c.Transactions = memory }})
	result, answer, err := o.sameDevice(t)
	if err != nil {
		t.Fatal(err)
	}
	values := []any{result, &result, result.Presented, answer, o.verifier, o.client, o.client.ID, o.ask, o.seen}
	for _, fault := range []identitytest.WalletFault{identitytest.WalletForge, identitytest.WalletDeniesWithTrash, identitytest.WalletWithhold} {
		o.wallet.Misbehave(fault)
		_, _, err := o.sameDevice(t)
		var own *openid4vp.Error
		if !errors.As(err, &own) {
			t.Fatal(err)
		}
		values = append(values, err, own.Text("vi"), own.Text("en"), own.Code())
	}
	answered := false
	for i := range memory.moved {
		answered = answered || len(memory.moved[i].Answer) > 0
		values = append(values, memory.moved[i], &memory.moved[i])
	}
	if !answered {
		t.Fatal("no transaction held an answer: the test is blind")
	}
	var out bytes.Buffer
	for _, value := range values {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			fmt.Fprintf(&out, verb+"\n", value)
		}
		slog.New(slog.NewTextHandler(&out, nil)).Info("x", "value", value)
		slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "value", value)
	}
	for _, canary := range []string{"090000123", "Nghĩa", "Nguyễn", "1990-03-15", "congdan.example", "eyJ", "script"} {
		if at := strings.Index(out.String(), canary); at >= 0 {
			t.Errorf("%q came out: …%s…", canary, out.String()[max(0, at-80):at+len(canary)])
		}
	}
}

// spy keeps what is written to the store.
type spy struct {
	*openid4vp.Memory
	moved []openid4vp.Transaction
}

func (s *spy) Move(ctx context.Context, id string, from openid4vp.Stage, tx openid4vp.Transaction) error {
	s.moved = append(s.moved, tx)
	return s.Memory.Move(ctx, id, from, tx)
}
