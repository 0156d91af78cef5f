package onceonly_test

import (
	"context"
	"fmt"
	"net/http/httptest"

	"github.com/motcua/motcua/identity"
	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/onceonly"
	"github.com/motcua/motcua/onceonly/auth"
	"github.com/motcua/motcua/onceonly/c06"
	"github.com/motcua/motcua/onceonly/onceonlytest"
)

// A citizen's form is prefilled from the population register; then the register is down; then the citizen asks who
// looked.
func Example() {
	// The register, here a simulator on loopback.
	register, err := onceonlytest.NewRegister(onceonlytest.Settings{User: "qnm", Secret: "bí mật",
		Unit: onceonlytest.Milliseconds, Birth: onceonlytest.BirthNested, Integration: "037"})
	check(err)
	server := httptest.NewServer(register)
	defer server.Close()

	// The broker. Another endpoint, login or dialect is configuration.
	login, err := auth.NewTimestamped("qnm", "bí mật", auth.Milliseconds, auth.Config{})
	check(err)
	population, err := c06.New(server.URL, c06.SeenDialect("037"), login, c06.Config{Officer: "HETHONG", Unit: "H26"})
	check(err)
	broker, err := onceonly.NewBroker(journal.NewMemory(), onceonly.Config{
		Allowances: []onceonly.Allowance{{Procedure: "1.001193", Law: "…",
			Fields: []onceonly.Field{onceonly.FullName, onceonly.BirthDate, onceonly.Sex}}},
		Now: clock(),
	}, population)
	check(err)

	// Who signed in.
	pseudonyms, err := identity.NewPseudonymizer([]byte("a key of at least thirty-two bytes"))
	check(err)
	person, err := identity.ParsePersonID("001090000123")
	check(err)
	name, err := identity.ParseName("Nguyễn Trọng Nghĩa")
	check(err)
	born, err := identity.ParseBirthDate("1990-03-15")
	check(err)
	subject := identity.Subject{Kind: identity.Citizen, Pseudonym: pseudonyms.Person(person), Person: person, Name: name,
		BirthDate: born}
	citizen := onceonly.Actor{Kind: identity.Citizen, Pseudonym: subject.Pseudonym}

	request := onceonly.Request{
		Subject: subject, Actor: citizen, Procedure: "1.001193",
		Fields:  []onceonly.Field{onceonly.FullName, onceonly.BirthDate},
		Purpose: onceonly.Purpose{Code: "prefill", Text: "Điền sẵn tờ khai đăng ký khai sinh"},
		Basis:   onceonly.LegalBasis{Kind: onceonly.ByLaw, Provision: "Luật Hộ tịch, Điều 16"},
	}
	answer, err := broker.Lookup(context.Background(), request)
	check(err)
	for _, f := range answer.Fields {
		fmt.Println(f.Field.Text("vi")+":", f.Value, "→", f.Value.Reveal(), "from", f.Provenance.Source)
	}

	register.Fail(onceonlytest.Outage)
	answer, err = broker.Lookup(context.Background(), request)
	check(err)
	for _, paper := range answer.AskPaper() {
		fmt.Println(paper.Field.Text("vi")+":", paper.Code(), paper.Law) // paper.Text("vi") says it to the citizen
	}

	page, err := broker.Usage(context.Background(), citizen, subject.Pseudonym, onceonly.Window{})
	check(err)
	for _, use := range page.Uses {
		fmt.Println(use.ActorKind, "·", use.PurposeText, "·", use.Asks[0].Outcome)
	}

	request.Basis = onceonly.LegalBasis{}
	_, err = broker.Lookup(context.Background(), request)
	fmt.Println(err)
	// Output:
	// Họ, chữ đệm và tên: [redacted] → Nguyễn Trọng Nghĩa from c06
	// Ngày, tháng, năm sinh: [redacted] → 1990-03-15 from c06
	// Họ, chữ đệm và tên: paper.unavailable Nghị quyết 66.7/2025/NQ-CP
	// Ngày, tháng, năm sinh: paper.unavailable Nghị quyết 66.7/2025/NQ-CP
	// citizen · Điền sẵn tờ khai đăng ký khai sinh · unavailable
	// citizen · Điền sẵn tờ khai đăng ký khai sinh · fetched
	// onceonly: basis: want a legal basis
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
