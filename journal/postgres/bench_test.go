package postgres_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/journal/postgres"
	"github.com/motcua/motcua/journal/postgres/postgrestest"
)

// step is a dossier's n-th fact: four keys, of which two move. Eight facts make a dossier.
func step(writer, n int) (string, int64, journal.Fact) {
	dossier, seq := n/8, int64(n%8)
	return fmt.Sprintf("dossier/%d-%d", writer, dossier), seq, journal.Fact{
		Kind: "dossier.moved", Actor: "officer-7", At: at,
		Body: fmt.Appendf(nil, `{"act":"process","by":"Bộ phận Một cửa phường Bến Nghé","due":"2026-12-01T17:00:00+07:00",`+
			`"law":"118/2025/NĐ-CP Điều 17","n":%d,"state":"đang xử lý","unit":"H26.1.7"}`, n),
		Private: fmt.Appendf(nil, `{"applicant":"Nguyễn Trọng Nghĩa","note":"bổ sung bản sao lần %d"}`, n),
		Subject: "subject-31",
		Keys: []journal.Key{
			{Name: "code", Value: fmt.Sprintf("H26.1.7-%d-%d", writer, dossier)},
			{Name: "applicant", Value: "subject-31", Sort: int64(dossier)},
			{Name: "unit", Value: fmt.Sprintf("H26.1.7 state-%d", seq), Sort: int64(1e9 + n)},
			{Name: "timer", Value: "due", Sort: int64(1e9 + n)},
		},
	}
}

// peer is what somebody writes by hand, one transaction an append, for pgbench: the journal's tables and indexes, its
// statements for one row, positions from a sequence and so in no order of commits. It neither hashes nor checks, and
// knows without asking which keys change.
const peer = `
\set n :n + 1
\set d :n / 8
\set seq :n % 8
{begin}
BEGIN;
SELECT seq, hash, keys FROM journal_head WHERE stream = 'dossier/' || :client_id::bigint || '-' || :d::bigint FOR UPDATE;
INSERT INTO journal_fact (position, stream, seq, part, kind, actor, at, body, private, subject, keys, prev, hash)
	VALUES (nextval('peer_position'), 'dossier/' || :client_id::bigint || '-' || :d::bigint, :seq + 1, 0, 'dossier.moved', 'officer-7', '2026-11-21 08:30:00Z', '{body}', '{private}', 'subject-31', '{keys}', '{hash}', '{hash}');
\if :seq = 0
INSERT INTO journal_head (stream, seq, position, hash, keys) VALUES ('dossier/' || :client_id::bigint || '-' || :d::bigint, 1, :n, '{hash}', '{keys}');
INSERT INTO journal_key (name, value, sort, stream) VALUES ('code', 'H26.1.7-' || :client_id::bigint || '-' || :d::bigint, 0, 'dossier/' || :client_id::bigint || '-' || :d::bigint), ('applicant', 'subject-31', :d, 'dossier/' || :client_id::bigint || '-' || :d::bigint), ('unit', 'H26.1.7 state-' || :seq::bigint, 1000000000 + :n, 'dossier/' || :client_id::bigint || '-' || :d::bigint), ('timer', 'due', 1000000000 + :n, 'dossier/' || :client_id::bigint || '-' || :d::bigint);
\else
UPDATE journal_head SET seq = :seq + 1, position = :n, hash = '{hash}', keys = '{keys}' WHERE stream = 'dossier/' || :client_id::bigint || '-' || :d::bigint;
DELETE FROM journal_key WHERE (name, value, sort, stream) IN (('unit', 'H26.1.7 state-' || (:seq::bigint - 1), 1000000000 + :n - 1, 'dossier/' || :client_id::bigint || '-' || :d::bigint), ('timer', 'due', 1000000000 + :n - 1, 'dossier/' || :client_id::bigint || '-' || :d::bigint));
INSERT INTO journal_key (name, value, sort, stream) VALUES ('unit', 'H26.1.7 state-' || :seq::bigint, 1000000000 + :n, 'dossier/' || :client_id::bigint || '-' || :d::bigint), ('timer', 'due', 1000000000 + :n, 'dossier/' || :client_id::bigint || '-' || :d::bigint);
\endif
COMMIT;
{end}
`

var rate = regexp.MustCompile(`tps = ([0-9.]+) `)

