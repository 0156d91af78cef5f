package payment

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// postTimeout bounds the posting of one callback. It is shorter than any gateway's patience.
const postTimeout = 10 * time.Second

// HandleIPN returns the handler to mount where the gateway calls back. It always answers by the gateway's protocol, with
// the truth about what has been written; errors behind the answer go to Config.Report.
func (t *Till) HandleIPN(gateway Listener) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// A gateway that hangs up must not leave a posting half decided, so its cancellation is not ours.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), postTimeout)
		defer cancel()
		notice, err := gateway.Receive(r)
		outcome := OutcomeMalformed
		switch {
		case errors.Is(err, ErrForged):
			outcome = OutcomeForged
		case err == nil:
			outcome, err = t.Post(ctx, notice)
		}
		if err != nil {
			t.cfg.Report(ctx, fmt.Errorf("payment: callback answered %s: %w", outcome, err))
		}
		gateway.Answer(w, outcome)
	})
}

// ReadReturn reads what the payer's browser has brought back and returns the order as the journal knows it, beside what
// the gateway's signed parameters say. It changes nothing: the order's state is the truth to show, the notice only
// tells whether to say "being confirmed" or "failed" while the callback is on its way.
//
// Errors: [ErrForged], [ErrNotFound], those of the gateway and of the journal.
func (t *Till) ReadReturn(r *http.Request, gateway Returner) (Order, Notice, error) {
	notice, err := gateway.ReadReturn(r)
	if err != nil {
		return Order{}, Notice{}, err
	}
	order, err := t.ByReference(r.Context(), notice.Gateway, notice.Reference)
	return order, notice, err
}
