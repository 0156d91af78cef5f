package payment_test

import (
	"strings"
	"testing"

	"github.com/motcua/motcua/payment"
)

// matrix is the whole graph, state by event, written down apart from the code: "-" is refused.
const matrix = `
            attempt success   second     mismatch   failure expiry  cancel    apply refund     refunded
opened      pending paid      -          conflicted -       expired cancelled -     -          -
pending     pending paid      -          conflicted failed  expired cancelled -     -          -
failed      pending paid      -          conflicted -       expired cancelled -     -          -
expired     -       paid-late -          conflicted -       -       -         -     -          -
cancelled   -       paid-late -          conflicted -       -       -         -     -          -
paid        -       -         paid       paid       -       -       -         -     refund-due -
paid-late   -       -         paid-late  paid-late  -       -       -         paid  refund-due -
conflicted  -       paid-late -          conflicted -       -       -         -     refund-due -
refund-due  -       refund-due refund-due refund-due -      -       -         -     -          refunded
refunded    -       refund-due refund-due refund-due -      -       -         -     -          -
`

func TestStateTimesEvent(t *testing.T) {
	lines := strings.Split(strings.TrimSpace(matrix), "\n")
	events := strings.Fields(lines[0])
	rows := 0
	for _, line := range lines[1:] {
		cells := strings.Fields(line)
		state := payment.State(cells[0])
		for i, want := range cells[1:] {
			got, ok := state.Next(payment.Event(events[i]))
			if ok != (want != "-") || ok && got != payment.State(want) {
				t.Errorf("%s on %s = %q, %v; want %s", state, events[i], got, ok, want)
			}
			if ok {
				rows++
			}
		}
		if got, ok := state.Next(payment.OnKeep); !ok || got != state {
			t.Errorf("%s does not keep evidence", state)
		}
	}
	graph := payment.CurrentGraph()
	if len(graph.Rows) != rows || graph.Since.IsZero() {
		t.Errorf("graph has %d rows since %s, want %d", len(graph.Rows), graph.Since, rows)
	}
	for _, on := range []payment.Event{payment.OnKeep, payment.OnSuccess, "nonsense", ""} {
		if got, ok := payment.State("nonsense").Next(on); ok {
			t.Errorf("an unknown state moved to %s", got)
		}
	}
}

// Money that has been received never leaves the books: from a state with money no row leads to one without.
func TestMoneyIsNeverForgotten(t *testing.T) {
	without := map[payment.State]bool{payment.Opened: true, payment.Pending: true, payment.Failed: true,
		payment.Expired: true, payment.Cancelled: true}
	graph := payment.CurrentGraph()
	for _, row := range graph.Rows {
		if !without[row.From] && without[row.To] {
			t.Errorf("%s on %s leads to %s", row.From, row.On, row.To)
		}
		if row.Why == "" {
			t.Errorf("%s on %s has no reason", row.From, row.On)
		}
	}
	graph.Rows[0].To = payment.Refunded
	if payment.CurrentGraph().Rows[0].To == payment.Refunded {
		t.Error("the graph can be changed from outside")
	}
}

func TestStateText(t *testing.T) {
	seen := make(map[string]bool)
	for _, row := range payment.CurrentGraph().Rows {
		for _, lang := range []string{"vi", "en"} {
			text := row.To.Text(lang)
			if text == "" || text == string(row.To) {
				t.Errorf("%s has no text in %s", row.To, lang)
			}
			seen[text] = true
		}
	}
	if len(seen) != 18 { // nine states are reached by an event, in two languages
		t.Errorf("texts = %d, want 18 different ones", len(seen))
	}
	if payment.Paid.Text("fr") != "Đã thanh toán" {
		t.Error("another language does not fall back to Vietnamese")
	}
}
