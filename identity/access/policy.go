package access

import (
	"bytes"
	_ "embed" // the standard policy
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/motcua/motcua/identity"
)

//go:embed data/standard.json
var standard []byte

// Reach is how far a role's actions go.
type Reach string

// The reaches.
const (
	InUnit Reach = "unit" // in the position's own unit
	Below  Reach = "tree" // in the unit and all units under it
	All    Reach = "all"  // in every unit of the agency
)

// Group is one of the groups of users.
type Group struct {
	Name string `json:"name"` // "citizen", "business", "officer", "leader", "administrator"
	VI   string `json:"vi"`
	EN   string `json:"en"`
	// Kinds of subject belong to the group; officers, leaders and administrators are told apart by their roles.
	Kinds []string `json:"kinds,omitempty"`
	// MinLevel is the lowest level of the electronic account.
	MinLevel identity.Level `json:"minLevel,omitempty"`
	// May are the actions of members on what is their own.
	May []string `json:"may,omitempty"`
}

// Role is what a position is filled as.
type Role struct {
	Name string `json:"name"`
	VI   string `json:"vi"`
	EN   string `json:"en"`
	// Group the holder belongs to.
	Group string   `json:"group"`
	May   []string `json:"may"`
	Reach Reach    `json:"reach"`
	// Lendable actions may be delegated; the others stay with the holder.
	Lendable []string `json:"lendable,omitempty"`
}

// Term is an action with its names.
type Term struct {
	Name string `json:"name"`
	VI   string `json:"vi"`
	EN   string `json:"en"`
}

// Action is an action of one policy. The zero value is none and always denied.
type Action struct{ name string }

// String returns the action's name.
func (a Action) String() string { return a.name }

// Policy says which group and role may do what. It is dated data and safe for concurrent use.
type Policy struct{ file policyFile }

type policyFile struct {
	Format      string  `json:"format"`
	Name        string  `json:"name"`
	Since       string  `json:"since"`
	Source      string  `json:"source"`
	Provisional bool    `json:"provisional,omitempty"`
	Actions     []Term  `json:"actions"`
	Groups      []Group `json:"groups"`
	Roles       []Role  `json:"roles"`
}

const (
	maxFile = 4 << 20
	maxRows = 10_000 // of each kind
)

// Standard returns the built-in policy: the five groups and the roles of a one-stop office. It is provisional; an agency
// puts its own regulations in its place.
func Standard() (*Policy, error) { return ParsePolicy(standard) }

// ParsePolicy reads a policy file. Errors: *InvalidError.
func ParsePolicy(data []byte) (*Policy, error) {
	p := &Policy{}
	if err := decode(data, &p.file); err != nil {
		return nil, err
	}
	if err := p.check(); err != nil {
		return nil, err
	}
	return p, nil
}

// decode reads one JSON value without unknown members and with nothing behind it.
func decode(data []byte, into any) error {
	if len(data) > maxFile {
		return &InvalidError{Field: "file", Rule: "size"}
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return &InvalidError{Field: "file", Rule: "json", Err: err}
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return &InvalidError{Field: "file", Rule: "json"}
	}
	return nil
}

func (p *Policy) check() error {
	f := p.file
	switch {
	case f.Format != "motcua-access/1":
		return &InvalidError{Field: "policy.format", Rule: "unknown"}
	case f.Since == "" || f.Source == "":
		return &InvalidError{Field: "policy.source", Rule: "missing"}
	case len(f.Actions) > maxRows || len(f.Groups) > maxRows || len(f.Roles) > maxRows:
		return &InvalidError{Field: "policy", Rule: "size"}
	}
	var names []string
	for i, term := range f.Actions {
		if term.Name == "" || term.VI == "" || term.EN == "" || slices.Contains(names, term.Name) {
			return &InvalidError{Field: fmt.Sprintf("policy.actions[%d]", i), Rule: "name"}
		}
		names = append(names, term.Name)
	}
	if err := p.checkGroups(); err != nil {
		return err
	}
	return p.checkRoles()
}

func (p *Policy) checkGroups() error {
	var seen, kinds []string
	for i, g := range p.file.Groups {
		field := fmt.Sprintf("policy.groups[%d]", i)
		if g.Name == "" || g.VI == "" || g.EN == "" || slices.Contains(seen, g.Name) {
			return &InvalidError{Field: field, Rule: "name"}
		}
		seen = append(seen, g.Name)
		for _, kind := range g.Kinds {
			if !isKind(kind) || slices.Contains(kinds, kind) {
				return &InvalidError{Field: field + ".kinds", Rule: "unknown"}
			}
			kinds = append(kinds, kind)
		}
		if g.MinLevel < identity.LevelUnknown || g.MinLevel > identity.Level2 {
			return &InvalidError{Field: field + ".minLevel", Rule: "unknown"}
		}
		if !p.declared(g.May) {
			return &InvalidError{Field: field + ".may", Rule: "undeclared"}
		}
	}
	return nil
}

func (p *Policy) checkRoles() error {
	var seen []string
	for i, r := range p.file.Roles {
		field := fmt.Sprintf("policy.roles[%d]", i)
		switch {
		case r.Name == "" || r.VI == "" || r.EN == "" || slices.Contains(seen, r.Name):
			return &InvalidError{Field: field, Rule: "name"}
		case r.Reach != InUnit && r.Reach != Below && r.Reach != All:
			return &InvalidError{Field: field + ".reach", Rule: "unknown"}
		case !p.hasGroup(r.Group):
			return &InvalidError{Field: field + ".group", Rule: "undeclared"}
		case !p.declared(r.May):
			return &InvalidError{Field: field + ".may", Rule: "undeclared"}
		}
		for _, action := range r.Lendable {
			if !slices.Contains(r.May, action) {
				return &InvalidError{Field: field + ".lendable", Rule: "undeclared"}
			}
		}
		seen = append(seen, r.Name)
	}
	return nil
}

func isKind(name string) bool {
	for kind := identity.Citizen; kind <= identity.Officer; kind++ {
		if kind.String() == name {
			return true
		}
	}
	return false
}

func (p *Policy) declared(actions []string) bool {
	for _, action := range actions {
		if !slices.ContainsFunc(p.file.Actions, func(t Term) bool { return t.Name == action }) {
			return false
		}
	}
	return true
}

func (p *Policy) hasGroup(name string) bool {
	return slices.ContainsFunc(p.file.Groups, func(g Group) bool { return g.Name == name })
}

func (p *Policy) role(name string) (Role, bool) {
	for _, r := range p.file.Roles {
		if r.Name == name {
			return r, true
		}
	}
	return Role{}, false
}

// Action returns the action of this name. Ask for all of them when the program starts. Errors: *InvalidError.
func (p *Policy) Action(name string) (Action, error) {
	if !p.declared([]string{name}) {
		return Action{}, &InvalidError{Field: "action", Rule: "undeclared"}
	}
	return Action{name}, nil
}

// Groups returns the groups in the order of the file.
func (p *Policy) Groups() []Group { return slices.Clone(p.file.Groups) }

// Roles returns the roles in the order of the file.
func (p *Policy) Roles() []Role { return slices.Clone(p.file.Roles) }

// Actions returns the actions in the order of the file.
func (p *Policy) Actions() []Term { return slices.Clone(p.file.Actions) }

// Provisional reports whether no regulation of the agency stands behind the policy yet.
func (p *Policy) Provisional() bool { return p.file.Provisional }

// String returns name and date, for a start-up message.
func (p *Policy) String() string { return p.file.Name + " (" + p.file.Since + ")" }
