package chip_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image/jpeg"
	"log/slog"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/motcua/motcua/identity"
	"github.com/motcua/motcua/identity/card"
	"github.com/motcua/motcua/identity/chip"
	"github.com/motcua/motcua/identity/identitytest"
	"github.com/motcua/motcua/internal/asn1x"
)

// document verifies a chip of a specimen that is as it should be, or with files put in its place before signing.
func document(t testing.TB, s identitytest.Specimen, cfg identitytest.CardConfig) (chip.Document, *chip.Report) {
	t.Helper()
	v := vietnam()
	cfg.Signed = signed
	c := must[*identitytest.CardChip](t)(v.signer.Personalise(s, cfg))
	r := v.verifier(t, chip.Policy{AcceptExpired: true}).Verify(today, read(t, c), chip.Session{})
	doc, _ := r.Document()
	return doc, r
}

func TestDetails(t *testing.T) {
	vinh := identitytest.Specimens()[1]
	doc, r := document(t, vinh, identitytest.CardConfig{})
	expect(t, r, chip.Accepted, "")
	d := doc.Details
	if d.Person.Reveal() != vinh.Number || d.OldNumber.Reveal() != vinh.OldNumber || d.Name.Reveal() != vinh.Name ||
		d.BirthDate.Reveal() != "1988-11-02" || d.Sex != identity.Female || d.Issued.Format("02012006") != vinh.Issued {
		t.Error("an entry is read wrongly")
	}
	for entry, want := range map[string]string{
		"nationality": "Việt Nam", "ethnicity": "Kinh", "religion": "Không", "expires": "02/11/2028",
		"parents": "Nguyễn Văn Mẫu|Trần Thị Ví Dụ", "spouse": "", "serial": "0000000000000000", "nothing": "",
	} {
		if got := strings.Join(d.Reveal(entry), "|"); got != want {
			t.Errorf("%s is %q, want %q", entry, got, want)
		}
	}
	if home := d.Reveal("residence"); len(home) != 1 || len(home[0]) < 128 || !strings.HasPrefix(home[0], vinh.Residence) {
		t.Errorf("an entry of more than 127 bytes is lost: %d", len(home))
	}
}

// dg13 writes DG13 around entries.
func dg13(wrap func([]byte) []byte, entries ...[]byte) map[chip.File][]byte {
	return map[chip.File][]byte{chip.DG13: asn1x.Encode(0x6d, wrap(bytes.Join(entries, nil)))}
}

func sequence(in []byte) []byte { return asn1x.Encode(asn1x.Sequence, in) }

func TestDetailsLayouts(t *testing.T) {
	entry := func(n byte, tag byte, text string) []byte {
		return asn1x.Encode(asn1x.Sequence, []byte{2, 1, n}, asn1x.Encode(tag, []byte(text)))
	}
	number := entry(1, 0x13, identitytest.Specimens()[0].Number)
	name := entry(2, 0x0c, identitytest.Specimens()[0].Name)
	bare := func(in []byte) []byte { return in }
	inSet := func(in []byte) []byte { return asn1x.Encode(asn1x.Set, in) }
	versioned := func(in []byte) []byte {
		return sequence(append([]byte{2, 1, 1, 6, 2, 0x2a, 3}, sequence(in)...))
	}
	deep := func(in []byte) []byte {
		for range 12 {
			in = sequence(in)
		}
		return in
	}
	tests := []struct {
		name    string
		file    map[chip.File][]byte
		verdict chip.Verdict
		codes   string
	}{
		{"in a sequence", dg13(sequence, number, name), chip.Accepted, ""},
		{"bare", dg13(bare, number, name), chip.Accepted, ""},
		{"in a set", dg13(inSet, number, name), chip.Accepted, ""},
		{"with version and identifier", dg13(versioned, number, name), chip.Accepted, ""},
		{"an entry of no known number", dg13(sequence, number, entry(40, 0x0c, "x")), chip.Accepted, ""},
		{"nothing in it", dg13(sequence), chip.Accepted, "content.form DG13"},
		{"an entry twice", dg13(sequence, number, number), chip.Accepted, "content.form DG13"},
		{"no DER", dg13(bare, []byte{0x30, 0x81}), chip.Accepted, "content.form DG13"},
		{"too deep", dg13(deep, number), chip.Accepted, "content.form DG13"},
		{"an entry number beyond all", dg13(sequence, number, entry(65, 0x0c, "x")), chip.Accepted, ""},
		{"an entry beyond bounds", dg13(sequence, number, entry(9, 0x0c, strings.Repeat("x", 5000))), chip.Accepted, "content.form DG13"},
		{"an entry of too many texts", dg13(sequence, asn1x.Encode(asn1x.Sequence, []byte{2, 1, 13}, bytes.Repeat([]byte{0x0c, 1, 'x'}, 400))),
			chip.Accepted, "content.form DG13"},
		{"letters that are none", dg13(sequence, entry(2, 0x0c, "Ngh\xe9")), chip.Accepted, "content.form DG13"},
		{"a number that is none", dg13(sequence, entry(1, 0x13, "00109000012")), chip.Accepted, "content.form DG13"},
		{"somebody else's number", dg13(sequence, entry(1, 0x13, "001090000124")), chip.Rejected, "agreement.differs"},
		{"somebody else's name", dg13(sequence, number, entry(2, 0x0c, "Nguyễn Trọng Tín")), chip.Rejected, "agreement.differs"},
		{"another year of birth", dg13(sequence, number, entry(3, 0x13, "15/03/1991")), chip.Rejected, "agreement.differs"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			doc, r := document(t, identitytest.Specimens()[0], identitytest.CardConfig{More: tt.file})
			expect(t, r, tt.verdict, tt.codes)
			if doc.Details.IsZero() != (tt.verdict != chip.Accepted || tt.codes != "") {
				t.Error("details are handed out that could not be read, or not those that could")
			}
		})
	}
}

