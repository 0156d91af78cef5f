package oidc

import (
	"container/list"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"sync"
	"time"

	"github.com/motcua/motcua/identity"
)

// Lifetime is how long a login may take, from the redirect to the provider until the callback.
const Lifetime = 10 * time.Minute

// Transaction is one login under way. It lives on the server only.
type Transaction struct {
	Nonce    string // must come back in the id_token
	Verifier string // of PKCE
	ReturnTo string // local path
	MinLevel identity.Level
	// MaxAge is how long ago the person may have been authenticated, and Account who must come back; of a step-up.
	MaxAge  time.Duration
	Account identity.Pseudonym
	Expires time.Time
}

// Transactions keeps logins under way. A store of your own (a table shared by several processes) implements it; ids are
// 64 hexadecimal digits, derived from state and cookie, so that the store alone lets nobody finish a login.
type Transactions interface {
	// Put keeps tx under an id that was not used before.
	Put(ctx context.Context, id string, tx Transaction) error
	// Take returns what Put kept and makes sure that nobody gets it again: of two callers at once one gets it. Errors:
	// [ErrReplayed] when it was taken before, [ErrState] when the id is unknown; these may be forgotten once expired.
	Take(ctx context.Context, id string) (Transaction, error)
}

// Memory keeps transactions of one process, and forgets them with it. It is safe for concurrent use.
type Memory struct {
	mu    sync.Mutex
	limit int
	byID  map[string]*list.Element
	order *list.List // oldest first
}

var _ Transactions = (*Memory)(nil)

type entry struct {
	id    string
	tx    Transaction
	taken bool
}

// NewMemory returns a store for at most limit transactions (0: 20,000, some 10 MB); a new one displaces the oldest.
func NewMemory(limit int) *Memory {
	if limit <= 0 {
		limit = 20_000
	}
	return &Memory{limit: limit, byID: map[string]*list.Element{}, order: list.New()}
}

// Put implements [Transactions].
func (m *Memory) Put(_ context.Context, id string, tx Transaction) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, used := m.byID[id]; used {
		return refuse(ErrReplayed, "id")
	}
	// Lifetimes are all equal, so the oldest are also the first to be over. The new one's end tells the time.
	for front := m.order.Front(); front != nil; front = m.order.Front() {
		oldest := front.Value.(*entry)
		if m.order.Len() < m.limit && tx.Expires.Sub(oldest.tx.Expires) <= Lifetime {
			break
		}
		m.order.Remove(front)
		delete(m.byID, oldest.id)
	}
	m.byID[id] = m.order.PushBack(&entry{id: id, tx: tx})
	return nil
}

// Take implements [Transactions].
func (m *Memory) Take(_ context.Context, id string) (Transaction, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	element, ok := m.byID[id]
	if !ok {
		return Transaction{}, refuse(ErrState, "unknown")
	}
	e := element.Value.(*entry)
	if e.taken {
		return Transaction{}, refuse(ErrReplayed, "taken")
	}
	tx := e.tx
	e.taken, e.tx = true, Transaction{Expires: tx.Expires} // remembers that it was, not what it was
	return tx, nil
}

// transactionID ties a login to the browser that began it: whoever lacks the cookie cannot name the transaction.
func transactionID(state, cookie string) string {
	sum := sha256.Sum256([]byte("motcua login v1\n" + state + "\n" + cookie))
	return hex.EncodeToString(sum[:])
}
