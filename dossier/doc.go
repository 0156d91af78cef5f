// Package dossier takes a dossier (hồ sơ thủ tục hành chính) from filing to the returned result, under the law that
// was in force when it was accepted.
//
// The happy path is three calls:
//
//	desk, err := dossier.NewDesk(j, catalogue, dossier.Config{})
//	d, err := desk.Do(ctx, dossier.Command{Key: token, Act: dossier.File, Actor: who, Filing: &filing})
//	d, err = desk.Do(ctx, dossier.Command{Key: other, Dossier: d.ID, Seen: d.Version, Act: dossier.Accept, Actor: officer})
//
// [Desk.Do] is the only way to change a dossier. It asks the dated rules of dossier/rules which acts are open, counts
// due dates with dossier/calendar, judges forms with dossier/form, and writes state, audit, keys and the client's
// command in one append to the journal. [Desk.List] gives work lists by one query a page, [Desk.Get] a dossier with its
// history and the law of every step, [Desk.Options] the buttons for a page. A [Procedure] is a JSON file an integrator
// writes; [Procedure.Draw] shows it.
//
// # What it refuses
//
// An act the rules do not open in that state, to that role or unit; a second request for a supplement; a due date in a
// year without an official calendar; a version that is no longer the newest ([ErrStale]); a command key that was used
// for something else; a form or paper the procedure does not take; a procedure whose guards are missing. A refusal
// writes nothing, and says why in Vietnamese and English, with the provision: *[Refusal], *[InvalidError] and the other
// errors have Code() and Text(lang).
//
// # Personal data
//
// The public half of every fact holds pseudonyms, codes and dates only. What a person entered is in the private half,
// under the applicant's pseudonym, and prints redacted ([Personal], [Party]). Reading a dossier whose private halves
// were erased works; [Dossier.Erased] says so.
//
// # Law and stability
//
// Decree 61/2018/NĐ-CP; Decree 118/2025/NĐ-CP as amended by 309/2026/NĐ-CP; Circular 01/2018/TT-VPCP Art 19 (code);
// Decision 20/2020/QĐ-TTg (agencies); Decision 766/QĐ-TTg (index clock); the national list of ten states. Rows that are
// assumed, not confirmed, say so wherever they are cited. Stable: the types, the fact kinds and bodies, the key names,
// the format "motcua-procedure/1", the error codes.
package dossier
