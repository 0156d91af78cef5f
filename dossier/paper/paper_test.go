package paper_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/motcua/motcua/dossier/paper"
	"github.com/motcua/motcua/internal/enginetest"
	"github.com/motcua/motcua/internal/vntime"
	"github.com/motcua/motcua/qr"
)

// signedCode is as long as a signed result code is: 290 characters, version 12 at level Q.
var signedCode = "VN1:" + strings.Repeat("6BFOXN%TS3DH0YOJ58S S-W5HDC *M0II5XHC9B5G2+$N IOP-IA%NFQGRJPC%OQHIZC4.OI1RM8ZA.A5:S9M", 4)[:286]

func head(tb testing.TB) paper.Head {
	tb.Helper()
	symbol, err := qr.Encode(signedCode, qr.Q)
	if err != nil {
		tb.Fatal(err)
	}
	return paper.Head{
		Form: paper.Form{Instrument: "Thông tư 03/2025/TT-VPCP", No: "01"}, Superior: "ỦY BAN NHÂN DÂN PHƯỜNG VĨNH PHÚC",
		Office: "TRUNG TÂM PHỤC VỤ HÀNH CHÍNH CÔNG", Number: "12/TNHS", Place: "Vĩnh Phúc",
		Date: vntime.Date(2026, 11, 20), Symbol: symbol,
	}
}

func applicant() paper.Party {
	return paper.Party{Name: "Nguyễn Trọng Nghĩa", ID: "001099000015", Phone: "0900 000 001",
		Email: "nghia@example.vn", Address: "Số 5 ngõ Đào Tấn, phường Vĩnh Phúc"}
}

func receipt(tb testing.TB) paper.Receipt {
	return paper.Receipt{
		Head: head(tb), Code: "H26.1-261120-0001", Applicant: applicant(),
		Procedure: "Cấp bản sao trích lục hộ tịch, bản sao giấy khai sinh (2.000635)",
		Components: []paper.Component{{"Tờ khai cấp bản sao trích lục hộ tịch", "Bản điện tử", 1},
			{"Giấy ủy quyền có chứng thực (trường hợp ủy quyền)", "Bản chính", 1}},
		Sets: 1, Limit: "Trong ngày; nhận sau 15 giờ thì trả vào ngày làm việc tiếp theo",
		ReceivedAt: vntime.Date(2026, 11, 20).Add(9*time.Hour + 5*time.Minute),
		DueAt:      vntime.Date(2026, 11, 20).Add(17 * time.Hour), ReturnAt: "Bộ phận Tiếp nhận và Trả kết quả",
		Fee: 8000, Book: "quyển số 01, số thứ tự 0001", Hotline: "1900 0000", Officer: "Trần Thị Mỹ Vĩnh",
		Note: "Khi đến nhận kết quả, đề nghị mang theo giấy này và giấy tờ tùy thân.",
	}
}

func result(tb testing.TB) paper.Result {
	h := head(tb)
	h.Form, h.Office, h.Superior, h.Number = paper.Form{}, "UBND PHƯỜNG VĨNH PHÚC", "THÀNH PHỐ HÀ NỘI", "128/TLKS-BS"
	return paper.Result{
		Head: h, Title: "TRÍCH LỤC KHAI SINH", Subtitle: "(Bản sao)", Code: "H26.1-261120-0001",
		Grounds: "Căn cứ Sổ đăng ký khai sinh của Ủy ban nhân dân phường Vĩnh Phúc, số 45, quyển số 01/2015.",
		Fields: []paper.Field{{"Họ, chữ đệm, tên", "Nguyễn Trọng Nghĩa"},
			{"Ngày, tháng, năm sinh", "01/02/2015, ghi bằng chữ: ngày mùng một tháng hai năm hai nghìn không trăm mười lăm"},
			{"Giới tính", "Nam"}, {"Dân tộc", "Kinh"}, {"Quốc tịch", "Việt Nam"}, {"Nơi sinh", "Bệnh viện Phụ sản Hà Nội"},
			{"Quê quán", "Vĩnh Phúc"}, {"Họ, chữ đệm, tên người mẹ", "Trần Thị Mỹ Vĩnh"}},
		Validity: "không xác định", Scope: "toàn quốc", Recipients: []string{"Người yêu cầu;", "Lưu: VT, HT."},
		Signer: paper.Signer{"TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH", "Lê Hoàng Uyên Ỷ"},
	}
}

type printer interface {
	Print(io.Writer) (paper.Space, error)
}

