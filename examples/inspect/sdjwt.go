package main

import (
	"context"
	"errors"
	"flag"
	"strings"
	"time"

	"github.com/motcua/motcua/identity/sdjwt"
)

// sdjwtCommand judges a credential as a wallet presents it, by RFC 9901 section 7.3.
func sdjwtCommand(flags *flag.FlagSet) func() (judge, error) {
	trust := flags.String("trust", "", "file of trusted issuers, motcua-credential-trust/1 (required)")
	audience := flags.String("audience", "", "client id the presentation must be for")
	nonce := flags.String("nonce", "", "nonce sent with the request; without both the holder's proof is not judged")
	status := flags.String("status", "", "file with the signed status list")
	fetch := flags.Bool("fetch", false, "fetch the status list")
	at := flags.String("at", "", "time of judgement, RFC 3339 or yyyy-mm-dd; default now")
	reveal := flags.Bool("reveal", false, "print the claims in clear")
	return func() (judge, error) {
		if *trust == "" || (*audience == "") != (*nonce == "") {
			return nil, errors.New("sdjwt: -trust is required, and -audience and -nonce go together: a verdict rests on stated issuers and parties")
		}
		when, err := parseTime(*at)
		if err != nil {
			return nil, err
		}
		raw, err := readFile(*trust)
		if err != nil {
			return nil, err
		}
		issuers, err := sdjwt.ParseTrust(raw)
		if err != nil {
			return nil, err
		}
		cfg := sdjwt.Config{Now: func() time.Time { return when }, AllowNoExpiry: true, InsecureNoHolder: *nonce == ""}
		if cfg.Status, err = statusSource(*status, *fetch); err != nil {
			return nil, err
		}
		verifier, err := sdjwt.NewVerifier(issuers, cfg)
		if err != nil {
			return nil, err
		}
		expect := sdjwt.Expect{Audience: *audience, Nonce: *nonce}
		return func(ctx context.Context, input string) (any, bool) {
			return judgeSDJWT(verifier.Verify(ctx, strings.TrimSpace(input), expect), *reveal)
		}, nil
	}
}

// statusSource reads the list from a file, or fetches it, or gives none.
func statusSource(file string, fetch bool) (*sdjwt.StatusLists, error) {
	switch {
	case file != "":
		raw, err := readFile(file)
		if err != nil {
			return nil, err
		}
		return sdjwt.NewStatusLists(sdjwt.StatusConfig{
			Fetch: func(context.Context, string) ([]byte, error) { return raw, nil },
		})
	case fetch:
		return sdjwt.NewStatusLists(sdjwt.StatusConfig{})
	}
	return nil, nil
}

// sdjwtStep is one check of the verification.
type sdjwtStep struct {
	Code    string `json:"code"`
	Outcome string `json:"outcome"`
	Clause  string `json:"clause"`
	VI      string `json:"vi"`
	EN      string `json:"en"`
}

// judgeSDJWT names the claims of a valid presentation; their values only with -reveal.
func judgeSDJWT(report sdjwt.Report, reveal bool) (any, bool) {
	type answer struct {
		verdict
		Verdict    string         `json:"verdict"`
		Issuer     string         `json:"issuer,omitempty"`
		Type       string         `json:"type,omitempty"`
		IssuedAt   time.Time      `json:"issuedAt,omitzero"`
		Expires    time.Time      `json:"expires,omitzero"`
		BoundAt    time.Time      `json:"boundAt,omitzero"`
		StatusAsOf time.Time      `json:"statusAsOf,omitzero"`
		Steps      []sdjwtStep    `json:"steps"`
		Claims     []string       `json:"claims,omitempty"`
		Values     map[string]any `json:"values,omitempty"`
	}
	a := answer{
		verdict: verdict{Valid: report.Verdict == sdjwt.Valid, Reasons: []reason{}}, Verdict: report.Verdict.String(),
		Issuer: report.Issuer, Type: report.Type, IssuedAt: report.IssuedAt, Expires: report.Expires, BoundAt: report.BoundAt,
		StatusAsOf: report.StatusAsOf, Claims: report.Claims().Names(),
	}
	for _, step := range report.Steps {
		a.Steps = append(a.Steps, sdjwtStep{step.Code(), step.Outcome.String(), step.Clause, step.Text("vi"), step.Text("en")})
		if step.Outcome != sdjwt.Passed {
			a.Reasons = append(a.Reasons, reason{Code: step.Code(), VI: step.Text("vi"), EN: step.Text("en"), Law: step.Clause})
		}
	}
	if reveal && a.Valid {
		a.Values = map[string]any{}
		for _, name := range a.Claims {
			a.Values[name], _ = report.Claims().Reveal(name)
		}
	}
	return a, a.Valid
}
