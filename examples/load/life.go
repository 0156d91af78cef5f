package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/motcua/motcua/dossier"
	"github.com/motcua/motcua/identity"
)

// vietnam is the one zone of the country.
var vietnam = time.FixedZone("+07", 7*60*60)

// move is one act of a life: who does it, and how long after the act before, between the two durations.
type move struct {
	act       dossier.Act
	role      dossier.Role
	soon, max time.Duration
}

// way is a course dossiers take, with its share of all in percent.
type way struct {
	name      string
	share     int
	procedure string
	moves     []move
}

const (
	hour = time.Hour
	day  = 24 * hour
)

// ways are the courses and their shares: assumed for the measurement, not taken from statistics.
func ways() []way {
	file := move{dossier.File, dossier.Applicant, 0, 0}
	accept := move{dossier.Accept, dossier.Officer, hour / 4, 8 * hour}
	assign := move{dossier.Assign, dossier.Officer, hour / 4, 6 * hour}
	ask := move{dossier.RequestSupplement, dossier.Officer, hour, 8 * hour}
	supplement := move{dossier.Supplement, dossier.Applicant, 4 * hour, 5 * day}
	end := []move{{dossier.Approve, dossier.Leader, day / 2, 5 * day},
		{dossier.AttachResult, dossier.Clerk, hour / 4, 4 * hour}, {dossier.Finish, dossier.Clerk, hour / 4, hour}, {dossier.Return, dossier.Officer, hour, 6 * day}}
	quick := []move{{dossier.File, dossier.Officer, 0, 0},
		{dossier.Accept, dossier.Officer, time.Minute, 5 * time.Minute},
		{dossier.Approve, dossier.Leader, 5 * time.Minute, 2 * hour},
		{dossier.AttachResult, dossier.Clerk, time.Minute, hour / 4}, {dossier.Finish, dossier.Clerk, time.Minute, 5 * time.Minute}, {dossier.Return, dossier.Officer, time.Minute, hour}}
	then := func(moves ...move) []move { return append(moves, end...) }
	const standard, immediate = "9.000001", "9.000002"
	return []way{
		{"at the counter", 30, immediate, quick},
		{"straight", 42, standard, then(file, accept, assign)},
		{"supplement before acceptance", 8, standard, then(file, ask, supplement, accept, assign)},
		{"supplement after acceptance", 3, standard, then(file, accept, ask, supplement)},
		{"consultation", 6, standard, then(file, accept, assign, move{dossier.Consult, dossier.Specialist, hour, day},
			move{dossier.Opinion, dossier.Specialist, 4 * hour, 2 * day})},
		{"apology", 3, standard, then(file, accept, assign, move{dossier.Reappoint, dossier.Leader, hour, 2 * day})},
		{"refused", 5, standard, []move{file, {dossier.Refuse, dossier.Officer, hour, 8 * hour}}},
		{"withdrawn", 3, standard, []move{file, accept, assign, {dossier.Withdraw, dossier.Applicant, hour, day},
			{dossier.GrantWithdrawal, dossier.Officer, hour, day}}},
	}
}

// life is one dossier on its way. It is a function of the seed and its number, so a run can be repeated.
type life struct {
	number    int
	rng       *rand.Rand
	way       *way
	done      int // moves made
	planned   bool
	at        time.Time // of the last move, or of the next one once it is planned
	agency    dossier.AgencyID
	applicant string
	id        dossier.ID
	version   int64
	due       time.Time
	code      dossier.Code
}

// newLife begins the life of a dossier filed at a random working moment between from and until.
func (h *house) newLife(number int, from, until time.Time) *life {
	rng := rand.New(rand.NewPCG(h.seed, uint64(number)))
	l := &life{number: number, rng: rng, agency: h.agencies[rng.IntN(len(h.agencies))],
		applicant: fmt.Sprintf("p-%07d", rng.IntN(max(h.people, 1)))}
	pick := rng.IntN(100)
	for i := range h.ways {
		if l.way = &h.ways[i]; pick < l.way.share {
			break
		}
		pick -= l.way.share
	}
	l.at = office(from.Add(time.Duration(rng.Int64N(int64(until.Sub(from)) + 1))))
	return l
}

// office moves a time into office hours of a weekday, keeping its spread.
func office(t time.Time) time.Time {
	t = t.In(vietnam)
	if hour := t.Hour(); hour < 8 || hour >= 17 {
		t = t.Add(time.Duration(8+hour%9-hour) * time.Hour)
	}
	switch t.Weekday() {
	case time.Saturday:
		t = t.AddDate(0, 0, -1)
	case time.Sunday:
		t = t.AddDate(0, 0, 1)
	}
	return t
}

