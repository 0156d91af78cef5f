package identitytest

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// WalletConfig holds what is optional of a [Wallet].
type WalletConfig struct {
	// HTTPClient reaches verifiers and issuers. Nil: one that follows no redirect.
	HTTPClient *http.Client
	// Now tells the time. Nil: time.Now.
	Now func() time.Time
	// Roots are those whose certificates of verifiers are trusted, Registered the keys of verifiers known by name.
	Roots      []*x509.Certificate
	Registered map[string]crypto.PublicKey
	// Unsigned lets requests pass that are not signed (redirect_uri clients).
	Unsigned bool
}

// Wallet is a wallet on an invented person's telephone: it holds credentials and answers requests over real HTTP, checking
// these as a wallet must. It reads RFC 9901, RFC 7516 and OpenID4VP 1.0 a second time, by its own code, and can be told to
// misbehave.
type Wallet struct {
	cfg    WalletConfig
	key    *ecdsa.PrivateKey
	client *http.Client

	mu     sync.Mutex
	held   []string
	faults []WalletFault
	first  url.Values // the first answer, to be replayed
}

// NewWallet makes a wallet with a key of its own.
func NewWallet(cfg WalletConfig) (*Wallet, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	w := &Wallet{cfg: cfg, key: key, client: cfg.HTTPClient}
	if w.client == nil {
		w.client = &http.Client{
			Timeout:       10 * time.Second,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		}
	}
	return w, nil
}

// Key is the public key that credentials for this wallet are issued to.
func (w *Wallet) Key() crypto.PublicKey { return w.key.Public() }

// Add puts a credential into the wallet.
func (w *Wallet) Add(credential string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.held = append(w.held, credential)
}

// Held returns the credentials in the wallet.
func (w *Wallet) Held() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]string(nil), w.held...)
}

// WalletAnswer is what a verifier says to a wallet's answer.
type WalletAnswer struct {
	Status      int
	RedirectURI string // where the wallet opens the browser again
	Error       string
}

// Errors of [Wallet.Answer].
var (
	// ErrWalletRequest means the request does not hold: a wallet must not answer it.
	ErrWalletRequest = errors.New("identitytest: wallet: the request does not hold")
	// ErrWalletNothing means the wallet has nothing that was asked for.
	ErrWalletNothing = errors.New("identitytest: wallet: nothing that was asked for")
)

// Answer follows a link or symbol: it fetches the request, checks it, shows what is asked for and no more, and posts it.
func (w *Wallet) Answer(ctx context.Context, link string) (WalletAnswer, error) {
	request, err := w.fetch(ctx, link)
	if err != nil {
		return WalletAnswer{}, err
	}
	form, err := w.form(request)
	if err != nil {
		return WalletAnswer{}, err
	}
	body, contentType := form.Encode(), "application/x-www-form-urlencoded"
	if w.is(WalletParameterTwice) {
		body += "&" + body
	}
	if w.is(WalletJSONBody) {
		body, contentType = `{"vp_token":{}}`, "application/json"
	}
	return w.post(ctx, request.ResponseURI, contentType, body)
}

// form is the answer as it is posted.
func (w *Wallet) form(request walletRequest) (url.Values, error) {
	switch {
	case w.is(WalletDenies):
		return url.Values{"error": {"access_denied"}, "state": {request.State}}, nil
	case w.is(WalletDeniesWithTrash):
		return url.Values{
			"error": {"<script>001090000123</script>"}, "error_description": {"Nguyễn Trọng Nghĩa"}, "state": {request.State},
		}, nil
	}
	w.mu.Lock()
	first := w.first
	w.mu.Unlock()
	if w.is(WalletReplays) && first != nil {
		return first, nil
	}
	inside, err := w.answerTo(request)
	if err != nil {
		return nil, err
	}
	form := url.Values{}
	if request.ResponseMode == "direct_post.jwt" && !w.is(WalletPlain) {
		sealed, err := w.seal(request, inside)
		if err != nil {
			return nil, err
		}
		form.Set("response", sealed)
	} else {
		token, err := json.Marshal(inside["vp_token"])
		if err != nil {
			return nil, err
		}
		form.Set("vp_token", string(token))
		if state, ok := inside["state"].(string); ok {
			form.Set("state", state)
		}
	}
	w.mu.Lock()
	if w.first == nil {
		w.first = form
	}
	w.mu.Unlock()
	return form, nil
}

// answerTo makes the parameters of the answer.
func (w *Wallet) answerTo(request walletRequest) (map[string]any, error) {
	tokens := map[string]any{}
	for _, query := range request.Query.Credentials {
		shown, err := w.show(request, query)
		if err != nil {
			return nil, err
		}
		id := query.ID
		if w.is(WalletOtherQuery) {
			id = "something-else"
		}
		switch {
		case w.is(WalletTwice):
			tokens[id] = []string{shown, shown}
		case w.is(WalletBareText):
			tokens[id] = shown
		default:
			tokens[id] = []string{shown}
		}
	}
	inside := map[string]any{"vp_token": tokens, "state": request.State}
	if w.is(WalletOtherState) {
		inside["state"] = random()
	}
	if w.is(WalletNoState) {
		delete(inside, "state")
	}
	return inside, nil
}

func (w *Wallet) post(ctx context.Context, address, contentType, body string) (WalletAnswer, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(body))
	if err != nil {
		return WalletAnswer{}, err
	}
	req.Header.Set("Content-Type", contentType)
	raw, resp, err := w.do(req)
	if err != nil {
		return WalletAnswer{}, err
	}
	var said struct {
		RedirectURI string `json:"redirect_uri"`
		Error       string `json:"error"`
	}
	if err := json.Unmarshal(raw, &said); err != nil {
		return WalletAnswer{}, err
	}
	return WalletAnswer{Status: resp.StatusCode, RedirectURI: said.RedirectURI, Error: said.Error}, nil
}

func (w *Wallet) do(req *http.Request) ([]byte, *http.Response, error) {
	resp, err := w.client.Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	return raw, resp, err
}
