package paper

import (
	"fmt"
	"log/slog"
	"time"

	"github.com/motcua/motcua/qr"
)

// Form names the official form a document follows. The numbers moved in 2025, so both parts are kept: instrument
// "03/2025/TT-VPCP", no. "01".
type Form struct {
	Instrument, No string
}

// Head is what stands at the head of every document.
type Head struct {
	Form     Form      // optional: printed at the foot
	Superior string    // superior body (cơ quan chủ quản), optional
	Office   string    // name of the issuing office, required
	Number   string    // number and sign of the document, such as "12/TNHS", optional
	Place    string    // place of issue, required
	Date     time.Time // date of the document, required; also the creation date of the file
	// Symbol is printed in the top left corner; nil leaves the corner empty. Circular 01/2023/TT-VPCP, Art 26 asks
	// for one on every paper that the dossier system prints.
	Symbol *qr.Symbol
}

// Party is a person or organisation as a document names it. It holds personal data: printing it with fmt, slog or
// encoding/json shows nothing of it.
type Party struct {
	Name    string // required
	ID      string // personal id or tax code
	Phone   string
	Email   string
	Address string
}

const redacted = "[redacted]"

// Format keeps personal data out of fmt.
func (p Party) Format(s fmt.State, _ rune) { fmt.Fprint(s, redacted) }

// LogValue keeps personal data out of logs.
func (p Party) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalJSON keeps personal data out of JSON.
func (p Party) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }

// Component is one row of the list of documents in a dossier (thành phần hồ sơ).
type Component struct {
	Name  string // required
	Kind  string // bản chính, bản sao, bản điện tử
	Count int
}

// Field is one label and value of a result document. The value may be personal data, and is redacted as in [Party].
type Field struct {
	Label, Value string
}

// Format keeps personal data out of fmt.
func (f Field) Format(s fmt.State, _ rune) { fmt.Fprint(s, f.Label+": "+redacted) }

// LogValue keeps personal data out of logs.
func (f Field) LogValue() slog.Value { return slog.StringValue(f.Label + ": " + redacted) }

// MarshalJSON keeps personal data out of JSON.
func (f Field) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }

// Signer is who signs: on whose behalf, in which office, and the name.
type Signer struct {
	OnBehalf string // TM. ỦY BAN NHÂN DÂN, KT. CHỦ TỊCH …
	Title    string // CHỦ TỊCH, PHÓ CHỦ TỊCH …
	Name     string
}

// Space is where the signature of the document goes: the blank rectangle above the signer's name, in PDF units (1/72
// inch) from the lower left corner of the page.
type Space struct {
	Page                int // from 1
	X, Y, Width, Height float64
}

func (h *Head) check(c *checker) {
	c.text("head.form", &h.Form.Instrument, &h.Form.No)
	c.short("head.superior", &h.Superior)
	c.required("head.office", &h.Office)
	c.short("head.office", &h.Office)
	c.short("head.number", &h.Number)
	c.required("head.place", &h.Place)
	c.short("head.place", &h.Place)
	c.need("head.date", !h.Date.IsZero(), "a date")
}

func (p *Party) check(c *checker, field string) {
	c.required(field+".name", &p.Name)
	c.short(field+".name", &p.Name)
	c.text(field+".id", &p.ID)
	c.text(field+".phone", &p.Phone)
	c.text(field+".email", &p.Email)
	c.text(field+".address", &p.Address)
}

func (s *Signer) check(c *checker, field string) {
	c.short(field, &s.OnBehalf, &s.Title)
	c.required(field+".name", &s.Name)
	c.short(field+".name", &s.Name)
}
