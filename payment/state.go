package payment

import (
	"slices"
	"time"

	"github.com/motcua/motcua/internal/vntime"
)

// State is where an order stands (trạng thái thanh toán).
type State string

// The states of an order.
const (
	Opened     State = "opened"     // nobody has been sent to a gateway yet
	Pending    State = "pending"    // the payer is, or was last seen, at a gateway
	Paid       State = "paid"       // the right amount came in time, or was applied by an officer
	PaidLate   State = "paid-late"  // the right amount came to an order that was closed: apply it or give it back
	Failed     State = "failed"     // the gateway reported a failure; the payer may try again
	Expired    State = "expired"    // closed by time
	Cancelled  State = "cancelled"  // closed by somebody
	Conflicted State = "conflicted" // money came in another amount than asked for: give it back
	RefundDue  State = "refund-due" // the order's money is owed to the payer
	Refunded   State = "refunded"   // all of it has been given back
)

// Event is what can happen to an order.
type Event string

// The events of an order.
const (
	OnAttempt  Event = "attempt"  // the payer is sent to a gateway
	OnSuccess  Event = "success"  // the right amount, the first time
	OnSecond   Event = "second"   // the right amount once more, under another transaction number
	OnMismatch Event = "mismatch" // money in another amount
	OnFailure  Event = "failure"  // the gateway's last open attempt failed
	OnKeep     Event = "keep"     // a report that is kept as evidence and changes nothing
	OnExpiry   Event = "expiry"   // the time to pay has run out
	OnCancel   Event = "cancel"   // the order is withdrawn before money came
	OnApply    Event = "apply"    // an officer applies late money
	OnRefund   Event = "refund"   // an officer decides that the money goes back
	OnRefunded Event = "refunded" // the last owed payment has been given back
)

// Transition is one row of the state graph: an event that is not listed for a state is refused.
type Transition struct {
	From State  `json:"from"`
	On   Event  `json:"on"`
	To   State  `json:"to"`
	Why  string `json:"why"`
}

// Graph is a set of transitions and the day from which it holds.
type Graph struct {
	Since time.Time // set by this package, not by a law
	Rows  []Transition
}

// CurrentGraph returns the state graph that the till follows. Changing the copy changes nothing.
func CurrentGraph() Graph {
	return Graph{Since: vntime.Date(2026, time.July, 1), Rows: slices.Clone(rows[:])}
}

// Next returns the state after an event, and false if the state does not know the event.
func (s State) Next(on Event) (State, bool) {
	if on == OnKeep && slices.Contains(states[:], s) {
		return s, true
	}
	for i := range rows {
		if rows[i].From == s && rows[i].On == on {
			return rows[i].To, true
		}
	}
	return "", false
}

// Live reports whether the order still waits for money: it can be paid, cancelled or run out of time.
func (s State) Live() bool { return s == Opened || s == Pending || s == Failed }

// Text names the state to a citizen or officer, in "vi" or "en".
func (s State) Text(lang string) string {
	i := slices.Index(states[:], s)
	if i < 0 {
		return string(s)
	}
	if lang == "en" {
		return english[i]
	}
	return vietnamese[i]
}

var states = [...]State{Opened, Pending, Paid, PaidLate, Failed, Expired, Cancelled, Conflicted, RefundDue, Refunded}

var vietnamese = [len(states)]string{"Chưa thanh toán", "Đang chờ kết quả thanh toán", "Đã thanh toán",
	"Đã nhận tiền sau hạn, đang chờ xử lý", "Thanh toán không thành công", "Đã hết hạn thanh toán", "Đã hủy",
	"Số tiền không khớp, đang chờ hoàn trả", "Đang chờ hoàn tiền", "Đã hoàn tiền"}

var english = [len(states)]string{"Not paid yet", "Waiting for the payment's result", "Paid",
	"Money received after the time limit, being looked at", "Payment failed", "Payment time has run out", "Cancelled",
	"The amount does not match, to be given back", "Refund on its way", "Refunded"}

// rows is never written to. A row that leads to its own state records money or evidence and moves nothing.
var rows = [...]Transition{
	{Opened, OnAttempt, Pending, "the payer goes to a gateway"},
	{Opened, OnSuccess, Paid, "paid at the counter"},
	{Opened, OnMismatch, Conflicted, "another amount than asked for"},
	{Opened, OnExpiry, Expired, "time to pay has run out"},
	{Opened, OnCancel, Cancelled, "withdrawn before money came"},

	{Pending, OnAttempt, Pending, "the payer begins anew"},
	{Pending, OnSuccess, Paid, "the right amount in time"},
	{Pending, OnMismatch, Conflicted, "another amount than asked for"},
	{Pending, OnFailure, Failed, "no attempt is left open"},
	{Pending, OnExpiry, Expired, "time to pay has run out"},
	{Pending, OnCancel, Cancelled, "withdrawn before money came"},

	{Failed, OnAttempt, Pending, "the payer tries again"},
	{Failed, OnSuccess, Paid, "success reported after failure: money has moved"},
	{Failed, OnMismatch, Conflicted, "another amount than asked for"},
	{Failed, OnExpiry, Expired, "time to pay has run out"},
	{Failed, OnCancel, Cancelled, "withdrawn before money came"},

	{Expired, OnSuccess, PaidLate, "money came to a closed order"},
	{Expired, OnMismatch, Conflicted, "another amount than asked for"},
	{Cancelled, OnSuccess, PaidLate, "money came to a closed order"},
	{Cancelled, OnMismatch, Conflicted, "another amount than asked for"},

	{Paid, OnSecond, Paid, "the first payment stands, the second goes back"},
	{Paid, OnMismatch, Paid, "the first payment stands, the other goes back"},
	{Paid, OnRefund, RefundDue, "the office gives the fee back"},

	{PaidLate, OnApply, Paid, "the late payment counts"},
	{PaidLate, OnSecond, PaidLate, "the first payment is held, the second goes back"},
	{PaidLate, OnMismatch, PaidLate, "the first payment is held, the other goes back"},
	{PaidLate, OnRefund, RefundDue, "the late payment goes back"},

	{Conflicted, OnSuccess, PaidLate, "the right amount after a wrong one: an officer looks at both"},
	{Conflicted, OnMismatch, Conflicted, "one more wrong amount"},
	{Conflicted, OnRefund, RefundDue, "the wrong amount goes back"},

	{RefundDue, OnSuccess, RefundDue, "money came while money goes back"},
	{RefundDue, OnSecond, RefundDue, "money came while money goes back"},
	{RefundDue, OnMismatch, RefundDue, "money came while money goes back"},
	{RefundDue, OnRefunded, Refunded, "all owed money is back"},

	{Refunded, OnSuccess, RefundDue, "money came after the refund"},
	{Refunded, OnSecond, RefundDue, "money came after the refund"},
	{Refunded, OnMismatch, RefundDue, "money came after the refund"},
}
