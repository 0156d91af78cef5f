package vietqr_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/motcua/motcua/qr"
	"github.com/motcua/motcua/qr/vietqr"
)

// vectors are published codes, recomputed.
var vectors = []struct {
	name, text string
	want       vietqr.Payload
}{
	{"static card", "00020101021138600010A00000072701300006970403011697040311012345670208QRIBFTTC53037045802VN63044F52",
		vietqr.Payload{Bank: "970403", Account: "9704031101234567", Service: vietqr.ToCard}},
	{"dynamic account with bill", "00020101021238570010A00000072701270006970403011300110123456780208QRIBFTTA530370454061800005802VN62340107NPS68690819thanh toan don hang63042E2E",
		vietqr.Payload{Dynamic: true, Bank: "970403", Account: "0011012345678", Service: vietqr.ToAccount, Amount: 180000, Bill: "NPS6869", Purpose: "thanh toan don hang"}},
	{"dynamic card with bill", "00020101021238600010A00000072701300006970403011697040311012345670208QRIBFTTC530370454061800005802VN62340107NPS68690819thanh toan don hang6304A203",
		vietqr.Payload{Dynamic: true, Bank: "970403", Account: "9704031101234567", Service: vietqr.ToCard, Amount: 180000, Bill: "NPS6869", Purpose: "thanh toan don hang"}},
	{"static account TPBank", "00020101021138540010A00000072701240006970423011000999999990208QRIBFTTA53037045802VN6304CBB4",
		vietqr.Payload{Bank: "970423", Account: "0099999999", Service: vietqr.ToAccount}},
	{"static account Sacombank", "00020101021138570010A00000072701270006970403011300110123456780208QRIBFTTA53037045802VN63049E6F",
		vietqr.Payload{Bank: "970403", Account: "0011012345678", Service: vietqr.ToAccount}},
	{"dynamic Vietinbank", "00020101021238570010A00000072701270006970415011300110019324180208QRIBFTTA530370454061200005802VN62170813ung ho lu lut6304C15C",
		vietqr.Payload{Dynamic: true, Bank: "970415", Account: "0011001932418", Service: vietqr.ToAccount, Amount: 120000, Purpose: "ung ho lu lut"}},
	{"dynamic MB", "00020101021238570010A00000072701270006970422011300234579234420208QRIBFTTA53037045405401235802VN62200816test text string6304D9C6",
		vietqr.Payload{Dynamic: true, Bank: "970422", Account: "0023457923442", Service: vietqr.ToAccount, Amount: 40123, Purpose: "test text string"}},
	{"static ACB", "00020101021138530010A0000007270123000697041601092576788590208QRIBFTTA53037045802VN6304AE9F",
		vietqr.Payload{Bank: "970416", Account: "257678859", Service: vietqr.ToAccount}},
	{"ZaloPay", "00020101021138620010A00000072701320006970454011899ZP24009M072482670208QRIBFTTA53037045802VN6304073C",
		vietqr.Payload{Bank: "970454", Account: "99ZP24009M07248267", Service: vietqr.ToAccount}},
	{"MoMo", "00020101021138620010A000000727013200069710250118PSP1234567890000000208QRIBFTTA53037045802VN62190515MOMOW2W123456786304821F",
		vietqr.Payload{Bank: "971025", Account: "PSP123456789000000", Service: vietqr.ToAccount, Reference: "MOMOW2W12345678"}},
	{"VNPAY-QR", "00020101021126280010A0000007750110010531314453037045408210900005802VN5910CELLPHONES62600312CPSHN ONLINE0517021908061613127850705ONLHN0810CellphoneS63047685",
		vietqr.Payload{Merchant: "0105313144", Amount: 21090000, Name: "CELLPHONES", Store: "CPSHN ONLINE", Reference: "02190806161312785",
			Terminal: "ONLHN", Purpose: "CellphoneS"}},
}

