package signature_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/motcua/motcua/signature"
	"github.com/motcua/motcua/signature/pades"
	"github.com/motcua/motcua/signature/signaturetest"
)

// raw writes objects 1, 2, 3 … with a cross-reference table and further keys in the trailer.
func raw(trailer string, objects ...string) []byte {
	out, table := "%PDF-1.7\n", "0000000000 65535 f\r\n"
	for i, body := range objects {
		table += fmt.Sprintf("%010d 00000 n\r\n", len(out))
		out += fmt.Sprintf("%d 0 obj\n%s\nendobj\n", i+1, body)
	}
	if !strings.Contains(trailer, "/Root") {
		trailer += "/Root 1 0 R"
	}
	if !strings.Contains(trailer, "/Size") {
		trailer += fmt.Sprintf("/Size %d", len(objects)+1)
	}
	return fmt.Appendf([]byte(out), "xref\n0 %d\n%strailer\n<<%s>>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, table, trailer, len(out))
}

const (
	aCatalog = "<</Type/Catalog/Pages 2 0 R>>"
	aTree    = "<</Type/Pages/Kids[3 0 R]/Count 1>>"
	aPage    = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>"
)

// signedBy is a document whose catalog lists one signature with this dictionary.
func signedBy(value string) []byte {
	return raw("", "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R]/SigFlags 3>>>>", aTree, aPage, "<</FT/Sig/T(a)/V 5 0 R>>", value)
}

// TestMutatedFiles are the hand-made kinds of broken files on which other software panics, hangs or exhausts the memory.
// None passes, none takes long, none panics; where signing succeeds, what it wrote passes.
func TestMutatedFiles(t *testing.T) {
	o := newOffice(t)
	v := verifier(t, o.ca.Root)
	const sig = "/Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached"
	deep := func(open, inner, closed string, n int) string {
		return strings.Repeat(open, n) + inner + strings.Repeat(closed, n)
	}
	page := func(more string) string { return "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]" + more + ">>" }
	for name, doc := range map[string][]byte{
		"trailer size huge":              raw("/Size 1500000000", aCatalog, aTree, aPage),
		"trailer size too small":         raw("/Size 1", aCatalog, aTree, aPage),
		"trailer size a name":            raw("/Size/A", aCatalog, aTree, aPage),
		"root is itself":                 raw("/Root 1 0 R", "1 0 R", aTree, aPage),
		"root missing":                   raw("/Root 9 0 R", aCatalog, aTree, aPage),
		"root an integer":                raw("/Root 5", aCatalog, aTree, aPage),
		"pages loop":                     raw("", aCatalog, "<</Type/Pages/Kids[2 0 R]/Count 1>>", aPage),
		"pages loop by two":              raw("", aCatalog, "<</Type/Pages/Kids[3 0 R]/Count 1>>", "<</Type/Pages/Kids[2 0 R]/Count 1>>"),
		"parent loop":                    raw("", aCatalog, "<</Type/Pages/Kids[3 0 R]/Count 1/Parent 3 0 R>>", "<</Type/Page/Parent 2 0 R>>"),
		"count negative":                 raw("", aCatalog, "<</Type/Pages/Kids[3 0 R]/Count -1>>", aPage),
		"count huge":                     raw("", aCatalog, "<</Type/Pages/Kids[3 0 R]/Count 99999999999>>", aPage),
		"kids an integer":                raw("", aCatalog, "<</Type/Pages/Kids 3/Count 1>>", aPage),
		"length huge":                    raw("", aCatalog, aTree, page("/Contents 4 0 R"), "<</Length 99999999999>>\nstream\nabc\nendstream"),
		"length negative":                raw("", aCatalog, aTree, page("/Contents 4 0 R"), "<</Length -3>>\nstream\nabc\nendstream"),
		"length is itself":               raw("", aCatalog, aTree, page("/Contents 4 0 R"), "<</Length 4 0 R>>\nstream\nabc\nendstream"),
		"deep arrays":                    raw("", aCatalog, aTree, page("/A "+deep("[", "", "]", 50000))),
		"deep dictionaries":              raw("", aCatalog, aTree, page("/A "+deep("<</A", " 1", ">>", 50000))),
		"deep parentheses":               raw("", aCatalog, aTree, page("/A "+deep("(", "a", ")", 500000))),
		"annotations an integer":         raw("", aCatalog, aTree, page("/Annots 7")),
		"fields an integer":              raw("", "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields 7>>>>", aTree, aPage),
		"fields loop":                    raw("", "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R]>>>>", aTree, aPage, "<</T(a)/Kids[4 0 R]>>"),
		"form flags a string":            raw("", "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[]/SigFlags(3)>>>>", aTree, aPage),
		"permissions an array":           raw("", "<</Type/Catalog/Pages 2 0 R/Perms[]>>", aTree, aPage),
		"encrypted, no such version":     raw("/Encrypt<</Filter/Standard/V 99/R 99/O<00>/U<00>/P -1>>", aCatalog, aTree, aPage),
		"encrypted, without O":           raw("/Encrypt<</Filter/Standard/V 2/R 3/Length 128/U<00>/P -1>>", aCatalog, aTree, aPage),
		"encrypted by another handler":   raw("/Encrypt<</Filter/X>>", aCatalog, aTree, aPage),
		"signature an integer":           signedBy("5"),
		"signature empty":                signedBy("<<>>"),
		"signature is itself":            signedBy("5 0 R"),
		"range missing":                  signedBy("<<" + sig + "/Contents<00>>>"),
		"range a string":                 signedBy("<<" + sig + "/Contents<00>/ByteRange(0 1 2 3)>>"),
		"range of three":                 signedBy("<<" + sig + "/Contents<00>/ByteRange[0 1 2]>>"),
		"range negative":                 signedBy("<<" + sig + "/Contents<00>/ByteRange[0 -1 -2 3]>>"),
		"range huge":                     signedBy("<<" + sig + "/Contents<00>/ByteRange[0 9223372036854775807 9223372036854775807 1]>>"),
		"contents missing":               signedBy("<<" + sig + "/ByteRange[0 1 2 3]>>"),
		"contents empty":                 signedBy("<<" + sig + "/Contents<>/ByteRange[0 1 2 3]>>"),
		"contents of odd length":         signedBy("<<" + sig + "/Contents<308>/ByteRange[0 1 2 3]>>"),
		"contents not hexadecimal":       signedBy("<<" + sig + "/Contents<30zz>/ByteRange[0 1 2 3]>>"),
		"contents a name":                signedBy("<<" + sig + "/Contents/A/ByteRange[0 1 2 3]>>"),
		"contents a stream of its own":   signedBy("<<" + sig + "/Contents 5 0 R/ByteRange[0 1 2 3]>>"),
		"a date that is none":            signedBy("<<" + sig + "/M(yesterday)/Contents<00>/ByteRange[0 1 2 3]>>"),
		"an unknown filter":              signedBy("<</Type/Sig/Filter/X/SubFilter/Y/Contents<00>/ByteRange[0 1 2 3]>>"),
		"cut off in the middle":          raw("", aCatalog, aTree, aPage)[:120],
		"a comment without an end":       append(raw("", aCatalog, aTree, aPage)[:60], '%'),
		"ten thousand empty revisions":   append(raw("", aCatalog, aTree, aPage), strings.Repeat("xref\n0 0\ntrailer\n<</Root 1 0 R/Size 4>>\nstartxref\n9\n%%EOF\n", 10000)...),
		"a million ends":                 append(raw("", aCatalog, aTree, aPage), strings.Repeat("startxref\n", 1000000)...),
		"a hundred thousand empty forms": raw("", "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields["+strings.Repeat("4 0 R ", 100000)+"]>>>>", aTree, aPage, "<</T(a)>>"),
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			report, err := v.Verify(t.Context(), bytes.NewReader(doc), int64(len(doc)), at)
			if err == nil && report.Indication == signature.TotalPassed {
				t.Error("passes")
			}
			var out bytes.Buffer
			err = pades.Sign(bytes.NewReader(doc), int64(len(doc)), &out, o.leader.Signer, o.leader.Chain, pades.Config{At: at.Add(-time.Hour)})
			if took := time.Since(start); took > time.Second+time.Second*time.Duration(len(doc)/(5<<20)) {
				t.Errorf("took %v", took)
			}
			if err != nil {
				if out.Len() > 0 {
					t.Errorf("half a file was written: %v", err)
				}
				return
			}
			last := verify(t, v, out.Bytes(), at).Signatures
			if len(last) == 0 || !last[len(last)-1].Intact || last[len(last)-1].Indication != signature.TotalPassed {
				t.Error("what was signed does not pass")
			}
		})
	}
}

