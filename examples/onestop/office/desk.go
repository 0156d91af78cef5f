package office

import (
	"context"

	"github.com/motcua/motcua/dossier"
	"github.com/motcua/motcua/dossier/calendar"
	"github.com/motcua/motcua/dossier/rules"
)

// openDesk loads the procedures and supplies the guards they name. This is where packages meet that know nothing of each
// other: the fee is payment's, the signature is signature's, the refusal is dossier's.
func (o *Office) openDesk(context.Context) error {
	var err error
	if o.catalog, err = dossier.LoadCatalogue(o.cfg.Procedures); err != nil {
		return err
	}
	if o.rules, err = rules.Official(); err != nil {
		return err
	}
	if o.calendar, err = calendar.Official(); err != nil {
		return err
	}
	o.desk, err = dossier.NewDesk(o.journal, o.catalog, dossier.Config{Now: o.now, Rules: o.rules, Calendar: o.calendar,
		Secret: o.cfg.CommandSecret, Guards: map[string]dossier.Guard{"fee-paid": o.feeGuard, "result-signed": o.signedGuard, "papers-signed": o.papersGuard}})
	return err
}
