package identity_test

import (
	"fmt"
	"time"

	"github.com/motcua/motcua/identity"
)

func ExampleParsePersonID() {
	id, err := identity.ParsePersonID("001090000123")
	if err != nil {
		fmt.Println(err)
		return
	}
	place, _ := id.Place()
	fmt.Println(id, place.Name, id.BirthYear(), id.Sex())

	born, _ := identity.ParseBirthDate("15/03/1991")
	err = id.Check(time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC), born, identity.Male)
	if refusal, ok := err.(*identity.InvalidError); ok {
		fmt.Println(refusal.Code())
		fmt.Println(refusal.Text("vi"))
	}
	// Output:
	// 001********* Hà Nội 1990 male
	// personid.birthdate
	// Năm sinh trong số định danh cá nhân không khớp với ngày sinh đã khai.
}

func ExampleParseTaxCode() {
	code, _ := identity.ParseTaxCode("9901004567001")
	fmt.Println(code, code.Reveal())
	_, err := identity.ParseTaxCode("9901004568")
	fmt.Println(err)
	// Output:
	// 99************ 9901004567-001
	// identity: taxcode: check digit does not fit
}

func ExamplePseudonymizer() {
	names, _ := identity.NewPseudonymizer([]byte("a key of 32 bytes from your vault"))
	id, _ := identity.ParsePersonID("001090000123")
	other, _ := identity.ParsePersonID("001188000456")
	pseudonym := names.Person(id)
	back, _ := identity.ParsePseudonym(pseudonym.String()) // as a journal gives it back
	fmt.Println(len(pseudonym.String()), back == pseudonym, back == names.Person(other))
	// Output: 34 true false
}
