package audit_test

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/journal/audit"
)

// Example keeps a log beside a journal, has it witnessed, and proves one record to somebody who has neither.
func Example() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "audit")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	now := func() time.Time { return time.Date(2026, 11, 21, 17, 0, 0, 0, time.UTC) }

	j := journal.NewMemory()
	stream, err := journal.ParseStream("dossier/7f3a9c")
	if err != nil {
		panic(err)
	}
	for i, kind := range []string{"dossier.filed", "dossier.accepted", "dossier.returned"} {
		fact := journal.Fact{Kind: kind, Actor: "officer-7", At: now().Add(time.Duration(i-60) * time.Minute),
			Body: []byte(`{"unit":"H26.1"}`), Private: []byte("Nguyễn Trọng Nghĩa"), Subject: "p-17"}
		if _, err := j.Append(ctx, stream, int64(i), fact); err != nil {
			panic(err)
		}
	}

	// The operator: a key that may live in an HSM, and a folder.
	signer, err := audit.NewSigner("motcua.example.vn/so-theo-doi", ed25519.NewKeyFromSeed(make([]byte, 32)))
	if err != nil {
		panic(err)
	}
	log, err := audit.Open(filepath.Join(dir, "log"), j, signer.Key(), audit.Config{Signer: signer, Now: now})
	if err != nil {
		panic(err)
	}
	defer log.Close()
	checkpoint, err := log.Checkpoint(ctx)
	if err != nil {
		panic(err)
	}

	// The witness: another agency, with a file of its own.
	verifier, err := audit.NewVerifier(signer.Key(), audit.Policy{})
	if err != nil {
		panic(err)
	}
	witness, err := audit.OpenWitness(filepath.Join(dir, "witness.jsonl"), verifier, nil)
	if err != nil {
		panic(err)
	}
	defer witness.Close()
	consistency, err := log.Consistency(witness.Last().Size(), checkpoint.Size())
	if err != nil {
		panic(err)
	}
	if _, err := witness.See(checkpoint.Note(), consistency, now()); err != nil {
		panic(err)
	}

	// The citizen: one record, without the others, judged by the key and what the witness has seen.
	bundle, err := log.Prove(ctx, audit.Selection{Positions: []int64{2}})
	if err != nil {
		panic(err)
	}
	proof, err := verifier.Bundle(bundle, witness.Last())
	if err != nil {
		panic(err)
	}
	r := proof.Records[0]
	fmt.Println(r.Kind, "no.", r.Seq, "of", r.Stream, "at", r.At.Format(time.TimeOnly))
	fmt.Println("one of", proof.Checkpoint.Size(), "records signed for at", proof.Checkpoint.At().Format(time.TimeOnly))
	fmt.Println("known to the witness:", len(proof.Seen) == 1)
	// Output:
	// dossier.accepted no. 2 of dossier/7f3a9c at 16:01:00
	// one of 3 records signed for at 17:00:00
	// known to the witness: true
}

// ExampleVerifier_Journal finds what no hash chain finds: a journal whose last record was cut off cleanly.
func ExampleVerifier_Journal() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "audit")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	now := time.Date(2026, 11, 21, 17, 0, 0, 0, time.UTC)
	write := func(n int) *journal.Memory {
		j := journal.NewMemory()
		stream, _ := journal.ParseStream("dossier/7f3a9c")
		for i := range n {
			fact := journal.Fact{Kind: "dossier.noted", Actor: "officer-7", At: now, Body: []byte(`{}`)}
			if _, err := j.Append(ctx, stream, int64(i), fact); err != nil {
				panic(err)
			}
		}
		return j
	}
	signer, err := audit.NewSigner("motcua.example.vn/so-theo-doi", ed25519.NewKeyFromSeed(make([]byte, 32)))
	if err != nil {
		panic(err)
	}
	log, err := audit.Open(dir, write(5), signer.Key(), audit.Config{Signer: signer, Now: func() time.Time { return now }})
	if err != nil {
		panic(err)
	}
	defer log.Close()
	if _, err := log.Checkpoint(ctx); err != nil {
		panic(err)
	}
	verifier, err := audit.NewVerifier(signer.Key(), audit.Policy{})
	if err != nil {
		panic(err)
	}
	cut := write(4)
	_, err = journal.Verify(ctx, cut)
	fmt.Println("the chain alone:", err)
	_, err = verifier.Journal(ctx, cut, log.Checkpoints())
	fmt.Println("with a checkpoint:", err)
	// Output:
	// the chain alone: <nil>
	// with a checkpoint: audit: position 4: cut
}
