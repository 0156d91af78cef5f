package identity_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/motcua/motcua/identity"
)

// canaries are digits and words that must never come out of anything printed.
var canaries = []string{
	"090000123", "1090000123", "0100456", "9901004567", "Nghĩa", "Nguyễn", "Nguy\\u1ec5n", "Hoa Sen", "1990-03-15",
	"19900315", "199999990", "C7654321", "912345678", "0120000012", "kkkk", "6b6b6b", "107 107", "0x6b, 0x6b",
}

// record has the types where fmt asks their methods, and where it does not: in unexported fields.
type record struct {
	Subject identity.Subject
	Person  identity.PersonID
	Tax     identity.TaxCode
	Tax12   identity.TaxCode
	Org     identity.OrgID
	Name    identity.Name
	Birth   identity.BirthDate
	Old     identity.CMND
	Travel  identity.Passport
	Phone   identity.Phone
	Health  identity.HealthCard
	Social  identity.InsuranceID
	Names   *identity.Pseudonymizer `json:"-" xml:"-"`
	hidden  inner
}

type inner struct {
	person identity.PersonID
	tax    identity.TaxCode
	org    identity.OrgID
	name   identity.Name
	birth  identity.BirthDate
	sub    identity.Subject
	names  *identity.Pseudonymizer
	old    identity.CMND
	travel identity.Passport
	phone  identity.Phone
	health identity.HealthCard
	social identity.InsuranceID
}

func TestNothingPrintsPersonalData(t *testing.T) {
	person := must(t, identity.ParsePersonID, "001090000123")
	tax := must(t, identity.ParseTaxCode, "9901004567")
	tax12 := must(t, identity.ParseTaxCode, "001090000123")
	org := must(t, identity.ParseOrgID, "9901004567-001")
	name := must(t, identity.ParseName, "Nguyễn Trọng Nghĩa")
	birth := must(t, identity.ParseBirthDate, "15/03/1990")
	names := pseudonymizer(t, "k")
	subject := identity.Subject{
		Kind: identity.Citizen, Pseudonym: names.Person(person), Person: person, Name: name, BirthDate: birth,
		Tax: tax, Org: org, OrgName: must(t, identity.ParseOrgName, "Công ty Hoa Sen"),
	}
	old, travel := must(t, identity.ParseCMND, "199999990"), must(t, identity.ParsePassport, "C7654321")
	phone, health := must(t, identity.ParsePhone, "0912345678"), must(t, identity.ParseHealthCard, "HS4010120000012")
	all := record{
		subject, person, tax, tax12, org, name, birth, old, travel, phone, health, health.Insurance(), names,
		inner{person, tax, org, name, birth, subject, names, old, travel, phone, health, health.Insurance()},
	}
	values := []any{
		person, tax, tax12, org, name, birth, names, subject, old, travel, phone, health, health.Insurance(), all, &all, []any{person, name},
		map[string]any{"id": person}, map[identity.PersonID]identity.Name{person: name},
	}
	var out strings.Builder
	for _, value := range values {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x", "%X", "%o", "%b", "%t", "%20v", "%U"} {
			fmt.Fprintf(&out, verb+"\n", value)
		}
		var text bytes.Buffer
		slog.New(slog.NewTextHandler(&text, nil)).Info("x", "value", value)
		slog.New(slog.NewJSONHandler(&text, nil)).Info("x", "value", value)
		out.Write(text.Bytes())
		if raw, err := json.Marshal(value); err == nil {
			out.Write(raw)
		}
		if raw, err := xml.Marshal(value); err == nil {
			out.Write(raw)
		}
		fmt.Fprintln(&out, value)
		fmt.Fprint(&out, value)
	}
	for _, canary := range canaries {
		if at := strings.Index(out.String(), canary); at >= 0 {
			t.Errorf("%q came out: …%s…", canary, out.String()[max(0, at-60):at+len(canary)])
		}
	}
	for _, want := range []string{"001*********", `"001*********"`, "identity.PersonID(001*********)", "***"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("nothing printed as %s", want)
		}
	}
}

func TestRedactedTextDoesNotReadBack(t *testing.T) {
	raw, err := json.Marshal(struct{ ID identity.PersonID }{must(t, identity.ParsePersonID, "001090000123")})
	if err != nil {
		t.Fatal(err)
	}
	var back struct{ ID identity.PersonID }
	if err := json.Unmarshal(raw, &back); err == nil {
		t.Errorf("%s was read as a number", raw)
	}
}
