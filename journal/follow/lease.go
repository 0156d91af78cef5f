package follow

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/motcua/motcua/journal"
)

// state is the body of the facts in a cursor's stream; the newest says how the partition stands.
type state struct {
	Partitions int `json:"partitions"`
	Partition  int `json:"partition"`
	// Cursor is the position up to which everything was handed over or parked.
	Cursor int64 `json:"cursor"`
	// Worker holds the partition until Until, in microseconds since 1970. It is empty once it was given back.
	Worker string `json:"worker,omitempty"`
	Until  int64  `json:"until,omitempty"`
	// Careful is how many records are still written down one by one before they are handled, because a worker vanished.
	// Trying is the one that was being handled, Fell how often workers vanished over it.
	Careful int   `json:"careful,omitempty"`
	Trying  int64 `json:"trying,omitempty"`
	Fell    int   `json:"fell,omitempty"`
}

// The facts of a cursor's stream.
const (
	factClaimed  = "follow.claimed"
	factRenewed  = "follow.renewed"
	factTried    = "follow.tried"
	factAdvanced = "follow.advanced" // and given back
)

// post is where a lease is written: one stream, found under one key.
type post struct {
	journal journal.Journal
	cfg     *Config
	stream  journal.Stream
	key     journal.Key
	worker  string
}

// place is the newest state of a post.
type place struct {
	seq   int64
	state state
}

func readPlace(head *journal.Record) (place, error) {
	p := place{seq: head.Seq}
	if err := json.Unmarshal(head.Body, &p.state); err != nil {
		return p, fmt.Errorf("follow: read cursor: %w", err)
	}
	return p, nil
}

// isTaken reports whether another worker holds the post now.
func (p *post) isTaken(at place) bool {
	return at.state.Worker != "" && at.state.Worker != p.worker && at.state.Until > p.cfg.Now().UnixMicro()
}

// lease is a post that this worker holds.
type lease struct {
	*post
	begun  int64 // the cursor when it was claimed
	cancel context.CancelCauseFunc

	mu       sync.Mutex
	at       place
	progress int64 // the cursor that the next fact will write
	lost     bool
}

// claim takes the post. It returns nil without an error when somebody else was faster.
func (p *post) claim(ctx context.Context, at place) (*lease, error) {
	l := &lease{post: p, begun: at.state.Cursor, at: at, progress: at.state.Cursor, cancel: func(error) {}}
	err := l.write(ctx, factClaimed, func(s *state) {
		if s.Worker == "" || s.Worker == p.worker {
			s.Trying, s.Fell = 0, 0
		} else { // whoever held it has vanished
			s.Careful = p.cfg.Batch
			if s.Trying != 0 {
				s.Fell++
			}
		}
		s.Worker = p.worker
	})
	if errors.Is(err, ErrLost) {
		return nil, nil
	}
	return l, err
}

// write appends the changed state, with the progress made and a new term. Whatever goes wrong, the lease counts as lost:
// nobody here can say what is written.
func (l *lease) write(ctx context.Context, kind string, change func(*state)) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.lost {
		return ErrLost
	}
	now, s := l.cfg.Now(), l.at.state
	s.Cursor, s.Until = l.progress, now.Add(l.cfg.Lease).UnixMicro()
	if change(&s); s.Worker == "" {
		s.Until = 0
	}
	body, err := journal.EncodeBody(s)
	if err != nil {
		return err
	}
	_, err = l.journal.Append(ctx, l.stream, l.at.seq, journal.Fact{Kind: kind, Actor: l.cfg.Worker, At: now, Body: body,
		Keys: []journal.Key{l.key}})
	if err == nil {
		l.at = place{l.at.seq + 1, s}
		return nil
	}
	l.lost = true
	l.cancel(ErrLost)
	if errors.Is(err, journal.ErrConflict) {
		return ErrLost
	}
	return fmt.Errorf("follow: %s: %w", kind, err)
}

// pass moves the progress on; it is written with the next fact.
func (l *lease) pass(position int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.progress = max(l.progress, position)
}

// try writes down which record is about to be handled, as long as care is needed, and returns how many workers vanished
// over it.
func (l *lease) try(ctx context.Context, position int64) (fell int, err error) {
	l.mu.Lock()
	s := l.at.state
	l.mu.Unlock()
	if s.Careful == 0 {
		return 0, nil
	}
	if s.Trying == position {
		fell = s.Fell
	}
	return fell, l.write(ctx, factTried, func(s *state) { s.Careful, s.Trying, s.Fell = s.Careful-1, position, fell })
}

// hold renews the lease until the returned function is called, which waits for a renewal under way.
func (l *lease) hold(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var done sync.WaitGroup
	done.Go(func() {
		ticker := time.NewTicker(max(l.cfg.Lease/3, time.Millisecond))
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
				if l.write(context.WithoutCancel(ctx), factRenewed, func(*state) {}) != nil {
					return
				}
			}
		}
	})
	return func() { cancel(); done.Wait() }
}

// holdWith is hold for work whose context is to be cancelled when the lease is lost.
func (l *lease) holdWith(ctx context.Context, cancel context.CancelCauseFunc) (stop func()) {
	l.mu.Lock()
	l.cancel = cancel
	l.mu.Unlock()
	return l.hold(ctx)
}

// giveBack ends the lease with the progress made. It also works when the context has ended.
func (l *lease) giveBack(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return l.write(ctx, factAdvanced, func(s *state) {
		s.Worker, s.Trying, s.Fell = "", 0, 0
	})
}
