package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/motcua/motcua/dossier"
	"github.com/motcua/motcua/journal/jetstream"
	"github.com/motcua/motcua/journal/sqlite"
)

// agency is what both wards have: an identity, a journal, a connection to NATS and a relay of what others may hear.
type agency struct {
	*narrator
	name    string
	id      dossier.AgencyID
	source  jetstream.Source
	journal *sqlite.Journal
	conn    *nats.Conn

	working sync.WaitGroup
	failed  chan error
}

// openAgency opens an agency's journal below dir and its stream, and relays facts of the kinds given until ctx ends.
func openAgency(ctx context.Context, n *narrator, dir, id, name, url string, replicas int, kinds ...string,
) (_ *agency, err error) {
	a := &agency{narrator: n, name: name, failed: make(chan error, 4)}
	defer func() {
		if err != nil {
			a.Close()
		}
	}()
	if a.id, err = dossier.ParseAgencyID(id); err != nil {
		return nil, err
	}
	if a.source, err = jetstream.ParseSource(id); err != nil {
		return nil, err
	}
	if a.journal, err = sqlite.Open(ctx, filepath.Join(dir, id+".db"), sqlite.Config{}); err != nil {
		return nil, err
	}
	a.conn, err = nats.Connect(url, nats.Name(id), nats.MaxReconnects(-1), nats.ReconnectWait(100*time.Millisecond))
	if err != nil {
		return nil, err
	}
	if err = jetstream.CreateStream(ctx, a.conn, a.source, jetstream.StreamConfig{Replicas: replicas}); err != nil {
		return nil, err
	}
	relay, err := jetstream.NewRelay(a.journal, a.conn, a.source, kinds,
		jetstream.RelayConfig{Poll: 20 * time.Millisecond, AckWait: 2 * time.Second})
	if err != nil {
		return nil, err
	}
	a.start(ctx, relay.Run)
	return a, nil
}

// listen hands events of another agency to handle until ctx ends or the function it returns is called.
func (a *agency) listen(ctx context.Context, from jetstream.Source, kind string,
	handle func(context.Context, jetstream.Event) error) (*jetstream.Inbox, func(), error) {
	inbox, err := jetstream.NewInbox(a.conn, listenerName(a.id), from, []string{kind},
		jetstream.InboxConfig{AckWait: 5 * time.Second, Retry: a.retry})
	if err != nil {
		return nil, nil, err
	}
	ctx, stop := context.WithCancel(ctx)
	ended := a.start(ctx, func(ctx context.Context) error { return inbox.Run(ctx, handle) })
	return inbox, func() { stop(); <-ended }, nil
}

// start runs background work; what ends it before its context does is the story's failure.
func (a *agency) start(ctx context.Context, work func(context.Context) error) (ended chan struct{}) {
	ended = make(chan struct{})
	a.working.Go(func() {
		defer close(ended)
		if err := work(ctx); ctx.Err() == nil {
			a.failed <- fmt.Errorf("%s: %w", a.id, err)
		}
	})
	return ended
}

// Close waits for the background work, whose context has ended, and closes what the agency has open.
func (a *agency) Close() error {
	a.working.Wait()
	if a.conn != nil {
		a.conn.Close()
	}
	if a.journal == nil {
		return nil
	}
	return a.journal.Close()
}

// await waits for something that comes by events.
func (a *agency) await(ctx context.Context, arrived <-chan struct{}) error {
	timeout := time.NewTimer(time.Minute)
	defer timeout.Stop()
	select {
	case <-arrived:
		return nil
	case err := <-a.failed:
		return err
	case <-ctx.Done():
		return ctx.Err()
	case <-timeout.C:
		return errors.New("nothing arrived within a minute")
	}
}

// arrive says on a channel of one place that something has arrived; once said, it need not be said again.
func arrive(arrived chan struct{}) {
	select {
	case arrived <- struct{}{}:
	default:
	}
}
