package journal

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"iter"
	"slices"
	"strings"
	"sync"
)

// Memory is a journal in memory, for tests and demonstrations: it keeps every promise of [Journal] but survival.
type Memory struct {
	id string

	mu      sync.RWMutex
	records []Record // the one at position p is records[p-1]
	streams map[Stream]*memoryStream
}

type memoryStream struct {
	places   []int // of its records in Memory.records
	keys     []Key
	commands map[string]memoryCommand
}

type memoryCommand struct {
	sum         Hash
	first, last int // range in memoryStream.places
}

var _ Journal = (*Memory)(nil)

// NewMemory returns an empty journal. Its cursors are its own: another Memory refuses them.
func NewMemory() *Memory {
	return &Memory{id: rand.Text(), streams: make(map[Stream]*memoryStream)}
}

// Append implements [Journal].
func (m *Memory) Append(ctx context.Context, stream Stream, after int64, facts ...Fact) ([]Record, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	s := m.streams[stream]
	if s == nil {
		s = &memoryStream{commands: make(map[string]memoryCommand)}
	}
	if len(facts) > 0 && facts[0].Command.Key != "" {
		if done, ok := s.commands[facts[0].Command.Key]; ok {
			if done.sum != facts[0].Command.Sum {
				return nil, ErrCommandReused
			}
			return m.copies(s.places[done.first:done.last]), nil
		}
	}
	head := Head{Seq: int64(len(s.places))}
	if head.Seq > 0 {
		head.Hash = m.records[s.places[head.Seq-1]].Hash
	}
	records, err := Link(stream, head, facts)
	if err != nil {
		return nil, err
	}
	if after != head.Seq {
		return nil, &ConflictError{Stream: stream, After: after, Head: head.Seq}
	}
	return m.commit(s, records), nil
}

func (m *Memory) commit(s *memoryStream, records []Record) []Record {
	first := len(s.places)
	for i := range records {
		records[i].Position = int64(len(m.records)) + 1
		s.places = append(s.places, len(m.records))
		m.records = append(m.records, copyRecord(records[i]))
	}
	if command := records[0].Command; command.Key != "" {
		s.commands[command.Key] = memoryCommand{command.Sum, first, len(s.places)}
	}
	s.keys = slices.Clone(CurrentKeys(s.keys, records))
	m.streams[records[0].Stream] = s
	return records
}

// Read implements [Journal].
func (m *Memory) Read(ctx context.Context, stream Stream, after int64) iter.Seq2[Record, error] {
	return pages(ctx, after, func(after int64, limit int) []Record {
		m.mu.RLock()
		defer m.mu.RUnlock()
		s := m.streams[stream]
		if s == nil || after >= int64(len(s.places)) {
			return nil
		}
		places := s.places[after:]
		return m.copies(places[:min(limit, len(places))])
	}, func(r *Record) int64 { return r.Seq })
}

// Tail implements [Journal].
func (m *Memory) Tail(ctx context.Context, position int64) iter.Seq2[Record, error] {
	return pages(ctx, position, func(after int64, limit int) []Record {
		m.mu.RLock()
		defer m.mu.RUnlock()
		if after >= int64(len(m.records)) {
			return nil
		}
		records := m.records[after:]
		records = slices.Clone(records[:min(limit, len(records))])
		for i := range records {
			records[i] = copyRecord(records[i])
		}
		return records
	}, func(r *Record) int64 { return r.Position })
}

// pages yields what next returns until it returns nothing; no lock is held while the caller has the floor.
func pages(ctx context.Context, after int64, next func(int64, int) []Record, place func(*Record) int64,
) iter.Seq2[Record, error] {
	const page = 256
	return func(yield func(Record, error) bool) {
		for from := max(after, 0); ; {
			if err := ctx.Err(); err != nil {
				yield(Record{}, err)
				return
			}
			records := next(from, page)
			for _, record := range records {
				from = place(&record)
				if !yield(record, nil) {
					return
				}
			}
			if len(records) == 0 {
				return
			}
		}
	}
}

// Find implements [Journal].
func (m *Memory) Find(ctx context.Context, query Query) (Page, error) {
	query, err := query.Check()
	if err != nil {
		return Page{}, err
	}
	resume, err := query.Resume(m.id)
	if err != nil {
		return Page{}, err
	}
	if err := ctx.Err(); err != nil {
		return Page{}, err
	}
	m.mu.RLock()
	defer m.mu.RUnlock()
	hits := m.matching(query, resume)
	page := Page{Hits: hits}
	if len(hits) > query.Limit {
		page.Hits = hits[:query.Limit]
		page.Next = query.NextCursor(m.id, page.Hits[query.Limit-1])
	}
	for i := range page.Hits {
		page.Hits[i].Head = copyRecord(page.Hits[i].Head)
	}
	return page, nil
}

// matching returns all hits of the query behind resume, in order.
func (m *Memory) matching(query Query, resume Resume) []Hit {
	order := func(sort int64, stream string, otherSort int64, other string) int {
		c := cmp.Or(cmp.Compare(sort, otherSort), strings.Compare(stream, other))
		if query.Descending {
			return -c
		}
		return c
	}
	var hits []Hit
	for stream, s := range m.streams {
		for _, key := range s.keys {
			if key.Name != query.Name || key.Value != query.Value || key.Sort < query.From ||
				query.Until != 0 && key.Sort >= query.Until ||
				resume.Active && order(key.Sort, stream.name, resume.Sort, resume.Stream) <= 0 {
				continue
			}
			hits = append(hits, Hit{Head: m.records[s.places[len(s.places)-1]], Sort: key.Sort})
		}
	}
	slices.SortFunc(hits, func(a, b Hit) int {
		return order(a.Sort, a.Head.Stream.name, b.Sort, b.Head.Stream.name)
	})
	return hits
}

func (m *Memory) copies(places []int) []Record {
	records := make([]Record, len(places))
	for i, place := range places {
		records[i] = copyRecord(m.records[place])
	}
	return records
}

// copyRecord keeps what is stored apart from what the caller may write to.
func copyRecord(r Record) Record {
	r.Body, r.Private = bytes.Clone(r.Body), bytes.Clone(r.Private)
	if r.Keys != nil {
		r.Keys = append([]Key{}, r.Keys...)
	}
	return r
}