func TestStatements(t *testing.T) {
	nghia := identitytest.Specimens()[0]
	doc, _ := document(t, nghia, identitytest.CardConfig{})
	subject, err := identity.Subject{}.Corroborate(today, doc.Statements("quầy 3")...)
	if err != nil || len(subject.Conflicts) != 0 || subject.Person.Reveal() != nghia.Number || subject.Name.Reveal() != nghia.Name {
		t.Fatalf("%v, conflicts %v", err, subject.Conflicts)
	}
	for _, a := range []identity.Attribute{identity.AttrPerson, identity.AttrName, identity.AttrBirthDate, identity.AttrSex} {
		if p, ok := subject.ProvenanceOf(a); !ok || p.Origin.Source != identity.FromChip || p.Origin.Trust != identity.Verified || p.Origin.By != "quầy 3" {
			t.Errorf("%s: %+v", a, p)
		}
	}
	printed, err := card.ParseQR(identitytest.Specimens()[1].QR2024())
	if err != nil {
		t.Fatal(err)
	}
	subject, err = subject.Corroborate(today, printed.Statement(today, "quầy 3"))
	if err != nil || len(subject.Conflicts) == 0 {
		t.Errorf("somebody else's code beside this chip: %v, %v", err, subject.Conflicts)
	}
	travel, _ := document(t, nghia, identitytest.CardConfig{Passport: true})
	subject, err = identity.Subject{}.Corroborate(today, travel.Statements("cổng 1")...)
	if err != nil || subject.Passport.Reveal() != nghia.Passport {
		t.Errorf("passport: %v", err)
	}
}

func TestPortrait(t *testing.T) {
	doc, _ := document(t, identitytest.Specimens()[0], identitytest.CardConfig{})
	picture, err := jpeg.Decode(bytes.NewReader(doc.Portrait.Reveal()))
	if err != nil || doc.Portrait.Type != "image/jpeg" || picture.Bounds().Dx() != 240 {
		t.Errorf("%v: %v", doc.Portrait, err)
	}
	jp2 := []byte("\x00\x00\x00\x0cjP  \r\n\x87\n and so on")
	doc, r := document(t, identitytest.Specimens()[0], identitytest.CardConfig{Image: jp2})
	expect(t, r, chip.Accepted, "")
	if doc.Portrait.Type != "image/jp2" || !bytes.Equal(doc.Portrait.Reveal(), jp2) {
		t.Errorf("%v", doc.Portrait)
	}
	doc.Portrait.Reveal()[0] = 9
	if doc.Portrait.Reveal()[0] == 9 {
		t.Error("the caller can change the portrait")
	}
}

