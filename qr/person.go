package qr

import (
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"time"

	"github.com/motcua/motcua/internal/detcbor"
	"github.com/motcua/motcua/internal/vntime"
)

// Person is the body of a code that says who somebody is. It is personal data: printed with fmt, slog or JSON it shows
// how many fields it has and none of them. A code of this kind must have a [Status], because a card that is lost has to
// be taken back.
type Person struct {
	// Number is the số định danh cá nhân, 12 digits; FullName in normal form C. One of them is required.
	Number   string
	FullName string
	// Birth is the day of birth in Vietnam, zero if not stated.
	Birth time.Time
	// Sex is 1 for male, 2 for female as in ISO/IEC 5218; 0 is not stated.
	Sex uint8
	// Residence is nơi thường trú.
	Residence string
	// Level is the assurance level at which the issuer knew the person, mức độ định danh; 0 is not stated.
	Level uint8
	// Selective lets the holder choose with [Present] which fields to show. The code then signs one digest, and every
	// field travels beside it with a salt of its own or as a digest that says nothing.
	Selective bool
	// Hidden is the number of fields that the holder has not shown. A verifier sets it.
	Hidden int

	commitment commitment
}

var _ Body = Person{}

// Keys of the body map; they are also those of the fields that can be shown one by one.
const (
	personNumber     = 15
	personName       = 16
	personBirth      = 17
	personSex        = 18
	personResidence  = 19
	personLevel      = 20
	personCommitment = 21
)

// personFields names the fields, as [PresentConfig.Show] does.
var personFields = [...]struct {
	name string
	key  int64
}{
	{"number", personNumber}, {"fullName", personName}, {"birth", personBirth}, {"sex", personSex},
	{"residence", personResidence}, {"level", personLevel},
}

// Kind returns [KindPerson].
func (Person) Kind() Kind { return KindPerson }

// codes are none: a person is none of a procedure's papers.
func (Person) codes() codeNames { return codeNames{} }

func (p Person) withCodes(codeNames) Body { return p }

func (p Person) check() *InvalidError {
	if p.Selective && p.commitment != (commitment{}) {
		return nil // its fields are checked when they are shown
	}
	switch {
	case p.Number == "" && p.FullName == "":
		return &InvalidError{Field: "person.fullName", Rule: "a name or a number"}
	case p.Hidden != 0:
		return &InvalidError{Field: "person.hidden", Rule: "nothing: a verifier counts it"}
	}
	return p.checkFields()
}

func (p *Person) checkFields() *InvalidError {
	switch {
	case p.Number != "" && !isDigits(p.Number, 12):
		return &InvalidError{Field: "person.number", Rule: "12 digits"}
	case !isPlain(p.FullName):
		return &InvalidError{Field: "person.fullName", Rule: "at most 200 bytes of plain text in normal form C"}
	case !p.Birth.IsZero() && (p.Birth.Before(earliestBirth()) || p.Birth.Unix() > maxSeconds):
		return &InvalidError{Field: "person.birth", Rule: "a day from 1900 on"}
	case p.Sex > 2:
		return &InvalidError{Field: "person.sex", Rule: "0, 1 or 2"}
	case !isPlain(p.Residence):
		return &InvalidError{Field: "person.residence", Rule: "at most 200 bytes of plain text in normal form C"}
	case p.Level > 9:
		return &InvalidError{Field: "person.level", Rule: "0 to 9"}
	}
	return nil
}

func earliestBirth() time.Time { return vntime.Date(1900, 1, 1) }

// present lists the keys of the fields that are stated.
func (p *Person) present() []int64 {
	var keys []int64
	stated := [...]bool{p.Number != "", p.FullName != "", !p.Birth.IsZero(), p.Sex != 0, p.Residence != "", p.Level != 0}
	for i, is := range stated {
		if is {
			keys = append(keys, personFields[i].key)
		}
	}
	return keys
}

func (p Person) appendTo(b []byte, n *numbers) []byte {
	if p.Selective {
		return detcbor.AppendBytes(detcbor.AppendInt(n.appendVersion(b, 1), personCommitment), p.commitment[:])
	}
	keys := p.present()
	b = n.appendVersion(b, len(keys))
	for _, key := range keys {
		b = p.appendField(detcbor.AppendInt(b, key), key)
	}
	return b
}

// appendField writes the value of one field.
func (p *Person) appendField(b []byte, key int64) []byte {
	switch key {
	case personNumber:
		return detcbor.AppendText(b, p.Number)
	case personName:
		return detcbor.AppendText(b, p.FullName)
	case personBirth:
		return detcbor.AppendInt(b, (vntime.Midnight(p.Birth).Unix()+7*60*60)/secondsPerDay)
	case personSex:
		return detcbor.AppendUint(b, uint64(p.Sex))
	case personResidence:
		return detcbor.AppendText(b, p.Residence)
	}
	return detcbor.AppendUint(b, uint64(p.Level))
}

func readPerson(r *detcbor.Reader, n *numbers) Body {
	var p Person
	fields := r.Map(len(personFields) + 1)
	for key, ok := fields.Next(); ok; key, ok = fields.Next() {
		switch key {
		case bodyCodes:
			n.readVersion(r)
		case personCommitment:
			root := r.Bytes()
			if len(root) != len(p.commitment) || commitment(root) == (commitment{}) || len(p.present()) > 0 {
				r.Fail("a commitment of 16 bytes and no fields")
				return p
			}
			p.Selective, p.commitment = true, commitment(root)
		default:
			p.readField(r, key)
		}
	}
	return p
}

// readField reads the value of one field; what is not stated is left out when writing.
func (p *Person) readField(r *detcbor.Reader, key int64) {
	switch key {
	case personNumber:
		p.Number = readFilled(r)
	case personName:
		p.FullName = readFilled(r)
	case personBirth:
		day := r.Int()
		if day < -30_000 || day > maxSeconds/secondsPerDay {
			r.Fail("a day from 1900 to 9999")
			return
		}
		p.Birth = vntime.In(time.Unix(day*secondsPerDay-7*60*60, 0))
	case personSex:
		p.Sex = readSmall(r)
	case personResidence:
		p.Residence = readFilled(r)
	case personLevel:
		p.Level = readSmall(r)
	default:
		r.Fail("a known field")
	}
}

// readSmall reads 1 to 9.
func readSmall(r *detcbor.Reader) uint8 {
	v := r.Uint()
	if v < 1 || v > 9 {
		r.Fail("1 to 9")
		return 0
	}
	return uint8(v)
}

// String says how much is stated and nothing of it.
func (p Person) String() string {
	s := "person, " + strconv.Itoa(len(p.present())) + " fields"
	if p.Hidden > 0 {
		s += ", " + strconv.Itoa(p.Hidden) + " hidden"
	}
	return s
}

// Format implements fmt.Formatter for all verbs like String.
func (p Person) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, p.String()) }

// MarshalText implements encoding.TextMarshaler like String.
func (p Person) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// LogValue implements slog.LogValuer like String.
func (p Person) LogValue() slog.Value { return slog.StringValue(p.String()) }