// show compares payloads, which print as nothing.
func show(p vietqr.Payload) string {
	return fmt.Sprint(p.Dynamic, "|", p.Bank, "|", p.Account, "|", string(p.Service), "|", p.Merchant, "|", p.Amount, "|", p.Category, p.Name, p.City,
		p.PostalCode, "|", p.Bill, p.Mobile, p.Store, p.Loyalty, p.Reference, p.Customer, p.Terminal, p.Purpose, p.Ask, len(p.Other))
}

func TestVectors(t *testing.T) {
	for _, tt := range vectors {
		t.Run(tt.name, func(t *testing.T) {
			got, err := vietqr.Parse(tt.text)
			if err != nil {
				t.Fatal(err)
			}
			if show(got) != show(tt.want) {
				t.Errorf("got %s, want %s", show(got), show(tt.want))
			}
			again, err := tt.want.Encode()
			if err != nil || again != tt.text {
				t.Errorf("encoded %s, %v", again, err)
			}
		})
	}
}

func TestLenient(t *testing.T) {
	lower := "00020101021138540010A00000072701240006970422011003523509170208QRIBFTTA53037045802VN630479db"
	if _, err := vietqr.Parse(lower); err != nil {
		t.Errorf("a check sum in lower case: %v", err)
	}
	private := "00020101021138620010A00000072701320006970454011899MM24011M348750800208QRIBFTTA53037045802VN62190515MOMOW2W3487508080030466304EBC8"
	p, err := vietqr.Parse(private)
	if err != nil || len(p.Other) != 1 || p.Other[0] != (vietqr.Other{ID: "80", Value: "046"}) {
		t.Errorf("a private field: %v, %d others", err, len(p.Other))
	}
}

// sealed puts the right check sum behind a text.
func sealed(t *testing.T, body string) string {
	t.Helper()
	for sum := range 1 << 16 {
		text := fmt.Sprintf("%s6304%04X", body, sum)
		_, err := vietqr.Parse(text)
		var invalid *qr.InvalidError
		if !errors.As(err, &invalid) || invalid.Field != "vietqr.63" {
			return text
		}
	}
	t.Fatal("no check sum fits")
	return ""
}

func TestRefused(t *testing.T) {
	tests := []struct{ name, text, field string }{
		{"document's own sample, account longer than its length", sealed(t, "00020101021138570010A00000072701270006970403011200110123456780208QRIBFTTA53037045802VN"), "vietqr.38.01"},
		{"service inside the beneficiary", sealed(t, "00020101021138570010A00000072701390006970422011300112345678900208QRIBFTTA53037045802VN"), "vietqr.38"},
		{"wrong check sum", "00020101021138540010A00000072701240006970423011000999999990208QRIBFTTA53037045802VN6304CBB5", "vietqr.63"},
		{"no check sum", "00020101021138540010A00000072701240006970423011000999999990208QRIBFTTA53037045802VN", "vietqr.63"},
		{"another field for the check sum", "00020101021138540010A00000072701240006970423011000999999990208QRIBFTTA53037045802VN6305CBB4", "vietqr.63"},
		{"dollars", sealed(t, "00020101021138540010A00000072701240006970423011000999999990208QRIBFTTA53038405802VN"), "vietqr.53"},
		{"another country", sealed(t, "00020101021138540010A00000072701240006970423011000999999990208QRIBFTTA53037045802US"), "vietqr.58"},
		{"amount of 14 digits", sealed(t, "00020101021138540010A00000072701240006970423011000999999990208QRIBFTTA530370454141000000000000058"+"02VN"), "vietqr.54"},
		{"amount with a point", sealed(t, "00020101021138540010A00000072701240006970423011000999999990208QRIBFTTA5303704540410.05802VN"), "vietqr.54"},
		{"field twice", sealed(t, "00020101021138540010A00000072701240006970423011000999999990208QRIBFTTA530370453037045802VN"), "vietqr.53"},
		{"nobody to pay", sealed(t, "00020101021153037045802VN"), "vietqr.38"},
		{"cut", "000201", "vietqr.63"},
		{"endless", strings.Repeat("0", 600), "vietqr"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := vietqr.Parse(tt.text)
			var invalid *qr.InvalidError
			if !errors.As(err, &invalid) || invalid.Field != tt.field {
				t.Errorf("got %v, want a refusal of %s", err, tt.field)
			}
		})
	}
}

