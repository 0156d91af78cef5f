package qr_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/veraison/go-cose"

	"github.com/motcua/motcua/internal/base45"
	"github.com/motcua/motcua/qr"
	"github.com/motcua/motcua/qr/status"
)

const statusURI = "https://qr.example.vn/h26.12/3"

// listing is an entry that lets the office's key sign status lists too.
func (o *office) listing(edit func(*qr.TrustedKey)) qr.TrustedKey {
	k := o.entry
	k.Kinds = append(slices.Clone(k.Kinds), qr.KindStatusList)
	if edit != nil {
		edit(&k)
	}
	return k
}

func table(tb testing.TB, size uint64, set map[uint64]status.Value) *status.Table {
	tb.Helper()
	t, err := status.New(size, 2)
	if err != nil {
		tb.Fatal(err)
	}
	for i, v := range set {
		if err := t.Set(i, v); err != nil {
			tb.Fatal(err)
		}
	}
	return t
}

func statusDraft(tb testing.TB) qr.StatusDraft {
	return qr.StatusDraft{List: 3, URI: statusURI, IssuedAt: noon, Expires: noon.AddDate(0, 0, 7), TTL: time.Hour,
		Table: table(tb, 100_000, map[uint64]status.Value{70_001: status.Revoked, 70_002: status.Suspended, 70_003: 3})}
}

