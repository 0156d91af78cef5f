package main

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	texttemplate "text/template"
	"time"

	"github.com/motcua/motcua/examples/verifier/judge"
	"github.com/motcua/motcua/qr"
	"github.com/motcua/motcua/qr/scan"
)

//go:embed site
var site embed.FS

// maxUpload bounds a picture handed to the server.
const maxUpload = 16 << 20

// server is the page, its files, and the check for browsers without JavaScript.
type server struct {
	verifier *qr.Verifier
	now      func() time.Time
	page     *template.Template
	files    map[string]file
}

type file struct {
	media string
	data  []byte
}

// newVerifier makes the verifier of a trust file and signed status lists.
func newVerifier(trust []byte, status [][]byte) (*qr.Verifier, error) {
	list, err := qr.ParseTrustFile(trust)
	if err != nil {
		return nil, err
	}
	raw, err := json.Marshal(status)
	if err != nil {
		return nil, err
	}
	lists, err := judge.Status(list, raw)
	if err != nil {
		return nil, err
	}
	return qr.NewVerifier(list, qr.VerifyConfig{Status: lists})
}

// newServer makes a server around a trust file, status lists, and the WebAssembly build with its loader.
func newServer(trust []byte, status [][]byte, wasm, loader []byte, now func() time.Time) (*server, error) {
	verifier, err := newVerifier(trust, status)
	if err != nil {
		return nil, err
	}
	if status == nil {
		status = [][]byte{}
	}
	lists, err := json.Marshal(status)
	if err != nil {
		return nil, err
	}
	page, err := template.ParseFS(site, "site/page.html")
	if err != nil {
		return nil, err
	}
	s := &server{verifier: verifier, now: now, page: page, files: map[string]file{
		"/trust.json":    {"application/json", trust},
		"/status.json":   {"application/json", lists},
		"/verifier.wasm": {"application/wasm", wasm},
		"/wasm_exec.js":  {"text/javascript; charset=utf-8", loader},
	}}
	for name, media := range map[string]string{"style.css": "text/css", "app.js": "text/javascript", "manifest.webmanifest": "application/manifest+json"} {
		data, err := site.ReadFile("site/" + name)
		if err != nil {
			return nil, err
		}
		s.files["/"+name] = file{media + "; charset=utf-8", data}
	}
	return s, s.addWorker()
}

// addWorker names the service worker's cache after the contents, so that a new build takes the old one's place.
func (s *server) addWorker() error {
	worker, err := texttemplate.ParseFS(site, "site/sw.js")
	if err != nil {
		return err
	}
	sum := sha256.New()
	for _, name := range []string{"/verifier.wasm", "/app.js", "/style.css"} {
		sum.Write(s.files[name].data)
	}
	var b bytes.Buffer
	if err := worker.Execute(&b, map[string]string{"Version": hex.EncodeToString(sum.Sum(nil)[:8])}); err != nil {
		return err
	}
	s.files["/sw.js"] = file{"text/javascript; charset=utf-8", b.Bytes()}
	return nil
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; connect-src 'self'; img-src 'self' data:; media-src blob:; manifest-src 'self'; worker-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-cache")
	switch f, ok := s.files[r.URL.Path]; {
	case ok && r.Method == http.MethodGet:
		h.Set("Content-Type", f.media)
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(f.data))
	case r.URL.Path == "/" && r.Method == http.MethodGet:
		s.show(w, r, http.StatusOK, nil)
	case r.URL.Path == "/check" && r.Method == http.MethodPost:
		s.check(w, r)
	default:
		http.NotFound(w, r)
	}
}

// check judges for browsers without JavaScript.
func (s *server) check(w http.ResponseWriter, r *http.Request) {
	l := lang(r)
	text, err := uploaded(w, r)
	if err != nil {
		s.show(w, r, http.StatusUnprocessableEntity, &shown{View: judge.View{Class: "warn", Headline: words[l][problem(err)]}})
		return
	}
	s.show(w, r, http.StatusOK, &shown{View: judge.Judge(s.verifier, text, l, s.now())})
}

var errNothing = errors.New("verifier: nothing to check")

// uploaded returns the text typed in, or the code in the picture.
func uploaded(w http.ResponseWriter, r *http.Request) (string, error) {
	r.Body = http.MaxBytesReader(w, r.Body, maxUpload+1<<20)
	if err := r.ParseMultipartForm(4 << 20); err != nil {
		return "", err
	}
	defer func() { _ = r.MultipartForm.RemoveAll() }()
	picture, header, err := r.FormFile("file")
	if errors.Is(err, http.ErrMissingFile) || err == nil && header.Size == 0 {
		if text := r.PostFormValue("text"); text != "" {
			return text, nil
		}
		return "", errNothing
	}
	if err != nil {
		return "", err
	}
	defer picture.Close()
	texts, err := scan.ReadImage(picture, scan.Config{})
	if err != nil {
		return "", err
	}
	return texts[0], nil
}

// problem is the word for what went wrong with an upload.
func problem(err error) string {
	if errors.Is(err, errNothing) {
		return "nothing"
	}
	return "noqr"
}

type shown struct {
	judge.View
	T map[string]string
}

func (s *server) show(w http.ResponseWriter, r *http.Request, status int, view *shown) {
	l, other, name := lang(r), "en", "English"
	if l == "en" {
		other, name = "vi", "Tiếng Việt"
	}
	if view != nil {
		view.T = words[l]
	}
	catalogue, err := json.Marshal(words[l])
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	var b bytes.Buffer
	if err := s.page.ExecuteTemplate(&b, "page.html", map[string]any{"Lang": l, "Other": other, "OtherName": name, "T": words[l],
		"Words": string(catalogue), "View": view}); err != nil {
		http.Error(w, fmt.Sprintf("page: %v", err), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes())
}

func lang(r *http.Request) string {
	if r.URL.Query().Get("lang") == "en" {
		return "en"
	}
	return "vi"
}
