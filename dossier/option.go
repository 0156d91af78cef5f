package dossier

import (
	"slices"

	"github.com/motcua/motcua/dossier/rules"
	"github.com/motcua/motcua/internal/vntime"
)

// Option is an act that is open to a role as a dossier stands.
type Option struct {
	Act Act
	To  State
	Law rules.Law
}

// Options lists the acts open to a role, for the buttons of a page, in the order of a dossier's way. It asks the rules
// and the procedure, but neither the guards nor what depends on the command or the clock: Do has the last word. When
// the law the dossier has pinned is not known there are none, and Do says so.
func (k *Desk) Options(d *Dossier, role Role) []Option {
	var options []Option
	for _, act := range Acts() {
		c := &Command{Act: act}
		if act == File {
			continue
		}
		p, set, err := k.lawFor(c, d, vntime.In(k.cfg.Now()))
		if err != nil {
			return nil
		}
		x := &decision{command: c, before: d, procedure: p, set: set}
		if x.findRow() != nil {
			continue
		}
		step, _ := p.Step(act)
		if slices.Contains(x.row.By, string(role)) && (len(step.By) == 0 || slices.Contains(step.By, role)) {
			options = append(options, Option{Act: act, To: State(x.row.To), Law: x.row.Law})
		}
	}
	return options
}
