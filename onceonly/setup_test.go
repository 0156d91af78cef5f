package onceonly_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/motcua/motcua/identity"
	"github.com/motcua/motcua/internal/vntime"
	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/onceonly"
)

// noon is the tests' now.
var noon = vntime.Date(2026, time.November, 21).Add(12 * time.Hour)

// clock gives every caller a later second, so that order can be told.
func clock() func() time.Time {
	var mu sync.Mutex
	now := noon
	return func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		now = now.Add(time.Second)
		return now
	}
}

func pseudonyms(tb testing.TB) *identity.Pseudonymizer {
	tb.Helper()
	z, err := identity.NewPseudonymizer([]byte("a key of at least thirty-two bytes"))
	if err != nil {
		tb.Fatal(err)
	}
	return z
}

func subject(tb testing.TB, number, name, born string) identity.Subject {
	tb.Helper()
	person, err := identity.ParsePersonID(number)
	if err != nil {
		tb.Fatal(err)
	}
	fullName, err := identity.ParseName(name)
	if err != nil {
		tb.Fatal(err)
	}
	date, err := identity.ParseBirthDate(born)
	if err != nil {
		tb.Fatal(err)
	}
	return identity.Subject{Kind: identity.Citizen, Pseudonym: pseudonyms(tb).Person(person), Person: person, Name: fullName,
		BirthDate: date}
}

func nghia(tb testing.TB) identity.Subject {
	return subject(tb, "001090000123", "Nguyễn Trọng Nghĩa", "1990-03-15")
}

func vinh(tb testing.TB) identity.Subject {
	return subject(tb, "001188000456", "Trần Thị Mỹ Vĩnh", "1988-11-02")
}

func officer(tb testing.TB) onceonly.Actor {
	return onceonly.Actor{Kind: identity.Officer, Pseudonym: pseudonyms(tb).Account("https://idp.example", "officer-7"),
		Account: "CB0007", Unit: "H26.1"}
}

func citizen(s identity.Subject) onceonly.Actor {
	return onceonly.Actor{Kind: identity.Citizen, Pseudonym: s.Pseudonym}
}

const birthRegistration = "1.001193"

func allowances() []onceonly.Allowance {
	return []onceonly.Allowance{{
		Procedure: birthRegistration,
		Fields: []onceonly.Field{onceonly.FullName, onceonly.BirthDate, onceonly.Sex, onceonly.PermanentResidence,
			onceonly.Ethnicity, onceonly.MaritalStatus},
		Since: vntime.Date(2026, time.January, 1), Law: "test",
	}, {
		Procedure: birthRegistration, Fields: []onceonly.Field{onceonly.Hometown},
		Until: vntime.Date(2026, time.January, 1), Law: "test, no longer in force",
	}}
}

func request(tb testing.TB) onceonly.Request {
	return onceonly.Request{
		Subject: nghia(tb), Fields: []onceonly.Field{onceonly.FullName, onceonly.BirthDate}, Procedure: birthRegistration,
		Dossier: "D-7", Actor: officer(tb),
		Purpose: onceonly.Purpose{Code: "prefill", Text: "Điền sẵn tờ khai đăng ký khai sinh"},
		Basis:   onceonly.LegalBasis{Kind: onceonly.ByLaw, Provision: "Luật Hộ tịch, Điều 16"},
	}
}

// fakeRegister answers from memory.
type fakeRegister struct {
	name   string
	fields []onceonly.Field
	values map[onceonly.Field]onceonly.Value
	err    error
	before func(ctx context.Context, q onceonly.Query)

	mu    sync.Mutex
	asked []onceonly.Query
}

func (f *fakeRegister) Describe() onceonly.Description {
	return onceonly.Description{Name: f.name, Via: "ndop", Fields: f.fields}
}

func (f *fakeRegister) Fetch(ctx context.Context, q onceonly.Query) (onceonly.Evidence, error) {
	f.mu.Lock()
	f.asked = append(f.asked, q)
	f.mu.Unlock()
	if f.before != nil {
		f.before(ctx, q)
	}
	if f.err != nil {
		return onceonly.Evidence{}, f.err
	}
	if err := ctx.Err(); err != nil {
		return onceonly.Evidence{}, err
	}
	return onceonly.Evidence{Values: f.values, Asserted: noon.Add(-time.Hour), AnswerHash: journal.Hash{1}}, nil
}

func (f *fakeRegister) times() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.asked)
}

func population(tb testing.TB) *fakeRegister {
	return &fakeRegister{
		name: "population",
		fields: []onceonly.Field{onceonly.FullName, onceonly.BirthDate, onceonly.Ethnicity, onceonly.Religion,
			onceonly.PermanentResidence, onceonly.MaritalStatus, onceonly.Hometown},
		values: map[onceonly.Field]onceonly.Value{
			onceonly.FullName: onceonly.TextValue("Nguyễn Trọng Nghĩa"), onceonly.BirthDate: onceonly.DateValue(nghia(tb).BirthDate),
			onceonly.Ethnicity: onceonly.TextValue("01"), onceonly.Religion: onceonly.TextValue("00"),
			onceonly.PermanentResidence: onceonly.PlaceValue(onceonly.Place{Detail: "Số 5 ngõ 12 phố Giả Định"}),
		},
	}
}

func newBroker(tb testing.TB, j journal.Journal, sources ...onceonly.Source) *onceonly.Broker {
	tb.Helper()
	b, err := onceonly.NewBroker(j, onceonly.Config{Allowances: allowances(), Now: clock()}, sources...)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

// brokenJournal takes some appends and then no more.
type brokenJournal struct {
	journal.Journal
	mu    sync.Mutex
	takes int
}

var errDisk = errors.New("disk full")

func (b *brokenJournal) Append(ctx context.Context, s journal.Stream, after int64, f ...journal.Fact) ([]journal.Record, error) {
	b.mu.Lock()
	b.takes--
	fails := b.takes < 0
	b.mu.Unlock()
	if fails {
		return nil, errDisk
	}
	return b.Journal.Append(ctx, s, after, f...)
}

func records(tb testing.TB, j journal.Journal) []journal.Record {
	tb.Helper()
	var all []journal.Record
	for r, err := range j.Tail(context.Background(), 0) {
		if err != nil {
			tb.Fatal(err)
		}
		all = append(all, r)
	}
	return all
}
