package office

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/motcua/motcua/signature"
)

// TestDrawingIsSafe draws names that are markup and names without end, under more signatures than there is room for: the
// picture stays well-formed, and holds nothing but what it draws.
func TestDrawingIsSafe(t *testing.T) {
	r, err := newRenderer()
	if err != nil {
		t.Fatal(err)
	}
	o := &Office{pages: r}
	report := &signature.Report{Size: 1000}
	for _, name := range []string{`"><script>alert(1)</script>`, strings.Repeat("Nguyễn", 200), "</title></svg>", "", "a", "b", "c", "d", "e"} {
		report.Signatures = append(report.Signatures, signature.Signature{Indication: signature.TotalFailed,
			Signer: &signature.Certificate{CommonName: name}, Changes: []signature.Change{{Object: 1, Kind: signature.ContentEdited}}})
	}
	for _, lang := range languages {
		drawing := o.drawRevisions(lang, o.revisions(lang, report), report.Size)
		dec := xml.NewDecoder(strings.NewReader(string(drawing)))
		for {
			token, err := dec.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			if e, ok := token.(xml.StartElement); ok && !strings.Contains(" svg title desc text tspan path circle ", " "+e.Name.Local+" ") {
				t.Errorf("the drawing holds <%s>", e.Name.Local)
			}
		}
	}
}

func TestWrap(t *testing.T) {
	for _, text := range []string{"", "một", "một hai ba bốn năm", strings.Repeat("dài", 50), "ngắn " + strings.Repeat("x", 9) + " ngắn", "  nhiều   chỗ  trống "} {
		lines := wrap(text, 8)
		for _, line := range lines {
			if utf8.RuneCountInString(line) > 8 {
				t.Errorf("%q: the line %q is too long", text, line)
			}
		}
		if got, want := strings.Join(strings.Fields(strings.Join(lines, "")), ""), strings.Join(strings.Fields(text), ""); got != want {
			t.Errorf("%q became %q", text, lines)
		}
	}
}

// TestChangeLines sums the objects of one kind up and puts what is forbidden first.
func TestChangeLines(t *testing.T) {
	r, err := newRenderer()
	if err != nil {
		t.Fatal(err)
	}
	o := &Office{pages: r}
	var changes []signature.Change
	for object := range 40 {
		changes = append(changes, signature.Change{Object: object, Kind: signature.ObjectAdded, Permitted: true})
	}
	changes = append(changes, signature.Change{Object: 99, Kind: signature.ContentEdited, Why: "document.changed"})
	list := o.lines("vi", changes, map[string]string{"document.changed": "vì thế"})
	if len(list) != 2 || list[0].Permitted || list[0].Objects != "99" || list[0].Why != "vì thế" || list[1].Count != 40 ||
		strings.Count(list[1].Objects, " ") != maxObjects || !strings.HasSuffix(list[1].Objects, "…") {
		t.Errorf("%+v", list)
	}
}

// TestAfter names what is forbidden and leaves out what is not, and leaves out what only belongs to something else.
func TestAfter(t *testing.T) {
	say := func(code string, args ...any) string { return fmt.Sprint(append([]any{code}, args...)...) }
	signed, part := changeLine{Kind: "signed", Permitted: true}, changeLine{Kind: "part", Permitted: true, aid: true}
	edited := changeLine{Kind: "edited"}
	for _, tt := range []struct {
		changes     []changeLine
		text, class string
	}{
		{nil, "revision.nothing", "calm"},
		{[]changeLine{part, signed}, "revision.permittedsigned", "calm"},
		{[]changeLine{part}, "revision.permittedpart", "calm"},
		{[]changeLine{part, signed, edited}, "revision.forbiddenedited", "bad"},
	} {
		if text, class := after(tt.changes, say); text != tt.text || class != tt.class {
			t.Errorf("%+v: %s, %s, want %s, %s", tt.changes, text, class, tt.text, tt.class)
		}
	}
}
