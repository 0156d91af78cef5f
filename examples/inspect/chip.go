package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"time"

	"github.com/motcua/motcua/identity"
	"github.com/motcua/motcua/identity/chip"
)

// chipFlags are those of the command.
type chipFlags struct {
	csca, passports, crl, at, session, kind, specimen string
	reveal, cloneProof, acceptExpired                 bool
}

// chipCommand judges what was read from the chip of a card or passport: a directory of elementary files, raw. The
// authorities are the caller's; there are no others.
func chipCommand(flags *flag.FlagSet) func() (judge, error) {
	f := new(chipFlags)
	flags.StringVar(&f.csca, "csca", "", "signing authorities to trust: a master list, PEM or DER, or a directory of them (required)")
	flags.StringVar(&f.passports, "passports", "", "authorities for passports; those of -csca then sign cards only")
	flags.StringVar(&f.crl, "crl", "", "revocation lists, a file or a directory; then revocation must be known")
	flags.StringVar(&f.at, "at", "", "time of judgement, RFC 3339 or yyyy-mm-dd; default now")
	flags.StringVar(&f.session, "session", "", "what a terminal recorded of active or chip authentication, JSON")
	flags.StringVar(&f.kind, "kind", "", "the document that is expected: card or passport")
	flags.StringVar(&f.specimen, "specimen", "", "write an invented card with its authority into this directory, and judge it")
	flags.BoolVar(&f.reveal, "reveal", false, "print values in clear")
	flags.BoolVar(&f.cloneProof, "clone-proof", false, "demand that active or chip authentication passed")
	flags.BoolVar(&f.acceptExpired, "expired", false, "take a document behind its last day")
	return f.judge
}

func (f *chipFlags) judge() (judge, error) {
	when, err := parseTime(f.at)
	if err != nil {
		return nil, err
	}
	if f.specimen != "" {
		if err := writeSpecimen(f.specimen, when); err != nil {
			return nil, err
		}
		f.csca, f.crl = filepath.Join(f.specimen, "csca.ml"), filepath.Join(f.specimen, "crl")
		f.session = filepath.Join(f.specimen, "session.json")
	}
	if f.csca == "" {
		return nil, errors.New("chip: -csca is required: a verdict rests on stated authorities")
	}
	verifier, err := f.verifier()
	if err != nil {
		return nil, err
	}
	session, err := readSession(f.session)
	if err != nil {
		return nil, err
	}
	return func(_ context.Context, dir string) (any, bool) {
		if dir == "" {
			dir = f.specimen
		}
		return judgeChip(verifier, dir, session, when, f.reveal)
	}, nil
}

func (f *chipFlags) verifier() (*chip.Verifier, error) {
	policy := chip.Policy{CloneProof: f.cloneProof, AcceptExpired: f.acceptExpired, RevocationOptional: f.crl == ""}
	switch f.kind {
	case "":
	case chip.Card.String():
		policy.Kind = chip.Card
	case chip.Passport.String():
		policy.Kind = chip.Passport
	default:
		return nil, errors.New("chip: -kind: want card or passport")
	}
	var anchors chip.Anchors
	var err error
	if anchors.Cards, err = readAuthorities(f.csca); err != nil {
		return nil, err
	}
	anchors.Passports = anchors.Cards
	if f.passports != "" {
		if anchors.Passports, err = readAuthorities(f.passports); err != nil {
			return nil, err
		}
	}
	if anchors.CRLs, err = readCRLs(f.crl); err != nil {
		return nil, err
	}
	trust, err := chip.NewTrust(anchors)
	if err != nil {
		return nil, err
	}
	return chip.NewVerifier(trust, policy)
}

// chipAnswer is the report, and whose document it is when it is accepted. Values are redacted unless -reveal is given.
type chipAnswer struct {
	Valid   bool     `json:"valid"`
	Reasons []reason `json:"reasons"`
	*chip.Report
	Steps     []stepAnswer `json:"steps"`
	Trust     string       `json:"trust,omitempty"`
	Person    string       `json:"person,omitempty"`
	OldNumber string       `json:"oldNumber,omitempty"`
	Passport  string       `json:"passport,omitempty"`
	Name      string       `json:"name,omitempty"`
	BirthDate string       `json:"birthDate,omitempty"`
	Sex       string       `json:"sex,omitempty"`
	Expires   string       `json:"expires,omitempty"`
	Portrait  string       `json:"portrait,omitempty"`
}

// stepAnswer is a step with its words.
type stepAnswer struct {
	chip.Step
	reason
}

