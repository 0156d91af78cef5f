package pdf

import (
	"fmt"
	"strconv"
	"time"
	"unicode/utf16"
	"unicode/utf8"
)

// Text returns a text string (ISO 32000-2, 7.9.2.2): as it is when it is ASCII, else in UTF-16BE with its mark.
func Text(s string) String {
	ascii := true
	for i := range len(s) {
		ascii = ascii && s[i] >= 0x20 && s[i] < 0x7f
	}
	if ascii {
		return String{Bytes: []byte(s)}
	}
	out := []byte{0xfe, 0xff}
	for _, u := range utf16.Encode([]rune(s)) {
		out = append(out, byte(u>>8), byte(u))
	}
	return String{Bytes: out, Hex: true}
}

// Text decodes a text string in UTF-16BE, UTF-8 with mark, or PDFDocEncoding. Of the last, bytes outside Latin-1 become
// U+FFFD.
func (s String) Text() string {
	b := s.Bytes
	switch {
	case len(b) >= 2 && b[0] == 0xfe && b[1] == 0xff:
		units := make([]uint16, 0, len(b)/2)
		for b = b[2:]; len(b) >= 2; b = b[2:] {
			units = append(units, uint16(b[0])<<8|uint16(b[1]))
		}
		return string(utf16.Decode(units))
	case len(b) >= 3 && b[0] == 0xef && b[1] == 0xbb && b[2] == 0xbf && utf8.Valid(b):
		return string(b[3:])
	}
	out := make([]rune, len(b))
	for i, c := range b {
		out[i] = rune(c)
		if c >= 0x7f && c <= 0xa0 || c >= 0x18 && c < 0x20 {
			out[i] = utf8.RuneError
		}
	}
	return string(out)
}

// Date returns a date string (ISO 32000-2, 7.9.4) in t's own zone.
func Date(t time.Time) String {
	_, offset := t.Zone()
	sign := '+'
	if offset < 0 {
		sign, offset = '-', -offset
	}
	text := fmt.Sprintf("D:%s%c%02d'%02d'", t.Format("20060102150405"), sign, offset/3600, offset%3600/60)
	return String{Bytes: []byte(text)}
}

// Time reads a date string. Parts that are left out have their first value; without a zone it is UTC.
func (s String) Time() (time.Time, bool) {
	text := string(s.Bytes)
	if len(text) < 6 || len(text) > 24 || text[:2] != "D:" {
		return time.Time{}, false
	}
	text = text[2:]
	fields := [6]int{1, 1, 1}
	for i, width := range [6]int{4, 2, 2, 2, 2, 2} {
		if i > 0 && (text == "" || !isDigit(text[0])) {
			break
		}
		if len(text) < width {
			return time.Time{}, false
		}
		n, err := strconv.ParseUint(text[:width], 10, 16)
		if err != nil {
			return time.Time{}, false
		}
		fields[i] = int(n)
		text = text[width:]
	}
	zone, ok := parseZone(text)
	if !ok {
		return time.Time{}, false
	}
	t := time.Date(fields[0], time.Month(fields[1]), fields[2], fields[3], fields[4], fields[5], 0, zone)
	same := t.Year() == fields[0] && int(t.Month()) == fields[1] && t.Day() == fields[2] &&
		t.Hour() == fields[3] && t.Minute() == fields[4] && t.Second() == fields[5]
	return t, same
}

// parseZone reads Z, +hh, +hh' , +hh'mm and +hh'mm'.
func parseZone(text string) (*time.Location, bool) {
	if text == "" || text[0] == 'Z' {
		return time.UTC, true
	}
	var digits []byte
	for i := 1; i < len(text); i++ {
		if isDigit(text[i]) {
			digits = append(digits, text[i])
		} else if text[i] != '\'' {
			return nil, false
		}
	}
	if len(digits) == 2 {
		digits = append(digits, "00"...)
	}
	n, err := strconv.ParseUint(string(digits), 10, 16)
	if err != nil || len(digits) != 4 || n/100 > 23 || n%100 > 59 || text[0] != '+' && text[0] != '-' {
		return nil, false
	}
	seconds := int(n/100*3600 + n%100*60)
	if text[0] == '-' {
		seconds = -seconds
	}
	return time.FixedZone("", seconds), true
}
