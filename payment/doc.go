// Package payment is the till of the one-stop office: it opens an order for a fee, sends the payer to a gateway, posts
// what the gateway reports exactly once, and knows what has to be given back.
//
// The happy path is three calls:
//
//	till, err := payment.NewTill(journal, payment.Config{})
//	order, err := till.Open(ctx, payment.Opening{Key: formKey, Actor: officer, Dossier: "H26.1-261121-0001", …})
//	page, err := till.Pay(ctx, order.ID, gateway, payment.Visit{Key: formKey, IP: payerIP})
//
// and one handler, mounted where the gateway calls back: mux.Handle("/vnpay/ipn", till.HandleIPN(gateway)).
//
// # What it refuses
//
// An amount of zero, below zero or beyond [MaxVND]; a second order for the same dossier and purpose while one is open
// or has money ([OpenError]); an act the order's state does not know ([StateError]); a callback whose signature does
// not hold ([ErrForged]): nothing of it is stored. A browser that comes back from the gateway is shown what the journal
// says and never changes it.
//
// # Money is never doubled and never lost
//
// State, posting and evidence of one callback are one append with check-and-set on the order's stream, so that any
// number of equal callbacks at once post one payment. Money that arrives late, a second time or in another amount is
// recorded as held or owed, never dropped: [QueueDecide] and [QueueRefund] list it. A callback that was lost is made
// good by [Till.Query] and [Till.Reconcile], which ask the gateway for its own word. A callback that is genuine but
// names no order of ours is kept in a stream of its own ([Till.Strays]).
//
// # Gateways
//
// A gateway implements [Gateway], and [Listener], [Returner] and [Querier] as far as it can. Each gateway owns its
// answer: VNPAY wants JSON with RspCode, MoMo HTTP 204, ZaloPay return_code, the national portal MaLoi. The suite in
// payment/paymenttest holds any adapter to the promises above.
//
// Stable: [VND], [Order] and its JSON, the transitions, the kinds of the facts. Law: Decree 224/2026/NĐ-CP art. 15
// (online payment for online services with a fee); Circular 89/2026/TT-BTC art. 36 (daily electronic reconciliation,
// đối soát). No law fixes the states of an order; they are this house's own.
package payment