// next plans the next act and says which it is; false when the life is over. Asking twice changes nothing.
func (l *life) next() (move, bool) {
	if l.done == len(l.way.moves) {
		return move{}, false
	}
	m := l.way.moves[l.done]
	if !l.planned && m.max > 0 {
		l.at = later(l.at, office(l.at.Add(m.soon+time.Duration(l.rng.Int64N(int64(m.max-m.soon)+1)))))
	}
	l.planned = true
	return m, true
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// do makes one move at the desk, whose clock has been set to l.at.
func (l *life) do(ctx context.Context, desk *dossier.Desk, h *house, m move) error {
	c, err := l.command(h, m)
	if err != nil {
		return err
	}
	d, err := desk.Do(ctx, c)
	if err != nil {
		return fmt.Errorf("dossier %d (%s), %s: %w", l.number, l.way.name, m.act, err)
	}
	l.done++
	l.planned = false
	l.id, l.version, l.due, l.code = d.ID, d.Version, d.Due, d.Code
	return nil
}

func (l *life) command(h *house, m move) (dossier.Command, error) {
	c := dossier.Command{Key: fmt.Sprintf("load-%d-%d-%d", h.seed, l.number, l.done), Dossier: l.id, Seen: l.version,
		Act: m.act, Actor: l.actor(m.role)}
	paper := func(component string) []dossier.FileRef {
		return []dossier.FileRef{{Component: component, Hash: h.hash(l.number, l.done), Media: "application/pdf",
			Size: 40_000 + int64(l.rng.IntN(900_000)), Name: dossier.NewPersonal("ban-quet.pdf")}}
	}
	var err error
	switch m.act {
	case dossier.File:
		c.Filing, err = l.filing(h, m.role, paper("don"))
	case dossier.RequestSupplement:
		c.Reason = dossier.NewPersonal("Đề nghị bổ sung giấy tờ kèm theo, bản đã nộp bị mờ.")
		c.Components = []string{"giay-to"}
	case dossier.Supplement:
		c.Files = paper("giay-to")
	case dossier.Assign:
		c.Officer = l.officer()
	case dossier.Consult:
		c.Reason, c.Unit = dossier.NewPersonal("Đề nghị cho ý kiến về nguồn gốc giấy tờ."), l.agency.Level1()
		c.Due = dossier.DayOf(l.at.AddDate(0, 0, 3))
	case dossier.AttachResult:
		c.Files = paper("ket-qua")
	case dossier.Refuse, dossier.Opinion, dossier.Withdraw:
		c.Reason = dossier.NewPersonal("Theo đề nghị của người nộp hoặc cơ quan phối hợp.")
	case dossier.Reappoint:
		c.Reason = dossier.NewPersonal("Xin lỗi vì cần thêm thời gian xác minh.")
		c.Due, err = h.newDay(l.due)
	}
	return c, err
}

func (l *life) filing(h *house, role dossier.Role, files []dossier.FileRef) (*dossier.Filing, error) {
	channel := dossier.Online
	if role != dossier.Applicant {
		channel = dossier.Counter
	}
	procedure, err := dossier.ParseProcedureCode(l.way.procedure)
	if err != nil {
		return nil, err
	}
	text := h.names[l.rng.IntN(len(h.names))]
	name, err := identity.ParseName(text)
	if err != nil {
		return nil, err
	}
	form := fmt.Sprintf(`{"born":"19%02d-%02d-%02d","copies":%d,"holder":%q,"purpose":"Bổ sung hồ sơ cá nhân",`+
		`"residence":"Số %d, tổ dân phố %d, %s"}`, 50+l.rng.IntN(50), 1+l.rng.IntN(12), 1+l.rng.IntN(28), 1+l.rng.IntN(5),
		text, 1+l.rng.IntN(300), 1+l.rng.IntN(20), l.agency)
	return &dossier.Filing{Procedure: procedure, Agency: l.agency, Channel: channel, Form: dossier.NewPersonal(form),
		Owner: dossier.Party{Pseudonym: l.applicant, Name: name}, Files: files}, nil
}

func (l *life) officer() string { return fmt.Sprintf("o-%s-%d", l.agency, l.number%officersPerUnit) }

func (l *life) actor(role dossier.Role) dossier.Actor {
	if role == dossier.Applicant {
		return dossier.Actor{ID: l.applicant, Role: role}
	}
	return dossier.Actor{ID: fmt.Sprintf("%s-%s", role, l.agency), Role: role, Unit: l.agency}
}
