package oidc

import (
	"errors"
	"html"
	"io"
	"net/http"
	"strings"
)

// fail answers the browser with the error. Errors that are not ours can only be a canceled request or a store's.
func (rp *RelyingParty) fail(w http.ResponseWriter, r *http.Request, err error) {
	var own *Error
	if !errors.As(err, &own) {
		own = &Error{Kind: ErrProvider, Rule: unreachable(err), Err: err}
	}
	noStore(w)
	rp.cfg.Fail(w, r, own)
}

// failPage is the default answer: what happened, what to do, and the code to tell a help desk.
func failPage(w http.ResponseWriter, r *http.Request, err *Error) {
	lang := "vi"
	title, again, code := "Đăng nhập không thành công", "Về trang chủ", "Mã lỗi"
	if strings.HasPrefix(r.Header.Get("Accept-Language"), "en") {
		lang, title, again, code = "en", "Sign-in failed", "Back to the home page", "Error code"
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(err.Status())
	page := `<!doctype html><html lang="` + lang + `"><meta charset="utf-8">` +
		`<meta name="viewport" content="width=device-width, initial-scale=1"><title>` + title + `</title>` +
		`<style>body{font:1.2rem/1.5 "Be Vietnam Pro",system-ui,sans-serif;max-width:40rem;margin:2rem auto;` +
		`padding:0 1rem}a{display:inline-block;padding:.6rem 0}</style>` +
		`<main><h1>` + title + `</h1><p>` + html.EscapeString(err.Text(lang)) + `</p>` +
		`<p><a href="/">` + again + `</a></p><p><small>` + code + `: ` + html.EscapeString(err.Code()) +
		`</small></p></main></html>`
	_, _ = io.WriteString(w, page)
}
