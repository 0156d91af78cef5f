package signature_test

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/motcua/motcua/internal/enginetest"
	"github.com/motcua/motcua/signature"
	"github.com/motcua/motcua/signature/pades"
	"github.com/motcua/motcua/signature/signaturetest"
)

func key(t *testing.T) crypto.Signer {
	t.Helper()
	k, err := signaturetest.NewKey(signaturetest.P256)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func trustList(entries ...signature.TrustEntry) signature.TrustList {
	return signature.TrustList{Owner: "Sở Khoa học và Công nghệ", Version: 3, Issued: at.AddDate(0, -1, 0), Until: at.AddDate(1, 0, 0),
		Entries: entries}
}

// Roles come from the chain, purposes and dates from the entry.
func TestTrustListRoles(t *testing.T) {
	o := newOffice(t)
	owner := key(t)
	doc := sign(t, signaturetest.NewPDF(signaturetest.File{}), o.leader, pades.Config{})
	anchor := signature.TrustEntry{Certificate: o.ca.Root, Role: signature.RoleGovernment, Anchor: true}
	with := func(change func(*signature.TrustEntry)) signature.TrustEntry {
		e := anchor
		change(&e)
		return e
	}
	tests := []struct {
		name    string
		entries []signature.TrustEntry
		want    signature.Indication
		role    signature.Role
	}{
		{"the government's root", []signature.TrustEntry{anchor}, signature.TotalPassed, signature.RoleGovernment},
		{"an authority for remote signing below it", []signature.TrustEntry{anchor,
			{Certificate: o.ca.Intermediate, Role: signature.RoleRemote}}, signature.TotalPassed, signature.RoleRemote},
		{"not yet", []signature.TrustEntry{with(func(e *signature.TrustEntry) { e.Since = at.AddDate(0, 0, 1) })}, signature.Indeterminate, ""},
		{"no longer", []signature.TrustEntry{with(func(e *signature.TrustEntry) { e.Until = at })}, signature.Indeterminate, ""},
		{"for time stamps only", []signature.TrustEntry{with(func(e *signature.TrustEntry) { e.NoSignatures = true })}, signature.Indeterminate, ""},
		{"a time-stamp root", []signature.TrustEntry{with(func(e *signature.TrustEntry) { e.Role = signature.RoleTimestamp })},
			signature.Indeterminate, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			data, err := signature.SignTrustList(owner, trustList(tt.entries...))
			if err != nil {
				t.Fatal(err)
			}
			trust, err := signature.ParseTrustList(data, owner.Public(), at, 3)
			if err != nil {
				t.Fatal(err)
			}
			v, err := signature.NewVerifier(trust, signature.Policy{Revocation: signature.RevocationNotChecked})
			if err != nil {
				t.Fatal(err)
			}
			s := verify(t, v, doc, at).Signatures[0]
			if s.Indication != tt.want || s.Role != tt.role {
				t.Errorf("%s, role %q: %v", s.Indication, s.Role, codes(s))
			}
			if tt.want != signature.TotalPassed {
				expect(t, s, tt.want, "certificate.role")
			}
		})
	}
}

func TestTrustListRefused(t *testing.T) {
	o := newOffice(t)
	owner := key(t)
	good := trustList(signature.TrustEntry{Certificate: o.ca.Root, Role: signature.RoleNational, Anchor: true})
	data, err := signature.SignTrustList(owner, good)
	if err != nil {
		t.Fatal(err)
	}
	var parts map[string]string
	if err := json.Unmarshal(data, &parts); err != nil {
		t.Fatal(err)
	}
	changed := func(name string, change func(string) string) []byte {
		copied := map[string]string{"list": parts["list"], "signature": parts["signature"]}
		copied[name] = change(copied[name])
		out, _ := json.Marshal(copied)
		return out
	}
	flip := func(s string) string { return s[:40] + string(s[40]^1) + s[41:] }
	for name, tt := range map[string]struct {
		data  []byte
		key   crypto.PublicKey
		at    time.Time
		least int
	}{
		"another owner":     {data, key(t).Public(), at, 1},
		"a changed list":    {changed("list", flip), owner.Public(), at, 1},
		"another signature": {changed("signature", flip), owner.Public(), at, 1},
		"an older version":  {data, owner.Public(), at, 4},
		"too early":         {data, owner.Public(), at.AddDate(0, -2, 0), 1},
		"too late":          {data, owner.Public(), at.AddDate(2, 0, 0), 1},
		"something behind":  {append(bytes.Clone(data), "{}"...), owner.Public(), at, 1},
		"nothing":           {nil, owner.Public(), at, 1},
	} {
		if _, err := signature.ParseTrustList(tt.data, tt.key, tt.at, tt.least); !errors.As(err, new(*signature.PolicyError)) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, change := range map[string]func(*signature.TrustList){
		"no owner": func(l *signature.TrustList) { l.Owner = "" }, "no version": func(l *signature.TrustList) { l.Version = 0 },
		"an unknown role": func(l *signature.TrustList) { l.Entries[0].Role = "x" },
		"a person":        func(l *signature.TrustList) { l.Entries[0].Certificate = o.leader.Certificate },
		"no anchor":       func(l *signature.TrustList) { l.Entries[0].Anchor = false },
	} {
		list := good
		list.Entries = slices.Clone(good.Entries)
		change(&list)
		if _, err := signature.SignTrustList(owner, list); err == nil {
			t.Errorf("%s is signed", name)
		}
	}
}

// A P7B bundle as openssl makes it: only what signs itself becomes an anchor.
func TestP7B(t *testing.T) {
	program := enginetest.Need(t, "openssl")
	o := newOffice(t)
	dir := t.TempDir()
	var text []byte
	for _, c := range []*x509.Certificate{o.ca.Root, o.ca.Intermediate, o.leader.Certificate} {
		text = append(text, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})...)
	}
	in := filepath.Join(dir, "all.pem")
	if err := os.WriteFile(in, text, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, form := range []string{"DER", "PEM"} {
		out := filepath.Join(dir, form)
		if text, err := run(t, program, "crl2pkcs7", "-nocrl", "-certfile", in, "-outform", form, "-out", out); err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		data, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		trust, err := signature.ParseTrustStore(data)
		if err != nil || len(trust.Anchors()) != 1 || !trust.Anchors()[0].Equal(o.ca.Root) {
			t.Errorf("%s: %v", form, err)
		}
		if _, err := signature.ParseTrustStore(data[:len(data)-9]); err == nil {
			t.Errorf("%s, cut, is accepted", form)
		}
	}
}

