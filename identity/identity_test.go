package identity_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/motcua/motcua/identity"
)

var today = time.Date(2026, 11, 21, 2, 0, 0, 0, time.UTC)

func must[T any](t testing.TB, parse func(string) (T, error), s string) T {
	t.Helper()
	value, err := parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// checkCode holds that err is an *InvalidError of this code with both texts, or none for "".
func checkCode(t *testing.T, err error, code string) {
	t.Helper()
	var invalid *identity.InvalidError
	if got := errors.As(err, &invalid); got != (code != "") || got && invalid.Code() != code {
		t.Fatalf("got %v, want %q", err, code)
	}
	if code == "" {
		return
	}
	fallback := (&identity.InvalidError{Field: "x", Rule: "x"}).Text("vi")
	if vi, en := invalid.Text("vi"), invalid.Text("en"); vi == en || vi == fallback || invalid.Text("fr") != vi {
		t.Errorf("%s has no texts of its own: %q, %q", code, vi, en)
	}
}

func TestParsePersonID(t *testing.T) {
	tests := []struct {
		name, in, code string
		place          string
		year           int
		sex            identity.Sex
	}{
		{"man of Hà Nội", "001090000123", "", "Hà Nội", 1990, identity.Male},
		{"woman of Hà Nội", "001188000456", "", "Hà Nội", 1988, identity.Female},
		{"boy of this century", "079215000001", "", "Hồ Chí Minh", 2015, identity.Male},
		{"girl of this century", "096326999999", "", "Cà Mau", 2026, identity.Female},
		{"born abroad", "232095000001", "", "JP", 1995, identity.Male},
		{"unknown place", "999095000001", "", "", 1995, identity.Male},
		{"all zeros", "000000000000", "", "", 1900, identity.Male},
		{"future", "001299000001", "", "Hà Nội", 2099, identity.Male},
		{"century to come", "001499000001", "personid.century", "", 0, 0},
		{"empty", "", "personid.digits", "", 0, 0},
		{"nine digits (CMND)", "123456789", "personid.digits", "", 0, 0},
		{"thirteen", "0010900001234", "personid.digits", "", 0, 0},
		{"blank", "001090 00012", "personid.digits", "", 0, 0},
		{"blank behind", "001090000123 ", "personid.digits", "", 0, 0},
		{"letter", "00109000012a", "personid.digits", "", 0, 0},
		{"full-width digits", "001090", "personid.digits", "", 0, 0},
		{"sign", "+01090000123", "personid.digits", "", 0, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			id, err := identity.ParsePersonID(tt.in)
			checkCode(t, err, tt.code)
			if tt.code != "" {
				if !id.IsZero() || id.Reveal() != "" {
					t.Error("a refused number is handed out")
				}
				return
			}
			place, known := id.Place()
			if id.Reveal() != tt.in || place.Name != tt.place || known != (tt.place != "") ||
				id.BirthYear() != tt.year || id.Sex() != tt.sex {
				t.Errorf("place %q, year %d, sex %v", place.Name, id.BirthYear(), id.Sex())
			}
		})
	}
}

func TestPersonIDCheck(t *testing.T) {
	tests := []struct {
		name, id, birth, sex, code string
		at                         time.Time
	}{
		{"agrees", "001090000123", "1990-03-15", "male", "", today},
		{"year only", "001090000123", "1990", "nam", "", today},
		{"nothing claimed", "001090000123", "", "", "", today},
		{"other year", "001090000123", "1991-03-15", "", "personid.birthdate", today},
		{"other sex", "001090000123", "1990-03-15", "nữ", "personid.sex", today},
		{"born next year", "001227000001", "", "", "personid.birthyear", today},
		{"born this year", "001226000001", "", "", "", today},
		{"new year in Vietnam, not yet in Greenwich", "001227000001", "", "", "",
			time.Date(2026, 12, 31, 17, 0, 0, 0, time.UTC)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var birth identity.BirthDate
			if tt.birth != "" {
				birth = must(t, identity.ParseBirthDate, tt.birth)
			}
			err := must(t, identity.ParsePersonID, tt.id).Check(tt.at, birth, identity.ParseSex(tt.sex))
			checkCode(t, err, tt.code)
			want := tt.code == "personid.birthdate" || tt.code == "personid.sex"
			if errors.Is(err, identity.ErrMismatch) != want {
				t.Errorf("ErrMismatch: want %v", want)
			}
		})
	}
	checkCode(t, identity.PersonID{}.Check(today, identity.BirthDate{}, identity.SexUnknown), "personid.digits")
}

