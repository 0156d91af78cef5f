package jetstream_test

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/journal/jetstream"
	"github.com/motcua/motcua/journal/jetstream/jetstreamtest"
)

// Example has a ward tell the tax office of a dossier, which writes what it heard into its own journal, once.
func Example() {
	if err := tell(); err != nil {
		fmt.Println(err)
	}
	// Output:
	// H26.35.12:1 dossier/7f3a9c dossier.accepted {"due":"2026-11-24"}
	// H26.35.12:3 dossier/7f3a9c dossier.consulted {"unit":"H26.5"}
	// kept 2 facts
}

func tell() error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	dir, err := os.MkdirTemp("", "jetstream")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	servers, err := jetstreamtest.Start(dir, 1) // an agency has a cluster
	if err != nil {
		return err
	}
	defer servers.Close()
	conn, err := nats.Connect(servers.URL())
	if err != nil {
		return err
	}
	defer conn.Close()

	ward, taxOffice := journal.NewMemory(), journal.NewMemory()
	if err := happen(ctx, ward); err != nil {
		return err
	}
	source, err := jetstream.ParseSource("H26.35.12")
	if err != nil {
		return err
	}
	if err := jetstream.CreateStream(ctx, conn, source, jetstream.StreamConfig{Replicas: 1}); err != nil {
		return err
	}
	relay, err := jetstream.NewRelay(ward, conn, source, []string{"dossier.*"}, jetstream.RelayConfig{})
	if err != nil {
		return err
	}
	go func() { _ = relay.Run(ctx) }()

	inbox, err := jetstream.NewInbox(conn, "tax-office", source, []string{"dossier.accepted", "dossier.consulted"},
		jetstream.InboxConfig{})
	if err != nil {
		return err
	}
	var seen int64
	_ = inbox.Run(ctx, func(ctx context.Context, e jetstream.Event) error {
		fact := journal.Fact{Kind: "inbox.heard", Actor: "inbox", At: e.At, Body: e.Body, Command: e.Command()}
		records, err := taxOffice.Append(ctx, e.Stream, seen, fact)
		if err != nil {
			return err
		}
		fmt.Println(e.ID(), e.Stream, e.Kind, string(e.Body))
		if seen = records[0].Seq; seen == 2 {
			cancel()
		}
		return nil
	})
	sum, err := journal.Verify(context.Background(), taxOffice)
	fmt.Println("kept", sum.Facts, "facts")
	return err
}

func happen(ctx context.Context, ward journal.Journal) error {
	stream, err := journal.ParseStream("dossier/7f3a9c")
	if err != nil {
		return err
	}
	at := time.Date(2026, 11, 23, 1, 30, 0, 0, time.UTC)
	_, err = ward.Append(ctx, stream, 0,
		journal.Fact{Kind: "dossier.accepted", Actor: "officer-7", At: at, Body: []byte(`{"due":"2026-11-24"}`)},
		journal.Fact{Kind: "dossier.assigned", Actor: "officer-7", At: at, Body: []byte(`{}`)},
		journal.Fact{Kind: "dossier.consulted", Actor: "officer-9", At: at, Body: []byte(`{"unit":"H26.5"}`),
			Private: []byte("Nguyễn Trọng Nghĩa hỏi…"), Subject: "subject-52"})
	return err
}
