package office

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"strings"

	"github.com/motcua/motcua/journal/seal"
)

//go:embed pages assets words.json results.json grounds.json
var content embed.FS

// words is the catalogue of what the pages say, keyed by code, Vietnamese first.
type words map[string]struct {
	VI string `json:"vi"`
	EN string `json:"en"`
}

// say returns the text of a code with arguments put in. An unknown code shows itself, and a test finds it.
func (w words) say(lang, code string, args ...any) string {
	entry, ok := w[code]
	text := entry.VI
	if lang == "en" {
		text = entry.EN
	}
	if !ok {
		text = "[" + code + "]"
	}
	if len(args) > 0 {
		return fmt.Sprintf(text, args...)
	}
	return text
}

// renderer holds the parsed pages of each language.
type renderer struct {
	words words
	pages map[string]map[string]*template.Template
}

var languages = []string{"vi", "en"}

func newRenderer() (*renderer, error) {
	r := &renderer{pages: make(map[string]map[string]*template.Template)}
	raw, err := content.ReadFile("words.json")
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(raw, &r.words); err != nil {
		return nil, fmt.Errorf("words.json: %w", err)
	}
	names, err := fs.Glob(content, "pages/*.html")
	if err != nil {
		return nil, err
	}
	for _, lang := range languages {
		r.pages[lang] = make(map[string]*template.Template)
		for _, name := range names {
			if name == "pages/layout.html" {
				continue
			}
			t, err := template.New("").Funcs(r.functions(lang)).ParseFS(content, "pages/layout.html", name)
			if err != nil {
				return nil, err
			}
			r.pages[lang][strings.TrimSuffix(strings.TrimPrefix(name, "pages/"), ".html")] = t
		}
	}
	return r, nil
}

func (r *renderer) functions(lang string) template.FuncMap {
	return template.FuncMap{
		"t":      func(code string, args ...any) string { return r.words.say(lang, code, args...) },
		"minute": formatMinute,
		"day":    formatDay,
		"drawing": func(svg []byte) template.HTML {
			return template.HTML(svg) // our own drawings, escaped where they are made
		},
	}
}

// frame is what every page has around its content.
type frame struct {
	Lang, OtherLang, OtherLangName string
	Path, Title, Class             string
	Name                           string // the signed-in person, as shown in the header
	Citizen, Officer               bool
	Administrator                  bool
	Errors                         []problem
	Data                           any
}

// problem is a mistake as the page tells it, linked to the field it is about.
type problem struct{ Field, Text string }

// legible is what every error meant for people offers.
type legible interface {
	Code() string
	Text(lang string) string
}

// explain returns the words of an error for people, or a general apology for one that is not meant for them.
func (o *Office) explain(lang string, err error) string {
	if errors.Is(err, seal.ErrErased) {
		return o.pages.words.say(lang, "erased.file")
	}
	var f failure
	if errors.As(err, &f) { // our own words, where we have joined them to another's
		return o.pages.words.say(lang, f.Code())
	}
	var l legible
	if errors.As(err, &l) {
		return l.Text(lang)
	}
	return o.pages.words.say(lang, "error.internal")
}

// show writes a page under a title, which is a code of the catalogue or a name. Rendering goes to memory first, so that a failure never leaves half a page.
func (o *Office) show(w http.ResponseWriter, r *http.Request, status int, page, title string, data any, problems ...problem) {
	f := o.frame(r)
	f.Title, f.Data, f.Errors = o.pages.words.say(f.Lang, title), data, problems
	if _, ok := o.pages.words[title]; !ok {
		f.Title = title // a name, such as a procedure's
	}
	f.Class = "narrow"
	if strings.HasPrefix(page, "office") || page == "dossier" || page == "verify" {
		f.Class = ""
	}
	var b bytes.Buffer
	if err := o.pages.pages[f.Lang][page].ExecuteTemplate(&b, "layout", f); err != nil {
		o.log.Error("page does not render", "page", page, "error", err)
		http.Error(w, o.pages.words.say(f.Lang, "error.internal"), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes())
}

// fail shows an error page. What is not meant for people is logged and apologised for.
func (o *Office) fail(w http.ResponseWriter, r *http.Request, status int, err error) {
	var l legible
	var f failure
	if !errors.As(err, &l) && !errors.As(err, &f) && !errors.Is(err, seal.ErrErased) {
		o.log.Error("request failed", "path", r.URL.Path, "error", err)
	}
	o.show(w, r, status, "error", "error.page", nil, problem{Text: o.explain(o.frame(r).Lang, err)})
}
