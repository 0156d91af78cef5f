package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/motcua/motcua/journal"
)

// A group of appends ends at whichever comes first.
const (
	groupAppends = 128
	groupBytes   = 4 << 20
)

// writer gathers appends that wait at the same time into one transaction with one fsync. It has no goroutine of its
// own: the first that finds nobody writing writes for all that wait, then hands the pen to the next.
type writer struct {
	db         *sql.DB
	statements *statements
	wait       time.Duration

	mu      sync.Mutex
	idle    *sync.Cond // writing has become false
	queue   []*request
	writing bool // somebody holds the pen, or it is on its way to the first of the queue
	closed  bool
	last    int // appends in the last group
}

// request is one append on its way. Its wake channel says true: take the pen; false: the verdict is in.
type request struct {
	ctx    context.Context
	stream journal.Stream
	after  int64
	facts  []journal.Fact

	wake    chan bool
	records []journal.Record
	err     error
}

func newWriter(db *sql.DB, statements *statements, wait time.Duration) *writer {
	w := &writer{db: db, statements: statements, wait: wait}
	w.idle = sync.NewCond(&w.mu)
	return w
}

func (w *writer) append(r *request) ([]journal.Record, error) {
	w.mu.Lock()
	if w.closed {
		w.mu.Unlock()
		return nil, ErrClosed
	}
	w.queue = append(w.queue, r)
	lead := !w.writing
	if !lead {
		r.wake = make(chan bool, 1)
	}
	w.writing = true
	w.mu.Unlock()
	if !lead {
		select {
		case lead = <-r.wake:
		case <-r.ctx.Done():
			if w.leave(r) {
				return nil, r.ctx.Err()
			}
			lead = <-r.wake // too late: it is being written, or has the pen
		}
	}
	if lead {
		w.lead(r)
	}
	return r.records, r.err
}

// leave takes a request out of the queue, unless it has been taken out already or is to write next.
func (w *writer) leave(r *request) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	i := slices.Index(w.queue, r)
	if i < 0 || len(r.wake) > 0 {
		return false
	}
	w.queue = slices.Delete(w.queue, i, i+1)
	return true
}

// lead writes one group, the leader's own request among it, and hands the pen on.
func (w *writer) lead(r *request) {
	conn, err := w.acquire(r.ctx)
	var group []*request
	switch {
	case err == nil:
		group = w.take()
		w.write(conn, group)
		conn.Close()
	case r.ctx.Err() != nil: // only the leader gives up
		r.err = r.ctx.Err()
		group = w.takeOut(r)
	default:
		group = w.take()
		setError(group, err)
	}
	for _, done := range group {
		if done != r {
			done.wake <- false
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.last = len(group)
	if len(w.queue) > 0 {
		w.queue[0].wake <- true
		return
	}
	w.writing = false
	w.idle.Broadcast()
}

// acquire waits for the one writing connection. After a group of several it lets the others come back first: they
// are the next group.
func (w *writer) acquire(ctx context.Context) (*sql.Conn, error) {
	if w.last > 1 {
		runtime.Gosched()
	}
	wait, cancel := context.WithTimeout(ctx, w.wait)
	defer cancel()
	conn, err := w.db.Conn(wait)
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return nil, ErrBusy
	case err != nil:
		return nil, fault("append", journal.BrokenError{}, err)
	}
	return conn, nil
}

// take removes the next group from the queue; the leader's own request is the first of it.
func (w *writer) take() []*request {
	w.mu.Lock()
	defer w.mu.Unlock()
	size, n := 0, 0
	for n < len(w.queue) && n < groupAppends && size < groupBytes {
		for _, fact := range w.queue[n].facts {
			size += len(fact.Body) + len(fact.Private)
		}
		n++
	}
	group := slices.Clone(w.queue[:n])
	w.queue = slices.Delete(w.queue, 0, n)
	return group
}

func (w *writer) takeOut(r *request) []*request {
	w.mu.Lock()
	defer w.mu.Unlock()
	if i := slices.Index(w.queue, r); i >= 0 {
		w.queue = slices.Delete(w.queue, i, i+1)
	}
	return []*request{r}
}

// write gives every request of the group its verdict. When the engine fails in the middle of a group, the group is
// taken back and each request written by itself, so that one cannot spoil another.
func (w *writer) write(conn *sql.Conn, group []*request) {
	again, err := w.transact(conn, group)
	if err == nil {
		return
	}
	setError(group, err)
	if !again || len(group) == 1 {
		return
	}
	for _, r := range group {
		if _, err := w.transact(conn, []*request{r}); err != nil {
			setError([]*request{r}, err)
		}
	}
}

// transact writes the group in one transaction. After an error nothing of it is written, unless the commit failed:
// then nobody here can say what the disk holds. Only a failure that may be one request's alone is worth trying again.
func (w *writer) transact(conn *sql.Conn, group []*request) (again bool, err error) {
	ctx := context.Background() // a group does not end with one of its callers
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return false, fault("append", journal.BrokenError{}, err)
	}
	a := appender{tx: tx, statements: w.statements}
	wrote := false
	for _, r := range group {
		if r.records, r.err = nil, r.ctx.Err(); r.err != nil {
			continue
		}
		r.records, r.err = a.append(ctx, r.stream, r.after, r.facts)
		if err := r.err; err != nil && !isVerdict(err) {
			return true, errors.Join(err, tx.Rollback())
		}
		wrote = wrote || r.err == nil
	}
	if !wrote {
		return false, tx.Rollback()
	}
	if err := tx.Commit(); err != nil {
		return false, fault("commit, outcome unknown", journal.BrokenError{}, err)
	}
	return false, nil
}

// isVerdict tells a refusal, which comes before anything is written, from a failure of the engine.
func isVerdict(err error) bool {
	var invalid *journal.InvalidError
	return errors.Is(err, journal.ErrConflict) || errors.Is(err, journal.ErrCommandReused) || errors.As(err, &invalid)
}

func setError(group []*request, err error) {
	for _, r := range group {
		r.records, r.err = nil, err
	}
}

// close refuses what comes later and waits for what is under way.
func (w *writer) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
	for w.writing {
		w.idle.Wait()
	}
}
