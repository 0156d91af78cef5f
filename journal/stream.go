package journal

import "strings"

// Stream names one sequence of facts, as kind and identifier: "dossier/7f3a9c". The zero value names none.
type Stream struct{ name string }

// ParseStream checks and returns a stream's name: a kind of lower-case letters, digits, '.' and '-', a slash, and an
// identifier of letters, digits and "._:-", at most [MaxText] bytes in all.
func ParseStream(name string) (Stream, error) {
	kind, id, ok := strings.Cut(name, "/")
	switch {
	case len(name) > MaxText:
		return Stream{}, &InvalidError{Field: "stream", Rule: "at most 200 bytes"}
	case !ok || !isName(kind):
		return Stream{}, &InvalidError{Field: "stream", Rule: "begins with a kind and a slash"}
	case !isIdentifier(id):
		return Stream{}, &InvalidError{Field: "stream", Rule: "identifier of letters, digits and ._:-"}
	}
	return Stream{name}, nil
}

// Kind returns the part before the slash.
func (s Stream) Kind() string { kind, _, _ := strings.Cut(s.name, "/"); return kind }

// ID returns the part behind the slash.
func (s Stream) ID() string { _, id, _ := strings.Cut(s.name, "/"); return id }

// String returns the whole name; ParseStream reads it back.
func (s Stream) String() string { return s.name }

// IsZero reports whether s names no stream.
func (s Stream) IsZero() bool { return s.name == "" }

// isName accepts kinds and key names: [a-z][a-z0-9.-]*, at most MaxName bytes.
func isName(s string) bool {
	if s == "" || len(s) > MaxName || s[0] < 'a' || s[0] > 'z' {
		return false
	}
	for i := 1; i < len(s); i++ {
		c := s[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '.' && c != '-' {
			return false
		}
	}
	return true
}

func isIdentifier(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i] | 0x20
		if (c < 'a' || c > 'z') && (s[i] < '0' || s[i] > '9') && !strings.ContainsRune("._:-", rune(s[i])) {
			return false
		}
	}
	return s != ""
}
