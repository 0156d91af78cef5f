package qr_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/motcua/motcua/internal/base45"
	"github.com/motcua/motcua/internal/vntime"
	"github.com/motcua/motcua/qr"
)

func citizen() qr.Person {
	return qr.Person{Number: "001190012345", FullName: "Trần Thị Mỹ Vĩnh", Birth: vntime.Date(1958, 3, 9), Sex: 2,
		Residence: "Phường Vĩnh Phúc, thành phố Hà Nội", Level: 2}
}

func person(selective bool) qr.Claims {
	p := citizen()
	p.Selective = selective
	return qr.Claims{Expires: expiry, Status: &qr.Status{List: 3, Index: 70_000}, Body: p}
}

func bill() qr.Claims {
	return qr.Claims{Expires: noon.AddDate(0, 0, 3), Body: qr.Payment{
		Dossier: "H26.12-261120-0001", Procedure: "2.000635", Order: "PO-1", Amount: 8000, Bank: "970436",
		Account: "0011001234567", Payee: "KHO BAC MAU", Memo: "LPHT H26.12-261120-0001"}}
}

// people is a verifier of an office that may issue every kind.
func (o *office) people(tb testing.TB) *qr.Verifier {
	tb.Helper()
	entry := o.entry
	entry.Kinds = []qr.Kind{qr.KindPerson, qr.KindReceipt, qr.KindResult, qr.KindPayment}
	return o.verifier(tb, entry)
}

func TestPersonAndPaymentComeBack(t *testing.T) {
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	born := person(false)
	born.Body = qr.Person{FullName: "Nguyễn Trọng Nghĩa", Birth: vntime.Date(1970, 1, 1)}
	for _, o := range []*office{newOffice(t), newOfficeOf(t, ed)} {
		for name, claims := range map[string]qr.Claims{"person": person(false), "born on day zero": born, "payment": bill(),
			"selective person": person(true)} {
			code := o.issue(t, claims)
			report := o.people(t).Verify(code.Text(), noon.Add(time.Hour))
			want := claims
			want.ID, want.Issuer, want.IssuedAt = code.ID(), "H26.12", noon
			if report.Claims == nil {
				t.Errorf("%s: %v %v", name, report.Verdict, report.Reasons)
				continue
			}
			got := *report.Claims
			if p, ok := got.Body.(qr.Person); ok && p.Selective {
				// The commitment is the code's own; all fields that were stated are there.
				got.Body = qr.Person{Number: p.Number, FullName: p.FullName, Birth: p.Birth, Sex: p.Sex, Residence: p.Residence,
					Level: p.Level, Selective: true, Hidden: p.Hidden}
			}
			if !reflect.DeepEqual(got, want) || code.Kind() != claims.Body.Kind() {
				t.Errorf("%s: claims %#v, want %#v", name, got, want)
			}
		}
	}
}

func TestSelectiveDisclosure(t *testing.T) {
	o := newOffice(t)
	verifier := o.people(t)
	issued := o.issue(t, person(true))
	tests := []struct {
		name   string
		show   []string
		want   qr.Person
		hidden int
	}{
		{"all", nil, citizen(), 0},
		{"none", []string{}, qr.Person{}, 6},
		{"name and birth", []string{"birth", "fullName"}, qr.Person{FullName: citizen().FullName, Birth: citizen().Birth}, 4},
		{"level", []string{"level"}, qr.Person{Level: 2}, 5},
	}
	for _, tt := range tests {
		shown, err := qr.Present(issued.Text(), qr.PresentConfig{Show: tt.show})
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		report := verifier.Verify(shown.Text(), noon)
		if report.Verdict != qr.ValidStatusStale {
			t.Errorf("%s: %v %v", tt.name, report.Verdict, report.Reasons)
			continue
		}
		got := report.Claims.Body.(qr.Person)
		if got.FullName != tt.want.FullName || got.Number != tt.want.Number || !got.Birth.Equal(tt.want.Birth) ||
			got.Sex != tt.want.Sex || got.Residence != tt.want.Residence || got.Level != tt.want.Level || got.Hidden != tt.hidden {
			t.Errorf("%s: %d hidden, name %q, level %d", tt.name, got.Hidden, got.FullName, got.Level)
		}
		data, err := base45.AppendDecoded(nil, shown.Text()[4:])
		if err != nil {
			t.Fatal(err)
		}
		for value, shouldShow := range map[string]bool{
			citizen().FullName: tt.want.FullName != "", citizen().Number: tt.want.Number != "",
			citizen().Residence: tt.want.Residence != "",
		} {
			if bytes.Contains(data, []byte(value)) != shouldShow {
				t.Errorf("%s: a field is in the code: want %v", tt.name, shouldShow)
			}
		}
		// What is hidden cannot be brought back from what was shown.
		if _, err := qr.Present(shown.Text(), qr.PresentConfig{Show: []string{"residence"}}); (err == nil) != (tt.want.Residence != "") {
			t.Errorf("%s: shown again: %v", tt.name, err)
		}
	}
	for _, show := range [][]string{{"shoe"}, {""}} {
		if _, err := qr.Present(issued.Text(), qr.PresentConfig{Show: show}); err == nil {
			t.Errorf("%q was shown", show)
		}
	}
}

