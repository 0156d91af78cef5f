package seal_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/motcua/motcua/dossier"
	"github.com/motcua/motcua/identity"
	"github.com/motcua/motcua/internal/vntime"
	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/journal/seal"
	"github.com/motcua/motcua/journal/sqlite"
)

// canaries are the personal values of the traffic below. None may stand in a file in clear.
var canaries = map[string]string{
	"name":          "Nguyễn Trọng Nghĩa",
	"personal id":   "001090000123",
	"phone":         "0900000123",
	"home":          "Số 1 phố Thử Nghiệm",
	"another birth": "2019-09-19",
	"file name":     "giấy khai sinh của bé Tôm.pdf",
	"reason":        "ảnh chụp thiếu mặt sau thẻ của ông Nghĩa",
	"note":          "đã gọi điện cho vợ ông Nghĩa",
}

// spellings are the forms in which a value may have come to stand in a file.
func spellings(value string) map[string][]byte {
	quoted, _ := json.Marshal(value)
	ascii := strings.Builder{}
	var wide []byte
	for _, u := range utf16.Encode([]rune(value)) {
		wide = append(wide, byte(u), byte(u>>8))
		if u < 0x80 {
			ascii.WriteByte(byte(u))
		} else {
			fmt.Fprintf(&ascii, `\u%04x`, u)
		}
	}
	forms := map[string][]byte{"UTF-8": []byte(value), "JSON": quoted[1 : len(quoted)-1], "JSON in ASCII": []byte(ascii.String()),
		"UTF-16": wide, "hexadecimal": []byte(hex.EncodeToString([]byte(value)))}
	for shift := range 3 { // base64 of something that begins one or two bytes before
		code := base64.StdEncoding.EncodeToString(append(make([]byte, shift), value...))
		forms[fmt.Sprint("base64 shifted by ", shift)] = []byte(code[(shift*8+5)/6 : len(code)-4])
	}
	return forms
}

