package main

import (
	"bytes"
	"context"
	"crypto"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"flag"
	"os"
	"time"

	"github.com/motcua/motcua/qr"
)

// issueFlags turn "inspect qr" around: it signs claims, so that a tester has codes to judge.
type issueFlags struct {
	issue                 bool
	key, agency, newTrust string
}

func (f *issueFlags) define(flags *flag.FlagSet) {
	flags.BoolVar(&f.issue, "issue", false, "sign the claims in the JSON file instead of judging a code")
	flags.StringVar(&f.key, "key", "", "with -issue: private key, PKCS #8 in PEM, on P-256 or Ed25519 (required)")
	flags.StringVar(&f.agency, "agency", "", "with -issue: code of the agency (required)")
	flags.StringVar(&f.newTrust, "newtrust", "", "with -issue: write a trust file for tests, in which the key is root and agency")
}

func (f *issueFlags) judge(codes string) (judge, error) {
	if f.key == "" || f.agency == "" {
		return nil, errors.New("qr: -issue needs -key and -agency")
	}
	signer, err := readSigner(f.key)
	if err != nil {
		return nil, err
	}
	cfg := qr.IssueConfig{}
	if cfg.Codes, err = readCodes(codes, []crypto.PublicKey{signer.Public()}); err != nil {
		return nil, err
	}
	issuer, err := qr.NewIssuer(signer, f.agency, cfg)
	if err != nil {
		return nil, err
	}
	if f.newTrust != "" {
		if err := writeTrust(f.newTrust, signer, f.agency); err != nil {
			return nil, err
		}
	}
	return func(_ context.Context, input string) (any, bool) { return issueCode(issuer, input) }, nil
}

func readSigner(name string) (crypto.Signer, error) {
	raw, err := readFile(name)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(raw)
	if block == nil || block.Type != "PRIVATE KEY" {
		return nil, errors.New("-key: want a PKCS #8 key in PEM, as openssl genpkey writes it")
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, errors.New("-key: want a PKCS #8 key")
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, errors.New("-key: want a key that signs")
	}
	return signer, nil
}

// writeTrust makes a list for tests: one key for everything, a year long.
func writeTrust(name string, signer crypto.Signer, agency string) error {
	from := time.Now().Add(-time.Hour)
	list, err := qr.SignTrustList(signer, qr.TrustListDraft{
		Owner: "inspect, for tests only", Version: 1, Issued: from, Until: from.AddDate(1, 0, 0),
		Keys: []qr.TrustedKey{{Public: signer.Public(), Issuer: agency, NotBefore: from, NotAfter: from.AddDate(1, 0, 0),
			Kinds:      []qr.Kind{qr.KindPerson, qr.KindReceipt, qr.KindResult, qr.KindPayment, qr.KindStatusList},
			Procedures: []string{qr.AllProcedures}}},
	})
	if err != nil {
		return err
	}
	file, err := qr.EncodeTrustFile(list, signer.Public())
	if err != nil {
		return err
	}
	return os.WriteFile(name, file, 0o644)
}

// wantedClaims is the JSON that -issue reads: what "inspect qr" prints of a code's claims, as far as one may choose it.
type wantedClaims struct {
	Kind      string          `json:"kind"`
	NotBefore time.Time       `json:"notBefore"`
	Expires   time.Time       `json:"expires"`
	Status    *qr.Status      `json:"status"`
	Body      json.RawMessage `json:"body"`
}

type wantedPerson struct {
	Number    string `json:"number,omitempty"`
	FullName  string `json:"fullName,omitempty"`
	Birth     string `json:"birth,omitempty"` // yyyy-mm-dd
	Sex       uint8  `json:"sex,omitempty"`
	Residence string `json:"residence,omitempty"`
	Level     uint8  `json:"level,omitempty"`
	Selective bool   `json:"selective,omitempty"`
}

// revealed is the other way round: what a code says of a person, in clear.
func revealed(p qr.Person) *wantedPerson {
	w := &wantedPerson{Number: p.Number, FullName: p.FullName, Sex: p.Sex, Residence: p.Residence, Level: p.Level,
		Selective: p.Selective}
	if !p.Birth.IsZero() {
		w.Birth = p.Birth.In(vietnam()).Format(time.DateOnly)
	}
	return w
}

func issueCode(issuer *qr.Issuer, input string) (any, bool) {
	type answer struct {
		verdict
		Text     string         `json:"text"`
		ID       qr.ID          `json:"id"`
		Kind     qr.Kind        `json:"kind"`
		KeyID    qr.KeyID       `json:"keyId"`
		Length   int            `json:"characters"`
		Versions map[string]int `json:"versions"`
	}
	claims, err := readClaims(input)
	if err != nil {
		return refuse(err), false
	}
	code, err := issuer.Issue(claims)
	if err != nil {
		return refuse(err), false
	}
	a := answer{verdict: verdict{Valid: true, Reasons: []reason{}}, Text: code.Text(), ID: code.ID(), Kind: code.Kind(),
		KeyID: issuer.KeyID(), Length: len(code.Text()), Versions: make(map[string]int)}
	for _, level := range []qr.Level{qr.M, qr.Q} {
		if symbol, err := code.Symbol(level); err == nil {
			a.Versions[level.String()] = symbol.Version()
		}
	}
	return a, true
}

func readClaims(input string) (qr.Claims, error) {
	raw, err := readFile(input)
	if err != nil {
		return qr.Claims{}, err
	}
	var w wantedClaims
	if err := strictJSON(raw, &w); err != nil {
		return qr.Claims{}, err
	}
	claims := qr.Claims{NotBefore: w.NotBefore, Expires: w.Expires, Status: w.Status}
	switch w.Kind {
	case "receipt":
		claims.Body, err = bodyOf[qr.Receipt](w.Body)
	case "result":
		claims.Body, err = bodyOf[qr.Result](w.Body)
	case "payment":
		claims.Body, err = bodyOf[qr.Payment](w.Body)
	case "person":
		claims.Body, err = personOf(w.Body)
	default:
		err = errors.New("kind: want receipt, result, payment or person")
	}
	return claims, err
}

func strictJSON(raw []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	return decoder.Decode(into)
}

func bodyOf[T qr.Body](raw json.RawMessage) (qr.Body, error) {
	var body T
	err := strictJSON(raw, &body)
	return body, err
}

func personOf(raw json.RawMessage) (qr.Body, error) {
	var w wantedPerson
	if err := strictJSON(raw, &w); err != nil {
		return nil, err
	}
	p := qr.Person{Number: w.Number, FullName: w.FullName, Sex: w.Sex, Residence: w.Residence, Level: w.Level,
		Selective: w.Selective}
	if w.Birth != "" {
		var err error
		if p.Birth, err = time.ParseInLocation(time.DateOnly, w.Birth, vietnam()); err != nil {
			return nil, errors.New("body.birth: want yyyy-mm-dd")
		}
	}
	return p, nil
}
