package oidc

import (
	"errors"
	"net/http"
)

// Errors the caller branches on. Every error of this package is an *Error of one of these kinds.
var (
	// ErrConfig means the profile, client or configuration is incomplete or unsafe.
	ErrConfig = errors.New("oidc: configuration")
	// ErrRequest means the browser's request to one of the handlers is malformed.
	ErrRequest = errors.New("oidc: request")
	// ErrState means the callback belongs to no login begun in this browser.
	ErrState = errors.New("oidc: state")
	// ErrExpired means the login took longer than ten minutes.
	ErrExpired = errors.New("oidc: login expired")
	// ErrReplayed means the callback was used before.
	ErrReplayed = errors.New("oidc: callback replayed")
	// ErrDenied means the person declined or cancelled at the provider.
	ErrDenied = errors.New("oidc: declined")
	// ErrProvider means the provider could not be reached, answered with an error or with nonsense.
	ErrProvider = errors.New("oidc: provider")
	// ErrToken means what the provider sent is not proof of this login: id_token or userinfo refused.
	ErrToken = errors.New("oidc: token refused")
	// ErrClaims means the login is genuine but its identity data are missing, malformed or contradictory.
	ErrClaims = errors.New("oidc: claims")
	// ErrSession means the provider has ended the session, or there is none to continue.
	ErrSession = errors.New("oidc: session ended")
	// ErrAccount means somebody else came back from a step-up than the one who was signed in.
	ErrAccount = errors.New("oidc: another account")
	// ErrAssurance means the login is genuine but below the level asked for.
	ErrAssurance = errors.New("oidc: assurance too low")
)

// Error says what was refused. It holds no value of a token, claim or person.
type Error struct {
	Kind error  // one of the Err… above; errors.Is answers to it
	Rule string // what does not hold: "nonce", "aud", "key-unknown", "timeout" …
	Err  error  // the cause, if there is one
}

func (e *Error) Error() string { return e.Kind.Error() + ": " + e.Rule }

// Is makes the error one with its kind.
func (e *Error) Is(target error) bool { return target == e.Kind }

// Unwrap returns the cause, if there is one.
func (e *Error) Unwrap() error { return e.Err }

// Code returns a stable key such as "oidc.token.nonce".
func (e *Error) Code() string { return "oidc." + e.kind().code + "." + e.Rule }

// Text tells the person what to do: in English for "en", in Vietnamese for everything else.
func (e *Error) Text(lang string) string {
	var inner interface{ Text(lang string) string }
	if e.Kind == ErrClaims && errors.As(e.Err, &inner) {
		return inner.Text(lang)
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
	return errorKind{e.Kind, "unknown", http.StatusInternalServerError, "Đăng nhập không thành công.", "Sign-in failed."}
}

type errorKind struct {
	err    error
	code   string
	status int
	vi, en string
}

var errorKinds = [...]errorKind{
	{ErrConfig, "config", http.StatusInternalServerError,
		"Hệ thống đăng nhập chưa được cấu hình đúng. Vui lòng báo cho cơ quan quản lý trang này.",
		"Sign-in is not set up correctly. Please tell the agency that runs this site."},
	{ErrRequest, "request", http.StatusBadRequest,
		"Yêu cầu đăng nhập không hợp lệ. Vui lòng bắt đầu lại từ trang chủ.",
		"The sign-in request is not valid. Please start again from the home page."},
	{ErrState, "state", http.StatusBadRequest,
		"Lượt đăng nhập này không bắt đầu từ trình duyệt này hoặc trình duyệt chặn cookie. Vui lòng đăng nhập lại.",
		"This sign-in did not begin in this browser, or the browser blocks cookies. Please sign in again."},
	{ErrExpired, "expired", http.StatusBadRequest,
		"Lượt đăng nhập đã hết hạn (quá 10 phút). Vui lòng đăng nhập lại.",
		"The sign-in has expired (more than 10 minutes). Please sign in again."},
	{ErrReplayed, "replayed", http.StatusBadRequest,
		"Lượt đăng nhập này đã được sử dụng. Nếu bạn chưa vào được hệ thống, vui lòng đăng nhập lại.",
		"This sign-in has already been used. If you are not signed in, please sign in again."},
	{ErrDenied, "denied", http.StatusForbidden,
		"Bạn đã hủy hoặc từ chối đăng nhập. Bạn có thể đăng nhập lại bất cứ lúc nào.",
		"You cancelled or declined the sign-in. You can sign in again at any time."},
	{ErrProvider, "provider", http.StatusBadGateway,
		"Hệ thống định danh điện tử tạm thời không phản hồi đúng. Vui lòng thử lại sau ít phút.",
		"The electronic identification system is not answering properly. Please try again in a few minutes."},
	{ErrToken, "token", http.StatusBadGateway,
		"Không xác minh được kết quả đăng nhập nên hệ thống đã từ chối để bảo vệ bạn. Vui lòng đăng nhập lại.",
		"The result of the sign-in could not be verified and was refused to protect you. Please sign in again."},
	{ErrClaims, "claims", http.StatusForbidden,
		"Thông tin tài khoản định danh thiếu hoặc không nhất quán. Vui lòng kiểm tra tài khoản định danh điện tử.",
		"The account's identity data are incomplete or inconsistent. Please check your electronic identity account."},
	{ErrSession, "session", http.StatusUnauthorized,
		"Phiên đăng nhập đã kết thúc. Vui lòng đăng nhập lại.",
		"The session has ended. Please sign in again."},
	{ErrAccount, "account", http.StatusForbidden,
		"Bạn vừa đăng nhập bằng tài khoản khác với phiên đang mở. Vui lòng đăng xuất rồi đăng nhập lại.",
		"You signed in with another account than that of the open session. Please sign out and sign in again."},
	{ErrAssurance, "assurance", http.StatusForbidden,
		"Thủ tục này cần đăng nhập bằng tài khoản định danh điện tử ở mức độ cao hơn (mức độ 2).",
		"This procedure needs a sign-in with an electronic identity account of a higher level (level 2)."},
}

func refuse(kind error, rule string) *Error { return &Error{Kind: kind, Rule: rule} }
