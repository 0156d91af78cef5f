package chip

import (
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/motcua/motcua/identity"
	"github.com/motcua/motcua/internal/asn1x"
	"github.com/motcua/motcua/internal/vntime"
)

// Details are what DG13 of a Vietnamese card holds beside the machine-readable zone (thông tin trên thẻ). No circular
// that publishes the layout was seen: the table comes from public readers of such cards and is provisional. What is not
// as expected is left out, never guessed. Details print redacted.
type Details struct {
	Person    identity.PersonID
	OldNumber identity.CMND
	Name      identity.Name
	BirthDate identity.BirthDate
	Sex       identity.Sex
	// Issued is the day the card was issued; zero when not given.
	Issued time.Time

	entries func() []entry
}

// entry is one text of a numbered entry; an entry of several texts is several in a row.
type entry struct {
	number int
	text   []byte
}

// entryNames are the numbered entries of DG13, provisional. The meaning of the last is not known; some readers take it
// for the old number.
var entryNames = [...]string{
	1: "number", 2: "name", 3: "birth", 4: "sex", 5: "nationality", 6: "ethnicity", 7: "religion", 8: "origin", 9: "residence",
	10: "marks", 11: "issued", 12: "expires", 13: "parents", 14: "spouse", 15: "old-number", 16: "serial",
}

// Reveal returns an entry as the chip holds it: "number", "name", "birth", "sex", "nationality", "ethnicity", "religion",
// "origin" (quê quán), "residence" (nơi thường trú), "marks" (đặc điểm nhận dạng), "issued", "expires", "parents" (father,
// mother), "spouse", "old-number", "serial". Names and layout are provisional.
func (d Details) Reveal(name string) (texts []string) {
	number := slices.Index(entryNames[:], name)
	if d.entries == nil || number < 1 {
		return nil
	}
	for _, e := range d.entries() {
		if e.number == number {
			texts = append(texts, string(e.text))
		}
	}
	return texts
}

// IsZero reports whether there are no details.
func (d Details) IsZero() bool { return d.entries == nil }

const redactedDetails = "chip.Details(redacted)"

// String returns no entry.
func (d Details) String() string { return redactedDetails }

// Format answers every verb without an entry.
func (d Details) Format(state fmt.State, _ rune) { _, _ = io.WriteString(state, redactedDetails) }

// LogValue gives loggers no entry.
func (d Details) LogValue() slog.Value { return slog.StringValue(redactedDetails) }

// MarshalText gives encoders no entry.
func (d Details) MarshalText() ([]byte, error) { return []byte(redactedDetails), nil }

// Bounds of DG13.
const (
	maxEntries   = 64
	maxEntryText = 4096
	maxDepth     = 6
)

// parseDetails reads DG13 as what it is, DER: numbered sequences, long lengths and all.
func parseDetails(files Files) (Details, bool) {
	body, ok := files.body(DG13)
	if !ok {
		return Details{}, false
	}
	c := collector{list: make([]entry, 0, 24)}
	if !c.walk(asn1x.Open(body), 0) || len(c.list) == 0 {
		return Details{}, false
	}
	d := Details{entries: func() []entry { return c.list }}
	return d, d.read()
}

// collector gathers entries.
type collector struct {
	list []entry
	seen [maxEntries + 1]bool
}

// walk goes down through wrappings, with or without object identifiers and version numbers, to the sequences that
// begin with the number of an entry.
func (c *collector) walk(in *asn1x.Cursor, depth int) bool {
	for !in.Done() {
		e, err := in.Next()
		if err != nil || depth > maxDepth {
			return false
		}
		if e.Tag != asn1x.Sequence && e.Tag != asn1x.Set && e.Tag != asn1x.Context(0) {
			continue // versions and identifiers of the wrapping
		}
		body := asn1x.Open(e.Body)
		if n, ok := entryNumber(body); ok {
			if !c.add(n, body) {
				return false
			}
			continue
		}
		if !c.walk(asn1x.Open(e.Body), depth+1) {
			return false
		}
	}
	return true
}

// entryNumber recognises SEQUENCE { INTEGER n, … } of which the rest is text or sequences of text.
func entryNumber(in *asn1x.Cursor) (int, bool) {
	if in.Peek() != asn1x.Integer {
		return 0, false
	}
	number, err := in.Take(asn1x.Integer)
	if err != nil || len(number.Body) != 1 || number.Body[0] < 1 || number.Body[0] > maxEntries {
		return 0, false
	}
	n := int(number.Body[0])
	look := *in
	for !look.Done() {
		e, err := look.Next()
		if err != nil || !isText(e.Tag) && (e.Tag != asn1x.Sequence || asn1x.Open(e.Body).Peek() == asn1x.Integer) {
			return 0, false
		}
	}
	return n, true
}

func isText(tag byte) bool {
	const utf8String, numericString, printableString, ia5String = 0x0c, 0x12, 0x13, 0x16
	return tag == utf8String || tag == numericString || tag == printableString || tag == ia5String
}

// add takes the texts of an entry. An entry that stands twice is a broken file, for who could say which holds.
func (c *collector) add(n int, in *asn1x.Cursor) bool {
	if c.seen[n] {
		return false
	}
	c.seen[n] = true
	return c.texts(n, in, 0)
}

func (c *collector) texts(n int, in *asn1x.Cursor, depth int) bool {
	for !in.Done() {
		e, err := in.Next()
		if err != nil || depth > maxDepth || len(c.list) > 4*maxEntries {
			return false
		}
		if !isText(e.Tag) {
			if !c.texts(n, asn1x.Open(e.Body), depth+1) {
				return false
			}
			continue
		}
		if len(e.Body) > maxEntryText || !utf8.Valid(e.Body) {
			return false
		}
		c.list = append(c.list, entry{n, e.Body})
	}
	return true
}

// read types the entries that have a type of their own; ok is false when one of them cannot be read.
func (d *Details) read() bool {
	ok := true
	typed := func(name string, parse func(string) error) {
		if list := d.Reveal(name); len(list) == 1 && strings.TrimSpace(list[0]) != "" {
			ok = parse(strings.TrimSpace(list[0])) == nil && ok
		}
	}
	typed("number", func(s string) (err error) { d.Person, err = identity.ParsePersonID(s); return err })
	typed("name", func(s string) (err error) { d.Name, err = identity.ParseName(s); return err })
	typed("birth", func(s string) (err error) { d.BirthDate, err = identity.ParseBirthDate(s); return err })
	typed("old-number", func(s string) (err error) { d.OldNumber, err = identity.ParseCMND(s); return err })
	typed("sex", func(s string) error {
		switch strings.ToLower(s) {
		case "nam":
			d.Sex = identity.Male
		case "nữ":
			d.Sex = identity.Female
		}
		return nil
	})
	typed("issued", func(s string) error {
		if day, err := time.Parse("02/01/2006", s); err == nil {
			d.Issued = vntime.Date(day.Year(), day.Month(), day.Day())
		}
		return nil
	})
	return ok
}
