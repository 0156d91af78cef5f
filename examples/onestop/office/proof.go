package office

import (
	"context"
	"net/http"
	"time"

	"github.com/motcua/motcua/dossier"
	"github.com/motcua/motcua/identity"
	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/journal/audit"
)

// Ledger proves what the office's journal holds to people who do not hold it.
type Ledger interface {
	// Prove returns a bundle that proves the records of streams, up to this moment.
	Prove(ctx context.Context, streams ...journal.Stream) ([]byte, error)
	// Last is the newest checkpoint, and the newest that has a time stamp; zero when there is none.
	Last() (last, stamped audit.Checkpoint)
	// Key is what others verify checkpoints by.
	Key() audit.Key
}

type proofView struct {
	Key     string
	Last    *checkpointView
	Stamped *checkpointView
}

type checkpointView struct {
	Size      int64
	Root      string
	At        time.Time
	Witnesses []string
}

func viewOf(c audit.Checkpoint) *checkpointView {
	if c.IsZero() {
		return nil
	}
	v := &checkpointView{Size: c.Size(), Root: c.Root().String(), At: c.At()}
	for _, w := range c.Witnesses() {
		v.Witnesses = append(v.Witnesses, w.Key.Name())
	}
	return v
}

// proofPage tells everybody what the office has signed for, and how to hold it to that.
func (o *Office) proofPage(w http.ResponseWriter, r *http.Request) {
	last, stamped := o.cfg.Ledger.Last()
	o.show(w, r, http.StatusOK, "proof", "proof.title", proofView{o.cfg.Ledger.Key().String(), viewOf(last), viewOf(stamped)})
}

// checkpoint hands the newest checkpoint out as it was signed (C2SP signed note), for whoever wants to keep it.
func (o *Office) checkpoint(w http.ResponseWriter, r *http.Request) {
	last, _ := o.cfg.Ledger.Last()
	if last.IsZero() {
		o.fail(w, r, http.StatusNotFound, failure("proof.none"))
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write(last.Note())
}

// dossierProof gives a citizen the proof of what the journal holds about his dossier. Others' records are not in it.
func (o *Office) dossierProof(w http.ResponseWriter, r *http.Request, who *identity.Subject) {
	d, err := o.ownDossier(r, who)
	if err != nil {
		o.fail(w, r, statusOf(err), err)
		return
	}
	streams, err := o.streamsOf(r.Context(), d)
	if err != nil {
		o.fail(w, r, http.StatusInternalServerError, err)
		return
	}
	bundle, err := o.cfg.Ledger.Prove(r.Context(), streams...)
	if err != nil {
		o.fail(w, r, http.StatusInternalServerError, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Disposition", `attachment; filename="bang-chung-`+d.ID.String()+`.json"`)
	_, _ = w.Write(bundle)
}

// streamsOf are the streams that tell of a dossier: its own, its papers', its fee's.
func (o *Office) streamsOf(ctx context.Context, d *dossier.Dossier) ([]journal.Stream, error) {
	own, err := d.ID.Stream()
	if err != nil {
		return nil, err
	}
	papers, err := paperStream(d.ID)
	if err != nil {
		return nil, err
	}
	streams := []journal.Stream{own, papers}
	f, err := o.feeOf(ctx, d)
	if err != nil || f.Order == nil {
		return streams, err
	}
	order, err := journal.ParseStream("order/" + f.Order.ID.String())
	return append(streams, order), err
}
