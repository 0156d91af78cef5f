package seal_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/journal/sqlite"
)

// BenchmarkSealing sets the sealed journal beside the same driver without it: appends of a fact with a private half of
// 1 KiB, a dossier of nine facts read, and a work list of 50 dossiers of 50 people.
func BenchmarkSealing(b *testing.B) {
	half := strings.Repeat("Trần Thị Mỹ Vĩnh ", 50)
	for _, sealing := range []bool{false, true} {
		below := must(sqlite.Open(b.Context(), filepath.Join(b.TempDir(), "journal.db"), sqlite.Config{}))(b)
		defer below.Close()
		var j journal.Journal = below
		if sealing {
			j = sealed(b, below, newSafe(b))
		}
		for n := range 9 {
			mustAppend(b, j, "dossier/read", int64(n), filed(n, nghia, half))
		}
		for n := range 50 {
			f := filed(n, fmt.Sprint("subject-", n), half)
			f.Keys[0].Value = "list"
			mustAppend(b, j, fmt.Sprint("dossier/list-", n), 0, f)
		}
		round := 0
		for name, run := range map[string]func(int){
			"append": func(n int) { mustAppend(b, j, fmt.Sprintf("dossier/%d-%d", round, n), 0, filed(n, nghia, half)) },
			"read":   func(int) { load(b, j, "dossier/read") },
			"list": func(int) {
				must(j.Find(b.Context(), journal.Query{Name: "unit", Value: "list", Limit: 50}))(b)
			},
		} {
			b.Run(fmt.Sprintf("%s/sealing=%v", name, sealing), func(b *testing.B) {
				round++
				for n := 0; b.Loop(); n++ {
					run(n)
				}
			})
		}
	}
}
