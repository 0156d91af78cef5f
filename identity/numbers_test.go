package identity_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/motcua/motcua/identity"
)

// number is what all the plain numbers have in common.
type number interface {
	comparable
	Reveal() string
	IsZero() bool
	fmt.Stringer
}

type numberTest struct{ name, in, want, shown, code string }

func testNumber[T number](t *testing.T, parse func(string) (T, error), tests []numberTest) {
	t.Helper()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := parse(tt.in)
			checkCode(t, err, tt.code)
			if got.Reveal() != tt.want || got.IsZero() != (tt.want == "") || got.String() != tt.shown {
				t.Fatalf("reads as %q, prints as %q", got.Reveal(), got.String())
			}
			if tt.want == "" {
				return
			}
			if again, err := parse(got.Reveal()); err != nil || again != got {
				t.Fatalf("%q does not read back: %v", got.Reveal(), err)
			}
		})
	}
}

func TestParseCMND(t *testing.T) {
	testNumber(t, identity.ParseCMND, []numberTest{
		{"nine digits", "012345678", "012345678", "*********", ""},
		{"zero in front kept", "000000001", "000000001", "*********", ""},
		{"all zeros", "000000000", "", "", "cmnd.zero"},
		{"twelve digits are a personal number", "001090000123", "", "", "cmnd.digits"},
		{"letter", "01234567O", "", "", "cmnd.digits"},
		{"nothing", "", "", "", "cmnd.digits"},
	})
}

func TestParsePassport(t *testing.T) {
	testNumber(t, identity.ParsePassport, []numberTest{
		{"letter and seven", "C1234567", "C1234567", "*********", ""},
		{"letter and eight", "p01234567", "P01234567", "*********", ""},
		{"foreign, digits only", "000000", "000000", "*********", ""},
		{"foreign, nine of both", "ZZZZZZZZ9", "ZZZZZZZZ9", "*********", ""},
		{"no digit", "ABCDEFG", "", "", "passport.form"},
		{"too short", "C1234", "", "", "passport.form"},
		{"too long", "C123456789", "", "", "passport.form"},
		{"filler", "C12345<<<", "", "", "passport.form"},
		{"blank", "C 1234567", "", "", "passport.form"},
	})
	for in, want := range map[string]int{"C1234567": 0, "P01234567": 0, "12345678": 1, "AB123456": 1, "C123456": 1} {
		if got := must(t, identity.ParsePassport, in).Findings(); len(got) != want {
			t.Errorf("%s: findings %v", in, got)
		}
	}
}

func TestParsePhone(t *testing.T) {
	testNumber(t, identity.ParsePhone, []numberTest{
		{"plain", "0912345678", "0912345678", "********78", ""},
		{"international", "+84912345678", "0912345678", "********78", ""},
		{"without plus", "84 912 345 678", "0912345678", "********78", ""},
		{"separators", "0357.000-001", "0357000001", "********01", ""},
		{"plus before the zero", "+0912345678", "", "", "phone.form"},
		{"land line", "0241234567", "", "", "phone.form"},
		{"01 is no longer in use", "0121234567", "", "", "phone.form"},
		{"nine digits", "091234567", "", "", "phone.form"},
		{"other country", "+85912345678", "", "", "phone.form"},
		{"two separators", "0912  345678", "", "", "phone.form"},
		{"separator in front", ".912345678", "", "", "phone.form"},
		{"thirteen digits", "8491234567890", "", "", "phone.form"},
		{"nothing", "", "", "", "phone.form"},
	})
	if got := must(t, identity.ParsePhone, "0912345678").RevealE164(); got != "+84912345678" {
		t.Error(got)
	}
}

func TestParseHealthCard(t *testing.T) {
	testNumber(t, identity.ParseHealthCard, []numberTest{
		{"whole", "HS4010120000012", "HS4010120000012", "HS*************", ""},
		{"small letters, blanks", "hs 4 01 0120000012", "HS4010120000012", "HS*************", ""},
		{"first of all", "AA1000000000000", "AA1000000000000", "AA*************", ""},
		{"last of all", "ZZ5999999999999", "ZZ5999999999999", "ZZ*************", ""},
		{"level 0", "HS0010120000012", "", "", "healthcard.benefit"},
		{"level 6", "HS6010120000012", "", "", "healthcard.benefit"},
		{"one letter", "H4010120000012", "", "", "healthcard.form"},
		{"letter behind", "HS401012000001O", "", "", "healthcard.form"},
		{"sixteen", "HS40101200000123", "", "", "healthcard.form"},
		{"code alone", "0120000012", "", "", "healthcard.form"},
		{"blank in front", " HS4010120000012", "", "", "healthcard.form"},
		{"blank behind", "HS4010120000012 ", "", "", "healthcard.form"},
	})
	card := must(t, identity.ParseHealthCard, "HS4010120000012")
	if card.Group() != "HS" || card.Benefit() != 4 || card.Insurance().Reveal() != "0120000012" || len(card.Findings()) != 1 {
		t.Errorf("group %s, benefit %d, code %q", card.Group(), card.Benefit(), card.Insurance().Reveal())
	}
	testNumber(t, identity.ParseInsuranceID, []numberTest{
		{"ten", "0120000012", "0120000012", "**********", ""}, {"nine", "012000001", "", "", "insuranceid.digits"},
	})
}

