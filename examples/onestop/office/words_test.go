package office

import (
	"io/fs"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/motcua/motcua/signature"
)

// TestWords holds the catalogue to the pages and the code: every code that is said has both languages, with the same
// arguments, and every entry is said somewhere.
func TestWords(t *testing.T) {
	r, err := newRenderer()
	if err != nil {
		t.Fatal(err)
	}
	said := sayings(t)
	for code, entry := range r.words {
		if entry.VI == "" || entry.EN == "" {
			t.Errorf("%s lacks a language", code)
		}
		if strings.Count(entry.VI, "%") != strings.Count(entry.EN, "%") {
			t.Errorf("%s takes different arguments in the two languages", code)
		}
		if !said[code] && !madeUp(code) {
			t.Errorf("%s is said nowhere", code)
		}
	}
	for code := range said {
		if _, ok := r.words[code]; !ok {
			t.Errorf("%s is said but not in the catalogue", code)
		}
	}
}

// TestMadeUpWords holds the catalogue to the codes that are put together at run time.
func TestMadeUpWords(t *testing.T) {
	r, err := newRenderer()
	if err != nil {
		t.Fatal(err)
	}
	for prefix, values := range map[string][]string{
		"change.": {string(signature.SignatureAdded), string(signature.FormExtended), string(signature.ValidationData),
			string(signature.InformationEdited), string(signature.ObjectAdded), string(signature.Rewritten),
			string(signature.FormEdited), string(signature.ContentEdited)},
		"verify.coverage.": {string(signature.EntireFile), string(signature.EntireRevision), string(signature.UnclearCoverage)},
		"verify.status.":   {"good", "revoked", "on-hold", "unknown"},
		"intake.":          {unsigned, valid, unsure, altered, broken},
	} {
		for _, value := range values {
			if _, ok := r.words[prefix+value]; !ok {
				t.Errorf("%s%s has no words", prefix, value)
			}
		}
	}
}

// madeUp reports whether a code is put together at run time.
func madeUp(code string) bool {
	return strings.HasPrefix(code, "dossier.file.") || strings.HasPrefix(code, "verify.coverage.") || strings.HasPrefix(code, "intake.") ||
		strings.HasPrefix(code, "change.") || strings.HasPrefix(code, "verify.status.")
}

// sayings collects the codes in pages ({{t "code"}}) and in Go (say(lang, "code"), failure("code"), titles).
func sayings(t *testing.T) map[string]bool {
	t.Helper()
	said := make(map[string]bool)
	collect := func(text string, pattern *regexp.Regexp) {
		for _, m := range pattern.FindAllStringSubmatch(text, -1) {
			said[m[1]] = true
		}
	}
	pages, err := fs.Glob(content, "pages/*.html")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range pages {
		raw, err := content.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		collect(string(raw), regexp.MustCompile(`\bt "([a-z.]+)"`))
	}
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if !strings.HasSuffix(entry.Name(), ".go") || strings.HasSuffix(entry.Name(), "_test.go") {
			continue
		}
		raw, err := os.ReadFile(entry.Name())
		if err != nil {
			t.Fatal(err)
		}
		collect(string(raw), regexp.MustCompile(`(?:say|add|failure)\((?:lang, |l, |"vi", |f\.Lang, |o\.frame\(r\)\.Lang, )?"([a-z]+\.[a-z.]*[a-z])"`))
		collect(string(raw), regexp.MustCompile(`o\.show\(w, r, [\w.]+(?:\([a-z]+\))?, "[a-z_]+", "([a-z.]+)"`))
		collect(string(raw), regexp.MustCompile(`: +"(pay\.back\.[a-z]+)"`))
	}
	return said
}
