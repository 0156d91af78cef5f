package office

import (
	"io/fs"
	"net/http"
	"net/url"
	"strings"
)

// maxForm bounds a form without files.
const maxForm = 256 << 10

// secure sets the headers every answer carries. There are no scripts, so none are allowed; drawings in the pages use
// attributes, not styles.
func secure(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self' data:; form-action *; frame-ancestors 'none'; base-uri 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		if !strings.HasPrefix(r.URL.Path, "/assets/") {
			h.Set("Cache-Control", "no-store")
		}
		next.ServeHTTP(w, r)
	})
}

func assets() http.Handler {
	sub, err := fs.Sub(content, "assets")
	if err != nil {
		return http.NotFoundHandler()
	}
	files := http.StripPrefix("/assets/", http.FileServerFS(sub))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if isForm(r) {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
			return
		}
		if strings.HasSuffix(r.URL.Path, "/") {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Cache-Control", "public, max-age=86400")
		files.ServeHTTP(w, r)
	})
}

// unknown answers what no page answers: an address there is not, or one that is asked in another way than it offers.
func (o *Office) unknown(mux *http.ServeMux) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var allow []string
		for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost} {
			_, pattern := mux.Handler(&http.Request{Method: method, URL: r.URL, Host: r.Host})
			if pattern != "/" {
				allow = append(allow, method)
			}
		}
		if len(allow) == 0 {
			o.fail(w, r, http.StatusNotFound, failure("error.notfound"))
			return
		}
		w.Header().Set("Allow", strings.Join(allow, ", "))
		o.fail(w, r, http.StatusMethodNotAllowed, failure("error.method"))
	}
}

func isSecure(base string) bool { return strings.HasPrefix(base, "https://") }

// returnPath is where sign-in leads back to: the page asked for, or for a form's target the page the form stands on.
func returnPath(r *http.Request) string {
	path := r.URL.Path
	if !isForm(r) {
		return url.QueryEscape(path)
	}
	for _, target := range []struct{ ending, page string }{{"/start", ""}, {"/papers/done", "/papers"}, {"/submit", "/check"},
		{"/pay", ""}, {"/supplement", ""}, {"/withdraw", ""}} {
		if before, ok := strings.CutSuffix(path, target.ending); ok {
			return url.QueryEscape(before + target.page)
		}
	}
	return url.QueryEscape(path)
}

// isForm reports whether the request brings something, rather than asks for a page.
func isForm(r *http.Request) bool { return r.Method != http.MethodGet && r.Method != http.MethodHead }

// language remembers the chosen language and goes back to where the visitor was.
func (o *Office) language(w http.ResponseWriter, r *http.Request) {
	lang := "vi"
	if r.PostFormValue("lang") == "en" {
		lang = "en"
	}
	http.SetCookie(w, &http.Cookie{Name: "lang", Value: lang, Path: "/", MaxAge: 365 * 24 * 3600, HttpOnly: true,
		Secure: isSecure(o.cfg.URL), SameSite: http.SameSiteLaxMode})
	to := r.PostFormValue("to")
	if !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.ContainsAny(to, "\\\r\n") {
		to = "/"
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// lang is the language the visitor reads: Vietnamese unless chosen otherwise.
func lang(r *http.Request) string {
	if c, err := r.Cookie("lang"); err == nil && c.Value == "en" {
		return "en"
	}
	return "vi"
}

func (o *Office) frame(r *http.Request) frame {
	f := frame{Lang: lang(r), OtherLang: "en", OtherLangName: "English", Path: r.URL.Path}
	if f.Lang == "en" {
		f.OtherLang, f.OtherLangName = "vi", "Tiếng Việt"
	}
	if r.Method != http.MethodGet {
		f.Path = "/"
	}
	if v := o.visitor(r); v != nil {
		f.Citizen, f.Officer = v.Citizen != nil, v.Officer != nil && len(v.Officer.Roles) > 0
		f.Administrator = v.Officer != nil && v.Officer.Administrator
		f.Name = v.name()
	}
	return f
}
