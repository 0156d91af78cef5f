package journal

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"slices"
	"strings"
)

// Key is a name and value under which a stream is found while its head says so, and the place it takes in the list.
type Key struct {
	Name  string `json:"name"`
	Value string `json:"value"`
	// Sort orders the streams that share name and value: a due date in Unix seconds, a serial number … Never negative.
	Sort int64 `json:"sort"`
}

// Query asks for the streams whose current keys hold Name = Value, by sort value and then by stream name.
type Query struct {
	Name, Value string
	// From and Until bound the sort value: From <= sort < Until; Until 0 means no upper bound.
	From, Until int64
	// Descending reverses the order.
	Descending bool
	// Cursor is Page.Next of the page before, empty for the first.
	Cursor string
	// Limit is the most hits of the page: 0 means 50, at most [MaxPage].
	Limit int
}

// Hit is a stream that matches, with its newest record, so that a list needs no second question.
type Hit struct {
	Head Record
	Sort int64
}

// Page is a part of a list.
type Page struct {
	Hits []Hit
	// Next is the cursor of the following page, empty when there is none.
	Next string
}

// Resume is where a page begins: behind the stream that stands at Sort. Active is false on the first page.
type Resume struct {
	Active bool
	Sort   int64
	Stream string
}

// Check holds the query to the bounds and returns it with its defaults filled in. Drivers call it.
func (q Query) Check() (Query, error) {
	if q.Limit == 0 {
		q.Limit = 50
	}
	switch {
	case !isName(q.Name):
		return q, &InvalidError{Field: "query.name", Rule: "a key's name"}
	case !isText(q.Value):
		return q, &InvalidError{Field: "query.value", Rule: "at most 200 bytes of UTF-8 without NUL"}
	case q.Limit < 0 || q.Limit > MaxPage:
		return q, &InvalidError{Field: "query.limit", Rule: "0 to 500"}
	case q.From < 0 || q.Until < 0:
		return q, &InvalidError{Field: "query.from", Rule: "not negative"}
	case q.Until != 0 && q.Until < q.From:
		return q, &InvalidError{Field: "query.until", Rule: "not before from"}
	}
	return q, nil
}

// NextCursor makes the cursor behind the last hit of a page. journalID tells one store from another. Drivers call it.
func (q Query) NextCursor(journalID string, last Hit) string {
	sum := q.sum(journalID)
	b := append([]byte{1}, sum[:8]...)
	b = binary.BigEndian.AppendUint64(b, uint64(last.Sort))
	b = append(b, last.Head.Stream.name...)
	return base64.RawURLEncoding.EncodeToString(b)
}

// Resume reads the query's cursor and refuses one of another journal or another query. Drivers call it.
func (q Query) Resume(journalID string) (Resume, error) {
	if q.Cursor == "" {
		return Resume{}, nil
	}
	invalid := &InvalidError{Field: "query.cursor", Rule: "made by this journal for this query"}
	if len(q.Cursor) > 2*MaxText {
		return Resume{}, invalid
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(q.Cursor)
	sum := q.sum(journalID)
	if err != nil || len(b) < 18 || b[0] != 1 || !bytes.Equal(b[1:9], sum[:8]) {
		return Resume{}, invalid
	}
	stream, err := ParseStream(string(b[17:]))
	if err != nil {
		return Resume{}, invalid
	}
	return Resume{Active: true, Sort: int64(binary.BigEndian.Uint64(b[9:17])), Stream: stream.name}, nil
}

func (q Query) sum(journalID string) Hash {
	b := appendText([]byte("motcua journal cursor v1\n"), journalID)
	b = appendText(appendText(b, q.Name), q.Value)
	b = binary.BigEndian.AppendUint64(b, uint64(q.From))
	b = binary.BigEndian.AppendUint64(b, uint64(q.Until))
	if q.Descending {
		b = append(b, 1)
	}
	return sha256.Sum256(b)
}

// sortedKeys returns a copy in the one order that is stored and hashed; nil stays nil.
func sortedKeys(keys []Key) []Key {
	if keys == nil {
		return nil
	}
	sorted := slices.Clone(keys)
	if sorted == nil {
		sorted = []Key{}
	}
	slices.SortFunc(sorted, func(a, b Key) int {
		if c := strings.Compare(a.Name, b.Name); c != 0 {
			return c
		}
		return strings.Compare(a.Value, b.Value)
	})
	return sorted
}

func checkKeys(keys []Key) error {
	if len(keys) > MaxKeys {
		return &InvalidError{Field: "keys", Rule: "at most 16"}
	}
	for i, key := range keys {
		switch {
		case !isName(key.Name):
			return &InvalidError{Field: "keys.name", Rule: "lower-case letters, digits, '.' and '-', at most 64"}
		case !isText(key.Value):
			return &InvalidError{Field: "keys.value", Rule: "at most 200 bytes of UTF-8 without NUL"}
		case key.Sort < 0:
			return &InvalidError{Field: "keys.sort", Rule: "not negative"}
		case i > 0 && key.Name == keys[i-1].Name && key.Value == keys[i-1].Value:
			return &InvalidError{Field: "keys", Rule: "name and value only once"}
		}
	}
	return nil
}

func appendKeys(b []byte, keys []Key) []byte {
	if keys == nil {
		return append(b, 0)
	}
	b = binary.BigEndian.AppendUint64(append(b, 1), uint64(len(keys)))
	for _, key := range keys {
		b = appendText(appendText(b, key.Name), key.Value)
		b = binary.BigEndian.AppendUint64(b, uint64(key.Sort))
	}
	return b
}
