package openid4vp_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"math/big"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/motcua/motcua/identity/identitytest"
	"github.com/motcua/motcua/identity/openid4vp"
	"github.com/motcua/motcua/identity/privacy"
	"github.com/motcua/motcua/identity/sdjwt"
)

const (
	issuerName = "https://hotich.example.vn"
	pidType    = "urn:eudi:pid:vn:1"
	otherType  = "https://hotich.example.vn/vct/khai-sinh"
)

func must[T any](t testing.TB) func(T, error) T {
	return func(value T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

func newKey(t testing.TB) *ecdsa.PrivateKey {
	return must[*ecdsa.PrivateKey](t)(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
}

// office is an application that asks wallets, over real HTTP on loopback, with an issuer and a wallet beside it.
type office struct {
	verifier *openid4vp.Verifier
	wallet   *identitytest.Wallet
	issuer   *sdjwt.Issuer
	app      *httptest.Server
	client   openid4vp.Client
	seen     []string // every address and header that was asked for
	root     *x509.Certificate

	mu      sync.Mutex
	now     time.Time
	ask     openid4vp.Ask
	results []openid4vp.Result
	errs    []error
	last    openid4vp.Invitation
}

// set changes what an office is made of.
type set struct {
	purpose string // of the built-in ones
	client  func(*office, *openid4vp.Client)
	config  func(*openid4vp.Config)
	wallet  func(*office, *identitytest.WalletConfig)
	verify  func(*sdjwt.Config)
	now     time.Time // zero: a fixed day
}

func (o *office) clock() time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.now
}

func (o *office) sleep(d time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.now = o.now.Add(d)
}

// certify makes a root and a certificate of the office's.
func (o *office) certify(t testing.TB, key *ecdsa.PrivateKey) []*x509.Certificate {
	rootKey := newKey(t)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Root"}, NotBefore: o.now.AddDate(-1, 0, 0),
		NotAfter: o.now.AddDate(1, 0, 0), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der := must[[]byte](t)(x509.CreateCertificate(rand.Reader, template, template, rootKey.Public(), rootKey))
	o.root = must[*x509.Certificate](t)(x509.ParseCertificate(der))
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "UBND phường Ví Dụ"}, NotBefore: template.NotBefore,
		NotAfter: template.NotAfter, DNSNames: []string{"127.0.0.1", "localhost"}, KeyUsage: x509.KeyUsageDigitalSignature,
	}
	der = must[[]byte](t)(x509.CreateCertificate(rand.Reader, leaf, o.root, key.Public(), rootKey))
	return []*x509.Certificate{must[*x509.Certificate](t)(x509.ParseCertificate(der)), o.root}
}

func open(t testing.TB, s set) *office {
	t.Helper()
	o := &office{now: time.Date(2026, 11, 21, 3, 0, 0, 0, time.UTC)}
	if !s.now.IsZero() {
		o.now = s.now
	}
	mux := http.NewServeMux()
	o.app = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		o.mu.Lock()
		o.seen = append(o.seen, r.URL.String())
		o.mu.Unlock()
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(o.app.Close)
	key := newKey(t)
	o.client = openid4vp.Client{
		Key: key, Chain: o.certify(t, key), Name: "UBND phường Ví Dụ", RequestURL: o.app.URL + "/wallet/request",
		ResponseURL: o.app.URL + "/wallet/response", ReturnURL: o.app.URL + "/wallet/back",
	}
	o.client.ID = openid4vp.HashID(o.client.Chain[0])
	if s.client != nil {
		s.client(o, &o.client)
	}
	walletConfig := identitytest.WalletConfig{Now: o.clock, Roots: []*x509.Certificate{o.root}}
	if s.wallet != nil {
		s.wallet(o, &walletConfig)
	}
	o.wallet = must[*identitytest.Wallet](t)(identitytest.NewWallet(walletConfig))
	o.equip(t, s)
	mux.HandleFunc("/wallet/request/", o.verifier.RequestObject)
	mux.HandleFunc("/wallet/response", o.verifier.Response)
	mux.HandleFunc("/wallet/back", o.collect)
	mux.HandleFunc("/wallet/start", o.verifier.Start(o.ask))
	mux.HandleFunc("/wallet/begin", func(w http.ResponseWriter, r *http.Request) {
		invitation, err := o.verifier.Begin(w, r, openid4vp.Begin{ReturnTo: "/ho-so"}, o.ask)
		if err != nil {
			t.Error(err)
		}
		o.last = invitation
	})
	return o
}