func documents(tb testing.TB) map[string]printer {
	h := head(tb)
	at := vntime.Date(2026, 11, 20)
	return map[string]printer{
		"receipt": receipt(tb), "result": result(tb),
		"supplement": paper.Supplement{Head: h, Code: "H26.1-261120-0001", Applicant: applicant(),
			Procedure: "Đăng ký khai sinh (1.001193)", Reason: "Giấy chứng sinh thiếu dấu của cơ sở y tế.",
			Missing: []paper.Missing{{"Giấy chứng sinh", 1, 0, 0, "Bản đã nộp thiếu dấu"}, {"Giấy đăng ký kết hôn", 0, 1, 1, ""}},
			Until:   at.AddDate(0, 0, 7).Add(17 * time.Hour), Guide: "https://dichvucong.gov.vn", Contact: "Trần Thị Mỹ Vĩnh",
			Phone: "0900 000 002", Officer: "Trần Thị Mỹ Vĩnh"},
		"refusal": paper.Refusal{Head: h, Applicant: applicant(), Procedure: "Đăng ký khai sinh (1.001193)",
			Reasons: []string{"Không thuộc thẩm quyền giải quyết của Ủy ban nhân dân phường.", "Việc khai sinh đã được đăng ký."},
			Law:     "Luật Hộ tịch, Điều 13", Advice: "Liên hệ cơ quan có thẩm quyền nơi cư trú của cha hoặc mẹ.",
			Officer: "Trần Thị Mỹ Vĩnh"},
		"apology": paper.Apology{Head: h, Code: "H26.1-261120-0001", Applicant: applicant(),
			Procedure: "Cấp bản sao trích lục hộ tịch", AcceptedAt: at, DueAt: at.AddDate(0, 0, 3), NewDueAt: at.AddDate(0, 0, 5),
			Reason: "chờ cơ quan lưu giữ sổ hộ tịch cung cấp thông tin.", Recipients: []string{"Như trên;", "Bộ phận Một cửa;", "Lưu: VT."},
			Signer: paper.Signer{"KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH", "Trần Thị Mỹ Vĩnh"}},
	}
}

func render(tb testing.TB, p printer) []byte {
	tb.Helper()
	var out bytes.Buffer
	if _, err := p.Print(&out); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

func save(tb testing.TB, pdf []byte) string {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), "x.pdf")
	if err := os.WriteFile(path, pdf, 0o600); err != nil {
		tb.Fatal(err)
	}
	return path
}

func run(tb testing.TB, program string, args ...string) string {
	tb.Helper()
	cmd := exec.Command(enginetest.Need(tb, program), args...)
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8")
	var noise bytes.Buffer
	cmd.Stderr = &noise
	out, err := cmd.Output()
	if err != nil {
		tb.Fatalf("%s: %v\n%s%s", program, err, out, noise.Bytes())
	}
	return string(out)
}

func Example() {
	symbol, err := qr.Encode("H26.1-261120-0001", qr.Q)
	if err != nil {
		fmt.Println(err)
		return
	}
	var out bytes.Buffer
	space, err := paper.Receipt{
		Head: paper.Head{Office: "TRUNG TÂM PHỤC VỤ HÀNH CHÍNH CÔNG", Place: "Vĩnh Phúc", Date: vntime.Date(2026, 11, 20),
			Symbol: symbol},
		Code: "H26.1-261120-0001", Applicant: paper.Party{Name: "Nguyễn Trọng Nghĩa"}, Procedure: "Đăng ký khai sinh",
		ReceivedAt: vntime.Date(2026, 11, 20).Add(9 * time.Hour), DueAt: vntime.Date(2026, 11, 23).Add(17 * time.Hour),
	}.Print(&out)
	fmt.Printf("%s page %d %v\n", out.Bytes()[:8], space.Page, err)
	// Output: %PDF-1.7 page 1 <nil>
}