// The report for people: the seven things of Circular 15/2025, Art 6.
func TestReportText(t *testing.T) {
	w := newWorld(t)
	signer := issue(t, w.ca, signaturetest.Subject{CommonName: "Nguyễn Trọng Nghĩa", Organization: "UBND xã Vĩnh Mỹ"})
	w.server.Know(signer.Certificate)
	doc := w.archive(t, w.preserve(t, w.stamp(t, w.sign(t, signaturetest.NewPDF(signaturetest.File{}), signer))))
	w.now = w.now.Add(time.Minute)
	report := verify(t, w.verifier(t, w.fetcher()), doc, w.now)
	forged := verify(t, w.verifier(t, w.fetcher()), must(t)(signaturetest.ReplaceContent(doc, "PAY 9")), w.now)
	got := report.Text("vi") + "\n" + forged.Text("vi") + "\n" + report.Text("en")
	path := filepath.Join("testdata", "report.txt")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the text changed:\n%s", got)
	}
	var order []string
	for _, f := range report.Signatures[0].Display("vi") {
		order = append(order, f.Code)
	}
	if !slices.Equal(order, []string{"issuer", "signer", "unit", "time", "integrity", "validity", "period"}) {
		t.Error(order)
	}
}

// The ETSI validation report is well-formed, says the verdict, and refers only to objects that it holds.
func TestReportXML(t *testing.T) {
	w := newWorld(t)
	doc := w.preserve(t, w.stamp(t, w.sign(t, signaturetest.NewPDF(signaturetest.File{}), w.leader)))
	report := verify(t, w.verifier(t, w.fetcher()), doc, w.now)
	var out bytes.Buffer
	if err := report.WriteXML(&out, "vi"); err != nil {
		t.Fatal(err)
	}
	ids, refs := map[string]bool{}, map[string]bool{}
	var texts []string
	for d := xml.NewDecoder(bytes.NewReader(out.Bytes())); ; {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatalf("%v\n%s", err, out.String())
		}
		switch e := token.(type) {
		case xml.StartElement:
			if e.Name.Space != "http://uri.etsi.org/19102/v1.2.1#" {
				t.Errorf("%s in another namespace", e.Name.Local)
			}
			for _, a := range e.Attr {
				switch a.Name.Local {
				case "id":
					ids[a.Value] = true
				case "VOReference":
					refs[a.Value] = true
				}
			}
		case xml.CharData:
			texts = append(texts, string(e))
		}
	}
	for ref := range refs {
		if !ids[ref] {
			t.Errorf("%s is not there", ref)
		}
	}
	if all := strings.Join(texts, "\n"); len(refs) < 3 || !strings.Contains(all, "urn:etsi:019102:mainindication:total-passed") ||
		!strings.Contains(all, "2026-11-21T03:00:00Z") {
		t.Errorf("%d references\n%s", len(refs), out.String())
	}
}

func FuzzParseTrustList(f *testing.F) {
	ca, err := signaturetest.NewCA(at, signaturetest.CAConfig{})
	if err != nil {
		f.Fatal(err)
	}
	owner, err := signaturetest.NewKey(signaturetest.P256)
	if err != nil {
		f.Fatal(err)
	}
	data, err := signature.SignTrustList(owner, trustList(signature.TrustEntry{Certificate: ca.Root, Role: signature.RoleNational, Anchor: true}))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte(`{"list":"e30=","signature":""}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		trust, err := signature.ParseTrustList(in, owner.Public(), at, 1)
		if err == nil && (len(trust.Anchors()) != 1 || !trust.Anchors()[0].Equal(ca.Root)) {
			t.Error("an anchor that the owner did not sign")
		}
	})
}

func FuzzParseTrustStore(f *testing.F) {
	ca, err := signaturetest.NewCA(at, signaturetest.CAConfig{})
	if err != nil {
		f.Fatal(err)
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.Root.Raw})
	f.Add(text)
	f.Add(ca.Root.Raw)
	f.Fuzz(func(t *testing.T, in []byte) {
		trust, err := signature.ParseTrustStore(in)
		if err != nil {
			return
		}
		for _, a := range trust.Anchors() {
			if !a.IsCA {
				t.Error("an anchor that is no authority")
			}
		}
	})
}
