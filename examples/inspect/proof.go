package main

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"flag"
	"io"
	"os"
	"strings"
	"time"

	"github.com/motcua/motcua/journal/audit"
)

// proofFlags are the flags of `inspect proof`.
type proofFlags struct {
	key, witness, witnesses, roots string
	quorum                         int
	stamped                        bool
	skew                           time.Duration
}

// proofCommand judges a bundle by nothing but keys and what the caller has kept.
func proofCommand(flags *flag.FlagSet) func() (judge, error) {
	p := new(proofFlags)
	flags.StringVar(&p.key, "key", "", "the log's public key, or a file with it (required)")
	flags.StringVar(&p.witness, "witness", "", "file of checkpoints kept elsewhere, one of which the proof must continue")
	flags.StringVar(&p.witnesses, "witness-keys", "", "public keys of witnesses, separated by commas")
	flags.IntVar(&p.quorum, "quorum", 0, "how many of them must have signed")
	flags.StringVar(&p.roots, "roots", "", "PEM file of the roots of time-stamp authorities")
	flags.BoolVar(&p.stamped, "stamped", false, "demand a time stamp")
	flags.DurationVar(&p.skew, "skew", 0, "how far clocks may disagree; default 5m")
	return func() (judge, error) {
		if p.key == "" {
			return nil, errors.New("proof: -key is required: a proof rests on the log's key")
		}
		v, err := p.verifier()
		if err != nil {
			return nil, err
		}
		seen, err := p.seen(v)
		if err != nil {
			return nil, err
		}
		return func(_ context.Context, path string) (any, bool) { return judgeProof(v, seen, path) }, nil
	}
}

func (p *proofFlags) verifier() (*audit.Verifier, error) {
	key, err := readKey(p.key)
	if err != nil {
		return nil, err
	}
	policy := audit.Policy{Quorum: p.quorum, Stamped: p.stamped, Skew: p.skew}
	for text := range strings.SplitSeq(p.witnesses, ",") {
		if text == "" {
			continue
		}
		witness, err := readKey(text)
		if err != nil {
			return nil, err
		}
		policy.Witnesses = append(policy.Witnesses, witness)
	}
	if p.roots != "" {
		if policy.Authorities, err = readRoots(p.roots); err != nil {
			return nil, err
		}
	}
	return audit.NewVerifier(key, policy)
}

func readRoots(path string) ([]*x509.Certificate, error) {
	text, err := readFile(path)
	if err != nil {
		return nil, err
	}
	var roots []*x509.Certificate
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		root, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, errors.New("-roots: want certificates in PEM")
		}
		roots = append(roots, root)
	}
	return roots, nil
}

func (p *proofFlags) seen(v *audit.Verifier) ([]audit.Checkpoint, error) {
	if p.witness == "" {
		return nil, nil
	}
	f, err := os.Open(p.witness)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var seen []audit.Checkpoint
	for c, err := range v.Checkpoints(f) {
		if err != nil {
			return nil, err
		}
		seen = append(seen, c)
	}
	if len(seen) == 0 {
		return nil, errors.New("-witness: the file has no checkpoint")
	}
	return seen, nil
}

type recordView struct {
	Index   int64           `json:"index"`
	Stream  string          `json:"stream"`
	Seq     int64           `json:"seq"`
	Kind    string          `json:"kind"`
	Actor   string          `json:"actor"`
	At      time.Time       `json:"at"`
	Body    json.RawMessage `json:"body"`
	Subject string          `json:"subject,omitempty"`
}

type spanView struct {
	Stream string `json:"stream"`
	First  int64  `json:"first"`
	Last   int64  `json:"last"`
}

func judgeProof(v *audit.Verifier, seen []audit.Checkpoint, path string) (any, bool) {
	type answer struct {
		verdict
		Checkpoint *checkpointView `json:"checkpoint,omitempty"`
		Stamped    *time.Time      `json:"stamped,omitempty"`
		Links      int             `json:"links"`
		Seen       int             `json:"seen"`
		Spans      []spanView      `json:"spans,omitempty"`
		Records    []recordView    `json:"records,omitempty"`
	}
	f, err := os.Open(path)
	if err != nil {
		return answer{verdict: refuse(unopened())}, false
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, audit.MaxBundle+1))
	if err != nil {
		return answer{verdict: refuse(err)}, false
	}
	proof, err := v.Bundle(raw, seen...)
	if err != nil {
		return answer{verdict: refuse(err)}, false
	}
	a := answer{verdict: verdict{Valid: true, Reasons: []reason{}}, Checkpoint: viewOf(proof.Checkpoint),
		Links: len(proof.Links), Seen: len(proof.Seen)}
	if !proof.Stamped.IsZero() {
		a.Stamped = &proof.Stamped
	}
	for _, s := range proof.Spans() {
		a.Spans = append(a.Spans, spanView{s.Stream.String(), s.First, s.Last})
	}
	for _, r := range proof.Records {
		a.Records = append(a.Records,
			recordView{r.Index, r.Stream.String(), r.Seq, r.Kind, r.Actor, r.At, r.Body, r.Subject})
	}
	return a, true
}
