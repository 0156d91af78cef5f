package access

import (
	"slices"
	"time"

	"github.com/motcua/motcua/identity"
)

// Question is what is asked: may this subject do this, to this thing, now?
type Question struct {
	Subject identity.Subject
	Action  Action
	// Owner is whose thing it is, as pseudonym; zero while there is none yet, as when a dossier is begun.
	Owner identity.Pseudonym
	// Unit is the unit that has the thing in hand. Officers need it.
	Unit string
	// Procedure is the code of the procedure, held against the scope of a representation.
	Procedure string
	At        time.Time
}

// Decision is the answer with its reason.
type Decision struct {
	Allowed bool
	Reason  Reason
	// Group and Role by which it was allowed.
	Group, Role string
	// Delegator lent the action, by Instrument; zero when the subject acts in a position of its own.
	Delegator  identity.Pseudonym
	Instrument string
}

// Err returns nil when the action is allowed and a *DeniedError otherwise.
func (d Decision) Err() error {
	if d.Allowed {
		return nil
	}
	return &DeniedError{d.Reason}
}

// Decide answers a question. What no rule allows is denied; of several reasons to deny, that one is given which came
// closest to allowing.
func (s *Staff) Decide(q Question) Decision {
	if q.Action == (Action{}) || !s.policy.declared([]string{q.Action.name}) {
		return Decision{Reason: ReasonAction}
	}
	if q.Subject.Pseudonym.IsZero() {
		return Decision{Reason: ReasonSignIn}
	}
	if q.Subject.Kind == identity.Officer {
		return s.decideOfficer(q)
	}
	for _, g := range s.policy.file.Groups {
		if slices.Contains(g.Kinds, q.Subject.Kind.String()) {
			return decideMember(g, q)
		}
	}
	return Decision{Reason: ReasonKind}
}

// decideMember judges a citizen or business: the action, the level, and that the thing is theirs or that of somebody
// they represent for this procedure.
func decideMember(g Group, q Question) Decision {
	d := Decision{Group: g.Name}
	switch r := q.Subject.Representation; {
	case !slices.Contains(g.May, q.Action.name):
		d.Reason = ReasonGroup
	case !q.Subject.Assurance.Meets(g.MinLevel):
		d.Reason = ReasonLevel
	case q.Owner.IsZero() && r == nil:
		d.Allowed, d.Reason = true, ReasonGranted
	case r != nil && (q.Owner == r.For || q.Owner.IsZero()):
		d.Reason = ReasonRepresentation
		if r.Covers(q.At, q.Procedure) == nil {
			d.Allowed, d.Reason = true, ReasonRepresents
		}
	case q.Owner == q.Subject.Pseudonym:
		d.Allowed, d.Reason = true, ReasonGranted
	default:
		d.Reason = ReasonNotYours
	}
	return d
}

// decideOfficer judges by positions first, then by what was lent.
func (s *Staff) decideOfficer(q Question) Decision {
	best := Decision{Reason: ReasonNoPosition}
	keep := func(d Decision) {
		if d.Reason.rank() > best.Reason.rank() {
			best = d
		}
	}
	for _, p := range s.positions[q.Subject.Pseudonym] {
		keep(s.byPosition(p, q))
	}
	for _, d := range s.lent[q.Subject.Pseudonym] {
		keep(s.byDelegation(d, q))
	}
	if best.Allowed && s.isOwnCase(q) {
		return Decision{Reason: ReasonOwnCase, Group: best.Group, Role: best.Role}
	}
	return best
}

func (s *Staff) byPosition(p Position, q Question) Decision {
	role, _ := s.policy.role(p.Role)
	group, _ := s.policy.group(role.Group)
	d := Decision{Group: role.Group, Role: role.Name}
	switch {
	case !slices.Contains(role.May, q.Action.name):
		d.Reason = ReasonRole
	case !inForce(p.Since, p.Until, q.At):
		d.Reason = ReasonEnded
	case !s.hasUnit(q.Unit) || !s.covers(role.Reach, p.Unit, q.Unit):
		d.Reason = ReasonUnit
	case !q.Subject.Assurance.Meets(group.MinLevel):
		d.Reason = ReasonLevel
	default:
		d.Allowed, d.Reason = true, ReasonGranted
	}
	return d
}

func (s *Staff) byDelegation(lent Delegation, q Question) Decision {
	giver := slices.IndexFunc(s.positions[lent.From], func(p Position) bool {
		return p.Unit == lent.Unit && p.Role == lent.Role && inForce(p.Since, p.Until, q.At)
	})
	switch {
	case !slices.Contains(lent.Actions, q.Action.name):
		return Decision{Reason: ReasonRole}
	case giver < 0 || !inForce(lent.Since, lent.Until, q.At):
		return Decision{Reason: ReasonDelegationEnded, Role: lent.Role}
	}
	d := s.byPosition(s.positions[lent.From][giver], q)
	d.Delegator, d.Instrument = lent.From, lent.Instrument
	if d.Allowed {
		d.Reason = ReasonDelegated
	}
	return d
}

// isOwnCase says whether the officer is, as a citizen, the owner of the thing.
func (s *Staff) isOwnCase(q Question) bool {
	if q.Owner.IsZero() {
		return false
	}
	own := slices.ContainsFunc(s.positions[q.Subject.Pseudonym], func(p Position) bool { return p.Self == q.Owner })
	return own || q.Owner == q.Subject.Pseudonym
}

// Units returns the units an officer may take this action for, sorted: the filter of a work list.
func (s *Staff) Units(officer identity.Subject, action Action, at time.Time) []string {
	var list []string
	for id := range s.units {
		if s.Decide(Question{Subject: officer, Action: action, Unit: id, At: at}).Allowed {
			list = append(list, id)
		}
	}
	slices.Sort(list)
	return list
}

func (p *Policy) group(name string) (Group, bool) {
	for _, g := range p.file.Groups {
		if g.Name == name {
			return g, true
		}
	}
	return Group{}, false
}
