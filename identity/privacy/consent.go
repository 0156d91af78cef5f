package privacy

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"github.com/motcua/motcua/identity"
)

// Method is how a person agreed.
type Method string

// The methods. All are acts of the person; there is none for silence or a default.
const (
	Ticked Method = "ticked" // boxes that were empty when the page was shown
	Signed Method = "signed" // a signature, by hand or electronic, over the text
	Spoken Method = "spoken" // recorded
)

// Form is what a person is shown before agreeing (nội dung xin đồng ý).
type Form struct {
	Purpose Purpose
	// Controller is who will process: the agency's name.
	Controller string
	// Version and Text are those of the text shown, which names data, purpose, controller and rights.
	Version, Text string
	// Until ends the consent; zero: when it is withdrawn.
	Until time.Time
}

// Digest returns the SHA-256 of the text as shown, in hexadecimal. Put it beside the form; it must come back.
func (f Form) Digest() string {
	sum := sha256.Sum256([]byte(f.Controller + "\n" + f.Purpose.Code + "\n" + f.Version + "\n" + f.Text))
	return hex.EncodeToString(sum[:])
}

// Agreement is what the person did with a [Form].
type Agreement struct {
	Subject identity.Pseudonym
	// By is who acted, if not the subject: a representative.
	By identity.Pseudonym
	// Ticked are the items the person marked; an item that is not here was not agreed to.
	Ticked []string
	// Digest came back from the form.
	Digest string
	Method Method
	// Evidence refers to what proves the act: the hash of a signature or recording. Required but for [Ticked].
	Evidence string
	At       time.Time
}

// Consent is a record of agreement (sự đồng ý). It holds no personal data.
type Consent struct {
	ID         string             `json:"id"`
	Subject    identity.Pseudonym `json:"subject"`
	By         identity.Pseudonym `json:"by"`
	Purpose    string             `json:"purpose"`
	Items      []string           `json:"items"`
	Controller string             `json:"controller"`
	Version    string             `json:"version"`
	// Digest is that of the text shown.
	Digest      string             `json:"digest"`
	Method      Method             `json:"method"`
	Evidence    string             `json:"evidence,omitempty"`
	Given       time.Time          `json:"given"`
	Until       time.Time          `json:"until,omitzero"`
	Withdrawn   time.Time          `json:"withdrawn,omitzero"`
	WithdrawnBy identity.Pseudonym `json:"withdrawnBy,omitzero"`
}

// Agree makes the record of a consent. Errors: *Error when an item is not one of the purpose's, nothing was ticked, the
// text is another than the one shown, or the purpose needs no consent.
func (f Form) Agree(a Agreement) (Consent, error) {
	items := slices.Clone(a.Ticked)
	slices.Sort(items)
	items = slices.Compact(items)
	by := a.By
	if by.IsZero() {
		by = a.Subject
	}
	switch {
	case f.Purpose.Ground != ByConsent:
		return Consent{}, refuse("consent", "not-needed")
	case f.Controller == "" || f.Version == "" || strings.TrimSpace(f.Text) == "" || a.Digest != f.Digest():
		return Consent{}, refuse("consent", "text")
	case a.Subject.IsZero() || a.At.IsZero():
		return Consent{}, refuse("consent", "party")
	case len(items) == 0:
		return Consent{}, refuse("consent", "not-ticked")
	case a.Method != Ticked && a.Method != Signed && a.Method != Spoken, a.Method != Ticked && a.Evidence == "":
		return Consent{}, refuse("consent", "method")
	case !f.Until.IsZero() && !f.Until.After(a.At):
		return Consent{}, refuse("consent", "expired")
	}
	for _, item := range items {
		if !slices.Contains(f.Purpose.Items, item) {
			return Consent{}, refuse("purpose", "item")
		}
	}
	return Consent{
		ID: newID("consent"), Subject: a.Subject, By: by, Purpose: f.Purpose.Code, Items: items, Controller: f.Controller,
		Version: f.Version, Digest: a.Digest, Method: a.Method, Evidence: a.Evidence, Given: a.At, Until: f.Until,
	}, nil
}

// Covers asks whether the consent allows these items of this subject for this purpose, now. Errors: *Error.
func (c Consent) Covers(at time.Time, subject identity.Pseudonym, purpose string, items ...string) error {
	switch {
	case c.ID == "" || c.Given.IsZero():
		return refuse("consent", "missing")
	case c.Subject != subject || c.Purpose != purpose || len(items) == 0:
		return refuse("consent", "other")
	case !c.Withdrawn.IsZero() && !at.Before(c.Withdrawn):
		return refuse("consent", "withdrawn")
	case at.Before(c.Given), !c.Until.IsZero() && !at.Before(c.Until):
		return refuse("consent", "expired")
	}
	for _, item := range items {
		if !slices.Contains(c.Items, item) {
			return refuse("consent", "other")
		}
	}
	return nil
}

// Withdraw ends the consent from at on (rút lại sự đồng ý); what was done before stays lawful. Only who agreed or the
// subject may. Withdrawing again changes nothing. Errors: *Error.
func (c Consent) Withdraw(at time.Time, by identity.Pseudonym) (Consent, error) {
	switch {
	case by.IsZero() || by != c.Subject && by != c.By:
		return c, refuse("consent", "party")
	case !c.Withdrawn.IsZero():
		return c, nil
	case at.Before(c.Given):
		return c, refuse("consent", "expired")
	}
	c.Withdrawn, c.WithdrawnBy = at, by
	return c, nil
}
