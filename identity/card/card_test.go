package card_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/motcua/motcua/identity"
	"github.com/motcua/motcua/identity/card"
	"github.com/motcua/motcua/identity/identitytest"
)

var today = time.Date(2026, 11, 21, 2, 0, 0, 0, time.UTC)

func nghia() identitytest.Specimen { return identitytest.Specimens()[0] }
func vinh() identitytest.Specimen  { return identitytest.Specimens()[1] }

// checkCode holds that err is an *identity.InvalidError of this code with texts of its own, or none for "".
func checkCode(t *testing.T, err error, code string) {
	t.Helper()
	var invalid *identity.InvalidError
	if got := errors.As(err, &invalid); got != (code != "") || got && invalid.Code() != code || !got && err != nil {
		t.Fatalf("got %v, want %q", err, code)
	}
	if code == "" {
		return
	}
	if vi, en := invalid.Text("vi"), invalid.Text("en"); vi == en || vi == (&identity.InvalidError{}).Text("vi") {
		t.Errorf("%s has no texts of its own: %q, %q", code, vi, en)
	}
}

func checkFindings(t *testing.T, found []identity.Finding, want string) {
	t.Helper()
	var list []string
	for _, f := range found {
		list = append(list, f.Code())
		if f.Text("vi") == (identity.Finding{}).Text("vi") {
			t.Errorf("%s has no text", f.Code())
		}
	}
	if got := strings.Join(list, " "); got != want {
		t.Errorf("findings %q, want %q", got, want)
	}
}

func TestParseQR(t *testing.T) {
	edit := func(from, to string) string { return strings.Replace(vinh().QR2021(), from, to, 1) }
	tests := []struct{ name, text, findings string }{
		{"card of 2021", vinh().QR2021(), ""},
		{"card of 2024", vinh().QR2024(), ""},
		{"further fields", vinh().QR2021() + "|x|||", "cardqr.extra-fields"},
		{"slashes", edit("02111988", "02/11/1988"), "cardqr.slashes"},
		{"hyphens", edit("25012022", "25-01-2022"), "cardqr.slashes"},
		{"labels", "Số CCCD: 001188000456|Số CMND: 199999990|Họ và tên: Trần Thị Mỹ Vĩnh|Ngày sinh: 02/11/1988|Giới tính: Nữ|" +
			"Nơi thường trú: Xã Mẫu, tỉnh Phú Thọ|Ngày cấp: 25/01/2022", "cardqr.labels cardqr.slashes"},
		{"line end and byte order mark", "\ufeff" + vinh().QR2021() + "\r\n", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := card.ParseQR(tt.text)
			checkCode(t, err, "")
			if c.Person.Reveal() != "001188000456" || c.OldNumber.Reveal() != "199999990" || c.Sex != identity.Female ||
				c.Name.Reveal() != "Trần Thị Mỹ Vĩnh" || c.BirthDate.Reveal() != "1988-11-02" ||
				c.RevealResidence() != "Xã Mẫu, tỉnh Phú Thọ" || c.Issued.Format("02012006") != "25012022" {
				t.Error("a field is read wrongly")
			}
			checkFindings(t, c.Findings(), tt.findings)
			if len(c.Conflicts()) != 0 || c.Check(today) != nil {
				t.Errorf("conflicts %v, %v", c.Conflicts(), c.Check(today))
			}
		})
	}
	six, err := card.ParseQR(strings.Replace(nghia().QR2021(), "||", "|", 1))
	checkCode(t, err, "")
	checkFindings(t, six.Findings(), "cardqr.six-fields")
	if six.Person.Reveal() != nghia().Number || !six.OldNumber.IsZero() || six.Layout != card.Card2021 {
		t.Error("six fields are read wrongly")
	}
}