func TestEncodeRefuses(t *testing.T) {
	good := vietqr.Payload{Bank: "970403", Account: "0011012345678", Service: vietqr.ToAccount}
	tests := []struct {
		name   string
		change func(*vietqr.Payload)
	}{
		{"account too long", func(p *vietqr.Payload) { p.Account = strings.Repeat("1", 20) }},
		{"account with a space", func(p *vietqr.Payload) { p.Account = "1 2" }},
		{"bank of five digits", func(p *vietqr.Payload) { p.Bank = "97040" }},
		{"no service", func(p *vietqr.Payload) { p.Service = "" }},
		{"negative amount", func(p *vietqr.Payload) { p.Amount = -1 }},
		{"too much", func(p *vietqr.Payload) { p.Amount = 1e13 }},
		{"purpose of 26 letters", func(p *vietqr.Payload) { p.Purpose = strings.Repeat("ă", 26) }},
		{"purpose without a letter of ASCII", func(p *vietqr.Payload) { p.Purpose = "한국" }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := good
			tt.change(&p)
			var invalid *qr.InvalidError
			if text, err := p.Encode(); !errors.As(err, &invalid) {
				t.Errorf("encoded as %q, %v", text, err)
			}
		})
	}
}

// TestCharacters reads a name whose length counts letters, as some makers of codes do.
func TestCharacters(t *testing.T) {
	text := sealed(t, "00020101021138540010A00000072701240006970423011000999999990208QRIBFTTA53037045802VN5909Lê Anh Tú")
	p, err := vietqr.Parse(text)
	if err != nil || p.Name != "Lê Anh Tú" {
		t.Errorf("%q, %v", p.Name, err)
	}
}

func TestFold(t *testing.T) {
	for in, want := range map[string]string{
		"Bằng Minh Tuấn": "Bang Minh Tuan",
		"Cộng hòa xã hội chủ nghĩa Việt Nam. Độc lập tự do - hạnh phúc": "Cong hoa xa hoi chu nghia Viet Nam. Doc lap tu do - hanh phuc",
		"ßæ": "",
	} {
		if got := vietqr.Fold(in); got != want {
			t.Errorf("%q folds to %q, want %q", in, got, want)
		}
	}
}

func TestPrintsNothing(t *testing.T) {
	p := vietqr.Payload{Bank: "970403", Account: "0011012345678", Service: vietqr.ToAccount}
	raw, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{fmt.Sprint(p), fmt.Sprintf("%+v %#v %s", p, p, p), string(raw)} {
		if strings.Contains(text, "0011012345678") {
			t.Errorf("printed %s", text)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, v := range vectors {
		f.Add(v.text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := vietqr.Parse(text)
		if err != nil {
			return
		}
		again, err := p.Encode()
		if err != nil {
			return // a field the encoder would have to change
		}
		back, err := vietqr.Parse(again)
		if err != nil {
			t.Fatalf("%q encodes as %q: %v", text, again, err)
		}
		if back.Account != p.Account || back.Amount != p.Amount || back.Bank != p.Bank {
			t.Fatalf("%q comes back as another payment", text)
		}
	})
}

func ExamplePayload_Encode() {
	text, err := vietqr.Payload{Dynamic: true, Bank: "970403", Account: "0011012345678", Service: vietqr.ToAccount, Amount: 8000,
		Purpose: "Phí hồ sơ H26"}.Encode()
	fmt.Println(text, err)
	// Output: 00020101021238570010A00000072701270006970403011300110123456780208QRIBFTTA5303704540480005802VN62170813Phi ho so H2663042E3A <nil>
}
