package jetstream

import (
	"slices"
	"strings"
	"time"

	"github.com/motcua/motcua/journal"
)

const maxKinds = 64

// kinds are patterns of fact kinds: a kind, "dossier.*" for all that begin with "dossier.", "*" for all.
type kinds []string

// parseKinds refuses an empty list, what can match no kind, and patterns that overlap, which JetStream refuses too.
func parseKinds(patterns []string) (kinds, error) {
	if len(patterns) == 0 || len(patterns) > maxKinds {
		return nil, &journal.InvalidError{Field: "kinds", Rule: "1 to 64 kinds; \"*\" stands for all"}
	}
	for i, pattern := range patterns {
		kind, ok := strings.CutSuffix(pattern, ".*")
		if !ok && pattern == "*" {
			kind = "all"
		}
		if !isKind(kind) {
			return nil, &journal.InvalidError{Field: "kinds", Rule: "kinds of facts, \"prefix.*\" or \"*\""}
		}
		for _, other := range patterns[:i] {
			if covers(pattern, other) || covers(other, pattern) {
				return nil, &journal.InvalidError{Field: "kinds", Rule: "no kind named twice"}
			}
		}
	}
	return slices.Clone(patterns), nil
}

// has reports whether facts of the kind are meant.
func (k kinds) has(kind string) bool {
	for _, pattern := range k {
		if covers(pattern, kind) {
			return true
		}
	}
	return false
}

// subjects returns the subjects the kinds have in a source's stream.
func (k kinds) subjects(source Source) []string {
	subjects := make([]string, len(k))
	for i, pattern := range k {
		subjects[i] = source.Subject(pattern)
	}
	return subjects
}

// covers reports whether a pattern stands for a kind, or for all that another pattern stands for.
func covers(pattern, other string) bool {
	prefix, ok := strings.CutSuffix(pattern, "*")
	return pattern == other || ok && len(other) > len(prefix) && strings.HasPrefix(other, prefix)
}

// isKind asks the journal, so that the rule stands in one place.
func isKind(kind string) bool {
	return checkFact(journal.Fact{Kind: kind, Actor: "-", At: time.Unix(0, 0), Body: []byte(`{}`)}) == nil
}

// checkFact says what the journal would say to an append of the fact.
func checkFact(fact journal.Fact) error {
	stream, err := journal.ParseStream("event/1")
	if err != nil {
		return err
	}
	_, err = journal.Link(stream, journal.Head{}, []journal.Fact{fact})
	return err
}