func TestParseQRRefuses(t *testing.T) {
	edit := func(from, to string) string { return strings.Replace(vinh().QR2021(), from, to, 1) }
	tests := []struct{ name, text, code string }{
		{"nothing", "", "cardqr.layout"},
		{"a bar inside the name", edit("Mỹ Vĩnh", "Mỹ|Vĩnh"), "cardqr.layout"},
		{"six fields, but not that slot", edit("|25012022", ""), "cardqr.layout"},
		{"other code", "HC1:6BFOXN", "cardqr.layout"},
		{"garbled letters", edit("Vĩnh", "V\ufffdnh"), "cardqr.text"},
		{"no UTF-8", edit("Vĩnh", "V\xa9nh"), "cardqr.text"},
		{"huge", strings.Repeat("x|", 5000), "cardqr.text"},
		{"30 February", edit("02111988", "30021988"), "cardqr.birth"},
		{"eleven digits", edit("001188000456", "00118800045"), "cardqr.number"},
		{"letter for zero", edit("001188000456", "O01188000456"), "cardqr.number"},
		{"century to come", edit("001188000456", "001588000456"), "personid.century"},
		{"old number", edit("199999990", "19999999"), "cardqr.oldNumber"},
		{"sex", edit("Nữ", "F"), "cardqr.sex"},
		{"no name", edit("Trần Thị Mỹ Vĩnh", ""), "cardqr.fullName"},
		{"digits in the name", edit("Mỹ Vĩnh", "Mỹ 2"), "name.letters"},
		{"issue before birth", edit("25012022", "25011980"), "cardqr.issued"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := card.ParseQR(tt.text)
			checkCode(t, err, tt.code)
			if !c.Person.IsZero() || c.RevealResidence() != "" {
				t.Error("refused and handed out")
			}
		})
	}
}

func TestQRCrossChecks(t *testing.T) {
	c, err := card.ParseQR(strings.NewReplacer("1988|Nữ", "1989|Nam").Replace(vinh().QR2021()))
	checkCode(t, err, "")
	if got := fmt.Sprint(c.Conflicts()); got != "[{birth-date digits [card-qr card-qr]} {sex digits [card-qr card-qr]}]" {
		t.Error(got)
	}
	checkCode(t, c.Check(time.Date(2022, 1, 1, 0, 0, 0, 0, time.UTC)), "cardqr.issued")
	checkCode(t, c.Check(today), "")
}

func TestParseMRZ(t *testing.T) {
	for _, s := range identitytest.Specimens() {
		for _, text := range []string{s.TD1(), s.TD3(), strings.ReplaceAll(s.TD1(), "\n", ""), strings.ReplaceAll(s.TD3(), "\n", "\r\n")} {
			m, err := card.ParseMRZ(text, today)
			checkCode(t, err, "")
			full, _ := identity.ParseName(s.Name)
			if m.Person.Reveal() != s.Number || m.Issuer != "VNM" || m.Nationality != "VNM" || (m.Sex == identity.Female) != s.Female ||
				m.BirthDate.Reveal() != s.Birth[4:]+"-"+s.Birth[2:4]+"-"+s.Birth[:2] || !full.Begins(m.Name) ||
				m.Expires.Format("060102") != s.Expires || len(m.Conflicts()) != 0 || m.Check(today) != nil {
				t.Errorf("%v: a field is read wrongly", m.Document)
			}
			switch m.Document {
			case card.TD1:
				checkFindings(t, m.Findings(), "")
				if m.RevealNumber() != s.Number[3:] || !m.Passport.IsZero() {
					t.Error("number of the card")
				}
			case card.TD3:
				checkFindings(t, m.Findings(), "mrz.optional-unconfirmed")
				if m.RevealNumber() != s.Passport || m.Passport.Reveal() != s.Passport {
					t.Error("number of the passport")
				}
			}
		}
	}
}

// The specimen of the reference, worked out by hand.
func TestParseMRZSpecimen(t *testing.T) {
	m, err := card.ParseMRZ("IDVNM2030000018001203000001<<9\n0301017M2801016VNM<<<<<<<<<<<0\nNGUYEN<<VAN<A<<<<<<<<<<<<<<<<<", today)
	checkCode(t, err, "")
	if m.Person.Reveal() != "001203000001" || m.BirthDate.Reveal() != "2003-01-01" || m.Name.Reveal() != "NGUYEN VAN A" {
		t.Error("a field is read wrongly")
	}
	checkCode(t, m.Check(time.Date(2028, 1, 1, 16, 59, 59, 0, time.UTC)), "")
	checkCode(t, m.Check(time.Date(2028, 1, 1, 17, 0, 0, 0, time.UTC)), "mrz.expired")
}

// flip puts another digit at a place.
func flip(s string, at int) string {
	return s[:at] + string('0'+(s[at]-'0'+1)%10) + s[at+1:]
}

