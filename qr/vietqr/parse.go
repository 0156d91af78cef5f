package vietqr

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	guidNAPAS = "A000000727"
	guidVNPAY = "A000000775"
	maxAmount = 9_999_999_999_999 // 13 digits
)

// Parse reads the text of a code. Errors: *qr.InvalidError.
func Parse(text string) (Payload, error) {
	if !utf8.ValidString(text) || utf8.RuneCountInString(text) > maxText {
		return Payload{}, broken("", "at most 512 characters of UTF-8")
	}
	at := len(text) - 8
	if at < 0 || text[at:at+4] != "6304" {
		return Payload{}, broken("63", "a check sum at the end")
	}
	if want := fmt.Sprintf("%04X", crc(text[:at+4])); !strings.EqualFold(text[at+4:], want) {
		return Payload{}, broken("63", "the check sum of the text")
	}
	byBytes, errBytes := read(text[:at], inBytes)
	byCharacters, errCharacters := read(text[:at], inCharacters)
	switch {
	case errBytes != nil && errCharacters != nil:
		return Payload{}, errBytes
	case errBytes != nil:
		return byCharacters, nil
	case errCharacters == nil && !same(byBytes, byCharacters):
		return Payload{}, broken("", "one way to read its lengths")
	}
	return byBytes, nil
}

func same(a, b Payload) bool {
	return slices.Equal(a.Other, b.Other) && slices.Equal(fieldsOf(a), fieldsOf(b))
}

// fieldsOf lists what a payload says, for comparing.
func fieldsOf(p Payload) []string {
	list := []string{strconv.FormatBool(p.Dynamic), p.Bank, p.Account, string(p.Service), p.Merchant, strconv.FormatInt(p.Amount, 10),
		p.Category, p.Name, p.City, p.PostalCode}
	for _, f := range p.additional() {
		list = append(list, *f.text)
	}
	return list
}

func read(text string, count counting) (Payload, error) {
	fields, err := split(text, "", count)
	if err != nil {
		return Payload{}, err
	}
	if len(fields) == 0 || fields[0] != (field{"00", "01"}) {
		return Payload{}, broken("00", "01, in the first place")
	}
	var p Payload
	var currency, country bool
	for _, f := range fields[1:] {
		switch f.id {
		case "53":
			currency = f.value == "704"
		case "58":
			country = f.value == "VN"
		}
		if err := p.take(f, count); err != nil {
			return Payload{}, err
		}
	}
	switch {
	case !currency:
		return Payload{}, broken("53", "704, đồng")
	case !country:
		return Payload{}, broken("58", "VN")
	case p.Account == "" && p.Merchant == "":
		return Payload{}, broken("38", "a beneficiary")
	}
	return p, nil
}

// take puts one field of the top level where it belongs.
func (p *Payload) take(f field, count counting) error {
	switch f.id {
	case "01":
		if f.value != "11" && f.value != "12" {
			return broken("01", "11 or 12")
		}
		p.Dynamic = f.value == "12"
	case "26":
		return p.takeMerchant(f, count)
	case "38":
		return p.takeBeneficiary(f.value, count)
	case "52":
		p.Category = f.value
		return bounded("52", f.value, 4, true)
	case "53", "58":
	case "54":
		return p.takeAmount(f.value)
	case "59":
		p.Name = f.value
		return bounded("59", f.value, 25, false)
	case "60":
		p.City = f.value
		return bounded("60", f.value, 15, false)
	case "61":
		p.PostalCode = f.value
		return bounded("61", f.value, 10, false)
	case "62":
		return p.takeAdditional(f.value, count)
	default:
		p.Other = append(p.Other, Other{f.id, f.value})
	}
	return nil
}

func bounded(at, value string, most int, digits bool) error {
	if utf8.RuneCountInString(value) > most || digits && !isDigits(value) {
		return broken(at, fmt.Sprintf("at most %d characters", most))
	}
	return nil
}

func (p *Payload) takeAmount(value string) error {
	n, err := strconv.ParseInt(value, 10, 64)
	if err != nil || !isDigits(value) || len(value) > 13 || n == 0 || value[0] == '0' {
		return broken("54", "whole đồng, at most 13 digits")
	}
	p.Amount = n
	return nil
}

// takeMerchant reads VNPAY-QR. Other schemes under 26 are kept as they are.
func (p *Payload) takeMerchant(f field, count counting) error {
	fields, err := split(f.value, "26", count)
	if err != nil {
		return err
	}
	if fields[0] != (field{"00", guidVNPAY}) || len(fields) != 2 || fields[1].id != "01" {
		p.Other = append(p.Other, Other{f.id, f.value})
		return nil
	}
	p.Merchant = fields[1].value
	return nil
}

// takeBeneficiary reads 38: the scheme, then bank and number, then the service beside them.
func (p *Payload) takeBeneficiary(value string, count counting) error {
	fields, err := split(value, "38", count)
	if err != nil {
		return err
	}
	if len(fields) != 3 || fields[0].id != "00" || fields[1].id != "01" || fields[2].id != "02" {
		return broken("38", "scheme, beneficiary and service, and nothing else")
	}
	if fields[0].value != guidNAPAS {
		return broken("38.00", guidNAPAS)
	}
	who, err := split(fields[1].value, "38.01", count)
	if err != nil {
		return err
	}
	if len(who) != 2 || who[0].id != "00" || who[1].id != "01" {
		return broken("38.01", "bank and number, and nothing else")
	}
	p.Bank, p.Account, p.Service = who[0].value, who[1].value, Service(fields[2].value)
	return p.checkBeneficiary()
}

func (p *Payload) checkBeneficiary() error {
	switch {
	case len(p.Bank) != 6 || !isDigits(p.Bank):
		return broken("38.01.00", "six digits")
	case p.Account == "" || len(p.Account) > 19 || !isAccount(p.Account):
		return broken("38.01.01", "1 to 19 letters and digits")
	case p.Service != ToAccount && p.Service != ToCard:
		return broken("38.02", "QRIBFTTA or QRIBFTTC")
	}
	return nil
}

func isAccount(s string) bool {
	for i := range len(s) {
		if c := s[i] | 0x20; (s[i] < '0' || s[i] > '9') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return true
}

func (p *Payload) takeAdditional(value string, count counting) error {
	fields, err := split(value, "62", count)
	if err != nil {
		return err
	}
	for _, f := range fields {
		i := slices.IndexFunc(p.additional(), func(a struct {
			id   string
			text *string
		}) bool {
			return a.id == f.id
		})
		if i < 0 {
			p.Other = append(p.Other, Other{"62." + f.id, f.value})
			continue
		}
		if err := bounded("62."+f.id, f.value, 25, false); err != nil {
			return err
		}
		*p.additional()[i].text = f.value
	}
	return nil
}
