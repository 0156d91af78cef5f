package signature_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/motcua/motcua/internal/enginetest"
	"github.com/motcua/motcua/signature"
	"github.com/motcua/motcua/signature/pades"
	"github.com/motcua/motcua/signature/signaturetest"
)

// The shapes that qpdf gives a file: linearized, packed and deflated with predictors, loose. Each is signed twice, and
// qpdf finds nothing to complain about.
func TestShapesOfQpdf(t *testing.T) {
	program := enginetest.Need(t, "qpdf")
	o := newOffice(t)
	v := verifier(t, o.ca.Root)
	sources := map[string][]byte{"fpdf": rendered(t),
		"form": signaturetest.NewPDF(signaturetest.File{Fields: []string{"a", "b"}, Annotation: true, Padding: 10000})}
	for source, doc := range sources {
		for name, options := range map[string][]string{
			"linearized": {"--linearize"}, "packed": {"--object-streams=generate"}, "loose": {"--qdf"},
			"packed and linearized": {"--linearize", "--object-streams=generate"},
		} {
			t.Run(source+" "+name, func(t *testing.T) {
				in, out := peerFile(t, doc), filepath.Join(t.TempDir(), "shaped.pdf")
				if text, err := run(t, program, append(options, in, out)...); err != nil {
					t.Fatalf("%v\n%s", err, text)
				}
				shaped, err := os.ReadFile(out)
				if err != nil {
					t.Fatal(err)
				}
				signed := sign(t, sign(t, shaped, o.leader, pades.Config{}), o.agency, pades.Config{})
				report := verify(t, v, signed, at)
				if report.Indication != signature.TotalPassed || len(report.Signatures) != 2 {
					t.Errorf("%v %v", report, codes(report.Signatures[0]))
				}
				if text, err := run(t, program, "--check", peerFile(t, signed)); err != nil {
					t.Errorf("%v\n%s", err, text)
				}
				forged := must(t)(signaturetest.SwapPages(signed, "PAY 9"))
				expect(t, verify(t, v, forged, at).Signatures[0], signature.TotalFailed, "document.changed")
			})
		}
	}
}