// TestPortraitBounds spoils lengths and counts of DG2, signed as they are.
func TestPortraitBounds(t *testing.T) {
	good := vietnam().chip(t, identitytest.CardConfig{}).Files[chip.DG2]
	record := bytes.Index(good, []byte("FAC\x00"))
	set := func(at int, b byte) []byte { out := bytes.Clone(good); out[record+at] = b; return out }
	short := bytes.Clone(good)
	copy(short[record+14:], []byte{0, 0, 0, 31})
	for name, file := range map[string][]byte{
		"total length": set(11, good[record+11]+1), "no face": set(13, 0), "length of the face": set(14, 0x7f), "short face": short,
		"points beyond the record": set(18, 0xff), "another format": set(0, 'X'), "no image": []byte("\x75\x04\x7f\x61\x01\x02"),
		"cut": append([]byte("\x75\x03"), good[4:7]...), "no template": []byte("\x75\x06\x7f\x61\x03\x02\x01\x01"),
	} {
		t.Run(name, func(t *testing.T) {
			doc, r := document(t, identitytest.Specimens()[0], identitytest.CardConfig{More: map[chip.File][]byte{chip.DG2: file}})
			expect(t, r, chip.Accepted, "content.form DG2")
			if !doc.Portrait.IsZero() {
				t.Error("a portrait is handed out")
			}
		})
	}
	_, r := document(t, identitytest.Specimens()[0], identitytest.CardConfig{Image: []byte("GIF89a")})
	expect(t, r, chip.Accepted, "content.form DG2")
}

func TestExpiredDocument(t *testing.T) {
	v := vietnam()
	s := identitytest.Specimens()[0]
	s.Expires = "260315"
	c := must[*identitytest.CardChip](t)(v.signer.Personalise(s, identitytest.CardConfig{Signed: signed}))
	expect(t, v.verifier(t, chip.Policy{}).Verify(today, read(t, c), chip.Session{}), chip.Rejected, "expiry.expired")
	expect(t, v.verifier(t, chip.Policy{AcceptExpired: true}).Verify(today, read(t, c), chip.Session{}), chip.Accepted, "expiry.expired")
	s.Expires = ""
	c = must[*identitytest.CardChip](t)(v.signer.Personalise(s, identitytest.CardConfig{Signed: signed}))
	expect(t, v.verifier(t, chip.Policy{}).Verify(today, read(t, c), chip.Session{}), chip.Accepted, "")
}

func TestZoneRefused(t *testing.T) {
	zone := func(text string) map[chip.File][]byte {
		return map[chip.File][]byte{chip.DG1: asn1x.Encode(0x61, append([]byte{0x5f, 0x1f}, asn1x.Encode(0, []byte(text))[1:]...))}
	}
	td1 := strings.ReplaceAll(identitytest.Specimens()[0].TD1(), "\n", "")
	for name, tt := range map[string]struct{ text, detail string }{
		"wrong digit": {strings.Replace(td1, "001090000123", "001090000124", 1), "mrz.check-composite"},
		"short":       {td1[:89], "chip.content.zone-size"}, "TD2": {td1[:72], "chip.content.zone-size"},
	} {
		t.Run(name, func(t *testing.T) {
			doc, r := document(t, identitytest.Specimens()[0], identitytest.CardConfig{More: zone(tt.text)})
			expect(t, r, chip.Rejected, "content.zone DG1, chain.no-kind")
			detail := ""
			for _, s := range r.Steps {
				if s.Reason == "zone" {
					detail = s.Detail
				}
				if s.Name == "agreement" && s.Outcome != chip.NotDone {
					t.Error("nothing is said to agree with itself")
				}
			}
			if detail != tt.detail {
				t.Errorf("detail %q, want %q", detail, tt.detail)
			}
			if doc.Zone.Issuer != "" {
				t.Error("a zone is handed out")
			}
		})
	}
}

