package access

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/motcua/motcua/identity"
)

// Unit is a part of an agency (đơn vị): the one-stop unit, a division, a department.
type Unit struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Parent string `json:"parent,omitempty"` // empty: directly under the agency
}

// Position is who fills which role in which unit, and when (vị trí việc làm). Until itself is no longer in it.
type Position struct {
	Holder identity.Pseudonym `json:"holder"`
	// Self is the holder's pseudonym as a citizen, when the agency knows it: nobody acts on their own case.
	Self  identity.Pseudonym `json:"self,omitzero"`
	Unit  string             `json:"unit"`
	Role  string             `json:"role"`
	Since time.Time          `json:"since"`
	Until time.Time          `json:"until,omitzero"`
}

// Delegation lends actions of one position to another officer for a time (ủy quyền, phân công). It ends with its giver's
// position, whatever it says itself, and cannot be lent on.
type Delegation struct {
	From identity.Pseudonym `json:"from"`
	To   identity.Pseudonym `json:"to"`
	// Unit and Role are those of the giver's position.
	Unit    string   `json:"unit"`
	Role    string   `json:"role"`
	Actions []string `json:"actions"`
	// Instrument is the document that orders it (số, ký hiệu văn bản).
	Instrument string    `json:"instrument"`
	Since      time.Time `json:"since"`
	Until      time.Time `json:"until"`
}

// Staff is one agency's units, positions and delegations under a policy. It does not change; parse a new one when the
// register does. It is safe for concurrent use.
type Staff struct {
	policy    *Policy
	units     map[string]Unit
	positions map[identity.Pseudonym][]Position
	lent      map[identity.Pseudonym][]Delegation
}

type staffFile struct {
	Format      string       `json:"format"`
	Units       []Unit       `json:"units"`
	Positions   []Position   `json:"positions"`
	Delegations []Delegation `json:"delegations,omitempty"`
}

// ParseStaff reads a staff file. Errors: *InvalidError.
func (p *Policy) ParseStaff(data []byte) (*Staff, error) {
	var file staffFile
	if err := decode(data, &file); err != nil {
		return nil, err
	}
	if file.Format != "motcua-staff/1" {
		return nil, &InvalidError{Field: "staff.format", Rule: "unknown"}
	}
	return p.NewStaff(file.Units, file.Positions, file.Delegations)
}

