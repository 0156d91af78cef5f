// Package journal is the sổ theo dõi of the one-stop office: an append-only, hash-linked journal with check-and-set,
// the one storage port of the house. State, audit trail, idempotency and outbox of a command are one commit, because
// they are one append.
//
// The happy path is three calls:
//
//	records, err := j.Append(ctx, stream, after, fact)   // only if the stream still ends at after
//	for record, err := range j.Read(ctx, stream, 0) { … } // one stream, oldest first
//	page, err := j.Find(ctx, journal.Query{Name: "unit", Value: "H26.1", Limit: 50}) // a work list, one query
//
// A fact is never changed and never removed. What it refuses: a fact without kind, actor or time; a body that is not
// canonical JSON; an append behind a stream's head ([ErrConflict]); the same command key with another request
// ([ErrCommandReused]); anything over the bounds in limits.go.
//
// # Two halves of a fact
//
// Body is the half that everybody who may read the journal reads: states, codes, dates, amounts. It never holds
// personal data. Private is the half that may, and belongs to one Subject, so that it can be sealed under that
// subject's key and erased with it (Law 91/2025/QH15 on personal data); the chain covers only its digest and stays
// whole.
//
// # Drivers
//
// Over any driver, journal/seal encrypts the private halves and can erase them, journal/follow hands records on to whoever
// must react, and journal/audit proves what was written.
//
// [Memory] serves tests and demonstrations. journal/sqlite is the embedded default. A driver of your own calls [Link]
// inside its transaction, and passes journaltest.Run. [Copy] moves a journal from one driver to another.
//
// Stable: the interface, [Fact], [Record], the hash of a record. Law: sổ theo dõi hồ sơ, form 07 of Circular
// 03/2025/TT-VPCP; duty to log data sharing, Decree 278/2025/NĐ-CP.
package journal
