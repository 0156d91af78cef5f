package main

import (
	"bytes"
	"context"
	"crypto"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/motcua/motcua/dossier"
	"github.com/motcua/motcua/examples/onestop/outside"
	"github.com/motcua/motcua/examples/onestop/story"
	"github.com/motcua/motcua/examples/onestop/visit"
	"github.com/motcua/motcua/internal/enginetest"
	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/signature"
	"github.com/motcua/motcua/signature/signaturetest"
)

// judgeOf judges a document by the anchors, and by what an archive has kept or an authority says beside the document.
func judgeOf(t *testing.T, h *house, doc []byte, at time.Time, source signature.Source) *signature.Report {
	t.Helper()
	trust, err := signature.ParseTrustStore(h.Keys.Roots)
	if err != nil {
		t.Fatal(err)
	}
	v, err := signature.NewVerifier(trust, signature.Policy{Revocation: signature.RevocationRequired, Source: source})
	if err != nil {
		t.Fatal(err)
	}
	report, err := v.Verify(t.Context(), bytes.NewReader(doc), int64(len(doc)), at)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// TestResultIsPreserved: a result carries leader's and agency's signature in this order, each with its time stamp and the
// evidence in the document. It passes at once without any authority to ask, and after the certificates have expired: then
// by what is in it, and the status of the time-stamp authority alone.
func TestResultIsPreserved(t *testing.T) {
	h, c := open(t)
	told, err := story.Play(t.Context(), "copy", story.Stage{URL: h.URL, Now: c.Now, Skip: c.Skip, Sign: h.signFor})
	if err != nil {
		t.Fatal(err)
	}
	for _, years := range []int{0, 2, 4} {
		at, source := c.Now().AddDate(years, 0, 0), signature.Evidence{}
		if years > 0 {
			status, err := h.Keys.CA.Status(at, h.Keys.TSA.Certificate, signaturetest.StatusConfig{})
			if err != nil {
				t.Fatal(err)
			}
			root, _, err := h.Keys.CA.List(at, signaturetest.ListConfig{Root: true})
			if err != nil {
				t.Fatal(err)
			}
			source = signature.Evidence{OCSPs: [][]byte{status}, CRLs: [][]byte{root}}
		}
		report := judgeOf(t, h, told.Result, at, source)
		if report.Indication != signature.TotalPassed || len(report.Signatures) != 2 {
			t.Fatalf("%s: %s", at.Format(time.DateOnly), report.Text("vi"))
		}
		for i, want := range []struct{ signer, field, reason string }{
			{outside.LeaderName, "NguoiCoThamQuyen1", "Phê duyệt"}, {outside.SealName, "CoQuan1", "Phát hành"},
		} {
			s := report.Signatures[i]
			if s.Signer.CommonName != want.signer || s.Field != want.field || s.Why != want.reason ||
				s.Level != "PAdES-BASELINE-LTA" || s.ProvenTime == nil {
				t.Errorf("signature %d: %s, field %s, %q, %s, proven %v", i+1, s.Signer.CommonName, s.Field, s.Why, s.Level, s.ProvenTime)
			}
			for j, status := range s.Revocation {
				if status.Status != "good" || !status.Embedded && (j == 0 || years == 0) { // above the signer newer news may count
					t.Errorf("signature %d: %v, embedded %v", i+1, status, status.Embedded)
				}
			}
		}
	}
}

// TestResultShowsSignatures looks at the page as poppler paints it: the leader's image is blue, the seal red.
func TestResultShowsSignatures(t *testing.T) {
	program := enginetest.Need(t, "pdftoppm")
	h, c := open(t)
	told, err := story.Play(t.Context(), "copy", story.Stage{URL: h.URL, Now: c.Now, Skip: c.Skip, Sign: h.signFor})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "result.pdf"), told.Result, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(program, "-r", "50", filepath.Join(dir, "result.pdf"), filepath.Join(dir, "page")).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	pages, err := filepath.Glob(filepath.Join(dir, "page*.ppm"))
	if err != nil || len(pages) == 0 {
		t.Fatal(pages, err)
	}
	blue, red := 0, 0
	for _, page := range pages {
		data, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for i := bytes.Index(data, []byte("255\n")) + 4; i+2 < len(data); i += 3 {
			r, g, b := int(data[i]), int(data[i+1]), int(data[i+2])
			if b > r+80 && b > g+60 {
				blue++
			}
			if r > b+80 && r > g+80 {
				red++
			}
		}
	}
	if blue < 50 || red < 300 {
		t.Errorf("%d blue and %d red points", blue, red)
	}
}