func TestReadFiles(t *testing.T) {
	c := vietnam().chip(t, identitytest.CardConfig{Signed: signed})
	dir := fstest.MapFS{
		"EF_COM.bin": {Data: c.Files[chip.COM]}, "EF.SOD": {Data: c.Files[chip.SOD]}, "dg01.dat": {Data: c.Files[chip.DG1]},
		"DG2.bin": {Data: c.Files[chip.DG2]}, "EFDG13.BIN": {Data: c.Files[chip.DG13]}, "readme.txt": {Data: []byte("x")},
		"DG17.bin": {Data: []byte("x")}, "DG1x": {Data: []byte("x")},
	}
	files := must[chip.Files](t)(chip.ReadFiles(dir))
	if got := files.String(); got != "chip.Files(DG1 DG2 DG13 SOD COM)" {
		t.Error(got)
	}
	expect(t, vietnam().verifier(t, chip.Policy{}).Verify(today, files, chip.Session{}), chip.Accepted, "")
	dir["DG1.bin"] = dir["dg01.dat"]
	if _, err := chip.ReadFiles(dir); codeOf(err) != "chip.files.twice" {
		t.Error(err)
	}
	for code, raw := range map[string]map[chip.File][]byte{
		"chip.files.name": {77: {1}}, "chip.files.empty": {chip.DG1: {}}, "chip.files.size": {chip.DG2: make([]byte, 600<<10)},
	} {
		if _, err := chip.NewFiles(raw); codeOf(err) != code {
			t.Errorf("%v, want %s", err, code)
		}
	}
	raw := map[chip.File][]byte{chip.DG1: []byte("x")}
	files = must[chip.Files](t)(chip.NewFiles(raw))
	if given := files.Given(); len(given) != 1 || given[0] != chip.DG1 {
		t.Error(given)
	}
}

func TestNothingPrintsPersonalData(t *testing.T) {
	vinh := identitytest.Specimens()[1]
	c := must[*identitytest.CardChip](t)(vietnam().signer.Personalise(vinh, identitytest.CardConfig{Signed: signed}))
	files := read(t, c)
	doc, r := document(t, vinh, identitytest.CardConfig{})
	nested := struct {
		files chip.Files
		doc   chip.Document
		d     chip.Details
		p     chip.Portrait
	}{files, doc, doc.Details, doc.Portrait}
	var out bytes.Buffer
	for _, value := range []any{
		files, &files, doc, &doc, doc.Details, doc.Portrait, doc.Zone, r, nested, doc.Statements("x"), r.Steps, r.Signer,
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
	for _, canary := range []string{"188000456", "199999990", "Vĩnh", "VINH", "1988", "8811", "Phú Thọ", "Kinh", "ÿØÿ", "ffd8ff", "255 216 255",
		fmt.Sprint([]byte("188000456")), fmt.Sprintf("%x", "188000456")} {
		if at := strings.Index(out.String(), canary); at >= 0 {
			t.Errorf("%q came out: …%s…", canary, out.String()[max(0, at-60):at+len(canary)])
		}
	}
}

func TestReportAsJSON(t *testing.T) {
	_, r := document(t, identitytest.Specimens()[0], identitytest.CardConfig{})
	raw, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var back struct {
		Verdict, Kind, State, Digest string
		Signer                       struct{ Subject, SHA256 string }
		Steps                        []struct{ Step, File, Outcome, Reason string }
	}
	if err := json.Unmarshal(raw, &back); err != nil {
		t.Fatal(err)
	}
	if back.Verdict != "accepted" || back.Kind != "card" || back.State != "VNM" || back.Digest != "SHA-256" || len(back.Signer.SHA256) != 64 ||
		len(back.Steps) < 18 {
		t.Errorf("%s", raw)
	}
}

// TestKeysUnreadable has DG14 and DG15 signed and without a known form.
func TestKeysUnreadable(t *testing.T) {
	for _, file := range []chip.File{chip.DG14, chip.DG15} {
		for name, body := range map[string][]byte{"nothing": nil, "no set": {5, 0}, "broken set": {0x31, 3, 0x30, 1, 5}, "broken key": {0x30, 0}} {
			raw := asn1x.Encode(map[chip.File]byte{chip.DG14: 0x6e, chip.DG15: 0x6f}[file], body)
			_, r := document(t, identitytest.Specimens()[0], identitytest.CardConfig{More: map[chip.File][]byte{file: raw}})
			if got := codes(r); r.Verdict != chip.Accepted || got != "content.form "+file.String() {
				t.Errorf("%v, %s: %s: %q", file, name, r.Verdict, got)
			}
		}
	}
}
