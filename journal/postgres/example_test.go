package postgres_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"testing"
	"time"

	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/journal/postgres"
	"github.com/motcua/motcua/journal/postgres/postgrestest"
)

// Example writes a dossier's first two facts and reads them as an inspector would, on a replica for instance. It needs a
// server, so TestExample runs it and compares what it prints:
//
//	dossier/7f3a9c no. 1: dossier.filed by citizen-52
//	dossier/7f3a9c no. 2: dossier.accepted by officer-7
//	intact: 2 facts of 1 stream
func Example() {
	if err := run(os.Stdout, "host=db dbname=office", "h26"); err != nil {
		fmt.Println(err)
	}
}

func run(w io.Writer, dsn, schema string) error {
	ctx := context.Background()
	j, err := postgres.Open(ctx, dsn, postgres.Config{Schema: schema, Migrate: true})
	if err != nil {
		return err
	}
	defer j.Close()
	stream, err := journal.ParseStream("dossier/7f3a9c")
	if err != nil {
		return err
	}
	at := time.Date(2026, 11, 23, 1, 30, 0, 0, time.UTC)
	_, err = j.Append(ctx, stream, 0,
		journal.Fact{Kind: "dossier.filed", Actor: "citizen-52", At: at, Body: []byte(`{"procedure":"1.001193"}`)},
		journal.Fact{Kind: "dossier.accepted", Actor: "officer-7", At: at, Body: []byte(`{"due":"2026-11-24"}`)})
	if err != nil {
		return err
	}

	inspected, err := postgres.Open(ctx, dsn, postgres.Config{Schema: schema, ReadOnly: true})
	if err != nil {
		return err
	}
	defer inspected.Close()
	for record, err := range inspected.Read(ctx, stream, 0) {
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "%s no. %d: %s by %s\n", record.Stream, record.Seq, record.Kind, record.Actor)
	}
	sum, err := journal.Verify(ctx, inspected)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "intact: %d facts of %d stream\n", sum.Facts, sum.Streams)
	return nil
}

// ExampleJournal_WithTx moves a vendor's own row and the dossier in one commit. TestWithTx shows what it promises.
func ExampleJournal_WithTx() {
	call := func(ctx context.Context, j *postgres.Journal, stream journal.Stream, after int64, fact journal.Fact) error {
		tx, err := j.Pool().Begin(ctx)
		if err != nil {
			return err
		}
		defer tx.Rollback(context.WithoutCancel(ctx)) //nolint:errcheck // after the commit there is nothing to roll back
		if _, err := tx.Exec(ctx, `UPDATE vendor_queue SET counter = 4 WHERE ticket = 118`); err != nil {
			return err
		}
		if _, err := j.WithTx(tx).Append(ctx, stream, after, fact); err != nil { // last: it holds the pen
			return err
		}
		return tx.Commit(ctx)
	}
	_ = call
}

func TestExample(t *testing.T) {
	const want = "dossier/7f3a9c no. 1: dossier.filed by citizen-52\n" +
		"dossier/7f3a9c no. 2: dossier.accepted by officer-7\nintact: 2 facts of 1 stream\n"
	dsn, schema := postgrestest.Schema(t)
	var b bytes.Buffer
	if err := run(&b, dsn, schema); err != nil || b.String() != want {
		t.Errorf("got %q, %v, want %q", b.String(), err, want)
	}
}