// TestPages holds what every document promises: same bytes each time, a sound file, the names as text, the QR readable.
func TestPages(t *testing.T) {
	for name, doc := range documents(t) {
		t.Run(name, func(t *testing.T) {
			pdf := render(t, doc)
			for range 5 {
				if !bytes.Equal(pdf, render(t, doc)) {
					t.Fatal("two prints of one document differ")
				}
			}
			for _, banned := range []string{"/JavaScript", "/JS", "/Launch", "/OpenAction"} {
				if bytes.Contains(pdf, []byte(banned)) {
					t.Errorf("holds %s", banned)
				}
			}
			path := save(t, pdf)
			if dir := os.Getenv("PAPER_KEEP"); dir != "" {
				if err := os.WriteFile(filepath.Join(dir, name+".pdf"), pdf, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if out := run(t, "qpdf", "--check", path); strings.Contains(out, "WARNING") || !strings.Contains(out, "No syntax") {
				t.Error(out)
			}
			text := strings.Join(strings.Fields(run(t, "pdftotext", path, "-")), " ")
			for _, want := range []string{"Nguyễn Trọng Nghĩa", "Vĩnh Phúc, ngày 20 tháng 11 năm 2026", "Trần Thị Mỹ Vĩnh",
				"CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc"} {
				if !strings.Contains(text, want) {
					t.Errorf("%q is not in the text:\n%s", want, text)
				}
			}
			info := run(t, "pdfinfo", path)
			if !strings.Contains(info, "Pages:           1\n") || !strings.Contains(info, "PDF version:     1.7") || !strings.Contains(info, "Title:") {
				t.Error(info)
			}
			png := filepath.Join(t.TempDir(), "page")
			run(t, "pdftoppm", "-png", "-r", "300", "-f", "1", "-l", "1", "-singlefile", path, png)
			if got := strings.TrimSpace(run(t, "zbarimg", "-q", "--raw", png+".png")); got != signedCode {
				t.Errorf("the QR reads %q", got)
			}
		})
	}
}

// alphabet is every letter of Vietnamese in NFC: vowels with each tone, đ and the consonants, small and capital.
func alphabet() string {
	var b strings.Builder
	for _, r := range "aăâbcdđeêghiklmnoôơpqrstuưvxyfjwz" {
		tones := []string{""}
		if strings.ContainsRune("aăâeêioôơuưy", r) {
			tones = []string{"", "\u0300", "\u0301", "\u0309", "\u0303", "\u0323"}
		}
		for _, tone := range tones {
			b.WriteString(norm.NFC.String(string(r) + tone))
			b.WriteString(norm.NFC.String(string(unicode.ToUpper(r)) + tone))
		}
	}
	return b.String()
}

func TestEveryLetterExtracts(t *testing.T) {
	letters := alphabet()
	if n := len([]rune(letters)); n != 186 {
		t.Fatalf("the alphabet has %d letters", n)
	}
	doc := result(t)
	// Given decomposed, drawn composed; and in bold (a field), in upright (a paragraph) and in italics (the grounds).
	doc.Fields = []paper.Field{{"Chữ", norm.NFD.String(letters)}}
	doc.Body = []string{letters, "0123456789 .,;:!?-–—()[]\"'“”‘’…%&/@#*+=<>°₫"}
	doc.Grounds = letters
	text := strings.NewReplacer("\n", "", "\f", "").Replace(run(t, "pdftotext", save(t, render(t, doc)), "-"))
	if n := strings.Count(text, letters); n != 3 {
		t.Errorf("%d of 3 alphabets extract:\n%s", n, text)
	}
	if !strings.Contains(text, doc.Body[1]) {
		t.Errorf("signs do not extract:\n%s", text)
	}
}

func TestLongDocuments(t *testing.T) {
	doc := receipt(t)
	doc.Components = nil
	for i := range 120 {
		doc.Components = append(doc.Components, paper.Component{Name: fmt.Sprintf("Giấy tờ số %d, %s", i,
			strings.Repeat("tên rất dài ", i%9)), Kind: "Bản chính", Count: 1})
	}
	doc.Components[60].Name = strings.Repeat("mộtchữrấtdàikhôngcódấucách", 100)
	doc.Note = strings.Repeat("Ghi chú rất dài. ", 200)
	var out bytes.Buffer
	space, err := doc.Print(&out)
	if err != nil {
		t.Fatal(err)
	}
	path := save(t, out.Bytes())
	text := run(t, "pdftotext", "-layout", path, "-")
	pages := strings.Count(text, "\f")
	if pages < 8 || space.Page != pages || !strings.Contains(text, fmt.Sprintf("Trang %d/%d", pages, pages)) {
		t.Errorf("%d pages, signature on %d", pages, space.Page)
	}
	if n := strings.Count(text, "Tên giấy tờ"); n < 5 {
		t.Errorf("the heading of the table stands on %d pages", n)
	}
	for i := range 120 {
		if i != 60 && !strings.Contains(text, fmt.Sprintf("Giấy tờ số %d,", i)) {
			t.Errorf("row %d is lost", i)
		}
	}
	flat := strings.Join(strings.Fields(text), "")
	if n := strings.Count(flat, "Ghichúrấtdài."); n < 198 {
		t.Errorf("%d of 200 sentences of the note", n)
	}
}

func TestRefuses(t *testing.T) {
	tests := []struct {
		name, field string
		change      func(*paper.Receipt)
	}{
		{"no code", "code", func(r *paper.Receipt) { r.Code = " " }},
		{"no office", "head.office", func(r *paper.Receipt) { r.Office = "" }},
		{"no date", "head.date", func(r *paper.Receipt) { r.Date = time.Time{} }},
		{"no applicant", "applicant.name", func(r *paper.Receipt) { r.Applicant.Name = "" }},
		{"letter without a glyph", "applicant.name", func(r *paper.Receipt) { r.Applicant.Name = "李" }},
		{"control character", "applicant.address", func(r *paper.Receipt) { r.Applicant.Address = "a\x00b" }},
		{"not UTF-8", "procedure", func(r *paper.Receipt) { r.Procedure = "a\xff" }},
		{"too long", "limit", func(r *paper.Receipt) { r.Note = strings.Repeat("x", 4001) }},
		{"name too long", "applicant.name", func(r *paper.Receipt) { r.Applicant.Name = strings.Repeat("Đ", 201) }},
		{"too many rows", "components", func(r *paper.Receipt) { r.Components = make([]paper.Component, 501) }},
		{"due before receipt", "due", func(r *paper.Receipt) { r.DueAt = r.ReceivedAt.Add(-time.Hour) }},
		{"negative fee", "fee", func(r *paper.Receipt) { r.Fee = -1 }},
		{"owner without a name", "owner.name", func(r *paper.Receipt) { r.Owner.ID = "001099000015" }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			doc := receipt(t)
			tt.change(&doc)
			var out bytes.Buffer
			_, err := doc.Print(&out)
			var invalid *paper.InvalidError
			if !errors.As(err, &invalid) || invalid.Field != tt.field {
				t.Fatalf("got %v, want a fault in %s", err, tt.field)
			}
			if out.Len() > 0 {
				t.Error("something was written")
			}
		})
	}
}

func TestPrintDoesNotChangeItsInput(t *testing.T) {
	doc := receipt(t)
	doc.Components[0].Name = norm.NFD.String(doc.Components[0].Name)
	before := doc.Components[0].Name
	render(t, doc)
	if doc.Components[0].Name != before {
		t.Error("the caller's list changed")
	}
}

// TestManyAtOnce prints side by side: nothing is shared between two documents, the faces least of all.
func TestManyAtOnce(t *testing.T) {
	want := render(t, receipt(t))
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if !bytes.Equal(render(t, receipt(t)), want) {
				t.Error("another print")
			}
		})
	}
	wg.Wait()
}