func TestParseMRZRefuses(t *testing.T) {
	td1, td3 := strings.ReplaceAll(nghia().TD1(), "\n", ""), strings.ReplaceAll(nghia().TD3(), "\n", "")
	tests := []struct{ name, text, code string }{
		{"nothing", "", "mrz.size"},
		{"a line missing", td1[:60], "mrz.size"},
		{"one letter more", td1 + "<", "mrz.size"},
		{"huge", strings.Repeat("<", 1000), "mrz.size"},
		{"small letters", strings.ToLower(td1), "mrz.characters"},
		{"kind", "V" + td1[1:], "mrz.document"},
		{"kind of passport", "V" + td3[1:], "mrz.document"},
		{"document number", flip(td1, 6), "mrz.check-number"},
		{"its check digit", flip(td1, 14), "mrz.check-number"},
		{"personal number", flip(td1, 20), "mrz.check-composite"},
		{"composite", flip(td1, 59), "mrz.check-composite"},
		{"date of birth", flip(td1, 31), "mrz.check-composite"},
		{"passport number", flip(td3, 46), "mrz.check-number"},
		{"passport's date of birth", flip(td3, 58), "mrz.check-composite"},
		{"passport's optional data", flip(td3, 74), "mrz.check-optional"},
		{"passport's composite", flip(td3, 87), "mrz.check-composite"},
		{"sex", strings.Replace(td1, "M300315", "K300315", 1), "mrz.sex"},
		{"digit in the name", strings.Replace(td1, "NGUYEN", "NGUY3N", 1), "mrz.name"},
		{"no name", td1[:60] + strings.Repeat("<", 30), "mrz.name"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m, err := card.ParseMRZ(tt.text, today)
			checkCode(t, err, tt.code)
			if !m.Person.IsZero() {
				t.Error("refused and handed out")
			}
		})
	}
}

func TestMRZOddities(t *testing.T) {
	parse := func(change func(*identitytest.Specimen)) card.MRZ {
		s := nghia()
		change(&s)
		m, err := card.ParseMRZ(s.TD1(), today)
		checkCode(t, err, "")
		return m
	}
	m := parse(func(s *identitytest.Specimen) { s.Expires = "" })
	checkFindings(t, m.Findings(), "mrz.no-expiry")
	if !m.Expires.IsZero() || m.Check(today.AddDate(90, 0, 0)) != nil {
		t.Error("a card without end ends")
	}
	m = parse(func(s *identitytest.Specimen) { s.Name = "Nguyễn Hoàng Tường Vi Khánh An Nhiên" })
	checkFindings(t, m.Findings(), "mrz.name-cut")
	m = parse(func(s *identitytest.Specimen) { s.Birth, s.Female = "15031991", true })
	if got := fmt.Sprint(m.Conflicts()); got != "[{birth-date digits [mrz mrz]} {sex digits [mrz mrz]}]" {
		t.Error(got)
	}
	// A child of this century and somebody very old share two digits; the personal number tells them apart.
	if born := parse(func(s *identitytest.Specimen) { s.Number, s.Birth = "001020000001", "15031920" }).BirthDate; born.Year() != 1920 {
		t.Error("the century is not that of the number")
	}
}

// TestSourcesMeet is the whole counter: login, code and zone of one card, and of two cards.
func TestSourcesMeet(t *testing.T) {
	login := identity.Statement{Origin: identity.Origin{Source: identity.FromLogin, Trust: identity.Attested, At: today}}
	login.Person, _ = identity.ParsePersonID(nghia().Number)
	login.Name, _ = identity.ParseName(nghia().Name)
	code, err1 := card.ParseQR(nghia().QR2024())
	zone, err2 := card.ParseMRZ(nghia().TD1(), today)
	other, err3 := card.ParseMRZ(vinh().TD1(), today)
	if err := errors.Join(err1, err2, err3); err != nil {
		t.Fatal(err)
	}
	subject, err := identity.Subject{}.Corroborate(today, login, code.Statement(today, "quầy 3"), zone.Statement(today, "quầy 3"))
	if err != nil || len(subject.Conflicts) != 0 {
		t.Fatalf("%v, %v", err, subject.Conflicts)
	}
	if p, _ := subject.ProvenanceOf(identity.AttrPerson); len(p.Agreeing) != 2 || p.Origin.Trust != identity.Attested {
		t.Errorf("provenance %+v", p)
	}
	subject, err = subject.Corroborate(today, other.Statement(today, "quầy 3"))
	if err != nil || len(subject.Conflicts) != 4 || subject.Check(today) == nil {
		t.Errorf("somebody else's card: %v, %v", err, subject.Conflicts)
	}
}

