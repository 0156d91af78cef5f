package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/motcua/motcua/journal"
)

// A group of appends ends at whichever comes first.
const (
	groupAppends = 256
	groupBytes   = 4 << 20
)

// writer is one goroutine that gathers the appends of this process that wait at the same time into one transaction. It
// belongs to the journal, whose Close waits for it.
type writer struct {
	pool      *pgxpool.Pool
	sql       *statements
	journalID string
	cfg       Config

	mu     sync.Mutex
	queue  []*request
	closed bool
	last   int           // appends in the last group
	bell   chan struct{} // rings, once for any number, when the queue may have something
	ended  chan struct{}
}

func newWriter(pool *pgxpool.Pool, sql *statements, journalID string, cfg Config) *writer {
	w := &writer{
		pool: pool, sql: sql, journalID: journalID, cfg: cfg,
		bell: make(chan struct{}, 1), ended: make(chan struct{}),
	}
	go w.run()
	return w
}

// append waits for the request's verdict, or for its context.
func (w *writer) append(r *request) error {
	w.mu.Lock()
	if w.closed {
		w.mu.Unlock()
		return ErrClosed
	}
	w.queue = append(w.queue, r)
	w.mu.Unlock()
	w.ring()
	select {
	case <-r.done:
		return r.err
	case <-r.ctx.Done():
	}
	if w.leave(r) {
		return r.ctx.Err()
	}
	select {
	case <-r.done: // both at once
		return r.err
	default:
		return fmt.Errorf("%w: %w", ErrUnknown, r.ctx.Err())
	}
}

func (w *writer) ring() {
	select {
	case w.bell <- struct{}{}:
	default:
	}
}

// leave takes a request out of the queue, unless it is being written.
func (w *writer) leave(r *request) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	i := slices.Index(w.queue, r)
	if i < 0 {
		return false
	}
	w.queue = slices.Delete(w.queue, i, i+1)
	return true
}

func (w *writer) run() {
	defer close(w.ended)
	for range w.bell {
		for {
			group := w.take()
			if len(group) == 0 {
				break
			}
			w.write(group)
			for _, r := range group {
				close(r.done)
			}
		}
		w.mu.Lock()
		finished := w.closed && len(w.queue) == 0
		w.mu.Unlock()
		if finished {
			return
		}
	}
}

// take removes the next group from the queue.
func (w *writer) take() []*request {
	w.mu.Lock()
	defer w.mu.Unlock()
	size, n := 0, 0
	for n < len(w.queue) && n < groupAppends && size < groupBytes {
		size += w.queue[n].size()
		n++
	}
	group := slices.Clone(w.queue[:n])
	w.queue = slices.Delete(w.queue, 0, n)
	if n > 0 {
		w.last = n
	}
	return group
}

// write gives every request of the group its verdict. When the server fails in the middle of a group for a reason that
// may be one request's alone, each is written by itself, so that one cannot spoil another.
func (w *writer) write(group []*request) {
	err := w.persist(group)
	if err == nil {
		return
	}
	setError(group, err)
	if len(group) == 1 || errors.Is(err, ErrUnknown) || errors.Is(err, ErrUnavailable) || errors.Is(err, ErrBusy) {
		return
	}
	for _, r := range group {
		if err := w.persist([]*request{r}); err != nil {
			setError([]*request{r}, err)
		}
	}
}

// persist tries until the group is written, refused, or out of time. A commit whose outcome is unknown is looked up
// before anything is written again.
func (w *writer) persist(group []*request) error {
	ctx, cancel := context.WithTimeout(context.Background(), w.cfg.Retry) // a group does not end with one of its callers
	defer cancel()
	var pending *plan // its commit was on the way when the connection was lost
	for pause := pauses(ctx); ; {
		var err error
		if pending != nil {
			var written bool
			if written, err = w.resolve(ctx, pending); err == nil && written {
				return nil
			}
		}
		if err == nil {
			pending, err = w.attempt(ctx, group)
		}
		switch {
		case err == nil:
			return nil
		case pending == nil && !again(err):
			return fault("append", journal.BrokenError{}, err)
		case pause():
		case pending != nil:
			return fmt.Errorf("%w: %w", ErrUnknown, err)
		case lost(err):
			return fmt.Errorf("%w: %w", ErrUnavailable, err)
		default:
			return fault("append", journal.BrokenError{}, err)
		}
	}
}

