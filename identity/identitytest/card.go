package identitytest

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Specimen is what to print on an invented card or passport. Nothing is checked: wrong values make wrong specimens.
type Specimen struct {
	Number    string // 12 digits
	OldNumber string // 9 digits or empty
	Name      string // "Nguyễn Trọng Nghĩa", the family name first
	Birth     string // ddMMyyyy
	Female    bool
	Residence string
	Issued    string // ddMMyyyy
	Expires   string // yyMMdd; empty: a card without end
	Passport  string // "C7654321", of TD3
}

// Specimens returns the cards of the personas nghia and vinh.
func Specimens() []Specimen {
	return []Specimen{
		{Number: "001090000123", Name: "Nguyễn Trọng Nghĩa", Birth: "15031990", Residence: "Số 1, ngõ 2, phường Mẫu, Hà Nội",
			Issued: "15082024", Expires: "300315", Passport: "C7654321"},
		{Number: "001188000456", OldNumber: "199999990", Name: "Trần Thị Mỹ Vĩnh", Birth: "02111988", Female: true,
			Residence: "Xã Mẫu, tỉnh Phú Thọ", Issued: "25012022", Expires: "281102", Passport: "P01234567"},
	}
}

// QR2021 returns the text of the code on a card of 2021: seven fields.
func (s Specimen) QR2021() string {
	sex := "Nam"
	if s.Female {
		sex = "Nữ"
	}
	return strings.Join([]string{s.Number, s.OldNumber, s.Name, s.Birth, sex, s.Residence, s.Issued}, "|")
}

// QR2024 returns the text of the code on a card of 2024: eleven fields.
func (s Specimen) QR2024() string { return s.QR2021() + "||||" }

// TD1 returns the machine-readable zone of a citizen card, three lines.
func (s Specimen) TD1() string {
	number := s.Number[3:]
	upper := fill(number, 9) + checkDigit(fill(number, 9)) + s.Number + "<<" + checkDigit(s.Number)
	birth, expiry := s.zoneDates()
	line2 := birth + s.zoneSex() + expiry + "VNM<<<<<<<<<<<"
	return "IDVNM" + upper + "\n" + line2 + checkDigit(upper+birth+expiry+"<<<<<<<<<<<") + "\n" + fill(zoneName(s.Name), 30)
}

// TD3 returns the machine-readable zone of a passport, two lines, with the personal number as optional data.
func (s Specimen) TD3() string {
	number := fill(s.Passport, 9) + checkDigit(fill(s.Passport, 9))
	birth, expiry := s.zoneDates()
	optional := fill(s.Number, 14) + checkDigit(fill(s.Number, 14))
	return "P<VNM" + fill(zoneName(s.Name), 39) + "\n" + number + "VNM" + birth + s.zoneSex() + expiry + optional +
		checkDigit(number+birth+expiry+optional)
}

func (s Specimen) zoneSex() string {
	if s.Female {
		return "F"
	}
	return "M"
}

func (s Specimen) zoneDates() (birth, expiry string) {
	birth = s.Birth[6:8] + s.Birth[2:4] + s.Birth[:2]
	expiry = fill(s.Expires, 6)
	return birth + checkDigit(birth), expiry + checkDigit(expiry)
}

// zoneName writes a name in capitals without diacritics, the family name apart (ICAO Doc 9303-3 section 6).
func zoneName(name string) string {
	plain := strings.Map(func(r rune) rune {
		switch {
		case unicode.IsMark(r):
			return -1
		case r == 'đ', r == 'Đ':
			return 'D'
		}
		return unicode.ToUpper(r)
	}, norm.NFD.String(name))
	family, given, _ := strings.Cut(plain, " ")
	return family + "<<" + strings.ReplaceAll(given, " ", "<")
}

func fill(s string, width int) string { return (s + strings.Repeat("<", width))[:width] }

// checkDigit weighs with 7, 3 and 1 (ICAO Doc 9303-3 section 4.9).
func checkDigit(s string) string {
	const values = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	sum, weight := 0, []int{7, 3, 1}
	for i, r := range s {
		sum += max(strings.IndexRune(values, r), 0) * weight[i%3]
	}
	return string(values[sum%10])
}
