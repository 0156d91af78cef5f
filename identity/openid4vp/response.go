package openid4vp

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"

	"github.com/motcua/motcua/identity/sdjwt"
	"github.com/motcua/motcua/internal/jose"
)

const (
	maxResponseBody = 768 << 10
	maxAnswer       = 512 << 10 // bytes of an encrypted answer
)

// Response takes the wallet's answer (OpenID4VP 1.0 sections 8.2 and 8.3.1), verifies it whole, and keeps it for the
// browser that began. Mount it on POST at Client.ResponseURL.
func (v *Verifier) Response(w http.ResponseWriter, r *http.Request) {
	noStore(w)
	back, err := v.respond(w, r)
	if err != nil {
		if err.Kind == ErrRefused {
			err = refuse(ErrRequest, err.Rule) // the wallet is told that, the person is told why
		}
		writeError(w, err)
		return
	}
	raw, _ := json.Marshal(back)
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(raw)
}

// respond returns what the wallet is told.
func (v *Verifier) respond(w http.ResponseWriter, r *http.Request) (map[string]string, *Error) {
	if r.Method != http.MethodPost {
		return nil, refuse(ErrRequest, "method")
	}
	form, refused := readForm(w, r, maxResponseBody)
	if refused != nil {
		return nil, refused
	}
	id, sealed := form.Get("state"), form.Get("response")
	if sealed != "" {
		id = jose.KidOf(sealed)
	}
	if !isSecret(id) {
		return nil, refuse(ErrUnknown, "state")
	}
	tx, err := v.cfg.Transactions.Get(r.Context(), key(id))
	switch {
	case err != nil:
		return nil, storeError(err)
	case !v.cfg.Now().Before(tx.Expires):
		return nil, refuse(ErrExpired, "lifetime")
	case tx.Stage != Waiting:
		return nil, refuse(ErrReplayed, "stage")
	}
	answer, refused := openAnswer(id, tx, form, v.cfg.Encs)
	if refused != nil {
		return nil, refused // nobody who knows the transaction's key has spoken: it goes on waiting
	}
	return v.settle(r, id, tx, answer)
}

// answer is what a wallet says.
type answer struct {
	failure string            // its refusal
	tokens  map[string]string // presentations by Ask
	rule    string            // why the tokens are none
}

// openAnswer reads the answer, decrypted where the transaction demands it. A wallet's refusal may come in the clear
// (section 8.3.1).
func openAnswer(id string, tx Transaction, form url.Values, encs []string) (answer, *Error) {
	sealed, failure := form.Get("response"), form.Get("error")
	switch {
	case sealed != "" && (form.Has("vp_token") || failure != "" || form.Has("state") && form.Get("state") != id):
		return answer{}, refuse(ErrRequest, "parameters")
	case failure != "" && form.Get("vp_token") == "":
		return answer{failure: oauthRule(failure)}, nil
	case len(tx.Key) > 0 && sealed == "":
		return answer{}, refuse(ErrRequest, "not-encrypted")
	case len(tx.Key) == 0 && sealed != "":
		return answer{}, refuse(ErrRequest, "encrypted")
	case sealed == "":
		return readTokens(tx, []byte(form.Get("vp_token"))), nil
	}
	private, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), tx.Key)
	if err != nil {
		return answer{}, &Error{Kind: ErrConfig, Rule: "transactions", Err: err}
	}
	opener, err := jose.NewOpener([]string{"ECDH-ES"}, encs, private, id)
	if err != nil {
		return answer{}, &Error{Kind: ErrConfig, Rule: "transactions", Err: err}
	}
	opener.Bare, opener.NeedKid, opener.Max = true, true, maxAnswer
	plain, err := opener.Open(sealed)
	if err != nil {
		var rule jose.Rule
		errors.As(err, &rule)
		return answer{}, refuse(ErrRequest, "response-"+string(rule))
	}
	return readSealed(id, tx, plain), nil
}

