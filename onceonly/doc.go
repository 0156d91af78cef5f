// Package onceonly fetches from the State's registers what the State already holds, so that nobody is asked for it
// again, and keeps a trace of every look that the person looked at can read.
//
// The happy path is three calls:
//
//	broker, err := onceonly.NewBroker(j, onceonly.Config{Allowances: rows}, population)
//	answer, err := broker.Lookup(ctx, request)  // data, each field with its own outcome and origin
//	page, err := broker.Usage(ctx, citizen, subject.Pseudonym, onceonly.Window{}) // who looked, when, why
//
// # What it refuses
//
// Before anything leaves: a lookup without purpose or legal basis; a field the procedure may not have; a sensitive
// field the purpose does not name; a register nobody configured; a citizen who looks up somebody else without consent;
// a command key used before. There is no way to ask for everything.
//
// # What it promises
//
// The intent is durable in the journal before the request leaves, the outcome before data is handed out. A crash
// between them leaves an open intent that [Broker.Open] shows. The journal has names of fields, never values, and the
// person only as a pseudonym.
//
// Outcomes are disjoint ([Kind]): a register that is down is never a person who is not in it. Only an outage, a timeout
// or a hole in the register lets the office ask for paper, and [Answer.AskPaper] says so with its reason. Registers
// are asked side by side; each field stands alone, with its [Provenance].
//
// # Sources
//
// onceonly/c06 asks the national population register. A source of your own implements [Source]; onceonly/auth has the
// ways registers want to be logged in to; onceonlytest is a register to test against.
//
// Law: Resolution 66.7/2025/NQ-CP (no paper for what a register holds), Law 148/2025/QH15 (data is given once), Decree
// 194/2025/NĐ-CP and Decree 278/2025/NĐ-CP (sharing and its monitoring), Law 91/2025/QH15 and Decree 356/2025/NĐ-CP
// (purpose, basis, sensitive data). Most are known from reports; what follows from them is data ([Allowance],
// [Paper.Provisional]).
//
// Stable: the types of this package, the names of fields, the bodies of the journal's facts ([Use]).
package onceonly
