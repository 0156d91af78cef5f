package dossier

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/motcua/motcua/dossier/rules"
)

// Graph is what may happen to a dossier of a procedure under a rule set: states, and the acts that lead from one to
// another.
type Graph struct {
	Procedure ProcedureCode
	Name      Text
	RuleSet   string
	Edges     []Edge // by From, To
}

// Edge is all acts that lead from one state to another; From is 0 for filing.
type Edge struct {
	From, To State
	Acts     []EdgeAct
}

// EdgeAct is one act on an edge, with who may perform it and by which law.
type EdgeAct struct {
	Act Act
	By  []Role
	Law rules.Law
}

// Draw returns the graph of the procedure under a rule set, to be looked at as SVG, DOT or Mermaid.
func (p *Procedure) Draw(set *rules.Set) *Graph {
	g := &Graph{Procedure: p.Code, Name: p.Name, RuleSet: set.ID()}
	for _, row := range set.Transitions() {
		step, provided := p.Step(Act(row.Act))
		if row.Optional && !provided || slices.Contains(row.When, "immediate") && !p.Immediate {
			continue
		}
		act := EdgeAct{Act: Act(row.Act), Law: row.Law}
		for _, role := range row.By {
			if len(step.By) == 0 || slices.Contains(step.By, Role(role)) {
				act.By = append(act.By, Role(role))
			}
		}
		g.add(State(row.From), State(row.To), act)
	}
	g.prune()
	slices.SortFunc(g.Edges, func(a, b Edge) int { return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To)) })
	return g
}

func (g *Graph) add(from, to State, act EdgeAct) {
	for i := range g.Edges {
		if g.Edges[i].From == from && g.Edges[i].To == to {
			g.Edges[i].Acts = append(g.Edges[i].Acts, act)
			return
		}
	}
	g.Edges = append(g.Edges, Edge{from, to, []EdgeAct{act}})
}

// prune drops what no dossier of the procedure can reach.
func (g *Graph) prune() {
	reached := map[State]bool{0: true}
	for grown := true; grown; {
		grown = false
		for _, e := range g.Edges {
			if reached[e.From] && !reached[e.To] {
				reached[e.To], grown = true, true
			}
		}
	}
	g.Edges = slices.DeleteFunc(g.Edges, func(e Edge) bool { return !reached[e.From] })
}

// States returns the states the graph touches, in the order of the national list.
func (g *Graph) States() []State {
	var states []State
	for _, e := range g.Edges {
		for _, s := range []State{e.From, e.To} {
			if s.IsValid() && !slices.Contains(states, s) {
				states = append(states, s)
			}
		}
	}
	slices.Sort(states)
	return states
}

func (a *EdgeAct) roles(lang string) string {
	var names []string
	for _, role := range a.By {
		names = append(names, role.Label(lang))
	}
	return strings.Join(names, ", ")
}

// law is the citation, with a mark when it is assumed and not confirmed.
func (a *EdgeAct) law(lang string) string {
	text := a.Law.String()
	if !a.Law.Provisional {
		return text
	}
	if lang == "en" {
		return text + " (provisional)"
	}
	return text + " (tạm áp dụng)"
}

// DOT writes the graph for Graphviz, labels in "vi" (also for any other tag) or "en".
func (g *Graph) DOT(lang string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "digraph procedure {\n\tlabel=%q;\n\tlabelloc=t;\n\tnode [shape=box, style=rounded];\n",
		g.Procedure.String()+" "+g.Name.In(lang))
	b.WriteString("\ts0 [shape=point];\n")
	for _, s := range g.States() {
		shape := ""
		if !s.Open() {
			shape = ", peripheries=2"
		}
		fmt.Fprintf(&b, "\ts%d [label=%q%s];\n", s, s.String()+" "+s.Label(lang), shape)
	}
	for _, e := range g.Edges {
		for _, a := range e.Acts {
			fmt.Fprintf(&b, "\ts%d -> s%d [label=%q, tooltip=%q];\n", e.From, e.To, a.Act.Label(lang)+"\n"+a.roles(lang),
				a.law(lang))
		}
	}
	b.WriteString("}\n")
	return b.String()
}

// Mermaid writes the graph as a Mermaid state diagram, labels in "vi" (also for any other tag) or "en".
func (g *Graph) Mermaid(lang string) string {
	var b strings.Builder
	b.WriteString("stateDiagram-v2\n")
	for _, s := range g.States() {
		fmt.Fprintf(&b, "\tstate \"%s %s\" as s%d\n", s, s.Label(lang), s)
	}
	for _, e := range g.Edges {
		from := fmt.Sprintf("s%d", e.From)
		if e.From == 0 {
			from = "[*]"
		}
		var names []string
		for _, a := range e.Acts {
			names = append(names, a.Act.Label(lang)+" ("+a.roles(lang)+")")
		}
		fmt.Fprintf(&b, "\t%s --> s%d: %s\n", from, e.To, strings.Join(names, "; "))
	}
	for _, s := range g.States() {
		if !s.Open() {
			fmt.Fprintf(&b, "\ts%d --> [*]\n", s)
		}
	}
	return b.String()
}