// readSealed reads the parameters inside an encrypted answer. Whoever encrypted knows the transaction's key, but not
// necessarily the rest of it: the state must be there.
func readSealed(id string, tx Transaction, plain []byte) answer {
	if _, err := jose.Object(plain); err != nil {
		return answer{rule: "response-json"}
	}
	var inside struct {
		State   string          `json:"state"`
		Error   string          `json:"error"`
		VPToken json.RawMessage `json:"vp_token"`
	}
	if err := json.Unmarshal(plain, &inside); err != nil {
		return answer{rule: "response-json"}
	}
	switch {
	case inside.State != id:
		return answer{rule: "state"}
	case inside.Error != "" && len(inside.VPToken) == 0:
		return answer{failure: oauthRule(inside.Error)}
	}
	return readTokens(tx, inside.VPToken)
}

// readTokens reads a vp_token: for each credential asked for exactly one presentation, and nothing else (section 8.1).
func readTokens(tx Transaction, raw []byte) answer {
	if _, err := jose.Object(raw); err != nil {
		return answer{rule: "vp-token"}
	}
	var lists map[string][]string
	if err := json.Unmarshal(raw, &lists); err != nil || len(lists) != len(tx.Asks) {
		return answer{rule: "vp-token"}
	}
	tokens := map[string]string{}
	for _, ask := range tx.Asks {
		list := lists[ask.q.ID]
		if len(list) != 1 || list[0] == "" {
			return answer{rule: "vp-token"}
		}
		tokens[ask.q.ID] = list[0]
	}
	return answer{tokens: tokens}
}

// settle judges an answer and ends the transaction's waiting: with presentations that passed, or with why not.
func (v *Verifier) settle(r *http.Request, id string, tx Transaction, a answer) (map[string]string, *Error) {
	tx.AnsweredAt = v.cfg.Now()
	refused := &Error{Kind: ErrRefused, Rule: a.rule}
	switch {
	case a.failure != "":
		tx.Failure = Failure{Denied: true, Rule: a.failure}
		refused = nil
	case a.rule != "":
		tx.Failure = Failure{Rule: a.rule}
	default:
		if _, refused = v.judge(r, tx, a.tokens); refused != nil {
			tx.Failure = failureOf(refused)
		}
	}
	tx.Stage, tx.Key = Failed, nil
	if tx.Failure == (Failure{}) {
		tx.Stage, tx.Answer = Answered, a.tokens
	}
	back := map[string]string{}
	if tx.SameDevice {
		code := secret()
		tx.Code = digest("response code", code)
		back["redirect_uri"] = v.client.ReturnURL + "?" + url.Values{"response_code": {id + "." + code}}.Encode()
	}
	if err := v.cfg.Transactions.Move(r.Context(), key(id), Waiting, tx); err != nil {
		return nil, storeError(err)
	}
	return back, refused
}

func failureOf(err *Error) Failure {
	f := Failure{Rule: err.Rule}
	var cause *sdjwt.VerifyError
	if errors.As(err.Err, &cause) {
		f.Verdict, f.Step = cause.Verdict, cause.Step
	}
	return f
}

// judge verifies all presentations at the time they came.
func (v *Verifier) judge(r *http.Request, tx Transaction, tokens map[string]string) (map[string]Presented, *Error) {
	all := map[string]Presented{}
	for _, ask := range tx.Asks {
		report := v.credentials.Verify(r.Context(), tokens[ask.q.ID], sdjwt.Expect{
			Audience: v.client.ID, Nonce: tx.Nonce, Types: ask.q.Types, At: tx.AnsweredAt,
		})
		if err := report.Err(); err != nil {
			step, _ := report.Failure()
			return nil, &Error{Kind: ErrRefused, Rule: step.Reason, Err: err}
		}
		paths := ask.Paths()
		if slices.ContainsFunc(paths, func(path sdjwt.Path) bool { return !report.Claims().Has(path) }) {
			return nil, refuse(ErrRefused, "claims-missing")
		}
		less := report.Only(paths...)
		all[ask.q.ID] = Presented{Report: less, Purpose: ask.q.Purpose, Answers: ask.answers(less.Claims())}
	}
	return all, nil
}

// oauthRule lets known error codes of a wallet through and hides any other, which could be anything.
func oauthRule(code string) string {
	known := []string{
		"access_denied", "invalid_request", "invalid_client", "invalid_scope", "vp_formats_not_supported",
		"invalid_request_uri_method", "invalid_transaction_data", "wallet_unavailable", "server_error", "temporarily_unavailable",
	}
	if slices.Contains(known, code) {
		return code
	}
	return "other"
}