// TestTwoOfFiveFieldsPrint is the size the profile promises: a name with its marks and a day of birth of five fields,
// with a status index, in version 12-M.
func TestTwoOfFiveFieldsPrint(t *testing.T) {
	claims := person(true)
	p := claims.Body.(qr.Person)
	p.Residence = ""
	claims.Body = p
	shown, err := qr.Present(newOffice(t).issue(t, claims).Text(), qr.PresentConfig{Show: []string{"fullName", "birth"}})
	if err != nil {
		t.Fatal(err)
	}
	symbol, err := shown.Symbol(qr.M)
	if err != nil || symbol.Version() > 12 {
		t.Errorf("%d characters, version %d, %v; want at most 12-M", len(shown.Text()), symbol.Version(), err)
	}
	t.Logf("2 of 5: %d characters, %d-M", len(shown.Text()), symbol.Version())
	whole, err := newOffice(t).issue(t, person(false)).Symbol(qr.Q)
	if err != nil || whole.Version() > 15 {
		t.Errorf("all six fields: version %d, %v", whole.Version(), err)
	}
	short := person(false)
	short.Body = qr.Person{Number: p.Number, FullName: p.FullName, Birth: p.Birth, Level: 2}
	card, err := newOffice(t).issue(t, short).Symbol(qr.Q)
	if err != nil || card.Version() > 12 {
		t.Errorf("number, name, birth, level: version %d, %v; want at most 12-Q", card.Version(), err)
	}
}

