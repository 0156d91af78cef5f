// Command inspect is the tester's tool: it judges one number, date, document, code or journal and says why, as JSON.
//
//	inspect personid 001090000123
//	inspect taxcode 0100109106
//	inspect dossiercode H26.35.12-261118-0001
//	inspect cardqr TEXT-OR-IMAGE
//	inspect mrz ZONE
//	inspect chip DIR -csca masterlist.ml -crl lists/
//	inspect chip -specimen DIR
//	inspect jwt TOKEN -jwks keys.json -issuer I -audience A
//	inspect sdjwt PRESENTATION -trust issuers.json -audience A -nonce N
//	inspect workdays -from 2026-08-28 -add 5
//	inspect pdf result.pdf -roots roots.pem -crl status/
//	inspect sign -level B-LTA -key key.pem -cert chain.pem -tsa http://tsa.example.vn/ in.pdf out.pdf
//	inspect qr qr.png -trust trust.json -status lists/
//	inspect qr -issue claims.json -key key.pem -agency H26.12 -newtrust trust.json
//	inspect trustlist trust.json
//	inspect statuslist lists/h26.cose -trust trust.json
//	inspect journal journal.db
//	inspect journal journal.db -signer log.key -prove 17 -out proof.json
//	inspect proof proof.json -key log.key.pub
//
// With "-" in place of the input it reads one input a line from standard input and answers one JSON object a line. Every
// answer has "valid", "indication" or "verdict", and "reasons". The exit status is 0 when all is valid, 1 when something
// is not, 2 when the call makes no sense.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
)

const (
	exitValid   = 0
	exitInvalid = 1
	exitUsage   = 2
)

// pairMark stands between two file names; no file name holds it.
const pairMark = "\x00"

// reason is why something is as it is, in both languages.
type reason struct {
	Code string `json:"code"`
	VI   string `json:"vi"`
	EN   string `json:"en"`
	Law  string `json:"law,omitempty"`
}

// judge answers one input: what to print, and whether it is valid.
type judge func(ctx context.Context, input string) (answer any, valid bool)

// command is one subject. prepare reads its flags and returns the judge.
type command struct {
	name, usage string
	// inline is the flag that stands in the place of the input, if there is one.
	inline string
	// pair commands take two inputs, which reach the judge in one with pairMark between them.
	pair    bool
	prepare func(flags *flag.FlagSet) func() (judge, error)
}

func commands() []command {
	return []command{
		{name: "personid", usage: "personid NUMBER|-", prepare: personIDCommand},
		{name: "taxcode", usage: "taxcode CODE|-", prepare: taxCodeCommand},
		{name: "dossiercode", usage: "dossiercode CODE|-", prepare: dossierCodeCommand},
		{name: "cardqr", usage: "cardqr TEXT|IMAGE|- [-at TIME] [-reveal]", prepare: cardQRCommand},
		{name: "mrz", usage: "mrz ZONE|FILE|- [-at TIME] [-reveal]", prepare: mrzCommand},
		{name: "chip", usage: "chip DIR|- -csca FILE|DIR [-passports FILE|DIR] [-crl FILE|DIR] [-kind card|passport] [-session FILE.json]\n" +
			"    [-clone-proof] [-expired] [-at TIME] [-reveal]\n  inspect chip -specimen DIR", inline: "specimen", prepare: chipCommand},
		{name: "jwt", usage: "jwt TOKEN|- -jwks FILE -issuer I -audience A [-nonce N] [-algs A,B] [-at TIME]", prepare: jwtCommand},
		{name: "sdjwt", usage: "sdjwt PRESENTATION|- -trust ISSUERS.json [-audience A -nonce N] [-status FILE|-fetch] [-at TIME] [-reveal]",
			prepare: sdjwtCommand},
		{name: "workdays", usage: "workdays -from yyyy-mm-dd -add N | workdays -", inline: "from", prepare: workdaysCommand},
		{name: "pdf", usage: "pdf FILE|- -roots ROOTS.pem [-crl FILE|DIR] [-fetch] [-at TIME]", prepare: pdfCommand},
		{name: "sign", usage: "sign -key KEY.pem -cert CHAIN.pem [-level B-B|B-T|B-LT|B-LTA] [-tsa URL] [-roots ROOTS.pem]\n" +
			"    [-crl FILE|DIR] [-reason TEXT] [-name NAME] IN.pdf OUT.pdf", pair: true, prepare: signCommand},
		{name: "qr", usage: "qr TEXT|IMAGE|- -trust TRUST.json [-status FILE|DIR] [-codes FILE] [-at TIME]\n" +
			"  inspect qr -issue CLAIMS.json -key KEY.pem -agency CODE [-codes FILE] [-newtrust TRUST.json]", prepare: qrCommand},
		{name: "trustlist", usage: "trustlist TRUST.json [-at TIME]", prepare: trustListCommand},
		{name: "statuslist", usage: "statuslist FILE -trust TRUST.json [-at TIME]", prepare: statusListCommand},
		{name: "journal", usage: "journal FILE|- [-signer KEYFILE] [-witness FILE] [-prove POSITION,… -out PROOF.json]", prepare: journalCommand},
		{name: "proof", usage: "proof PROOF.json|- -key KEY [-witness FILE]", prepare: proofCommand},
	}
}