// TestFacesAreWhole holds the faces to the check sums their README states.
func TestFacesAreWhole(t *testing.T) {
	readme, err := os.ReadFile("face/README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, style := range []string{"Regular", "Bold", "Italic"} {
		name := "LiberationSerif-" + style + ".ttf"
		raw, err := os.ReadFile("face/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if row := fmt.Sprintf("| %s | %x |", name, sha256.Sum256(raw)); !strings.Contains(string(readme), row) {
			t.Errorf("README does not say %s", row)
		}
	}
}

func TestPersonalDataStaysIn(t *testing.T) {
	doc, res := receipt(t), result(t)
	raw, err := json.Marshal(doc.Applicant)
	if err != nil {
		t.Fatal(err)
	}
	for _, shown := range []string{fmt.Sprintf("%v %+v %#v %s", doc.Applicant, doc, doc.Applicant, doc.Applicant),
		fmt.Sprintf("%v %+v", res.Fields, res.Fields[0]), string(raw), doc.Applicant.LogValue().String()} {
		if strings.Contains(shown, "Nguyễn") || strings.Contains(shown, "001099000015") {
			t.Errorf("leaks: %s", shown)
		}
	}
}

func FuzzPrint(f *testing.F) {
	f.Add("Nguyễn Trọng Nghĩa", "Số 5", "a\nb  c ", int64(8000))
	f.Add("", "\xff", strings.Repeat("dài", 300), int64(-1))
	base := receipt(f)
	f.Fuzz(func(t *testing.T, name, address, note string, fee int64) {
		doc := base
		doc.Applicant = paper.Party{Name: name, Address: address}
		doc.Note, doc.Fee = note, fee
		var out bytes.Buffer
		_, err := doc.Print(&out)
		var invalid *paper.InvalidError
		if err != nil && (!errors.As(err, &invalid) || out.Len() > 0) {
			t.Fatalf("%v, %d bytes written", err, out.Len())
		}
		if err == nil && !bytes.HasSuffix(bytes.TrimSpace(out.Bytes()), []byte("%%EOF")) {
			t.Fatal("no whole file")
		}
	})
}

func BenchmarkReceipt(b *testing.B) {
	doc := receipt(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := doc.Print(io.Discard); err != nil {
			b.Fatal(err)
		}
	}
}
