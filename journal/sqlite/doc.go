// Package sqlite keeps a journal in one SQLite file: the embedded default, pure Go, nothing to install.
//
// The happy path is three calls:
//
//	j, err := sqlite.Open(ctx, "office.db", sqlite.Config{})
//	records, err := j.Append(ctx, stream, after, fact) // durable when it returns
//	err = j.Close()
//
// A vendor's own tables live in the same file and change in the same transaction as the journal:
//
//	tx, err := j.DB().BeginTx(ctx, nil)
//	_, err = tx.ExecContext(ctx, `UPDATE vendor_queue SET …`)
//	_, err = j.WithTx(tx).Append(ctx, stream, after, fact)
//	err = tx.Commit()
//
// # Durability and speed
//
// WAL with synchronous=FULL: what was acknowledged survives kill -9 and, on a disk that keeps its word, loss of power.
// Appends that arrive while another is being written share the next transaction and its one fsync; each keeps its own
// verdict, and none is acknowledged before the commit. Readers never wait for the writer.
//
// [Journal.Backup] copies the journal while it is being written; the copy is a journal.
//
// # What it refuses
//
// A file with a newer schema ([SchemaError]), a read-only open of a file without a journal ([ErrNotJournal]), an append
// to a read-only journal ([ErrReadOnly]) or on a full disk ([ErrFull]), waiting longer than Config.Wait for the writer ([ErrBusy]). UPDATE and DELETE
// of facts are refused by the file itself. A damaged file yields a *journal.BrokenError, with the position where there
// is one.
//
// Stable: the exported names, and the tables as far as their names begin with "journal_"; read them as you like, write
// them only through this package.
package sqlite
