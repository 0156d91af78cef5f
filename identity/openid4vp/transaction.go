package openid4vp

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"time"

	"github.com/motcua/motcua/identity/sdjwt"
	"github.com/motcua/motcua/internal/shelf"
)

// Lifetime is how long a transaction may take, from the invitation until its result is fetched.
const Lifetime = 10 * time.Minute

// Stage is how far a transaction has come. It only goes forward.
type Stage int

// The stages.
const (
	Waiting  Stage = iota // for the wallet
	Answered              // for the browser
	Failed                // the wallet declined, or its answer was refused
	Collected
)

// Transaction is one request under way. It lives on the server only. Key and Answer are secret and personal: a store of
// many processes keeps them sealed. It prints without them.
type Transaction struct {
	Stage      Stage
	Asks       []Ask
	Nonce      string
	Key        []byte // the private key that the answer is encrypted to; empty where it is not
	Browser    string // digest of the cookie of the browser that began
	SameDevice bool
	ReturnTo   string
	Code       string            // digest of the response code
	Answer     map[string]string // presentations by Ask
	AnsweredAt time.Time
	Failure    Failure
	Expires    time.Time
}

// Failure is why a transaction failed. It has no personal data.
type Failure struct {
	Denied  bool // by the wallet; otherwise refused by us
	Rule    string
	Verdict sdjwt.Verdict
	Step    sdjwt.Step
}

func (f Failure) err() *Error {
	switch {
	case f.Denied:
		return refuse(ErrDenied, f.Rule)
	case f.Step.Name != "":
		return &Error{Kind: ErrRefused, Rule: f.Rule, Err: &sdjwt.VerifyError{Verdict: f.Verdict, Step: f.Step}}
	}
	return refuse(ErrRefused, f.Rule)
}

// Format prints the stage only.
func (tx Transaction) Format(state fmt.State, _ rune) {
	_, _ = io.WriteString(state, "openid4vp.Transaction(stage "+strconv.Itoa(int(tx.Stage))+")")
}

// LogValue gives loggers what Format prints.
func (tx Transaction) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(tx)) }

// Transactions keeps requests under way. A store of your own (a table shared by several processes) implements it; ids are
// 64 hexadecimal digits, digests of what wallet and browser know, so that the store alone lets nobody answer or fetch.
type Transactions interface {
	// Put keeps tx under an id that was not used before.
	Put(ctx context.Context, id string, tx Transaction) error
	// Get returns what is kept. Errors: [ErrUnknown]; what has expired may be forgotten.
	Get(ctx context.Context, id string) (Transaction, error)
	// Move replaces what is kept if it still is at the stage: of two callers at once one succeeds. Errors: [ErrReplayed]
	// when it no longer is, [ErrUnknown].
	Move(ctx context.Context, id string, from Stage, tx Transaction) error
}

// Memory keeps transactions of one process, and forgets them with it. It is safe for concurrent use.
type Memory struct{ shelf *shelf.Shelf[Transaction] }

var _ Transactions = (*Memory)(nil)

// NewMemory returns a store for at most limit transactions (0: 10,000); a new one displaces the oldest.
func NewMemory(limit int) *Memory {
	if limit <= 0 {
		limit = 10_000
	}
	return &Memory{shelf.New[Transaction](limit)}
}

// Put implements [Transactions].
func (m *Memory) Put(_ context.Context, id string, tx Transaction) error {
	// Lifetimes are all equal, so the oldest are also the first to be over. The new one's end tells the time.
	over := func(oldest Transaction) bool { return tx.Expires.Sub(oldest.Expires) > Lifetime }
	if !m.shelf.Put(id, tx, over) {
		return refuse(ErrReplayed, "id")
	}
	return nil
}

// Get implements [Transactions].
func (m *Memory) Get(_ context.Context, id string) (Transaction, error) {
	tx, found := m.shelf.Get(id)
	if !found {
		return Transaction{}, refuse(ErrUnknown, "id")
	}
	return tx, nil
}

// Move implements [Transactions].
func (m *Memory) Move(_ context.Context, id string, from Stage, tx Transaction) (err error) {
	found := m.shelf.Change(id, func(kept *Transaction) {
		if kept.Stage != from {
			err = refuse(ErrReplayed, "stage")
			return
		}
		*kept = tx
	})
	if !found {
		err = refuse(ErrUnknown, "id")
	}
	return err
}
