package arch_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/motcua/motcua/dossier"
	"github.com/motcua/motcua/identity"
	"github.com/motcua/motcua/journal"
)

// TestREADME holds the README's snippet to the region of this file that the compiler and the example check.
func TestREADME(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.ReadFile("readme_test.go")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(self), "\t// README begins\n")
	region, _, found := strings.Cut(rest, "\t// README ends")
	if !found || !strings.Contains(string(readme), "```go\n"+strings.ReplaceAll(strings.TrimPrefix(region, "\t"), "\n\t", "\n")+"```") {
		t.Error("the snippet in README.md is not the region of readme_test.go")
	}
	for _, command := range []string{"go run ./examples/onestop", "go test ./..."} {
		if !strings.Contains(string(readme), command) {
			t.Errorf("README.md does not show %q", command)
		}
	}
}

func Example_readme() {
	ctx := context.Background()
	procedures := os.DirFS("../../examples/onestop/procedures")
	clock := func() time.Time { return time.Date(2026, 8, 28, 10, 0, 0, 0, time.FixedZone("+07", 7*3600)) }
	feePaid := func(context.Context, *dossier.Dossier, *dossier.Command) error { return nil }
	signed := feePaid
	form := `{"fullName":"Nguyễn Trọng Nghĩa","personId":"001090000123","birthDate":"15/03/1990","residence":"Phường Ví Dụ",
		"kind":"khai-sinh","holderName":"Nguyễn Trọng Nghĩa","holderBirthDate":"1990-03-15","registeredAt":"UBND phường Ví Dụ",
		"relation":"ban-than","copies":1}`
	check := func(err error) {
		if err != nil {
			fmt.Println(err)
		}
	}
	name, err := identity.ParseName("Nguyễn Trọng Nghĩa")
	check(err)
	ward, err := dossier.ParseAgencyID("H26.35.12")
	check(err)
	code, err := dossier.ParseProcedureCode("2.000635")
	check(err)
	filing := &dossier.Filing{Procedure: code, Agency: ward, Channel: dossier.Online, Form: dossier.NewPersonal(form),
		Owner: dossier.Party{Pseudonym: "p-citizen", Name: name}}
	// README begins
	store := journal.NewMemory() // or sqlite.Open(ctx, "office.db", sqlite.Config{})
	catalogue, err := dossier.LoadCatalogue(procedures)
	check(err)
	desk, err := dossier.NewDesk(store, catalogue, dossier.Config{Now: clock, Guards: map[string]dossier.Guard{
		"fee-paid": feePaid, "papers-signed": signed, "result-signed": signed, // yours: payment.Till, signature.Verifier
	}})
	check(err)
	filed, err := desk.Do(ctx, dossier.Command{Key: "form-7f3a", Act: dossier.File,
		Actor: dossier.Actor{ID: "p-citizen", Role: dossier.Applicant}, Filing: filing})
	check(err)
	accepted, err := desk.Do(ctx, dossier.Command{Key: "click-91c2", Act: dossier.Accept, Dossier: filed.ID, Seen: filed.Version,
		Actor: dossier.Actor{ID: "a-officer", Role: dossier.Officer, Unit: ward}})
	check(err)
	fmt.Println(accepted.Code, accepted.State.Label("vi"), accepted.Due.Format("02/01/2006"))
	// README ends

	// Output: H26.35.12-260828-0001 Được tiếp nhận 03/09/2026
}
