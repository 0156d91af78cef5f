package postgres

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"math"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/motcua/motcua/journal"
)

// view reads: through the pool, or inside one transaction.
type view struct {
	id    string
	sql   *statements
	db    querier
	retry time.Duration // 0 inside a transaction, which does not outlive its connection
}

type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

// A page of records begins small and grows as long as the records are small, so that large bodies do not pile up.
const (
	pageRows  = 64
	pageMost  = 2048
	pageBytes = 2 << 20
)

// Read implements [journal.Journal]. No connection is held while the caller looks at a record.
func (v *view) Read(ctx context.Context, stream journal.Stream, after int64) iter.Seq2[journal.Record, error] {
	return v.pages(ctx, after, v.sql.read, stream.String(), func(r *journal.Record) int64 { return r.Seq })
}

// Tail implements [journal.Journal]. Positions are given under the pen, so they are in commit order by nature.
func (v *view) Tail(ctx context.Context, position int64) iter.Seq2[journal.Record, error] {
	return v.pages(ctx, position, v.sql.tail, "", func(r *journal.Record) int64 { return r.Position })
}

// pages runs the query again and again, each time behind the last record yielded. A non-empty stream is the query's
// first argument.
func (v *view) pages(ctx context.Context, after int64, query, stream string, place func(*journal.Record) int64,
) iter.Seq2[journal.Record, error] {
	return func(yield func(journal.Record, error) bool) {
		last := journal.BrokenError{Stream: stream}
		for limit, more := pageRows, true; more; {
			args := []any{stream, after, limit}
			if stream == "" {
				args = args[1:]
			}
			records, size, err := v.page(ctx, query, args, last)
			for i := range records {
				after, last.Position = place(&records[i]), records[i].Position
				if !yield(records[i], nil) {
					return
				}
			}
			if err != nil && limit > 1 && errors.Is(err, journal.ErrBroken) {
				limit = 1 // to come as near to the damage as can be
				continue
			}
			if err != nil {
				yield(journal.Record{}, err)
				return
			}
			more = len(records) == limit
			if limit > 1 {
				limit = nextLimit(limit, size)
			}
		}
	}
}

func nextLimit(limit, size int) int {
	switch {
	case size > pageBytes:
		return max(2, limit*pageBytes/size)
	case size < pageBytes/4:
		return min(2*limit, pageMost)
	}
	return limit
}

// page returns the records read so far even when there is an error, and the bytes of their two halves.
func (v *view) page(ctx context.Context, query string, args []any, last journal.BrokenError,
) (records []journal.Record, size int, err error) {
	err = retrying(ctx, v.retry, func() error {
		records, size = records[:0], 0
		rows, err := v.db.Query(ctx, query, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for scan := newScanner(rows); rows.Next(); {
			record, err := scan.record()
			if err != nil {
				return err
			}
			records = append(records, record)
			size += len(record.Body) + len(record.Private)
		}
		return rows.Err()
	})
	if err == nil || errors.Is(err, journal.ErrBroken) {
		return records, size, err
	}
	if ctx.Err() != nil {
		return nil, 0, ctx.Err()
	}
	if n := len(records); n > 0 {
		last.Position = records[n-1].Position
	}
	last.Position++ // the one behind the last that could be read
	return records, size, fault("read", last, err)
}

// obeyed returns the records of the append that carried a command, of which seq is the first.
func (v *view) obeyed(ctx context.Context, stream journal.Stream, seq int64) ([]journal.Record, error) {
	var records []journal.Record
	for record, err := range v.Read(ctx, stream, seq-1) {
		if err != nil {
			return nil, err
		}
		if len(records) > 0 && record.Part == 0 {
			break
		}
		records = append(records, record)
	}
	if len(records) == 0 {
		return nil, &journal.BrokenError{Stream: stream.String(), Seq: seq, Rule: "command"}
	}
	return records, nil
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
	sql, args := v.sql.findUp, findArgs(query, resume)
	if query.Descending {
		sql = v.sql.findDown
	}
	var page journal.Page
	err = retrying(ctx, v.retry, func() (err error) {
		page, err = v.find(ctx, query, sql, args)
		return err
	})
	switch {
	case err == nil:
		return page, nil
	case errors.Is(err, journal.ErrBroken):
		return journal.Page{}, err
	case ctx.Err() != nil:
		return journal.Page{}, ctx.Err()
	}
	return journal.Page{}, fault("find", journal.BrokenError{}, err)
}

func (v *view) find(ctx context.Context, query journal.Query, sql string, args []any) (journal.Page, error) {
	page := journal.Page{Hits: make([]journal.Hit, 0, query.Limit)}
	rows, err := v.db.Query(ctx, sql, args...)
	if err != nil {
		return page, err
	}
	defer rows.Close()
	var sort int64
	for scan := newScanner(rows, &sort); rows.Next(); {
		head, err := scan.record()
		if err != nil {
			return page, err
		}
		if len(page.Hits) == query.Limit {
			page.Next = query.NextCursor(v.id, page.Hits[query.Limit-1])
			break
		}
		page.Hits = append(page.Hits, journal.Hit{Head: head, Sort: sort})
	}
	rows.Close()
	return page, rows.Err()
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
