package vietqr

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Encode writes the text of a code. Names and words are folded to ASCII, as banks' apps need it: "Nghĩa" becomes "Nghia".
// Nothing is cut: what is too long is an error, for a cut account number is somebody else's. Fields in Other are not
// written. Errors: *qr.InvalidError.
func (p Payload) Encode() (string, error) {
	var b strings.Builder
	b.WriteString("000201")
	if p.Dynamic {
		b.WriteString("010212")
	} else {
		b.WriteString("010211")
	}
	if err := p.checkEncodable(); err != nil {
		return "", err
	}
	if p.Merchant != "" {
		b.WriteString(put("26", put("00", guidVNPAY)+put("01", p.Merchant)))
	}
	if p.Account != "" {
		b.WriteString(put("38", put("00", guidNAPAS)+put("01", put("00", p.Bank)+put("01", p.Account))+put("02", string(p.Service))))
	}
	if p.Category != "" {
		b.WriteString(put("52", p.Category))
	}
	b.WriteString("5303704")
	if p.Amount > 0 {
		b.WriteString(put("54", strconv.FormatInt(p.Amount, 10)))
	}
	b.WriteString("5802VN")
	for _, f := range []struct {
		id, text string
		most     int
	}{{"59", p.Name, 25}, {"60", p.City, 15}, {"61", p.PostalCode, 10}} {
		if err := putText(&b, "", f.id, f.text, f.most); err != nil {
			return "", err
		}
	}
	var more strings.Builder
	for _, f := range p.additional() {
		if err := putText(&more, "62.", f.id, *f.text, 25); err != nil {
			return "", err
		}
	}
	if more.Len() > 99 {
		return "", broken("62", "at most 99 characters together")
	}
	if more.Len() > 0 {
		b.WriteString(put("62", more.String()))
	}
	b.WriteString("6304")
	return b.String() + fmt.Sprintf("%04X", crc(b.String())), nil
}

func (p *Payload) checkEncodable() error {
	switch {
	case p.Account == "" && p.Merchant == "":
		return broken("38", "a beneficiary")
	case p.Amount < 0 || p.Amount > maxAmount:
		return broken("54", "whole đồng, at most 13 digits")
	case p.Category != "" && (len(p.Category) != 4 || !isDigits(p.Category)):
		return broken("52", "four digits")
	case len(p.Merchant) > 32 || !isAccount(p.Merchant):
		return broken("26.01", "at most 32 letters and digits")
	case p.Account != "":
		return p.checkBeneficiary()
	}
	return nil
}

func put(id, value string) string { return fmt.Sprintf("%s%02d%s", id, len(value), value) }

func putText(b *strings.Builder, at, id, text string, most int) error {
	folded := Fold(text)
	switch {
	case text == "":
		return nil
	case folded == "" || len(folded) > most:
		return broken(at+id, fmt.Sprintf("1 to %d characters after folding to ASCII", most))
	}
	b.WriteString(put(id, folded))
	return nil
}

// Fold writes text in printable ASCII: Vietnamese letters lose their marks, đ becomes d, and what has no ASCII letter is
// left out.
func Fold(text string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(text) {
		switch {
		case r == 'đ':
			b.WriteByte('d')
		case r == 'Đ':
			b.WriteByte('D')
		case unicode.Is(unicode.Mn, r) || r < ' ' || r > '~':
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
