package pdf_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/motcua/motcua/internal/pdf"
)

// file assembles a PDF: objects are bodies by number, and trailer gets /Root 1 0 R and more.
func file(objects map[int]string, more string) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n")
	top := 0
	for n := range objects {
		top = max(top, n)
	}
	table := "0000000000 65535 f\r\n"
	for n := 1; n <= top; n++ {
		body, ok := objects[n]
		if !ok {
			table += "0000000000 00001 f\r\n"
			continue
		}
		table += fmt.Sprintf("%010d 00000 n\r\n", b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", n, body)
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n%strailer\n<</Size %d /Root 1 0 R %s>>\nstartxref\n%d\n%%%%EOF\n", top+1, table, top+1, more, start)
	return b.Bytes()
}

func open(tb testing.TB, b []byte) *pdf.Document {
	tb.Helper()
	doc, err := pdf.Open(bytes.NewReader(b), int64(len(b)), pdf.Limits{})
	if err != nil {
		tb.Fatal(err)
	}
	return doc
}

func minimal() map[int]string {
	return map[int]string{1: "<</Type/Catalog/Pages 2 0 R>>", 2: "<</Type/Pages/Kids[3 0 R]/Count 1>>", 3: "<</Type/Page/Parent 2 0 R>>"}
}

func with(n int, body string) map[int]string {
	m := minimal()
	m[n] = body
	return m
}

func TestValues(t *testing.T) {
	tests := []struct {
		name, in string
		want     pdf.Value
	}{
		{"integer", "-12", int64(-12)}, {"plus", "+7", int64(7)}, {"real", "-.5", pdf.Real("-.5")}, {"true", "true", true},
		{"null", "null", nil}, {"name", "/A#20B", pdf.Name("A B")}, {"empty name", "/", pdf.Name("")},
		{"literal", `(a\(b\)(c)\\\n\101\7\
d)`, pdf.String{Bytes: []byte("a(b)(c)\\\nA\ad")}},
		{"line ends in a literal", "(a\r\nb\rc)", pdf.String{Bytes: []byte("a\nb\nc")}},
		{"hex", "<41 4>", pdf.String{Bytes: []byte("A@")}},
		{"array", "[1 0 R 2 3 R/X]", pdf.Array{pdf.Ref{Num: 1}, pdf.Ref{Num: 2, Gen: 3}, pdf.Name("X")}},
		{"numbers are no reference", "[1 0 2 R 5]", nil},
		{"dictionary", "<</A<</B 1>>/C[]%x\n>>", pdf.Dict{"A": pdf.Dict{"B": int64(1)}, "C": pdf.Array{}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			doc := open(t, file(with(4, tt.in), ""))
			got, err := doc.Object(pdf.Ref{Num: 4})
			if tt.name == "numbers are no reference" {
				if want := (pdf.Array{int64(1), pdf.Ref{Gen: 2}, int64(5)}); err == nil && !pdf.Equal(got, want) {
					t.Errorf("got %v", got)
				}
				return
			}
			if err != nil || !pdf.Equal(got, tt.want) {
				t.Errorf("got %#v, %v", got, err)
			}
		})
	}
}

func TestValuesRefused(t *testing.T) {
	for name, in := range map[string]string{
		"open literal": "(abc", "open hex": "<41", "bad hex": "<4x>", "open array": "[1 2", "open dictionary": "<</A 1",
		"duplicate key": "<</A 1/A 2>>", "key without value": "<</A>>", "not a key": "<<1 2>>", "bad name": "/A#4",
		"two dots": "1.2.3", "unknown word": "nil", "deep arrays": strings.Repeat("[", 100000),
		"deep dictionaries": strings.Repeat("<</A ", 100000), "nothing": "",
	} {
		t.Run(name, func(t *testing.T) {
			doc := open(t, file(with(4, in), ""))
			if v, err := doc.Object(pdf.Ref{Num: 4}); !errors.Is(err, pdf.ErrSyntax) && !errors.Is(err, pdf.ErrLimit) {
				t.Errorf("got %v, %v", v, err)
			}
		})
	}
}

// The mutations that end or hang other readers: structure that lies, loops and exaggerates.
func TestOpenRefuses(t *testing.T) {
	good := string(file(minimal(), ""))
	section := strings.LastIndex(good, "xref\n0")
	start := fmt.Sprintf("startxref\n%d\n", section)
	swap := func(old, new string) string {
		if !strings.Contains(good, old) {
			panic(old)
		}
		return strings.Replace(good, old, new, 1)
	}
	stream := func(dict, data string) string {
		body := "%PDF-1.7\n"
		return body + fmt.Sprintf("9 0 obj\n<</Type/XRef/Root 1 0 R/Length %d %s>>\nstream\n%s\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n",
			len(data), dict, data, len(body))
	}
	for name, in := range map[string]string{
		"empty": "", "header alone": "%PDF-1.7\n", "no header": good[1:], "header not at the start": "x" + good,
		"startxref negative": swap(start, "startxref\n-5\n"), "startxref huge": swap(start, "startxref\n4000000000\n"),
		"startxref a name": swap(start, "startxref\n/A\n"), "startxref zero": swap(start, "startxref\n0\n"),
		"startxref elsewhere": swap(start, "startxref\n9\n"), "no end mark": swap("%%EOF", "%%EOX"),
		"table count huge":  swap("xref\n0 4", "xref\n0 999999999"),
		"table start huge":  swap("xref\n0 4", "xref\n99999999999 4"),
		"entry not n or f":  swap(" 00000 n", " 00000 x"),
		"trailer an array":  swap("<</Size", "[<</Size"),
		"previous is self":  swap("/Root 1 0 R", fmt.Sprintf("/Root 1 0 R/Prev %d", section)),
		"previous negative": swap("/Root 1 0 R", "/Root 1 0 R/Prev -1"),
		"previous a name":   swap("/Root 1 0 R", "/Root 1 0 R/Prev /A"),
		"encrypted":         swap("/Root 1 0 R", "/Root 1 0 R/Encrypt 5 0 R"),
		"stream size huge":  stream("/Size 1500000000/W[1 2 1]", "0000"),
		"stream index huge": stream("/Size 5/Index[0 100000000000]/W[1 2 1]", "0000"),
		"stream W negative": stream("/Size 1/W[1 -2 1]", "0000"), "stream W huge": stream("/Size 1/W[1 200 1]", "0000"),
		"stream W zero": stream("/Size 1/W[0 0 0]", "0000"), "stream without W": stream("/Size 1", "0000"),
		"stream filter unknown":   stream("/Size 1/W[1 2 1]/Filter/LZWDecode", "0000"),
		"stream not deflated":     stream("/Size 1/W[1 2 1]/Filter/FlateDecode", "0000"),
		"stream columns huge":     stream("/Size 1/W[1 2 1]/DecodeParms<</Predictor 12/Columns 2000000000>>", "0000"),
		"stream length negative":  stream("/Size 1/W[1 2 1]/X 1", "0000")[:20] + "<</Type/XRef/Length -1>>",
		"stream predictor absurd": stream("/Size 1/W[1 2 1]/DecodeParms<</Predictor 99/Columns 3>>", "0000")[:60],
	} {
		t.Run(name, func(t *testing.T) {
			begin := time.Now()
			_, err := pdf.Open(strings.NewReader(in), int64(len(in)), pdf.Limits{})
			if err == nil {
				t.Fatal("accepted")
			}
			if !errors.As(err, new(*pdf.Error)) {
				t.Errorf("not an *Error: %v", err)
			}
			if name == "encrypted" && !errors.Is(err, pdf.ErrEncrypted) {
				t.Errorf("got %v", err)
			}
			if time.Since(begin) > time.Second {
				t.Error("took too long")
			}
		})
	}
}

// TestUnusedEntries reads tables of writers that number the generations of what is not used one too high.
func TestUnusedEntries(t *testing.T) {
	plain := file(minimal(), "")
	swap := func(from, to string) []byte {
		out := bytes.Replace(plain, []byte(from), []byte(to), 1)
		if bytes.Equal(out, plain) {
			t.Fatalf("%q is not in the file", from)
		}
		return out
	}
	for name, doc := range map[string][]byte{
		"free": swap("0000000000 65535 f", "0000000000 65536 f"), "in use, nowhere": swap("0000000000 65535 f", "0000000000 65536 n"),
	} {
		d := open(t, doc)
		if _, _, err := d.FirstPage(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if v, err := d.Numbered(0); v != nil || err != nil {
			t.Errorf("%s: object 0 is %v, %v", name, v, err)
		}
	}
	for _, bad := range []string{"0000000009 65536 n", "0000000000 65537 f"} {
		doc := swap("0000000000 65535 f", bad)
		if _, err := pdf.Open(bytes.NewReader(doc), int64(len(doc)), pdf.Limits{}); !errors.Is(err, pdf.ErrSyntax) {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

func TestStructureThatLoops(t *testing.T) {
	for name, objects := range map[string]map[int]string{
		"root missing":       {2: "null"},
		"root an integer":    {1: "5"},
		"pages are self":     with(2, "<</Type/Pages/Kids[2 0 R]>>"),
		"kids an integer":    with(2, "<</Type/Pages/Kids 7>>"),
		"reference to self":  with(2, "2 0 R"),
		"fields an integer":  with(1, "<</Pages 2 0 R/AcroForm<</Fields 1>>>>"),
		"field its own kid":  {1: "<</Pages 2 0 R/AcroForm<</Fields[3 0 R]>>>>", 2: "<<>>", 3: "<</T(a)/Kids[3 0 R]>>"},
		"form an array":      with(1, "<</AcroForm[]>>"),
		"field listed twice": {1: "<</AcroForm<</Fields[3 0 R 3 0 R]>>>>", 3: "<</T(a)>>"},
	} {
		t.Run(name, func(t *testing.T) {
			doc := open(t, file(objects, ""))
			_, err1 := doc.Fields()
			_, _, err2 := doc.FirstPage()
			if err1 == nil && err2 == nil {
				t.Error("accepted")
			}
		})
	}
}

// An object stream whose length stands inside itself must not send the reader round in circles.
func TestObjectStreamThatNeedsItself(t *testing.T) {
	body := "%PDF-1.7\n"
	at := len(body)
	body += "5 0 obj\n<</Type/ObjStm/N 1/First 4/Length 4 0 R>>\nstream\n4 0 10\nendstream\nendobj\n"
	start := len(body)
	rows := string([]byte{2, 0, 5, 0, 1, 0, byte(at), 0})
	body += fmt.Sprintf("6 0 obj\n<</Type/XRef/Root 4 0 R/W[1 2 1]/Index[4 2]/Size 7/Length %d>>\nstream\n%s\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n",
		len(rows), rows, start)
	doc := open(t, []byte(body))
	if v, err := doc.Object(pdf.Ref{Num: 4}); !errors.Is(err, pdf.ErrSyntax) {
		t.Errorf("got %v, %v", v, err)
	}
}

// A hybrid file: the table hides object 4 as free, the stream beside it has it; a later table wins over both.
func TestHybridFile(t *testing.T) {
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n")
	offsets := map[int]int{}
	add := func(n int, body string) {
		offsets[n] = b.Len()
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", n, body)
	}
	add(1, "<</Type/Catalog/Pages 2 0 R>>")
	add(2, "<</Type/Pages/Kids[3 0 R]>>")
	add(3, "<</Type/Page>>")
	add(4, "(hidden)")
	row := []byte{1, byte(offsets[4] >> 8), byte(offsets[4]), 0}
	stm := b.Len()
	fmt.Fprintf(&b, "5 0 obj\n<</Type/XRef/W[1 2 1]/Index[4 1]/Size 6/Length 4>>\nstream\n%s\nendstream\nendobj\n", row)
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 5\n0000000000 65535 f\r\n%010d 00000 n\r\n%010d 00000 n\r\n%010d 00000 n\r\n0000000000 00000 f\r\n"+
		"trailer\n<</Size 6/Root 1 0 R/XRefStm %d>>\nstartxref\n%d\n%%%%EOF\n", offsets[1], offsets[2], offsets[3], stm, start)
	doc := open(t, b.Bytes())
	if v, err := doc.Object(pdf.Ref{Num: 4}); err != nil || !pdf.Equal(v, pdf.String{Bytes: []byte("hidden")}) {
		t.Fatalf("got %v, %v", v, err)
	}
	update := doc.Update()
	update.Set(pdf.Ref{Num: 4}, pdf.Text("new"))
	revision, err := update.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(revision, []byte("XRefStm")) {
		t.Error("the stream of the old section is carried over")
	}
	newer := open(t, append(b.Bytes(), revision...))
	if v, err := newer.Object(pdf.Ref{Num: 4}); err != nil || !pdf.Equal(v, pdf.Text("new")) {
		t.Errorf("got %v, %v", v, err)
	}
	if newer.Same(4, doc) || !newer.Same(3, doc) || !newer.Same(99, doc) {
		t.Error("Same does not see what changed")
	}
}

// letters are all Vietnamese letters, composed, in both cases.
func letters() []rune {
	const base = "aăâeêioôơuưy"
	var out []rune
	for _, set := range []string{"àằầèềìòồờùừỳ", "áắấéếíóốớúứý", "ảẳẩẻểỉỏổởủửỷ", "ãẵẫẽễĩõỗỡũữỹ", "ạặậẹệịọộợụựỵ", base, "đ"} {
		out = append(out, []rune(set)...)
		out = append(out, []rune(strings.ToUpper(set))...)
	}
	return out
}

// Every Vietnamese letter, beside every delimiter, reads back as it was written.
func TestTextRoundTrip(t *testing.T) {
	var words []string
	for _, r := range letters() {
		for _, around := range []string{"%c", "Ngh%ca", "(%c", "%c)", `\%c\`, "%c\r", "<%c>", "%c%%"} {
			words = append(words, fmt.Sprintf(around, r))
		}
	}
	words = append(words, "", "ASCII (only) \\ here", "\n\r\t", "a\x00b", "𠀀 ngoài BMP", strings.Repeat("ĩ", 2000))
	doc := open(t, file(minimal(), ""))
	update := doc.Update()
	var refs []pdf.Ref
	for _, w := range words {
		refs = append(refs, update.Add(pdf.Dict{"T": pdf.Text(w), "After": pdf.Name("a b/ĩ")}))
	}
	revision, err := update.Encode()
	if err != nil {
		t.Fatal(err)
	}
	back := open(t, append(file(minimal(), ""), revision...))
	for i, w := range words {
		dict, err := back.Dict(refs[i])
		if err != nil {
			t.Fatalf("%q: %v", w, err)
		}
		if s, ok := dict["T"].(pdf.String); !ok || s.Text() != w || dict["After"] != pdf.Value(pdf.Name("a b/ĩ")) {
			t.Errorf("%q came back as %q", w, s.Text())
		}
	}
	if len(letters()) < 130 {
		t.Errorf("only %d letters", len(letters()))
	}
	if got := (pdf.String{Bytes: []byte("\xef\xbb\xbfĩ")}).Text(); got != "ĩ" {
		t.Errorf("UTF-8 reads as %q", got)
	}
}

func TestUpdateKeepsKindOfCrossReference(t *testing.T) {
	table := file(minimal(), "/Info 3 0 R/ID[<01><02>]")
	doc := open(t, table)
	hole, gap := &pdf.Hole{Size: 10}, &pdf.Gap{Width: 20}
	update := doc.Update()
	ref := update.Add(pdf.Dict{"Contents": hole, "ByteRange": pdf.Array{gap}, "Zeros": pdf.Text(strings.Repeat("0", 500))})
	revision, err := update.Encode()
	if err != nil {
		t.Fatal(err)
	}
	whole := append(bytes.Clone(table), revision...)
	if got := string(whole[hole.Pos:hole.End]); got != "<"+strings.Repeat("0", 20)+">" {
		t.Errorf("the hole is %q", got)
	}
	if got := string(whole[gap.Pos : gap.Pos+20]); strings.TrimSpace(got) != "" {
		t.Errorf("the gap is %q", got)
	}
	newer := open(t, whole)
	if newer.Sections()[0].Stream || ref.Num != 4 || newer.End() != int64(len(whole)) || len(newer.Sections()) != 2 {
		t.Errorf("sections %v, ref %v", newer.Sections(), ref)
	}
	id, _ := newer.Trailer()["ID"].(pdf.Array)
	if !pdf.Equal(newer.Trailer()["Info"], pdf.Ref{Num: 3}) || len(id) != 2 || !pdf.Equal(id[0], pdf.String{Bytes: []byte{1}}) ||
		pdf.Equal(id[1], pdf.String{Bytes: []byte{2}}) {
		t.Errorf("trailer %v", newer.Trailer())
	}
}

func TestDates(t *testing.T) {
	zone := time.FixedZone("", 7*3600)
	tests := []struct {
		in   string
		want time.Time
		ok   bool
	}{
		{"D:20261121173211+07'00'", time.Date(2026, 11, 21, 17, 32, 11, 0, zone), true},
		{"D:20261121173211+07'00", time.Date(2026, 11, 21, 17, 32, 11, 0, zone), true},
		{"D:20261121173211Z", time.Date(2026, 11, 21, 17, 32, 11, 0, time.UTC), true},
		{"D:2026", time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), true},
		{"D:20261341", time.Time{}, false}, {"20261121", time.Time{}, false}, {"D:", time.Time{}, false},
		{"D:20261121173211+0x'00'", time.Time{}, false}, {"D:20261121173211*07'00'", time.Time{}, false},
	}
	for _, tt := range tests {
		got, ok := pdf.String{Bytes: []byte(tt.in)}.Time()
		if ok != tt.ok || ok && !got.Equal(tt.want) {
			t.Errorf("%q: got %v, %v", tt.in, got, ok)
		}
		if again, ok2 := pdf.Date(got).Time(); ok && (!ok2 || !again.Equal(got)) {
			t.Errorf("%q does not come back: %v", tt.in, again)
		}
	}
}

// Many objects that are one long string each: work is bounded, not quadratic.
func TestOverlappingObjectsAreBounded(t *testing.T) {
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n")
	const count = 20000
	var table strings.Builder
	for n := range count {
		fmt.Fprintf(&table, "%010d 00000 n\r\n", b.Len())
		fmt.Fprintf(&b, "%d 0 obj (\n", n)
	}
	b.WriteString(strings.Repeat(")", count) + " endobj ")
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n%strailer<</Root 1 0 R/Size %d>>\nstartxref\n%d\n%%%%EOF\n", count, table.String(), count, start)
	doc := open(t, b.Bytes())
	begin, failed := time.Now(), false
	for n := range count {
		_, err := doc.Object(pdf.Ref{Num: n})
		failed = failed || errors.Is(err, pdf.ErrLimit)
	}
	if took := time.Since(begin); !failed || took > 3*time.Second {
		t.Errorf("refused %v after %v", failed, took)
	}
}

func FuzzOpen(f *testing.F) {
	f.Add(file(minimal(), ""))
	f.Add(file(map[int]string{1: "<</AcroForm<</Fields[3 0 R]>>/Pages 2 0 R>>", 2: "<</Kids[4 0 R]>>", 3: "<</T(a)/FT/Sig>>", 4: "<<>>"},
		"/Info 3 0 R"))
	f.Add([]byte("%PDF-1.7\n9 0 obj\n<</Type/XRef/Root 1 0 R/Length 4/Size 1/W[1 2 1]>>\nstream\n0000\nendstream\nendobj\nstartxref\n9\n%%EOF\n"))
	f.Add(file(map[int]string{1: "<</Pages 2 0 R>>", 2: "<</Kids[4 0 R]>>", 3: "<</Filter/Standard/V 2/R 3/Length 128/P -4/O(" +
		strings.Repeat("o", 32) + ")/U(" + strings.Repeat("u", 32) + ")>>", 4: "<<>>"}, "/Encrypt 3 0 R/ID[<00><00>]")) // an encrypted seed
	f.Fuzz(func(t *testing.T, in []byte) {
		doc, err := pdf.Open(bytes.NewReader(in), int64(len(in)), pdf.Limits{})
		if err != nil {
			return
		}
		_, _ = doc.Fields()
		ref, page, err := doc.FirstPage()
		for n := range min(doc.Objects(), 64) {
			_, _ = doc.Numbered(n)
		}
		if err != nil {
			return
		}
		update := doc.Update()
		update.Set(ref, page)
		revision, err := update.Encode()
		if err != nil {
			return
		}
		whole := append(bytes.Clone(in), revision...)
		newer, err := pdf.Open(bytes.NewReader(whole), int64(len(whole)), pdf.Limits{})
		if err != nil {
			t.Fatalf("the update does not open: %v", err)
		}
		if got, err := newer.Dict(ref); err != nil || !pdf.Equal(got, page) {
			t.Fatalf("the page came back as %v, %v; was %v", got, err, page)
		}
	})
}
