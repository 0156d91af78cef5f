package qr

import "github.com/motcua/motcua/internal/detcbor"

// numbers are the code-list numbers in the claims of one code, by register. Version is the lowest version of the list
// that has them all, so that a verifier can tell a list too old from a number that does not exist.
type numbers struct {
	version uint64
	of      [registers]uint64
	has     [registers]bool
}

// bodyCodes is the field of the body that holds the version, if there are numbers.
const bodyCodes = 0

// codeNames are the codes of a body that a list may have numbers for.
type codeNames [registers]string

// number looks the codes of the claims up; what the list does not have stays text.
func (l *CodeList) number(names codeNames) (n numbers) {
	if l == nil {
		return n
	}
	for reg, name := range names {
		if entry := l.byCode[reg][name]; entry != nil {
			n.of[reg], n.has[reg] = entry.Number, true
			n.version = max(n.version, entry.Since)
		}
	}
	return n
}

// resolve puts codes in the place of numbers.
func (n *numbers) resolve(list *CodeList, names *codeNames) Reason {
	if list == nil || n.version > list.Version() {
		return reasonCodesOld
	}
	var version uint64
	for reg := range registers {
		if !n.has[reg] {
			continue
		}
		entry := list.byNumber[reg][n.of[reg]]
		if entry == nil {
			return reasonCodesUnknown
		}
		names[reg] = entry.Code
		version = max(version, entry.Since)
	}
	if version != n.version {
		return reasonClaims
	}
	return reasonNone
}

// append writes a code as its number, or as text.
func (n *numbers) append(b []byte, key int64, reg register, text string) []byte {
	if n.has[reg] {
		return detcbor.AppendUint(detcbor.AppendInt(b, key), n.of[reg])
	}
	return appendField(b, key, text)
}

// appendVersion begins a body of n fields.
func (n *numbers) appendVersion(b []byte, fields int) []byte {
	if n.version == 0 {
		return detcbor.AppendMap(b, fields)
	}
	return detcbor.AppendUint(detcbor.AppendInt(detcbor.AppendMap(b, fields+1), bodyCodes), n.version)
}

// read reads a code, text or number.
func (n *numbers) read(r *detcbor.Reader, reg register) string {
	if !r.IsUint() {
		return readFilled(r)
	}
	n.of[reg], n.has[reg] = r.Uint(), true
	return ""
}

// readVersion reads the field that says there are numbers.
func (n *numbers) readVersion(r *detcbor.Reader) {
	if n.version = r.Uint(); n.version == 0 {
		r.Fail("a version of the code list")
	}
}
