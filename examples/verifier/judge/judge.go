// Package judge turns the text of a scanned code into what a verifier's screen says. The server, the command line and the
// WebAssembly build in the browser call the same function, so that none of them can be kinder than the others.
package judge

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/motcua/motcua/qr"
	"github.com/motcua/motcua/qr/read"
	"github.com/motcua/motcua/qr/vietqr"
)

// Row is one thing a code says.
type Row struct {
	Label string `json:"label"`
	Value string `json:"value"`
}

// View is what the screen says about one code. Signed and Unsigned are never mixed: only Signed is vouched for.
type View struct {
	Verdict  string `json:"verdict"` // as package qr names it
	Valid    bool   `json:"valid"`
	Class    string `json:"class"` // "good", "warn" or "bad"
	Headline string `json:"headline"`
	// Reasons are the grounds of a refusal; Unchecked what a valid code was not checked for.
	Reasons   []string `json:"reasons"`
	Unchecked []string `json:"unchecked"`
	Signed    []Row    `json:"signed"`
	Unsigned  []Row    `json:"unsigned"`
	About     []Row    `json:"about"`
}

// Status reads status lists as they travel to the page, a JSON array of base64. Each must be vouched for by the trust list.
func Status(list *qr.TrustList, raw []byte) ([]*qr.StatusList, error) {
	var files [][]byte
	if err := json.Unmarshal(raw, &files); err != nil {
		return nil, fmt.Errorf("judge: status lists: %w", err)
	}
	var lists []*qr.StatusList
	for _, data := range files {
		s, err := list.ParseStatusList(data)
		if err != nil {
			return nil, err
		}
		lists = append(lists, s)
	}
	return lists, nil
}

// maxText bounds what is looked at; the largest symbol holds 7,089 digits.
const maxText = 8 << 10

// Judge judges the text of a code at a time, in "vi" or "en".
func Judge(verifier *qr.Verifier, text, lang string, at time.Time) View {
	text = strings.TrimRight(text, "\r\n\t ")
	if len(text) > maxText {
		text = text[:maxText]
	}
	report := verifier.Verify(text, at)
	v := View{Verdict: report.Verdict.String(), Valid: report.Valid(), Class: "bad", Headline: report.Verdict.Text(lang),
		Reasons: []string{}, Unchecked: []string{}, Signed: []Row{}, Unsigned: []Row{}, About: []Row{}}
	switch report.Verdict {
	case qr.Valid:
		v.Class = "good"
	case qr.ValidStatusStale, qr.Unsigned, qr.NotYetValid:
		v.Class = "warn"
	}
	for _, r := range report.Reasons {
		if v.Valid {
			v.Unchecked = append(v.Unchecked, r.Text(lang))
		} else {
			v.Reasons = append(v.Reasons, r.Text(lang))
		}
	}
	if report.Verdict == qr.Unsigned {
		v.Unsigned = unsigned(text, lang)
		return v
	}
	if report.Claims != nil {
		v.Signed = signed(report.Claims, lang)
	}
	v.About = about(&report, lang)
	return v
}

// signed reads the claims by their JSON form, so that a kind this program does not know yet still shows all it says.
func signed(claims *qr.Claims, lang string) []Row {
	raw, err := json.Marshal(claims.Body)
	if err != nil {
		return []Row{}
	}
	rows := flatten(raw, lang)
	rows = append(rows, Row{word(lang, "issuedAt"), minute(claims.IssuedAt)}, Row{word(lang, "expires"), minute(claims.Expires)})
	return rows
}

func flatten(raw []byte, lang string) []Row {
	dec := json.NewDecoder(strings.NewReader(string(raw)))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return []Row{}
	}
	rows := []Row{}
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return rows
		}
		var value any
		if err := dec.Decode(&value); err != nil {
			return rows
		}
		if text := plain(value); text != "" {
			rows = append(rows, Row{word(lang, name.(string)), text})
		}
	}
	return rows
}

// plain writes a JSON value for people.
func plain(value any) string {
	switch v := value.(type) {
	case string:
		if at, err := time.Parse(time.RFC3339, v); err == nil {
			return minute(at)
		}
		return v
	case nil:
		return ""
	default:
		raw, err := json.Marshal(v)
		if err != nil {
			return ""
		}
		return string(raw)
	}
}

func about(report *qr.Report, lang string) []Row {
	rows := []Row{}
	if report.Issuer != "" {
		rows = append(rows, Row{word(lang, "issuer"), report.Issuer})
	}
	rows = append(rows, Row{word(lang, "list"), age(report.ListAge, lang)})
	if !report.StatusIssued.IsZero() {
		rows = append(rows, Row{word(lang, "status"), age(report.StatusAge, lang)})
	}
	return rows
}

// unsigned reads what a code without a signature of ours claims: a citizen card, a payment code, a code of another scheme, a
// link, or words.
func unsigned(text, lang string) []Row {
	if card, err := qr.ParseCitizenCard(text); err == nil {
		return rowsOf(plainCard(card.Reveal()), lang)
	}
	if p, err := vietqr.Parse(text); err == nil {
		return rowsOf(plainPayment(p, lang), lang)
	}
	if d, err := read.Parse(text); err == nil {
		return foreign(d, lang)
	}
	if link, err := url.Parse(text); err == nil && link.Host != "" && (link.Scheme == "https" || link.Scheme == "http") {
		return []Row{{word(lang, "link"), link.Host}, {word(lang, "warning"), word(lang, "link.warning")}}
	}
	return []Row{{word(lang, "text"), text}}
}

func rowsOf(v any, lang string) []Row {
	raw, err := json.Marshal(v)
	if err != nil {
		return []Row{}
	}
	return flatten(raw, lang)
}

// foreign shows a code of another scheme. This page holds no keys of other issuers, so its signature stays unchecked.
func foreign(d *read.Document, lang string) []Row {
	rows := []Row{{word(lang, "scheme"), string(d.Scheme)}, {word(lang, "claimedIssuer"), d.Issuer}, {word(lang, "warning"), word(lang, "foreign.warning")}}
	if !d.Expires.IsZero() {
		rows = append(rows, Row{word(lang, "expires"), minute(d.Expires)})
	}
	if raw, err := d.Reveal(); err == nil {
		rows = append(rows, flatten(raw, lang)...)
	}
	return rows
}
