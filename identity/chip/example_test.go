package chip_test

import (
	"fmt"
	"time"

	"github.com/motcua/motcua/identity"
	"github.com/motcua/motcua/identity/chip"
	"github.com/motcua/motcua/identity/identitytest"
)

func Example() {
	// What a country publishes, and what a reader hands over: both invented here.
	at := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	authority, _ := identitytest.NewCardAuthority(identitytest.CardAuthorityConfig{})
	signer, _ := authority.Signer(identitytest.CardSignerConfig{})
	crl, _ := authority.CRL(at.AddDate(0, 0, -1), at.AddDate(0, 0, 30))
	card, _ := signer.Personalise(identitytest.Specimens()[0], identitytest.CardConfig{Signed: at.AddDate(-2, -8, 0)})

	cscas, err := chip.ParseCertificates(authority.Certificate())
	if err != nil {
		fmt.Println(err)
		return
	}
	trust, err := chip.NewTrust(chip.Anchors{Cards: cscas, CRLs: [][]byte{crl}})
	if err != nil {
		fmt.Println(err)
		return
	}
	verifier, err := chip.NewVerifier(trust, chip.Policy{})
	if err != nil {
		fmt.Println(err)
		return
	}
	files, err := chip.NewFiles(card.Files)
	if err != nil {
		fmt.Println(err)
		return
	}
	report := verifier.Verify(at, files, chip.Session{})
	fmt.Println(report.Verdict, report.State, report.Digest)
	if doc, ok := report.Document(); ok {
		subject, err := identity.Subject{}.Corroborate(at, doc.Statements("quầy 3")...)
		who, _ := subject.ProvenanceOf(identity.AttrPerson)
		fmt.Println(subject.Person, who.Origin.Source, who.Origin.Trust, err)
	}

	card.Files[chip.DG1][20] ^= 1
	files, _ = chip.NewFiles(card.Files)
	report = verifier.Verify(at, files, chip.Session{})
	fmt.Println(report.Verdict)
	fmt.Println(report.Reasons()[0].Text("vi"))
	// Output:
	// accepted VNM SHA-256
	// 001********* chip verified <nil>
	// rejected
	// DG1: Nội dung đã bị thay đổi so với bản cơ quan cấp đã ký.
}