// found searches every file below the directories, those that are open included.
func found(t *testing.T, dirs ...string) (hits []string, files int) {
	t.Helper()
	for _, dir := range dirs {
		err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			content, err := os.ReadFile(path)
			files++
			for what, value := range canaries {
				for form, spelled := range spellings(value) {
					if bytes.Contains(content, spelled) {
						hits = append(hits, fmt.Sprintf("%s as %s in %s", what, form, filepath.Base(path)))
					}
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return hits, files
}

// traffic takes a dossier through a desk: filed with papers, sent back with reasons, corrected, decided, returned.
func traffic(t *testing.T, j journal.Journal) (*dossier.Desk, *dossier.Dossier) {
	t.Helper()
	catalogue := must(dossier.LoadCatalogue(os.DirFS("../../examples/onestop/procedures")))(t)
	now := vntime.Date(2026, 11, 20).Add(9 * time.Hour)
	pass := func(context.Context, *dossier.Dossier, *dossier.Command) error { return nil }
	desk := must(dossier.NewDesk(j, catalogue, dossier.Config{Now: func() time.Time { now = now.Add(time.Minute); return now },
		Guards: map[string]dossier.Guard{"fee-paid": pass, "papers-signed": pass, "result-signed": pass}, Secret: []byte("test")}))(t)
	agency := must(dossier.ParseAgencyID("H26.1.5"))(t)
	officer := dossier.Actor{ID: "a-officer", Role: dossier.Officer, Unit: agency}
	leader := dossier.Actor{ID: "a-leader", Role: dossier.Leader, Unit: agency}
	applicant := dossier.Actor{ID: "p-nghia", Role: dossier.Applicant}
	paper := func(component string) []dossier.FileRef {
		return []dossier.FileRef{{Component: component, Hash: strings.Repeat("a", 64), Size: 4200, Media: "application/pdf",
			Name: dossier.NewPersonal(canaries["file name"])}}
	}
	form := fmt.Sprintf(`{"fullName":%q,"personId":%q,"birthDate":"1990-03-15","residence":%q,"kind":"khai-sinh",
		"holderName":"Nguyễn Văn Tôm","holderBirthDate":%q,"registeredAt":"UBND phường Ba Đình","relation":"cha-me","copies":2}`,
		canaries["name"], canaries["personal id"], canaries["home"], canaries["another birth"])
	owner := dossier.Party{Pseudonym: applicant.ID, Name: must(identity.ParseName(canaries["name"]))(t),
		PersonID: must(identity.ParsePersonID(canaries["personal id"]))(t), Phone: dossier.NewPersonal(canaries["phone"])}
	reason, note := dossier.NewPersonal(canaries["reason"]), dossier.NewPersonal(canaries["note"])
	var d *dossier.Dossier
	for i, c := range []dossier.Command{
		{Act: dossier.File, Actor: applicant, Filing: &dossier.Filing{Procedure: must(dossier.ParseProcedureCode("2.000635"))(t),
			Agency: agency, Channel: dossier.Online, Owner: owner, Form: dossier.NewPersonal(form), Files: paper("giay-to-chung-minh-quan-he")}},
		{Act: dossier.RequestSupplement, Actor: officer, Reason: reason, Components: []string{"giay-to-chung-minh-quan-he"}},
		{Act: dossier.Supplement, Actor: applicant, Files: paper("giay-to-chung-minh-quan-he")},
		{Act: dossier.Accept, Actor: officer, Note: note},
		{Act: dossier.Assign, Actor: officer, Officer: "a-specialist", Note: note},
		{Act: dossier.Approve, Actor: leader},
		{Act: dossier.AttachResult, Actor: leader, Files: paper("ban-sao-trich-luc")},
		{Act: dossier.Finish, Actor: leader},
		{Act: dossier.Return, Actor: officer},
	} {
		c.Key = fmt.Sprintf("form-token-%d", i)
		if d != nil {
			c.Dossier, c.Seen = d.ID, d.Version
		}
		var err error
		if d, err = desk.Do(t.Context(), c); err != nil {
			t.Fatalf("%s: %v", c.Act, err)
		}
	}
	return desk, d
}

// TestCanary: with sealing on, no file of the data directory or of the key store holds a personal value in clear; the
// same traffic without sealing shows that the search would find them.
func TestCanary(t *testing.T) {
	for _, sealing := range []bool{false, true} {
		t.Run(fmt.Sprint("sealing ", sealing), func(t *testing.T) {
			dir, keys := t.TempDir(), newSafe(t)
			below := must(sqlite.Open(t.Context(), filepath.Join(dir, "journal.db"), sqlite.Config{}))(t)
			defer below.Close()
			var j journal.Journal = below
			if sealing {
				j = sealed(t, below, keys)
			}
			desk, d := traffic(t, j)
			got := must(desk.Get(t.Context(), d.ID))(t)
			if got.Owner.Name.Reveal() != canaries["name"] || got.History[1].Reason.Reveal() != canaries["reason"] {
				t.Fatal("the desk does not read what it wrote")
			}
			if !exists(filepath.Join(dir, "journal.db-wal")) || !exists(filepath.Join(dir, "journal.db-shm")) {
				t.Fatal("the journal is not open while the files are searched")
			}
			open, files := found(t, dir, keys.path)
			if err := below.Close(); err != nil {
				t.Fatal(err)
			}
			closed, _ := found(t, dir, keys.path)
			if hits := append(open, closed...); sealing && (len(hits) > 0 || files < 5) {
				t.Errorf("%d files, in clear: %s", files, strings.Join(hits, "; "))
			}
			for what := range canaries {
				if all := strings.Join(append(open, closed...), "\n"); !sealing && !strings.Contains(all, what+" as") {
					t.Errorf("the search does not find the %s where it is", what)
				}
			}
		})
	}
}

// TestDeskAfterErasure: a desk still works on dossiers whose private halves are gone, and says so.
func TestDeskAfterErasure(t *testing.T) {
	below := journal.NewMemory()
	j := sealed(t, below, newSafe(t))
	desk, d := traffic(t, j)
	if err := j.Erase(t.Context(), "p-nghia", ordered); err != nil {
		t.Fatal(err)
	}
	got := must(desk.Get(t.Context(), d.ID))(t)
	if !got.Erased || got.Owner.Name.Reveal() != "" || !got.Form.IsZero() || len(got.Files) != 0 {
		t.Error("the dossier does not say that it was erased")
	}
	if got.Code != d.Code || got.State != d.State || len(got.History) != len(d.History) || got.Due != d.Due {
		t.Error("the public half has changed")
	}
	list := must(desk.List(t.Context(), dossier.Query{Agency: got.Agency}))(t)
	if len(list.Rows) != 1 || list.Rows[0].Code != d.Code {
		t.Errorf("got %d rows", len(list.Rows))
	}
	// A command of before, sent again, is still known, and does nothing.
	leader := dossier.Actor{ID: "a-leader", Role: dossier.Leader, Unit: got.Agency}
	again, err := desk.Do(t.Context(), dossier.Command{Key: "form-token-5", Act: dossier.Approve, Actor: leader, Dossier: d.ID, Seen: 5})
	if err != nil || again.Version != 6 {
		t.Errorf("repeated after the erasure: %v", err)
	}
	if _, err := journal.VerifyStream(t.Context(), j, must(d.ID.Stream())(t)); err != nil {
		t.Error(err)
	}
	verify(t, below)
}

var _ seal.KeyStore = stuck{}
