package follow

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/motcua/motcua/journal"
)

// The facts of a parked stream, and the keys it is found under.
const (
	factParked   = "follow.parked"
	factFailed   = "follow.failed"
	factDied     = "follow.died"
	factMoved    = "follow.moved"
	factResumed  = "follow.resumed"
	factRequeued = "follow.requeued"
	factSkipped  = "follow.skipped"

	keyParked = "follow.parked" // partition: all that are parked
	keyRetry  = "follow.retry"  // partition: those that will be tried, by time
	keyDead   = "follow.dead"   // name: those that wait for somebody, by first failure
)

const (
	maxFailureText = 2000
	maxTries       = 16
)

// entry is the body of the facts about a stream that is parked.
type entry struct {
	Partition int    `json:"partition"`
	Stream    string `json:"stream"`
	// Seq and Position are those of the first record that was not handed over.
	Seq      int64 `json:"seq"`
	Position int64 `json:"position"`
	// Attempts were made with that record. Since is when the first failed, Due when the next is made; microseconds.
	Attempts int    `json:"attempts"`
	Since    int64  `json:"since"`
	Due      int64  `json:"due,omitempty"`
	Dead     bool   `json:"dead,omitempty"`
	Code     string `json:"code,omitempty"`
	Ground   string `json:"ground,omitempty"` // of who skipped a record

	at journal.Stream // the entry's own
	// version is the entry's own place: every change is check-and-set.
	version int64
}

func readEntry(head *journal.Record) (*entry, error) {
	e := &entry{at: head.Stream, version: head.Seq}
	if err := json.Unmarshal(head.Body, e); err != nil {
		return nil, fmt.Errorf("follow: read parked stream: %w", err)
	}
	e.Ground = "" // it belongs to that one fact
	return e, nil
}

func (f *Follower) partitionKey(n int) string { return f.name + ":" + strconv.Itoa(n) }

// dueRetries asks for the parked streams of a partition whose time has come.
func (f *Follower) dueRetries(p *partition, limit int) journal.Query {
	return journal.Query{Name: keyRetry, Value: f.partitionKey(p.number), Until: f.cfg.Now().UnixMicro() + 1, Limit: limit}
}

// loadParked reads which streams of a partition are parked.
func (f *Follower) loadParked(ctx context.Context, p *partition) error {
	clear(p.parked)
	query := journal.Query{Name: keyParked, Value: f.partitionKey(p.number), Limit: journal.MaxPage}
	for {
		page, err := f.journal.Find(ctx, query)
		if err != nil {
			return fmt.Errorf("follow: look for parked streams: %w", err)
		}
		for i := range page.Hits {
			e, err := readEntry(&page.Hits[i].Head)
			if err != nil {
				return err
			}
			stream, err := journal.ParseStream(e.Stream)
			if err != nil {
				return fmt.Errorf("follow: read parked stream: %w", err)
			}
			p.parked[stream] = true
		}
		if query.Cursor = page.Next; page.Next == "" {
			return nil
		}
	}
}

// park begins an entry with its first failure. Its stream may have been parked before, and come back.
func (f *Follower) park(ctx context.Context, p *partition, r *journal.Record, failure error) error {
	sum := sha256.Sum256([]byte(r.Stream.String()))
	at, err := journal.ParseStream(kindParked + "/" + f.name + ":" + hex.EncodeToString(sum[:16]))
	if err != nil {
		return err
	}
	e := &entry{Partition: p.number, Stream: r.Stream.String(), Since: f.cfg.Now().UnixMicro(), at: at}
	for range maxTries {
		err := f.fail(ctx, e, r, 1, failure)
		conflict, ok := errors.AsType[*journal.ConflictError](err)
		if !ok {
			return err
		}
		for last, err := range f.journal.Read(ctx, at, conflict.Head-1) {
			if err != nil {
				return fmt.Errorf("follow: park: %w", err)
			}
			if e.version = last.Seq; len(last.Keys) > 0 {
				return nil // it is parked: by another worker that took this one's lease
			}
		}
	}
	return fmt.Errorf("follow: park: %w", journal.ErrConflict)
}

