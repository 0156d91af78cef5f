package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Bounds of what is recorded: one microsecond to two minutes, three digits.
const (
	longest = 2 * time.Minute
	digits  = 3
)

// operation is one thing asked of the office. It returns the name it is recorded under.
type operation func(ctx context.Context) (name string, err error)

// measure collects latencies by name. Latency counts from the moment an operation was meant to begin, not from the
// moment it did, so that a stall is felt by everything that should have happened during it (no coordinated omission).
type measure struct {
	mu       sync.Mutex
	latency  map[string]*hdrhistogram.Histogram
	late     *hdrhistogram.Histogram // how long after its moment an operation was begun: the generator's own fault
	errors   map[string]int64
	firstErr error
	most     int // in flight at once
	inFlight int
}

func newMeasure() *measure {
	return &measure{latency: make(map[string]*hdrhistogram.Histogram), errors: make(map[string]int64),
		late: newHistogram()}
}

func newHistogram() *hdrhistogram.Histogram {
	return hdrhistogram.New(1, longest.Microseconds(), digits)
}

// begun counts an operation in, begun so late after its moment.
func (m *measure) begun(late time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.inFlight++
	m.most = max(m.most, m.inFlight)
	note(m.late, late)
}

// record takes the latency from the intended beginning.
func (m *measure) record(name string, latency time.Duration, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.inFlight--
	if err != nil {
		m.errors[name]++
		if m.firstErr == nil {
			m.firstErr = fmt.Errorf("%s: %w", name, err)
		}
		return
	}
	h := m.latency[name]
	if h == nil {
		h = newHistogram()
		m.latency[name] = h
	}
	note(h, latency)
}

func note(h *hdrhistogram.Histogram, d time.Duration) {
	_ = h.RecordValue(min(max(d, time.Microsecond), longest).Microseconds()) // cannot be out of range
}

// openLoop begins operations at random moments, rate a second on average for so long, whether or not earlier ones have
// ended: citizens do not wait for one another. It returns when all have ended.
func openLoop(ctx context.Context, rng *rand.Rand, rate float64, long time.Duration, next func() operation) *measure {
	m := newMeasure()
	var running sync.WaitGroup
	begin := time.Now()
	intended := begin
	timer := time.NewTimer(0)
	defer timer.Stop()
	<-timer.C
	for {
		intended = intended.Add(time.Duration(rng.ExpFloat64() / rate * float64(time.Second)))
		if intended.Sub(begin) > long {
			break
		}
		if wait := time.Until(intended); wait > 0 {
			timer.Reset(wait)
			select {
			case <-timer.C:
			case <-ctx.Done():
			}
		}
		if ctx.Err() != nil {
			break
		}
		op, meant := next(), intended
		running.Go(func() {
			m.begun(time.Since(meant))
			name, err := op(ctx)
			m.record(name, time.Since(meant), err)
		})
	}
	running.Wait()
	return m
}

// result is the figures of one name.
type result struct {
	Name   string  `json:"name"`
	Count  int64   `json:"count"`
	Errors int64   `json:"errors"`
	P50    float64 `json:"p50ms"`
	P95    float64 `json:"p95ms"`
	P99    float64 `json:"p99ms"`
	Max    float64 `json:"maxMs"`
}

// results gives the figures by name, and those of all acts and of all lists together first.
func (m *measure) results() []result {
	all := map[string]*hdrhistogram.Histogram{}
	failed := map[string]int64{}
	for name, h := range m.latency {
		all[name] = h
		whole := groupOf(name)
		if all[whole] == nil {
			all[whole] = newHistogram()
		}
		all[whole].Merge(h)
	}
	for name, n := range m.errors {
		failed[name] += n
		failed[groupOf(name)] += n
		for _, missing := range []string{name, groupOf(name)} {
			if all[missing] == nil {
				all[missing] = newHistogram()
			}
		}
	}
	var out []result
	for name, h := range all {
		out = append(out, resultOf(name, h, failed[name]))
	}
	slices.SortFunc(out, func(a, b result) int { return compareNames(a.Name, b.Name) })
	return out
}

func resultOf(name string, h *hdrhistogram.Histogram, failed int64) result {
	ms := func(q float64) float64 { return float64(h.ValueAtQuantile(q)) / 1000 }
	return result{Name: name, Count: h.TotalCount(), Errors: failed, P50: ms(50), P95: ms(95), P99: ms(99),
		Max: float64(h.Max()) / 1000}
}