func judgeChip(verifier *chip.Verifier, dir string, session chip.Session, at time.Time, reveal bool) (any, bool) {
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return refuse(unopened()), false
	}
	files, err := chip.ReadFiles(os.DirFS(dir))
	if err != nil {
		return refuse(err), false
	}
	report := verifier.Verify(at, files, session)
	a := chipAnswer{Report: report, Valid: report.Verdict == chip.Accepted, Reasons: []reason{}}
	for _, s := range report.Reasons() {
		a.Reasons = append(a.Reasons, wordsOf(s))
	}
	for _, s := range report.Steps {
		a.Steps = append(a.Steps, stepAnswer{s, wordsOf(s)})
	}
	if doc, ok := report.Document(); ok {
		a.show(doc, at, reveal)
	}
	return a, a.Valid
}

func wordsOf(s chip.Step) reason { return reason{Code: s.Code(), VI: s.Text("vi"), EN: s.Text("en")} }

func (a *chipAnswer) show(doc chip.Document, at time.Time, reveal bool) {
	subject, err := identity.Subject{}.Corroborate(at, doc.Statements("inspect")...)
	if err != nil {
		return
	}
	if p, ok := subject.ProvenanceOf(identity.AttrBirthDate); ok {
		a.Trust = p.Origin.Trust.String()
	}
	if subject.Name.IsZero() { // a passport has the name of its zone only
		subject.Name = doc.Zone.Name
	}
	a.Person, a.OldNumber, a.Passport = show(subject.Person, reveal), show(subject.OldNumber, reveal), show(subject.Passport, reveal)
	a.Name, a.BirthDate, a.Sex = show(subject.Name, reveal), show(subject.BirthDate, reveal), subject.Sex.String()
	if !doc.Zone.Expires.IsZero() {
		a.Expires = doc.Zone.Expires.Format(time.DateOnly)
	}
	a.Portrait = doc.Portrait.String()
}

// readAuthorities reads master lists and certificates. The signature of a master list is checked; whose it is, is for the
// caller to know who names the file.
func readAuthorities(path string) ([]*chip.Certificate, error) {
	names, err := filesAt(path)
	if err != nil {
		return nil, err
	}
	var all []*chip.Certificate
	for _, name := range names {
		data, err := readFile(name)
		if err != nil {
			return nil, err
		}
		if list, err := chip.ParseMasterList(data); err == nil {
			all = append(all, list.Certificates("")...)
			continue
		} else if certificates, err2 := chip.ParseCertificates(data); err2 == nil {
			all = append(all, certificates...)
			continue
		} else if code := reasonOf(err).Code; code != "chip.masterlist.form" {
			return nil, err
		}
		return nil, errors.New("chip: " + filepath.Base(name) + ": no master list and no certificate")
	}
	return all, nil
}

func readCRLs(path string) (lists [][]byte, err error) {
	if path == "" {
		return nil, nil
	}
	names, err := filesAt(path)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		data, err := readFile(name)
		if err != nil {
			return nil, err
		}
		if !bytes.HasPrefix(bytes.TrimSpace(data), []byte("-----BEGIN")) {
			lists = append(lists, data)
			continue
		}
		for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
			lists = append(lists, block.Bytes)
		}
	}
	return lists, nil
}

// filesAt returns a file, or the files of a directory.
func filesAt(path string) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return []string{path}, nil
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, entry := range entries {
		if entry.Type().IsRegular() {
			names = append(names, filepath.Join(path, entry.Name()))
		}
	}
	if len(names) > maxStatusFiles {
		return nil, errors.New("chip: want at most 512 files")
	}
	return names, nil
}

// sessionFile is a session as a terminal records it, bytes in hexadecimal.
type sessionFile struct {
	Active *struct {
		Challenge string `json:"challenge"`
		Response  string `json:"response"`
	} `json:"active,omitempty"`
	Chip *struct {
		PrivateKey string `json:"privateKey"`
		KeyID      int    `json:"keyId"`
		Cipher     string `json:"cipher,omitempty"`
		Response   string `json:"response"`
		Counter    uint64 `json:"counter"`
	} `json:"chip,omitempty"`
}

func readSession(path string) (s chip.Session, err error) {
	if path == "" {
		return s, nil
	}
	data, err := readFile(path)
	if err != nil {
		return s, err
	}
	var file sessionFile
	if err := json.Unmarshal(data, &file); err != nil {
		return s, errors.New("chip: -session: want a JSON object with active or chip")
	}
	var broken error
	unhex := func(text string) []byte {
		raw, err := hex.DecodeString(text)
		broken = errors.Join(broken, err)
		return raw
	}
	if a := file.Active; a != nil {
		s.Active = &chip.ActiveAuthentication{Challenge: unhex(a.Challenge), Response: unhex(a.Response)}
	}
	if c := file.Chip; c != nil {
		s.Chip = &chip.ChipAuthentication{PrivateKey: unhex(c.PrivateKey), KeyID: c.KeyID, Cipher: c.Cipher, Response: unhex(c.Response),
			Counter: c.Counter}
	}
	if broken != nil {
		return s, errors.New("chip: -session: want bytes in hexadecimal")
	}
	return s, nil
}
