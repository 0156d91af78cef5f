// Package follow hands every record of a journal to a handler, at least once, and calls a handler for every stream whose
// time has come: what must react follows the journal.
//
// The happy path is three calls:
//
//	f, err := follow.New(j, "notices", handler, follow.Config{})
//	err = f.Run(ctx)            // until ctx ends; start as many as you like, in as many processes
//	page, err := f.Letters(ctx, "", 50)
//
// and for timers: follow.NewTimers(j, "overdue", follow.Due{Name: "dossier.due", Value: "open"}, handler, Config{}).
//
// It is a package beside journal, not a function in it, because it needs nothing but the port: it serves every driver, a
// sealed journal, and a vendor's own, and who only appends does not link it.
//
// # What it promises
//
// At least once: the cursor is written after the handler has returned, so a crash shows some records again. Handlers
// tell a repetition by the record's Position, or use it as the key of a command. In order within a stream: a record is
// handed over after all earlier ones of its stream. Durable: cursor, leases and failures are facts in streams "cursor/…"
// and "parked/…" of the same journal, which no follower is shown. A burst of records costs two facts, idleness none.
//
// # When a handler fails
//
// The stream of the record is parked, all others go on. The record is tried again after a growing time, and what comes
// behind it in its stream waits. After Config.Attempts tries, or at once with [Permanent], it is a dead letter: its
// stream waits until somebody decides, by [Follower.Retry] or [Follower.Skip]. A handler that cannot work for anybody,
// because another system is away, says so with [Later]: then nothing is parked and nothing counted. A handler that takes
// its process with it again and again is found by write-ahead and parked like one that fails. What a handler says of a
// failure is kept as a private half of the record's subject, since it may hold personal data.
//
// # Several workers
//
// Workers of one name share by leases, taken with check-and-set for one batch. With Config.Partitions above one they
// share streams by hash, each stream always in one partition. A worker whose lease was taken over finds its context
// cancelled with [ErrLost]. Leases compare clocks; a clock that is off by more than Config.Lease costs repetitions,
// never a loss.
//
// What it refuses: a name that is no journal key's name; another number of partitions than the name began with.
//
// Stable: the interfaces, the bodies of the facts. No law is behind this package.
package follow
