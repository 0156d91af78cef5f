package paper

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"time"

	"codeberg.org/go-pdf/fpdf"

	"github.com/motcua/motcua/internal/vntime"
	"github.com/motcua/motcua/qr"
)

// format is a paper size with its margins in millimetres and its text size in points.
type format struct {
	width, height            float64
	left, right, top, bottom float64
	symbol                   float64 // side of the QR code
	corner                   float64 // distance of the QR code from the edges
	text                     float64
	title                    float64
}

// A4 after Decree 30/2020/NĐ-CP, Annex I; A5 as Circular 01/2018/TT-VPCP asks for forms 01 to 05.
var (
	a4 = format{width: 210, height: 297, left: 30, right: 18, top: 20, bottom: 20, symbol: 24, corner: 12, text: 13, title: 16}
	a5 = format{width: 148, height: 210, left: 13, right: 11, top: 11, bottom: 13, symbol: 22, corner: 8, text: 10, title: 13}
)

// sheet draws one document from top to bottom. All lengths are millimetres.
type sheet struct {
	pdf  *fpdf.Fpdf
	f    format
	y    float64 // top of the next line
	form Form
	// space is the blank for the last signature block drawn.
	space Space
}

const pointsPerMM = 72 / 25.4

func newSheet(f format, title string, head *Head) *sheet {
	pdf := fpdf.NewCustom(&fpdf.InitType{
		OrientationStr: "P", UnitStr: "mm", Size: fpdf.SizeType{Wd: f.width, Ht: f.height},
	})
	pdf.SetCatalogSort(true)
	pdf.SetTitle(title, true)
	pdf.SetLang("vi")
	pdf.SetAuthor(head.Office, true)
	pdf.SetProducer("motcua", true)
	at := head.Date.UTC().Truncate(time.Second)
	pdf.SetCreationDate(at)
	pdf.SetModificationDate(at)
	pdf.AddUTF8FontFromBytes("serif", "", faceRegular)
	pdf.AddUTF8FontFromBytes("serif", "B", faceBold)
	pdf.AddUTF8FontFromBytes("serif", "I", faceItalic)
	pdf.SetAutoPageBreak(false, 0)
	pdf.SetMargins(0, 0, 0)
	s := &sheet{pdf: pdf, f: f, form: head.Form}
	s.newPage()
	return s
}

func (s *sheet) newPage() {
	if s.pdf.PageNo() >= maxPages {
		s.pdf.SetErrorf("more than %d pages", maxPages)
		return
	}
	s.pdf.AddPage()
	s.y = s.f.top
}

// room begins a new page when less than height is left, and reports whether it did.
func (s *sheet) room(height float64) bool {
	if s.y+height <= s.f.height-s.f.bottom {
		return false
	}
	s.newPage()
	return true
}

func (s *sheet) skip(height float64) { s.y += height }

// body is the width of the text column.
func (s *sheet) body() float64 { return s.f.width - s.f.left - s.f.right }

// leading is the height of a line of text of a size in points.
func leading(size float64) float64 { return size * 1.28 / pointsPerMM }

