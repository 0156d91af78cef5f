package office

import "github.com/motcua/motcua/dossier"

// draw returns the state graph of a procedure under the rules of today, or nothing when there are none.
func (o *Office) draw(lang string, p *dossier.Procedure) []byte { _, _ = lang, p; return nil }
