package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/motcua/motcua/examples/onestop/outside"
	"github.com/motcua/motcua/examples/onestop/visit"
	"github.com/motcua/motcua/signature/pades"
	"github.com/motcua/motcua/signature/signaturetest"
)

// signedBy signs a document as somebody outside the office would, with his own software.
func signedBy(t *testing.T, id outside.Identity, doc []byte, at time.Time) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := pades.Sign(bytes.NewReader(doc), int64(len(doc)), &out, id.Key, id.Chain, pades.Config{At: at}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// handedIn are the papers of the intake test, by name, with how the office is to call them and the words of why.
type handedIn struct {
	name         string
	doc          []byte
	title, words string
	class        string
}

func papersToJudge(t *testing.T, h *house, at time.Time) []handedIn {
	t.Helper()
	plain := signaturetest.NewPDF(signaturetest.File{})
	good := signedBy(t, h.Keys.Hospital, plain, at)
	must := func(doc []byte, err error) []byte {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return doc
	}
	stranger, err := signaturetest.NewCA(at, signaturetest.CAConfig{Name: "lạ"})
	if err != nil {
		t.Fatal(err)
	}
	unknown, err := stranger.Issue(at, signaturetest.Subject{CommonName: outside.HospitalName})
	if err != nil {
		t.Fatal(err)
	}
	foreign := signedBy(t, outside.Identity{Key: unknown.Signer, Chain: unknown.Chain}, plain, at)
	return []handedIn{
		{"unsigned", plain, "Tệp không có chữ ký số", "", "unsigned"},
		{"signed", good, "Chữ ký số hợp lệ", "", "valid"},
		{"of an unknown authority", foreign, "Chưa đủ căn cứ", "không dẫn đến tổ chức chứng thực gốc", "unsure"},
		{"page replaced after signing", must(signaturetest.ReplaceContent(good, "PAY 9,999")), "Bị thay đổi sau khi ký", "thay đổi", "altered"},
		{"one letter changed", must(signaturetest.ChangeSignedByte(good)), "Bị thay đổi sau khi ký", "Nội dung tài liệu đã bị thay đổi", "altered"},
		{"wrapped", must(signaturetest.Wrap(good, "PAY 9,999")), "bị hỏng", "Không đọc được", "broken"},
		{"another message", must(signaturetest.ReplaceContents(good, []byte("0\x03\x02\x01\x00"))), "bị hỏng", "CMS", "broken"},
		{"a bomb", must(signaturetest.WithBomb(20000)), "bị hỏng", "Phạm vi được ký", "broken"},
	}
}

// TestIntake hands in papers in every condition: the page says what each is worth, the citizen's and the officer's alike,
// and the journal keeps it as evidence that names nobody.
func TestIntake(t *testing.T) {
	h, c := open(t)
	for _, tt := range papersToJudge(t, h, c.Now()) {
		t.Run(tt.name, func(t *testing.T) {
			b := guest(t, h, "/login?return_to=/procedures/1.001193", "vinh")
			submit(t, b, "/start", nil)
			submit(t, b, "/form", goodBirth())
			upload := map[string]visit.Upload{"file": {Name: "giay.pdf", Media: "application/pdf", Data: tt.doc}}
			if err := b.Submit(t.Context(), "/papers", map[string]string{"component": "giay-chung-sinh"}, upload); err != nil {
				t.Fatal(err)
			}
			told := func(b *visit.Browser) {
				t.Helper()
				if page := visit.Text(b.Page); !strings.Contains(page, tt.title) || !strings.Contains(page, tt.words) {
					t.Errorf("%s does not say %q and %q: %s", b.At.Path, tt.title, tt.words, page)
				}
			}
			told(b)
			submit(t, b, "/papers/done", nil)
			submit(t, b, "/submit", nil)
			told(b)
			id := b.At.Path[strings.LastIndex(b.At.Path, "/")+1:]
			told(guest(t, h, "/staff?return_to=/office/"+id, "tiepnhan"))
			checkEvidence(t, h, id, tt.class)
		})
	}
}

// checkEvidence wants the findings in the stream beside the dossier's to be of these classes, and nobody's name in them.
func checkEvidence(t *testing.T, h *house, id string, classes ...string) {
	t.Helper()
	var found []string
	for r, err := range h.Journal.Tail(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		if r.Stream.String() != "paper/"+id || r.Kind != "paper.judged" {
			continue
		}
		var body struct{ Class, Indication, Hash string }
		if err := json.Unmarshal(r.Body, &body); err != nil || len(body.Hash) != 64 {
			t.Fatalf("%s: %v", r.Body, err)
		}
		found = append(found, body.Class)
		for _, name := range []string{outside.HospitalName, "Vĩnh", "giay.pdf"} {
			if bytes.Contains(r.Body, []byte(name)) || bytes.Contains(r.Private, []byte(name)) {
				t.Errorf("the evidence names %s", name)
			}
		}
	}
	if !slices.Equal(found, classes) {
		t.Errorf("the journal says %v, want %v", found, classes)
	}
}

// copyPapers brings a request for a copy to the page of papers.
func copyPapers(t *testing.T, h *house) *visit.Browser {
	t.Helper()
	b := guest(t, h, "/login?return_to=/procedures/2.000635", "nghia")
	submit(t, b, "/start", nil)
	submit(t, b, "/form", map[string]string{"kind": "khai-sinh", "holderName": "Trần Thị Mỹ Vĩnh", "holderBirthDate": "15/03/1990",
		"registeredAt": "UBND xã Vĩnh Phúc", "relation": "vo-chong", "copies": "1"})
	return b
}

const authorisation = "van-ban-uy-quyen-dien-tu"

// TestMustBeSigned: where the procedure's data ask for a valid signature, nothing else is taken, and nothing is kept.
func TestMustBeSigned(t *testing.T) {
	h, c := open(t)
	b := copyPapers(t, h)
	for _, tt := range papersToJudge(t, h, c.Now()) {
		t.Run(tt.name, func(t *testing.T) {
			before, files := facts(t, h), documents(t, h)
			upload := map[string]visit.Upload{"file": {Name: "uy-quyen.pdf", Media: "application/pdf", Data: tt.doc}}
			err := b.Submit(t.Context(), "/papers", map[string]string{"component": authorisation}, upload)
			if tt.class == "valid" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			mustRefuse(t, err, http.StatusUnprocessableEntity, tt.title)
			if page := visit.Text(b.Page); !strings.Contains(page, "phải là tệp PDF có chữ ký số hợp lệ") || !strings.Contains(page, tt.words) {
				t.Errorf("the page says %s", page)
			}
			if facts(t, h) != before || documents(t, h) != files {
				t.Error("what was refused left something behind")
			}
		})
	}
}

// TestMustStillBeSigned judges again at the moment of filing: a certificate that was revoked since the upload keeps the
// dossier out, through the front door and past the page.
func TestMustStillBeSigned(t *testing.T) {
	h, c := open(t)
	b := copyPapers(t, h)
	doc := signedBy(t, h.Keys.Citizen, signaturetest.NewPDF(signaturetest.File{}), c.Now())
	upload := map[string]visit.Upload{"file": {Name: "uy-quyen.pdf", Media: "application/pdf", Data: doc}}
	if err := b.Submit(t.Context(), "/papers", map[string]string{"component": authorisation}, upload); err != nil {
		t.Fatal(err)
	}
	submit(t, b, "/papers/done", nil)
	h.Keys.CA.Revoke(h.Keys.Citizen.Chain[0], signaturetest.Revocation{At: c.Now().Add(-time.Hour), Reason: 1})
	before := facts(t, h)
	mustRefuse(t, b.Submit(t.Context(), "/submit", nil, nil), http.StatusUnprocessableEntity, "thu hồi")
	if after := facts(t, h); after != before {
		t.Errorf("a refused filing left %d records", after-before)
	}
	h.Keys.CA.Release(h.Keys.Citizen.Chain[0])
	submit(t, b, "/submit", nil)
	if !strings.HasPrefix(b.At.Path, "/dossiers/") {
		t.Errorf("filed at %s", b.At.Path)
	}
}

// TestFindingsStay: a finding is what was found when the paper came, whatever is found later. What was handed in as a
// supplement is judged at the latest by the next look at the dossier.
func TestFindingsStay(t *testing.T) {
	h, c := open(t)
	b := guest(t, h, "/login?return_to=/procedures/1.001193", "vinh")
	submit(t, b, "/start", nil)
	submit(t, b, "/form", goodBirth())
	doc := signedBy(t, h.Keys.Hospital, signaturetest.NewPDF(signaturetest.File{}), c.Now())
	upload := map[string]visit.Upload{"file": {Name: "giay.pdf", Media: "application/pdf", Data: doc}}
	for _, path := range []string{"/ocsp", "/ca.crl"} { // nobody answers, neither at the upload nor at the filing
		h.World.Authority.Flaw(path, slices.Repeat([]signaturetest.Flaw{signaturetest.Fails}, 9)...)
	}
	if err := b.Submit(t.Context(), "/papers", map[string]string{"component": "giay-chung-sinh"}, upload); err != nil {
		t.Fatal(err)
	}
	submit(t, b, "/papers/done", nil)
	submit(t, b, "/submit", nil)
	id := b.At.Path[strings.LastIndex(b.At.Path, "/")+1:]
	for _, path := range []string{"/ocsp", "/ca.crl"} {
		h.World.Authority.Flaw(path)
	}
	for range 2 {
		if err := b.Open(t.Context(), "/dossiers/"+id); err != nil {
			t.Fatal(err)
		}
	}
	checkEvidence(t, h, id, "unsure")
	officer := guest(t, h, "/staff?return_to=/office/"+id, "tiepnhan")
	submit(t, officer, "/office/"+id, map[string]string{"act": "request-supplement", "reason": "Chưa kiểm tra được chữ ký số"})
	if err := b.Open(t.Context(), "/dossiers/"+id); err != nil {
		t.Fatal(err)
	}
	fresh := signedBy(t, h.Keys.Hospital, signaturetest.NewPDF(signaturetest.File{Text: "AGAIN"}), c.Now())
	if err := b.Submit(t.Context(), "/supplement", nil, map[string]visit.Upload{"giay-chung-sinh": {Name: "giay.pdf", Media: "application/pdf", Data: fresh}}); err != nil {
		t.Fatal(err)
	}
	if page := visit.Text(b.Page); !strings.Contains(page, "Chữ ký số hợp lệ") {
		t.Errorf("the supplement is not judged: %s", page)
	}
	checkEvidence(t, h, id, "unsure", "valid")
}