// pgbench runs the peer for n transactions by each writer and returns how many it made a second. Each turn has dossiers
// of its own.
func pgbench(b *testing.B, server *postgrestest.Server, database string, writers, n, turn int, pipeline bool) float64 {
	b.Helper()
	_, _, f := step(1, 1)
	var keys bytes.Buffer
	for i, key := range f.Keys {
		fmt.Fprintf(&keys, `%c{"name":%q,"value":%q,"sort":%d}`, "[,"[min(i, 1)], key.Name, key.Value, key.Sort)
	}
	begin, end := "", ""
	if pipeline {
		begin, end = `\startpipeline`, `\endpipeline`
	}
	script := strings.NewReplacer("{body}", string(f.Body), "{private}", `\x`+strings.Repeat("4e", len(f.Private)),
		"{keys}", keys.String()+"]", "{hash}", `\x`+strings.Repeat("ab", 32), "{begin}", begin, "{end}", end,
	).Replace(peer)
	path := filepath.Join(server.Dir, "peer.sql")
	if err := os.WriteFile(path, []byte(script), 0o644); err != nil {
		b.Fatal(err)
	}
	cmd := exec.Command(postgrestest.Program(b, "pgbench"), "-n", "-M", "prepared", "-c", strconv.Itoa(writers), "-j", "2",
		"-t", strconv.Itoa(n), "-D", fmt.Sprintf("n=%d", turn*n*8-1), "-f", path,
		"-h", server.Dir, "-p", strconv.Itoa(server.Port), "-U", "postgres", database)
	out, err := cmd.CombinedOutput()
	found := rate.FindSubmatch(out)
	if err != nil || found == nil {
		b.Fatalf("pgbench: %v: %s", err, out)
	}
	tps, _ := strconv.ParseFloat(string(found[1]), 64)
	return tps
}