func TestNameMatch(t *testing.T) {
	const equal, folded, different = identity.NameEqual, identity.NameFolded, identity.NameDifferent
	tests := []struct {
		name, a, b string
		want       identity.NameMatch
	}{
		{"same", "Nguyễn Trọng Nghĩa", "Nguyễn Trọng Nghĩa", equal},
		{"case", "Nguyễn Trọng Nghĩa", "NGUYỄN TRỌNG NGHĨA", equal},
		{"decomposed", "Nguyễn", "Nguye\u0302\u0303n", equal},
		{"marks in the other order", "Nguyệt", "Nguye\u0323\u0302t", equal},
		{"spaces", "Nguyễn  Trọng\u00a0Nghĩa ", "Nguyễn Trọng Nghĩa", equal},
		{"tone placement oa", "Hoà", "Hòa", equal},
		{"tone placement uy", "Trần Thị Thuỷ", "Trần Thị Thủy", equal},
		{"tone placement oe", "Khoẻ", "Khỏe", equal},
		{"Đ", "Đỗ Thị Bích", "đỗ thị bích", equal},
		{"eth of old code pages", "Ðỗ Thị Bích", "Đỗ Thị Bích", equal},
		{"apostrophes", "Y’Bion", "Y'bion", equal},
		{"other tone", "Hòa", "Hóa", folded},
		{"tone dropped", "Hòa", "Hoa", folded},
		{"all dropped", "Nguyễn Trọng Nghĩa", "NGUYEN TRONG NGHIA", folded},
		{"Đ dropped", "Đỗ Đức Đạt", "DO DUC DAT", folded},
		{"o and ơ", "Thơm", "Thom", folded},
		{"given name first", "Nghĩa Nguyễn Trọng", "Nguyễn Trọng Nghĩa", folded},
		{"no word breaks", "NGUYENTRONGNGHIA", "Nguyễn Trọng Nghĩa", folded},
		{"i and y", "Trần Thị Mỹ Vĩnh", "Trần Thị Mĩ Vĩnh", folded},
		{"hyphen", "Tôn-Nữ Hà", "Tôn Nữ Hà", folded},
		{"foreign accents stay", "Andrè", "Àndre", folded},
		{"middle name missing", "Nguyễn Nghĩa", "Nguyễn Trọng Nghĩa", different},
		{"uy is not ui", "Thúy", "Thúi", different},
		{"two people", "Nguyễn Trọng Nghĩa", "Trần Thị Mỹ Vĩnh", different},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a, b := must(t, identity.ParseName, tt.a), must(t, identity.ParseName, tt.b)
			if got, back := a.Match(b), b.Match(a); got != tt.want || back != tt.want {
				t.Errorf("%v and back %v, want %v", got, back, tt.want)
			}
		})
	}
	name := must(t, identity.ParseName, "Nguyễn Trọng Nghĩa")
	if name.Match(identity.Name{}) != different || (identity.Name{}).Match(identity.Name{}) != different {
		t.Error("nobody's name is somebody's")
	}
	for begin, want := range map[string]bool{"NGUYEN TRONG NGH": true, "NGUYEN": true, "TRONG": false} {
		if name.Begins(must(t, identity.ParseName, begin)) != want {
			t.Errorf("begins with %s: want %v", begin, want)
		}
	}
	if name.Begins(identity.Name{}) {
		t.Error("begins with nothing")
	}
}

func FuzzParseNumbers(f *testing.F) {
	for _, seed := range []string{"012345678", "C1234567", "+84912345678", "HS4010120000012", "0120000012", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		errs := []error{
			roundTrip(t, identity.ParseCMND, in), roundTrip(t, identity.ParsePassport, in),
			roundTrip(t, identity.ParsePhone, in), roundTrip(t, identity.ParseHealthCard, in),
			roundTrip(t, identity.ParseInsuranceID, in),
		}
		var invalid *identity.InvalidError
		for _, err := range errs {
			if err != nil && !errors.As(err, &invalid) {
				t.Fatalf("an error of another kind: %v", err)
			}
		}
	})
}

func roundTrip[T number](t *testing.T, parse func(string) (T, error), in string) error {
	value, err := parse(in)
	if (err == nil) == value.IsZero() {
		t.Fatalf("%q: %v, zero %v", in, err, value.IsZero())
	}
	if err == nil {
		if again, err := parse(value.Reveal()); err != nil || again != value {
			t.Fatalf("%q: %q does not read back", in, value.Reveal())
		}
	}
	return err
}

func FuzzNameMatch(f *testing.F) {
	f.Add("Nguyễn Trọng Nghĩa", "NGUYEN TRONG NGHIA")
	f.Add("Hoà", "Hòa")
	f.Fuzz(func(t *testing.T, a, b string) {
		x, err1 := identity.ParseName(a)
		y, err2 := identity.ParseName(b)
		if err1 != nil || err2 != nil {
			return
		}
		if x.Match(x) != identity.NameEqual || x.Match(y) != y.Match(x) {
			t.Fatalf("%q, %q: not an equivalence", a, b)
		}
		if x.Match(y) == identity.NameEqual && !x.Begins(y) {
			t.Fatalf("%q, %q: equal, but not once they are folded", a, b)
		}
	})
}

func BenchmarkParseNumbers(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		_, err1 := identity.ParseCMND("012345678")
		_, err2 := identity.ParsePassport("C1234567")
		_, err3 := identity.ParsePhone("+84 912 345 678")
		_, err4 := identity.ParseHealthCard("HS4010120000012")
		if err := errors.Join(err1, err2, err3, err4); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkNameMatch(b *testing.B) {
	x, y := must(b, identity.ParseName, "Nguyễn Trọng Nghĩa"), must(b, identity.ParseName, "NGUYEN TRONG NGHIA")
	b.ReportAllocs()
	for b.Loop() {
		if x.Match(y) != identity.NameFolded {
			b.Fatal("not folded")
		}
	}
}
