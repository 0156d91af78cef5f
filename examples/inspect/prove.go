package main

import (
	"context"
	"errors"
	"flag"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/journal/audit"
)

// proving is what `inspect journal` does beyond reading the chain: it holds the journal against checkpoints kept
// elsewhere, signs a checkpoint, proves records.
type proving struct {
	log, key, signer, witness  string
	prove, stream, subject, at string
	out                        string
	skew                       time.Duration
}

// proved is what that adds to the answer.
type proved struct {
	// Key is the log's public key: what `inspect proof -key` wants.
	Key        string          `json:"key,omitempty"`
	Checkpoint *checkpointView `json:"checkpoint,omitempty"`
	// Checkpoints is how many of the witness file the journal was held against, Covered how many records they cover.
	Checkpoints int64  `json:"checkpoints,omitempty"`
	Covered     int64  `json:"covered,omitempty"`
	Bundle      string `json:"bundle,omitempty"`
	BundleBytes int    `json:"bundleBytes,omitempty"`
}

type checkpointView struct {
	Origin    string    `json:"origin"`
	Size      int64     `json:"size"`
	Root      string    `json:"root"`
	At        time.Time `json:"at"`
	Witnesses []string  `json:"witnesses,omitempty"`
}

func viewOf(c audit.Checkpoint) *checkpointView {
	v := &checkpointView{Origin: c.Origin(), Size: c.Size(), Root: c.Root().String(), At: c.At()}
	for _, w := range c.Witnesses() {
		v.Witnesses = append(v.Witnesses, w.Key.Name())
	}
	return v
}

func provingFlags(flags *flag.FlagSet) *proving {
	p := new(proving)
	flags.StringVar(&p.log, "log", "", "folder of the journal's Merkle log; default FILE.log")
	flags.StringVar(&p.key, "key", "", "the log's public key, or a file with it; default that of -signer")
	flags.StringVar(&p.signer, "signer", "", "file of the log's private key, made if need be: sign for what is new first")
	flags.StringVar(&p.witness, "witness", "", "file of checkpoints kept elsewhere, to hold the journal against")
	flags.StringVar(&p.prove, "prove", "", "prove the records at these positions, separated by commas")
	flags.StringVar(&p.stream, "stream", "", "prove the records of this stream")
	flags.StringVar(&p.subject, "subject", "", "prove the records about this person, named by pseudonym")
	flags.StringVar(&p.out, "out", "", "file for the proof")
	flags.StringVar(&p.at, "at", "", "time of signing, RFC 3339 or yyyy-mm-dd; default now")
	flags.DurationVar(&p.skew, "skew", 0, "how far clocks may disagree; default 5m")
	return p
}

func (p *proving) check() error {
	asks := p.prove != "" || p.stream != "" || p.subject != ""
	switch {
	case asks != (p.out != ""):
		return errors.New("journal: -prove, -stream or -subject go with -out")
	case (asks || p.witness != "" || p.log != "") && p.key == "" && p.signer == "":
		return errors.New("journal: -key or -signer is required: a proof rests on the log's key")
	}
	_, err := parseTime(p.at)
	return err
}

// verify reads the journal, with the checkpoints of the witness file if there is one.
func (p *proving) verify(ctx context.Context, j journal.Journal, out *proved) (journal.Summary, error) {
	if p.witness == "" {
		return journal.Verify(ctx, j)
	}
	key, _, err := p.keys()
	if err != nil {
		return journal.Summary{}, err
	}
	v, err := audit.NewVerifier(key, audit.Policy{Skew: p.skew})
	if err != nil {
		return journal.Summary{}, err
	}
	f, err := os.Open(p.witness)
	if err != nil {
		return journal.Summary{}, errors.New("the witness file cannot be opened")
	}
	defer f.Close()
	sum, err := v.Journal(ctx, j, v.Checkpoints(f))
	out.Checkpoints, out.Covered = sum.Checkpoints, sum.Covered
	return sum.Summary, err
}

// run signs and proves, as asked.
func (p *proving) run(ctx context.Context, path string, j journal.Journal, out *proved) error {
	if p.signer == "" && p.out == "" && p.log == "" {
		return nil
	}
	key, signer, err := p.keys()
	if err != nil {
		return err
	}
	now, err := parseTime(p.at)
	if err != nil {
		return err
	}
	dir := p.log
	if dir == "" {
		dir = path + ".log"
	}
	l, err := audit.Open(dir, j, key, audit.Config{Signer: signer, Skew: p.skew, Now: func() time.Time { return now }})
	if err != nil {
		return err
	}
	defer l.Close()
	if signer != nil {
		if _, err := l.Checkpoint(ctx); err != nil {
			return err
		}
	}
	sum, err := l.Compare(ctx)
	if err != nil {
		return err
	}
	out.Key, out.Checkpoint, out.Covered = key.String(), viewOf(l.Last()), sum.Covered
	return p.write(ctx, l, out)
}

func (p *proving) write(ctx context.Context, l *audit.Log, out *proved) error {
	if p.out == "" {
		return nil
	}
	selection := audit.Selection{Subject: p.subject}
	for text := range strings.SplitSeq(p.prove, ",") {
		if p.prove == "" {
			break
		}
		position, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
		if err != nil {
			return errors.New("-prove: want journal positions separated by commas")
		}
		selection.Positions = append(selection.Positions, position)
	}
	if p.stream != "" {
		s, err := journal.ParseStream(p.stream)
		if err != nil {
			return err
		}
		selection.Streams = []journal.Stream{s}
	}
	raw, err := l.Prove(ctx, selection)
	if err != nil {
		return err
	}
	out.Bundle, out.BundleBytes = p.out, len(raw)
	return os.WriteFile(p.out, raw, 0o600)
}

// keys reads the log's key and its signer, and makes a signer that is not there yet.
func (p *proving) keys() (audit.Key, *audit.Signer, error) {
	if p.signer == "" {
		key, err := readKey(p.key)
		return key, nil, err
	}
	secret, err := readFile(p.signer)
	if errors.Is(err, fs.ErrNotExist) {
		text, err := audit.NewSecret("motcua.example.vn/so-theo-doi")
		if err != nil {
			return audit.Key{}, nil, err
		}
		if secret, err = writeKeys(p.signer, text); err != nil {
			return audit.Key{}, nil, err
		}
	} else if err != nil {
		return audit.Key{}, nil, errors.New("the signer's file cannot be read")
	}
	s, err := audit.ParseSigner(strings.TrimSpace(string(secret)))
	if err != nil {
		return audit.Key{}, nil, err
	}
	return s.Key(), s, nil
}

// writeKeys writes a new private key, and the public one beside it.
func writeKeys(path, secret string) ([]byte, error) {
	s, err := audit.ParseSigner(secret)
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(path, []byte(secret+"\n"), 0o600); err != nil {
		return nil, err
	}
	return []byte(secret), os.WriteFile(path+".pub", []byte(s.Key().String()+"\n"), 0o644)
}

// readKey takes a key itself, or the name of a file with it.
func readKey(text string) (audit.Key, error) {
	if key, err := audit.ParseKey(text); err == nil {
		return key, nil
	}
	raw, err := readFile(text)
	if err != nil {
		return audit.Key{}, errors.New("-key: want a public key, or a file with one")
	}
	return audit.ParseKey(strings.TrimSpace(string(raw)))
}
