package sqlite_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/journal/sqlite"
)

// Example writes a dossier's first two facts, closes the file, and reads it as an inspector would.
func Example() {
	if err := run(); err != nil {
		fmt.Println(err)
	}
	// Output:
	// dossier/7f3a9c no. 1: dossier.filed by citizen-52
	// dossier/7f3a9c no. 2: dossier.accepted by officer-7
	// intact: 2 facts of 1 stream
}

func run() error {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "journal")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "office.db")

	j, err := sqlite.Open(ctx, path, sqlite.Config{})
	if err != nil {
		return err
	}
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
	if err := j.Close(); err != nil {
		return err
	}

	inspected, err := sqlite.Open(ctx, path, sqlite.Config{ReadOnly: true})
	if err != nil {
		return err
	}
	defer inspected.Close()
	for record, err := range inspected.Read(ctx, stream, 0) {
		if err != nil {
			return err
		}
		fmt.Printf("%s no. %d: %s by %s\n", record.Stream, record.Seq, record.Kind, record.Actor)
	}
	sum, err := journal.Verify(ctx, inspected)
	if err != nil {
		return err
	}
	fmt.Printf("intact: %d facts of %d stream\n", sum.Facts, sum.Streams)
	return nil
}

// ExampleJournal_WithTx moves a vendor's own row and the dossier in one commit.
func ExampleJournal_WithTx() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "journal")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	j, err := sqlite.Open(ctx, filepath.Join(dir, "office.db"), sqlite.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer j.Close()
	stream, _ := journal.ParseStream("dossier/7f3a9c")
	fact := journal.Fact{Kind: "dossier.called", Actor: "officer-7", At: time.Unix(1.8e9, 0), Body: []byte(`{"counter":4}`)}

	tx, err := j.DB().BeginTx(ctx, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer tx.Rollback()
	if _, err := tx.ExecContext(ctx, `CREATE TABLE vendor_queue (ticket INTEGER PRIMARY KEY, counter INTEGER)`); err != nil {
		fmt.Println(err)
		return
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO vendor_queue VALUES (118, 4)`); err != nil {
		fmt.Println(err)
		return
	}
	if _, err := j.WithTx(tx).Append(ctx, stream, 0, fact); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("commit:", tx.Commit())
	// Output: commit: <nil>
}
