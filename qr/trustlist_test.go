package qr_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/motcua/motcua/internal/base45"
	"github.com/motcua/motcua/qr"
)

func ExampleParseTrustFile() {
	root, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		fmt.Println(err)
		return
	}
	list, err := qr.SignTrustList(root, qr.TrustListDraft{
		Owner: "Cục mẫu", Version: 3, Issued: noon, Until: noon.AddDate(0, 1, 0), Keys: []qr.TrustedKey{{
			Public: root.Public(), Issuer: "H26.12", Kinds: []qr.Kind{qr.KindResult}, Procedures: []string{"2.000635"},
			NotBefore: noon, NotAfter: expiry,
		}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	file, err := qr.EncodeTrustFile(list, root.Public())
	if err != nil {
		fmt.Println(err)
		return
	}
	read, err := qr.ParseTrustFile(file)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(read.Owner(), read.Version(), len(read.Keys()))
	// Output: Cục mẫu 3 1
}

func TestTrustListComesBackWhole(t *testing.T) {
	o := newOffice(t)
	second := newOffice(t).entry
	second.IssuerName, second.WithdrawnAt, second.VoidEarlier = "", noon, true
	list := o.list(t, o.entry, second)
	if want := []qr.TrustedKey{o.entry, second}; !reflect.DeepEqual(list.Keys(), want) {
		t.Errorf("keys %+v, want %+v", list.Keys(), want)
	}
	draft := o.draft()
	if list.Owner() != draft.Owner || list.Version() != draft.Version || !list.Issued().Equal(draft.Issued) ||
		!list.Until().Equal(draft.Until) {
		t.Errorf("list of %s, %d, %v to %v", list.Owner(), list.Version(), list.Issued(), list.Until())
	}
	list.Keys()[0].Kinds[0] = qr.KindPerson
	if list.Keys()[0].Kinds[0] != qr.KindReceipt {
		t.Error("the list was changed through its copy")
	}
}

func TestTrustListNeedsAPinnedRoot(t *testing.T) {
	o, other := newOffice(t), newOffice(t)
	data, err := qr.SignTrustList(o.root, o.draft(o.entry))
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name  string
		roots []crypto.PublicKey
		ok    bool
	}{
		{"the root", []crypto.PublicKey{o.root.Public()}, true},
		{"the second of two", []crypto.PublicKey{other.root.Public(), o.root.Public()}, true},
		{"another root", []crypto.PublicKey{other.root.Public()}, false},
		{"the key on the list", []crypto.PublicKey{o.entry.Public}, false},
		{"none", nil, false},
	}
	for _, tt := range tests {
		_, err := qr.ParseTrustList(data, tt.roots...)
		if tt.ok != (err == nil) || !tt.ok && !errors.Is(err, qr.ErrUntrustedList) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	for i := range data {
		changed := bytes.Clone(data)
		changed[i] ^= 1
		if _, err := qr.ParseTrustList(changed, o.root.Public()); err == nil {
			t.Errorf("byte %d changed: taken", i)
		}
	}
	if _, err := qr.ParseTrustList(append(data, 0), o.root.Public()); err == nil {
		t.Error("a byte behind the list: taken")
	}
}

func TestCodeAndListAreNotMixedUp(t *testing.T) {
	o := newOffice(t)
	code, err := base45.AppendDecoded(nil, o.issue(t, receipt()).Text()[4:])
	if err != nil {
		t.Fatal(err)
	}
	if _, err := qr.ParseTrustList(code, o.signer.Public()); err == nil {
		t.Error("a code was taken for a trust list")
	}
	list, err := qr.SignTrustList(o.signer, o.draft(o.entry))
	if err != nil {
		t.Fatal(err)
	}
	report := o.verifier(t).Verify("VN1:"+string(base45.Append(nil, list)), noon)
	if report.Verdict != qr.Malformed || reasonOf(report) != "qr.header" {
		t.Errorf("a trust list was taken for a code: %v %v", report.Verdict, report.Reasons)
	}
}

func TestRollbackIsRefused(t *testing.T) {
	o := newOffice(t)
	list := o.list(t, o.entry) // version 7
	tests := []struct {
		least uint64
		want  error
	}{{0, nil}, {6, nil}, {7, nil}, {8, qr.ErrRollback}}
	for _, tt := range tests {
		verifier, err := qr.NewVerifier(list, qr.VerifyConfig{MinVersion: tt.least})
		if !errors.Is(err, tt.want) || (verifier == nil) != (tt.want != nil) {
			t.Errorf("at least %d: %v, want %v", tt.least, err, tt.want)
		}
	}
	for _, list := range []*qr.TrustList{nil, {}} {
		if _, err := qr.NewVerifier(list, qr.VerifyConfig{}); err == nil {
			t.Error("a verifier without a list was made")
		}
	}
	for _, skew := range []time.Duration{-1, time.Hour + 1} {
		if _, err := qr.NewVerifier(list, qr.VerifyConfig{Skew: skew}); err == nil {
			t.Errorf("skew %v was taken", skew)
		}
	}
}

func TestSignTrustListRefuses(t *testing.T) {
	o := newOffice(t)
	entry := func(f func(*qr.TrustedKey)) qr.TrustListDraft {
		k := o.entry
		f(&k)
		return o.draft(k)
	}
	draft := func(f func(*qr.TrustListDraft)) qr.TrustListDraft { d := o.draft(o.entry); f(&d); return d }
	tests := []struct {
		name  string
		draft qr.TrustListDraft
		field string
	}{
		{"no owner", draft(func(d *qr.TrustListDraft) { d.Owner = "" }), "trustlist.owner"},
		{"no version", draft(func(d *qr.TrustListDraft) { d.Version = 0 }), "trustlist.version"},
		{"no end", draft(func(d *qr.TrustListDraft) { d.Until = time.Time{} }), "trustlist.until"},
		{"no keys", draft(func(d *qr.TrustListDraft) { d.Keys = nil }), "trustlist.keys"},
		{"five entries of one key", o.draft(o.entry, o.entry, o.entry, o.entry, o.entry), "trustlist.keys"},
		{"no key", entry(func(k *qr.TrustedKey) { k.Public = nil }), "key"},
		{"no agency", entry(func(k *qr.TrustedKey) { k.Issuer = "" }), "trustlist.keys.issuer"},
		{"no kinds", entry(func(k *qr.TrustedKey) { k.Kinds = nil }), "trustlist.keys.kinds"},
		{"kind zero", entry(func(k *qr.TrustedKey) { k.Kinds = []qr.Kind{0} }), "trustlist.keys.kinds"},
		{"no procedures", entry(func(k *qr.TrustedKey) { k.Procedures = nil }), "trustlist.keys.procedures"},
		{"all and one", entry(func(k *qr.TrustedKey) { k.Procedures = []string{"*", "1"} }), "trustlist.keys.procedures"},
		{"empty procedure", entry(func(k *qr.TrustedKey) { k.Procedures = []string{""} }), "trustlist.keys.procedures"},
		{"no end of use", entry(func(k *qr.TrustedKey) { k.NotAfter = time.Time{} }), "trustlist.keys.notAfter"},
		{"void without withdrawal", entry(func(k *qr.TrustedKey) { k.VoidEarlier = true }), "trustlist.keys.withdrawnAt"},
	}
	for _, tt := range tests {
		data, err := qr.SignTrustList(o.root, tt.draft)
		invalid := (*qr.InvalidError)(nil)
		if !errors.As(err, &invalid) || invalid.Field != tt.field || data != nil {
			t.Errorf("%s: %v, want a refusal of %s", tt.name, err, tt.field)
		}
	}
}

func TestTrustFileRefuses(t *testing.T) {
	o, other := newOffice(t), newOffice(t)
	list, err := qr.SignTrustList(o.root, o.draft(o.entry))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := qr.EncodeTrustFile(list, other.root.Public()); !errors.Is(err, qr.ErrUntrustedList) {
		t.Errorf("file with another root: %v", err)
	}
	good, err := qr.EncodeTrustFile(list, other.root.Public(), o.root.Public())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := qr.ParseTrustFile(good); err != nil {
		t.Fatalf("file with two roots: %v", err)
	}
	var fields map[string]string
	if err := json.Unmarshal(good, &fields); err != nil {
		t.Fatal(err)
	}
	edit := func(name, value string) string {
		return strings.Replace(string(good), `"`+fields[name]+`"`, `"`+value+`"`, 1)
	}
	tests := []struct{ name, file string }{
		{"nothing", ""}, {"no object", "[]"}, {"no root", `{"list":"` + fields["list"] + `"}`},
		{"unknown field", strings.Replace(string(good), "nextRoot", "anyRoot", 1)},
		{"more behind", string(good) + "{}"},
		{"root that is no base64", edit("root", "!")}, {"root that is no key", edit("root", "AAAA")},
		{"list that is no base64", edit("list", "!")}, {"list that is none", edit("list", "AAAA")},
		{"without the root that signed", edit("nextRoot", fields["root"])},
		{"too large", strings.Repeat(" ", 6<<20) + string(good)},
	}
	for _, tt := range tests {
		if list, err := qr.ParseTrustFile([]byte(tt.file)); err == nil {
			t.Errorf("%s: taken as version %d", tt.name, list.Version())
		}
	}
}

func TestLargeTrustList(t *testing.T) {
	o := newOffice(t)
	entries := make([]qr.TrustedKey, 300)
	for i := range entries {
		entries[i] = o.entry
		entries[i].Public = newP256(t).Public()
	}
	entries[150] = o.entry
	if report := o.verifier(t, entries...).Verify(o.issue(t, receipt()).Text(), noon); !report.Valid() {
		t.Errorf("verdict %v %v", report.Verdict, report.Reasons)
	}
}

func FuzzParseTrustList(f *testing.F) {
	o := newOffice(f)
	data, err := qr.SignTrustList(o.root, o.draft(o.entry))
	if err != nil {
		f.Fatal(err)
	}
	protected := data[4 : 4+int(data[3])] // behind tag, array and a head of two bytes
	seed := data[4+len(protected)+1 : len(data)-66]
	f.Add(data, seed[2+seed[0]&1:]) // the payload's head is 0x58 and one byte, or 0x59 and two
	f.Fuzz(func(t *testing.T, whole, payload []byte) {
		if list, err := qr.ParseTrustList(whole, o.root.Public()); err == nil && list.Version() != 7 {
			t.Fatal("a list was forged")
		}
		signed := message{head: []byte("\xd2\x84"), protected: protected, unprotected: []byte{0xA0}, payload: payload}
		code := signed.text(t, o.root, nil)
		bytesOf, err := base45.AppendDecoded(nil, code[4:])
		if err != nil {
			t.Fatal(err)
		}
		list, err := qr.ParseTrustList(bytesOf, o.root.Public())
		if err != nil {
			return
		}
		again, err := qr.SignTrustList(o.root, qr.TrustListDraft{Owner: list.Owner(), Version: list.Version(),
			Issued: list.Issued(), Until: list.Until(), Keys: list.Keys()})
		if err != nil || !bytes.Equal(again[:len(again)-64], bytesOf[:len(bytesOf)-64]) {
			t.Fatalf("an accepted list is written otherwise: %v", err)
		}
	})
}

func FuzzParseTrustFile(f *testing.F) {
	o := newOffice(f)
	list, err := qr.SignTrustList(o.root, o.draft(o.entry))
	if err != nil {
		f.Fatal(err)
	}
	file, err := qr.EncodeTrustFile(list, o.root.Public())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(file)
	f.Add([]byte(`{"root":"","nextRoot":"","list":""}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		list, err := qr.ParseTrustFile(data)
		if err != nil {
			return
		}
		if len(list.Roots()) == 0 || len(list.Keys()) == 0 {
			t.Fatalf("a list of %d keys under %d roots", len(list.Keys()), len(list.Roots()))
		}
		if _, err := qr.NewVerifier(list, qr.VerifyConfig{}); err != nil {
			t.Fatal(err)
		}
	})
}
