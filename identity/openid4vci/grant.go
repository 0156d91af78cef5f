package openid4vci

import (
	"container/list"
	"context"
	"sync"
	"time"
)

// Stage is how far a grant has come. It only goes forward.
type Stage int

// The stages.
const (
	Offered  Stage = iota // the code waits for a wallet
	Redeemed              // a wallet has an access token
	Issued                // and the credential
	Dead                  // too many wrong transaction codes
)

// Grant is one offer under way. It has no personal data and no secret, only digests of such.
type Grant struct {
	Stage         Stage
	Configuration string
	Reference     string // the application's name for the result, such as a dossier code
	TxCode        string // digest; empty where none is asked for
	Tries         int    // wrong transaction codes
	Token         string // digest of the access token
	Expires       time.Time
}

// Grants keeps offers under way. A store of your own (a table shared by several processes) implements it; ids are 64
// hexadecimal digits, digests of codes.
type Grants interface {
	// Put keeps a grant under an id that was not used before.
	Put(ctx context.Context, id string, g Grant) error
	// Get returns what is kept. Errors: [ErrGrant]; what has expired may be forgotten.
	Get(ctx context.Context, id string) (Grant, error)
	// Move replaces a grant if it still is as it was: of two callers at once one succeeds. Errors: [ErrGrant].
	Move(ctx context.Context, id string, was, now Grant) error
}

// Memory keeps grants of one process, and forgets them with it. It is safe for concurrent use.
type Memory struct {
	mu    sync.Mutex
	limit int
	byID  map[string]*list.Element
	order *list.List // oldest first
}

var _ Grants = (*Memory)(nil)

type entry struct {
	id string
	g  Grant
}

// NewMemory returns a store for at most limit grants (0: 10,000); a new one displaces the oldest.
func NewMemory(limit int) *Memory {
	if limit <= 0 {
		limit = 10_000
	}
	return &Memory{limit: limit, byID: map[string]*list.Element{}, order: list.New()}
}

// Put implements [Grants].
func (m *Memory) Put(_ context.Context, id string, g Grant) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, used := m.byID[id]; used {
		return refuse(ErrGrant, "id")
	}
	for m.order.Len() >= m.limit {
		front := m.order.Front()
		delete(m.byID, front.Value.(*entry).id)
		m.order.Remove(front)
	}
	m.byID[id] = m.order.PushBack(&entry{id, g})
	return nil
}

// Get implements [Grants].
func (m *Memory) Get(_ context.Context, id string) (Grant, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	element, ok := m.byID[id]
	if !ok {
		return Grant{}, refuse(ErrGrant, "unknown")
	}
	return element.Value.(*entry).g, nil
}

// Move implements [Grants].
func (m *Memory) Move(_ context.Context, id string, was, now Grant) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	element, ok := m.byID[id]
	if !ok || element.Value.(*entry).g != was {
		return refuse(ErrGrant, "used")
	}
	element.Value.(*entry).g = now
	return nil
}
