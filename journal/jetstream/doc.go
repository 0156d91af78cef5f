// Package jetstream carries the public half of a journal's facts from one agency to others over NATS JetStream, as
// CloudEvents 1.0: each fact once, in the journal's order, without a second commit and without loss.
//
// The happy path is three calls, the first two at the agency that speaks, the third at each that listens:
//
//	err := jetstream.CreateStream(ctx, conn, source, jetstream.StreamConfig{})
//	err = relay.Run(ctx)         // a Relay of NewRelay(j, conn, source, []string{"dossier.*"}, RelayConfig{})
//	err = inbox.Run(ctx, handle) // an Inbox of NewInbox(conn, "tax-office", source, kinds, InboxConfig{})
//
// # What leaves, and what never does
//
// An event holds the fact's kind, stream, number, time and Body. The private half, the subject, the actor, the keys and
// the command stay at home, and so does the hash, because it covers the private half's digest and a short secret could
// be guessed from it. Only the kinds a [Relay] was told leave; there is no default.
//
// # One stream a journal, and no cursor
//
// A journal (its [Source] is the agency's code) has a stream to itself. Where the relay stands is the last event in
// that stream, not a mark kept somewhere else, so that the two cannot disagree: nothing is lost or sent twice when the
// relay dies between sending and marking, and what a cluster loses to a power cut the relay sends again. Every event is
// sent on the condition that the one before it is the last of the stream (Nats-Expected-Last-Sequence), beside the usual
// Nats-Msg-Id. So the stream is a prefix of what is to leave at all times, whatever leaders change and however many relays
// run, and not only for the two minutes JetStream remembers identifiers. A replicated stream takes events in atomic batches
// (NATS server 2.12, ADR-50) where it may: the servers agree once on a batch, whose first event carries the condition, and
// store all of it or nothing. A relay whose journal is not the one that
// wrote the stream, such as one restored from an old backup, stops with [ErrForked].
//
// # Order and doubles
//
// An [Inbox] is a durable consumer that has one event out at a time, so that an event that fails holds back those
// behind it: the order of every dossier stands. Its handler gets an event again when an acknowledgement was lost, and
// must be idempotent; [Event.Command] makes an append to the listener's own journal so. [Inbox.Replay] reads from any
// position without touching what the durable consumer knows.
//
// # Durability
//
// The stream is replicated three times unless told otherwise and refuses what does not fit instead of dropping what is
// old; the journal is the buffer. JetStream answers before it has forced a message to disk, so set sync_interval:
// always at the servers if all may lose power together; the relay repairs such a loss as long as the journal stands.
//
// What it refuses: sources and kinds that are not well formed, streams with settings that lose events, events that are
// not exactly what their subject says. Law: data sharing between agencies, Decree 278/2025/NĐ-CP.
//
// Stable: the exported names, the subjects ("motcua.H26_35_12.dossier.accepted"), the attributes of an event.
package jetstream
