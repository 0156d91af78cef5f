package main

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/motcua/motcua/qr"
	"github.com/motcua/motcua/qr/scan"
)

// qrCommand judges codes, given as text or as a picture of a symbol.
func qrCommand(flags *flag.FlagSet) func() (judge, error) {
	trust := flags.String("trust", "", "trust file: signed list and its root, as JSON (required)")
	at := flags.String("at", "", "time of judgement, RFC 3339 or yyyy-mm-dd; default now")
	statuses := flags.String("status", "", "signed status list, or a directory of them")
	codes := flags.String("codes", "", "signed code list, for codes that have numbers in the place of names")
	reveal := flags.Bool("reveal", false, "print the fields of a person in clear")
	var issuing issueFlags
	issuing.define(flags)
	return func() (judge, error) {
		if issuing.issue {
			return issuing.judge(*codes)
		}
		list, err := readTrust("qr", *trust)
		if err != nil {
			return nil, err
		}
		when, err := parseTime(*at)
		if err != nil {
			return nil, err
		}
		cfg := qr.VerifyConfig{}
		if cfg.Status, err = readStatuses(list, *statuses); err != nil {
			return nil, err
		}
		if cfg.Codes, err = readCodes(*codes, list.Roots()); err != nil {
			return nil, err
		}
		verifier, err := qr.NewVerifier(list, cfg)
		if err != nil {
			return nil, err
		}
		return func(_ context.Context, input string) (any, bool) { return judgeQR(verifier, input, when, *reveal) }, nil
	}
}

func judgeQR(verifier *qr.Verifier, input string, at time.Time, reveal bool) (any, bool) {
	type answer struct {
		Valid   bool     `json:"valid"`
		Reasons []reason `json:"reasons"`
		qr.Report
		// Person is what a holder has shown, with -reveal; Claimed what an unsigned slip says, which proves nothing.
		Person  *wantedPerson `json:"person,omitempty"`
		Claimed qr.Body       `json:"claimedUnsigned,omitempty"`
	}
	text, err := codeText(input)
	if err != nil {
		return struct {
			verdict
			Verdict qr.Verdict `json:"verdict"`
		}{refuse(err), qr.Malformed}, false
	}
	report := verifier.Verify(text, at)
	a := answer{Valid: report.Valid(), Reasons: []reason{}, Report: report}
	for _, r := range report.Reasons {
		a.Reasons = append(a.Reasons, reason{Code: r.Code(), VI: r.Text("vi"), EN: r.Text("en")})
	}
	if slip, err := qr.ParseSlip(text); err == nil {
		a.Claimed = slip.Claimed()
	}
	if report.Claims != nil && reveal {
		if p, ok := report.Claims.Body.(qr.Person); ok {
			a.Person = revealed(p)
		}
	}
	if !a.Valid && len(a.Reasons) == 0 {
		a.Reasons = append(a.Reasons, reason{report.Verdict.String(), report.Verdict.Text("vi"), report.Verdict.Text("en"), ""})
	}
	return a, a.Valid
}

// codeText is the code in a picture if the input names a file, else the input.
func codeText(input string) (string, error) {
	f, err := os.Open(input)
	if err != nil && slices.Contains([]string{".png", ".jpg", ".jpeg"}, strings.ToLower(filepath.Ext(input))) {
		return "", unopened() // no code ends so: a picture was meant
	}
	if err != nil {
		return input, nil
	}
	defer f.Close()
	texts, err := scan.ReadImage(f, scan.Config{})
	if err != nil {
		return "", err
	}
	return texts[0], nil
}
