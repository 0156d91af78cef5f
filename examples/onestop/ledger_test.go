package main

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/motcua/motcua/examples/onestop/outside"
	"github.com/motcua/motcua/examples/onestop/visit"
	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/journal/audit"
	"github.com/motcua/motcua/journal/sqlite"
	"github.com/motcua/motcua/signature"
	"github.com/motcua/motcua/signature/signaturetest"
)

// bell is a time-stamp authority that rings and is out of order.
type bell chan int

func (b bell) Stamp(context.Context, [sha256.Size]byte) ([]byte, error) {
	b <- 1
	return nil, errors.New("out of order")
}

// TestLedgerSigns: the office signs without being asked after so many facts, and at the end; a dead time-stamp authority
// stops neither, and the witness has seen all of it.
func TestLedgerSigns(t *testing.T) {
	dir := t.TempDir()
	keys, err := outside.LoadKeys(filepath.Join(dir, "keys"), agencyID, storyStart)
	if err != nil {
		t.Fatal(err)
	}
	j, err := sqlite.Open(t.Context(), filepath.Join(dir, "journal.db"), sqlite.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	c := &clock{offset: 0}
	rung := make(bell, 8)
	cfg := ledgerConfig{Dir: filepath.Join(dir, "proofs"), Log: keys.Log, Witness: keys.Witness,
		Kept: filepath.Join(dir, "elsewhere.jsonl"), Stamper: rung, Now: c.Now}
	l, err := openLedger(j, cfg)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := openLedger(j, cfg); !errors.Is(err, audit.ErrLocked) {
		t.Errorf("a second office on the same folder: %v", err)
	}
	book := counted{j, l.wrote}
	stream, err := journal.ParseStream("draft/1")
	if err != nil {
		t.Fatal(err)
	}
	for n := range int64(checkpointEvery) {
		if last, _ := l.Last(); !last.IsZero() {
			t.Fatalf("signed after %d facts", n)
		}
		if _, err := book.Append(t.Context(), stream, n, journal.Fact{Kind: "draft.changed", Actor: "a", At: c.Now(), Body: []byte(`{}`)}); err != nil {
			t.Fatal(err)
		}
	}
	select {
	case <-rung: // the checkpoint is signed before it is stamped
	case <-time.After(20 * time.Second):
		t.Fatal("nobody has signed")
	}
	if last, stamped := l.Last(); last.Size() != checkpointEvery || !stamped.IsZero() || l.witness.Last().Size() != checkpointEvery {
		t.Errorf("%d records signed for, %d seen by the witness, stamped %v", last.Size(), l.witness.Last().Size(), stamped)
	}
	if _, err := book.Append(t.Context(), stream, checkpointEvery, journal.Fact{Kind: "draft.filed", Actor: "a", At: c.Now(), Body: []byte(`{}`)}); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		pass time.Duration
		want int
	}{{0, 0}, {2 * stampAgain, 1}} { // an authority that is down is left alone for a while
		c.Skip(tt.pass)
		if _, err := l.Checkpoint(t.Context()); err != nil || len(rung) != tt.want {
			t.Errorf("after %s the authority is asked %d times, %v", tt.pass, len(rung), err)
		}
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if l, err = openLedger(j, cfg); err != nil {
		t.Fatal(err)
	}
	if last, _ := l.Last(); last.Size() != checkpointEvery+1 || l.witness.Last().Size() != last.Size() {
		t.Errorf("at the end %d records are signed for, %d seen by the witness", last.Size(), l.witness.Last().Size())
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
}

// proofOf downloads a proof as its citizen and judges it by public keys alone.
func proofOf(t *testing.T, h *house, b *visit.Browser, id string, stamped bool) (*audit.Proof, error) {
	t.Helper()
	if err := b.Open(t.Context(), "/dossiers/"+id+"/proof"); err != nil {
		t.Fatal(err)
	}
	trust, err := signature.ParseTrustStore(h.Keys.Roots)
	if err != nil {
		t.Fatal(err)
	}
	seer, err := audit.ParseSigner(h.Keys.Witness)
	if err != nil {
		t.Fatal(err)
	}
	v, err := audit.NewVerifier(h.Ledger.Key(), audit.Policy{Witnesses: []audit.Key{seer.WitnessKey()}, Quorum: 1,
		Authorities: trust.Anchors(), Stamped: stamped})
	if err != nil {
		t.Fatal(err)
	}
	return v.Bundle(b.Raw)
}

// TestCitizensProof: a citizen takes home the proof of his own records, witnessed and time-stamped; nobody else can have
// it, and nobody else's records are in it.
func TestCitizensProof(t *testing.T) {
	h, _ := open(t)
	id := filed(t, h)
	other := copyFiled(t, h)
	b := guest(t, h, "/login", "vinh")
	proof, err := proofOf(t, h, b, id, true)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range proof.Records {
		if !strings.Contains(r.Stream.String(), id) {
			t.Errorf("a record of %s is in it", r.Stream)
		}
	}
	if len(proof.Records) == 0 || proof.Stamped.IsZero() {
		t.Errorf("%d records, stamped %v", len(proof.Records), proof.Stamped)
	}
	mustRefuse(t, b.Open(t.Context(), "/dossiers/"+other+"/proof"), http.StatusNotFound, "Không tìm thấy")
	if err := b.Open(t.Context(), "/proof"); err != nil {
		t.Fatal(err)
	}
	if page := visit.Text(b.Page); !strings.Contains(page, h.Ledger.Key().String()) || !strings.Contains(page, outside.WitnessName) {
		t.Errorf("the public page says %s", page)
	}
	if err := b.Open(t.Context(), "/proof/checkpoint"); err != nil || !strings.HasPrefix(string(b.Raw), outside.LogName+"\n") {
		t.Errorf("%v: %s", err, b.Raw)
	}

	h.World.Authority.Flaw("/tsa", signaturetest.Fails, signaturetest.Fails, signaturetest.Fails, signaturetest.Fails)
	filed(t, h) // something new to sign for
	if _, err := proofOf(t, h, b, id, true); !errors.Is(err, audit.ErrTimestamp) {
		t.Errorf("stamped although the authority is down: %v", err)
	}
	if proof, err := proofOf(t, h, b, id, false); err != nil || len(proof.Records) == 0 {
		t.Errorf("without a time stamp: %v", err)
	}
}

// copyFiled files a request for a copy by the other citizen.
func copyFiled(t *testing.T, h *house) string {
	t.Helper()
	b := copyPapers(t, h)
	submit(t, b, "/papers/done", nil)
	submit(t, b, "/submit", nil)
	return b.At.Path[strings.LastIndex(b.At.Path, "/")+1:]
}

// TestInspectAgrees leaves a story's files and lets the tester's tool judge all of them, by what is left alone.
func TestInspectAgrees(t *testing.T) {
	dir := t.TempDir()
	if err := run(t.Context(), []string{"-story", "birth", "-out", dir}); err != nil {
		t.Fatal(err)
	}
	inspect := filepath.Join(t.TempDir(), "inspect")
	if out, err := exec.Command("go", "build", "-o", inspect, "../inspect").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	in := func(name string) string { return filepath.Join(dir, name) }
	ask := func(args ...string) map[string]any {
		t.Helper()
		cmd := exec.Command(inspect, args...)
		cmd.Env = append(os.Environ(), "TZ=UTC")
		out, err := cmd.Output()
		var answer map[string]any
		if jsonErr := json.Unmarshal(out, &answer); err != nil || jsonErr != nil || answer["valid"] != true {
			t.Errorf("inspect %s: %v, %v: %.400s", args[0], err, jsonErr, out)
		}
		return answer
	}
	book := ask("journal", in("journal.db"), "-key", in("log.pub"), "-witness", in("witness.jsonl"), "-prove", "3", "-out", in("one.json"))
	mine := ask("proof", in("proof.json"), "-key", in("log.pub"), "-witness", in("witness.jsonl"), "-roots", in("roots.pem"), "-stamped")
	one := ask("proof", in("one.json"), "-key", in("log.pub"))
	for name, answer := range map[string]map[string]any{"proof.json": mine, "one.json": one} {
		theirs, _ := answer["checkpoint"].(map[string]any)
		ours, _ := book["checkpoint"].(map[string]any)
		if theirs["root"] == nil || theirs["root"] != ours["root"] {
			t.Errorf("%s is under %v, the journal under %v", name, theirs["root"], ours["root"])
		}
	}
	ask("pdf", in("result.pdf"), "-roots", in("roots.pem"), "-crl", in("crl"))
	ask("pdf", in("receipt.pdf"), "-roots", in("roots.pem"), "-crl", in("crl"))
}
