package rules

import "strings"

// Law is the ground a rule stands on.
type Law struct {
	// Instrument is the number of the legal instrument: "118/2025/NĐ-CP".
	Instrument string `json:"instrument"`
	// Article is the provision inside it, in Vietnamese: "Điều 17 khoản 3". Empty when none is known.
	Article string `json:"article,omitempty"`
	// AmendedBy is the instrument whose wording is meant, when it is not the original one.
	AmendedBy string `json:"amendedBy,omitempty"`
	// Provisional means the provision is assumed, not confirmed; Basis says from what.
	Provisional bool   `json:"provisional,omitempty"`
	Basis       string `json:"basis,omitempty"`
}

// IsZero reports whether l names no law.
func (l Law) IsZero() bool { return l == Law{} }

// String returns the citation as a Vietnamese document writes it: "Điều 17 khoản 3 Nghị định 118/2025/NĐ-CP".
func (l Law) String() string {
	if l.IsZero() {
		return ""
	}
	var b strings.Builder
	if l.Article != "" {
		b.WriteString(l.Article + " ")
	}
	b.WriteString(kindOf(l.Instrument) + l.Instrument)
	if l.AmendedBy != "" {
		b.WriteString(" (được sửa đổi bởi " + kindOf(l.AmendedBy) + l.AmendedBy + ")")
	}
	return b.String()
}

// kindOf reads the kind of instrument off its number; an unknown kind gets no word before it.
func kindOf(instrument string) string {
	switch {
	case strings.Contains(instrument, "/NĐ-CP"):
		return "Nghị định "
	case strings.Contains(instrument, "/QĐ-"):
		return "Quyết định "
	case strings.Contains(instrument, "/TT-"):
		return "Thông tư "
	case strings.Contains(instrument, "/QH"):
		return "Luật "
	}
	return ""
}
