package oidc

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxClaim bounds the text of one claim, in bytes.
const maxClaim = 4 << 10

// secretClaims hold an access token in their query string (seen in VNeID profiles). They are dropped on arrival.
var secretClaims = [...]string{"userProfileUri", "logoutUri"}

// Claims are statements of the provider about the person. They print as nothing; [Claims.Reveal] gives one by name.
type Claims struct {
	set func() map[string]any // a closure, for fmt follows pointers and prints unexported fields
}

func newClaims(set map[string]any) Claims {
	for _, name := range secretClaims {
		delete(set, name)
	}
	return Claims{func() map[string]any { return set }}
}

// Reveal returns a claim as text, whether it came as string or number. An empty string counts as absent; a list, an
// object and an overlong text too.
func (c Claims) Reveal(name string) (string, bool) {
	if c.set == nil {
		return "", false
	}
	switch value := c.set()[name].(type) {
	case string:
		value = strings.TrimSpace(value)
		return value, value != "" && len(value) <= maxClaim
	case json.Number:
		return value.String(), len(value) <= 64
	}
	return "", false
}

// Names returns the names of the claims, sorted.
func (c Claims) Names() []string {
	if c.set == nil {
		return nil
	}
	return slices.Sorted(maps.Keys(c.set()))
}

// Format prints no claim.
func (c Claims) Format(state fmt.State, _ rune) { _, _ = io.WriteString(state, "oidc.Claims(***)") }

// LogValue gives loggers no claim.
func (c Claims) LogValue() slog.Value { return slog.StringValue("oidc.Claims(***)") }

// MarshalText gives encoders no claim.
func (c Claims) MarshalText() ([]byte, error) { return []byte("oidc.Claims(***)"), nil }

// only returns the claims with these names.
func (c Claims) only(names []string) Claims {
	kept := map[string]any{}
	for _, name := range names {
		if value, ok := c.set()[name]; ok {
			kept[name] = value
		}
	}
	return newClaims(kept)
}

// text returns a claim, or "" when the map names none or it is absent.
func (c Claims) text(name string) string {
	if name == "" {
		return ""
	}
	text, _ := c.Reveal(name)
	return text
}

// list returns a claim that is a string or a list of strings; ok is false for anything else.
func (c Claims) list(name string) (list []string, ok bool) {
	switch value := c.set()[name].(type) {
	case nil:
		return nil, true
	case string:
		return []string{value}, value != ""
	case []any:
		for _, item := range value {
			text, isText := item.(string)
			if !isText || text == "" || len(list) == 64 {
				return nil, false
			}
			list = append(list, text)
		}
		return list, true
	}
	return nil, false
}

// instant returns a NumericDate; the zero time when it is absent. ok is false for anything but a number of seconds
// in the years 1970 to 9999, a fraction being cut off.
func (c Claims) instant(name string) (at time.Time, ok bool) {
	switch value := c.set()[name].(type) {
	case nil:
		return time.Time{}, true
	case json.Number:
		seconds, err := strconv.ParseFloat(value.String(), 64)
		if err != nil || math.IsNaN(seconds) || seconds < 1 || seconds > 253402300799 {
			return time.Time{}, false
		}
		return time.Unix(int64(seconds), 0).UTC(), true
	}
	return time.Time{}, false
}
