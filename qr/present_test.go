package qr_test

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/motcua/motcua/internal/base45"
	"github.com/motcua/motcua/internal/vntime"
	"github.com/motcua/motcua/qr"
)

func ExamplePresent() {
	_, device, _ := ed25519.GenerateKey(rand.Reader) // in the wallet's secure element
	_, root, _ := ed25519.GenerateKey(rand.Reader)
	_, agency, _ := ed25519.GenerateKey(rand.Reader)
	clock := func() time.Time { return noon }

	// The agency issues to the device, the holder chooses what to show.
	issuer, err := qr.NewIssuer(agency, "H26.12", qr.IssueConfig{Now: clock})
	if err != nil {
		fmt.Println(err)
		return
	}
	issued, err := issuer.Issue(qr.Claims{
		Expires: expiry, Status: &qr.Status{List: 3, Index: 41}, Holder: device.Public(),
		Body: qr.Person{Number: "001190012345", FullName: "Trần Thị Mỹ Vĩnh", Birth: vntime.Date(1990, 3, 9), Selective: true},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	shown, err := qr.Present(issued.Text(), qr.PresentConfig{Show: []string{"fullName"}, Holder: device, Now: clock})
	if err != nil {
		fmt.Println(err)
		return
	}

	data, err := qr.SignTrustList(root, qr.TrustListDraft{Owner: "Cục mẫu", Version: 1, Issued: noon, Until: expiry,
		Keys: []qr.TrustedKey{{Public: agency.Public(), Issuer: "H26.12", NotBefore: noon, NotAfter: expiry,
			Kinds: []qr.Kind{qr.KindPerson}, Procedures: []string{qr.AllProcedures}}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	list, err := qr.ParseTrustList(data, root.Public())
	if err != nil {
		fmt.Println(err)
		return
	}
	verifier, err := qr.NewVerifier(list, qr.VerifyConfig{})
	if err != nil {
		fmt.Println(err)
		return
	}
	report := verifier.Verify(shown.Text(), noon.Add(20*time.Second))
	who := report.Claims.Body.(qr.Person)
	fmt.Println(report.Verdict, report.Reasons, who.FullName, who.Number == "", who.Hidden)
	fmt.Println(verifier.Verify(shown.Text(), noon.Add(2*time.Minute)).Reasons)   // a picture of the screen, later
	fmt.Println(verifier.Verify(issued.Text(), noon.Add(20*time.Second)).Reasons) // a copy without the device
	// Output:
	// valid-status-stale [qr.status-unchecked] Trần Thị Mỹ Vĩnh true 2
	// [qr.presented-earlier]
	// [qr.holder-missing]
}

func TestPresentation(t *testing.T) {
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	o := newOffice(t)
	verifier := o.people(t)
	for _, device := range []crypto.Signer{newP256(t), ed} {
		claims := person(true)
		claims.Holder = device.Public()
		issued := o.issue(t, claims)
		nonce := []byte("quầy số 3, lượt 118")
		present := func(at time.Time, nonce []byte) string {
			code, err := qr.Present(issued.Text(), qr.PresentConfig{Holder: device, Nonce: nonce, Show: []string{"fullName", "birth"},
				Now: func() time.Time { return at }})
			if err != nil {
				t.Fatal(err)
			}
			if code.Kind() != qr.KindPresentation || code.ID() != issued.ID() {
				t.Errorf("code of kind %v", code.Kind())
			}
			return code.Text()
		}
		fresh := present(noon, nil)
		tests := []struct {
			name    string
			report  qr.Report
			verdict qr.Verdict
			reason  string
		}{
			{"at once", verifier.Verify(fresh, noon), qr.ValidStatusStale, "qr.status-unchecked"},
			{"29 s ahead", verifier.Verify(fresh, noon.Add(-30*time.Second)), qr.ValidStatusStale, "qr.status-unchecked"},
			{"31 s ahead", verifier.Verify(fresh, noon.Add(-31*time.Second)), qr.NotYetValid, "qr.presented-later"},
			{"89 s old", verifier.Verify(fresh, noon.Add(89*time.Second)), qr.ValidStatusStale, "qr.status-unchecked"},
			{"90 s old", verifier.Verify(fresh, noon.Add(90*time.Second)), qr.Expired, "qr.presented-earlier"},
			{"the code as issued", verifier.Verify(issued.Text(), noon), qr.Malformed, "qr.holder-missing"},
			{"with the nonce", verifier.VerifyPresented(present(noon, nonce), noon, nonce), qr.ValidStatusStale,
				"qr.status-unchecked"},
			{"with another nonce", verifier.VerifyPresented(present(noon, nonce), noon, nonce[1:]), qr.BadSignature, "qr.nonce"},
			{"without the nonce", verifier.VerifyPresented(fresh, noon, nonce), qr.BadSignature, "qr.nonce"},
			{"proof demanded", verifier.VerifyPresented(fresh, noon, nil), qr.ValidStatusStale, "qr.status-unchecked"},
			{"proof demanded of a receipt", verifier.VerifyPresented(o.issue(t, receipt()).Text(), noon, nil), qr.Malformed,
				"qr.holder-missing"},
		}
		for _, tt := range tests {
			if tt.report.Verdict != tt.verdict || reasonOf(tt.report) != tt.reason {
				t.Errorf("%T, %s: %v %v, want %v %s", device, tt.name, tt.report.Verdict, tt.report.Reasons, tt.verdict, tt.reason)
			}
		}
		if report := verifier.Verify(fresh, noon); !report.PresentedAt.Equal(noon) ||
			!reflect.DeepEqual(report.Claims.Holder, device.Public()) {
			t.Errorf("%T: presented at %v", device, report.PresentedAt)
		}
		data, err := base45.AppendDecoded(nil, fresh[4:])
		if err != nil {
			t.Fatal(err)
		}
		for i := range 8 * len(data) {
			b := bytes.Clone(data)
			b[i/8] ^= 1 << (i % 8)
			if report := verifier.Verify("VN1:"+string(base45.Append(nil, b)), noon); report.Claims != nil {
				t.Fatalf("%T: bit %d flipped: %v", device, i, report.Verdict)
			}
		}
	}
}

// TestPresentationCannotBeReplayed builds what a thief can: he has scanned a presentation and has a device of his own.
func TestPresentationCannotBeReplayed(t *testing.T) {
	o := newOffice(t)
	device, thief := newP256(t), newP256(t)
	claims := receipt()
	claims.Holder = device.Public()
	issued := o.issue(t, claims)
	if _, err := qr.Present(issued.Text(), qr.PresentConfig{Holder: thief}); err == nil {
		t.Error("another device presented the code")
	}
	shown, err := qr.Present(issued.Text(), qr.PresentConfig{Holder: device, Now: func() time.Time { return noon }})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := qr.Present(shown.Text(), qr.PresentConfig{Holder: device}); err == nil {
		t.Error("a presentation was presented")
	}
	data := decoded(t, shown)
	later := bytes.Clone(data)
	later[len(later)-66-2]++ // the last byte of the time, before an empty nonce and the signature
	if report := o.verifier(t).Verify("VN1:"+string(base45.Append(nil, later)), noon); report.Verdict != qr.BadSignature ||
		reasonOf(report) != "qr.holder-signature" {
		t.Errorf("a later time: %v %v", report.Verdict, report.Reasons)
	}
	stripped := data[1 : len(data)-66-1-5-1] // signature, nonce, time, slots
	if report := o.verifier(t).Verify("VN1:"+string(base45.Append(nil, stripped)), noon); reasonOf(report) != "qr.holder-missing" {
		t.Errorf("the proof taken away: %v %v", report.Verdict, report.Reasons)
	}
	// A presentation around a code that is bound to nobody.
	plain := decoded(t, o.issue(t, receipt()))
	wrapped := append(append([]byte{0x85}, plain...), data[len(data)-66-1-5-1:]...)
	if report := o.verifier(t).Verify("VN1:"+string(base45.Append(nil, wrapped)), noon); reasonOf(report) != "qr.holder-missing" {
		t.Errorf("a proof around an unbound code: %v %v", report.Verdict, report.Reasons)
	}
}

func TestPresentRefuses(t *testing.T) {
	o := newOffice(t)
	device := newP256(t)
	bound := receipt()
	bound.Holder = device.Public()
	boundText, plain := o.issue(t, bound).Text(), o.issue(t, receipt()).Text()
	tests := []struct {
		name, text string
		cfg        qr.PresentConfig
		field      string
	}{
		{"no code", "https://example.vn", qr.PresentConfig{}, "present.text"},
		{"no base45", "VN1:abc", qr.PresentConfig{}, "present.text"},
		{"cut short", plain[:100], qr.PresentConfig{}, "present.text"},
		{"no key", boundText, qr.PresentConfig{}, "present.holder"},
		{"another key", boundText, qr.PresentConfig{Holder: newP256(t)}, "present.holder"},
		{"key for an unbound code", plain, qr.PresentConfig{Holder: device}, "present.holder"},
		{"nonce for an unbound code", plain, qr.PresentConfig{Nonce: []byte("x")}, "present.holder"},
		{"long nonce", boundText, qr.PresentConfig{Holder: device, Nonce: make([]byte, 33)}, "present.nonce"},
		{"fields of a receipt", plain, qr.PresentConfig{Show: []string{"fullName"}}, "present.show"},
		{"clock before 1970", boundText, qr.PresentConfig{Holder: device, Now: func() time.Time { return time.Time{} }}, "present.now"},
	}
	for _, tt := range tests {
		code, err := qr.Present(tt.text, tt.cfg)
		if invalid := (*qr.InvalidError)(nil); !errors.As(err, &invalid) || invalid.Field != tt.field || code.Text() != "" {
			t.Errorf("%s: %v, want a refusal of %s", tt.name, err, tt.field)
		}
	}
	if code, err := qr.Present(plain, qr.PresentConfig{}); err != nil || code.Text() != plain {
		t.Errorf("a plain code presents as itself: %v", err)
	}
}

// FuzzPresented tries envelopes around true messages: nothing but what an agency has signed comes out.
func FuzzPresented(f *testing.F) {
	o := newOffice(f)
	verifier := o.people(f)
	device := newP256(f)
	claims := person(true)
	claims.Holder = device.Public()
	issued := o.issue(f, claims)
	shown, err := qr.Present(issued.Text(), qr.PresentConfig{Holder: device, Now: func() time.Time { return noon }, Nonce: []byte("n")})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(decoded(f, shown))
	f.Add(decoded(f, o.issue(f, person(true))))
	f.Add([]byte("\x82\xd2\x84\x40\xa0\x40\x40\x80"))
	f.Fuzz(func(t *testing.T, data []byte) {
		text := "VN1:" + string(base45.Append(nil, data))
		report := verifier.Verify(text, noon)
		if len(report.Reasons) > 1 || report.Claims != nil && report.Claims.Body.(qr.Person).FullName != citizen().FullName {
			t.Fatalf("%x: %+v", data, report)
		}
		again, err := qr.Present(text, qr.PresentConfig{})
		if err == nil && again.Text() != text {
			t.Fatalf("%x presents as something else", data)
		}
	})
}
