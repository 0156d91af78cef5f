package sqlite

import (
	"github.com/motcua/motcua/internal/keyjson"
	"github.com/motcua/motcua/journal"
)

// keysText returns the stored form: NULL for nil, which leaves the stream's keys as they are.
func keysText(keys []journal.Key) any {
	if keys == nil {
		return nil
	}
	b := keyjson.Open(make([]byte, 0, 2+96*len(keys)))
	for _, key := range keys {
		b = keyjson.Append(b, key.Name, key.Value, key.Sort)
	}
	return string(keyjson.Close(b))
}

// parseKeys reads what keysText wrote. An empty array is not nil: it says that the stream has no keys.
func parseKeys(text string) ([]journal.Key, error) {
	keys := make([]journal.Key, 0, 4)
	err := keyjson.Parse(text, journal.MaxKeys, func(name, value string, sort int64) {
		keys = append(keys, journal.Key{Name: name, Value: value, Sort: sort})
	})
	return keys, err
}
