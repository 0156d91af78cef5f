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
	"sync/atomic"
	"testing"
	"time"

	"github.com/motcua/motcua/internal/pgtest"
	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/journal/postgres"
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

// pgbench runs the peer for a while and returns its transactions a second. Each turn has dossiers of its own.
func pgbench(b *testing.B, server *pgtest.Server, database string, writers, turn int, pipeline bool, d time.Duration) float64 {
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
	cmd := exec.Command(pgtest.Program(b, "pgbench"), "-n", "-M", "prepared", "-c", strconv.Itoa(writers), "-j", "2",
		"-T", strconv.Itoa(int(d.Seconds())), "-D", fmt.Sprintf("n=%d", turn*8_000_000-1), "-f", path,
		"-h", server.Dir, "-p", strconv.Itoa(server.Port), "-U", "postgres", database)
	out, err := cmd.CombinedOutput()
	found := rate.FindSubmatch(out)
	if err != nil || found == nil {
		b.Fatalf("pgbench: %v: %s", err, out)
	}
	tps, _ := strconv.ParseFloat(string(found[1]), 64)
	return tps
}

// ours appends for a while and returns appends a second.
func ours(b *testing.B, j *postgres.Journal, writers, turn int, d time.Duration) float64 {
	b.Helper()
	var done sync.WaitGroup
	var count atomic.Int64
	start := time.Now()
	for w := range writers {
		done.Go(func() {
			for n := turn * 8_000_000; time.Since(start) < d; n++ {
				name, after, fact := step(w, n)
				s, err := journal.ParseStream(name)
				if err == nil {
					_, err = j.Append(context.Background(), s, after, fact)
				}
				if err != nil {
					b.Error(err)
					return
				}
				count.Add(1)
			}
		})
	}
	done.Wait()
	return float64(count.Load()) / time.Since(start).Seconds()
}

// BenchmarkAppend takes turns of two seconds with pgbench on one server; run it with -benchtime 3x or more. "ratio" is
// that of the median turns; "piped" the ratio to a pgbench that sends a whole transaction at once and reads nothing.
func BenchmarkAppend(b *testing.B) {
	const d = time.Second
	server := pgtest.New(b, pgtest.Config{Settings: map[string]string{"shared_buffers": "512MB", "max_wal_size": "4GB"}})
	for _, writers := range []int{1, 8, 32} {
		b.Run(fmt.Sprintf("writers=%d", writers), func(b *testing.B) {
			mine, theirs := fmt.Sprintf("ours_%d_%d", writers, b.N), fmt.Sprintf("peer_%d_%d", writers, b.N)
			admin := newPool(b, server.DSN("postgres"))
			execute(b, admin, "CREATE DATABASE "+mine)
			execute(b, admin, "CREATE DATABASE "+theirs)
			j := openAt(b, server.DSN(mine), postgres.Config{Migrate: true})
			byHand := openAt(b, server.DSN(theirs), postgres.Config{Migrate: true})
			execute(b, byHand.Pool(), "CREATE SEQUENCE peer_position CACHE 1")
			var our, their, piped []float64
			for b.Loop() {
				turn := len(our) + 1
				our = append(our, ours(b, j, writers, turn, d))
				their = append(their, pgbench(b, server, theirs, writers, 2*turn, false, d))
				piped = append(piped, pgbench(b, server, theirs, writers, 2*turn+1, true, d))
			}
			for _, rates := range [][]float64{our, their, piped} {
				slices.Sort(rates)
			}
			mid := len(our) / 2
			b.ReportMetric(our[mid], "appends/s")
			b.ReportMetric(their[mid], "pgbench/s")
			b.ReportMetric(our[mid]/their[mid], "ratio")
			b.ReportMetric(our[mid]/piped[mid], "piped")
			b.ReportMetric(0, "ns/op")
		})
	}
}