func (o *office) equip(t testing.TB, s set) {
	issuerKey := newKey(t)
	o.issuer = must[*sdjwt.Issuer](t)(sdjwt.NewIssuer(issuerKey, issuerName, sdjwt.IssuerConfig{KeyID: "1", Now: o.clock}))
	keys := must[sdjwt.KeySet](t)(sdjwt.ParseKeySet(must[[]byte](t)(o.issuer.Metadata())))
	cfg := sdjwt.Config{Now: o.clock}
	if s.verify != nil {
		s.verify(&cfg)
	}
	credentials := must[*sdjwt.Verifier](t)(sdjwt.NewVerifier([]sdjwt.TrustedIssuer{
		{Name: issuerName, Types: []string{pidType, otherType}, Keys: keys, State: true},
	}, cfg))
	o.wallet.Add(o.issue(t, otherType))
	o.wallet.Add(o.issue(t, pidType))
	if s.purpose == "" {
		s.purpose = "sign-in"
	}
	o.ask = must[openid4vp.Ask](t)(openid4vp.NewAsk("pid", purpose(t, s.purpose), openid4vp.PIDCatalogue(), pidType))
	config := openid4vp.Config{Now: o.clock}
	if s.config != nil {
		s.config(&config)
	}
	o.verifier = must[*openid4vp.Verifier](t)(openid4vp.New(o.client, credentials, config))
}

func purpose(t testing.TB, code string) privacy.Purpose {
	t.Helper()
	return must[privacy.Purpose](t)(must[*privacy.Purposes](t)(privacy.Standard()).Purpose(code))
}

// issue gives the wallet what the State says of an invented person.
func (o *office) issue(t testing.TB, vct string) string {
	t.Helper()
	return must[sdjwt.Credential](t)(o.issuer.Issue(draftFor(o, vct, o.wallet.Key()))).Reveal()
}

func draftFor(o *office, vct string, holder crypto.PublicKey) sdjwt.Draft {
	return sdjwt.Draft{
		Type: vct, Holder: holder, Expires: o.now.AddDate(1, 0, 0),
		Claims: map[string]any{
			"family_name": "Nguyễn", "given_name": "Trọng Nghĩa", "personal_administrative_number": "001090000123",
			"birthdate": "1990-03-15", "sex": 1, "age_equal_or_over": map[string]any{"18": true, "60": false},
			"email": "nghia@congdan.example", "nationalities": []string{"VN"},
		},
		Disclose: []sdjwt.Path{
			{"family_name"}, {"given_name"}, {"personal_administrative_number"}, {"birthdate"}, {"sex"}, {"email"},
			{"age_equal_or_over", "18"}, {"age_equal_or_over", "60"}, {"nationalities", nil},
		},
	}
}

func (o *office) collect(w http.ResponseWriter, r *http.Request) {
	result, err := o.verifier.Collect(r)
	o.mu.Lock()
	defer o.mu.Unlock()
	if err != nil {
		o.errs = append(o.errs, err)
		w.WriteHeader(http.StatusForbidden)
		return
	}
	o.results = append(o.results, result)
}

// outcome returns the newest result or error, and that there was exactly one since the last call.
func (o *office) outcome(t testing.TB) (openid4vp.Result, error) {
	t.Helper()
	o.mu.Lock()
	defer o.mu.Unlock()
	results, errs := o.results, o.errs
	o.results, o.errs = nil, nil
	switch {
	case len(results) == 1 && len(errs) == 0:
		return results[0], nil
	case len(results) == 0 && len(errs) == 1:
		return openid4vp.Result{}, errs[0]
	}
	t.Fatalf("%d results and %d errors, want one of either", len(results), len(errs))
	return openid4vp.Result{}, nil
}

func browser(t testing.TB) *http.Client {
	t.Helper()
	jar := must[http.CookieJar](t)(cookiejar.New(nil))
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Jar: jar, Transport: transport, Timeout: 10 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// visit opens an address in a browser and returns where it is sent.
func visit(t testing.TB, b *http.Client, address string) string {
	t.Helper()
	resp := must[*http.Response](t)(b.Get(address))
	_ = resp.Body.Close()
	return resp.Header.Get("Location")
}

// sameDevice plays the whole way on one device and returns how it ended: in the browser, or at the wallet.
func (o *office) sameDevice(t testing.TB) (openid4vp.Result, identitytest.WalletAnswer, error) {
	t.Helper()
	b := browser(t)
	link := visit(t, b, o.app.URL+"/wallet/start?return_to=/ho-so")
	answer, err := o.wallet.Answer(t.Context(), link)
	if err != nil {
		t.Fatal(err)
	}
	back := answer.RedirectURI
	if back == "" {
		u := must[*url.URL](t)(url.Parse(link))
		request := must[*url.URL](t)(url.Parse(u.Query().Get("request_uri")))
		back = o.app.URL + "/wallet/back?id=" + request.Path[len("/wallet/request/"):]
	}
	visit(t, b, back)
	result, err := o.outcome(t)
	return result, answer, err
}

func toJSON(t testing.TB, value any) string { return string(must[[]byte](t)(json.Marshal(value))) }
