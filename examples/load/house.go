package main

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io/fs"
	"iter"
	"sync"
	"time"

	"github.com/motcua/motcua/dossier"
	"github.com/motcua/motcua/dossier/calendar"
	"github.com/motcua/motcua/dossier/rules"
	"github.com/motcua/motcua/journal"
)

//go:embed procedures
var procedures embed.FS

// officersPerUnit is how many share the work of a one-stop unit.
const officersPerUnit = 4

// house is what all of a run share: the law, the procedures, the agencies of one province, the people.
type house struct {
	seed      uint64
	catalogue *dossier.Catalogue
	calendar  *calendar.Calendar
	rules     *rules.Book
	agencies  []dossier.AgencyID
	names     []string
	people    int // how many applicants share the dossiers
	ways      []way
	desks     sync.Pool
	journal   *counted
}

// newHouse prepares a province with so many one-stop units.
func newHouse(j *counted, seed uint64, units, people int) (*house, error) {
	h := &house{seed: seed, journal: j, people: people, ways: ways()}
	files, err := fs.Sub(procedures, "procedures")
	if err != nil {
		return nil, err
	}
	if h.catalogue, err = dossier.LoadCatalogue(files); err != nil {
		return nil, err
	}
	if h.calendar, err = calendar.Official(); err != nil {
		return nil, err
	}
	if h.rules, err = rules.Official(); err != nil {
		return nil, err
	}
	for n := range units {
		agency, err := dossier.ParseAgencyID(fmt.Sprintf("H99.%d", n+1))
		if err != nil {
			return nil, err
		}
		h.agencies = append(h.agencies, agency)
	}
	for _, family := range []string{"Nguyễn", "Trần", "Lê", "Phạm", "Huỳnh", "Võ", "Đặng", "Bùi", "Đỗ", "Ngô"} {
		for _, rest := range []string{"Trọng Nghĩa", "Thị Mỹ Vĩnh", "Văn Sĩ", "Thị Ngọc Ánh", "Quốc Cường"} {
			h.names = append(h.names, family+" "+rest)
		}
	}
	return h, nil
}

// counter is a desk with a clock of its own: each dossier lives in its own time.
type counter struct {
	*dossier.Desk
	now time.Time
}

func (h *house) newCounter(j journal.Journal) (*counter, error) {
	c := &counter{}
	var err error
	c.Desk, err = dossier.NewDesk(j, h.catalogue, dossier.Config{Now: func() time.Time { return c.now },
		Calendar: h.calendar, Rules: h.rules, Secret: []byte("load")})
	return c, err
}

// borrow returns a counter nobody else uses; give it back.
func (h *house) borrow() (*counter, error) {
	if c, ok := h.desks.Get().(*counter); ok {
		return c, nil
	}
	return h.newCounter(h.journal)
}

func (h *house) giveBack(c *counter) { h.desks.Put(c) }

// hash stands for the content of an uploaded file.
func (h *house) hash(number, step int) string {
	b := binary.BigEndian.AppendUint64(nil, h.seed)
	b = binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(b, uint64(number)), uint64(step))
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// newDay is the third working day behind a due date.
func (h *house) newDay(due time.Time) (dossier.Day, error) {
	end, err := h.calendar.Due(due, 3)
	return dossier.DayOf(end), err
}

// memo remembers the one stream its worker is writing, so that filling does not read back what it has just written. It
// serves one goroutine. Measuring never uses it.
type memo struct {
	journal.Journal
	stream  journal.Stream
	records []journal.Record
}

// begin starts on another dossier: one whose stream does not exist yet.
func (m *memo) begin() { m.stream, m.records = journal.Stream{}, m.records[:0] }

// Read implements [journal.Journal].
func (m *memo) Read(ctx context.Context, s journal.Stream, after int64) iter.Seq2[journal.Record, error] {
	if m.stream.IsZero() && s.Kind() == "dossier" {
		m.stream = s
	}
	if s != m.stream {
		return m.Journal.Read(ctx, s, after)
	}
	return func(yield func(journal.Record, error) bool) {
		for _, r := range m.records[min(int(after), len(m.records)):] {
			if !yield(r, nil) {
				return
			}
		}
	}
}

// Append implements [journal.Journal].
func (m *memo) Append(ctx context.Context, s journal.Stream, after int64, facts ...journal.Fact,
) ([]journal.Record, error) {
	records, err := m.Journal.Append(ctx, s, after, facts...)
	if err == nil && s == m.stream {
		m.records = append(m.records, records...)
	}
	return records, err
}