// head draws the symbol in the corner, the names of the offices beside the national title, number, place and date.
func (s *sheet) head(h *Head) {
	left := s.f.left
	if h.Symbol != nil {
		s.symbol(h.Symbol, s.f.corner, s.f.corner, s.f.symbol)
		left = max(left, s.f.corner+s.f.symbol+3)
	}
	width := s.f.width - s.f.right - left
	size := s.fit("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "B", s.f.text, 0.59*width)
	right := s.width("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "B", size)
	office := block{x: left, width: width - right - 2}
	nation := block{x: left + width - right, width: right}

	top := s.y
	if h.Superior != "" {
		s.centred(office, "", size, h.Superior)
	}
	s.centred(office, "B", size, h.Office)
	s.rule(office, 0.4)
	if h.Number != "" {
		s.centred(office, "", size, "Số: "+h.Number)
	}
	bottom := s.y
	s.y = top
	s.centred(nation, "B", size, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM")
	s.centred(nation, "B", size+0.5, "Độc lập - Tự do - Hạnh phúc")
	s.rule(nation, s.width("Độc lập - Tự do - Hạnh phúc", "B", size+0.5)/right)
	s.centred(nation, "I", size, h.Place+", "+longDate(h.Date))
	s.y = max(s.y, bottom)
	if h.Symbol != nil && s.pdf.PageNo() == 1 {
		s.y = max(s.y, s.f.corner+s.f.symbol)
	}
	s.skip(leading(s.f.text) * 0.7)
}

// symbol draws the dark modules as rectangles, one for each run in a row. The page around it is the quiet zone.
func (s *sheet) symbol(sym *qr.Symbol, x, y, side float64) {
	n := sym.Size()
	module := side / float64(n)
	s.pdf.SetFillColor(0, 0, 0)
	for row := range n {
		for col := 0; col < n; col++ {
			from := col
			for col < n && sym.Dark(col, row) {
				col++
			}
			if col > from {
				s.pdf.Rect(x+float64(from)*module, y+float64(row)*module, float64(col-from)*module, module, "F")
			}
		}
	}
}

// finish numbers the pages, names the form at the foot and writes the file.
func (s *sheet) finish(w io.Writer) (Space, error) {
	pages := s.pdf.PageNo()
	for page := 1; page <= pages; page++ {
		s.pdf.SetPage(page)
		s.foot(page, pages)
	}
	var out bytes.Buffer
	if err := s.pdf.Output(&out); err != nil {
		return Space{}, fmt.Errorf("paper: render: %w", err)
	}
	if _, err := w.Write(stamp(out.Bytes())); err != nil {
		return Space{}, fmt.Errorf("paper: write: %w", err)
	}
	return s.space, nil
}

func (s *sheet) foot(page, pages int) {
	const size = 8
	y := s.f.height - s.f.bottom + 5
	s.pdf.SetTextColor(80, 80, 80)
	if s.form.No != "" {
		text := "Mẫu số " + s.form.No
		if s.form.Instrument != "" {
			text += " (" + s.form.Instrument + ")"
		}
		s.set("I", size)
		s.pdf.Text(s.f.left, y, text)
	}
	if pages > 1 {
		text := fmt.Sprintf("Trang %d/%d", page, pages)
		s.set("", size)
		s.pdf.Text(s.f.width-s.f.right-s.pdf.GetStringWidth(text), y, text)
	}
	s.pdf.SetTextColor(0, 0, 0)
}

// stamp makes the file PDF 1.7, which is what its parts conform to, and gives it the identifier that signatures and
// archives look for, derived from the content.
func stamp(pdf []byte) []byte {
	if bytes.HasPrefix(pdf, []byte("%PDF-1.")) {
		pdf[7] = '7'
	}
	mark := []byte("trailer\n<<\n")
	at := bytes.LastIndex(pdf, mark)
	if at < 0 {
		return pdf
	}
	sum := sha256.Sum256(pdf)
	id := fmt.Appendf(nil, "/ID [<%x> <%x>]\n", sum[:16], sum[:16])
	out := make([]byte, 0, len(pdf)+len(id))
	out = append(out, pdf[:at+len(mark)]...)
	out = append(out, id...)
	return append(out, pdf[at+len(mark):]...)
}

// longDate writes a date as Decree 30/2020 wants it: days below 10 and months 1 and 2 with a leading zero.
func longDate(t time.Time) string {
	t = vntime.In(t)
	month := fmt.Sprint(int(t.Month()))
	if t.Month() <= 2 {
		month = "0" + month
	}
	return fmt.Sprintf("ngày %02d tháng %s năm %d", t.Day(), month, t.Year())
}

// longMinute writes a moment as forms do: 14 giờ 05 phút, ngày …
func longMinute(t time.Time) string {
	t = vntime.In(t)
	return fmt.Sprintf("%02d giờ %02d phút, %s", t.Hour(), t.Minute(), longDate(t))
}
