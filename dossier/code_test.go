package dossier_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/motcua/motcua/dossier"
	"github.com/motcua/motcua/internal/vntime"
)

func TestParseCode(t *testing.T) {
	for _, tt := range []struct {
		name, text, agency, date string
		serial                   int64
	}{
		{"order of 2018", "000.00.14.H56-200203-0118", "H56.14", "2020-02-03", 118},
		{"three levels", "000.17.22.H56-210531-0001", "H56.22.17", "2021-05-31", 1},
		{"leading group left out", "38.98.H29-210519-0013", "H29.98.38", "2021-05-19", 13},
		{"order of 2020", "H15.50.05.13-261008-0975", "H15.50.05.13", "2026-10-08", 975},
		{"ministry", "G09.20-20260609-0092637", "G09.20", "2026-06-09", 92637},
		{"province alone", "000.00.00.H57-240715-0001", "H57", "2024-07-15", 1},
		{"level 1 only", "H57-240229-9999", "H57", "2024-02-29", 9999},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, err := dossier.ParseCode(tt.text)
			if err != nil {
				t.Fatal(err)
			}
			if c.Agency().String() != tt.agency || c.Date().Format(time.DateOnly) != tt.date || c.Serial() != tt.serial || c.String() != tt.text {
				t.Errorf("got %s, %s, %d, %s", c.Agency(), c.Date(), c.Serial(), c)
			}
		})
	}
	for _, tt := range []struct{ name, text, field string }{
		{"empty", "", "code"},
		{"no serial", "H56-200203", "code"},
		{"too long", strings.Repeat("0", 60) + "-200203-0001", "code"},
		{"letter of no level 1", "Z01-200203-0001", "code.agency"},
		{"zero above a level", "000.05.00.H56-200203-0001", "code.agency"},
		{"five groups", "01.02.03.04.H56-200203-0001", "code.agency"},
		{"one-digit group", "1.02.H56-200203-0001", "code.agency"},
		{"30 February", "H56-200230-0001", "code.date"},
		{"29 February in no leap year", "H56-230229-0001", "code.date"},
		{"seven-digit date", "H56-2002033-0001", "code.date"},
		{"another century", "H56-19990203-0001", "code.date"},
		{"three-digit serial", "H56-200203-001", "code.serial"},
		{"eight-digit serial", "H56-200203-00000001", "code.serial"},
		{"serial 0", "H56-200203-0000", "code.serial"},
		{"sign", "H56-200203-+001", "code.serial"},
		{"full-width digits", "H56-２００２０３-0001", "code.date"},
		{"white space", " H56-200203-0001", "code.agency"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var invalid *dossier.InvalidError
			if c, err := dossier.ParseCode(tt.text); !errors.As(err, &invalid) || invalid.Field != tt.field || !c.IsZero() {
				t.Errorf("got %v, %v, want field %s", c, err, tt.field)
			}
		})
	}
}

func TestNewCode(t *testing.T) {
	lateUTC := time.Date(2026, 10, 7, 18, 0, 0, 0, time.UTC) // 8 October in Vietnam
	c, err := dossier.NewCode(mustAgency("H15.50.05.13"), lateUTC, 975)
	if err != nil || c.String() != "H15.50.05.13-261008-0975" {
		t.Errorf("NewCode = %v, %v", c, err)
	}
	if parsed, err := dossier.ParseCode(c.String()); err != nil || parsed != c {
		t.Errorf("ParseCode(%s) = %v, %v", c, parsed, err)
	}
	var full *dossier.SerialError
	for _, serial := range []int64{0, -1, 10000} {
		if _, err := dossier.NewCode(unit, lateUTC, serial); !errors.As(err, &full) {
			t.Errorf("serial %d: %v", serial, err)
		}
	}
	if _, err := dossier.NewCode(dossier.AgencyID{}, lateUTC, 1); err == nil {
		t.Error("a code without agency")
	}
	if _, err := dossier.NewCode(unit, vntime.Date(2100, 1, 1), 1); err == nil {
		t.Error("a code of 2100 would read as 2000")
	}
}

func TestProcedureCode(t *testing.T) {
	for _, tt := range []struct{ name, text, want, national string }{
		{"national", "1.001193", "1.001193", "1.001193"},
		{"short", "1.000948.H38", "1.000948.H38", "1.000948"},
		{"long", "1.011442.000.00.00.H38", "1.011442.H38", "1.011442"},
		{"long with levels", "1.011442.000.17.22.H56", "1.011442.H56", "1.011442"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, err := dossier.ParseProcedureCode(tt.text)
			if err != nil || p.String() != tt.want || p.National().String() != tt.national {
				t.Errorf("got %v, %v", p, err)
			}
		})
	}
	for _, text := range []string{"", "1.00119", "1.0011933", "a.001193", "1.001193.", "1.001193.Z01", "1.001193H38", "1.001193.000.05.00.H56"} {
		if p, err := dossier.ParseProcedureCode(text); err == nil {
			t.Errorf("%q was read as %v", text, p)
		}
	}
}

