package dossier

import (
	"bytes"
	"encoding/json"
	"slices"
	"time"

	"github.com/motcua/motcua/dossier/form"
)

// Text is a text in the two languages of the pages.
type Text struct {
	Vi string `json:"vi"`
	En string `json:"en"`
}

// In returns the text in "en", and in Vietnamese for any other tag.
func (t Text) In(lang string) string {
	if lang == "en" && t.En != "" {
		return t.En
	}
	return t.Vi
}

// Channel is how a dossier comes in (kênh thực hiện).
type Channel string

// The channels. A kiosk follows the rules of counter and online filing (118/2025/NĐ-CP Art 17(2a) as amended 2026).
const (
	Counter Channel = "counter" // 1, trực tiếp
	Online  Channel = "online"  // 2, trực tuyến
	Post    Channel = "post"    // 3, bưu chính công ích
	Kiosk   Channel = "kiosk"   // ki-ốt thông minh
)

// Procedure is an administrative procedure (thủ tục hành chính) as an integrator writes it down, in one JSON file:
// what the applicant fills in and hands over, what it costs, how long it takes, who does what, what comes out. It is
// read by [ReadProcedure] and not changed afterwards. Decree 63/2010/NĐ-CP Art 8(2) names the mandatory parts.
type Procedure struct {
	Format string        `json:"format"` // "motcua-procedure/1"
	Code   ProcedureCode `json:"code"`
	Name   Text          `json:"name"`
	// Since and Until bound the days on which a dossier may be filed under this version.
	Since Day `json:"since"`
	Until Day `json:"until,omitzero"`
	// Agencies are the kinds of agency that handle it: "commune", "province", "ministry".
	Agencies []string  `json:"agencies"`
	Channels []Channel `json:"channels"`
	// Form is the e-form: a JSON Schema (2020-12) with the annotations of dossier/form.
	Form       json.RawMessage `json:"form"`
	Components []Component     `json:"components"`
	Limit      Limit           `json:"limit"`
	// Supplement is how long the applicant has to complete the dossier when asked; zero means the law sets no limit.
	Supplement Limit `json:"supplement,omitzero"`
	// DutyPauses says that the clock stands still while a financial duty is being fulfilled.
	DutyPauses bool `json:"dutyPauses,omitempty"`
	// Immediate marks a procedure that is decided while the applicant waits.
	Immediate bool   `json:"immediate,omitempty"`
	Fees      []Fee  `json:"fees,omitempty"`
	Result    Result `json:"result"`
	// Steps narrow the acts of the law down for this procedure and provide for the optional ones.
	Steps []Step   `json:"steps,omitempty"`
	Law   []Ground `json:"law"`
	// Note says what a reader of the file must know, such as which data are illustrative and why.
	Note string `json:"note,omitempty"`

	version string
	form    *form.Form
}

// Component is a paper of the dossier (thành phần hồ sơ).
type Component struct {
	Code     string   `json:"code"`
	Name     Text     `json:"name"`
	Required bool     `json:"required,omitempty"`
	Media    []string `json:"media"`    // accepted media types
	MaxBytes int64    `json:"maxBytes"` // of one file
	// Signed says that the paper is a document with a digital signature that holds (ký số). The desk judges no signatures:
	// a guard of the application's does.
	Signed bool `json:"signed,omitempty"`
	// Source names a database that makes the paper unnecessary while it answers (118/2025/NĐ-CP Art 4(2a)).
	Source       string `json:"source,omitempty"`
	Illustrative bool   `json:"illustrative,omitempty"`
}

// Fee is a fee or charge (phí, lệ phí) in đồng.
type Fee struct {
	Code   string `json:"code"`
	Name   Text   `json:"name"`
	Amount int64  `json:"amount"`
	// CopiesField names the integer field of the form the amount is multiplied by; empty means once.
	CopiesField string `json:"copiesField,omitempty"`
	// Due is the act before which it must be paid.
	Due          Act    `json:"due"`
	Law          string `json:"law"`
	Illustrative bool   `json:"illustrative,omitempty"`
}

// Result is what the procedure yields.
type Result struct {
	Kind         string `json:"kind"` // "pdf" or "none"
	Code         string `json:"code,omitempty"`
	Name         Text   `json:"name,omitzero"`
	Illustrative bool   `json:"illustrative,omitempty"`
}

// Step narrows an act down: to fewer roles than the law allows, and by guards the application provides.
type Step struct {
	Act    Act      `json:"act"`
	By     []Role   `json:"by,omitempty"`
	Guards []string `json:"guards,omitempty"`
}

// Ground is a legal basis of the procedure (căn cứ pháp lý).
type Ground struct {
	Instrument   string `json:"instrument"`
	Article      string `json:"article,omitempty"`
	Illustrative bool   `json:"illustrative,omitempty"`
}

// Version is the SHA-256 of the procedure's canonical file, in hexadecimal. A dossier pins it.
func (p *Procedure) Version() string { return p.version }

// Step returns what the procedure says about an act.
func (p *Procedure) Step(act Act) (Step, bool) {
	i := slices.IndexFunc(p.Steps, func(s Step) bool { return s.Act == act })
	if i < 0 {
		return Step{Act: act}, false
	}
	return p.Steps[i], true
}

// Component returns the paper of that code.
func (p *Procedure) Component(code string) (Component, bool) {
	i := slices.IndexFunc(p.Components, func(c Component) bool { return c.Code == code })
	if i < 0 {
		return Component{}, false
	}
	return p.Components[i], true
}

// InForce reports whether a dossier may be filed under this version at t.
func (p *Procedure) InForce(t time.Time) bool {
	return !t.Before(p.Since.Time()) && (p.Until.IsZero() || t.Before(p.Until.Time()))
}

// FeeDue returns what is to be paid before an act, in đồng, for a form as filled in. Errors: *[InvalidError] when the
// form does not say how many copies are wanted.
func (p *Procedure) FeeDue(before Act, filled Personal) (int64, error) {
	var total int64
	for _, fee := range p.Fees {
		if fee.Due != before {
			continue
		}
		copies := int64(1)
		if fee.CopiesField != "" {
			var err error
			if copies, err = copiesIn(filled, fee.CopiesField); err != nil {
				return 0, err
			}
		}
		total += fee.Amount * copies
	}
	return total, nil
}

// maxCopies bounds a multiplication of money.
const maxCopies = 1000

func copiesIn(filled Personal, field string) (int64, error) {
	var fields map[string]json.RawMessage
	if !filled.IsZero() {
		if err := json.Unmarshal([]byte(filled.Reveal()), &fields); err != nil {
			return 0, &InvalidError{Field: "form", Rule: "a JSON object"}
		}
	}
	var copies int64
	if err := json.Unmarshal(bytes.TrimSpace(fields[field]), &copies); err != nil || copies < 1 || copies > maxCopies {
		return 0, &InvalidError{Field: "form." + field, Rule: "a number from 1 to 1000",
			Vi: "Số lượng bản phải là số nguyên từ 1 đến 1000."}
	}
	return copies, nil
}