func TestFindings(t *testing.T) {
	for in, want := range map[string]string{
		"001090000123": "", "999095000001": "personid.place-unknown", "114095000001": "personid.place-unconfirmed",
	} {
		findings := must(t, identity.ParsePersonID, in).Findings()
		got := ""
		for _, f := range findings {
			got += f.Code()
			if f.Text("vi") == f.Text("en") {
				t.Errorf("%s has no texts", f.Code())
			}
		}
		if got != want {
			t.Errorf("%s: %q, want %q", in[:3], got, want)
		}
	}
}

func TestPlaceTable(t *testing.T) {
	data, err := os.ReadFile("data/places.txt")
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]int{}
	for line := range strings.Lines(string(data)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		fields := strings.Split(strings.TrimSuffix(line, "\n"), "|")
		if len(fields) != 6 || fields[3] == "" {
			t.Fatalf("row %q", line)
		}
		id := must(t, identity.ParsePersonID, fields[0]+"090000001")
		place, ok := id.Place()
		if !ok || fmt.Sprintf("%03d", place.Code) != fields[0] || place.Name != fields[2] ||
			place.Country != (fields[1] == "country") || place.Since != fields[3] || place.Until != fields[4] ||
			place.Provisional != (fields[5] == "provisional") {
			t.Errorf("row %q reads as %+v", line, place)
		}
		rows[fields[1]]++
	}
	if rows["province"] != 63 || rows["country"] != 195 || len(rows) != 2 {
		t.Errorf("rows %v", rows)
	}
}

func TestParseTaxCode(t *testing.T) {
	tests := []struct {
		name, in, want, code string
		form                 identity.TaxForm
	}{
		{"ten digits", "0100109106", "0100109106", "", identity.TaxFormTen},
		{"another", "0302695651", "", "taxcode.checkdigit", 0},
		{"enterprise of the fixtures", "9901004567", "9901004567", "", identity.TaxFormTen},
		{"check digit wrong", "9901004568", "", "taxcode.checkdigit", 0},
		{"two digits swapped", "9910004567", "", "taxcode.checkdigit", 0},
		{"dependent unit", "9901004567001", "9901004567-001", "", identity.TaxFormUnit},
		{"dependent unit with hyphen", "9901004567-001", "9901004567-001", "", identity.TaxFormUnit},
		{"groups", "99 01004567.999", "9901004567-999", "", identity.TaxFormUnit},
		{"dependent unit 000", "9901004567-000", "", "taxcode.serial", 0},
		{"serial zero", "9900000000", "", "taxcode.serial", 0},
		{"personal number", "001090000123", "001090000123", "", identity.TaxFormPersonal},
		{"no personal number", "001990000123", "", "taxcode.personid", 0},
		{"two hyphens", "9901004567--001", "", "taxcode.form", 0},
		{"hyphen in front", "-9901004567", "", "taxcode.form", 0},
		{"hyphen behind", "9901004567-", "", "taxcode.form", 0},
		{"eleven", "99010045671", "", "taxcode.form", 0},
		{"letters", "99010O4567", "", "taxcode.form", 0},
		{"empty", "", "", "taxcode.form", 0},
		{"endless", strings.Repeat("1", 1000), "", "taxcode.form", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			code, err := identity.ParseTaxCode(tt.in)
			checkCode(t, err, tt.code)
			if code.Reveal() != tt.want || code.Form() != tt.form || code.IsZero() != (tt.code != "") {
				t.Errorf("got %q of form %d", code.Reveal(), code.Form())
			}
			if _, personal := code.Person(); personal != (tt.form == identity.TaxFormPersonal) {
				t.Errorf("personal %v", personal)
			}
		})
	}
}

func TestTaxCodeCheck(t *testing.T) {
	before := time.Date(2025, 6, 30, 16, 59, 59, 0, time.UTC) // a second before July in Vietnam
	after := before.Add(time.Second)
	tests := []struct {
		name, in string
		at       time.Time
		holder   identity.SubjectKind
		code     string
	}{
		{"citizen, ten digits, before", "9901004567", before, identity.Citizen, ""},
		{"citizen, ten digits, after", "9901004567", after, identity.Citizen, "taxcode.replaced"},
		{"household, ten digits, after", "9901004567", after, identity.HouseholdBusiness, "taxcode.replaced"},
		{"enterprise, ten digits, after", "9901004567", after, identity.Organisation, ""},
		{"unknown holder, ten digits, after", "9901004567", after, identity.KindUnknown, ""},
		{"personal number, before", "001090000123", before, identity.Citizen, "taxcode.not-yet"},
		{"personal number, after", "001090000123", after, identity.Citizen, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			checkCode(t, must(t, identity.ParseTaxCode, tt.in).Check(tt.at, tt.holder), tt.code)
		})
	}
}

