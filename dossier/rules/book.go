package rules

import (
	"embed"
	"io/fs"
	"slices"
	"time"

	"github.com/motcua/motcua/internal/vntime"
)

//go:embed law/*.json
var lawFiles embed.FS

// Book is all rule sets the law has known, in order of time. It is immutable and safe for concurrent use.
type Book struct{ sets []*Set }

// Official reads the law that ships with the package.
func Official() (*Book, error) {
	files, err := fs.Sub(lawFiles, "law")
	if err != nil {
		return nil, err
	}
	return Load(files)
}

// Load reads the law from the *.json files at the root of files, one instrument each. An operator uses it to add an
// instrument before the next release. Its errors are *FileError and name the file and the rule it breaks.
func Load(files fs.FS) (*Book, error) {
	instruments, err := readAll(files)
	if err != nil {
		return nil, err
	}
	return compose(instruments)
}

// At returns the rule set in force at an instant; a *UnknownDateError before the first.
func (b *Book) At(t time.Time) (*Set, error) {
	for _, set := range slices.Backward(b.sets) {
		if !t.Before(set.since) && (set.until.IsZero() || t.Before(set.until)) {
			return set, nil
		}
	}
	return nil, &UnknownDateError{Day: vntime.Midnight(t)}
}

// ByID returns the rule set a dossier has pinned; a *UnknownSetError when the book does not hold it.
func (b *Book) ByID(id string) (*Set, error) {
	for _, set := range b.sets {
		if set.id == id {
			return set, nil
		}
	}
	return nil, &UnknownSetError{ID: id}
}

// Sets returns all rule sets, oldest first.
func (b *Book) Sets() []*Set { return slices.Clone(b.sets) }