// fail writes down that a try has failed, and reports it.
func (f *Follower) fail(ctx context.Context, e *entry, r *journal.Record, attempts int, failure error) error {
	kind := factFailed
	if e.version == 0 || e.Attempts == 0 && attempts == 1 {
		kind = factParked
	}
	next := *e
	next.Seq, next.Position, next.Attempts, next.Code = r.Seq, r.Position, attempts, codeOf(failure)
	next.Due = f.cfg.Now().Add(f.cfg.backoff(attempts, r.Stream)).UnixMicro()
	if next.Dead = isPermanent(failure) || attempts >= f.cfg.Attempts; next.Dead {
		kind, next.Due = factDied, 0
	}
	subject := r.Subject
	if subject == "" {
		subject = r.Stream.String()
	}
	text := strings.ToValidUTF8(failure.Error(), "?")
	if len(text) > maxFailureText {
		text = strings.ToValidUTF8(text[:maxFailureText], "")
	}
	if err := f.writeEntry(ctx, e, next, journal.Fact{Kind: kind, Private: []byte(text), Subject: subject}); err != nil {
		return err
	}
	f.cfg.Report(ctx, &FailureError{Name: f.name, Stream: r.Stream, Seq: r.Seq, Position: r.Position, Attempts: attempts,
		Dead: next.Dead, Err: failure})
	return nil
}

// ahead writes down that a record is about to be tried. If nobody comes back from it, it is tried again later.
func (f *Follower) ahead(ctx context.Context, e *entry, r *journal.Record, attempts int) error {
	next := *e
	next.Seq, next.Position, next.Attempts = r.Seq, r.Position, attempts
	next.Due = f.cfg.Now().Add(f.cfg.backoff(max(attempts, 1), r.Stream)).UnixMicro()
	return ended(f.writeEntry(ctx, e, next, journal.Fact{Kind: factTried}))
}

// move says how far the stream has come; the rest is due at once.
func (f *Follower) move(ctx context.Context, e *entry, r *journal.Record) error {
	next := *e
	next.Seq, next.Position, next.Attempts, next.Due = r.Seq, r.Position, 0, f.cfg.Now().UnixMicro()
	return ended(f.writeEntry(ctx, e, next, journal.Fact{Kind: factMoved}))
}

// resume ends the entry: the stream is handed over in its turn again.
func (f *Follower) resume(ctx context.Context, e *entry) error {
	return ended(f.writeEntry(ctx, e, *e, journal.Fact{Kind: factResumed, Keys: []journal.Key{}}))
}

// ended makes a conflict over an entry the end of the turn: somebody has decided about it meanwhile.
func ended(err error) error {
	if errors.Is(err, journal.ErrConflict) {
		return errEnd
	}
	return err
}

// writeEntry appends the changed entry under the keys it is to be found by.
func (f *Follower) writeEntry(ctx context.Context, e *entry, next entry, fact journal.Fact) error {
	var err error
	if fact.Body, err = journal.EncodeBody(next); err != nil {
		return err
	}
	fact.At = f.cfg.Now()
	if fact.Actor == "" {
		fact.Actor = f.cfg.Worker
	}
	if fact.Keys == nil {
		partition := f.partitionKey(next.Partition)
		fact.Keys = []journal.Key{{Name: keyParked, Value: partition, Sort: next.Position}}
		if next.Dead {
			fact.Keys = append(fact.Keys, journal.Key{Name: keyDead, Value: f.name, Sort: next.Since})
		} else {
			fact.Keys = append(fact.Keys, journal.Key{Name: keyRetry, Value: partition, Sort: next.Due})
		}
	}
	if _, err := f.journal.Append(ctx, next.at, e.version, fact); err != nil {
		return fmt.Errorf("follow: %s: %w", fact.Kind, err)
	}
	next.version = e.version + 1
	*e = next
	return nil
}
