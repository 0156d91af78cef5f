package qr

import (
	"fmt"
	"log/slog"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/motcua/motcua/internal/vntime"
)

// CitizenCard is what the QR code of a citizen card says: thẻ căn cước công dân of 2021 (Circular 06/2021/TT-BCA, seven
// fields, on the front) or thẻ căn cước of 2024 (Circular 16/2024/TT-BCA, eleven fields, on the back). The code is not
// signed and anyone can print one: all of it is claimed, nothing is verified. The layout is known from published
// samples, not from the circulars.
//
// Printing it with fmt, slog or JSON shows no field; [CitizenCard.Reveal] does.
type CitizenCard struct {
	data CardData
}

// CardData holds the claimed fields of a citizen card. It is personal data.
type CardData struct {
	Number    string // số định danh cá nhân, 12 digits
	OldNumber string // số CMND, 9 digits, often empty
	FullName  string // in normal form C, in the case of the card
	Birth     time.Time
	Female    bool // giới tính: Nữ, not Nam
	Residence string
	Issued    time.Time // of the card
	// Extra are the four further fields of the card of 2024, empty on all published samples; their meaning is not
	// established.
	Extra []string
}

const (
	maxCard    = 1000 // bytes of a card's text
	fields2021 = 7
	fields2024 = 11
)

// ParseCitizenCard reads the text of a card's QR code. It mends what scanners add, a byte order mark, line ends, hard
// blanks, decomposed letters, and refuses text that was read in a wrong character set. The error is an *InvalidError
// that names the field and never its value.
func ParseCitizenCard(text string) (CitizenCard, error) {
	if len(text) > maxCard || !utf8.ValidString(text) || strings.ContainsRune(text, utf8.RuneError) {
		return CitizenCard{}, &InvalidError{Field: "card", Rule: "at most 1000 bytes of UTF-8, every character read"}
	}
	text = strings.TrimRight(strings.TrimPrefix(text, "\ufeff"), "\r\n\t ")
	fields := strings.Split(norm.NFC.String(strings.ReplaceAll(text, "\u00a0", " ")), "|")
	if len(fields) != fields2021 && len(fields) != fields2024 {
		return CitizenCard{}, &InvalidError{Field: "card", Rule: "7 or 11 fields between bars"}
	}
	for _, field := range fields {
		if !isPlain(field) {
			return CitizenCard{}, &InvalidError{Field: "card", Rule: "fields of at most 200 bytes of plain text"}
		}
	}
	d := CardData{
		Number: fields[0], OldNumber: fields[1], FullName: strings.TrimSpace(fields[2]), Female: fields[4] == "Nữ",
		Residence: strings.TrimSpace(fields[5]), Extra: fields[fields2021:],
	}
	var birthOK, issuedOK bool
	d.Birth, birthOK = parseCardDate(fields[3])
	d.Issued, issuedOK = parseCardDate(fields[6])
	switch {
	case !isDigits(d.Number, 12):
		return CitizenCard{}, &InvalidError{Field: "card.number", Rule: "12 digits"}
	case d.OldNumber != "" && !isDigits(d.OldNumber, 9):
		return CitizenCard{}, &InvalidError{Field: "card.oldNumber", Rule: "9 digits or nothing"}
	case d.FullName == "":
		return CitizenCard{}, &InvalidError{Field: "card.fullName", Rule: "not empty"}
	case !birthOK:
		return CitizenCard{}, &InvalidError{Field: "card.birth", Rule: "a date as ddMMyyyy"}
	case !d.Female && fields[4] != "Nam":
		return CitizenCard{}, &InvalidError{Field: "card.sex", Rule: "Nam or Nữ"}
	case !issuedOK || d.Issued.Before(d.Birth):
		return CitizenCard{}, &InvalidError{Field: "card.issued", Rule: "a date as ddMMyyyy, not before birth"}
	}
	return CitizenCard{data: d}, nil
}

func isDigits(s string, n int) bool { return len(s) == n && strings.Trim(s, "0123456789") == "" }

// parseCardDate reads ddMMyyyy as the beginning of that day in Vietnam.
func parseCardDate(s string) (time.Time, bool) {
	if !isDigits(s, 8) {
		return time.Time{}, false
	}
	t, err := time.ParseInLocation("02012006", s, vntime.Zone())
	return t, err == nil && t.Year() >= 1900
}

// Reveal returns the claimed fields.
func (c CitizenCard) Reveal() CardData {
	d := c.data
	d.Extra = append([]string(nil), d.Extra...)
	return d
}

const redactedCard = "citizen card, claimed"

// String returns no field.
func (c CitizenCard) String() string { return redactedCard }

// Format implements fmt.Formatter for all verbs like String.
func (c CitizenCard) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(redactedCard)) }

// MarshalText implements encoding.TextMarshaler like String.
func (c CitizenCard) MarshalText() ([]byte, error) { return []byte(redactedCard), nil }

// LogValue implements slog.LogValuer like String.
func (c CitizenCard) LogValue() slog.Value { return slog.StringValue(redactedCard) }
