package sdjwt

import (
	"encoding/json"
	"strconv"
	"strings"
)

// Path points to claims: a string names a member of an object, a number from 0 an element of a list, nil all elements
// (claims path pointer, OpenID4VP 1.0 section 7).
type Path []any

const (
	maxPath  = 16
	maxPaths = 256
	maxName  = 256 // bytes of one name
)

func (p Path) check() error {
	if len(p) == 0 || len(p) > maxPath {
		return refuse("path", "length")
	}
	for _, part := range p {
		switch part := part.(type) {
		case nil:
		case string:
			if part == "" || len(part) > maxName {
				return refuse("path", "name")
			}
		case int:
			if part < 0 {
				return refuse("path", "index")
			}
		default:
			return refuse("path", "kind")
		}
	}
	return nil
}

func checkPaths(paths []Path) error {
	if len(paths) > maxPaths {
		return refuse("path", "count")
	}
	for _, path := range paths {
		if err := path.check(); err != nil {
			return err
		}
	}
	return nil
}

// String returns the path as "address.locality", elements as "[0]" and "[]". It names claims and holds no value.
func (p Path) String() string {
	var b strings.Builder
	for i, part := range p {
		switch part := part.(type) {
		case string:
			if i > 0 {
				b.WriteByte('.')
			}
			b.WriteString(part)
		case int:
			b.WriteString("[" + strconv.Itoa(part) + "]")
		default:
			b.WriteString("[]")
		}
	}
	return b.String()
}

// UnmarshalJSON reads a path and takes only what a path may be made of.
func (p *Path) UnmarshalJSON(raw []byte) error {
	var parts []any
	if err := json.Unmarshal(raw, &parts); err != nil {
		return &Error{Field: "path", Rule: "kind", Err: err}
	}
	for i, part := range parts {
		if number, ok := part.(float64); ok && number == float64(int(number)) {
			parts[i] = int(number)
		}
	}
	if err := Path(parts).check(); err != nil {
		return err
	}
	*p = parts
	return nil
}

// meets reports whether a place in a credential lies on the path or below it, or the path below the place.
func (p Path) meets(place Path) bool {
	for i := range min(len(p), len(place)) {
		_, isIndex := place[i].(int)
		if p[i] != place[i] && !(p[i] == nil && isIndex) {
			return false
		}
	}
	return true
}

// in returns the values at the path; none when it leads nowhere or through the wrong kind of value.
func (p Path) in(value any) []any {
	if len(p) == 0 {
		return []any{value}
	}
	switch part := p[0].(type) {
	case string:
		object, _ := value.(map[string]any)
		if next, ok := object[part]; ok {
			return p[1:].in(next)
		}
	case int:
		if list, ok := value.([]any); ok && part < len(list) {
			return p[1:].in(list[part])
		}
	case nil:
		var all []any
		list, _ := value.([]any)
		for _, element := range list {
			all = append(all, p[1:].in(element)...)
		}
		return all
	}
	return nil
}
