package privacy

import (
	"bytes"
	_ "embed" // the built-in purposes
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/motcua/motcua/identity"
)

//go:embed data/standard.json
var standard []byte

// Ground is why personal data may be processed (căn cứ xử lý).
type Ground string

// The grounds. Law 91/2025/QH15 Art. 9 and 19.
const (
	ByLaw     Ground = "law"
	ByConsent Ground = "consent"
)

// Item is a kind of personal data (loại dữ liệu).
type Item struct {
	Name string `json:"name"`
	VI   string `json:"vi"`
	EN   string `json:"en"`
	// Claims are the names under which identity providers send it.
	Claims []string `json:"claims,omitempty"`
	// Sensitive data (dữ liệu cá nhân nhạy cảm) need care of their own: images of identity cards are.
	Sensitive bool `json:"sensitive,omitempty"`
}

// Purpose is what personal data are processed for (mục đích xử lý), and all that may be.
type Purpose struct {
	Code      string   `json:"code"`
	VI        string   `json:"vi"`
	EN        string   `json:"en"`
	Ground    Ground   `json:"ground"`
	Provision string   `json:"provision,omitempty"` // the article, of [ByLaw]
	Items     []string `json:"items"`
	// Asks are questions answered instead of data handed out: "age>=18".
	Asks []string `json:"asks,omitempty"`
}

// Purposes is a set of purposes, dated data. It is safe for concurrent use.
type Purposes struct{ file purposeFile }

type purposeFile struct {
	Format      string    `json:"format"`
	Name        string    `json:"name"`
	Since       string    `json:"since"`
	Source      string    `json:"source"`
	Provisional bool      `json:"provisional,omitempty"`
	Items       []Item    `json:"items"`
	Purposes    []Purpose `json:"purposes"`
}

const (
	maxFile = 1 << 20
	maxRows = 1000
	maxAge  = 150
)

// Standard returns the built-in purposes of a one-stop office, provisional until an agency makes them its own.
func Standard() (*Purposes, error) { return ParsePurposes(standard) }

// ParsePurposes reads a file of purposes. Errors: *Error.
func ParsePurposes(data []byte) (*Purposes, error) {
	p := &Purposes{}
	if err := decode(data, "purposes", &p.file); err != nil {
		return nil, err
	}
	if err := p.check(); err != nil {
		return nil, err
	}
	return p, nil
}

func decode(data []byte, field string, into any) error {
	if len(data) > maxFile {
		return refuse(field, "size")
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return &Error{Field: field, Rule: "json", Err: err}
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return refuse(field, "json")
	}
	return nil
}

func (p *Purposes) check() error {
	f := p.file
	switch {
	case f.Format != "motcua-purposes/1":
		return refuse("purposes", "format")
	case f.Since == "" || f.Source == "":
		return refuse("purposes", "source")
	case len(f.Items) > maxRows || len(f.Purposes) > maxRows:
		return refuse("purposes", "size")
	}
	seen := map[string]bool{}
	for _, item := range f.Items {
		if item.Name == "" || item.VI == "" || item.EN == "" || seen["i "+item.Name] {
			return refuse("purposes", "item")
		}
		seen["i "+item.Name] = true
	}
	for _, purpose := range f.Purposes {
		switch {
		case purpose.Code == "" || purpose.VI == "" || purpose.EN == "" || seen["p "+purpose.Code]:
			return refuse("purposes", "purpose")
		case purpose.Ground != ByLaw && purpose.Ground != ByConsent, purpose.Ground == ByLaw && purpose.Provision == "":
			return refuse("purposes", "ground")
		}
		seen["p "+purpose.Code] = true
		for _, name := range purpose.Items {
			if !seen["i "+name] {
				return refuse("purposes", "item")
			}
		}
		for _, ask := range purpose.Asks {
			if _, ok := ageOf(ask); !ok {
				return refuse("purposes", "ask")
			}
		}
	}
	return nil
}

// ageOf reads "age>=18".
func ageOf(ask string) (int, bool) {
	text, ok := strings.CutPrefix(ask, "age>=")
	years, err := strconv.Atoi(text)
	return years, ok && err == nil && years > 0 && years <= maxAge && text[0] != '+'
}

// Purpose returns the purpose of this code. Errors: *Error with rule "unknown".
func (p *Purposes) Purpose(code string) (Purpose, error) {
	for _, purpose := range p.file.Purposes {
		if purpose.Code == code {
			return purpose, nil
		}
	}
	return Purpose{}, refuse("purpose", "unknown")
}

// Item returns the description of an item.
func (p *Purposes) Item(name string) (Item, bool) {
	for _, item := range p.file.Items {
		if item.Name == name {
			return item, true
		}
	}
	return Item{}, false
}

// All returns the purposes in the order of the file: what a page on data protection shows.
func (p *Purposes) All() []Purpose { return slices.Clone(p.file.Purposes) }

// Provisional reports whether the set is not yet an agency's own decision.
func (p *Purposes) Provisional() bool { return p.file.Provisional }

// Claims returns the names of the claims these purposes may see, sorted: what to put into oidc.Profile.Keep. Errors:
// *Error for a purpose that is not declared.
func (p *Purposes) Claims(codes ...string) ([]string, error) {
	var names []string
	for _, code := range codes {
		purpose, err := p.Purpose(code)
		if err != nil {
			return nil, err
		}
		for _, name := range purpose.Items {
			item, _ := p.Item(name)
			names = append(names, item.Claims...)
		}
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

// Minimal is what a purpose may see of a subject.
type Minimal struct {
	Subject identity.Subject
	// Answers are those to the purpose's questions.
	Answers map[string]identity.Answer
}

// Minimise returns the subject with only the items the purpose names, and answers to its questions (tối thiểu hóa dữ
// liệu). Kind, pseudonym, assurance and representation stay: they are not data about the person's life.
func (p Purpose) Minimise(s identity.Subject, at time.Time) Minimal {
	v := Minimal{Subject: s}
	for _, ask := range p.Asks {
		if years, ok := ageOf(ask); ok {
			if v.Answers == nil {
				v.Answers = map[string]identity.Answer{}
			}
			v.Answers[ask] = s.BirthDate.AtLeast(years, at)
		}
	}
	m := &v.Subject
	drop := map[string]func(){
		"person":       func() { m.Person = identity.PersonID{} },
		"name":         func() { m.Name = identity.Name{} },
		"birth-date":   func() { m.BirthDate = identity.BirthDate{} },
		"sex":          func() { m.Sex = identity.SexUnknown },
		"old-number":   func() { m.OldNumber = identity.CMND{} },
		"passport":     func() { m.Passport = identity.Passport{} },
		"organisation": func() { m.Org, m.OrgName, m.Tax = identity.OrgID{}, identity.Name{}, identity.TaxCode{} },
	}
	for item, empty := range drop {
		if !slices.Contains(p.Items, item) {
			empty()
		}
	}
	m.Provenance = slices.DeleteFunc(slices.Clone(s.Provenance), func(o identity.Provenance) bool {
		return !slices.Contains(p.Items, string(o.Attribute))
	})
	m.Conflicts = slices.Clone(s.Conflicts) // what contradicts stays known, or dropping data would mend it
	return v
}
