package identity_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/motcua/motcua/identity"
)

func FuzzParsePersonID(f *testing.F) {
	for _, seed := range []string{"001090000123", "000000000000", "999399999999", "", "00109000012", "+01090000123"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		id, err := identity.ParsePersonID(in)
		if err != nil {
			if !id.IsZero() {
				t.Fatal("refused and handed out")
			}
			return
		}
		if id.Reveal() != in || id.BirthYear() < 1900 || id.BirthYear() > 2099 || id.Sex() == identity.SexUnknown {
			t.Fatalf("%q reads as %q", in, id.Reveal())
		}
		if again, err := identity.ParsePersonID(id.Reveal()); err != nil || again != id {
			t.Fatal("does not read back")
		}
		if strings.Contains(fmt.Sprintf("%v %#v %d", id, id, id), in[3:]) {
			t.Fatal("prints its digits")
		}
	})
}

func FuzzParseTaxCode(f *testing.F) {
	for _, seed := range []string{"9901004567", "9901004567-001", "99 01004567.001", "001090000123", "-1", "1--1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		code, err := identity.ParseTaxCode(in)
		if err != nil {
			return
		}
		if again, err := identity.ParseTaxCode(code.Reveal()); err != nil || again != code {
			t.Fatalf("%q: %q does not read back", in, code.Reveal())
		}
		if org, err := identity.ParseOrgID(in); (err == nil) != (code.Form() != identity.TaxFormPersonal) ||
			err == nil && org.TaxCode() != code {
			t.Fatal("enterprise code and tax code disagree")
		}
	})
}

func FuzzParseName(f *testing.F) {
	f.Add("Nguyễn Trọng Nghĩa")
	f.Add("Nguye\u0302\u0303n")
	f.Add("  a\u00a0b ")
	f.Fuzz(func(t *testing.T, in string) {
		name, err := identity.ParseName(in)
		if err != nil {
			return
		}
		if again, err := identity.ParseName(name.Reveal()); err != nil || again != name {
			t.Fatalf("%q: %q does not read back", in, name.Reveal())
		}
	})
}

func FuzzParseBirthDate(f *testing.F) {
	for _, seed := range []string{"15/03/1990", "1990-03-15", "19900315", "1990-03", "1990", "19900000", "29/02/1900"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		date, err := identity.ParseBirthDate(in)
		if err != nil {
			return
		}
		if again, err := identity.ParseBirthDate(date.Reveal()); err != nil || again != date {
			t.Fatalf("%q: %q does not read back", in, date.Reveal())
		}
	})
}

func FuzzParsePseudonym(f *testing.F) {
	f.Add("p-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")
	f.Fuzz(func(t *testing.T, in string) {
		if p, err := identity.ParsePseudonym(in); err == nil && p.String() != in {
			t.Fatalf("%q reads as %q", in, p)
		}
	})
}

func BenchmarkParsePersonID(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := identity.ParsePersonID("001090000123"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParseTaxCode(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := identity.ParseTaxCode("9901004567"); err != nil {
			b.Fatal(err)
		}
	}
}
