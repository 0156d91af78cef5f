package payment_test

import (
	"context"
	"path/filepath"
	"sync"
	"testing"

	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/journal/sqlite"
	"github.com/motcua/motcua/payment"
)

// The same promises on a disk: 32 equal notices from two tills on one file post once, and a till that opens the file
// anew says the same.
func TestPostOnSQLite(t *testing.T) {
	f := newFixture(t)
	path := filepath.Join(t.TempDir(), "journal.db")
	j, err := sqlite.Open(t.Context(), path, sqlite.Config{})
	if err != nil {
		t.Fatal(err)
	}
	tills := [2]*payment.Till{}
	for i := range tills {
		if tills[i], err = payment.NewTill(j, payment.Config{Now: f.now}); err != nil {
			t.Fatal(err)
		}
	}
	f.till = tills[0]
	order := f.pay(f.open("k1"), "")
	postTogether(t, tills, success(order, "1"))
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if j, err = sqlite.Open(t.Context(), path, sqlite.Config{}); err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	if f.till, err = payment.NewTill(j, payment.Config{Now: f.now}); err != nil {
		t.Fatal(err)
	}
	if got := f.post(success(order, "1")); got != payment.OutcomeDuplicate {
		t.Errorf("after opening anew: %s", got)
	}
	if order = f.get(order); order.State != payment.Paid || len(order.Payments) != 1 {
		t.Errorf("order = %+v", order)
	}
	if _, err := journal.Verify(t.Context(), j); err != nil {
		t.Error(err)
	}
}

// postTogether posts one notice 32 times at once: one is the posting, the rest are repetitions.
func postTogether(t *testing.T, tills [2]*payment.Till, notice payment.Notice) {
	t.Helper()
	var group sync.WaitGroup
	outcomes := make([]payment.Outcome, 32)
	for i := range outcomes {
		group.Go(func() {
			outcome, err := tills[i%2].Post(context.WithoutCancel(t.Context()), notice)
			if err != nil {
				t.Error(err)
			}
			outcomes[i] = outcome
		})
	}
	group.Wait()
	posted := 0
	for _, outcome := range outcomes {
		if outcome == payment.OutcomePosted {
			posted++
		} else if outcome != payment.OutcomeDuplicate {
			t.Errorf("outcome = %s", outcome)
		}
	}
	if posted != 1 {
		t.Errorf("posted %d times", posted)
	}
}