// TestSlotsAreHeldToTheCommitment spoils the slots of a code whose signature holds.
func TestSlotsAreHeldToTheCommitment(t *testing.T) {
	o := newOffice(t)
	verifier := o.people(t)
	code, other := o.issue(t, person(true)), o.issue(t, person(true))
	data := decoded(t, code)
	message := data[1 : 1+bytes.Index(data, []byte("\x58\x40"))+65]
	slots, others := data[1+len(message):], decoded(t, other)[1+len(message):]
	join := func(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
	plain := decoded(t, o.issue(t, person(false)))
	tests := []struct {
		name    string
		data    []byte
		verdict qr.Verdict
		reason  string
	}{
		{"as issued", data, qr.ValidStatusStale, "qr.status-unchecked"},
		{"the message alone", message, qr.Malformed, "qr.disclosure"},
		{"slots of another code", join([]byte{0x82}, message, others), qr.BadSignature, "qr.disclosure"},
		{"a value changed", bytes.Replace(data, []byte("001190012345"), []byte("001190012346"), 1), qr.BadSignature, "qr.disclosure"},
		{"no slots in an array", join([]byte{0x82}, message, []byte{0x80}), qr.Malformed, "qr.cbor"},
		{"one slot less", join([]byte{0x82}, message, []byte{slots[0] - 1}, slots[1:]), qr.Malformed, "qr.cbor"},
		{"slots on a code that has none", join([]byte{0x82}, plain, slots), qr.Malformed, "qr.disclosure"},
		{"a field twice", join([]byte{0x82}, message, []byte{0x82}, slots[1:3], slots[1:]), qr.Malformed, "qr.cbor"},
		{"three parts", join([]byte{0x83}, message, slots, []byte{0}), qr.Malformed, "qr.cbor"},
		{"a byte behind", join(data, []byte{0}), qr.Malformed, "qr.cbor"},
		{"a plain code in an array", join([]byte{0x82}, plain, []byte{0x80}), qr.Malformed, "qr.cbor"},
	}
	for _, tt := range tests {
		report := verifier.Verify("VN1:"+string(base45.Append(nil, tt.data)), noon)
		if report.Verdict != tt.verdict || reasonOf(report) != tt.reason {
			t.Errorf("%s: %v %v, want %v %s", tt.name, report.Verdict, report.Reasons, tt.verdict, tt.reason)
		}
	}
	for i := range 8 * len(data) {
		b := bytes.Clone(data)
		b[i/8] ^= 1 << (i % 8)
		if report := verifier.Verify("VN1:"+string(base45.Append(nil, b)), noon); report.Claims != nil {
			t.Fatalf("bit %d flipped: %v", i, report.Verdict)
		}
	}
}

func decoded(tb testing.TB, code qr.Code) []byte {
	tb.Helper()
	data, err := base45.AppendDecoded(nil, code.Text()[4:])
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

func TestIssueRefusesPersonsAndPayments(t *testing.T) {
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	inPerson := func(f func(*qr.Person)) qr.Claims {
		c := person(false)
		p := c.Body.(qr.Person)
		f(&p)
		c.Body = p
		return c
	}
	inBill := func(f func(*qr.Payment)) qr.Claims {
		c := bill()
		p := c.Body.(qr.Payment)
		f(&p)
		c.Body = p
		return c
	}
	withoutStatus, badHolder := person(true), receipt()
	withoutStatus.Status, badHolder.Holder = nil, p384.Public()
	tests := []struct {
		name   string
		claims qr.Claims
		field  string
	}{
		{"person that cannot be revoked", withoutStatus, "claims.status"},
		{"holder on another curve", badHolder, "claims.holder"},
		{"nobody", qr.Claims{Expires: expiry, Status: &qr.Status{}, Body: qr.Person{}}, "person.fullName"},
		{"11 digits", inPerson(func(p *qr.Person) { p.Number = "00119001234" }), "person.number"},
		{"decomposed name", inPerson(func(p *qr.Person) { p.FullName = "Nghi\u0303a" }), "person.fullName"},
		{"born in another age", inPerson(func(p *qr.Person) { p.Birth = vntime.Date(1899, 12, 31) }), "person.birth"},
		{"sex 3", inPerson(func(p *qr.Person) { p.Sex = 3 }), "person.sex"},
		{"level 10", inPerson(func(p *qr.Person) { p.Level = 10 }), "person.level"},
		{"long residence", inPerson(func(p *qr.Person) { p.Residence = strings.Repeat("a", 201) }), "person.residence"},
		{"hidden when issued", inPerson(func(p *qr.Person) { p.Hidden = 1 }), "person.hidden"},
		{"no order", inBill(func(p *qr.Payment) { p.Order = "" }), "payment.order"},
		{"nothing to pay", inBill(func(p *qr.Payment) { p.Amount = 0 }), "payment.amount"},
		{"too much to pay", inBill(func(p *qr.Payment) { p.Amount = 1e12 }), "payment.amount"},
		{"bank of 5 digits", inBill(func(p *qr.Payment) { p.Bank = "97043" }), "payment.bank"},
		{"account with a blank", inBill(func(p *qr.Payment) { p.Account = "0011 22" }), "payment.account"},
		{"long memo", inBill(func(p *qr.Payment) { p.Memo = strings.Repeat("a", 100) }), "payment.memo"},
		{"no dossier", inBill(func(p *qr.Payment) { p.Dossier = "" }), "payment.dossier"},
	}
	issuer := newOffice(t).issuer(t)
	for _, tt := range tests {
		code, err := issuer.Issue(tt.claims)
		if invalid := (*qr.InvalidError)(nil); !errors.As(err, &invalid) || invalid.Field != tt.field || code.Text() != "" {
			t.Errorf("%s: %v, want a refusal of %s", tt.name, err, tt.field)
		}
	}
}

func TestScopeOfPersonsAndPayments(t *testing.T) {
	o := newOffice(t)
	if report := o.verifier(t).Verify(o.issue(t, person(false)).Text(), noon); reasonOf(report) != "qr.scope-kind" || report.Claims != nil {
		t.Errorf("a person by a key for papers: %v %v", report.Verdict, report.Reasons)
	}
	claims := bill()
	p := claims.Body.(qr.Payment)
	p.Procedure = "1.999999"
	claims.Body = p
	if report := o.people(t).Verify(o.issue(t, claims).Text(), noon); reasonOf(report) != "qr.scope-procedure" {
		t.Errorf("a payment for another procedure: %v %v", report.Verdict, report.Reasons)
	}
}

func TestPersonDoesNotPrintItself(t *testing.T) {
	o := newOffice(t)
	report := o.people(t).Verify(o.issue(t, person(true)).Text(), noon)
	data, err := json.Marshal(report)
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("verified", "person", report.Claims.Body, "report", report)
	for _, shown := range []string{fmt.Sprintf("%v %+v %#v %s %q", report.Claims.Body, *report.Claims, report.Claims.Body, report.Claims.Body,
		report.Claims.Body), string(data), log.String()} {
		if strings.Contains(shown, "Mỹ Vĩnh") || strings.Contains(shown, "001190012345") || !strings.Contains(shown, "person, 6 fields") {
			t.Errorf("a person prints as %s", shown)
		}
	}
}