// TestMessagesThatLie are signatures whose message says wrong things about its own lengths.
func TestMessagesThatLie(t *testing.T) {
	o := newOffice(t)
	v := verifier(t, o.ca.Root)
	doc := sign(t, signaturetest.NewPDF(signaturetest.File{}), o.leader, pades.Config{Room: 8192})
	message := must(t)(signaturetest.Message(doc))
	for name, length := range map[string][]byte{"longer": {0x30, 0x82, 0x7f, 0xff}, "huge": {0x30, 0x84, 0x7f, 0xff, 0xff, 0xff}, "of five octets": {0x30, 0x85, 1, 0, 0, 0, 0},
		"short": {0x30, 0x82, 0x00, 0x10}, "reserved": {0x30, 0xff}} {
		lie := append(bytes.Clone(length), bytes.TrimRight(message[4:], "\x00")...)
		s := verify(t, v, must(t)(signaturetest.ReplaceContents(doc, lie)), at).Signatures[0]
		expect(t, s, signature.TotalFailed, "signature.message")
		if s.Intact {
			t.Errorf("%s: intact", name)
		}
	}
}

// TestRandomMutations flips, cuts and splices signed files of seven kinds, as a fuzzer does, but the same every time.
func TestRandomMutations(t *testing.T) {
	o := newOffice(t)
	v := verifier(t, o.ca.Root)
	table, stream := signaturetest.NewPDF(signaturetest.File{}), signaturetest.NewPDF(signaturetest.File{XRefStream: true})
	small := pades.Config{Room: 2048}
	one := sign(t, table, o.leader, small)
	bases := [][]byte{one, sign(t, one, o.agency, small), sign(t, sign(t, one, o.agency, small), o.leader, small),
		sign(t, stream, o.leader, small), sign(t, sign(t, stream, o.leader, small), o.agency, small),
		sign(t, signaturetest.NewPDF(signaturetest.File{Fields: []string{"a"}, Annotation: true}), o.leader, small),
		sign(t, signaturetest.NewPDF(signaturetest.File{EmptySignature: "b"}), o.leader, pades.Config{Room: 2048, Field: "b"})}
	random := rand.New(rand.NewPCG(2026, 11))
	for i, base := range bases {
		judged := verify(t, v, base, at)
		hole := judged.Signatures[len(judged.Signatures)-1].ByteRange[1:3]
		for n := range 210 {
			changed := bytes.Clone(base)
			from := random.IntN(len(base))
			switch n % 3 {
			case 0:
				for range 1 + random.IntN(4) {
					changed[random.IntN(len(base))] ^= byte(1 << random.IntN(8))
				}
			case 1:
				changed = append(changed[:from:from], changed[min(len(base), from+random.IntN(200)):]...)
			default:
				other := bases[random.IntN(len(bases))]
				at := random.IntN(len(other))
				changed = append(changed[:from:from], other[at:min(len(other), at+random.IntN(400))]...)
				changed = append(changed, base[from:]...)
			}
			start := time.Now()
			report, err := v.Verify(t.Context(), bytes.NewReader(changed), int64(len(changed)), at)
			if took := time.Since(start); took > time.Second {
				t.Errorf("base %d, mutation %d: took %v", i, n, took)
			}
			if err == nil && report.Indication == signature.TotalPassed && !bytes.Equal(base, changed) && !harmless(base, changed, hole, judged, report) {
				t.Errorf("base %d, mutation %d passes", i, n)
			}
			if n%7 == 0 {
				var out bytes.Buffer
				_ = pades.Sign(bytes.NewReader(changed), int64(len(changed)), &out, o.agency.Signer, o.agency.Chain, pades.Config{At: at})
			}
		}
	}
}
