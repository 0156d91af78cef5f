package openid4vci

import (
	"errors"
	"net/http"
)

// Errors the caller branches on. Every error of this package is an *Error of one of these kinds.
var (
	// ErrConfig means the server or an offer is incomplete or unsafe.
	ErrConfig = errors.New("openid4vci: configuration")
	// ErrRequest means a wallet's request is malformed.
	ErrRequest = errors.New("openid4vci: request")
	// ErrGrant means the code is unknown, used, expired, or its transaction code wrong.
	ErrGrant = errors.New("openid4vci: grant")
	// ErrToken means the access token is unknown, used or expired.
	ErrToken = errors.New("openid4vci: access token")
	// ErrProof means the wallet did not prove possession of a key.
	ErrProof = errors.New("openid4vci: proof")
	// ErrNonce means the proof's nonce is not ours or too old: the wallet fetches another.
	ErrNonce = errors.New("openid4vci: nonce")
	// ErrIssue means the credential could not be made now.
	ErrIssue = errors.New("openid4vci: issuing")
)

// Error says what was refused. It holds no value of a credential or person.
type Error struct {
	Kind error  // one of the Err… above; errors.Is answers to it
	Rule string // what does not hold: "tx-code", "aud", "used" …
	Err  error  // the cause, if there is one
}

func (e *Error) Error() string { return e.Kind.Error() + ": " + e.Rule }

// Is makes the error one with its kind.
func (e *Error) Is(target error) bool { return target == e.Kind }

// Unwrap returns the cause, if there is one.
func (e *Error) Unwrap() error { return e.Err }

// Code returns a stable key such as "openid4vci.grant.tx-code".
func (e *Error) Code() string { return "openid4vci." + e.kind().code + "." + e.Rule }

// Text tells the person what to do: in English for "en", in Vietnamese for everything else.
func (e *Error) Text(lang string) string {
	if lang == "en" {
		return e.kind().en
	}
	return e.kind().vi
}

// Status returns the HTTP status that fits the error.
func (e *Error) Status() int { return e.kind().status }

func (e *Error) kind() errorKind {
	for _, k := range errorKinds {
		if k.err == e.Kind {
			return k
		}
	}
	return errorKinds[0]
}

// errorKind has the name that the protocol gives the error (OpenID4VCI 1.0 sections 6.3 and 8.3.1, RFC 6750).
type errorKind struct {
	err        error
	code, wire string
	status     int
	vi, en     string
}

var errorKinds = [...]errorKind{
	{ErrConfig, "config", "server_error", http.StatusInternalServerError,
		"Hệ thống cấp chứng thư điện tử chưa được cấu hình đúng.", "The issuing of credentials is not set up correctly."},
	{ErrRequest, "request", "invalid_request", http.StatusBadRequest,
		"Yêu cầu của ví không hợp lệ.", "The wallet's request is not valid."},
	{ErrGrant, "grant", "invalid_grant", http.StatusBadRequest,
		"Mã nhận kết quả không đúng, đã dùng hoặc đã hết hạn. Vui lòng xin mã mới tại nơi trả kết quả.",
		"The code is wrong, used or expired. Please ask for a new one where results are returned."},
	{ErrToken, "token", "invalid_token", http.StatusUnauthorized,
		"Phiên nhận kết quả không còn hiệu lực. Vui lòng xin mã mới.", "The session of the wallet is over. Please ask for a new code."},
	{ErrProof, "proof", "invalid_proof", http.StatusBadRequest,
		"Ví không chứng minh được khóa của mình.", "The wallet did not prove its key."},
	{ErrNonce, "nonce", "invalid_nonce", http.StatusBadRequest,
		"Ví dùng mã một lần đã cũ. Vui lòng thử lại.", "The wallet used a nonce that is too old. Please try again."},
	{ErrIssue, "issue", "credential_request_denied", http.StatusServiceUnavailable,
		"Chưa cấp được chứng thư. Vui lòng thử lại sau.", "The credential cannot be issued at present. Please try again later."},
}

func refuse(kind error, rule string) *Error { return &Error{Kind: kind, Rule: rule} }
