package jetstream

import (
	"strings"

	"github.com/motcua/motcua/journal"
)

const (
	root       = "motcua."   // of all subjects
	streamRoot = "motcua-"   // of all stream names
	uriRoot    = "/journal/" // of CloudEvents' source, a relative reference
	maxSource  = 64          // bytes of a source
)

// Source names the journal that events come from: the agency's electronic identifier (mã định danh điện tử, Decision
// 20/2020/QĐ-TTg), "H26.35.12". An agency with several journals gives each a name below its own, "H26.35.12.land". The
// zero value names none.
type Source struct{ name string }

// ParseSource checks and returns a source: groups of letters, digits and '-' with dots between them, at most 64 bytes.
// Errors: *journal.InvalidError.
func ParseSource(name string) (Source, error) {
	invalid := &journal.InvalidError{Field: "source", Rule: "letters, digits and '-' between dots, at most 64 bytes"}
	if len(name) > maxSource {
		return Source{}, invalid
	}
	for group := range strings.SplitSeq(name, ".") {
		if group == "" || strings.ContainsFunc(group, func(r rune) bool {
			return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-'
		}) {
			return Source{}, invalid
		}
	}
	return Source{name}, nil
}

// String returns the name; ParseSource reads it back.
func (s Source) String() string { return s.name }

// IsZero reports whether s names no source.
func (s Source) IsZero() bool { return s.name == "" }

// Stream returns the name of the source's stream, for permissions and for nats(1): "motcua-H26_35_12".
func (s Source) Stream() string { return streamRoot + s.token() }

// Subject returns the subject of the source's events of a kind, or of a pattern of kinds as for [NewInbox]:
// "motcua.H26_35_12.dossier.accepted". The source is one token, so that "motcua.*.dossier.accepted" is that kind from
// every agency.
func (s Source) Subject(kind string) string {
	if kind == "*" {
		return root + s.token() + ".>"
	}
	if prefix, ok := strings.CutSuffix(kind, ".*"); ok {
		return root + s.token() + "." + tokens(prefix) + ".>"
	}
	return root + s.token() + "." + tokens(kind)
}

// token is the name as one token of a subject; '_' occurs in no name.
func (s Source) token() string { return strings.ReplaceAll(s.name, ".", "_") }

// tokens writes a kind as tokens of a subject, none of them empty: a kind may hold two dots together or end in one.
func tokens(kind string) string {
	if !strings.Contains(kind, "..") && !strings.HasSuffix(kind, ".") {
		return kind
	}
	parts := strings.Split(kind, ".")
	for i, part := range parts {
		if part == "" {
			parts[i] = "_"
		}
	}
	return strings.Join(parts, ".")
}
