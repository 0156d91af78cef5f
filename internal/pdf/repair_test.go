package pdf_test

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"testing"

	"github.com/motcua/motcua/internal/pdf"
)

// plain is a page in a file with a cross-reference table; packed has its catalog and pages in an object stream.
func plain() string {
	objects := []string{"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>", "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R>>",
		"<</Length 3>>\nstream\nabc\nendstream"}
	out, table := "%PDF-1.7\n", "0000000000 65535 f\r\n"
	for i, body := range objects {
		table += fmt.Sprintf("%010d 00000 n\r\n", len(out))
		out += fmt.Sprintf("%d 0 obj\n%s\nendobj\n", i+1, body)
	}
	return out + fmt.Sprintf("xref\n0 5\n%strailer\n<</Size 5/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", table, len(out))
}

const packed = "%PDF-1.7\n5 0 obj\n<</Type/ObjStm/N 2/First 8/Length 75>>\nstream\n1 0 2 29<</Type/Catalog/Pages 2 0 R>><</Type/Pages/Kids[3 0 R]/Count 1>>   \nendstream\nendobj\n" +
	"3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R>>\nendobj\n4 0 obj\n<</Length 3>>\nstream\nabc\nendstream\nendobj\n" +
	"6 0 obj\n<</Type/XRef/Root 1 0 R/Size 7/W[1 1 1]/Length 0>>\nstream\n\nendstream\nendobj\nstartxref\n0\n%%EOF\n"

// content is what the first page shows.
func content(d *pdf.Document) (string, error) {
	_, page, err := d.FirstPage()
	if err != nil {
		return "", err
	}
	v, err := d.Resolve(page["Contents"])
	s, ok := v.(*pdf.Stream)
	if err != nil || !ok {
		return "", errors.Join(err, errors.New("no stream"))
	}
	out, err := d.Contents(s)
	return string(out), err
}

func TestRepair(t *testing.T) {
	numbers := regexp.MustCompile(`\d{10} 00000 n`)
	for name, tt := range map[string]struct{ file, want string }{
		"nothing broken":       {plain(), "abc"},
		"startxref elsewhere":  {regexp.MustCompile(`startxref\n\d+`).ReplaceAllString(plain(), "startxref\n7"), "abc"},
		"no end":               {plain()[:len(plain())-40], "abc"},
		"offsets wrong":        {numbers.ReplaceAllString(plain(), "0000000001 00000 n"), "abc"},
		"no trailer":           {plain()[:bytes.Index([]byte(plain()), []byte("xref"))], "abc"},
		"object stream":        {packed, "abc"},
		"a later object":       {plain() + "4 0 obj\n<</Length 3>>\nstream\nxyz\nendstream\nendobj\n", "xyz"},
		"a later broken one":   {plain() + "9 0 obj\n<</Length\n", "abc"},
		"a later page, packed": {packed + "2 0 obj\n<</Type/Pages/Kids[7 0 R]/Count 1>>\nendobj\n7 0 obj\n<</Type/Page/Contents 8 0 R>>\nendobj\n8 0 obj\n<</Length 2>>\nstream\nhi\nendstream\nendobj\n", "hi"},
		"two trailers":         {plain() + "10 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\ntrailer\n<</Root 10 0 R>>\n", "abc"},
		"words like keywords":  {plain() + "1 0 objx 1 2 3 obj\n1 0 endobj 99999999999 0 obj 1 70000 obj\ntrailers <<>>", "abc"},
	} {
		t.Run(name, func(t *testing.T) {
			d, err := pdf.Repair(bytes.NewReader([]byte(tt.file)), int64(len(tt.file)), pdf.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			if got, err := content(d); err != nil || got != tt.want || !d.Repaired() {
				t.Errorf("%q, %v", got, err)
			}
			u := d.Update()
			u.Add(pdf.Dict{})
			if _, err := u.Encode(); !errors.Is(err, pdf.ErrSyntax) {
				t.Errorf("a repaired file is updated: %v", err)
			}
		})
	}
	for name, file := range map[string]string{"empty": "", "text": "xin chào", "objects without a catalog": "1 0 obj\n<<>>\nendobj\n",
		"a trailer without a root": "1 0 obj\n<<>>\nendobj\ntrailer\n<<>>"} {
		if _, err := pdf.Repair(bytes.NewReader([]byte(file)), int64(len(file)), pdf.Limits{}); !errors.Is(err, pdf.ErrSyntax) {
			t.Errorf("%s: %v", name, err)
		}
	}
	d, err := pdf.Open(bytes.NewReader([]byte(plain())), int64(len(plain())), pdf.Limits{})
	if err != nil || d.Repaired() {
		t.Errorf("opened: %v", err)
	}
	if _, err := pdf.Repair(bytes.NewReader([]byte(plain())), int64(len(plain())), pdf.Limits{Work: 100}); !errors.Is(err, pdf.ErrLimit) {
		t.Errorf("beyond the work allowed: %v", err)
	}
}

// FuzzRepair never panics, and finds at least what a sound file has.
func FuzzRepair(f *testing.F) {
	f.Add([]byte(plain()))
	f.Add([]byte(packed))
	f.Add([]byte("1 0 obj 1 0 obj trailer <</Root 1 0 R>>"))
	f.Fuzz(func(t *testing.T, file []byte) {
		d, err := pdf.Repair(bytes.NewReader(file), int64(len(file)), pdf.Limits{Work: 1 << 22})
		if err != nil {
			return
		}
		_, _ = content(d)
		_, _ = d.Fields()
	})
}
