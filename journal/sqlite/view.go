package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"iter"
	"math"

	"github.com/motcua/motcua/journal"
)

// view reads: through the pool of readers, or inside one transaction.
type view struct {
	id         string
	statements *statements
	tx         *sql.Tx
	rows       int // of every page; 0: from firstRows to pageRows
}

// A page of records ends at whichever comes first, so that large bodies do not pile up in memory. The first page is small:
// who asks for one record pays for few, and who reads on soon gets large ones.
const (
	firstRows = 16
	pageRows  = 256
	pageBytes = 4 << 20
)

func (v *view) stmt(ctx context.Context, s *sql.Stmt) *sql.Stmt {
	if v.tx != nil {
		return v.tx.StmtContext(ctx, s)
	}
	return s
}

// Read implements [journal.Journal]. No connection is held while the caller looks at a record.
func (v *view) Read(ctx context.Context, stream journal.Stream, after int64) iter.Seq2[journal.Record, error] {
	return v.pages(ctx, after, v.statements.read, stream.String(), func(r *journal.Record) int64 { return r.Seq })
}

// Tail implements [journal.Journal]. SQLite has one writer at a time, so positions are in commit order by nature.
func (v *view) Tail(ctx context.Context, position int64) iter.Seq2[journal.Record, error] {
	return v.pages(ctx, position, v.statements.tail, "", func(r *journal.Record) int64 { return r.Position })
}

// pages runs the query again and again, each time behind the last record yielded. A non-empty stream is the query's
// first argument.
func (v *view) pages(ctx context.Context, after int64, query *sql.Stmt, stream string,
	place func(*journal.Record) int64,
) iter.Seq2[journal.Record, error] {
	return func(yield func(journal.Record, error) bool) {
		args := []any{stream, after, 0}
		if stream == "" {
			args = args[1:]
		}
		last := journal.BrokenError{Stream: stream}
		for limit, more := cmp.Or(v.rows, firstRows), true; more; limit = cmp.Or(v.rows, min(4*limit, pageRows)) {
			args[len(args)-2], args[len(args)-1] = after, limit
			records, full, err := v.page(ctx, query, args, limit, last)
			for _, record := range records {
				after, last.Position = place(&record), record.Position
				if !yield(record, nil) {
					return
				}
			}
			if err != nil {
				yield(journal.Record{}, err)
				return
			}
			more = full
		}
	}
}

// page returns the records read so far even when there is an error; full says that there may be more.
func (v *view) page(ctx context.Context, query *sql.Stmt, args []any, limit int, last journal.BrokenError,
) (records []journal.Record, full bool, err error) {
	broken := func(err error) error {
		if n := len(records); n > 0 {
			last.Position = records[n-1].Position
		}
		last.Position++ // the one behind the last that could be read
		return fault("read", last, err)
	}
	rows, err := v.stmt(ctx, query).QueryContext(ctx, args...)
	if err != nil {
		return nil, false, broken(err)
	}
	defer rows.Close()
	scan := newScanner(rows)
	for size := 0; rows.Next(); {
		record, err := scan.record()
		if err != nil {
			return records, false, err
		}
		records = append(records, record)
		if size += len(record.Body) + len(record.Private); size > pageBytes {
			return records, true, nil
		}
	}
	if err := rows.Err(); err != nil {
		return records, false, broken(err)
	}
	return records, len(records) == limit, nil
}

// Find implements [journal.Journal].
func (v *view) Find(ctx context.Context, query journal.Query) (journal.Page, error) {
	query, err := query.Check()
	if err != nil {
		return journal.Page{}, err
	}
	resume, err := query.Resume(v.id)
	if err != nil {
		return journal.Page{}, err
	}
	statement, args := v.statements.findUp, findArgs(query, resume)
	if query.Descending {
		statement = v.statements.findDown
	}
	rows, err := v.stmt(ctx, statement).QueryContext(ctx, args...)
	if err != nil {
		return journal.Page{}, fault("find", journal.BrokenError{}, err)
	}
	defer rows.Close()
	page := journal.Page{Hits: make([]journal.Hit, 0, query.Limit)}
	var sort int64
	scan := newScanner(rows, &sort)
	for rows.Next() {
		if len(page.Hits) == query.Limit {
			page.Next = query.NextCursor(v.id, page.Hits[query.Limit-1])
			break
		}
		head, err := scan.record()
		if err != nil {
			return journal.Page{}, err
		}
		page.Hits = append(page.Hits, journal.Hit{Head: head, Sort: sort})
	}
	if err := rows.Err(); err != nil {
		return journal.Page{}, fault("find", journal.BrokenError{}, err)
	}
	return page, nil
}

// findArgs turns bounds and cursor into the two ends of one range. No stream's name is empty and none reaches "~".
func findArgs(q journal.Query, resume journal.Resume) []any {
	last := cmp.Or(q.Until, math.MaxInt64)
	if q.Until != 0 {
		last--
	}
	if q.Descending {
		if resume.Active && resume.Sort <= last {
			return []any{q.Name, q.Value, resume.Sort, resume.Stream, q.From, q.Limit + 1}
		}
		return []any{q.Name, q.Value, last, "~", q.From, q.Limit + 1}
	}
	if resume.Active && resume.Sort >= q.From {
		return []any{q.Name, q.Value, resume.Sort, resume.Stream, last, q.Limit + 1}
	}
	return []any{q.Name, q.Value, q.From, "", last, q.Limit + 1}
}
