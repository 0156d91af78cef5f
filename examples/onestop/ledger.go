package main

import (
	"context"
	"crypto/x509"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/journal/audit"
	"github.com/motcua/motcua/journal/sqlite"
)

// checkpointEvery is after how many facts the office signs a checkpoint without being asked.
const checkpointEvery = 64

// ledger makes the office's journal provable: a Merkle log beside it, checkpoints of the log signed every so many facts
// and at the end of the day, each shown to a witness and to a time-stamp authority.
type ledger struct {
	key     audit.Key
	log     *audit.Log
	witness *audit.Witness
	stamper audit.Stamper
	now     func() time.Time
	say     *slog.Logger

	mu      sync.Mutex // one checkpoint at a time
	mute    time.Time  // until then an authority that was down is left alone
	written atomic.Int64
	wake    chan struct{}
	stop    context.CancelFunc
	ended   chan struct{}
}

// counted is the office's journal, with the ledger listening how much is written.
type counted struct {
	*sqlite.Journal
	wrote func(int)
}

// Append tells the ledger what was written.
func (c counted) Append(ctx context.Context, stream journal.Stream, after int64, facts ...journal.Fact) ([]journal.Record, error) {
	records, err := c.Journal.Append(ctx, stream, after, facts...)
	if err == nil {
		c.wrote(len(records))
	}
	return records, err
}

// ledgerConfig is what a ledger stands on.
type ledgerConfig struct {
	Dir         string
	Log         string // the log's secret
	Witness     string // the witness's
	Kept        string // the file the witness keeps
	Authorities []*x509.Certificate
	Stamper     audit.Stamper
	Now         func() time.Time
	Say         *slog.Logger
}

// openLedger opens the log and the witness's file, and starts one goroutine, which ends with Close.
func openLedger(source audit.Source, cfg ledgerConfig) (*ledger, error) {
	signer, err := audit.ParseSigner(cfg.Log)
	if err != nil {
		return nil, err
	}
	seer, err := audit.ParseSigner(cfg.Witness)
	if err != nil {
		return nil, err
	}
	verifier, err := audit.NewVerifier(signer.Key(), audit.Policy{Witnesses: []audit.Key{seer.WitnessKey()}, Authorities: cfg.Authorities})
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return nil, err
	}
	l := &ledger{key: signer.Key(), stamper: cfg.Stamper, now: cfg.Now, say: cfg.Say, wake: make(chan struct{}, 1), ended: make(chan struct{})}
	if l.say == nil {
		l.say = slog.New(slog.DiscardHandler)
	}
	l.log, err = audit.Open(filepath.Join(cfg.Dir, "log"), source, signer.Key(),
		audit.Config{Signer: signer, Witnesses: []audit.Key{seer.WitnessKey()}, Now: cfg.Now})
	if err != nil {
		return nil, err
	}
	if l.witness, err = audit.OpenWitness(cfg.Kept, verifier, seer); err != nil {
		return nil, errors.Join(err, l.log.Close())
	}
	ctx, stop := context.WithCancel(context.Background())
	l.stop = stop
	go l.run(ctx)
	return l, nil
}

// wrote hears that facts were written. It never waits.
func (l *ledger) wrote(n int) {
	if l.written.Add(int64(n)) >= checkpointEvery {
		select {
		case l.wake <- struct{}{}:
		default:
		}
	}
}

func (l *ledger) run(ctx context.Context) {
	defer close(l.ended)
	for {
		select {
		case <-ctx.Done():
			return
		case <-l.wake:
		}
		if _, err := l.Checkpoint(ctx); err != nil && ctx.Err() == nil {
			l.say.Error("no checkpoint", "error", err) // the next one covers what this one would have
		}
	}
}

// Checkpoint signs for everything written so far, and shows it to the witness and to the time-stamp authority. Those may
// fail: a checkpoint stands without a time stamp, and a later one makes up for what the witness has not seen.
func (l *ledger) Checkpoint(ctx context.Context) (audit.Checkpoint, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.written.Store(0)
	c, err := l.log.Checkpoint(ctx)
	if err != nil {
		return c, err
	}
	if c.Size() == 0 {
		return c, nil
	}
	if err := l.show(c); err != nil {
		l.say.Error("the witness does not cosign", "error", err)
	}
	l.stamp(ctx)
	return l.log.Last(), nil
}

// stampAgain is how long a time-stamp authority that was down is left alone, so that not everybody who asks for a proof
// waits for it.
const stampAgain = time.Minute

func (l *ledger) stamp(ctx context.Context) {
	if l.now().Before(l.mute) {
		return
	}
	if _, err := l.log.Stamp(ctx, l.stamper); err != nil {
		l.mute = l.now().Add(stampAgain)
		l.say.Warn("no time stamp for the checkpoint", "error", err)
	}
}

func (l *ledger) show(c audit.Checkpoint) error {
	if seen := l.witness.Last(); seen.Size() == c.Size() && len(c.Witnesses()) > 0 {
		return nil
	}
	proof, err := l.log.Consistency(l.witness.Last().Size(), c.Size())
	if err != nil {
		return err
	}
	cosigned, err := l.witness.See(c.Note(), proof, l.now())
	if err != nil {
		return err
	}
	_, err = l.log.Keep(cosigned)
	return err
}

// Prove returns the bundle that proves the records of these streams, up to this moment.
func (l *ledger) Prove(ctx context.Context, streams ...journal.Stream) ([]byte, error) {
	if _, err := l.Checkpoint(ctx); err != nil {
		return nil, err
	}
	return l.log.Prove(ctx, audit.Selection{Streams: streams})
}

// Last is the newest checkpoint, Stamped the newest that has a time stamp.
func (l *ledger) Last() (last, stamped audit.Checkpoint) { return l.log.Last(), l.log.Stamped() }

// Key is what others verify the checkpoints by.
func (l *ledger) Key() audit.Key { return l.key }

// Close signs for the rest of the day and lets go of the files.
func (l *ledger) Close() error {
	l.stop()
	<-l.ended
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	_, err := l.Checkpoint(ctx)
	return errors.Join(err, l.witness.Close(), l.log.Close())
}
