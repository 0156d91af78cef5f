package main

import (
	"context"
	"errors"
	"flag"
	"os"
	"time"

	"github.com/motcua/motcua/signature"
)

// pdfCommand judges the signatures of PDF files. The anchors are the caller's; there are no others.
func pdfCommand(flags *flag.FlagSet) func() (judge, error) {
	roots := flags.String("roots", "", "the root certificates to trust, PEM or P7B (required)")
	at := flags.String("at", "", "time of judgement, RFC 3339 or yyyy-mm-dd; default now")
	crl := flags.String("crl", "", "CRLs and OCSP responses, a file or a directory; then revocation must be known")
	fetch := flags.Bool("fetch", false, "ask the authorities about revocation over HTTP; then it must be known")
	repair := flags.Bool("repair", false, "read damaged files by looking for their objects; no signature in them is valid")
	return func() (judge, error) {
		if *roots == "" {
			return nil, errors.New("pdf: -roots is required: a verdict rests on stated anchors")
		}
		trust, err := readAnchors(*roots)
		if err != nil {
			return nil, err
		}
		when, err := parseTime(*at)
		if err != nil {
			return nil, err
		}
		policy, err := revocationPolicy(*crl, *fetch)
		if err != nil {
			return nil, err
		}
		policy.Repair = *repair
		verifier, err := signature.NewVerifier(trust, policy)
		if err != nil {
			return nil, err
		}
		return func(ctx context.Context, path string) (any, bool) { return judgePDF(ctx, verifier, path, when) }, nil
	}
}

func judgePDF(ctx context.Context, verifier *signature.Verifier, path string, at time.Time) (any, bool) {
	type answer struct {
		Valid   bool     `json:"valid"`
		Reasons []reason `json:"reasons"`
		*signature.Report
	}
	unreadable := func(err error) (any, bool) {
		return struct {
			verdict
			Indication signature.Indication `json:"indication"`
		}{refuse(err), signature.TotalFailed}, false
	}
	f, err := os.Open(path)
	if err != nil {
		return unreadable(unopened())
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return unreadable(err)
	}
	report, err := verifier.Verify(ctx, f, info.Size(), at)
	if err != nil {
		return unreadable(err)
	}
	a := answer{Valid: report.Indication == signature.TotalPassed, Reasons: []reason{}, Report: report}
	for _, s := range report.Signatures {
		for _, r := range append(s.Reasons, s.Warnings...) {
			a.Reasons = append(a.Reasons, reason{Code: r.Code, VI: r.Vi, EN: r.En})
		}
	}
	for _, r := range report.Warnings {
		a.Reasons = append(a.Reasons, reason{Code: r.Code, VI: r.Vi, EN: r.En})
	}
	if report.Indication == signature.NoSignatureFound {
		a.Reasons = append(a.Reasons, reason{"no-signature", report.Indication.Text("vi"), report.Indication.Text("en"), ""})
	}
	return a, a.Valid
}

// parseTime reads a time of judgement; empty is now.
func parseTime(text string) (time.Time, error) {
	if text == "" {
		return time.Now(), nil
	}
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at, nil
	}
	at, err := time.ParseInLocation(time.DateOnly, text, vietnam())
	if err != nil {
		return at, errors.New("-at: want RFC 3339 or yyyy-mm-dd")
	}
	return at, nil
}