// appending has each writer append n facts and returns how many appends that made a second.
func appending(b *testing.B, j *postgres.Journal, writers, n, turn int) float64 {
	b.Helper()
	var done sync.WaitGroup
	start := time.Now()
	for w := range writers {
		done.Go(func() {
			for i := range n {
				name, after, fact := step(w, turn*n*8+i)
				s, err := journal.ParseStream(name)
				if err == nil {
					_, err = j.Append(context.Background(), s, after, fact)
				}
				if err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	done.Wait()
	return float64(writers*n) / time.Since(start).Seconds()
}

// BenchmarkAppend takes turns with pgbench on one server; run it with -benchtime 15x. "ratio" is the median of the
// turns' ratios; "piped" that to a pgbench which sends a whole transaction at once and reads nothing.
func BenchmarkAppend(b *testing.B) {
	server := postgrestest.New(b, postgrestest.Config{Settings: map[string]string{"shared_buffers": "512MB", "max_wal_size": "4GB"}})
	number := 0
	for _, writers := range []int{1, 8, 32} {
		b.Run(fmt.Sprintf("writers=%d", writers), func(b *testing.B) {
			number++
			mine, theirs := fmt.Sprintf("ours_%d", number), fmt.Sprintf("peer_%d", number)
			admin := newPool(b, server.DSN("postgres"))
			execute(b, admin, "CREATE DATABASE "+mine)
			execute(b, admin, "CREATE DATABASE "+theirs)
			j := openAt(b, server.DSN(mine), postgres.Config{Migrate: true})
			byHand := openAt(b, server.DSN(theirs), postgres.Config{Migrate: true})
			execute(b, byHand.Pool(), "CREATE SEQUENCE peer_position")
			var our, their, ratio, piped []float64
			n := 80 * 8 / min(writers, 8)
			for b.Loop() {
				turn := len(our) + 1
				o, p, q := 0.0, 0.0, 0.0
				turns := []func(){
					func() { o = appending(b, j, writers, n, turn) },
					func() { p = pgbench(b, server, theirs, writers, n, 2*turn, false) },
					func() { q = pgbench(b, server, theirs, writers, n, 2*turn+1, true) },
				}
				for i := range turns {
					turns[(i+turn)%len(turns)]()
				}
				our, their, ratio, piped = append(our, o), append(their, p), append(ratio, o/p), append(piped, o/q)
			}
			for name, values := range map[string][]float64{"appends/s": our, "pgbench/s": their, "ratio": ratio, "piped": piped} {
				slices.Sort(values)
				b.ReportMetric(values[len(values)/2], name)
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}

// BenchmarkProcesses has four processes, as it were, of eight writers each on one journal: their groups take turns at the
// pen. Beside it the 32 writers of pgbench, which wait for nobody.
func BenchmarkProcesses(b *testing.B) {
	const processes, writers, n = 4, 8, 80
	server := postgrestest.New(b, postgrestest.Config{Settings: map[string]string{"shared_buffers": "512MB", "max_wal_size": "4GB"}})
	admin := newPool(b, server.DSN("postgres"))
	execute(b, admin, "CREATE DATABASE peer")
	byHand := openAt(b, server.DSN("peer"), postgres.Config{Migrate: true})
	execute(b, byHand.Pool(), "CREATE SEQUENCE peer_position CACHE 1")
	var journals []*postgres.Journal
	for range processes {
		journals = append(journals, openAt(b, server.DSN("postgres"), postgres.Config{Migrate: true}))
	}
	var our, ratio []float64
	for b.Loop() {
		turn := len(our) + 1
		var done sync.WaitGroup
		start := time.Now()
		for p, j := range journals {
			done.Go(func() { appending(b, j, writers, n, processes*turn+p) })
		}
		done.Wait()
		our = append(our, processes*writers*n/time.Since(start).Seconds())
		ratio = append(ratio, our[len(our)-1]/pgbench(b, server, "peer", processes*writers, n, turn, false))
	}
	slices.Sort(our)
	slices.Sort(ratio)
	b.ReportMetric(our[len(our)/2], "appends/s")
	b.ReportMetric(ratio[len(ratio)/2], "ratio")
	b.ReportMetric(0, "ns/op")
}

// filled returns a journal with as many dossiers of one fact each.
func filled(b *testing.B, dossiers int) *postgres.Journal {
	b.Helper()
	j := open(b)
	var done sync.WaitGroup
	for w := range 32 {
		done.Go(func() {
			for d := w; d < dossiers; d += 32 {
				name, _, f := step(0, 8*d)
				s, err := journal.ParseStream(name)
				if err == nil {
					_, err = j.Append(context.Background(), s, 0, f)
				}
				if err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	done.Wait()
	execute(b, j.Pool(), `ANALYZE journal_fact, journal_head, journal_key`)
	return j
}

// BenchmarkTail follows a journal from its beginning, beside one query that only fetches the same rows.
func BenchmarkTail(b *testing.B) {
	const facts = 40_000
	j := filled(b, facts)
	var size int64
	row := j.Pool().QueryRow(context.Background(), `SELECT sum(pg_total_relation_size(c.oid))::bigint FROM pg_class c
		WHERE relnamespace = to_regnamespace($1) AND relkind = 'r'`, schemaOf(j))
	if err := row.Scan(&size); err != nil {
		b.Fatal(err)
	}
	var ours, theirs []float64
	for b.Loop() {
		start := time.Now()
		n := 0
		for _, err := range j.Tail(context.Background(), 0) {
			if err != nil {
				b.Fatal(err)
			}
			n++
		}
		ours = append(ours, float64(n)/time.Since(start).Seconds())
		start = time.Now()
		theirs = append(theirs, float64(fetch(b, j, `SELECT * FROM journal_fact ORDER BY position`))/time.Since(start).Seconds())
	}
	slices.Sort(ours)
	slices.Sort(theirs)
	b.ReportMetric(ours[len(ours)/2], "facts/s")
	b.ReportMetric(ours[len(ours)/2]/theirs[len(theirs)/2], "ratio")
	b.ReportMetric(float64(size)/facts, "stored-B/fact")
	b.ReportMetric(0, "ns/op")
}

// fetch runs a query on one connection and has every value of every row decoded, as a hand-written reader would.
func fetch(b *testing.B, j *postgres.Journal, sql string, args ...any) (n int) {
	b.Helper()
	rows, err := j.Pool().Query(context.Background(), sql, args...)
	if err != nil {
		b.Fatal(err)
	}
	defer rows.Close()
	for ; rows.Next(); n++ {
		if _, err := rows.Values(); err != nil {
			b.Fatal(err)
		}
	}
	return n
}

// BenchmarkFind reads pages of a work list with the newest record of each dossier, beside the query somebody writes by
// hand.
func BenchmarkFind(b *testing.B) {
	const dossiers = 20_000
	j := filled(b, dossiers)
	const hand = `SELECT k.sort, f.* FROM journal_key k JOIN journal_head h ON h.stream = k.stream
		JOIN journal_fact f ON f.position = h.position
		WHERE k.name = 'timer' AND k.value = 'due' AND k.sort >= $1 ORDER BY k.sort, k.stream LIMIT $2`
	for _, limit := range []int{50, 500} {
		b.Run(fmt.Sprintf("page=%d", limit), func(b *testing.B) {
			var ours, theirs []float64
			for b.Loop() {
				from := int64(1e9 + 8*(len(ours)*37%(dossiers-limit)))
				start := time.Now()
				page, err := j.Find(context.Background(), journal.Query{Name: "timer", Value: "due", From: from, Limit: limit})
				ours = append(ours, time.Since(start).Seconds())
				if err != nil || len(page.Hits) != limit {
					b.Fatalf("%d hits, %v", len(page.Hits), err)
				}
				start = time.Now()
				if n := fetch(b, j, hand, from, limit); n != limit {
					b.Fatalf("by hand: %d hits", n)
				}
				theirs = append(theirs, time.Since(start).Seconds())
			}
			slices.Sort(ours)
			slices.Sort(theirs)
			mid := len(ours) / 2
			b.ReportMetric(1000*ours[mid], "ms")
			b.ReportMetric(1000*ours[len(ours)*99/100], "p99-ms")
			b.ReportMetric(theirs[mid]/ours[mid], "ratio")
			b.ReportMetric(0, "ns/op")
		})
	}
}
