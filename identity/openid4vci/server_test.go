package openid4vci_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/motcua/motcua/identity/identitytest"
	"github.com/motcua/motcua/identity/openid4vci"
	"github.com/motcua/motcua/identity/sdjwt"
)

const (
	issuerName = "https://hotich.example.vn"
	birthType  = "https://hotich.example.vn/vct/trich-luc-khai-sinh"
	reference  = "H26.12-261121-0007"
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

// office issues extracts of births over real HTTP, with a wallet beside it.
type office struct {
	server   *openid4vci.Server
	wallet   *identitytest.Wallet
	verifier *sdjwt.Verifier
	base     string

	mu     sync.Mutex
	now    time.Time
	asked  []string // references that were filled in
	draft  func(*sdjwt.Draft) error
	grants *spy
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

// spy keeps what is written to the store.
type spy struct {
	*openid4vci.Memory
	mu      sync.Mutex
	written []openid4vci.Grant
}

func (s *spy) Put(ctx context.Context, id string, g openid4vci.Grant) error {
	s.mu.Lock()
	s.written = append(s.written, g)
	s.mu.Unlock()
	return s.Memory.Put(ctx, id, g)
}

func (s *spy) Move(ctx context.Context, id string, was, now openid4vci.Grant) error {
	s.mu.Lock()
	s.written = append(s.written, now)
	s.mu.Unlock()
	return s.Memory.Move(ctx, id, was, now)
}

func (o *office) fill(_ context.Context, configuration, ref string) (sdjwt.Draft, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.asked = append(o.asked, configuration+" "+ref)
	d := sdjwt.Draft{
		Type: birthType, Claims: map[string]any{"name": "Nguyễn Trọng Nghĩa", "birthdate": "1990-03-15"},
		Disclose: []sdjwt.Path{{"name"}, {"birthdate"}},
	}
	if o.draft != nil {
		return d, o.draft(&d)
	}
	return d, nil
}

func open(t testing.TB) *office {
	t.Helper()
	watched := &spy{Memory: openid4vci.NewMemory(0)}
	o := openWith(t, watched)
	o.grants = watched
	return o
}

func openWith(t testing.TB, grants openid4vci.Grants) *office {
	t.Helper()
	o := &office{now: time.Now()}
	mux := http.NewServeMux()
	app := httptest.NewServer(mux)
	t.Cleanup(app.Close)
	o.base = app.URL + "/cap"
	key := must[*ecdsa.PrivateKey](t)(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	issuer := must[*sdjwt.Issuer](t)(sdjwt.NewIssuer(key, issuerName, sdjwt.IssuerConfig{KeyID: "1", Now: o.clock}))
	set := must[sdjwt.KeySet](t)(sdjwt.NewKeySet("1", key.Public()))
	o.verifier = must[*sdjwt.Verifier](t)(sdjwt.NewVerifier([]sdjwt.TrustedIssuer{
		{Name: issuerName, Types: []string{birthType}, Keys: set, State: true},
	}, sdjwt.Config{Now: o.clock, AllowNoExpiry: true}))
	o.server = must[*openid4vci.Server](t)(openid4vci.New(o.base, issuer, o.fill, map[string]openid4vci.Configuration{
		"khai-sinh": {Type: birthType, NameVI: "Trích lục khai sinh", NameEN: "Extract of birth"},
	}, openid4vci.Config{Now: o.clock, Grants: grants}))
	o.server.Register(mux)
	o.wallet = must[*identitytest.Wallet](t)(identitytest.NewWallet(identitytest.WalletConfig{Now: o.clock}))
	return o
}

func (o *office) offer(t testing.TB) openid4vci.Offer {
	t.Helper()
	return must[openid4vci.Offer](t)(o.server.Offer(t.Context(), "khai-sinh", reference, openid4vci.OfferConfig{}))
}

// refused returns the code in the wallet's error.
func refused(err error) string {
	if err == nil {
		return ""
	}
	if !errors.Is(err, identitytest.ErrWalletRefused) {
		return err.Error()
	}
	_, text, _ := strings.Cut(err.Error(), "refused: ")
	return text
}

// TestIssue hands a result to a wallet and holds that the wallet can show it as its own.
func TestIssue(t *testing.T) {
	o := open(t)
	offer := o.offer(t)
	if len(offer.TxCode) != 6 || !offer.Expires.Equal(o.now.Add(time.Hour)) {
		t.Errorf("%q %v", offer.TxCode, offer.Expires)
	}
	if err := o.wallet.Receive(t.Context(), offer.Link, offer.TxCode); err != nil {
		t.Fatal(err)
	}
	if len(o.asked) != 1 || o.asked[0] != "khai-sinh "+reference {
		t.Errorf("%v", o.asked)
	}
	held := o.wallet.Held()
	if len(held) != 1 {
		t.Fatalf("%d credentials", len(held))
	}
	report := o.verifier.VerifyIssued(t.Context(), must[sdjwt.Credential](t)(sdjwt.ParseCredential(held[0])))
	if report.Verdict != sdjwt.Valid || report.Claims().Text("name") != "Nguyễn Trọng Nghĩa" || !report.Claims().Has(sdjwt.Path{"cnf", "jwk", "x"}) {
		t.Errorf("%v", report.Err())
	}
	if got := refused(o.wallet.Receive(t.Context(), offer.Link, offer.TxCode)); got != "400 invalid_grant openid4vci.grant.used" {
		t.Errorf("the offer again: %q", got)
	}
}

func TestWithoutTxCode(t *testing.T) {
	o := open(t)
	offer := must[openid4vci.Offer](t)(o.server.Offer(t.Context(), "khai-sinh", reference, openid4vci.OfferConfig{InsecureNoTxCode: true}))
	if err := o.wallet.Receive(t.Context(), offer.Link, ""); err != nil || offer.TxCode != "" {
		t.Errorf("%v", err)
	}
}

// TestMisbehavingWallets holds that no fault of a wallet gets it a credential, nor asks for personal data.
func TestMisbehavingWallets(t *testing.T) {
	o := open(t)
	for fault, want := range map[identitytest.WalletFault]string{
		identitytest.WalletKeyOtherAudience: "400 invalid_proof openid4vci.proof.aud",
		identitytest.WalletKeyOldNonce:      "400 invalid_nonce openid4vci.nonce.nonce",
		identitytest.WalletKeyNoNonce:       "400 invalid_nonce openid4vci.nonce.nonce",
		identitytest.WalletKeyType:          "400 invalid_proof openid4vci.proof.typ",
		identitytest.WalletKeyNone:          "400 invalid_proof openid4vci.proof.alg",
		identitytest.WalletKeyStolen:        "400 invalid_proof openid4vci.proof.signature",
		identitytest.WalletKeyPrivate:       "400 invalid_proof openid4vci.proof.key",
		identitytest.WalletKeyByName:        "400 invalid_proof openid4vci.proof.key",
		identitytest.WalletKeyMissing:       "400 invalid_proof openid4vci.proof.key",
		identitytest.WalletKeyTwice:         "400 invalid_proof openid4vci.proof.count",
		identitytest.WalletKeyOld:           "400 invalid_proof openid4vci.proof.iat",
		identitytest.WalletKeyIssuer:        "400 invalid_proof openid4vci.proof.iss",
		identitytest.WalletKeyOtherThing:    "400 unknown_credential_configuration openid4vci.request.configuration",
	} {
		offer := o.offer(t)
		access, read, err := o.wallet.Redeem(t.Context(), offer.Link, offer.TxCode)
		if err != nil {
			t.Fatal(err)
		}
		o.wallet.Misbehave(fault)
		if got := refused(o.wallet.Fetch(t.Context(), read, access)); got != want {
			t.Errorf("%s: %q, want %q", fault, got, want)
		}
		o.wallet.Misbehave()
		if len(o.asked) != 0 {
			t.Errorf("%s: personal data were asked for", fault)
		}
	}
	if len(o.wallet.Held()) != 0 {
		t.Error("a credential was issued")
	}
}

// TestTxCode holds that five wrong codes end the offer, the right one included.
func TestTxCode(t *testing.T) {
	o := open(t)
	offer := o.offer(t)
	wrong := "000000"
	if offer.TxCode == wrong {
		wrong = "000001"
	}
	for i := range 4 {
		if got := refused(o.wallet.Receive(t.Context(), offer.Link, wrong)); got != "400 invalid_grant openid4vci.grant.tx-code" {
			t.Fatalf("%d: %q", i, got)
		}
	}
	other := o.offer(t)
	if err := o.wallet.Receive(t.Context(), other.Link, other.TxCode); err != nil {
		t.Errorf("another offer: %v", err)
	}
	for i, code := range []string{wrong, offer.TxCode} {
		want := "400 invalid_grant openid4vci.grant." + []string{"tx-code", "used"}[i]
		if got := refused(o.wallet.Receive(t.Context(), offer.Link, code)); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	// Many wallets guess at once: no more than five guesses are looked at.
	race := o.offer(t)
	results := make(chan string, 32)
	for i := range cap(results) {
		go func() {
			_, _, err := o.wallet.Redeem(context.Background(), race.Link, fmt.Sprintf("x%05d", i))
			results <- refused(err)
		}()
	}
	looked := 0
	for range cap(results) {
		switch got := <-results; got {
		case "400 invalid_grant openid4vci.grant.tx-code":
			looked++
		case "400 invalid_grant openid4vci.grant.used":
		default:
			t.Errorf("%q", got)
		}
	}
	if looked == 0 || looked > 5 {
		t.Errorf("%d guesses were looked at", looked)
	}
}

func TestLifetimes(t *testing.T) {
	o := open(t)
	offer := o.offer(t)
	o.sleep(time.Hour)
	if got := refused(o.wallet.Receive(t.Context(), offer.Link, offer.TxCode)); got != "400 invalid_grant openid4vci.grant.expired" {
		t.Errorf("an offer of an hour ago: %q", got)
	}
	offer = o.offer(t)
	access, read, err := o.wallet.Redeem(t.Context(), offer.Link, offer.TxCode)
	if err != nil {
		t.Fatal(err)
	}
	o.sleep(openid4vci.TokenLifetime)
	if got := refused(o.wallet.Fetch(t.Context(), read, access)); got != "401 invalid_token openid4vci.token.expired" {
		t.Errorf("a token of ten minutes ago: %q", got)
	}
	nonce := post(t, o.base+"/nonce", "", "", "")
	o.sleep(openid4vci.NonceLifetime)
	if nonce.status != http.StatusOK || len(nonce.text("c_nonce")) < 43 {
		t.Errorf("%+v", nonce)
	}
}

// TestTokenIsForOneCredential fetches twice, also at once: one wallet gets it.
func TestTokenIsForOneCredential(t *testing.T) {
	o := open(t)
	offer := o.offer(t)
	access, read, err := o.wallet.Redeem(t.Context(), offer.Link, offer.TxCode)
	if err != nil {
		t.Fatal(err)
	}
	results := make(chan string, 6)
	for range cap(results) {
		go func() { results <- refused(o.wallet.Fetch(context.Background(), read, access)) }()
	}
	won := 0
	for range cap(results) {
		switch got := <-results; got {
		case "":
			won++
		case "401 invalid_token openid4vci.token.used":
		default:
			t.Errorf("%q", got)
		}
	}
	if won != 1 || len(o.wallet.Held()) != 1 {
		t.Errorf("%d credentials", won)
	}
}

// TestFill holds that what the application cannot or must not say is not issued, and that the wallet may come again.
func TestFill(t *testing.T) {
	o := open(t)
	offer := o.offer(t)
	access, read, err := o.wallet.Redeem(t.Context(), offer.Link, offer.TxCode)
	if err != nil {
		t.Fatal(err)
	}
	for want, draft := range map[string]func(*sdjwt.Draft) error{
		"issue.fill":  func(*sdjwt.Draft) error { return errors.New("Nguyễn Trọng Nghĩa is not found") },
		"issue.draft": func(d *sdjwt.Draft) error { d.Type = "urn:other"; return nil },
		"issue.sign":  func(d *sdjwt.Draft) error { d.Decoys = -1; return nil },
	} {
		o.draft = draft
		if got := refused(o.wallet.Fetch(t.Context(), read, access)); got != "503 credential_request_denied openid4vci."+want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	o.draft = nil
	if err := o.wallet.Fetch(t.Context(), read, access); err != nil {
		t.Error(err)
	}
}

// hasty lets somebody else be faster at every move.
type hasty struct {
	*openid4vci.Memory
	on bool
}

func (h *hasty) Move(ctx context.Context, id string, was, now openid4vci.Grant) error {
	if h.on {
		if err := h.Memory.Move(ctx, id, was, now); err != nil {
			return err
		}
	}
	return h.Memory.Move(ctx, id, was, now)
}

// deaf cannot be reached.
type deaf struct{ openid4vci.Grants }

func (deaf) Get(context.Context, string) (openid4vci.Grant, error) {
	return openid4vci.Grant{}, errors.New("disk")
}

// TestStores holds that who comes second gets nothing, and that a store that fails is our failure.
func TestStores(t *testing.T) {
	store := &hasty{Memory: openid4vci.NewMemory(0)}
	o := openWith(t, store)
	offer := o.offer(t)
	store.on = true
	for _, code := range []string{offer.TxCode, "x"} {
		if got := refused(o.wallet.Receive(t.Context(), offer.Link, code)); got != "400 invalid_grant openid4vci.grant.used" {
			t.Errorf("%q", got)
		}
		offer = o.offer(t)
	}
	store.on = false
	access, read, err := o.wallet.Redeem(t.Context(), offer.Link, offer.TxCode)
	if err != nil {
		t.Fatal(err)
	}
	store.on = true
	if got := refused(o.wallet.Fetch(t.Context(), read, access)); got != "401 invalid_token openid4vci.token.used" {
		t.Errorf("%q", got)
	}
	broken := openWith(t, deaf{openid4vci.NewMemory(0)})
	offer = broken.offer(t)
	if got := refused(broken.wallet.Receive(t.Context(), offer.Link, offer.TxCode)); got != "500 server_error openid4vci.config.grants" {
		t.Errorf("%q", got)
	}
	if got := post(t, broken.base+"/credential", "application/json", "{}", "Bearer "+access); got.status != http.StatusInternalServerError {
		t.Errorf("%+v", got)
	}
}

// TestProofsByHand holds what a wallet's own library would not write.
func TestProofsByHand(t *testing.T) {
	o := open(t)
	offer := o.offer(t)
	access, _, err := o.wallet.Redeem(t.Context(), offer.Link, offer.TxCode)
	if err != nil {
		t.Fatal(err)
	}
	key := must[*ecdsa.PrivateKey](t)(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	point := must[[]byte](t)(key.PublicKey.Bytes())
	jwk := fmt.Sprintf(`{"kty":"EC","crv":"P-256","x":%q,"y":%q}`, b64(point[1:33]), b64(point[33:]))
	head := func(jwk string) string { return `{"alg":"ES256","typ":"openid4vci-proof+jwt","jwk":` + jwk + `}` }
	nonce := post(t, o.base+"/nonce", "", "", "").text("c_nonce")
	claims := func(iat string) string {
		return `{"aud":"` + o.base + `","iat":` + iat + `,"nonce":"` + nonce + `"}`
	}
	now := fmt.Sprint(o.now.Unix())
	for name, c := range map[string]struct{ header, payload, code string }{
		"a key of another kind": {head(`{"kty":"OKP","crv":"Ed25519","x":"` + b64(make([]byte, 32)) + `"}`), claims(now), "proof.alg"},
		"a list of claims":      {head(jwk), `[]`, "proof.payload"},
		"a nonce twice":         {head(jwk), strings.Replace(claims(now), "{", `{"nonce":"x",`, 1), "proof.payload"},
		"no time":               {head(jwk), claims("null"), "proof.iat"},
		"a time in words":       {head(jwk), claims(`"now"`), "proof.iat"},
		"the end of time":       {head(jwk), claims("1e300"), "proof.iat"},
		"zero":                  {head(jwk), claims("0"), "proof.iat"},
		"tomorrow":              {head(jwk), claims(fmt.Sprint(o.now.Unix() + 61)), "proof.iat"},
	} {
		if got := o.prove(t, key, access, c.header, c.payload); got.status != http.StatusBadRequest || got.text("error_description") != "openid4vci."+c.code {
			t.Errorf("%s: %+v, want %s", name, got, c.code)
		}
	}
	if got := o.prove(t, key, access, head(jwk), claims(now)); got.status != http.StatusOK {
		t.Errorf("good: %+v", got)
	}
}

// prove asks for the credential with a proof of these parts.
func (o *office) prove(t testing.TB, key *ecdsa.PrivateKey, access, header, payload string) answer {
	t.Helper()
	signed := b64([]byte(header)) + "." + b64([]byte(payload))
	digest := sha256.Sum256([]byte(signed))
	r, s, err := ecdsa.Sign(rand.Reader, key, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	signature := make([]byte, 64)
	r.FillBytes(signature[:32])
	s.FillBytes(signature[32:])
	body := must[[]byte](t)(json.Marshal(map[string]any{
		"credential_configuration_id": "khai-sinh", "proofs": map[string]any{"jwt": []string{signed + "." + b64(signature)}},
	}))
	return post(t, o.base+"/credential", "application/json", string(body), "Bearer "+access)
}

func b64(data []byte) string { return base64.RawURLEncoding.EncodeToString(data) }

// TestMetadata holds what wallets read beforehand.
func TestMetadata(t *testing.T) {
	o := open(t)
	at := func(name string) map[string]any {
		resp := must[*http.Response](t)(http.Get(strings.Replace(o.base, "/cap", "/.well-known/"+name+"/cap", 1)))
		defer resp.Body.Close()
		var doc map[string]any
		if err := json.NewDecoder(io.LimitReader(resp.Body, 1<<20)).Decode(&doc); err != nil {
			t.Fatal(err)
		}
		return doc
	}
	raw := must[[]byte](t)(json.Marshal(at("openid-credential-issuer")["credential_configurations_supported"]))
	for _, want := range []string{`"format":"dc+sd-jwt"`, birthType, `"Trích lục khai sinh"`, `"Extract of birth"`, `"ES256"`} {
		if !bytes.Contains(raw, []byte(want)) {
			t.Errorf("%s is not in %s", want, raw)
		}
	}
	if got := at("oauth-authorization-server")["token_endpoint"]; got != o.base+"/token" {
		t.Errorf("%v", got)
	}
}

type answer struct {
	status    int
	body      map[string]any
	challenge string
}

func (a answer) text(name string) string { text, _ := a.body[name].(string); return text }

func post(t testing.TB, address, media, body, access string) answer {
	t.Helper()
	req := must[*http.Request](t)(http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader(body)))
	req.Header.Set("Content-Type", media)
	if access != "" {
		req.Header.Set("Authorization", access)
	}
	resp := must[*http.Response](t)(http.DefaultClient.Do(req))
	defer resp.Body.Close()
	raw := must[[]byte](t)(io.ReadAll(io.LimitReader(resp.Body, 1<<20)))
	a := answer{status: resp.StatusCode, challenge: resp.Header.Get("WWW-Authenticate")}
	if err := json.Unmarshal(raw, &a.body); err != nil {
		t.Fatalf("%s: %s", err, raw)
	}
	return a
}

func TestEndpointsRefuse(t *testing.T) {
	o := open(t)
	offer := o.offer(t)
	access, _, err := o.wallet.Redeem(t.Context(), offer.Link, offer.TxCode)
	if err != nil {
		t.Fatal(err)
	}
	form, js := "application/x-www-form-urlencoded", "application/json"
	grant := "grant_type=" + url.QueryEscape("urn:ietf:params:oauth:grant-type:pre-authorized_code")
	unknown := strings.Repeat("A", 43)
	bearer := "Bearer " + access
	for name, c := range map[string]struct {
		path, media, body, access string
		status                    int
		code                      string
	}{
		"JSON for a token":        {"/token", js, "{}", "", 400, "request.content-type"},
		"another grant":           {"/token", form, "grant_type=password", "", 400, "request.grant-type"},
		"no code":                 {"/token", form, grant, "", 400, "grant.code"},
		"unknown code":            {"/token", form, grant + "&pre-authorized_code=" + unknown, "", 400, "grant.unknown"},
		"code twice":              {"/token", form, grant + "&pre-authorized_code=a&pre-authorized_code=b", "", 400, "request.parameter-twice"},
		"bad escape":              {"/token", form, "grant_type=%zz", "", 400, "request.form"},
		"a hundred parameters":    {"/token", form, strings.Repeat("a=b&", 101), "", 400, "request.size"},
		"a megabyte":              {"/token", form, strings.Repeat("a", 1<<20), "", 400, "request.size"},
		"no token":                {"/credential", js, "{}", "", 401, "token.form"},
		"DPoP":                    {"/credential", js, "{}", "DPoP " + access, 401, "token.form"},
		"half a token":            {"/credential", js, "{}", "Bearer " + unknown, 401, "token.form"},
		"unknown token":           {"/credential", js, "{}", "Bearer " + unknown + "." + unknown, 401, "token.unknown"},
		"another's token":         {"/credential", js, "{}", bearer[:len(bearer)-43] + unknown, 401, "token.used"},
		"a form for a credential": {"/credential", form, "", bearer, 400, "request.content-type"},
		"a name twice": {"/credential", js, `{"credential_configuration_id":"x","credential_configuration_id":"khai-sinh"}`,
			bearer, 400, "request.json"},
		"a code nobody asked for": {"/token", form, grant + "&pre-authorized_code=" + codeOf(t, open1(t, o)) + "&tx_code=000000", "", 400, "request.tx-code"},
		"no JSON":                 {"/credential", js, "[", bearer, 400, "request.json"},
		"a list for a text":       {"/credential", js, `{"proofs":[]}`, bearer, 400, "request.json"},
		"by identifier":           {"/credential", js, `{"credential_identifier":"x"}`, bearer, 400, "request.configuration"},
		"no proof":                {"/credential", js, `{"credential_configuration_id":"khai-sinh"}`, bearer, 400, "proof.count"},
		"a proof of letters":      {"/credential", js, `{"credential_configuration_id":"khai-sinh","proofs":{"jwt":["x"]}}`, bearer, 400, "proof.form"},
		"a large credential body": {"/credential", js, strings.Repeat(" ", 1<<20), bearer, 400, "request.size"},
	} {
		got := post(t, o.base+c.path, c.media, c.body, c.access)
		if got.status != c.status || got.text("error_description") != "openid4vci."+c.code {
			t.Errorf("%s: %+v, want %d %s", name, got, c.status, c.code)
		}
		malformed := map[string]string{"/token": "invalid_request", "/credential": "invalid_credential_request"}[c.path]
		if strings.HasPrefix(c.code, "request.") && c.code != "request.configuration" && got.text("error") != malformed {
			t.Errorf("%s: %s", name, got.text("error"))
		}
		if (c.status == http.StatusUnauthorized) != (got.challenge != "") {
			t.Errorf("%s: challenge %q", name, got.challenge)
		}
	}
}

// open1 is an offer without transaction code.
func open1(t testing.TB, o *office) openid4vci.Offer {
	t.Helper()
	return must[openid4vci.Offer](t)(o.server.Offer(t.Context(), "khai-sinh", reference, openid4vci.OfferConfig{InsecureNoTxCode: true}))
}

func codeOf(t testing.TB, offer openid4vci.Offer) string {
	t.Helper()
	var read identitytest.WalletOffer
	link := must[*url.URL](t)(url.Parse(offer.Link))
	if err := json.Unmarshal([]byte(link.Query().Get("credential_offer")), &read); err != nil {
		t.Fatal(err)
	}
	return read.Grants["urn:ietf:params:oauth:grant-type:pre-authorized_code"].Code
}

func TestNewRefuses(t *testing.T) {
	key := must[*ecdsa.PrivateKey](t)(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	issuer := must[*sdjwt.Issuer](t)(sdjwt.NewIssuer(key, issuerName, sdjwt.IssuerConfig{}))
	fill := func(context.Context, string, string) (sdjwt.Draft, error) { return sdjwt.Draft{}, nil }
	one := map[string]openid4vci.Configuration{"a": {Type: "t", NameVI: "T"}}
	for name, f := range map[string]func() (*openid4vci.Server, error){
		"plain http": func() (*openid4vci.Server, error) {
			return openid4vci.New("http://x.example", issuer, fill, one, openid4vci.Config{})
		},
		"a slash": func() (*openid4vci.Server, error) {
			return openid4vci.New("https://x.example/", issuer, fill, one, openid4vci.Config{})
		},
		"a query": func() (*openid4vci.Server, error) {
			return openid4vci.New("https://x.example?a", issuer, fill, one, openid4vci.Config{})
		},
		"no issuer": func() (*openid4vci.Server, error) {
			return openid4vci.New("https://x.example", nil, fill, one, openid4vci.Config{})
		},
		"no fill": func() (*openid4vci.Server, error) {
			return openid4vci.New("https://x.example", issuer, nil, one, openid4vci.Config{})
		},
		"nothing": func() (*openid4vci.Server, error) {
			return openid4vci.New("https://x.example", issuer, fill, nil, openid4vci.Config{})
		},
		"no type": func() (*openid4vci.Server, error) {
			return openid4vci.New("https://x.example", issuer, fill, map[string]openid4vci.Configuration{"a": {NameVI: "T"}}, openid4vci.Config{})
		},
		"a short key": func() (*openid4vci.Server, error) {
			return openid4vci.New("https://x.example", issuer, fill, one, openid4vci.Config{NonceKey: []byte("x")})
		},
		"RSA": func() (*openid4vci.Server, error) {
			return openid4vci.New("https://x.example", issuer, fill, one, openid4vci.Config{Algs: []string{"none"}})
		},
	} {
		if _, err := f(); !errors.Is(err, openid4vci.ErrConfig) {
			t.Errorf("%s: %v", name, err)
		}
	}
	s := must[*openid4vci.Server](t)(openid4vci.New("https://x.example/cap", issuer, fill, one, openid4vci.Config{}))
	for name, f := range map[string]func() (openid4vci.Offer, error){
		"another configuration": func() (openid4vci.Offer, error) { return s.Offer(t.Context(), "b", "r", openid4vci.OfferConfig{}) },
		"no reference":          func() (openid4vci.Offer, error) { return s.Offer(t.Context(), "a", "", openid4vci.OfferConfig{}) },
		"a month": func() (openid4vci.Offer, error) {
			return s.Offer(t.Context(), "a", "r", openid4vci.OfferConfig{Lifetime: 30 * 24 * time.Hour})
		},
	} {
		if _, err := f(); !errors.Is(err, openid4vci.ErrConfig) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestNoncesOfSeveralProcesses holds that a nonce of one process is known to another with the same key, and to no other.
func TestNoncesOfSeveralProcesses(t *testing.T) {
	key := must[*ecdsa.PrivateKey](t)(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	issuer := must[*sdjwt.Issuer](t)(sdjwt.NewIssuer(key, issuerName, sdjwt.IssuerConfig{}))
	for name, c := range map[string]struct {
		keys [2][]byte
		want string
	}{
		"one key":     {[2][]byte{bytes.Repeat([]byte{7}, 32), bytes.Repeat([]byte{7}, 32)}, ""},
		"two keys":    {[2][]byte{bytes.Repeat([]byte{7}, 32), bytes.Repeat([]byte{8}, 32)}, "400 invalid_nonce openid4vci.nonce.nonce"},
		"none stated": {[2][]byte{}, "400 invalid_nonce openid4vci.nonce.nonce"},
	} {
		o := &office{now: time.Now()}
		var muxes [2]*http.ServeMux
		app := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "/nonce") {
				muxes[1].ServeHTTP(w, r)
				return
			}
			muxes[0].ServeHTTP(w, r)
		}))
		grants := openid4vci.NewMemory(0)
		for i := range muxes {
			muxes[i] = http.NewServeMux()
			o.server = must[*openid4vci.Server](t)(openid4vci.New(app.URL+"/cap", issuer, o.fill, map[string]openid4vci.Configuration{
				"khai-sinh": {Type: birthType, NameVI: "Trích lục khai sinh"},
			}, openid4vci.Config{Grants: grants, NonceKey: c.keys[i]}))
			o.server.Register(muxes[i])
		}
		wallet := must[*identitytest.Wallet](t)(identitytest.NewWallet(identitytest.WalletConfig{}))
		offer := o.offer(t)
		if got := refused(wallet.Receive(t.Context(), offer.Link, offer.TxCode)); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
		app.Close()
	}
}

// TestNothingPrintsPersonalData looks for the person and the secrets in the store, in errors and in what prints.
func TestNothingPrintsPersonalData(t *testing.T) {
	o := open(t)
	offer := o.offer(t)
	if err := o.wallet.Receive(t.Context(), offer.Link, offer.TxCode); err != nil {
		t.Fatal(err)
	}
	o.draft = func(*sdjwt.Draft) error { return errors.New("Nguyễn Trọng Nghĩa") }
	second := o.offer(t)
	failed := o.wallet.Receive(t.Context(), second.Link, second.TxCode)
	var out bytes.Buffer
	for _, value := range []any{offer, &offer, o.server, o.grants.written, failed.Error()} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
			fmt.Fprintf(&out, verb+"\n", value)
		}
		slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "value", value)
	}
	code := offer.Link[strings.Index(offer.Link, "pre-authorized_code")+28:][:20]
	if printed := fmt.Sprintf("%v %+v %#v %s", offer, offer, offer, o.server); strings.Contains(printed, offer.TxCode) {
		t.Errorf("the transaction code came out: %s", printed)
	}
	for _, canary := range []string{"Nghĩa", "1990-03-15", code, "eyJ"} {
		if at := strings.Index(out.String(), canary); at >= 0 {
			t.Errorf("%q came out: …%s…", canary, out.String()[max(0, at-80):at+len(canary)])
		}
	}
	var own *openid4vci.Error
	_, err := o.server.Offer(t.Context(), "", "", openid4vci.OfferConfig{})
	if !errors.As(err, &own) || own.Text("vi") == own.Text("en") {
		t.Errorf("%v", err)
	}
}
