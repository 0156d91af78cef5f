package seal_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/journal/sqlite"
)

// BenchmarkSealing sets the sealed journal beside the same driver without it, on disk and in memory, where only the work
// of sealing is seen: appends of a fact with a private half of 1 KiB, a dossier of nine facts read, and a work list of
// 50 dossiers of 50 people.
func BenchmarkSealing(b *testing.B) {
	for _, engine := range []string{"sqlite", "memory"} {
		for _, sealing := range []bool{false, true} {
			var j journal.Journal = journal.NewMemory()
			if engine == "sqlite" {
				below := must(sqlite.Open(b.Context(), filepath.Join(b.TempDir(), "journal.db"), sqlite.Config{}))(b)
				defer below.Close()
				j = below
			}
			if sealing {
				j = sealed(b, j, newSafe(b))
			}
			b.Run(fmt.Sprintf("%s/sealing=%v", engine, sealing), func(b *testing.B) { benchmark(b, j) })
		}
	}
}

func benchmark(b *testing.B, j journal.Journal) {
	half := strings.Repeat("Trần Thị Mỹ Vĩnh ", 50)
	for n := range 9 {
		mustAppend(b, j, "dossier/read", int64(n), filed(n, nghia, half))
	}
	for n := range 50 {
		f := filed(n, fmt.Sprint("subject-", n), half)
		f.Keys[0].Value = "list"
		mustAppend(b, j, fmt.Sprint("dossier/list-", n), 0, f)
	}
	b.Run("read", func(b *testing.B) {
		for b.Loop() {
			load(b, j, "dossier/read")
		}
	})
	b.Run("list", func(b *testing.B) {
		for b.Loop() {
			must(j.Find(b.Context(), journal.Query{Name: "unit", Value: "list", Limit: 50}))(b)
		}
	})
	b.Run("append", func(b *testing.B) {
		name := fmt.Sprint("dossier/new-", b.N)
		after := int64(len(load(b, j, name)))
		for b.Loop() {
			f := filed0(int(after), nghia, half)
			f.Keys = nil
			mustAppend(b, j, name, after, f)
			after++
		}
	})
}
