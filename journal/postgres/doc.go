// Package postgres keeps a journal in PostgreSQL: many processes, replicas, partitions, one schema per agency.
//
// The happy path is three calls:
//
//	j, err := postgres.Open(ctx, "host=db dbname=office", postgres.Config{Migrate: true})
//	records, err := j.Append(ctx, stream, after, fact) // durable when it returns
//	err = j.Close()
//
// [New] takes a pool the application already has. A vendor's own tables live in the same database and change in the same
// transaction as the journal:
//
//	tx, err := j.Pool().Begin(ctx)
//	_, err = tx.Exec(ctx, `UPDATE vendor_queue SET …`)
//	_, err = j.WithTx(tx).Append(ctx, stream, after, fact) // last, as it holds up other appends until the commit
//	err = tx.Commit(ctx)
//
// # Order
//
// Positions are given under a lock on one row, the pen, which a transaction holds until it has committed. So they have no
// gaps, they grow in the order of commits, and Tail cannot pass over one that is committed later: there is none. The
// same holds on every replica, since that is also the order of the log it replays. What the lock costs is won back by
// group commit: appends that wait while others are being written share the next transaction, two round trips and one
// flush of the log; each keeps its own verdict.
//
// # Failure
//
// A serialization failure, a deadlock and a lost connection are tried again for Config.Retry. When the connection is lost
// while the commit is on its way, the next one takes the pen, which proves that the old transaction has ended, and looks
// whether the facts are there: they are neither lost nor doubled. Only when no server can be asked in time does the
// caller hear [ErrUnknown]; a Command makes trying again safe.
//
// # What it refuses
//
// A server that may lose what it has acknowledged ([SettingError]), a schema that is newer or older ([SchemaError]) or
// absent ([ErrNotJournal]), an append on a replica ([ErrReadOnly]), waiting longer than Config.Wait for the pen
// ([ErrBusy]), a transaction of another isolation level than READ COMMITTED ([ErrIsolation]). UPDATE, DELETE and
// TRUNCATE of facts are refused by the database itself.
//
// Stable: the exported names, and the tables as far as their names begin with "journal_"; read them as you like, write
// them only through this package. Partitions, replicas, pgbouncer, Citus and YugabyteDB: docs/scale.md.
package postgres
