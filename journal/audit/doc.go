// Package audit makes a journal provable to people who do not hold it: a Merkle tree over its records, checkpoints of
// that tree signed and seen by others, and bundles that prove single records without showing any other.
//
// The happy path is three calls:
//
//	log, err := audit.Open("office.log", j, key, audit.Config{Signer: signer}) // a folder beside the journal
//	checkpoint, err := log.Checkpoint(ctx)                                      // takes in what is new, signs
//	bundle, err := log.Prove(ctx, audit.Selection{Positions: []int64{17}})      // a JSON file for the citizen
//
// and on the other side, with nothing but the log's public key:
//
//	verifier, err := audit.NewVerifier(key, audit.Policy{})
//	proof, err := verifier.Bundle(bundle)
//
// # What is found
//
// A record edited, deleted, inserted or moved, a cut tail, a forked log and a clock that went back: each is a
// *[FindingError] with a rule, a place and a text for people. A hash chain alone finds none of these when somebody who
// can write the store also writes all hashes anew; a checkpoint that lies elsewhere does. So checkpoints go to a
// [Witness], whose file others keep and whose signature may be demanded ([Policy]), and to a time-stamp authority
// ([Authority], RFC 3161).
//
// # What it refuses
//
// A bundle of an unknown log, a checkpoint without the witnesses the policy wants, a new checkpoint that is earlier
// than the one before, a second process on the same folder ([ErrLocked]), input beyond its bounds.
//
// # What it does not prove
//
// That nothing follows the last record shown of a stream: a bundle proves presence and, within a stream, the absence of
// gaps. That a record's contents are true: it proves that they are what was written then.
//
// # Form
//
// The tree is that of RFC 6962, section 2.1. Its leaves are the records in the journal's order, gaps in the positions
// left out; a leaf is the record's hash, which does not cover the position, so that a journal restored or copied to
// another store keeps its checkpoints. Checkpoints are C2SP tlog-checkpoint in C2SP signed notes, with one extension
// line for the time; cosignatures are C2SP tlog-cosignature. Any tool that reads those formats checks ours.
//
// Stable: the exported names, the leaf, the checkpoint's text, the bundle's JSON. Law: no provision asks for a Merkle
// tree. It serves the duty to log data sharing (Decree 278/2025/NĐ-CP, whose full text was not seen) and to keep
// e-transaction data whole (Law 20/2023/QH15); the authority is the time-stamping service of QCVN 138:2025/BKHCN.
package audit
