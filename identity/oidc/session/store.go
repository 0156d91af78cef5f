package session

import (
	"container/list"
	"slices"
	"sync"
	"time"

	"github.com/alexedwards/scs/v2"
)

// store keeps sessions in the memory of one process, without a goroutine: what is over is dropped when something new
// comes, and beyond the limit the one longest untouched goes.
type store struct {
	lifetime time.Duration
	limit    int

	mu    sync.Mutex
	rows  map[string]*list.Element
	order *list.List // longest untouched first
}

var _ scs.Store = (*store)(nil)

type kept struct {
	token   string
	body    []byte
	expires time.Time
}

const maxSessions = 100_000

func newStore(lifetime time.Duration) *store {
	return &store{lifetime: lifetime, limit: maxSessions, rows: map[string]*list.Element{}, order: list.New()}
}

// Delete implements scs.Store.
func (s *store) Delete(token string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drop(s.rows[token])
	return nil
}

func (s *store) drop(e *list.Element) {
	if e != nil {
		delete(s.rows, e.Value.(kept).token)
		s.order.Remove(e)
	}
}

// Find implements scs.Store. That a session is over is the manager's to say, by its own clock.
func (s *store) Find(token string) ([]byte, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, ok := s.rows[token]
	if !ok {
		return nil, false, nil
	}
	return slices.Clone(e.Value.(kept).body), true, nil
}

// Commit implements scs.Store. The end of a new session tells the time: it lies a lifetime ahead.
func (s *store) Commit(token string, body []byte, expires time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drop(s.rows[token])
	s.rows[token] = s.order.PushBack(kept{token, slices.Clone(body), expires})
	for front := s.order.Front(); front != nil; front = s.order.Front() {
		if s.order.Len() <= s.limit && front.Value.(kept).expires.After(expires.Add(-s.lifetime)) {
			break
		}
		s.drop(front)
	}
	return nil
}
