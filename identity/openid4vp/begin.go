package openid4vp

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"
)

func hexOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// Begin says how a transaction begins.
type Begin struct {
	// SameDevice says that the wallet is on the device of this browser: the result can then be fetched only with the
	// response code that the wallet brings back. Without it the invitation is for another device, as a symbol.
	SameDevice bool
	// ReturnTo is the local path that the result carries. Empty: "/".
	ReturnTo string
}

// Invitation brings a wallet in.
type Invitation struct {
	// ID names the transaction to this browser: [Verifier.Collect] takes it as the query parameter "id".
	ID string
	// WalletURL opens the wallet: a link on the same device, the text of a symbol (package qr) on another.
	WalletURL string
	Expires   time.Time
}

// Begin starts a transaction in this browser and returns what brings the wallet in. It sets a cookie, so call it before
// writing the page. Errors: *Error.
func (v *Verifier) Begin(w http.ResponseWriter, r *http.Request, how Begin, asks ...Ask) (Invitation, error) {
	if err := v.checkAsks(asks); err != nil {
		return Invitation{}, err
	}
	if how.ReturnTo == "" {
		how.ReturnTo = "/"
	}
	if !isLocalPath(how.ReturnTo) {
		return Invitation{}, refuse(ErrRequest, "return-to")
	}
	id, browser := secret(), v.browser(r)
	tx := Transaction{
		Asks: asks, Nonce: secret(), Browser: digest("browser", browser), SameDevice: how.SameDevice, ReturnTo: how.ReturnTo,
		Expires: v.cfg.Now().Add(Lifetime),
	}
	if !v.cfg.InsecurePlainResponse {
		made, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			return Invitation{}, &Error{Kind: ErrConfig, Rule: "random", Err: err}
		}
		if tx.Key, err = made.Bytes(); err != nil {
			return Invitation{}, &Error{Kind: ErrConfig, Rule: "random", Err: err}
		}
	}
	address, err := v.walletAddress(id, tx)
	if err != nil {
		return Invitation{}, err
	}
	if err := v.cfg.Transactions.Put(r.Context(), key(id), tx); err != nil {
		return Invitation{}, storeError(err)
	}
	http.SetCookie(w, &http.Cookie{
		Name: v.cookie, Value: browser, Path: "/", MaxAge: int(Lifetime.Seconds()), Secure: v.secure, HttpOnly: true,
		SameSite: http.SameSiteLaxMode, // it must come along when the wallet opens the browser again
	})
	noStore(w)
	return Invitation{ID: id, WalletURL: address, Expires: tx.Expires}, nil
}

// Start is [Verifier.Begin] for a wallet on the same device, as a handler: it sends the browser to the wallet. The query
// parameter return_to is the local path to come back to. Mount it on GET.
func (v *Verifier) Start(asks ...Ask) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet {
			v.cfg.Fail(w, r, refuse(ErrRequest, "method"))
			return
		}
		how := Begin{SameDevice: true, ReturnTo: r.URL.Query().Get("return_to")}
		invitation, err := v.Begin(w, r, how, asks...)
		if err != nil {
			v.cfg.Fail(w, r, storeError(err))
			return
		}
		w.Header().Set("Location", invitation.WalletURL) // http.Redirect would mend what is no address of the web
		w.WriteHeader(http.StatusFound)
	}
}

// browser returns the secret that marks this browser: the one it has, so that two tabs can begin at once, or a new one.
func (v *Verifier) browser(r *http.Request) string {
	if cookie, err := r.Cookie(v.cookie); err == nil && isSecret(cookie.Value) {
		return cookie.Value
	}
	return secret()
}

// walletAddress is the authorization request as a link: by reference where it is signed, whole where it cannot be.
func (v *Verifier) walletAddress(id string, tx Transaction) (string, error) {
	query := url.Values{"client_id": {v.client.ID}}
	if v.client.isSigned() {
		query.Set("request_uri", v.client.RequestURL+"/"+id)
		query.Set("request_uri_method", "post")
		return v.join(query), nil
	}
	parameters, err := v.parameters(id, tx)
	if err != nil {
		return "", err
	}
	for name, value := range parameters {
		text, isText := value.(string)
		if !isText {
			raw, err := json.Marshal(value)
			if err != nil {
				return "", &Error{Kind: ErrConfig, Rule: "request", Err: err}
			}
			text = string(raw)
		}
		query.Set(name, text)
	}
	return v.join(query), nil
}

func (v *Verifier) join(query url.Values) string { return v.client.WalletURL + "?" + query.Encode() }

// isLocalPath accepts "/…" on this site. Browsers read "//host" and "/\host" as another host and drop tabs and line
// breaks from addresses, so these are refused, in plain and in decoded form.
func isLocalPath(path string) bool {
	u, err := url.Parse(path)
	if err != nil || len(path) > 1024 || u.IsAbs() || u.Host != "" || u.User != nil || u.Opaque != "" {
		return false
	}
	for _, form := range []string{path, u.Path} {
		if !strings.HasPrefix(form, "/") || strings.HasPrefix(form, "//") || strings.Contains(form, `\`) ||
			strings.ContainsFunc(form, func(r rune) bool { return r < ' ' || r == 0x7f }) {
			return false
		}
	}
	return true
}
