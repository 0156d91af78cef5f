package qr

import (
	"crypto"
	"slices"
	"time"

	"github.com/motcua/motcua/internal/detcbor"
)

// CodeEntry gives a code a number that takes one to three bytes in a symbol instead of ten or twenty.
type CodeEntry struct {
	// Number is the code's for ever: it is never given to another, and never taken away.
	Number uint64
	// Since is the version of the list that gave the number.
	Since uint64
	// Code is what the number stands for, Name what it is called.
	Code, Name string
}

// CodeListDraft is a code list to be signed.
type CodeListDraft struct {
	// Owner says who keeps the list.
	Owner string
	// Version grows with every list.
	Version uint64
	Issued  time.Time
	// The registers: cơ quan, thủ tục hành chính, giấy tờ, hệ thống nguồn.
	Agencies, Procedures, Papers, Sources []CodeEntry
}

// CodeList is a verified list of the numbers that codes use for agencies, procedures, papers and source systems. It
// never changes.
type CodeList struct {
	draft     CodeListDraft
	byNumber  [registers]map[uint64]*CodeEntry
	byCode    [registers]map[string]*CodeEntry
	registers [registers][]CodeEntry
}

// register is one of the four lists in a list.
type register int

const (
	registerAgency register = iota
	registerProcedure
	registerPaper
	registerSource
	registers
)

var registerNames = [registers]string{"agencies", "procedures", "papers", "sources"}

// Version returns the number of the list.
func (l *CodeList) Version() uint64 { return l.draft.Version }

// Owner says who keeps the list.
func (l *CodeList) Owner() string { return l.draft.Owner }

// Issued is when the list was made.
func (l *CodeList) Issued() time.Time { return l.draft.Issued }

// PaperName returns the name of a paper's code, empty if the list does not have it: what a page shows beside
// [Paper.NameCode].
func (l *CodeList) PaperName(code string) string {
	if entry := l.byCode[registerPaper][code]; entry != nil {
		return entry.Name
	}
	return ""
}

// Draft returns a copy of what was signed, to make the next version of.
func (l *CodeList) Draft() CodeListDraft {
	d := l.draft
	for _, entries := range []*[]CodeEntry{&d.Agencies, &d.Procedures, &d.Papers, &d.Sources} {
		*entries = slices.Clone(*entries)
	}
	return d
}

const (
	typCodeList = "application/vnd.motcua.codelist+cbor"

	claimCodesVersion = -70301
	claimCodes        = -70302

	maxCodes      = 30_000
	maxCodeNumber = 1<<24 - 1
)

// SignCodeList checks the draft and signs it with a root key. Previous is the version before, nil for the first: every
// number in it must stand for the same code in the draft, and a number that is new must say so in Since. The error is an
// *InvalidError, or the signer's own.
func SignCodeList(root crypto.Signer, draft CodeListDraft, previous *CodeList) ([]byte, error) {
	return codeLists.sign(root, func() ([]byte, error) {
		list, err := newCodeList(draft)
		if err != nil {
			return nil, err
		}
		if err := list.follows(previous); err != nil {
			return nil, err
		}
		return list.append(nil), nil
	})
}

// ParseCodeList reads a signed code list and demands that one of the pinned roots has signed it. Errors:
// [ErrUntrustedList], *InvalidError.
func ParseCodeList(data []byte, roots ...crypto.PublicKey) (*CodeList, error) {
	payload, err := codeLists.open(data, roots)
	if err != nil {
		return nil, err
	}
	r := detcbor.NewReader(payload)
	var d CodeListDraft
	fields := r.Map(4)
	for label, ok := fields.Next(); ok; label, ok = fields.Next() {
		switch label {
		case claimIssuer:
			d.Owner = r.Text()
		case claimIssuedAt:
			d.Issued = readTime(&r)
		case claimCodesVersion:
			d.Version = r.Uint()
		case claimCodes:
			if r.Array(int(registers)) != int(registers) {
				r.Fail("four registers")
			}
			for _, into := range []*[]CodeEntry{&d.Agencies, &d.Procedures, &d.Papers, &d.Sources} {
				*into = readCodes(&r)
			}
		default:
			r.Fail("a known field")
		}
	}
	if err := r.End(); err != nil {
		return nil, &InvalidError{Field: "codelist", Rule: "deterministic CBOR of the known fields", Err: err}
	}
	return newCodeList(d)
}