func TestNothingPrintsPersonalData(t *testing.T) {
	code, err1 := card.ParseQR(vinh().QR2021())
	zone, err2 := card.ParseMRZ(vinh().TD3(), today)
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	_, refused := card.ParseQR(strings.Replace(vinh().QR2021(), "Nữ", "Mỹ", 1))
	nested := struct {
		code card.QR
		zone card.MRZ
	}{code, zone}
	var out bytes.Buffer
	for _, value := range []any{
		code, zone, &code, &zone, nested, code.Statement(today, "x"), zone.Statement(today, "x"), code.Conflicts(), refused,
	} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			fmt.Fprintf(&out, verb+"\n", value)
		}
		slog.New(slog.NewTextHandler(&out, nil)).Info("x", "value", value)
		slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "value", value)
		if raw, err := json.Marshal(value); err == nil {
			out.Write(raw)
		}
	}
	for _, canary := range []string{"188000456", "199999990", "Vĩnh", "VINH", "1988", "02111988", "Phú Thọ", "01234567", "Mỹ"} {
		if at := strings.Index(out.String(), canary); at >= 0 {
			t.Errorf("%q came out: …%s…", canary, out.String()[max(0, at-60):at+len(canary)])
		}
	}
}

func FuzzParseQR(f *testing.F) {
	f.Add(vinh().QR2021())
	f.Add(nghia().QR2024())
	f.Add("Số CCCD: 001188000456|02/11/1988")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := card.ParseQR(text)
		if err != nil {
			if !c.Person.IsZero() {
				t.Fatal("refused and handed out")
			}
			return
		}
		s := identitytest.Specimen{
			Number: c.Person.Reveal(), OldNumber: c.OldNumber.Reveal(), Name: c.Name.Reveal(), Female: c.Sex == identity.Female,
			Birth:  fmt.Sprintf("%s%s%s", c.BirthDate.Reveal()[8:], c.BirthDate.Reveal()[5:7], c.BirthDate.Reveal()[:4]),
			Issued: c.Issued.Format("02012006"), Residence: c.RevealResidence(),
		}
		again, err := card.ParseQR(s.QR2021())
		if err != nil || again.Person != c.Person || again.Name != c.Name || again.BirthDate != c.BirthDate ||
			again.RevealResidence() != c.RevealResidence() || again.OldNumber != c.OldNumber || !again.Issued.Equal(c.Issued) {
			t.Fatalf("does not read back: %v", err)
		}
	})
}

func FuzzParseMRZ(f *testing.F) {
	for _, s := range identitytest.Specimens() {
		f.Add(s.TD1())
		f.Add(s.TD3())
	}
	f.Fuzz(func(t *testing.T, text string) {
		m, err := card.ParseMRZ(text, today)
		if err != nil {
			return
		}
		if m.Name.IsZero() || m.BirthDate.IsZero() || m.BirthDate.Year() > 2026 || m.RevealNumber() == "" {
			t.Fatal("accepted without what every zone has")
		}
		if again, err := card.ParseMRZ(text, today); err != nil || again.Name != m.Name || again.BirthDate != m.BirthDate {
			t.Fatal("reads differently the second time")
		}
	})
}

func BenchmarkParseMRZ(b *testing.B) {
	text := nghia().TD1()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := card.ParseMRZ(text, today); err != nil {
			b.Fatal(err)
		}
	}
}

func Example() {
	at := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	code, err := card.ParseQR("001090000123||Nguyễn Trọng Nghĩa|15031991|Nam|Số 1, phường Mẫu, Hà Nội|15082024||||")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(code, code.Layout, code.Person)
	for _, conflict := range code.Conflicts() {
		fmt.Println(conflict.Code())
	}
	subject, err := identity.Subject{}.Corroborate(at, code.Statement(at, "counter 3"))
	fmt.Println(subject.Provenance[0].Origin.Trust, err)
	// Output:
	// card.QR(claimed) 2024 001*********
	// conflict.birth-date.digits
	// claimed <nil>
}