func TestParseOrgID(t *testing.T) {
	for in, code := range map[string]string{
		"9901004567": "", "9901004567-001": "", "9901004568": "orgid.checkdigit", "001090000123": "orgid.form",
		"9900000000": "orgid.serial", "x": "orgid.form",
	} {
		org, err := identity.ParseOrgID(in)
		checkCode(t, err, code)
		if code == "" && (org.Reveal() != in || org.TaxCode().Reveal() != in || org.IsUnit() != (len(in) > 10)) {
			t.Errorf("%s reads as %q", in, org.Reveal())
		}
	}
}

func TestParseName(t *testing.T) {
	tests := []struct {
		name, in, want, code string
	}{
		{"plain", "Nguyễn Trọng Nghĩa", "Nguyễn Trọng Nghĩa", ""},
		{"decomposed", "Nguye\u0302\u0303n Tro\u0323ng Nghi\u0303a", "Nguyễn Trọng Nghĩa", ""},
		{"blanks", "  Trần\u00a0Thị \t Mỹ Vĩnh ", "Trần Thị Mỹ Vĩnh", ""},
		{"hyphen, apostrophe", "Anne-Marie O'Neil Jr.", "Anne-Marie O'Neil Jr.", ""},
		{"minority name", "Y Ƀlŭk Niê", "Y Ƀlŭk Niê", ""},
		{"empty", "", "", "name.empty"},
		{"no letter", " - ", "", "name.empty"},
		{"digit", "Nguyễn Văn 5", "", "name.letters"},
		{"line break inside a word is a blank", "Nguyễn\nAn", "Nguyễn An", ""},
		{"null", "An\x00", "", "name.letters"},
		{"bidirectional override", "An\u202eB", "", "name.letters"},
		{"zero width", "An\u200bB", "", "name.letters"},
		{"markup", "<b>An</b>", "", "name.letters"},
		{"not UTF-8", "An\xff", "", "name.letters"},
		{"long", strings.Repeat("a", 201), "", "name.length"},
		{"very long", strings.Repeat("a", 1<<20), "", "name.length"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			name, err := identity.ParseName(tt.in)
			checkCode(t, err, tt.code)
			if name.Reveal() != tt.want {
				t.Errorf("got %q", name.Reveal())
			}
		})
	}
	checkCode(t, func() error { _, err := identity.ParseOrgName("Công ty TNHH 1/5 & Cộng sự"); return err }(), "")
	checkCode(t, func() error { _, err := identity.ParseOrgName("x\u202ey"); return err }(), "orgname.letters")
}

func TestParseBirthDate(t *testing.T) {
	for in, want := range map[string]string{
		"15/03/1990": "1990-03-15", "1990-03-15": "1990-03-15", "19900315": "1990-03-15", "1990-03": "1990-03",
		"1990": "1990", "29/02/2000": "2000-02-29", "19900000": "1990", "19900300": "1990-03",
	} {
		if got := must(t, identity.ParseBirthDate, in).Reveal(); got != want {
			t.Errorf("%s reads as %s", in, got)
		}
	}
	for in, code := range map[string]string{
		"": "birthdate.form", "1990-3-15": "birthdate.form", "31/02/1990": "birthdate.calendar",
		"29/02/1900": "birthdate.calendar", "1990-13": "birthdate.calendar", "19901301": "birthdate.calendar",
		"19900015": "birthdate.calendar", "1849": "birthdate.range", "2100": "birthdate.range", "1990-00": "birthdate.form",
		"15-03-1990": "birthdate.form", "aaaaaaaa": "birthdate.form", "03/15/1990": "birthdate.calendar",
	} {
		_, err := identity.ParseBirthDate(in)
		checkCode(t, err, code)
	}
	checkCode(t, must(t, identity.ParseBirthDate, "22/11/2026").Check(today), "birthdate.future")
	checkCode(t, must(t, identity.ParseBirthDate, "21/11/2026").Check(today), "")
	checkCode(t, must(t, identity.ParseBirthDate, "2026").Check(today), "")
}