// atLeader brings a birth registration to the leader's desk and returns it with the leader's browser on its page.
func atLeader(t *testing.T, h *house) (string, *visit.Browser) {
	t.Helper()
	id := filed(t, h)
	officer := guest(t, h, "/staff?return_to=/office/"+id, "tiepnhan")
	submit(t, officer, "/office/"+id, map[string]string{"act": "accept"})
	submit(t, officer, "/office/"+id, map[string]string{"act": "assign"})
	return id, guest(t, h, "/staff?return_to=/office/"+id, "lanhdao")
}

// again opens the page anew and repeats the act, as the page says one should.
func again(t *testing.T, b *visit.Browser, id, act string) {
	t.Helper()
	if err := b.Open(t.Context(), "/office/"+id); err != nil {
		t.Fatal(err)
	}
	submit(t, b, "/office/"+id, map[string]string{"act": act})
}

// TestAuthoritiesFail lets the time-stamp authority and the status of certificates fail in every way there is, under the
// leader's approval and under the agency's seal: each time the page says why, nothing is written, and the same act goes
// through when the authority is back.
func TestAuthoritiesFail(t *testing.T) {
	h, _ := open(t)
	id, leader := atLeader(t, h)
	faults := []struct {
		name  string
		paths []string
		flaw  signaturetest.Flaw
		code  int
		words string
	}{
		{"the authority is down", []string{"/tsa"}, signaturetest.Fails, http.StatusServiceUnavailable, "dấu thời gian"},
		{"it refuses", []string{"/tsa"}, signaturetest.Refuses, http.StatusServiceUnavailable, "dấu thời gian"},
		{"it answers another question", []string{"/tsa"}, signaturetest.WrongNonce, http.StatusServiceUnavailable, "dấu thời gian"},
		{"it stamps something else", []string{"/tsa"}, signaturetest.WrongImprint, http.StatusServiceUnavailable, "dấu thời gian"},
		{"it babbles", []string{"/tsa"}, signaturetest.Babbles, http.StatusServiceUnavailable, "dấu thời gian"},
		{"nobody knows about certificates", []string{"/ocsp", "/ca.crl"}, signaturetest.Fails, http.StatusUnprocessableEntity, "thu hồi"},
		{"old news about certificates", []string{"/ocsp", "/ca.crl"}, signaturetest.Stale, http.StatusUnprocessableEntity, "thu hồi"},
	}
	fail := func(t *testing.T, b *visit.Browser, act string) {
		for _, tt := range faults {
			t.Run(act+": "+tt.name, func(t *testing.T) {
				if err := b.Open(t.Context(), "/office/"+id); err != nil {
					t.Fatal(err)
				}
				before, files := facts(t, h), documents(t, h)
				for _, path := range tt.paths {
					h.World.Authority.Flaw(path, tt.flaw, tt.flaw, tt.flaw, tt.flaw, tt.flaw, tt.flaw)
					defer h.World.Authority.Flaw(path)
				}
				mustRefuse(t, b.Submit(t.Context(), "/office/"+id, map[string]string{"act": act}, nil), tt.code, tt.words)
				if after := facts(t, h); after != before {
					t.Errorf("%d records are left", after-before)
				}
				if after := documents(t, h); after != files {
					t.Errorf("%d documents are left", after-files)
				}
			})
		}
	}
	fail(t, leader, "approve")
	again(t, leader, id, "approve")
	clerk := guest(t, h, "/staff?return_to=/office/"+id, "vanthu")
	fail(t, clerk, "finish")
	again(t, clerk, id, "finish")
	if state := clerk.Row("Trạng thái"); state != dossier.Finished.Label("vi") {
		t.Errorf("after the retry the dossier is %s", state)
	}
}