// attempt writes the group in one transaction. With an error it returns the plan if that may have been committed.
func (w *writer) attempt(ctx context.Context, group []*request) (pending *plan, err error) {
	conn, err := w.acquire(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Release() // closes a connection that is still inside a transaction
	p := newPlan(w.sql, w.journalID, group)
	if err := p.look(ctx, conn, w.opening()); err != nil {
		return nil, errors.Join(err, rollback(ctx, conn, err))
	}
	p.decide()
	if len(p.records) == 0 {
		return nil, rollback(ctx, conn, nil)
	}
	if err := p.write(ctx, conn, w.sql.commit); err != nil {
		if lost(err) {
			return p, err
		}
		return nil, errors.Join(err, rollback(ctx, conn, err))
	}
	return nil, nil
}

// opening begins a transaction with the bounds of the configuration.
func (w *writer) opening() *pgx.Batch {
	milliseconds := func(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }
	b := &pgx.Batch{}
	b.Queue(w.sql.begin)
	b.Queue(w.sql.settings, milliseconds(w.cfg.Statement), milliseconds(w.cfg.Wait))
	return b
}

// rollback ends the transaction after err, unless there is no connection left to do it on.
func rollback(ctx context.Context, conn *pgxpool.Conn, err error) error {
	if conn.Conn().IsClosed() || err != nil && lost(err) {
		return nil
	}
	if _, err := conn.Exec(ctx, "ROLLBACK"); err != nil {
		return conn.Conn().Close(ctx)
	}
	return nil
}

// acquire waits for a free connection of the pool.
func (w *writer) acquire(ctx context.Context) (*pgxpool.Conn, error) {
	wait, cancel := context.WithTimeout(ctx, w.cfg.Wait)
	defer cancel()
	conn, err := w.pool.Acquire(wait)
	if errors.Is(err, context.DeadlineExceeded) {
		if stat := w.pool.Stat(); stat.AcquiredConns() >= stat.MaxConns() {
			return nil, errPoolBusy
		}
	}
	return conn, err
}

var errPoolBusy = fmt.Errorf("%w: no free connection in the pool", ErrBusy)

// resolve finds out whether a plan whose commit was on its way is written. Holding the pen proves that the old
// transaction has ended, one way or the other. The look-up commits: where replicas are synchronous, that waits until they
// have what is before it in the log, the plan's commit among it.
func (w *writer) resolve(ctx context.Context, p *plan) (written bool, err error) {
	conn, err := w.acquire(ctx)
	if err != nil {
		return false, err
	}
	defer conn.Release()
	b := w.opening()
	b.Queue(w.sql.pen)
	b.Queue(w.sql.isWritten, p.records[0].Position, p.records[0].Hash[:])
	b.Queue(w.sql.commit)
	results := conn.SendBatch(ctx, b)
	defer func() { err = cmp.Or(err, results.Close()) }()
	for range 2 {
		if _, err := results.Exec(); err != nil {
			return false, err
		}
	}
	var id, isolation string
	if err := results.QueryRow().Scan(&id, &isolation); err != nil {
		return false, err
	}
	if id != w.journalID {
		return false, &journal.BrokenError{Rule: "journal id", Err: errOtherJournal}
	}
	var count int
	if err := results.QueryRow().Scan(&count); err != nil {
		return false, err
	}
	_, err = results.Exec()
	return count > 0, err
}

// close refuses what comes later and waits for what is under way.
func (w *writer) close() {
	w.mu.Lock()
	w.closed = true
	w.mu.Unlock()
	w.ring()
	<-w.ended
}