func (o *office) signStatus(tb testing.TB, draft qr.StatusDraft) []byte {
	tb.Helper()
	data, err := o.issuer(tb).SignStatusList(draft)
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

func at(index uint64) qr.Claims {
	c := result()
	c.Status = &qr.Status{List: 3, Index: index}
	return c
}

func ExampleTrustList_ParseStatusList() {
	_, root, _ := ed25519.GenerateKey(rand.Reader)
	_, key, _ := ed25519.GenerateKey(rand.Reader)
	issuer, _ := qr.NewIssuer(key, "H26.12", qr.IssueConfig{Now: func() time.Time { return noon }})

	// The agency: a code at place 41 of list 3, and later the list that takes it back.
	code, err := issuer.Issue(qr.Claims{Expires: expiry, Status: &qr.Status{List: 3, Index: 41},
		Body: qr.Receipt{Paper: paper(), Due: noon.AddDate(0, 0, 5)}})
	if err != nil {
		fmt.Println(err)
		return
	}
	places, _ := status.New(1000, 2)
	_ = places.Set(41, status.Revoked)
	signed, err := issuer.SignStatusList(qr.StatusDraft{List: 3, URI: statusURI, Expires: noon.AddDate(0, 0, 7), Table: places})
	if err != nil {
		fmt.Println(err)
		return
	}

	// Whoever is shown the code: the trust list, the status list, no network.
	trust, err := qr.SignTrustList(root, qr.TrustListDraft{Owner: "Cục mẫu", Version: 1, Issued: noon, Until: expiry,
		Keys: []qr.TrustedKey{{Public: key.Public(), Issuer: "H26.12", NotBefore: noon, NotAfter: expiry,
			Kinds: []qr.Kind{qr.KindReceipt, qr.KindStatusList}, Procedures: []string{qr.AllProcedures}}},
		Status: []qr.StatusSource{{Issuer: "H26.12", List: 3, URI: statusURI, MaxAge: 24 * time.Hour}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	list, err := qr.ParseTrustList(trust, root.Public())
	if err != nil {
		fmt.Println(err)
		return
	}
	statuses, err := list.ParseStatusList(signed)
	if err != nil {
		fmt.Println(err)
		return
	}
	verifier, err := qr.NewVerifier(list, qr.VerifyConfig{Status: []*qr.StatusList{statuses}})
	if err != nil {
		fmt.Println(err)
		return
	}
	report := verifier.Verify(code.Text(), noon.Add(time.Hour))
	fmt.Println(report.Verdict, report.Reasons, report.StatusAge)
	// Output: revoked [qr.revoked] 1h0m0s
}

func TestVerdictsOfStatus(t *testing.T) {
	o := newOffice(t)
	entry := o.listing(nil)
	source := qr.StatusSource{Issuer: "H26.12", List: 3, URI: statusURI, MaxAge: 12 * time.Hour}
	old := statusDraft(t)
	old.IssuedAt, old.Table = noon.Add(-time.Hour), table(t, 100_000, nil)
	tests := []struct {
		name    string
		index   uint64
		after   time.Duration
		sources []qr.StatusSource
		verdict qr.Verdict
		reason  string
	}{
		{"good", 70_000, time.Hour, nil, qr.Valid, "[]"},
		{"last place", 99_999, time.Hour, nil, qr.Valid, "[]"},
		{"revoked", 70_001, time.Hour, nil, qr.Revoked, "qr.revoked"},
		{"suspended", 70_002, time.Hour, nil, qr.Suspended, "qr.suspended"},
		{"a value nobody knows", 70_003, time.Hour, nil, qr.Suspended, "qr.status-value"},
		{"behind the list", 100_000, time.Hour, nil, qr.Malformed, "qr.status-index"},
		{"far behind the list", 1 << 63, time.Hour, nil, qr.Malformed, "qr.status-index"},
		{"a day less a second", 70_000, 24*time.Hour - time.Second, nil, qr.Valid, "[]"},
		{"a day", 70_000, 24 * time.Hour, nil, qr.ValidStatusStale, "qr.status-old"},
		{"over the age of its source", 70_000, 12 * time.Hour, []qr.StatusSource{source}, qr.ValidStatusStale, "qr.status-old"},
		{"within the age of its source", 70_000, 11 * time.Hour, []qr.StatusSource{source}, qr.Valid, "[]"},
		{"old and revoked", 70_001, 48 * time.Hour, nil, qr.Revoked, "qr.revoked"},
		{"old and suspended", 70_002, 48 * time.Hour, nil, qr.Suspended, "qr.suspended"},
		{"list made in the future", 70_001, -3 * time.Minute, nil, qr.ValidStatusStale, "qr.status-unchecked"},
	}
	for _, tt := range tests {
		draft := o.draft(entry)
		draft.Status = tt.sources
		data, err := qr.SignTrustList(o.root, draft)
		if err != nil {
			t.Fatal(err)
		}
		trust, err := qr.ParseTrustList(data, o.root.Public())
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(trust.StatusSources(), tt.sources) {
			t.Errorf("%s: sources %v, want %v", tt.name, trust.StatusSources(), tt.sources)
		}
		var lists []*qr.StatusList
		for _, d := range []qr.StatusDraft{old, statusDraft(t), old} { // the newest counts, wherever it stands
			list, err := trust.ParseStatusList(o.signStatus(t, d))
			if err != nil {
				t.Fatal(err)
			}
			lists = append(lists, list)
		}
		verifier, err := qr.NewVerifier(trust, qr.VerifyConfig{Status: lists})
		if err != nil {
			t.Fatal(err)
		}
		claims := at(tt.index)
		claims.NotBefore, claims.IssuedAt = time.Time{}, noon.Add(-time.Hour)
		report := verifier.Verify(o.issue(t, claims).Text(), noon.Add(tt.after))
		if report.Verdict != tt.verdict || reasonOf(report) != tt.reason {
			t.Errorf("%s: %v %v, want %v %s", tt.name, report.Verdict, report.Reasons, tt.verdict, tt.reason)
		}
		looked := tt.reason != "qr.status-unchecked"
		if looked && (report.StatusAge != tt.after || !report.StatusIssued.Equal(noon)) || !looked && report.StatusAge != 0 {
			t.Errorf("%s: age %v since %v", tt.name, report.StatusAge, report.StatusIssued)
		}
		if genuine := tt.verdict >= qr.NotYetValid; (report.Claims != nil) != genuine {
			t.Errorf("%s: claims handed out: %v, want %v", tt.name, report.Claims != nil, genuine)
		}
	}
}

func TestCodesWithoutAStatus(t *testing.T) {
	o := newOffice(t)
	list := o.list(t, o.listing(nil))
	for _, demand := range []bool{false, true} {
		verifier, err := qr.NewVerifier(list, qr.VerifyConfig{DemandStatus: demand})
		if err != nil {
			t.Fatal(err)
		}
		report := verifier.Verify(o.issue(t, receipt()).Text(), noon)
		want := qr.Valid
		if demand {
			want = qr.ValidStatusStale
		}
		if report.Verdict != want || reasonOf(report) != "qr.revocation-unchecked" {
			t.Errorf("demand %v: %v %v", demand, report.Verdict, report.Reasons)
		}
	}
}

// TestStatusListNeedsAKeyForIt signs one list and reads it under trust lists that do not give the key that power.
func TestStatusListNeedsAKeyForIt(t *testing.T) {
	o, other := newOffice(t), newOffice(t)
	data := o.signStatus(t, statusDraft(t))
	good := o.list(t, o.listing(nil))
	parsed, err := good.ParseStatusList(data)
	if err != nil {
		t.Fatal(err)
	}
	elsewhere := o.draft(o.listing(nil))
	elsewhere.Status = []qr.StatusSource{{Issuer: "H26.12", List: 3, URI: statusURI + "0", MaxAge: time.Hour}}
	moved, err := qr.SignTrustList(o.root, elsewhere)
	if err != nil {
		t.Fatal(err)
	}
	otherPlace, err := qr.ParseTrustList(moved, o.root.Public())
	if err != nil {
		t.Fatal(err)
	}
	lists := map[string]*qr.TrustList{
		"another key":            o.list(t, other.listing(nil)),
		"a key for codes only":   o.list(t, o.entry),
		"another agency":         o.list(t, o.listing(func(k *qr.TrustedKey) { k.Issuer = "H27" })),
		"before the key's time":  o.list(t, o.listing(func(k *qr.TrustedKey) { k.NotBefore = noon.Add(time.Second) })),
		"at the key's end":       o.list(t, o.listing(func(k *qr.TrustedKey) { k.NotAfter = noon })),
		"key withdrawn":          o.list(t, o.listing(func(k *qr.TrustedKey) { k.WithdrawnAt = noon })),
		"key withdrawn, void":    o.list(t, o.listing(func(k *qr.TrustedKey) { k.WithdrawnAt, k.VoidEarlier = expiry, true })),
		"another place than its": otherPlace,
	}
	for name, list := range lists {
		if _, err := list.ParseStatusList(data); !errors.Is(err, qr.ErrUntrustedStatus) {
			t.Errorf("%s: read: %v", name, err)
		}
		// A list that was read under an earlier trust list is no way around.
		if _, err := qr.NewVerifier(list, qr.VerifyConfig{Status: []*qr.StatusList{parsed}}); !errors.Is(err, qr.ErrUntrustedStatus) {
			t.Errorf("%s: installed: %v", name, err)
		}
	}
	if _, err := o.list(t, o.listing(func(k *qr.TrustedKey) { k.WithdrawnAt = noon.Add(1e9) })).ParseStatusList(data); err != nil {
		t.Errorf("a list signed before the key was withdrawn: %v", err)
	}
	for i := range data {
		changed := bytes.Clone(data)
		changed[i] ^= 1
		if _, err := good.ParseStatusList(changed); err == nil {
			t.Errorf("byte %d changed: taken", i)
		}
	}
	if _, err := good.ParseStatusList(append(bytes.Clone(data), 0)); err == nil {
		t.Error("a byte behind the list: taken")
	}
	if _, err := qr.NewVerifier(good, qr.VerifyConfig{Status: []*qr.StatusList{nil}}); err == nil {
		t.Error("no list was taken for one")
	}
	code, err := base45.AppendDecoded(nil, o.issue(t, result()).Text()[4:])
	if err != nil {
		t.Fatal(err)
	}
	if _, err := good.ParseStatusList(code); err == nil {
		t.Error("a code was taken for a status list")
	}
	if report := o.verifier(t, o.listing(nil)).Verify("VN1:"+string(base45.Append(nil, data)), noon); report.Verdict != qr.Malformed {
		t.Errorf("a status list was taken for a code: %v", report.Verdict)
	}
}

func TestStatusListComesBackWhole(t *testing.T) {
	o := newOffice(t)
	draft := statusDraft(t)
	list, err := o.list(t, o.listing(nil)).ParseStatusList(o.signStatus(t, draft))
	if err != nil {
		t.Fatal(err)
	}
	if list.Issuer() != "H26.12" || list.List() != 3 || list.URI() != statusURI || !list.Issued().Equal(noon) ||
		!list.Expires().Equal(draft.Expires) || list.TTL() != time.Hour || list.Size() != 100_000 {
		t.Errorf("list %v %d %s %v %v %v %d", list.Issuer(), list.List(), list.URI(), list.Issued(), list.Expires(),
			list.TTL(), list.Size())
	}
	for i := range uint64(100_000) {
		want, _ := draft.Table.At(i)
		if got, ok := list.At(i); got != want || !ok {
			t.Fatalf("place %d is %v, want %v", i, got, want)
		}
	}
}

func TestSignStatusListRefuses(t *testing.T) {
	edit := func(f func(*qr.StatusDraft)) qr.StatusDraft { d := statusDraft(t); f(&d); return d }
	tests := []struct {
		name  string
		draft qr.StatusDraft
		field string
	}{
		{"no table", edit(func(d *qr.StatusDraft) { d.Table = nil }), "statuslist.table"},
		{"no address", edit(func(d *qr.StatusDraft) { d.URI = "" }), "statuslist.uri"},
		{"no https", edit(func(d *qr.StatusDraft) { d.URI = "http://qr.example.vn/3" }), "statuslist.uri"},
		{"a user in the address", edit(func(d *qr.StatusDraft) { d.URI = "https://a@qr.example.vn/3" }), "statuslist.uri"},
		{"no end", edit(func(d *qr.StatusDraft) { d.Expires = time.Time{} }), "statuslist.expires"},
		{"waiting backwards", edit(func(d *qr.StatusDraft) { d.TTL = -time.Second }), "statuslist.ttl"},
		{"waiting for years", edit(func(d *qr.StatusDraft) { d.TTL = 10_000 * time.Hour }), "statuslist.ttl"},
	}
	for _, tt := range tests {
		data, err := newOffice(t).issuer(t).SignStatusList(tt.draft)
		if invalid := (*qr.InvalidError)(nil); !errors.As(err, &invalid) || invalid.Field != tt.field || data != nil {
			t.Errorf("%s: %v, want a refusal of %s", tt.name, err, tt.field)
		}
	}
	o := newOffice(t)
	source := qr.StatusSource{Issuer: "H26.12", List: 3, URI: statusURI, MaxAge: time.Hour}
	with := func(f func(*qr.StatusSource)) []qr.StatusSource { s := source; f(&s); return []qr.StatusSource{s} }
	for field, sources := range map[string][]qr.StatusSource{
		"trustlist.status":        {source, source},
		"trustlist.status.issuer": with(func(s *qr.StatusSource) { s.Issuer = "" }),
		"trustlist.status.uri":    with(func(s *qr.StatusSource) { s.URI = "ftp://example.vn" }),
		"trustlist.status.maxAge": with(func(s *qr.StatusSource) { s.MaxAge = time.Second }),
	} {
		draft := o.draft(o.entry)
		draft.Status = sources
		_, err := qr.SignTrustList(o.root, draft)
		if invalid := (*qr.InvalidError)(nil); !errors.As(err, &invalid) || invalid.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
}

// TestStatusPeerAgrees reads our list with go-cose and a general CBOR decoder, by the labels of the draft.
func TestStatusPeerAgrees(t *testing.T) {
	o := newOffice(t)
	var peer cose.Sign1Message
	if err := peer.UnmarshalCBOR(o.signStatus(t, statusDraft(t))); err != nil {
		t.Fatal(err)
	}
	checker, err := cose.NewVerifier(cose.AlgorithmES256, o.signer.Public())
	if err != nil {
		t.Fatal(err)
	}
	if err := peer.Verify(nil, checker); err != nil {
		t.Fatal(err)
	}
	var claims struct {
		Subject string `cbor:"2,keyasint"`
		Issued  int64  `cbor:"6,keyasint"`
		Expires int64  `cbor:"4,keyasint"`
		TTL     int64  `cbor:"65534,keyasint"`
		List    struct {
			Bits int    `cbor:"bits"`
			Lst  []byte `cbor:"lst"`
		} `cbor:"65533,keyasint"`
	}
	if err := cbor.Unmarshal(peer.Payload, &claims); err != nil {
		t.Fatal(err)
	}
	if claims.Subject != statusURI || claims.Issued != noon.Unix() || claims.TTL != 3600 || claims.List.Bits != 2 ||
		peer.Headers.Protected[int64(16)] != "application/statuslist+cwt" {
		t.Errorf("the peer reads %+v under %v", claims, peer.Headers.Protected)
	}
	read, err := status.Inflate(claims.List.Lst, 100_000, claims.List.Bits)
	if err != nil {
		t.Fatal(err)
	}
	if v, _ := read.At(70_001); v != status.Revoked {
		t.Errorf("the peer's table has %v", v)
	}
}

func TestStatusReportAsJSON(t *testing.T) {
	o := newOffice(t)
	data, err := json.Marshal(o.verifier(t).Verify(o.issue(t, at(1)).Text(), noon))
	if err != nil || bytes.Contains(data, []byte("statusIssued")) {
		t.Errorf("%s, %v: a list that was not there has a date", data, err)
	}
}

func FuzzParseStatusList(f *testing.F) {
	o := newOffice(f)
	list := o.list(f, o.listing(nil))
	draft := statusDraft(f)
	draft.Table = table(f, 500, map[uint64]status.Value{7: status.Revoked})
	data := o.signStatus(f, draft)
	protected := data[4 : 4+int(data[3])]
	f.Add(data, data[4+len(protected)+3:len(data)-66])
	f.Fuzz(func(t *testing.T, whole, payload []byte) {
		if s, err := list.ParseStatusList(whole); err == nil && s.Size() != 500 {
			t.Fatal("a list was forged")
		}
		code := message{head: []byte("\xd2\x84"), protected: protected, unprotected: []byte{0xA0}, payload: payload}.
			text(t, o.signer, nil)
		signed, err := base45.AppendDecoded(nil, code[4:])
		if err != nil {
			t.Fatal(err)
		}
		s, err := list.ParseStatusList(signed)
		if err != nil {
			return
		}
		if _, ok := s.At(s.Size()); ok || s.Size() > status.MaxSize {
			t.Fatalf("a list of %d places", s.Size())
		}
	})
}

// BenchmarkStatusList builds, signs, reads and installs a list of ten million places with 0.1 % revoked.
func BenchmarkStatusList(b *testing.B) {
	o := newOffice(b)
	trust := o.list(b, o.listing(nil))
	issuer := o.issuer(b)
	b.ReportAllocs()
	size := 0
	for b.Loop() {
		places, err := status.New(10_000_000, 2)
		if err != nil {
			b.Fatal(err)
		}
		r := mathrand.New(mathrand.NewPCG(1, 2))
		for range 10_000 {
			if err := places.Set(r.Uint64N(10_000_000), status.Revoked); err != nil {
				b.Fatal(err)
			}
		}
		data, err := issuer.SignStatusList(qr.StatusDraft{List: 3, URI: statusURI, Expires: expiry, Table: places})
		if err != nil {
			b.Fatal(err)
		}
		list, err := trust.ParseStatusList(data)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := qr.NewVerifier(trust, qr.VerifyConfig{Status: []*qr.StatusList{list}}); err != nil {
			b.Fatal(err)
		}
		size = len(data)
	}
	b.ReportMetric(float64(size), "bytes/list")
	b.ReportMetric(10_000_000*2/8, "bytes/resident")
}
