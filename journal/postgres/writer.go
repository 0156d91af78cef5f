package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
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

// writer gathers the appends of this process that wait at the same time into one transaction. An append that comes when
// nothing is under way writes itself, which spares a lone writer two hand-overs; the others wait for the writer's
// goroutine, which belongs to the journal, whose Close waits for it.
type writer struct {
	pool      *pgxpool.Pool // its own: neither readers nor the vendor's transactions keep a connection from it
	sql       *statements
	journalID string
	cfg       Config
	pooler    bool // settings travel with each transaction, not with the connection

	mu     sync.Mutex
	queue  []*request
	busy   bool // a group, or one append by itself, is being written
	closed bool
	last   int           // appends in the last group
	bell   chan struct{} // rings, once for any number, when the queue may have something to take
	ended  chan struct{}
}

// newWriter makes the writer with a pool that differs from the journal's in what its sessions are set to.
func newWriter(pool *pgxpool.Pool, sql *statements, journalID string, cfg Config) (*writer, error) {
	w := &writer{
		sql: sql, journalID: journalID, cfg: cfg, bell: make(chan struct{}, 1), ended: make(chan struct{}),
	}
	poolConfig := pool.Config()
	poolConfig.MaxConns, poolConfig.MinConns, poolConfig.MinIdleConns = 2, 0, 0
	switch poolConfig.ConnConfig.DefaultQueryExecMode {
	case pgx.QueryExecModeExec, pgx.QueryExecModeSimpleProtocol:
		w.pooler = true
	default:
		for name, value := range settings(cfg) {
			poolConfig.ConnConfig.RuntimeParams[name] = value
		}
	}
	var err error
	if w.pool, err = pgxpool.NewWithConfig(context.Background(), poolConfig); err != nil {
		return nil, fault("open", journal.BrokenError{}, err)
	}
	go w.run()
	return w, nil
}

// append waits for the request's verdict, or for its context.
func (w *writer) append(r *request) error {
	w.mu.Lock()
	if w.closed {
		w.mu.Unlock()
		return ErrClosed
	}
	if !w.busy && len(w.queue) == 0 && w.last <= 1 {
		w.busy = true
		w.mu.Unlock()
		if w.alone(r) {
			return r.err
		}
	} else {
		w.queue = append(w.queue, r)
		w.mu.Unlock()
		w.ring()
	}
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
		return unknown(r.ctx.Err())
	}
}

