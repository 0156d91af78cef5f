package dossier

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"slices"

	"github.com/motcua/motcua/dossier/form"
	"github.com/motcua/motcua/internal/canon"
)

// Bounds of a procedure file.
const (
	maxProcedure  = 1 << 20
	maxComponents = 100
	maxUpload     = 1 << 30
)

// ProcedureError names everything a procedure file gets wrong, so that its author mends it in one go.
type ProcedureError struct {
	File   string
	Broken []*InvalidError
}

func (e *ProcedureError) Error() string {
	text := "dossier: procedure " + e.File + ":"
	for i, one := range e.Broken {
		if i > 0 {
			text += ";"
		}
		text += " " + one.Field + ": want " + one.Rule
		if one.Err != nil {
			text += " (" + one.Err.Error() + ")"
		}
	}
	return text
}

// Unwrap returns the single findings.
func (e *ProcedureError) Unwrap() []error {
	var all []error
	for _, one := range e.Broken {
		all = append(all, one)
	}
	return all
}

// ReadProcedure reads and checks one procedure file; name is only for messages. It refuses unknown members and anything
// a rule does not allow. Errors: *[ProcedureError], or the reader's.
func ReadProcedure(name string, r io.Reader) (*Procedure, error) {
	raw, err := io.ReadAll(io.LimitReader(r, maxProcedure+1))
	if err != nil {
		return nil, fmt.Errorf("dossier: procedure %s: %w", name, err)
	}
	fail := func(rule string, err error) (*Procedure, error) {
		return nil, &ProcedureError{name, []*InvalidError{{Field: "file", Rule: rule, Err: err}}}
	}
	if len(raw) > maxProcedure {
		return fail("at most 1 MiB", nil)
	}
	canonical, err := canon.Rewrite(raw)
	if err != nil {
		return fail("one JSON object whose numbers are integers", err)
	}
	p := &Procedure{}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(p); err != nil {
		return fail("the members of a procedure", err)
	}
	sum := sha256.Sum256(canonical)
	p.version = hex.EncodeToString(sum[:])
	if broken := p.check(); len(broken) > 0 {
		return nil, &ProcedureError{name, broken}
	}
	return p, nil
}

// findings collects what is wrong.
type findings []*InvalidError

func (f *findings) want(ok bool, field, rule string) {
	if !ok {
		*f = append(*f, &InvalidError{Field: field, Rule: rule})
	}
}

func (p *Procedure) check() []*InvalidError {
	var f findings
	f.want(p.Format == "motcua-procedure/1", "format", "motcua-procedure/1")
	f.want(!p.Code.IsZero(), "code", "a procedure code")
	f.want(p.Name.Vi != "" && p.Name.En != "", "name", "a name in vi and en")
	f.want(!p.Since.IsZero(), "since", "the day from which it may be filed")
	f.want(p.Until.IsZero() || p.Until.Time().After(p.Since.Time()), "until", "a day after since")
	f.want(len(p.Agencies) > 0, "agencies", "at least one kind of agency")
	f.want(len(p.Law) > 0, "law", "at least one legal basis")
	f.want(len(p.Channels) > 0, "channels", "at least one channel")
	for i, channel := range p.Channels {
		known := slices.Contains([]Channel{Counter, Online, Post, Kiosk}, channel)
		f.want(known, fmt.Sprintf("channels[%d]", i), "counter, online, post or kiosk")
	}
	if rule := p.Limit.broken(); rule != "" {
		f.want(false, "limit", rule)
	}
	if rule := p.Supplement.broken(); !p.Supplement.IsZero() && rule != "" {
		f.want(false, "supplement", rule)
	}
	p.checkComponents(&f)
	p.checkFees(&f)
	p.checkSteps(&f)
	p.checkForm(&f)
	f.want(p.Result.Kind == "pdf" || p.Result.Kind == "none", "result.kind", "pdf or none")
	f.want(p.Result.Kind != "pdf" || p.Result.Name.Vi != "" && p.Result.Code != "", "result", "a code and a name")
	for i, ground := range p.Law {
		f.want(ground.Instrument != "", fmt.Sprintf("law[%d].instrument", i), "a legal instrument")
	}
	return f
}

func (p *Procedure) checkComponents(f *findings) {
	f.want(len(p.Components) <= maxComponents, "components", "at most 100")
	seen := make(map[string]bool)
	for i, c := range p.Components {
		at := fmt.Sprintf("components[%d]", i)
		f.want(isKey(c.Code), at+".code", "1 to 64 letters, digits and .-_")
		f.want(!seen[c.Code], at+".code", "a code only once")
		seen[c.Code] = true
		f.want(c.Name.Vi != "" && c.Name.En != "", at+".name", "a name in vi and en")
		f.want(c.MaxBytes > 0 && c.MaxBytes <= maxUpload, at+".maxBytes", "1 byte to 1 GiB")
		f.want(len(c.Media) > 0, at+".media", "at least one media type")
		f.want(!c.Signed || slices.Equal(c.Media, []string{"application/pdf"}), at+".signed", "only application/pdf among media")
		for _, media := range c.Media {
			plain, params, err := mime.ParseMediaType(media)
			f.want(err == nil && plain == media && len(params) == 0, at+".media", "media types such as application/pdf")
		}
	}
}

func (p *Procedure) checkFees(f *findings) {
	for i, fee := range p.Fees {
		at := fmt.Sprintf("fees[%d]", i)
		f.want(isKey(fee.Code), at+".code", "1 to 64 letters, digits and .-_")
		f.want(fee.Name.Vi != "" && fee.Name.En != "", at+".name", "a name in vi and en")
		f.want(fee.Amount >= 0 && fee.Amount <= 1e12, at+".amount", "0 to 10^12 đồng")
		f.want(fee.Due.IsValid(), at+".due", "an act")
		f.want(fee.Law != "" || fee.Illustrative, at+".law", "a legal basis, or the flag illustrative")
	}
}

func (p *Procedure) checkSteps(f *findings) {
	seen := make(map[Act]bool)
	for i, step := range p.Steps {
		at := fmt.Sprintf("steps[%d]", i)
		f.want(step.Act.IsValid(), at+".act", "an act")
		f.want(!seen[step.Act], at+".act", "an act only once")
		seen[step.Act] = true
		for _, role := range step.By {
			f.want(role.IsValid(), at+".by", "roles")
		}
		for _, guard := range step.Guards {
			f.want(isKey(guard), at+".guards", "names of 1 to 64 letters, digits and .-_")
		}
	}
}

func (p *Procedure) checkForm(f *findings) {
	if len(p.Form) == 0 {
		f.want(false, "form", "a JSON Schema")
		return
	}
	compiled, err := form.Compile(p.Form)
	if err != nil {
		*f = append(*f, &InvalidError{Field: "form", Rule: "a form dossier/form can compile", Err: err})
		return
	}
	p.form = compiled
}

// errTwoVersions means two versions of one procedure could both be meant on a day.
var errTwoVersions = errors.New("another version of the procedure is in force on the same days")

func isKey(s string) bool {
	if s == "" || len(s) > 64 {
		return false
	}
	for i := 0; i < len(s); i++ {
		c := s[i] | 0x20
		if (c < 'a' || c > 'z') && (s[i] < '0' || s[i] > '9') && s[i] != '.' && s[i] != '-' && s[i] != '_' {
			return false
		}
	}
	return true
}
