package postgres_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/journal/postgres"
	"github.com/motcua/motcua/journal/postgres/postgrestest"
)

// stock fills the tables with dossiers of one fact and four keys each, at the speed of COPY: what is measured is the size
// of the tables, not how they came to be. The hashes link to nothing.
func stock(b *testing.B, j *postgres.Journal, dossiers int) {
	b.Helper()
	for _, statement := range []string{
		`INSERT INTO journal_fact (position, stream, seq, part, kind, actor, at, body, private, subject, keys, prev, hash)
			SELECT n, 'dossier/0-' || n, 1, 0, 'dossier.moved', 'officer-7', now(), '{"n":' || n || ',"note":"' ||
				repeat('x', 180) || '"}', sha256('private'), 'subject-31', keys(n), sha256(n::text::bytea), sha256(n::text::bytea)
			FROM generate_series(1, {n}) n`,
		`INSERT INTO journal_head SELECT stream, seq, position, hash, keys FROM journal_fact`,
		`INSERT INTO journal_key SELECT k.* FROM generate_series(1, {n}) n CROSS JOIN LATERAL (VALUES
			('code', 'H26.1.7-' || n, 0, 'dossier/0-' || n), ('applicant', 'subject-' || n % 1000, n, 'dossier/0-' || n),
			('unit', 'H26.1.' || n % 50 || ' state-0', 1000000000 + n, 'dossier/0-' || n),
			('timer', 'due', 1000000000 + n, 'dossier/0-' || n)) k`,
		`VACUUM ANALYZE journal_fact, journal_head, journal_key`,
		`CHECKPOINT`,
	} {
		execute(b, j.Pool(), replaceN(statement, dossiers))
	}
}

func replaceN(sql string, n int) string {
	keys := `'[{"name":"applicant","value":"subject-' || n % 1000 || '","sort":' || n ||
		'},{"name":"code","value":"H26.1.7-' || n || '","sort":0},{"name":"timer","value":"due","sort":' || 1000000000 + n ||
		'},{"name":"unit","value":"H26.1.' || n % 50 || ' state-0","sort":' || 1000000000 + n || '}]'`
	return strings.NewReplacer("keys(n)", keys, "{n}", strconv.Itoa(n)).Replace(sql)
}

// BenchmarkSize compares an act and a page of a work list in a small journal and in a large one, in turns. The large one
// has 100,000 dossiers, or as many as MOTCUA_BENCH_DOSSIERS says.
func BenchmarkSize(b *testing.B) {
	large := 100_000
	if text := os.Getenv("MOTCUA_BENCH_DOSSIERS"); text != "" {
		var err error
		if large, err = strconv.Atoi(text); err != nil {
			b.Fatal(err)
		}
	}
	server := postgrestest.New(b, postgrestest.Config{Settings: map[string]string{"shared_buffers": "1GB", "max_wal_size": "8GB"}})
	sizes := []int{10_000, large}
	var journals []*postgres.Journal
	for _, dossiers := range sizes {
		schema := fmt.Sprintf("d%d", dossiers)
		j := openAt(b, server.DSN("postgres")+" search_path="+schema, postgres.Config{Migrate: true, Schema: schema})
		stock(b, j, dossiers)
		journals = append(journals, j)
	}
	var acts, pages [2][]time.Duration
	for n := 0; b.Loop(); n++ {
		for i := range sizes {
			k := (n + i) % 2
			dossier := 1 + (n*7919)%sizes[k]
			acts[k] = append(acts[k], act(b, journals[k], dossier, n, sizes[k]))
			pages[k] = append(pages[k], page(b, journals[k], n))
		}
	}
	for k, size := range sizes {
		for what, all := range map[string][]time.Duration{"act": acts[k], "list": pages[k]} {
			slices.Sort(all)
			for name, at := range map[string]int{"p50": 50, "p95": 95, "p99": 99} {
				b.ReportMetric(all[(len(all)-1)*at/100].Seconds()*1000, fmt.Sprintf("%s-%s-%d-ms", what, name, size))
			}
		}
	}
	b.ReportMetric(0, "ns/op")
}

// act moves a dossier on by one step, from wherever it is.
func act(b *testing.B, j *postgres.Journal, dossier, n, size int) time.Duration {
	b.Helper()
	s, err := journal.ParseStream(fmt.Sprintf("dossier/0-%d", dossier))
	if err != nil {
		b.Fatal(err)
	}
	_, _, f := step(0, 8*dossier+1)
	f.Command = journal.NewCommand(fmt.Sprintf("key-%d", n))
	after := int64(1 + n/size)
	start := time.Now()
	if _, err := j.Append(context.Background(), s, after, f); err != nil {
		b.Fatal(err)
	}
	return time.Since(start)
}

func page(b *testing.B, j *postgres.Journal, n int) time.Duration {
	b.Helper()
	start := time.Now()
	page, err := j.Find(context.Background(), journal.Query{Name: "unit", Value: fmt.Sprintf("H26.1.%d state-0", n%50), Limit: 50})
	if err != nil || len(page.Hits) != 50 {
		b.Fatalf("%d hits, %v", len(page.Hits), err)
	}
	return time.Since(start)
}