// alone writes one request on its caller's goroutine. What does not succeed at once is left to the writer's goroutine,
// since the caller may not wait as long as a failover takes; then alone reports false.
func (w *writer) alone(r *request) (finished bool) {
	group := []*request{r}
	pending, err := w.attempt(r.ctx, group)
	switch {
	case err == nil:
		finished = true
	case r.ctx.Err() != nil && pending != nil:
		finished, err = true, unknown(r.ctx.Err())
	case r.ctx.Err() != nil:
		finished, err = true, r.ctx.Err()
	case pending == nil && !again(err):
		finished, err = true, fault("append", journal.BrokenError{}, err)
	}
	if finished && err != nil {
		setError(group, err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.busy = false
	if !finished {
		r.pending = pending
		w.queue = slices.Insert(w.queue, 0, r)
	}
	if len(w.queue) > 0 || w.closed {
		w.ring()
	}
	return finished
}

func unknown(err error) error { return fmt.Errorf("%w: %w", ErrUnknown, err) }

func (w *writer) ring() {
	select {
	case w.bell <- struct{}{}:
	default:
	}
}

// leave takes a request out of the queue, unless it is being written or may be written already.
func (w *writer) leave(r *request) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	i := slices.Index(w.queue, r)
	if i < 0 || r.pending != nil {
		return false
	}
	w.queue = slices.Delete(w.queue, i, i+1)
	return true
}

func (w *writer) run() {
	defer close(w.ended)
	for range w.bell {
		for group := w.take(); len(group) > 0; group = w.take() {
			w.write(group)
			for _, r := range group {
				close(r.done)
			}
			if len(group) > 1 {
				runtime.Gosched() // let the others come back first: they are the next group
			}
			w.mu.Lock()
			w.busy = false
			w.mu.Unlock()
		}
		w.mu.Lock()
		finished := w.closed && !w.busy && len(w.queue) == 0
		w.mu.Unlock()
		if finished {
			return
		}
	}
}

// take removes the next group from the queue, unless somebody is writing.
func (w *writer) take() []*request {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.busy {
		return nil
	}
	size, n := 0, 0
	for n < len(w.queue) && n < groupAppends && size < groupBytes {
		if n > 0 && (w.queue[0].pending != nil || w.queue[n].pending != nil) {
			break // what may be written already is looked up by itself
		}
		size += w.queue[n].size()
		n++
	}
	group := slices.Clone(w.queue[:n])
	w.queue = slices.Delete(w.queue, 0, n)
	if n > 0 {
		w.busy, w.last = true, n
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
	pending := group[0].pending // its commit was on the way when the connection was lost
	group[0].pending = nil
	pause, cancel := pauses(context.Background(), w.cfg.Retry)
	defer cancel()
	for {
		var err error
		if pending != nil {
			var written bool
			if written, err = w.resolve(pending); err == nil && written {
				return nil
			}
		}
		if err == nil {
			pending, err = w.attempt(context.Background(), group)
		}
		switch {
		case err == nil:
			return nil
		case pending == nil && !again(err):
			return fault("append", journal.BrokenError{}, err)
		case pause():
		case pending != nil:
			return unknown(err)
		case lost(err):
			return fmt.Errorf("%w: %w", ErrUnavailable, err)
		default:
			return fault("append", journal.BrokenError{}, err)
		}
	}
}

// attempt writes the group in one transaction. With an error it returns the plan if that may have been committed.
func (w *writer) attempt(ctx context.Context, group []*request) (pending *plan, err error) {
	conn, release, err := w.acquire(ctx)
	if err != nil {
		return nil, err
	}
	defer release()
	ctx = context.Background() // release has the connection watch the other
	p := newPlan(w.sql, w.journalID, group)
	if err := p.look(ctx, conn, w.opening()); err != nil {
		return nil, cmp.Or(err, rollback(ctx, conn, err))
	}
	p.decide()
	if len(p.records) == 0 {
		return nil, rollback(ctx, conn, nil)
	}
	if err := p.write(ctx, conn, w.sql.commit); err != nil {
		if lost(err) {
			return p, err
		}
		return nil, cmp.Or(err, rollback(ctx, conn, err))
	}
	return nil, nil
}

// settings bound a session's statements and waits, and hold the planner to one plan and to the indexes: a plan made while
// a table was empty must not be kept by a connection until it is large.
func settings(cfg Config) map[string]string {
	milliseconds := func(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }
	return map[string]string{
		"statement_timeout": milliseconds(cfg.Statement), "lock_timeout": milliseconds(cfg.Wait),
		"idle_in_transaction_session_timeout": milliseconds(cfg.Statement),
		"enable_seqscan":                      "off", "enable_hashjoin": "off", "enable_mergejoin": "off",
		"plan_cache_mode": "force_generic_plan",
	}
}

// opening begins a transaction; behind a pooler the settings come with it.
func (w *writer) opening() *pgx.Batch {
	b := &pgx.Batch{}
	b.Queue(w.sql.begin)
	if w.pooler {
		var names, values []string
		for name, value := range settings(w.cfg) {
			names, values = append(names, name), append(values, value)
		}
		b.Queue(w.sql.settings, names, values)
	}
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

// acquire takes a connection and has it fail when ctx ends or the server does not answer in time. A context that can end
// costs pgx a goroutine for each round trip; a deadline on the socket ends a wait just as well.
func (w *writer) acquire(ctx context.Context) (conn *pgxpool.Conn, release func(), err error) {
	limit := w.cfg.Wait + w.cfg.Statement
	bounded, cancel := context.WithTimeout(ctx, limit)
	if conn, err = w.pool.Acquire(bounded); err != nil {
		cancel()
		return nil, nil, err
	}
	socket := conn.Conn().PgConn().Conn()
	stop := context.AfterFunc(bounded, func() { _ = socket.SetDeadline(time.Unix(1, 0)) })
	return conn, func() {
		if !stop() { // the deadline is set or about to be; nobody else shall meet it
			_ = conn.Conn().Close(bounded)
		}
		cancel()
		conn.Release() // which closes a connection that is still inside a transaction
	}, nil
}

// resolve finds out whether a plan whose commit was on its way is written. Holding the pen proves that the old
// transaction has ended, one way or the other. The look-up commits: where replicas are synchronous, that waits until they
// have what is before it in the log, the plan's commit among it.
func (w *writer) resolve(p *plan) (written bool, err error) {
	conn, release, err := w.acquire(context.Background())
	if err != nil {
		return false, err
	}
	defer release()
	b := w.opening()
	opening := b.Len()
	b.Queue(w.sql.pen)
	b.Queue(w.sql.isWritten, p.records[0].Position, p.records[0].Hash[:])
	b.Queue(w.sql.commit)
	results := conn.SendBatch(context.Background(), b)
	defer func() { err = cmp.Or(err, results.Close()) }()
	for range opening {
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
	w.pool.Close()
}
