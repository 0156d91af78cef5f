package dossier

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/motcua/motcua/dossier/calendar"
	"github.com/motcua/motcua/dossier/rules"
	"github.com/motcua/motcua/internal/vntime"
	"github.com/motcua/motcua/journal"
)

// maxFacts bounds one dossier's history.
const maxFacts = 500

// Config is what a Desk may be told. Its zero value works by the official law and calendar.
type Config struct {
	// Now is the clock; default time.Now.
	Now func() time.Time
	// Guards are the conditions that procedures name. A procedure that names one not given here is refused by NewDesk.
	Guards map[string]Guard
	// Calendar counts working days; default calendar.Official. Hours are the office hours; default the calendar's.
	Calendar *calendar.Calendar
	Hours    []calendar.Interval
	// Rules is the law; default rules.Official.
	Rules *rules.Book
	// Secret keys the digests of commands, which outlive an erasure of the personal data in them. Without one they are
	// plain SHA-256. Changing it only makes repetitions of older commands be refused.
	Secret []byte
}

// Desk is the one place where dossiers change. It keeps nothing but what the journal holds, so that any number of desks
// may work on one journal, and it is safe for concurrent use.
type Desk struct {
	journal   journal.Journal
	catalogue *Catalogue
	cfg       Config
}

// NewDesk returns a desk. It refuses rules it does not understand and procedures whose guards are missing.
func NewDesk(j journal.Journal, catalogue *Catalogue, cfg Config) (*Desk, error) {
	if j == nil || catalogue == nil {
		return nil, &InvalidError{Field: "desk", Rule: "a journal and a catalogue"}
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	var err error
	if cfg.Calendar == nil {
		if cfg.Calendar, err = calendar.Official(); err != nil {
			return nil, err
		}
	}
	if cfg.Rules == nil {
		if cfg.Rules, err = rules.Official(); err != nil {
			return nil, err
		}
	}
	if err := checkRules(cfg.Rules); err != nil {
		return nil, err
	}
	for _, p := range catalogue.procedures {
		for _, step := range p.Steps {
			for _, guard := range step.Guards {
				if cfg.Guards[guard] == nil {
					return nil, &InvalidError{Field: "guards." + guard, Rule: "given: procedure " + p.Code.String() + " names it"}
				}
			}
		}
	}
	return &Desk{j, catalogue, cfg}, nil
}

// checkRules refuses a law whose words this program does not know.
func checkRules(book *rules.Book) error {
	for _, set := range book.Sets() {
		for _, row := range set.Transitions() {
			known := Act(row.Act).IsValid()
			for _, role := range row.By {
				known = known && Role(role).IsValid()
			}
			for _, when := range row.When {
				known = known && slices.Contains(conditions(), when)
			}
			if !known {
				return &InvalidError{Field: "rules." + set.ID(), Rule: "acts, roles and conditions this program knows: " + row.Act}
			}
		}
	}
	return nil
}

// Do performs one command: the only way to change a dossier. Checks come in this order: the command's key (a repetition
// returns the result of the first time), the version seen, the law, the procedure, the actor, the act's own conditions,
// the guards. Then one append writes the state, the audit, the keys and the command together.
//
// Errors that somebody at a page should read have Code() and Text(lang): *[Refusal], *[InvalidError], *[StaleError]
// ([ErrStale]), *[NotFoundError] ([ErrNotFound]), *[SerialError], *calendar.UnknownYearError, *rules.UnknownDateError.
func (k *Desk) Do(ctx context.Context, c Command) (*Dossier, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	request, err := c.request(k.cfg.Secret)
	if err != nil {
		return nil, err
	}
	stream, err := c.id().Stream()
	if err != nil {
		return nil, err
	}
	records, err := journal.Load(ctx, k.journal, stream)
	if err != nil {
		return nil, fmt.Errorf("dossier: read: %w", err)
	}
	if first, done, err := obeyed(records, request); done || err != nil {
		return first, err
	}
	d, err := rebuild(records)
	if err != nil {
		return nil, err
	}
	x, err := k.prepare(ctx, &c, d)
	if err != nil {
		return nil, err
	}
	fact, err := x.fact(request)
	if err != nil {
		return nil, err
	}
	return k.append(ctx, stream, d, &c, fact)
}

// prepare decides the command against where the dossier stands.
func (k *Desk) prepare(ctx context.Context, c *Command, d *Dossier) (*decision, error) {
	switch {
	case c.Act != File && d.Version == 0:
		return nil, &NotFoundError{What: "dossier", Key: c.Dossier.String()}
	case c.Seen != d.Version:
		return nil, &StaleError{Dossier: c.id(), Seen: c.Seen, Version: d.Version}
	case d.Version >= maxFacts:
		return nil, &Refusal{Key: "dossier.too-long", Vi: "Hồ sơ đã có quá nhiều bước xử lý.",
			En: "This dossier has too many steps."}
	}
	x := &decision{calendar: k.cfg.Calendar, hours: k.cfg.Hours, command: c, before: d,
		now: vntime.In(k.cfg.Now()).Truncate(time.Microsecond)}
	if x.now.Before(d.At) {
		x.now = d.At // a clock that was set back does not turn the history around
	}
	var err error
	if x.procedure, x.set, err = k.lawFor(c, d, x.now); err != nil {
		return nil, err
	}
	if err := x.decide(); err != nil {
		return nil, err
	}
	if err := k.askGuards(ctx, x); err != nil {
		return nil, err
	}
	if c.Act == Accept {
		x.next.Code, err = issueCode(ctx, k.journal, d.Agency, d.ID, x.now)
	}
	return x, err
}

// lawFor returns the procedure version and the rule set a command is judged by: what is in force when filing, what was
// pinned afterwards. The rule set is pinned on acceptance and tentative until then.
func (k *Desk) lawFor(c *Command, d *Dossier, now time.Time) (*Procedure, *rules.Set, error) {
	var p *Procedure
	var set *rules.Set
	var err error
	if c.Act == File {
		p, err = k.catalogue.At(c.Filing.Procedure, now)
	} else {
		p, err = k.catalogue.Version(d.ProcedureVersion)
	}
	if err != nil {
		return nil, nil, err
	}
	if d.IsAccepted() {
		set, err = k.cfg.Rules.ByID(d.RuleSet)
	} else {
		set, err = k.cfg.Rules.At(now)
	}
	return p, set, err
}

func (k *Desk) askGuards(ctx context.Context, x *decision) error {
	step, _ := x.procedure.Step(x.command.Act)
	for _, name := range step.Guards {
		if err := k.cfg.Guards[name](ctx, x.before, x.command); err != nil {
			var refusal *Refusal
			if errors.As(err, &refusal) {
				return err
			}
			return fmt.Errorf("dossier: guard %s: %w", name, err)
		}
	}
	return nil
}

// append writes the fact and returns the dossier as it then stands.
func (k *Desk) append(ctx context.Context, stream journal.Stream, d *Dossier, c *Command, fact journal.Fact) (*Dossier, error) {
	// What comes back is rebuilt from the fact before it is written, so that nothing is written that cannot be read.
	after := *d
	after.History = slices.Clone(d.History)
	if err := after.fold(&journal.Record{Stream: stream, Seq: d.Version + 1, Fact: fact}); err != nil {
		return nil, err
	}
	records, err := k.journal.Append(ctx, stream, d.Version, fact)
	var conflict *journal.ConflictError
	switch {
	case errors.As(err, &conflict):
		return nil, &StaleError{Dossier: c.id(), Seen: c.Seen, Version: conflict.Head}
	case errors.Is(err, journal.ErrCommandReused):
		return nil, keyReused()
	case err != nil:
		return nil, fmt.Errorf("dossier: append: %w", err)
	}
	if records[0].Seq == d.Version+1 {
		return &after, nil
	}
	// The same command was obeyed somewhere else while this one was being decided: answer with that time's result.
	all, err := journal.Load(ctx, k.journal, stream)
	if err != nil {
		return nil, fmt.Errorf("dossier: read: %w", err)
	}
	return rebuild(all[:records[0].Seq])
}

// obeyed looks for the command among what has been done, and returns the dossier as it stood right after.
func obeyed(records []journal.Record, request journal.Command) (*Dossier, bool, error) {
	for i := range records {
		if records[i].Command.Key != request.Key {
			continue
		}
		if records[i].Command.Sum != request.Sum {
			return nil, false, keyReused()
		}
		d, err := rebuild(records[:i+1])
		return d, true, err
	}
	return nil, false, nil
}

func keyReused() error {
	return &Refusal{Key: "dossier.key-reused", Err: journal.ErrCommandReused,
		Vi: "Biểu mẫu này đã được gửi với nội dung khác. Vui lòng tải lại trang.",
		En: "This form has already been sent with other contents. Please reload the page."}
}

func rebuild(records []journal.Record) (*Dossier, error) {
	d := &Dossier{}
	for i := range records {
		if err := d.fold(&records[i]); err != nil {
			return nil, err
		}
	}
	return d, nil
}
