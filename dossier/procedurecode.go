package dossier

import "strings"

// ProcedureCode is the code of an administrative procedure (mã thủ tục hành chính): the national code "1.001193", and
// where an agency publishes its own edition also that agency's level-1 identifier, "1.000948.H38". The zero value is
// none.
type ProcedureCode struct {
	national string
	agency   AgencyID
}

// ParseProcedureCode reads the national code and both localised forms, "1.011442.000.00.00.H38" and "1.000948.H38",
// which mean the same and become the same value. Errors: *[InvalidError].
func ParseProcedureCode(s string) (ProcedureCode, error) {
	if len(s) >= 8 && len(s) <= 40 && isNational(s[:8]) {
		national, rest := s[:8], s[8:]
		if rest == "" {
			return ProcedureCode{national: national}, nil
		}
		if agency, ok := codeAgency(strings.TrimPrefix(rest, ".")); ok && rest[0] == '.' {
			return ProcedureCode{national, agency.Level1()}, nil
		}
	}
	return ProcedureCode{}, &InvalidError{Field: "procedure", Rule: "a procedure code such as 1.001193 or 1.001193.H38",
		Vi: "Mã thủ tục hành chính không đúng định dạng (ví dụ đúng: 1.001193)."}
}

// National returns the code without the agency.
func (p ProcedureCode) National() ProcedureCode { return ProcedureCode{national: p.national} }

// Agency returns the level-1 agency of a localised code; zero for the national one.
func (p ProcedureCode) Agency() AgencyID { return p.agency }

// IsZero reports whether p is no code.
func (p ProcedureCode) IsZero() bool { return p.national == "" }

// String returns the short form; ParseProcedureCode reads it back.
func (p ProcedureCode) String() string {
	if p.agency.IsZero() {
		return p.national
	}
	return p.national + "." + p.agency.text
}

// MarshalText implements encoding.TextMarshaler.
func (p ProcedureCode) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads a code; the empty text is the zero value.
func (p *ProcedureCode) UnmarshalText(text []byte) (err error) {
	if len(text) == 0 {
		*p = ProcedureCode{}
		return nil
	}
	*p, err = ParseProcedureCode(string(text))
	return err
}

func isNational(s string) bool { return isDigits(s[:1]) && s[1] == '.' && isDigits(s[2:]) }
