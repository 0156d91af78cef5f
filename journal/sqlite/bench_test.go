package sqlite_test

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	_ "modernc.org/sqlite" // the driver by name, as somebody writes it who writes the SQL himself

	"github.com/motcua/motcua/journal"
)

// Both sides of a benchmark do the same work on the same kind of file in turns, so that the disk's mood is shared;
// "ratio" is the rate of the median turn through the journal over that by hand. By hand means the journal's statements,
// prepared, one transaction an append, without hashing, checking or command keys.

const turn = 32 // appends before the other side has its turn

// step is a dossier's n-th fact: four keys, of which two move. Eight facts make a dossier.
func step(n int) (string, int64, journal.Fact) {
	dossier, seq := n/8, int64(n%8)
	return fmt.Sprintf("dossier/%08d", dossier), seq, journal.Fact{
		Kind: "dossier.moved", Actor: "officer-7", At: at,
		Body: fmt.Appendf(nil, `{"act":"process","by":"Bộ phận Một cửa phường Bến Nghé",`+
			`"due":"2026-12-01T17:00:00+07:00","law":"118/2025/NĐ-CP Điều 17","n":%d,"state":"đang xử lý","unit":"H26.1.7"}`, n),
		Private: fmt.Appendf(nil, `{"applicant":"Nguyễn Trọng Nghĩa","note":"bổ sung bản sao lần %d"}`, n),
		Subject: "subject-31",
		Keys: []journal.Key{
			{Name: "code", Value: fmt.Sprintf("H26.1.7-%08d", dossier)},
			{Name: "applicant", Value: "subject-31", Sort: int64(dossier)},
			{Name: "unit", Value: fmt.Sprintf("H26.1.7 state-%d", seq), Sort: int64(1e9 + n)},
			{Name: "timer", Value: "due", Sort: int64(1e9 + n)},
		},
	}
}

func BenchmarkAppend(b *testing.B) {
	for _, writers := range []int{1, 8, 32} {
		b.Run(fmt.Sprintf("writers=%d", writers), func(b *testing.B) {
			j, hand := openAt(b, filepath.Join(b.TempDir(), "journal.db")), openHand(b)
			ourAppend := func(name string, after int64, f journal.Fact) error {
				s, err := journal.ParseStream(name)
				if err == nil {
					_, err = j.Append(context.Background(), s, after, f)
				}
				return err
			}
			var ours, theirs []time.Duration
			size := max(turn, writers*8)
			for b.Loop() {
				n := len(ours) * size
				if len(ours)%2 == 0 {
					ours = append(ours, inTurn(b, writers, n, ourAppend))
					theirs = append(theirs, inTurn(b, writers, n, hand.append))
				} else {
					theirs = append(theirs, inTurn(b, writers, n, hand.append))
					ours = append(ours, inTurn(b, writers, n, ourAppend))
				}
			}
			report(b, "appends/s", size, ours, theirs)
		})
	}
}

// report gives rates and their ratio by the median turn: a disk or a neighbour that stalls one turn does not decide.
func report(b *testing.B, unit string, size int, ours, theirs []time.Duration) {
	slices.Sort(ours)
	slices.Sort(theirs)
	our, their := ours[len(ours)/2].Seconds(), theirs[len(theirs)/2].Seconds()
	b.ReportMetric(float64(size)/our, unit)
	b.ReportMetric(float64(size)/their, "byhand/s")
	b.ReportMetric(their/our, "ratio")
	b.ReportMetric(0, "ns/op")
}

// inTurn writes one turn's facts from n on, dossier by dossier, and returns how long it took.
func inTurn(b *testing.B, writers, n int, write func(string, int64, journal.Fact) error) time.Duration {
	b.Helper()
	dossiers := max(turn, writers*8) / 8
	var next atomic.Int64
	var done sync.WaitGroup
	start := time.Now()
	for range writers {
		done.Go(func() {
			for d := int(next.Add(1)) - 1; d < dossiers; d = int(next.Add(1)) - 1 {
				for k := range 8 {
					if err := write(step(n + 8*d + k)); err != nil {
						b.Error(err)
						return
					}
				}
			}
		})
	}
	done.Wait()
	return time.Since(start)
}

func BenchmarkFind(b *testing.B) {
	const dossiers = 4000
	j := openAt(b, filepath.Join(b.TempDir(), "journal.db"))
	for d := range dossiers {
		name, _, f := step(8 * d)
		mustAppend(b, j, name, 0, f)
	}
	hand := handOn(b, pathOf(b, j.DB()))
	for _, limit := range []int{50, 500} {
		b.Run(fmt.Sprintf("page=%d", limit), func(b *testing.B) {
			var ours, theirs []time.Duration
			for b.Loop() {
				from := int64(1e9 + 8*(len(ours)*37%(dossiers-limit)))
				start := time.Now()
				page, err := j.Find(context.Background(), journal.Query{Name: "timer", Value: "due", From: from, Limit: limit})
				ours = append(ours, time.Since(start))
				if err != nil || len(page.Hits) != limit {
					b.Fatalf("%d hits, %v", len(page.Hits), err)
				}
				start = time.Now()
				if n, err := hand.find(from, limit); err != nil || n != limit {
					b.Fatalf("by hand: %d hits, %v", n, err)
				}
				theirs = append(theirs, time.Since(start))
			}
			report(b, "pages/s", 1, ours, theirs)
		})
	}
}

