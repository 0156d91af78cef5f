package openid4vp

import (
	"crypto/subtle"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/motcua/motcua/identity"
	"github.com/motcua/motcua/identity/sdjwt"
)

// Result is what a wallet has shown, verified, to the browser that asked.
type Result struct {
	// Presented are the credentials by the ID of their [Ask].
	Presented map[string]Presented
	// SameDevice says that the wallet opened this very browser again. Without it, somebody with a wallet has followed a
	// symbol that this browser, or whoever photographed it, showed.
	SameDevice bool
	// At is when the wallet answered, ReturnTo the local path given to [Verifier.Begin].
	At       time.Time
	ReturnTo string
}

// Presented is one credential, with only the claims that were asked for.
type Presented struct {
	Report  sdjwt.Report
	Purpose string
	// Answers are those to the purpose's questions ("age>=18").
	Answers map[string]identity.Answer
}

// Collect fetches the result in the browser that began, once: on the same device by the query parameter response_code,
// which the wallet brings, on another by the parameter id, which the page polls with. The presentations are verified again
// as of the time they came, so that a store can lose what was shown, but not invent it. Errors: *Error, of kind
// [ErrPending] while the wallet has not answered.
func (v *Verifier) Collect(r *http.Request) (Result, error) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil || len(r.URL.RawQuery) > 4<<10 || len(query["response_code"])+len(query["id"]) != 1 {
		return Result{}, refuse(ErrRequest, "query")
	}
	id, code, _ := strings.Cut(query.Get("response_code"), ".")
	if id == "" {
		id = query.Get("id")
	}
	if !isSecret(id) || code != "" && !isSecret(code) {
		return Result{}, refuse(ErrRequest, "query")
	}
	tx, err := v.cfg.Transactions.Get(r.Context(), key(id))
	if err != nil {
		return Result{}, storeError(err)
	}
	cookie, err := r.Cookie(v.cookie)
	switch {
	case err != nil || !isSecret(cookie.Value) || !equal(tx.Browser, digest("browser", cookie.Value)):
		return Result{}, refuse(ErrBrowser, "cookie")
	case tx.Stage == Collected:
		return Result{}, refuse(ErrReplayed, "collected")
	case !v.cfg.Now().Before(tx.Expires):
		return Result{}, refuse(ErrExpired, "lifetime")
	case tx.Stage == Waiting:
		return Result{}, refuse(ErrPending, "waiting")
	case tx.Stage == Failed:
		return Result{}, tx.Failure.err()
	case tx.SameDevice && code == "":
		return Result{}, refuse(ErrPending, "response-code") // the wallet has it and will open the browser
	case tx.SameDevice && !equal(tx.Code, digest("response code", code)):
		return Result{}, refuse(ErrBrowser, "response-code")
	}
	return v.collect(r, id, tx)
}

func (v *Verifier) collect(r *http.Request, id string, tx Transaction) (Result, error) {
	if tx.AnsweredAt.After(v.cfg.Now()) || tx.AnsweredAt.Before(tx.Expires.Add(-Lifetime)) {
		return Result{}, refuse(ErrConfig, "transactions")
	}
	presented, refused := v.judge(r, tx, tx.Answer)
	if refused != nil {
		return Result{}, refused
	}
	left := Transaction{Stage: Collected, Browser: tx.Browser, Expires: tx.Expires} // remembers that it was, not what it was
	if err := v.cfg.Transactions.Move(r.Context(), key(id), Answered, left); err != nil {
		return Result{}, storeError(err)
	}
	return Result{Presented: presented, SameDevice: tx.SameDevice, At: tx.AnsweredAt, ReturnTo: tx.ReturnTo}, nil
}

func equal(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
