package privacy

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/motcua/motcua/identity"
)

// Records keeps requests: a table, or streams of a journal. Version counts the saves of a record.
type Records interface {
	// Load returns the record and its version, or [ErrNotFound].
	Load(ctx context.Context, id string) (body []byte, version int64, err error)
	// Save keeps a record if its version is still the one given (0: there is none yet), or returns [ErrConflict]. The
	// record is found by its deadline; a zero one runs no more.
	Save(ctx context.Context, id string, version int64, body []byte, due time.Time) error
	// Due returns at most limit ids whose deadline is before this time, the earliest first.
	Due(ctx context.Context, before time.Time, limit int) (ids []string, err error)
}

// Ask is a request as it comes in.
type Ask struct {
	Subject identity.Pseudonym
	By      identity.Pseudonym // zero: the subject
	Right   Right
	Purpose string
	Items   []string
	Others  bool
	At      time.Time
}

// Register is the register of data subjects' requests (sổ theo dõi yêu cầu của chủ thể dữ liệu). It is safe for
// concurrent use if its records are.
type Register struct {
	records Records
	law     Deadlines
	working WorkingDays
}

// NewRegister returns a register on these records. Errors: *Error when a part is missing.
func NewRegister(records Records, law Deadlines, working WorkingDays) (*Register, error) {
	if records == nil || working == nil || len(law.Rights) == 0 {
		return nil, refuse("request", "calendar")
	}
	return &Register{records, law, working}, nil
}

// Receive enters a request and sets its deadlines. A calendar that does not know the year keeps nobody from asking: the
// deadline is then the earlier, plain one, and provisional. Errors: *Error, or that of the records.
func (g *Register) Receive(ctx context.Context, a Ask) (Request, error) {
	row, ok := g.law.row(a.Right)
	if a.By.IsZero() {
		a.By = a.Subject
	}
	switch {
	case !ok:
		return Request{}, refuse("request", "right")
	case a.Subject.IsZero():
		return Request{}, refuse("request", "party")
	case a.At.IsZero():
		return Request{}, refuse("request", "time")
	case len(a.Items) > maxRows || len(a.Purpose) > 100:
		return Request{}, refuse("request", "size")
	}
	days := row.Days
	if a.Others {
		days = row.DaysWithOthers
	}
	acknowledge, known := afterWorkingDays(a.At, g.law.Acknowledge.WorkingDays, g.working)
	answer, knownToo := afterDays(a.At, days, g.working)
	r := Request{
		ID: newID("request"), Subject: a.Subject, By: a.By, Right: a.Right, Purpose: a.Purpose, Items: slices.Clone(a.Items),
		Others: a.Others, Received: a.At, AcknowledgeBy: acknowledge, AnswerBy: answer,
		Provisional: row.Provisional || g.law.Acknowledge.Provisional || !known || !knownToo,
		Acts:        []Act{{Kind: "privacy.request-received", At: a.At, By: a.By}},
	}
	return r, g.save(ctx, r, 0)
}

// Do reads a request, lets do change it by one of its methods, and keeps the result; if somebody else was faster it
// begins again, three times at most. Errors: do's own, [ErrNotFound], [ErrConflict].
func (g *Register) Do(ctx context.Context, id string, do func(Request) (Request, error)) (Request, error) {
	var err error
	for range 3 {
		var r Request
		var version int64
		if r, version, err = g.load(ctx, id); err != nil {
			return Request{}, err
		}
		changed, doErr := do(r)
		if doErr != nil {
			return r, doErr
		}
		if err = g.save(ctx, changed, version); err == nil {
			return changed, nil
		}
	}
	return Request{}, err
}

// Get returns a request.
func (g *Register) Get(ctx context.Context, id string) (Request, error) {
	r, _, err := g.load(ctx, id)
	return r, err
}

// Due returns at most 1,000 requests whose next deadline is before this time, the earliest first: the list of whoever
// answers them.
func (g *Register) Due(ctx context.Context, before time.Time) ([]Request, error) {
	ids, err := g.records.Due(ctx, before, maxRows)
	if err != nil {
		return nil, err
	}
	var list []Request
	for _, id := range ids {
		r, _, err := g.load(ctx, id)
		if err != nil {
			return nil, err
		}
		list = append(list, r)
	}
	return list, nil
}

// Law returns the deadlines the register counts with, for [Request.Extend].
func (g *Register) Law() Deadlines { return g.law }

func (g *Register) load(ctx context.Context, id string) (Request, int64, error) {
	body, version, err := g.records.Load(ctx, id)
	if err != nil {
		return Request{}, 0, err
	}
	var r Request
	if err := decode(body, "request", &r); err != nil {
		return Request{}, 0, err
	}
	return r, version, nil
}

func (g *Register) save(ctx context.Context, r Request, version int64) error {
	body, err := json.Marshal(r)
	if err != nil {
		return &Error{Field: "request", Rule: "json", Err: err}
	}
	due, _ := r.Due()
	return g.records.Save(ctx, r.ID, version, body, due)
}

// newID returns a name nobody can guess: 80 random bits.
func newID(kind string) string {
	var b [10]byte
	_, _ = rand.Read(b[:]) // never fails, see crypto/rand
	return kind + "-" + strings.ToLower(base32.StdEncoding.EncodeToString(b[:]))
}

// Memory keeps records in memory: for tests and small tools. It is safe for concurrent use.
type Memory struct {
	mu      sync.Mutex
	records map[string]record
}

var _ Records = (*Memory)(nil)

type record struct {
	body    []byte
	version int64
	due     time.Time
}

// NewMemory returns an empty store.
func NewMemory() *Memory { return &Memory{records: map[string]record{}} }

// Load implements [Records].
func (m *Memory) Load(_ context.Context, id string) ([]byte, int64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r, ok := m.records[id]
	if !ok {
		return nil, 0, ErrNotFound
	}
	return slices.Clone(r.body), r.version, nil
}

// Save implements [Records].
func (m *Memory) Save(_ context.Context, id string, version int64, body []byte, due time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.records[id].version != version {
		return ErrConflict
	}
	m.records[id] = record{slices.Clone(body), version + 1, due}
	return nil
}

// Due implements [Records].
func (m *Memory) Due(_ context.Context, before time.Time, limit int) ([]string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var ids []string
	for id, r := range m.records {
		if !r.due.IsZero() && r.due.Before(before) {
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, func(a, b string) int {
		if c := m.records[a].due.Compare(m.records[b].due); c != 0 {
			return c
		}
		return strings.Compare(a, b)
	})
	return ids[:min(len(ids), limit)], nil
}
