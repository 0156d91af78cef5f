package oidc

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"github.com/motcua/motcua/identity"
	"github.com/motcua/motcua/internal/shelf"
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
type Memory struct{ shelf *shelf.Shelf[entry] }

var _ Transactions = (*Memory)(nil)

type entry struct {
	tx    Transaction
	taken bool
}

// NewMemory returns a store for at most limit transactions (0: 20,000, some 10 MB); a new one displaces the oldest.
func NewMemory(limit int) *Memory {
	if limit <= 0 {
		limit = 20_000
	}
	return &Memory{shelf.New[entry](limit)}
}

// Put implements [Transactions].
func (m *Memory) Put(_ context.Context, id string, tx Transaction) error {
	// Lifetimes are all equal, so the oldest are also the first to be over. The new one's end tells the time.
	over := func(oldest entry) bool { return tx.Expires.Sub(oldest.tx.Expires) > Lifetime }
	if !m.shelf.Put(id, entry{tx: tx}, over) {
		return refuse(ErrReplayed, "id")
	}
	return nil
}

// Take implements [Transactions].
func (m *Memory) Take(_ context.Context, id string) (tx Transaction, err error) {
	found := m.shelf.Change(id, func(e *entry) {
		if e.taken {
			err = refuse(ErrReplayed, "taken")
			return
		}
		tx = e.tx
		*e = entry{taken: true, tx: Transaction{Expires: tx.Expires}} // remembers that it was, not what it was
	})
	if !found {
		err = refuse(ErrState, "unknown")
	}
	return tx, err
}

// transactionID ties a login to the browser that began it: whoever lacks the cookie cannot name the transaction.
func transactionID(state, cookie string) string {
	sum := sha256.Sum256([]byte("motcua login v1\n" + state + "\n" + cookie))
	return hex.EncodeToString(sum[:])
}
