package session

import (
	"container/list"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"sync"
	"time"

	"github.com/motcua/motcua/identity/oidc"
)

// Revocations keeps what was ended from outside, for all processes: a table with one row a name. Names are 64 hexadecimal
// digits. A row may be forgotten once the lifetime of sessions is over.
type Revocations interface {
	// Revoke keeps that all sessions under this name that began before at are over.
	Revoke(ctx context.Context, name string, at time.Time) error
	// Revoked returns the latest at of a name; ok is false when there is none.
	Revoked(ctx context.Context, name string) (at time.Time, ok bool, err error)
}

// End ends what the provider says is over, wherever it runs. It is an oidc.Config.End.
func (m *Manager) End(ctx context.Context, ended oidc.Ended) error {
	if ended.SID != "" {
		return m.cfg.Revocations.Revoke(ctx, nameOf("sid", ended.SID), ended.At)
	}
	if ended.Account.IsZero() {
		return nil
	}
	return m.cfg.Revocations.Revoke(ctx, nameOf("account", ended.Account.String()), ended.At)
}

func (m *Manager) revoked(ctx context.Context, s Session, began time.Time) (bool, error) {
	for _, name := range []string{nameOf("sid", s.SID), nameOf("account", s.Account.String())} {
		at, ok, err := m.cfg.Revocations.Revoked(ctx, name)
		if err != nil || ok && !at.Before(began) {
			return true, err
		}
	}
	return false, nil
}

func nameOf(kind, value string) string {
	sum := sha256.Sum256([]byte("motcua session v1\n" + kind + "\n" + value))
	return hex.EncodeToString(sum[:])
}

// Memory keeps revocations of one process. It is safe for concurrent use.
type Memory struct {
	mu    sync.Mutex
	limit int
	rows  map[string]*list.Element
	order *list.List // oldest first
}

var _ Revocations = (*Memory)(nil)

type row struct {
	name string
	at   time.Time
}

// NewMemory returns a store of at most limit rows (0: 100,000); a new one displaces the oldest.
func NewMemory(limit int) *Memory {
	if limit <= 0 {
		limit = 100_000
	}
	return &Memory{limit: limit, rows: map[string]*list.Element{}, order: list.New()}
}

// Revoke implements [Revocations].
func (m *Memory) Revoke(_ context.Context, name string, at time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if old, ok := m.rows[name]; ok {
		if at.Before(old.Value.(row).at) {
			return nil
		}
		m.order.Remove(old)
	}
	m.rows[name] = m.order.PushBack(row{name, at})
	for m.order.Len() > m.limit {
		oldest := m.order.Front()
		delete(m.rows, oldest.Value.(row).name)
		m.order.Remove(oldest)
	}
	return nil
}

// Revoked implements [Revocations].
func (m *Memory) Revoked(_ context.Context, name string) (time.Time, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	found, ok := m.rows[name]
	if !ok {
		return time.Time{}, false, nil
	}
	return found.Value.(row).at, true, nil
}
