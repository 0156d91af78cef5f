package seal_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/journal/seal"
)

var at = time.Date(2026, 11, 21, 8, 30, 0, 0, time.UTC)

const (
	nghia  = "subject-nghia"
	vinh   = "subject-vinh"
	secret = "Nguyễn Trọng Nghĩa, 001090000123"
)

func must[T any](v T, err error) func(testing.TB) T {
	return func(tb testing.TB) T {
		tb.Helper()
		if err != nil {
			tb.Fatal(err)
		}
		return v
	}
}

func stream(tb testing.TB, name string) journal.Stream {
	tb.Helper()
	return must(journal.ParseStream(name))(tb)
}

// filed is a fact with a private half.
func filed(n int, subject, private string) journal.Fact {
	return journal.Fact{Kind: "dossier.filed", Actor: "citizen-52", At: at, Body: fmt.Appendf(nil, `{"n":%d}`, n),
		Private: []byte(private), Subject: subject, Command: journal.NewCommand(fmt.Sprint("key-", n), []byte(private)),
		Keys: []journal.Key{{Name: "unit", Value: "H26.1", Sort: int64(n)}}}
}

// safe is a key store with its ring, in one directory.
type safe struct {
	*seal.Dir
	ring *seal.Keyring
	path string
}

func newSafe(tb testing.TB) safe {
	tb.Helper()
	path := tb.TempDir()
	ring := must(seal.CreateKeyring(filepath.Join(path, "ring")))(tb)
	return openSafe(tb, path, ring, seal.DirConfig{})
}

func openSafe(tb testing.TB, path string, ring *seal.Keyring, cfg seal.DirConfig) safe {
	tb.Helper()
	return safe{must(seal.OpenDir(filepath.Join(path, "keys"), ring, cfg))(tb), ring, path}
}

// again is another process on the same keys.
func (s safe) again(tb testing.TB) safe {
	tb.Helper()
	return openSafe(tb, s.path, must(seal.OpenKeyring(filepath.Join(s.path, "ring")))(tb), seal.DirConfig{})
}

// file is where the n-th key of a subject stands.
func (s safe) file(subject string, n int) string {
	sum := sha256.Sum256([]byte("motcua seal subject v1\n" + subject))
	name := hex.EncodeToString(sum[:])
	return filepath.Join(s.path, "keys", name[:2], fmt.Sprintf("%s.%d", name[2:], n))
}

func sealed(tb testing.TB, below journal.Journal, keys seal.KeyStore) *seal.Journal {
	tb.Helper()
	return must(seal.New(below, keys, seal.Config{Now: func() time.Time { return at }}))(tb)
}

func mustAppend(tb testing.TB, j journal.Journal, name string, after int64, facts ...journal.Fact) []journal.Record {
	tb.Helper()
	return must(j.Append(context.Background(), stream(tb, name), after, facts...))(tb)
}

func load(tb testing.TB, j journal.Journal, name string) []journal.Record {
	tb.Helper()
	return must(journal.Load(context.Background(), j, stream(tb, name)))(tb)
}

func verify(tb testing.TB, j journal.Journal) journal.Summary {
	tb.Helper()
	return must(journal.Verify(context.Background(), j))(tb)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
