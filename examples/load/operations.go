package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/motcua/motcua/dossier"
)

// The names figures stand under: every act by itself and together, every list by itself and together.
const (
	actPrefix  = "act "
	listPrefix = "list "
	allActs    = "all acts"
	allLists   = "all lists"
)

// pageSize is the length of a work list's page.
const pageSize = 50

func groupOf(name string) string {
	if strings.HasPrefix(name, actPrefix) {
		return allActs
	}
	return allLists
}

// compareNames puts the sums first.
func compareNames(a, b string) int {
	rank := func(s string) string {
		if s == allActs || s == allLists {
			return " " + s
		}
		return s
	}
	return strings.Compare(rank(a), rank(b))
}

// mix is what people do at the office: six acts to four questions.
type mix struct {
	house  *house
	filler *filler
	rng    *rand.Rand // of the one goroutine that calls next
}

// next picks the next operation. Whatever is random about it is drawn here, so that a seed gives one sequence.
func (x *mix) next() operation {
	if x.rng.IntN(10) < 6 {
		return x.act(x.rng.Int())
	}
	return x.list(x.rng.IntN(8), x.rng.Int())
}

// act goes on with a dossier that is open, or files a new one.
func (x *mix) act(pick int) operation {
	return func(ctx context.Context) (string, error) {
		l := x.filler.take(pick)
		m, more := l.next()
		for !more {
			l = x.filler.begin()
			m, more = l.next()
		}
		desk, err := x.house.borrow()
		if err != nil {
			return actPrefix + string(m.act), err
		}
		desk.now = l.at
		err = l.do(ctx, desk.Desk, x.house, m)
		x.house.giveBack(desk)
		if m.act == dossier.File && err == nil {
			x.filler.dossiers.Add(1)
		}
		if _, more := l.next(); more && err == nil {
			x.filler.keep(l)
		}
		return actPrefix + string(m.act), err
	}
}

// list asks one of the eight questions officers and citizens ask.
func (x *mix) list(which, pick int) operation {
	agency := x.house.agencies[pick%len(x.house.agencies)]
	var q dossier.Query
	name := ""
	switch which {
	case 0:
		name, q = "unit, due first", dossier.Query{Unit: agency}
	case 1:
		name, q = "unit and state", dossier.Query{Unit: agency, State: dossier.Processing}
	case 2:
		name, q = "officer", dossier.Query{Officer: fmt.Sprintf("o-%s-%d", agency, pick%officersPerUnit)}
	case 3:
		name, q = "applicant", dossier.Query{Applicant: fmt.Sprintf("p-%07d", pick%max(x.house.people, 1))}
	case 4:
		name, q = "agency, newest first", dossier.Query{Agency: agency, Descending: true}
	case 5:
		from := dayWithin(pick)
		name, q = "agency, a day within", dossier.Query{Agency: agency, From: from, Until: from.Add(day)}
	case 6:
		name, q = "overdue in the province", dossier.Query{Due: true, Until: lastFiling}
	default:
		return x.byCode(pick)
	}
	q.Limit = pageSize
	return func(ctx context.Context) (string, error) {
		desk, err := x.house.borrow()
		if err == nil {
			_, err = desk.List(ctx, q)
			x.house.giveBack(desk)
		}
		return listPrefix + name, err
	}
}

// byCode looks one dossier up, as the public page does, with its whole history. Codes of filled days are dense, so most
// guesses are dossiers that exist; the others are answered too.
func (x *mix) byCode(pick int) operation {
	agency := x.house.agencies[pick%len(x.house.agencies)]
	code, err := dossier.NewCode(agency, office(dayWithin(pick).Add(9*hour)), 1+int64(pick>>8%4))
	return func(ctx context.Context) (string, error) {
		const name = listPrefix + "dossier by code"
		if err != nil {
			return name, err
		}
		desk, err := x.house.borrow()
		if err != nil {
			return name, err
		}
		_, err = desk.ByCode(ctx, code)
		x.house.giveBack(desk)
		if isMissing(err) {
			err = nil
		}
		return name, err
	}
}

func dayWithin(pick int) time.Time {
	return firstFiling.Truncate(hour).AddDate(0, 0, pick>>16%int(lastFiling.Sub(firstFiling)/day))
}
