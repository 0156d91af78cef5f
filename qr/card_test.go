package qr_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"

	"github.com/motcua/motcua/internal/vntime"
	"github.com/motcua/motcua/qr"
)

// Invented persons; the numbers were issued to nobody.
const (
	card2021 = "001199999990|199999990|Trần Thị Mỹ Vĩnh|02091999|Nữ|Số 1, ngõ 2, phường Mẫu, Hà Nội|25012022"
	card2024 = "001099999991||Nguyễn Trọng Nghĩa|01021999|Nam|Xã Mẫu, tỉnh Phú Thọ|15082024||||"
)

func ExampleParseCitizenCard() {
	card, err := qr.ParseCitizenCard(card2024)
	fmt.Println(card, err)
	fmt.Println(card.Reveal().FullName)
	// Output:
	// citizen card, claimed <nil>
	// Nguyễn Trọng Nghĩa
}

func TestParseCitizenCard(t *testing.T) {
	vinh := qr.CardData{
		Number: "001199999990", OldNumber: "199999990", FullName: "Trần Thị Mỹ Vĩnh", Birth: vntime.Date(1999, 9, 2),
		Female: true, Residence: "Số 1, ngõ 2, phường Mẫu, Hà Nội", Issued: vntime.Date(2022, 1, 25),
	}
	nghia := qr.CardData{
		Number: "001099999991", FullName: "Nguyễn Trọng Nghĩa", Birth: vntime.Date(1999, 2, 1),
		Residence: "Xã Mẫu, tỉnh Phú Thọ", Issued: vntime.Date(2024, 8, 15), Extra: []string{"", "", "", ""},
	}
	tests := []struct {
		name, text string
		want       qr.CardData
	}{
		{"card of 2021", card2021, vinh},
		{"card of 2024", card2024, nghia},
		{"line end of a scanner", card2021 + "\r\n", vinh},
		{"byte order mark", "\ufeff" + card2021, vinh},
		{"hard blanks", strings.ReplaceAll(card2021, " ", "\u00a0"), vinh},
		{"decomposed letters", strings.ReplaceAll(card2021, "ĩ", "i\u0303"), vinh},
	}
	for _, tt := range tests {
		card, err := qr.ParseCitizenCard(tt.text)
		if err != nil || !reflect.DeepEqual(card.Reveal(), tt.want) {
			t.Errorf("%s: %+v, %v", tt.name, card.Reveal(), err)
		}
	}
}

func TestParseCitizenCardRefuses(t *testing.T) {
	edit := func(from, to string) string { return strings.Replace(card2021, from, to, 1) }
	tests := []struct{ name, text, field string }{
		{"nothing", "", "card"},
		{"six fields", edit("|25012022", ""), "card"},
		{"eight fields", card2021 + "|", "card"},
		{"the scanner lost a character", edit("Vĩnh", "V\ufffdnh"), "card"},
		{"no UTF-8", edit("Vĩnh", "V\xa9nh"), "card"},
		{"control character", edit("Vĩnh", "V\x07nh"), "card"},
		{"too long", edit("Số 1", strings.Repeat("x", 1000)), "card"},
		{"11 digits", edit("001199999990", "00119999999"), "card.number"},
		{"letter in the number", edit("001199999990", "00119999999O"), "card.number"},
		{"old number of 8 digits", edit("|199999990", "|19999999"), "card.oldNumber"},
		{"no name", edit("Trần Thị Mỹ Vĩnh", " "), "card.fullName"},
		{"30 February", edit("02091999", "30021999"), "card.birth"},
		{"slashes", edit("02091999", "02/09/1999"), "card.birth"},
		{"sex in English", edit("Nữ", "F"), "card.sex"},
		{"issued before birth", edit("25012022", "25011990"), "card.issued"},
		{"no day of issue", edit("25012022", ""), "card.issued"},
	}
	for _, tt := range tests {
		card, err := qr.ParseCitizenCard(tt.text)
		invalid := (*qr.InvalidError)(nil)
		if !errors.As(err, &invalid) || invalid.Field != tt.field || card.Reveal().Number != "" {
			t.Errorf("%s: %v, want a refusal of %s", tt.name, err, tt.field)
		}
		if tt.text != "" && err != nil && strings.Contains(err.Error(), "0011") {
			t.Errorf("%s: the error quotes the card", tt.name)
		}
	}
}

func TestCitizenCardDoesNotPrintItself(t *testing.T) {
	card, err := qr.ParseCitizenCard(card2021)
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(map[string]any{"card": card})
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("read", "card", card)
	shown := fmt.Sprintf("%v %+v %#v %s %q %x %d", card, card, card, card, card, card, card) + string(data) + log.String()
	for _, secret := range []string{"0011", "Vĩnh", "1999", "Hà Nội", "30303131"} {
		if strings.Contains(shown, secret) {
			t.Errorf("a card prints as %s", shown)
		}
	}
}

func TestCitizenCardNeverVerifies(t *testing.T) {
	report := newOffice(t).verifier(t).Verify(card2021, noon)
	if report.Verdict != qr.Unsigned || report.Claims != nil {
		t.Errorf("verdict %v", report.Verdict)
	}
}

func FuzzParseCitizenCard(f *testing.F) {
	f.Add(card2021)
	f.Add(card2024)
	f.Fuzz(func(t *testing.T, text string) {
		card, err := qr.ParseCitizenCard(text)
		if err != nil {
			return
		}
		d := card.Reveal()
		sex := "Nam"
		if d.Female {
			sex = "Nữ"
		}
		line := strings.Join(append([]string{d.Number, d.OldNumber, d.FullName, d.Birth.Format("02012006"), sex, d.Residence,
			d.Issued.Format("02012006")}, d.Extra...), "|")
		again, err := qr.ParseCitizenCard(line)
		if err != nil || !reflect.DeepEqual(again.Reveal(), d) {
			t.Fatalf("%q came back as %+v, %v", line, again.Reveal(), err)
		}
	})
}
