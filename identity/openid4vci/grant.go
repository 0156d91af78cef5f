package openid4vci

import (
	"context"
	"time"

	"github.com/motcua/motcua/internal/shelf"
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
type Memory struct{ shelf *shelf.Shelf[Grant] }

var _ Grants = (*Memory)(nil)

// NewMemory returns a store for at most limit grants (0: 10,000); a new one displaces the oldest.
func NewMemory(limit int) *Memory {
	if limit <= 0 {
		limit = 10_000
	}
	return &Memory{shelf.New[Grant](limit)}
}

// Put implements [Grants].
func (m *Memory) Put(_ context.Context, id string, g Grant) error {
	if !m.shelf.Put(id, g, nil) {
		return refuse(ErrGrant, "id")
	}
	return nil
}

// Get implements [Grants].
func (m *Memory) Get(_ context.Context, id string) (Grant, error) {
	g, found := m.shelf.Get(id)
	if !found {
		return Grant{}, refuse(ErrGrant, "unknown")
	}
	return g, nil
}

// Move implements [Grants].
func (m *Memory) Move(_ context.Context, id string, was, now Grant) error {
	moved := false
	m.shelf.Change(id, func(kept *Grant) {
		if moved = *kept == was; moved {
			*kept = now
		}
	})
	if !moved {
		return refuse(ErrGrant, "used")
	}
	return nil
}
