package dossier

import "strings"

// maxAgency is the longest agency identifier, in characters (Decision 20/2020/QĐ-TTg).
const maxAgency = 35

// AgencyID is the electronic identifier of an agency (mã định danh điện tử của cơ quan), most general level first:
// "H56.22.17". Decision 20/2020/QĐ-TTg. The zero value names none.
type AgencyID struct{ text string }

// ParseAgencyID checks and returns an identifier: a level-1 code of a letter A to Y and two digits, then levels of
// digits and capital letters after dots, at most 35 characters. Identifiers of enterprises and of bodies outside the
// State (Z…) are not agencies.
func ParseAgencyID(s string) (AgencyID, error) {
	if !isAgencyID(s) {
		return AgencyID{}, &InvalidError{Field: "agency", Rule: "an agency identifier such as H56.22.17",
			Vi: "Mã định danh cơ quan không đúng định dạng (ví dụ đúng: H56.22.17)."}
	}
	return AgencyID{s}, nil
}

// Level1 returns the identifier's first level: the ministry or province.
func (a AgencyID) Level1() AgencyID {
	first, _, _ := strings.Cut(a.text, ".")
	return AgencyID{first}
}

// Covers reports whether other is a itself or stands below it.
func (a AgencyID) Covers(other AgencyID) bool {
	return !a.IsZero() && (other == a || strings.HasPrefix(other.text, a.text+"."))
}

// IsZero reports whether a names no agency.
func (a AgencyID) IsZero() bool { return a.text == "" }

// String returns the identifier; ParseAgencyID reads it back.
func (a AgencyID) String() string { return a.text }

// MarshalText implements encoding.TextMarshaler.
func (a AgencyID) MarshalText() ([]byte, error) { return []byte(a.text), nil }

// UnmarshalText reads an identifier; the empty text is the zero value.
func (a *AgencyID) UnmarshalText(text []byte) (err error) {
	if len(text) == 0 {
		*a = AgencyID{}
		return nil
	}
	*a, err = ParseAgencyID(string(text))
	return err
}

func isAgencyID(s string) bool {
	if len(s) > maxAgency {
		return false
	}
	first, rest, deep := strings.Cut(s, ".")
	if !isLevel1(first) {
		return false
	}
	if !deep {
		return true
	}
	for group := range strings.SplitSeq(rest, ".") {
		if group == "" || strings.Trim(group, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
			return false
		}
	}
	return true
}

func isLevel1(s string) bool { return len(s) == 3 && s[0] >= 'A' && s[0] <= 'Y' && isDigits(s[1:]) }

func isDigits(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
