package openid4vp

import (
	"errors"
	"net/http"

	"github.com/motcua/motcua/identity/sdjwt"
)

// Errors the caller branches on. Every error of this package is an *Error of one of these kinds.
var (
	// ErrConfig means the client, its configuration or a query is incomplete or unsafe.
	ErrConfig = errors.New("openid4vp: configuration")
	// ErrRequest means a request to one of the handlers is malformed.
	ErrRequest = errors.New("openid4vp: request")
	// ErrUnknown means there is no such transaction, or no longer.
	ErrUnknown = errors.New("openid4vp: unknown transaction")
	// ErrExpired means the transaction took longer than ten minutes.
	ErrExpired = errors.New("openid4vp: transaction expired")
	// ErrReplayed means the transaction was answered, or its result fetched, before.
	ErrReplayed = errors.New("openid4vp: replayed")
	// ErrPending means the wallet has not answered yet: ask again.
	ErrPending = errors.New("openid4vp: no answer yet")
	// ErrBrowser means another browser began the transaction.
	ErrBrowser = errors.New("openid4vp: another browser")
	// ErrDenied means the wallet, or the person, declined.
	ErrDenied = errors.New("openid4vp: declined")
	// ErrRefused means what the wallet showed does not pass. The cause is a *sdjwt.VerifyError where there was something
	// to verify.
	ErrRefused = errors.New("openid4vp: presentation refused")
)

// Error says what was refused. It holds no value of a credential or person.
type Error struct {
	Kind error  // one of the Err… above; errors.Is answers to it
	Rule string // what does not hold: "state", "not-encrypted", "claims-missing" …
	Err  error  // the cause, if there is one
}

func (e *Error) Error() string { return e.Kind.Error() + ": " + e.Rule }

// Is makes the error one with its kind.
func (e *Error) Is(target error) bool { return target == e.Kind }

// Unwrap returns the cause, if there is one.
func (e *Error) Unwrap() error { return e.Err }

// Code returns a stable key such as "openid4vp.refused.proof-nonce".
func (e *Error) Code() string { return "openid4vp." + e.kind().code + "." + e.Rule }

// Text tells the person what to do: in English for "en", in Vietnamese for everything else.
func (e *Error) Text(lang string) string {
	var cause *sdjwt.VerifyError
	if errors.As(e.Err, &cause) {
		return cause.Text(lang)
	}
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

type errorKind struct {
	err    error
	code   string
	status int
	vi, en string
}

var errorKinds = [...]errorKind{
	{ErrConfig, "config", http.StatusInternalServerError,
		"Hệ thống nhận chứng thư từ ví chưa được cấu hình đúng. Vui lòng báo cho cơ quan quản lý trang này.",
		"Requests to wallets are not set up correctly. Please tell the agency that runs this site."},
	{ErrRequest, "request", http.StatusBadRequest,
		"Yêu cầu không hợp lệ. Vui lòng bắt đầu lại từ trang chủ.",
		"The request is not valid. Please start again from the home page."},
	{ErrUnknown, "unknown", http.StatusNotFound,
		"Không tìm thấy lượt yêu cầu này. Vui lòng bắt đầu lại.",
		"This request is not known. Please start again."},
	{ErrExpired, "expired", http.StatusGone,
		"Đã quá 10 phút kể từ khi bắt đầu. Vui lòng bắt đầu lại.",
		"More than 10 minutes have passed. Please start again."},
	{ErrReplayed, "replayed", http.StatusConflict,
		"Kết quả của lượt yêu cầu này đã được sử dụng. Vui lòng bắt đầu lại.",
		"This request has been used already. Please start again."},
	{ErrPending, "pending", http.StatusAccepted,
		"Đang chờ ví trình chứng thư.", "Waiting for the wallet."},
	{ErrBrowser, "browser", http.StatusForbidden,
		"Lượt yêu cầu này không bắt đầu từ trình duyệt này hoặc trình duyệt chặn cookie. Vui lòng bắt đầu lại.",
		"This request did not begin in this browser, or the browser blocks cookies. Please start again."},
	{ErrDenied, "denied", http.StatusForbidden,
		"Bạn đã từ chối hoặc ví không có chứng thư được yêu cầu.",
		"You declined, or the wallet does not have what was asked for."},
	{ErrRefused, "refused", http.StatusForbidden,
		"Chứng thư ví trình ra không đáp ứng yêu cầu nên đã bị từ chối.",
		"What the wallet presented does not meet the request and was refused."},
}

func refuse(kind error, rule string) *Error { return &Error{Kind: kind, Rule: rule} }
