package sdjwt

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"strconv"

	"github.com/motcua/motcua/identity"
)

// Claims are what a verified credential says. They print as nothing; [Claims.Reveal] gives one by its path.
type Claims struct {
	set func() map[string]any // a closure, for fmt follows pointers and prints unexported fields
}

func newClaims(set map[string]any) Claims { return Claims{func() map[string]any { return set }} }

func (c Claims) all() map[string]any {
	if c.set == nil {
		return nil
	}
	return c.set()
}

// Reveal returns the one value at a path: string, bool, [json.Number], nil, []any or map[string]any. ok is false when
// there is none, or several.
func (c Claims) Reveal(path ...any) (value any, ok bool) {
	found := Path(path).in(c.all())
	if len(path) == 0 || len(found) != 1 {
		return nil, false
	}
	return copyOf(found[0]), true
}

// Text returns the value at a path if it is a text, and "" if not.
func (c Claims) Text(path ...any) string {
	value, _ := c.Reveal(path...)
	text, _ := value.(string)
	return text
}

// Has reports whether there is anything at the path.
func (c Claims) Has(path Path) bool { return len(path) > 0 && len(path.in(c.all())) > 0 }

// Names returns the names of the outermost claims, sorted.
func (c Claims) Names() []string { return slices.Sorted(maps.Keys(c.all())) }

// Only returns the claims at these paths, and nothing else: what a purpose may see. Elements of a list that no path names
// are left out, so the others may move up.
func (c Claims) Only(paths ...Path) Claims {
	kept, _ := prune(c.all(), nil, paths).(map[string]any)
	if kept == nil {
		kept = map[string]any{}
	}
	return newClaims(kept)
}

// prune returns what of a value at a place lies at or below one of the paths; nil if nothing does.
func prune(value any, place Path, paths []Path) any {
	whole, inside := false, false
	for _, path := range paths {
		if path.meets(place) {
			whole = whole || len(path) <= len(place)
			inside = inside || len(path) > len(place)
		}
	}
	switch {
	case whole:
		return copyOf(value)
	case !inside:
		return nil
	}
	switch value := value.(type) {
	case map[string]any:
		out := map[string]any{}
		for name, member := range value {
			if kept := prune(member, append(slices.Clone(place), name), paths); kept != nil {
				out[name] = kept
			}
		}
		if len(out) > 0 {
			return out
		}
	case []any:
		var out []any
		for i, element := range value {
			if kept := prune(element, append(slices.Clone(place), i), paths); kept != nil {
				out = append(out, kept)
			}
		}
		if len(out) > 0 {
			return out
		}
	}
	return nil
}

// copyOf keeps callers from changing what a report holds.
func copyOf(value any) any {
	switch value := value.(type) {
	case map[string]any:
		out := make(map[string]any, len(value))
		for name, member := range value {
			out[name] = copyOf(member)
		}
		return out
	case []any:
		out := make([]any, len(value))
		for i, element := range value {
			out[i] = copyOf(element)
		}
		return out
	}
	return value
}

// AtLeast answers whether the person is of this age by the issuer's own yes or no, age_equal_or_over or age_over_NN. A
// yes to a greater age and a no to a smaller one answer too; without any the answer is unknown.
func (c Claims) AtLeast(years int) identity.Answer {
	answer := identity.Unknown
	weigh := func(age string, value any) {
		limit, err := strconv.Atoi(age)
		over, isBool := value.(bool)
		switch {
		case err != nil || !isBool || limit < 1 || limit > 150:
		case over && limit >= years && answer != identity.No:
			answer = identity.Yes
		case !over && limit <= years:
			answer = identity.No
		}
	}
	if ages, ok := c.all()["age_equal_or_over"].(map[string]any); ok {
		for age, value := range ages {
			weigh(age, value)
		}
	}
	for name, value := range c.all() {
		if len(name) > len("age_over_") && name[:len("age_over_")] == "age_over_" {
			weigh(name[len("age_over_"):], value)
		}
	}
	return answer
}

// RevealJSON returns all claims as JSON: personal data, for a store that is sealed.
func (c Claims) RevealJSON() ([]byte, error) {
	if c.all() == nil {
		return []byte("{}"), nil
	}
	return json.Marshal(c.all())
}

// Format prints no claim.
func (c Claims) Format(state fmt.State, _ rune) { _, _ = io.WriteString(state, "sdjwt.Claims(***)") }

// LogValue gives loggers no claim.
func (c Claims) LogValue() slog.Value { return slog.StringValue("sdjwt.Claims(***)") }

// MarshalText gives encoders no claim.
func (c Claims) MarshalText() ([]byte, error) { return []byte("sdjwt.Claims(***)"), nil }