func TestAgency(t *testing.T) {
	for _, text := range []string{"H56", "H56.22.17", "G09.KQ1", "A01." + strings.Repeat("1", 31)} {
		if a, err := dossier.ParseAgencyID(text); err != nil || a.String() != text {
			t.Errorf("%q: %v, %v", text, a, err)
		}
	}
	for _, text := range []string{"", "h56", "Z56", "H5", "H566", "H56.", "H56..1", ".H56", "H56.a", "H56-1", "A01." + strings.Repeat("1", 32)} {
		if a, err := dossier.ParseAgencyID(text); err == nil {
			t.Errorf("%q was read as %v", text, a)
		}
	}
	if !mustAgency("H56").Covers(mustAgency("H56.22")) || mustAgency("H56.2").Covers(mustAgency("H56.22")) || (dossier.AgencyID{}).Covers(unit) {
		t.Error("Covers")
	}
}

func TestStateWire(t *testing.T) {
	for s := dossier.Registered; s <= dossier.Returned; s++ {
		number, err := json.Marshal(s)
		if err != nil || string(number) != s.String() {
			t.Errorf("%d as integer: %s, %v", s, number, err)
		}
		for _, wire := range []string{s.String(), `"` + s.String() + `"`} {
			var back dossier.State
			if err := json.Unmarshal([]byte(wire), &back); err != nil || back != s {
				t.Errorf("%s = %v, %v", wire, back, err)
			}
		}
		if parsed, err := dossier.ParseState(s.String()); err != nil || parsed != s || s.Label("vi") == s.Label("en") {
			t.Errorf("ParseState(%s) = %v, %v", s, parsed, err)
		}
	}
	for _, wire := range []string{`0`, `11`, `"01"`, `" 1"`, `""`, `1.0`, `null`, `"x"`, `true`} {
		var s dossier.State
		if err := json.Unmarshal([]byte(wire), &s); err == nil {
			t.Errorf("%s was read as %v", wire, s)
		}
	}
	if dossier.WithdrawalRequested.Ends(false) || !dossier.WithdrawalRequested.Ends(true) || dossier.SupplementRequested.Ends(true) {
		t.Error("Ends")
	}
}

func FuzzParseCode(f *testing.F) {
	for _, s := range []string{"000.00.14.H56-200203-0118", "38.98.H29-210519-0013", "H15.50.05.13-261008-0975",
		"G09.20-20260609-0092637", "000.05.00.H56-200203-0001", "H56-000101-0001"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, err := dossier.ParseCode(s)
		if err != nil {
			return
		}
		if again, err := dossier.ParseCode(c.String()); err != nil || again != c || c.String() != s {
			t.Errorf("round trip of %q: %v, %v", s, again, err)
		}
		if _, err := dossier.ParseAgencyID(c.Agency().String()); err != nil {
			t.Errorf("%q has the agency %q", s, c.Agency())
		}
		if c.Serial() <= dossier.MaxSerial {
			if strict, err := dossier.NewCode(c.Agency(), c.Date(), c.Serial()); err != nil || strict.Date() != c.Date() || strict.Agency() != c.Agency() {
				t.Errorf("%q written anew: %v, %v", s, strict, err)
			}
		}
	})
}

func FuzzParseAgencyID(f *testing.F) {
	f.Add("H56.22.17")
	f.Add("H56..1")
	f.Fuzz(func(t *testing.T, s string) {
		a, err := dossier.ParseAgencyID(s)
		if err == nil && (a.String() != s || !a.Level1().Covers(a)) {
			t.Errorf("%q became %q", s, a)
		}
	})
}

func FuzzParseProcedureCode(f *testing.F) {
	f.Add("1.011442.000.00.00.H38")
	f.Add("1.001193")
	f.Fuzz(func(t *testing.T, s string) {
		p, err := dossier.ParseProcedureCode(s)
		if err != nil {
			return
		}
		if again, err := dossier.ParseProcedureCode(p.String()); err != nil || again != p {
			t.Errorf("round trip of %q: %v, %v", s, again, err)
		}
	})
}

func FuzzParseID(f *testing.F) {
	f.Add(dossier.NewID("p", "k").String())
	f.Fuzz(func(t *testing.T, s string) {
		if id, err := dossier.ParseID(s); err == nil && id.String() != s {
			t.Errorf("%q became %q", s, id)
		}
	})
}

func TestNewID(t *testing.T) {
	a := dossier.NewID("p-1", "k")
	if a != dossier.NewID("p-1", "k") || a == dossier.NewID("p-", "1k") || a == dossier.NewID("p-1", "k2") {
		t.Error("an id is a digest of applicant and key")
	}
	if _, err := dossier.ParseID(a.String()); err != nil {
		t.Error(err)
	}
}
