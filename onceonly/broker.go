package onceonly

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/motcua/motcua/journal"
)

// Config has the settings of a broker.
type Config struct {
	// Allowances say which procedure may fetch which fields. The broker copies them. None: every lookup is refused.
	Allowances []Allowance
	// Timeout bounds each source's answer. Default 10 s.
	Timeout time.Duration
	// RecordTimeout bounds the writing of an outcome, which goes on when the caller has given up. Default 5 s.
	RecordTimeout time.Duration
	// Now is the clock. Default time.Now.
	Now func() time.Time
}

// Broker fetches what the State already holds, and leaves a durable trace of every look. It is safe for concurrent use.
type Broker struct {
	journal journal.Journal
	cfg     Config
	sources []source
}

type source struct {
	Source
	description Description
}

// maxSources bounds how many registers one broker knows, and so how many one lookup asks at once.
const maxSources = 16

// NewBroker makes a broker on a journal and its sources, the authoritative one for a field first. Errors: *RequestError
// with field "sources" when a source has no name or the name of another.
func NewBroker(j journal.Journal, cfg Config, sources ...Source) (*Broker, error) {
	if cfg.Timeout <= 0 {
		cfg.Timeout = 10 * time.Second
	}
	if cfg.RecordTimeout <= 0 {
		cfg.RecordTimeout = 5 * time.Second
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	cfg.Allowances = slices.Clone(cfg.Allowances)
	b := &Broker{journal: j, cfg: cfg}
	if j == nil || len(sources) > maxSources {
		return nil, &RequestError{Field: "sources", Rule: "form"}
	}
	for _, s := range sources {
		d := s.Describe()
		d.Fields = slices.Clone(d.Fields)
		if _, known := b.source(d.Name); known || !isWord(d.Name) || !isClean(d.Via, maxWord) {
			return nil, &RequestError{Field: "sources", Rule: "form"}
		}
		b.sources = append(b.sources, source{s, d})
	}
	return b, nil
}

func (b *Broker) source(name string) (source, bool) {
	for _, s := range b.sources {
		if s.description.Name == name {
			return s, true
		}
	}
	return source{}, false
}

// Lookup asks the registers for the fields of a request. In this order: the request is checked, and nothing leaves that
// is not allowed (*RequestError); the intent is durable, or nothing is asked; the registers are asked side by side,
// each on its own; the outcome is durable, or nothing is handed out (*RecordError). A register's failure is no error
// here but the outcome of its fields. A command key used before is [ErrRepeated].
//
// When ctx ends, the registers are no longer waited for, the outcome is written all the same, and ctx's error returned.
func (b *Broker) Lookup(ctx context.Context, r Request) (Answer, error) {
	asked := b.cfg.Now()
	if err := r.check(asked, b.cfg.Allowances); err != nil {
		return Answer{}, err
	}
	calls, err := b.plan(&r)
	if err != nil {
		return Answer{}, err
	}
	use := newUse(&r, calls, asked)
	head, err := b.recordIntent(ctx, &r, &use)
	if err != nil {
		return Answer{}, err
	}
	b.ask(ctx, calls)
	answer := assemble(&r, &use, calls)
	if err := b.recordOutcome(ctx, &r, &use, head, answer); err != nil {
		return Answer{}, err
	}
	if err := ctx.Err(); err != nil {
		return Answer{}, err
	}
	return answer, nil
}

// plan decides which register is asked for which fields.
func (b *Broker) plan(r *Request) ([]*call, error) {
	candidates := b.sources
	if r.Source != "" {
		s, ok := b.source(r.Source)
		if !ok {
			return nil, &RequestError{Field: "source", Rule: "unknown"}
		}
		candidates = []source{s}
	}
	var calls []*call
	for _, field := range r.Fields {
		i := slices.IndexFunc(candidates, func(s source) bool { return slices.Contains(s.description.Fields, field) })
		if i < 0 {
			return nil, &RequestError{Field: "source", Rule: "field", Name: field}
		}
		calls = addField(calls, candidates[i], r, field)
	}
	for _, c := range calls {
		if checker, ok := c.source.Source.(Checker); ok {
			if err := checker.CheckQuery(c.query); err != nil {
				return nil, err
			}
		}
	}
	return calls, nil
}

func addField(calls []*call, s source, r *Request, field Field) []*call {
	for _, c := range calls {
		if c.source.description.Name == s.description.Name {
			c.query.Fields = append(c.query.Fields, field)
			return calls
		}
	}
	return append(calls, &call{source: s, query: Query{
		RequestID: rand.Text(), Subject: r.Subject, Fields: []Field{field}, Procedure: r.Procedure, Dossier: r.Dossier,
		Purpose: r.Purpose, Actor: r.Actor,
	}})
}

func newUse(r *Request, calls []*call, at time.Time) Use {
	id := strings.ToLower(rand.Text())
	if r.Command != "" {
		sum := sha256.Sum256([]byte("motcua lookup v1\n" + r.Actor.Pseudonym.String() + "\n" + r.Command))
		id = hex.EncodeToString(sum[:16])
	}
	use := Use{
		Lookup: id, State: Open, AskedAt: at.UTC().Truncate(time.Microsecond), Subject: r.Subject.Pseudonym.String(),
		Actor: r.Actor.Pseudonym.String(), ActorKind: r.Actor.Kind.String(), Unit: r.Actor.Unit,
		Procedure: r.Procedure, Dossier: r.Dossier, Purpose: r.Purpose.Code, PurposeText: r.Purpose.Text,
		Basis: r.Basis.Kind, Provision: r.Basis.Provision, Fields: slices.Clone(r.Fields),
	}
	if r.Basis.Kind == ByConsent {
		use.Provision, use.Consent = "", r.Basis.Consent.ID
	}
	for _, c := range calls {
		use.Asks = append(use.Asks, Ask{Source: c.source.description.Name, Via: c.source.description.Via,
			RequestID: c.query.RequestID, Fields: c.query.Fields})
	}
	return use
}

// recordIntent writes what is about to be asked. Of a command obeyed before, the journal returns the first record,
// known by its request ids, which are drawn anew each time.
func (b *Broker) recordIntent(ctx context.Context, r *Request, use *Use) (journal.Record, error) {
	stream, err := journal.ParseStream("lookup/" + use.Lookup)
	if err != nil {
		return journal.Record{}, &RecordError{Step: "intent", Err: err}
	}
	fact, err := use.fact("onceonly.lookup-asked", use.Actor, use.AskedAt)
	if err != nil {
		return journal.Record{}, &RecordError{Step: "intent", Err: err}
	}
	if r.Command != "" {
		if fact.Command, err = use.command(r.Command); err != nil {
			return journal.Record{}, &RecordError{Step: "intent", Err: err}
		}
	}
	records, err := b.journal.Append(ctx, stream, 0, fact)
	switch {
	case errors.Is(err, journal.ErrCommandReused):
		return journal.Record{}, &RequestError{Field: "command", Rule: "other", Err: err}
	case err != nil:
		return journal.Record{}, &RecordError{Step: "intent", Err: err}
	}
	if r.Command == "" {
		return records[0], nil
	}
	written, err := decodeUse(records[0])
	switch {
	case err != nil:
		return journal.Record{}, err
	case written.Asks[0].RequestID != use.Asks[0].RequestID:
		return journal.Record{}, &RepeatedError{Lookup: use.Lookup}
	}
	return records[0], nil
}

// command digests what is asked without what differs between two tries.
func (u *Use) command(key string) (journal.Command, error) {
	same := *u
	same.AskedAt, same.Asks = time.Time{}, nil
	body, err := journal.EncodeBody(&same)
	if err != nil {
		return journal.Command{}, err
	}
	return journal.NewCommand(key, body), nil
}

// recordOutcome writes how the lookup ended, even when the caller has gone: the register was asked.
func (b *Broker) recordOutcome(ctx context.Context, r *Request, use *Use, head journal.Record, answer Answer) error {
	for _, paper := range answer.AskPaper() {
		use.Papers = append(use.Papers, paper.Field)
	}
	fact, err := use.fact("onceonly.lookup-answered", use.Actor, use.AnsweredAt)
	if err != nil {
		return &RecordError{Step: "outcome", Err: err}
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), b.cfg.RecordTimeout)
	defer cancel()
	if _, err := b.journal.Append(ctx, head.Stream, head.Seq, fact); err != nil {
		return &RecordError{Step: "outcome", Err: err}
	}
	return nil
}