func main() {
	os.Exit(run(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run is the whole program, so that tests can call it.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	all := commands()
	if len(args) == 0 {
		return usage(stderr, all)
	}
	at := slices.IndexFunc(all, func(c command) bool { return c.name == args[0] })
	if at < 0 {
		return usage(stderr, all)
	}
	c := all[at]
	flags := flag.NewFlagSet("inspect "+c.name, flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() { fmt.Fprintln(stderr, "usage: inspect", c.usage); flags.PrintDefaults() }
	ready := c.prepare(flags)
	inputs, err := parseMixed(flags, args[1:])
	if err != nil {
		return exitUsage
	}
	j, err := ready()
	if err != nil {
		fmt.Fprintln(stderr, "inspect:", err)
		return exitUsage
	}
	inline := c.inline != "" && flags.Lookup(c.inline).Value.String() != ""
	switch {
	case inline && len(inputs) == 0:
		inputs = []string{""}
	case c.pair && len(inputs) == 2:
		inputs = []string{inputs[0] + pairMark + inputs[1]}
	case inline || c.pair || len(inputs) != 1:
		flags.Usage()
		return exitUsage
	}
	if inputs[0] == "-" {
		return judgeLines(ctx, j, stdin, stdout, stderr)
	}
	return answer(ctx, j, inputs[0], stdout)
}

// parseMixed lets flags stand before and behind the input.
func parseMixed(flags *flag.FlagSet, args []string) (inputs []string, err error) {
	for len(args) > 0 {
		if err := flags.Parse(args); err != nil {
			return nil, err
		}
		args = flags.Args()
		if len(args) > 0 {
			inputs = append(inputs, args[0])
			args = args[1:]
		}
	}
	return inputs, nil
}

func answer(ctx context.Context, j judge, input string, stdout io.Writer) int {
	a, valid := j(ctx, input)
	out := json.NewEncoder(stdout)
	out.SetEscapeHTML(false)
	if err := out.Encode(a); err != nil || !valid {
		return exitInvalid
	}
	return exitValid
}

func usage(w io.Writer, all []command) int {
	fmt.Fprintln(w, "usage:")
	for _, c := range all {
		fmt.Fprintln(w, "  inspect", c.usage)
	}
	return exitUsage
}

// legible is what every error of the library that people may see offers.
type legible interface {
	Code() string
	Text(lang string) string
}

// reasonOf turns an error into a reason; one that is not meant for people keeps its English text in both languages.
func reasonOf(err error) reason {
	var l legible
	if errors.As(err, &l) {
		return reason{Code: l.Code(), VI: l.Text("vi"), EN: l.Text("en")}
	}
	return reason{Code: "error", VI: "Không kiểm tra được: " + err.Error(), EN: err.Error()}
}
