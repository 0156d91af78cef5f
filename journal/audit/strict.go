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

// checkMembers walks the tokens: each name of an object once and exactly, bounded depth, nothing behind the end.
func checkMembers(raw []byte) error {
	w := walker{dec: json.NewDecoder(bytes.NewReader(raw))}
	w.dec.UseNumber()
	if err := w.value(0); err != nil {
		return err
	}
	if _, err := w.dec.Token(); !errors.Is(err, io.EOF) {
		return errors.New("want nothing behind the value")
	}
	return nil
}

type walker struct{ dec *json.Decoder }

// value walks one value, whose parts may be values.
func (w walker) value(depth int) error {
	token, err := w.dec.Token()
	if err != nil {
		return errors.New("want JSON")
	}
	delim, ok := token.(json.Delim)
	if !ok {
		return nil
	}
	if depth >= maxDepth {
		return fmt.Errorf("want at most %d levels", maxDepth)
	}
	members := make(map[string]bool)
	for w.dec.More() {
		if delim == '{' {
			token, err := w.dec.Token()
			name, ok := token.(string)
			if err != nil || !ok || members[name] || !isMember(name) {
				return errors.New("want each member once, by its exact name")
			}
			members[name] = true
		}
		if err := w.value(depth + 1); err != nil {
			return err
		}
	}
	if _, err := w.dec.Token(); err != nil {
		return errors.New("want JSON")
	}
	return nil
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
