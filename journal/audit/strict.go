package audit

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// maxDepth bounds how deep a file's arrays and objects nest; ours go to five.
const maxDepth = 8

// strictJSON decodes one value. It refuses what two readers could read differently: unknown members, members that stand
// twice, names in another case, bytes that are not UTF-8, anything behind the value.
func strictJSON(raw []byte, into any) error {
	if !utf8.Valid(raw) {
		return finding(ErrMalformed, "json", errors.New("want UTF-8"))
	}
	if err := checkMembers(raw); err != nil {
		return finding(ErrMalformed, "json", err)
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return finding(ErrMalformed, "json", errors.New("want the members of the format, with their types"))
	}
	return nil
}

// checkMembers walks the tokens: each name of an object once, in lower case first letters as all ours are, and nothing
// behind the end.
func checkMembers(raw []byte) error {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var open []map[string]bool // nil for an array
	name := false              // the next string is a member's name
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			if len(open) > 0 {
				return errors.New("want the end of the value")
			}
			return nil
		}
		if err != nil {
			return errors.New("want JSON")
		}
		switch t := token.(type) {
		case json.Delim:
			if t == '{' || t == '[' {
				if len(open) >= maxDepth {
					return fmt.Errorf("want at most %d levels", maxDepth)
				}
				var members map[string]bool
				if t == '{' {
					members = make(map[string]bool)
				}
				open = append(open, members)
				name = t == '{'
				continue
			}
			open = open[:len(open)-1]
		case string:
			if name {
				members := open[len(open)-1]
				if members[t] || !isMember(t) {
					return errors.New("want each member once, by its exact name")
				}
				members[t] = true
				name = false
				continue
			}
		}
		if len(open) == 0 {
			if dec.More() {
				return errors.New("want nothing behind the value")
			}
			continue
		}
		name = open[len(open)-1] != nil
	}
}

// isMember keeps encoding/json from taking "Seq" for "seq".
func isMember(name string) bool {
	switch name {
	case "format", "checkpoint", "timestamp", "links", "records", "path", "index", "stream", "seq", "part", "kind",
		"actor", "at", "body", "subject", "private", "command", "key", "sum", "keys", "name", "value", "sort", "prev":
		return true
	}
	return false
}
