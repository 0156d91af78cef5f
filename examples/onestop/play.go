package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/motcua/motcua/examples/onestop/story"
	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/signature/signaturetest"
)

// playStory plays a story against an office of its own and leaves what inspect needs to judge it.
func playStory(ctx context.Context, name, out, at string) (err error) {
	c := &clock{offset: time.Until(storyStart), moved: true}
	if at != "" {
		if c, err = newClock(at); err != nil {
			return err
		}
	}
	work, err := os.MkdirTemp("", "onestop-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	h, err := openHouse(ctx, house{Dir: work, URL: "http://" + listener.Addr().String(), Now: c.Now, Log: log})
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	server := &http.Server{Handler: h.Office.Handler(), ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(listener) }()
	told, err := story.Play(ctx, name, story.Stage{URL: h.URL, Now: c.Now, Skip: c.Skip, Sign: h.signFor, Out: os.Stdout})
	if err == nil {
		err = verifyBook(ctx, h)
	}
	grace, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	err = errors.Join(err, server.Shutdown(grace), h.Close())
	if err != nil {
		return err
	}
	return leave(out, work, told, h)
}

// verifyBook verifies the whole journal of the story.
func verifyBook(ctx context.Context, h *house) error {
	sum, err := journal.Verify(ctx, h.Journal)
	if err != nil {
		return err
	}
	fmt.Printf("Sổ theo dõi nguyên vẹn: %d ghi nhận trong %d luồng.\n", sum.Facts, sum.Streams)
	return nil
}

// leave writes the story's files: documents, the journal with its proofs, and what they are judged by.
func leave(dir, work string, told *story.Told, h *house) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	var page bytes.Buffer
	if err := told.WriteHTML(&page); err != nil {
		return err
	}
	// CRLs that are good for a year, for who judges the result when there is no authority to ask any more.
	at := h.Now()
	issued, _, err := h.Keys.CA.List(at, signaturetest.ListConfig{NextUpdate: at.AddDate(1, 0, 0)})
	if err != nil {
		return err
	}
	root, _, err := h.Keys.CA.List(at, signaturetest.ListConfig{Root: true, NextUpdate: at.AddDate(1, 0, 0)})
	if err != nil {
		return err
	}
	for _, f := range []struct {
		name string
		data []byte
	}{
		{"result.pdf", told.Result}, {"receipt.pdf", told.Receipt}, {"qr.png", told.ResultQR}, {"proof.json", told.Proof},
		{"roots.pem", h.Keys.Roots}, {"trust.json", h.Keys.Trust}, {"story.html", page.Bytes()},
		{"log.pub", []byte(h.Ledger.Key().String() + "\n")}, {"crl/issued.crl", issued}, {"crl/root.crl", root},
	} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, f.name)), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, f.name), f.data, 0o644); err != nil {
			return err
		}
	}
	if err := leaveBook(dir, work); err != nil {
		return err
	}
	fmt.Printf("Đã để lại trong %s: result.pdf, receipt.pdf, qr.png, proof.json, journal.db, witness.jsonl, log.pub, roots.pem, crl, trust.json, story.html\n", dir)
	return nil
}

// leaveBook copies the journal, its Merkle log and what the witness has kept.
func leaveBook(dir, work string) error {
	for from, to := range map[string]string{"journal.db": "journal.db", "proofs/witness.jsonl": "witness.jsonl"} {
		data, err := os.ReadFile(filepath.Join(work, from))
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, to), data, 0o644); err != nil {
			return err
		}
	}
	log := filepath.Join(dir, "journal.db.log")
	if err := os.RemoveAll(log); err != nil { // of a story before
		return err
	}
	return os.CopyFS(log, os.DirFS(filepath.Join(work, "proofs", "log")))
}