// documents counts what the vault holds.
func documents(t *testing.T, h *house) int {
	t.Helper()
	count := 0
	err := filepath.WalkDir(filepath.Join(h.Dir, "files"), func(_ string, e os.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			count++
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return count
}

// TestRevokedLeader: whose certificate is revoked cannot approve.
func TestRevokedLeader(t *testing.T) {
	h, c := open(t)
	id, leader := atLeader(t, h)
	before := facts(t, h)
	h.Keys.CA.Revoke(h.Keys.Leader.Chain[0], signaturetest.Revocation{At: c.Now().Add(-time.Hour), Reason: 1})
	mustRefuse(t, leader.Submit(t.Context(), "/office/"+id, map[string]string{"act": "approve"}, nil),
		http.StatusUnprocessableEntity, "thu hồi")
	if after := facts(t, h); after != before {
		t.Errorf("%d records are left", after-before)
	}
	h.Keys.CA.Release(h.Keys.Leader.Chain[0])
	again(t, leader, id, "approve")
}

// TestSealWaitsForLeader: no seal before the leader's signature, and no second approval.
func TestSealWaitsForLeader(t *testing.T) {
	h, _ := open(t)
	id, leader := atLeader(t, h)
	clerk := guest(t, h, "/staff?return_to=/office/"+id, "vanthu")
	version := visit.Attr(visit.Find(leader.Page, visit.Named("version")), "value")
	before := facts(t, h)
	mustRefuse(t, post(clerk, h.URL+"/office/"+id, map[string][]string{"act": {"finish"}, "version": {version}, "key": {"early"}}),
		http.StatusUnprocessableEntity, "lãnh đạo")
	if after := facts(t, h); after != before {
		t.Errorf("%d records are left", after-before)
	}
	submit(t, leader, "/office/"+id, map[string]string{"act": "approve"})
	if err := clerk.Open(t.Context(), "/office/"+id); err != nil {
		t.Fatal(err)
	}
	version = visit.Attr(visit.Find(clerk.Page, visit.Named("version")), "value")
	mustRefuse(t, post(leader, h.URL+"/office/"+id, map[string][]string{"act": {"approve"}, "version": {version}, "key": {"twice"}}),
		http.StatusUnprocessableEntity, "đã có quyết định phê duyệt")
}

// TestSignatureLost crashes between decision and signature: the leader is offered to sign what he has decided, nothing else.
func TestSignatureLost(t *testing.T) {
	h, c := open(t)
	id, leader := atLeader(t, h)
	loseSignature(t, h, c, id)
	if err := leader.Open(t.Context(), "/office/"+id); err != nil {
		t.Fatal(err)
	}
	submit(t, leader, "/office/"+id, map[string]string{"act": "attach-result"})
	if page := visit.Text(leader.Page); strings.Contains(page, "Ký số kết quả đã phê duyệt") {
		t.Error("a second signature is offered")
	}
	clerk := guest(t, h, "/staff?return_to=/office/"+id, "vanthu")
	submit(t, clerk, "/office/"+id, map[string]string{"act": "finish"})
}

// loseSignature approves as the page does, and stops where a crash would: after the decision.
func loseSignature(t *testing.T, h *house, c *clock, id string) {
	t.Helper()
	catalogue, err := dossier.LoadCatalogue(os.DirFS("procedures"))
	if err != nil {
		t.Fatal(err)
	}
	yes := func(_ context.Context, _ *dossier.Dossier, _ *dossier.Command) error { return nil }
	sealed, _, err := sealJournal(t.Context(), filepath.Join(h.Dir, "keys"), h.Journal, c.Now)
	if err != nil {
		t.Fatal(err)
	}
	desk, err := dossier.NewDesk(sealed, catalogue, dossier.Config{Now: c.Now, Secret: h.Keys.CommandSecret,
		Guards: map[string]dossier.Guard{"fee-paid": yes, "result-signed": yes, "papers-signed": yes}})
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := dossier.ParseID(id)
	if err != nil {
		t.Fatal(err)
	}
	d, err := desk.Get(t.Context(), parsed)
	if err != nil {
		t.Fatal(err)
	}
	unit, err := dossier.ParseAgencyID(agencyID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := desk.Do(t.Context(), dossier.Command{Key: "crash", Dossier: d.ID, Seen: d.Version, Act: dossier.Approve,
		Actor: dossier.Actor{ID: "a-lanhdao", Role: dossier.Leader, Unit: unit}}); err != nil {
		t.Fatal(err)
	}
}

// TestKeysStay: the authority, its anchors and the office's keys are the same after a restart, readable by their owner
// alone; an office from before there was an authority keeps its keys and what it signed.
func TestKeysStay(t *testing.T) {
	dir := t.TempDir()
	first, err := outside.LoadKeys(dir, agencyID, storyStart)
	if err != nil {
		t.Fatal(err)
	}
	second, err := outside.LoadKeys(dir, agencyID, storyStart.AddDate(0, 1, 0))
	if err != nil {
		t.Fatal(err)
	}
	if !first.CA.Root.Equal(second.CA.Root) || !first.TSA.Certificate.Equal(second.TSA.Certificate) ||
		!first.Leader.Chain[0].Equal(second.Leader.Chain[0]) || !bytes.Equal(first.Roots, second.Roots) || first.Log != second.Log {
		t.Error("a restart makes other keys")
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if info, err := e.Info(); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", e.Name(), info.Mode(), err)
		}
	}
	for _, lost := range []string{"ca.pem", "tsa.pem", "citizen.pem", "hospital.pem", "log.key", "witness.key"} {
		if err := os.Remove(filepath.Join(dir, lost)); err != nil {
			t.Fatal(err)
		}
	}
	third, err := outside.LoadKeys(dir, agencyID, storyStart)
	if err != nil {
		t.Fatal(err)
	}
	same, ok := third.Leader.Key.Public().(interface{ Equal(crypto.PublicKey) bool })
	if !ok || !same.Equal(first.Leader.Key.Public()) {
		t.Error("the leader's key was replaced")
	}
	trust, err := signature.ParseTrustStore(third.Roots)
	if err != nil || len(trust.Anchors()) != 2 || third.CA.Root.Equal(first.CA.Root) {
		t.Errorf("%v, %v", trust, err)
	}
}

// TestRestart opens an office again on its data: what it signed before passes its public check, and the chain holds.
func TestRestart(t *testing.T) {
	h, c := open(t)
	told, err := story.Play(t.Context(), "copy", story.Stage{URL: h.URL, Now: c.Now, Skip: c.Skip, Sign: h.signFor})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	h.Office, h.World, h.Journal, h.Ledger = nil, nil, nil, nil // closed; the test's clean-up finds nothing left to close
	next := openIn(t, h.Dir, c)
	b, err := visit.New(next.URL)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Open(t.Context(), "/verify"); err != nil {
		t.Fatal(err)
	}
	if err := b.Submit(t.Context(), "/verify", nil, map[string]visit.Upload{"file": {Name: "x.pdf", Media: "application/pdf", Data: told.Receipt}}); err != nil {
		t.Fatal(err)
	}
	if page := visit.Text(b.Page); !strings.Contains(page, "Văn bản có chữ ký hợp lệ") {
		t.Errorf("the receipt of before: %s", page)
	}
	if _, err := journal.Verify(t.Context(), next.Journal); err != nil {
		t.Error(err)
	}
}
