// Package registry is the issuing office's book of codes: which were issued, by whom, where they stand in the status
// list, which have been taken back. One registry keeps one status list, of one agency, kind and year or however the
// agency divides them.
//
//	r, err := registry.Open(ctx, store, issuer, registry.List{Number: 2026, Size: 1 << 20, URI: "https://…"}, registry.Config{})
//	code, err := r.Issue(ctx, officer, qr.Claims{…})         // place, signature and record, or none of them
//	err = r.Revoke(ctx, officer, code.ID(), "lost")          // also Suspend, Resume, Reissue
//	data, err := r.StatusList(ctx)                           // signed, to be published
//
// The book is a stream of facts in a journal that the caller hands in as a [Store]; journal.Journal has that shape. A
// code leaves only when its record is written, and its record has no personal data: number, place, kind, procedure,
// dossier, and the digest of its text, so that a code that verifies but is in no book shows a key that is in the wrong
// hands ([Registry.Lookup]). Several processes may keep one registry: each act is check-and-set on the stream.
//
// # Places and decoys
//
// Places are drawn at random, so that neighbours in the list are strangers and a place does not tell the time of issue.
// With each revocation a random number of places that were never issued is revoked too; they stay so. Whoever compares
// two lists does not learn how many people it was. A list is full at seven eighths, that places stay random.
//
// # Rates
//
// A stolen password issues true codes. [Limit] counts issues in a window, over all or by actor; what goes over it is
// written into the book and told to Config.Alarm, and with Refuse not issued.
//
// It refuses: a second code with an identifier that is in the book, a revoked code's return, a list that another agency
// or another size has opened. Stable: the calls above, the kinds and bodies of the facts.
package registry