// NewStaff is ParseStaff for rows that come from a register of the agency's own. Errors: *InvalidError.
func (p *Policy) NewStaff(units []Unit, positions []Position, delegations []Delegation) (*Staff, error) {
	if len(units) > maxRows || len(positions) > 10*maxRows || len(delegations) > maxRows {
		return nil, &InvalidError{Field: "staff", Rule: "size"}
	}
	s := &Staff{
		policy: p, units: map[string]Unit{}, positions: map[identity.Pseudonym][]Position{},
		lent: map[identity.Pseudonym][]Delegation{},
	}
	if err := s.addUnits(units); err != nil {
		return nil, err
	}
	for i, position := range positions {
		field := fmt.Sprintf("staff.positions[%d]", i)
		_, role := p.role(position.Role)
		switch {
		case position.Holder.IsZero():
			return nil, &InvalidError{Field: field + ".holder", Rule: "missing"}
		case !s.hasUnit(position.Unit):
			return nil, &InvalidError{Field: field + ".unit", Rule: "undeclared"}
		case !role:
			return nil, &InvalidError{Field: field + ".role", Rule: "undeclared"}
		case position.Since.IsZero(), !position.Until.IsZero() && !position.Until.After(position.Since):
			return nil, &InvalidError{Field: field + ".since", Rule: "period"}
		}
		s.positions[position.Holder] = append(s.positions[position.Holder], position)
	}
	for i, d := range delegations {
		if err := s.addDelegation(fmt.Sprintf("staff.delegations[%d]", i), d); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (s *Staff) addUnits(units []Unit) error {
	for i, unit := range units {
		if _, twice := s.units[unit.ID]; unit.ID == "" || unit.Name == "" || twice {
			return &InvalidError{Field: fmt.Sprintf("staff.units[%d].id", i), Rule: "name"}
		}
		s.units[unit.ID] = unit
	}
	for i, unit := range units {
		field := fmt.Sprintf("staff.units[%d].parent", i)
		for steps := 0; unit.Parent != ""; steps++ {
			parent, ok := s.units[unit.Parent]
			switch {
			case !ok:
				return &InvalidError{Field: field, Rule: "undeclared"}
			case steps >= maxTree:
				return &InvalidError{Field: field, Rule: "circle"}
			}
			unit = parent
		}
	}
	return nil
}

// maxTree bounds how deep units lie.
const maxTree = 32

func (s *Staff) addDelegation(field string, d Delegation) error {
	role, _ := s.policy.role(d.Role)
	switch {
	case d.From.IsZero() || d.To.IsZero() || d.From == d.To:
		return &InvalidError{Field: field + ".to", Rule: "missing"}
	case d.Instrument == "" || len(d.Instrument) > 200:
		return &InvalidError{Field: field + ".instrument", Rule: "missing"}
	case d.Since.IsZero() || !d.Until.After(d.Since):
		return &InvalidError{Field: field + ".until", Rule: "period"}
	case len(d.Actions) == 0:
		return &InvalidError{Field: field + ".actions", Rule: "missing"}
	}
	for _, action := range d.Actions {
		if !slices.Contains(role.Lendable, action) {
			return &InvalidError{Field: field + ".actions", Rule: "not-lendable"}
		}
	}
	held := slices.ContainsFunc(s.positions[d.From], func(p Position) bool {
		return p.Unit == d.Unit && p.Role == d.Role && (p.Until.IsZero() || p.Until.After(d.Since)) && p.Since.Before(d.Until)
	})
	if !held {
		return &InvalidError{Field: field + ".from", Rule: "not-held"}
	}
	s.lent[d.To] = append(s.lent[d.To], d)
	return nil
}

func (s *Staff) hasUnit(id string) bool { _, ok := s.units[id]; return ok }

// covers says whether something of unit lies in the reach of a role in another unit.
func (s *Staff) covers(reach Reach, own, unit string) bool {
	switch {
	case reach == All, own == unit:
		return true
	case reach != Below:
		return false
	}
	for at := s.units[unit]; at.Parent != ""; at = s.units[at.Parent] {
		if at.Parent == own {
			return true
		}
	}
	return false
}

// Positions returns the positions an officer holds at a time.
func (s *Staff) Positions(holder identity.Pseudonym, at time.Time) []Position {
	var list []Position
	for _, p := range s.positions[holder] {
		if inForce(p.Since, p.Until, at) {
			list = append(list, p)
		}
	}
	return list
}

// MarshalJSON writes the staff as a file for ParseStaff. It holds pseudonyms and names of units only.
func (s *Staff) MarshalJSON() ([]byte, error) {
	file := staffFile{Format: "motcua-staff/1"}
	for _, unit := range s.units {
		file.Units = append(file.Units, unit)
	}
	for _, list := range s.positions {
		file.Positions = append(file.Positions, list...)
	}
	for _, list := range s.lent {
		file.Delegations = append(file.Delegations, list...)
	}
	slices.SortFunc(file.Units, func(a, b Unit) int { return compare(a.ID, b.ID) })
	slices.SortStableFunc(file.Positions, func(a, b Position) int { return compare(a.Holder.String(), b.Holder.String()) })
	slices.SortStableFunc(file.Delegations, func(a, b Delegation) int { return compare(a.To.String(), b.To.String()) })
	return json.Marshal(file)
}

func compare(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func inForce(since, until, at time.Time) bool {
	return !at.Before(since) && (until.IsZero() || at.Before(until))
}