// byHand is the SQL somebody writes who does without the journal.
type byHand struct {
	db                                                *sql.DB
	head, fact, headNew, head2, keyNew, keyGone, page *sql.Stmt
}

func openHand(b *testing.B) *byHand {
	b.Helper()
	path := filepath.Join(b.TempDir(), "hand.db")
	openAt(b, path).Close() // the same tables and indexes
	return handOn(b, path)
}

func handOn(b *testing.B, path string) *byHand {
	b.Helper()
	query := "_txlock=immediate&_journal_mode=WAL&_synchronous=FULL&_busy_timeout=5000&_foreign_keys=1" +
		"&_pragma=cell_size_check(1)&_pragma=cache_size(-8192)"
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Path: path, RawQuery: query}).String())
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { db.Close() })
	db.SetMaxOpenConns(1)
	h := &byHand{db: db}
	for target, text := range map[**sql.Stmt]string{
		&h.head: `SELECT seq, hash, keys FROM journal_head WHERE stream = ?`,
		&h.fact: `INSERT INTO journal_fact (stream, seq, part, kind, actor, at, body, private, subject, command,
			command_sum, keys, prev, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		&h.headNew: `INSERT INTO journal_head (seq, position, hash, keys, stream) VALUES (?, ?, ?, ?, ?)`,
		&h.head2:   `UPDATE journal_head SET seq = ?, position = ?, hash = ?, keys = ? WHERE stream = ?`,
		&h.keyNew:  `INSERT INTO journal_key (name, value, sort, stream) VALUES (?, ?, ?, ?)`,
		&h.keyGone: `DELETE FROM journal_key WHERE name = ? AND value = ? AND sort = ? AND stream = ?`,
		&h.page: `SELECT k.sort, f.* FROM journal_key k CROSS JOIN journal_head h ON h.stream = k.stream
			CROSS JOIN journal_fact f ON f.position = h.position
			WHERE k.name = ? AND k.value = ? AND k.sort >= ? ORDER BY k.sort, k.stream LIMIT ?`,
	} {
		if *target, err = db.Prepare(text); err != nil {
			b.Fatal(err)
		}
	}
	return h
}

func (h *byHand) append(name string, after int64, f journal.Fact) error {
	ctx := context.Background()
	tx, err := h.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	var seq int64
	var prev []byte
	var keys sql.NullString
	err = tx.Stmt(h.head).QueryRow(name).Scan(&seq, &prev, &keys)
	if err != nil && err != sql.ErrNoRows || seq != after {
		return fmt.Errorf("head is %d: %w", seq, err)
	}
	if prev == nil {
		prev = make([]byte, 32)
	}
	text := handKeys(f.Keys)
	result, err := tx.Stmt(h.fact).Exec(name, seq+1, 0, f.Kind, f.Actor, f.At.UnixMicro(), string(f.Body), f.Private,
		f.Subject, nil, nil, text, prev, prev)
	if err != nil {
		return err
	}
	position, err := result.LastInsertId()
	if err != nil {
		return err
	}
	statement := h.head2
	if seq == 0 {
		statement = h.headNew
	}
	if _, err := tx.Stmt(statement).Exec(seq+1, position, prev, text, name); err != nil {
		return err
	}
	if err := h.moveKeys(tx, name, seq, f.Keys); err != nil {
		return err
	}
	return tx.Commit()
}

// moveKeys knows without asking which two keys move.
func (h *byHand) moveKeys(tx *sql.Tx, name string, seq int64, keys []journal.Key) error {
	moving := keys[2:]
	if seq == 0 {
		moving = keys
	} else {
		for _, key := range moving {
			value := strings.Replace(key.Value, fmt.Sprintf("state-%d", seq), fmt.Sprintf("state-%d", seq-1), 1)
			if _, err := tx.Stmt(h.keyGone).Exec(key.Name, value, key.Sort-1, name); err != nil {
				return err
			}
		}
	}
	for _, key := range moving {
		if _, err := tx.Stmt(h.keyNew).Exec(key.Name, key.Value, key.Sort, name); err != nil {
			return err
		}
	}
	return nil
}

func handKeys(keys []journal.Key) string {
	var b strings.Builder
	for i, key := range keys {
		fmt.Fprintf(&b, `%c{"name":%q,"value":%q,"sort":%d}`, "[,"[min(i, 1)], key.Name, key.Value, key.Sort)
	}
	return b.String() + "]"
}

func (h *byHand) find(from int64, limit int) (n int, err error) {
	rows, err := h.page.Query("timer", "due", from, limit)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for ; rows.Next(); n++ {
		var sort, micro int64
		var r journal.Record
		var stream, body string
		var subject, command, keys sql.NullString
		var private, sum, prev, hash []byte
		if err := rows.Scan(&sort, &r.Position, &stream, &r.Seq, &r.Part, &r.Kind, &r.Actor, &micro, &body, &private,
			&subject, &command, &sum, &keys, &prev, &hash); err != nil {
			return n, err
		}
	}
	return n, rows.Err()
}