func readCodes(r *detcbor.Reader) []CodeEntry {
	n := r.Array(maxCodes)
	var entries []CodeEntry
	for range n {
		if r.Array(4) != 4 {
			r.Fail("number, since, code and name")
		}
		entries = append(entries, CodeEntry{Number: r.Uint(), Since: r.Uint(), Code: r.Text(), Name: r.Text()})
		if r.Err() != nil {
			return nil
		}
	}
	return entries
}

func (l *CodeList) append(b []byte) []byte {
	b = detcbor.AppendMap(b, 4)
	b = detcbor.AppendText(detcbor.AppendInt(b, claimIssuer), l.draft.Owner)
	b = detcbor.AppendInt(detcbor.AppendInt(b, claimIssuedAt), l.draft.Issued.Unix())
	b = detcbor.AppendUint(detcbor.AppendInt(b, claimCodesVersion), l.draft.Version)
	b = detcbor.AppendArray(detcbor.AppendInt(b, claimCodes), int(registers))
	for _, entries := range l.registers {
		b = detcbor.AppendArray(b, len(entries))
		for _, e := range entries {
			b = detcbor.AppendUint(detcbor.AppendUint(detcbor.AppendArray(b, 4), e.Number), e.Since)
			b = detcbor.AppendText(detcbor.AppendText(b, e.Code), e.Name)
		}
	}
	return b
}

// newCodeList checks a draft and makes it ready.
func newCodeList(draft CodeListDraft) (*CodeList, error) {
	switch {
	case draft.Owner == "" || !isPlain(draft.Owner):
		return nil, &InvalidError{Field: "codelist.owner", Rule: "1 to 200 bytes of plain text"}
	case draft.Version == 0:
		return nil, &InvalidError{Field: "codelist.version", Rule: "1 or more"}
	case !isSecond(draft.Issued):
		return nil, &InvalidError{Field: "codelist.issued", Rule: "a time between 1970 and 9999"}
	}
	list := &CodeList{draft: draft}
	list.registers = [registers][]CodeEntry{draft.Agencies, draft.Procedures, draft.Papers, draft.Sources}
	for i, entries := range list.registers {
		if err := list.index(register(i), entries); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func (l *CodeList) index(reg register, entries []CodeEntry) error {
	field := "codelist." + registerNames[reg]
	if len(entries) > maxCodes {
		return &InvalidError{Field: field, Rule: "at most 30,000 entries"}
	}
	l.byNumber[reg] = make(map[uint64]*CodeEntry, len(entries))
	l.byCode[reg] = make(map[string]*CodeEntry, len(entries))
	for i := range entries {
		e := &entries[i]
		switch {
		case e.Number > maxCodeNumber || l.byNumber[reg][e.Number] != nil:
			return &InvalidError{Field: field + ".number", Rule: "a number below 2^24 that stands once in the register"}
		case e.Since == 0 || e.Since > l.draft.Version:
			return &InvalidError{Field: field + ".since", Rule: "1 to the version of the list"}
		case e.Code == "" || !isPlain(e.Code) || l.byCode[reg][e.Code] != nil:
			return &InvalidError{Field: field + ".code", Rule: "1 to 200 bytes that stand once in the register"}
		case !isPlain(e.Name):
			return &InvalidError{Field: field + ".name", Rule: "at most 200 bytes of plain text"}
		}
		l.byNumber[reg][e.Number], l.byCode[reg][e.Code] = e, e
	}
	return nil
}

// follows reports how the list breaks the promise that numbers are for ever.
func (l *CodeList) follows(previous *CodeList) error {
	if previous == nil {
		return nil
	}
	if l.Version() <= previous.Version() {
		return &InvalidError{Field: "codelist.version", Rule: "above the version before"}
	}
	for reg := range registers {
		for number, old := range previous.byNumber[reg] {
			e := l.byNumber[reg][number]
			if e == nil || e.Code != old.Code || e.Since != old.Since {
				return &InvalidError{Field: "codelist." + registerNames[reg], Rule: "every number as it was before"}
			}
		}
		for number, e := range l.byNumber[reg] {
			if previous.byNumber[reg][number] == nil && e.Since <= previous.Version() {
				return &InvalidError{Field: "codelist." + registerNames[reg] + ".since", Rule: "above the version before, if new"}
			}
		}
	}
	return nil
}
