package office

import "github.com/motcua/motcua/dossier"

// draw returns the state graph of a procedure under the rules in force today, or nothing when there are none.
func (o *Office) draw(lang string, p *dossier.Procedure) []byte {
	set, err := o.rules.At(o.now())
	if err != nil {
		return nil
	}
	return []byte(p.Draw(set).SVG(lang))
}
