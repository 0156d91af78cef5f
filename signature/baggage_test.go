package signature_test

import (
	"bytes"
	"crypto/x509"
	"os"
	"slices"
	"testing"

	"github.com/motcua/motcua/internal/pdf"
	"github.com/motcua/motcua/signature"
	"github.com/motcua/motcua/signature/pades"
	"github.com/motcua/motcua/signature/signaturetest"
)

func warnings(r *signature.Report) (out []string) {
	for _, w := range r.Warnings {
		out = append(out, w.Code)
	}
	return out
}

// A second copy of a certificate is needed for nothing, and nothing signs it where it stands. A byte of it that changes
// does not change the verdict, but it does not pass in silence.
func TestCopiesInTheMessage(t *testing.T) {
	o := newOffice(t)
	v := verifier(t, o.ca.Root)
	id := *o.leader
	id.Chain = append(slices.Clone(id.Chain), o.ca.Root) // which the verifier has anyway
	doc := sign(t, signaturetest.NewPDF(signaturetest.File{}), &id, pades.Config{Room: 8192})
	if r := verify(t, v, doc, at); r.Indication != signature.TotalPassed || len(r.Warnings) != 0 {
		t.Fatal(r, warnings(r))
	}
	message := must(t)(signaturetest.Message(doc))
	from := bytes.Index(message, o.ca.Root.Raw)
	if from < 0 {
		t.Fatal("the message does not carry the root")
	}
	seen := map[string]int{}
	for i := range o.ca.Root.Raw {
		changed := bytes.Clone(message)
		changed[from+i] ^= []byte{1, 0x10, 0x80}[i%3]
		r := verify(t, v, must(t)(signaturetest.ReplaceContents(doc, bytes.TrimRight(changed, "\x00"))), at)
		for _, code := range warnings(r) {
			seen[code]++
		}
		if r.Indication == signature.TotalPassed && len(r.Warnings) == 0 {
			t.Fatalf("byte %d of the copy changes in silence", i)
		}
	}
	if seen["certificate.stray"] == 0 || seen["certificate.unreadable"] == 0 {
		t.Errorf("warnings %v", seen)
	}
}

// The same in the document security store, where nothing signs what stands there until a document time stamp does.
func TestCopiesInTheStore(t *testing.T) {
	w := newWorld(t)
	doc := w.preserve(t, w.stamp(t, w.sign(t, signaturetest.NewPDF(signaturetest.File{}), w.leader)))
	v := w.verifier(t, w.fetcher()) // asks when the document does not say
	first := verify(t, v, doc, w.now)
	if first.Indication != signature.TotalPassed || len(first.Warnings) != 0 {
		t.Fatal(first, warnings(first))
	}
	e := first.Signatures[0].Evidence()
	seen := map[string]int{}
	for _, der := range slices.Concat(e.Certificates, e.OCSPs, e.CRLs) {
		from := bytes.LastIndex(doc, der)
		if from < 0 {
			t.Fatal("a piece of evidence is not in the store")
		}
		step := 11
		if os.Getenv("MOTCUA_NIGHTLY") != "" {
			step = 1
		}
		for i := 0; i < len(der); i += step {
			changed := bytes.Clone(doc)
			changed[from+i] ^= []byte{1, 0x10, 0x80}[i%3]
			r := verify(t, v, changed, w.now)
			for _, code := range warnings(r) {
				seen[code]++
			}
			if r.Indication == signature.TotalPassed && len(r.Warnings) == 0 {
				t.Fatalf("byte %d of %d changes in silence", i, len(der))
			}
		}
	}
	for _, code := range []string{"certificate.stray", "certificate.unreadable", "evidence.stray", "evidence.unreadable"} {
		if seen[code] == 0 {
			t.Errorf("no %s: %v", code, seen)
		}
	}
}

// What stands for itself, or is vouched for by what stands beside it, is no stray; whose issuer is missing is one.
func TestStrays(t *testing.T) {
	o := newOffice(t)
	other, err := signaturetest.NewCA(at, signaturetest.CAConfig{Name: "khác"})
	if err != nil {
		t.Fatal(err)
	}
	guest := issue(t, other, signaturetest.Subject{CommonName: "Khách"})
	for name, tt := range map[string]struct {
		beside []*x509.Certificate
		want   bool
	}{
		"nothing":                     {nil, false},
		"a root of another family":    {[]*x509.Certificate{other.Root}, false},
		"a whole family":              {[]*x509.Certificate{other.Root, other.Intermediate, guest.Certificate}, false},
		"a guest without his issuer":  {[]*x509.Certificate{guest.Certificate}, true},
		"an issuer without its root":  {[]*x509.Certificate{other.Intermediate}, true},
		"another person of the house": {[]*x509.Certificate{o.agency.Certificate}, false},
	} {
		t.Run(name, func(t *testing.T) {
			id := *o.leader
			id.Chain = append(slices.Clone(id.Chain), tt.beside...)
			r := verify(t, verifier(t, o.ca.Root), sign(t, signaturetest.NewPDF(signaturetest.File{}), &id, pades.Config{}), at)
			if r.Indication != signature.TotalPassed || slices.Contains(warnings(r), "certificate.stray") != tt.want {
				t.Errorf("%v %v", r, warnings(r))
			}
			for _, w := range r.Warnings {
				if len(w.Objects) != 1 || w.Vi == "" || w.En == "" {
					t.Errorf("%+v", w)
				}
			}
		})
	}
}

// What the caller brings and cannot be read says nothing about the document.
func TestCallersOwnBaggage(t *testing.T) {
	o := newOffice(t)
	list, _, err := o.ca.List(at, signaturetest.ListConfig{})
	if err != nil {
		t.Fatal(err)
	}
	root, _, err := o.ca.List(at, signaturetest.ListConfig{Root: true})
	if err != nil {
		t.Fatal(err)
	}
	// As a directory of files is offered: each as whatever it may be.
	either := [][]byte{list, root, []byte("neither"), o.ca.Root.Raw}
	trust, err := signature.NewTrustStore(o.ca.Root)
	if err != nil {
		t.Fatal(err)
	}
	v, err := signature.NewVerifier(trust, signature.Policy{
		Revocation: signature.RevocationRequired, Source: signature.Evidence{CRLs: either, OCSPs: either, Certificates: either}})
	if err != nil {
		t.Fatal(err)
	}
	r := verify(t, v, sign(t, signaturetest.NewPDF(signaturetest.File{}), o.leader, pades.Config{}), at)
	if r.Indication != signature.TotalPassed || len(r.Warnings) != 0 {
		t.Errorf("%v %v", r, warnings(r))
	}
}

// An anchor in a document is no stray, even where its own issuer is not there.
func TestAnchorsAreNoStrays(t *testing.T) {
	o := newOffice(t)
	other, err := signaturetest.NewCA(at, signaturetest.CAConfig{Name: "khác"})
	if err != nil {
		t.Fatal(err)
	}
	id := *o.leader
	id.Chain = append(slices.Clone(id.Chain), other.Intermediate)
	doc := sign(t, signaturetest.NewPDF(signaturetest.File{}), &id, pades.Config{})
	if r := verify(t, verifier(t, o.ca.Root, other.Intermediate), doc, at); len(r.Warnings) != 0 {
		t.Errorf("%v", warnings(r))
	}
	if r := verify(t, verifier(t, o.ca.Root), doc, at); !slices.Contains(warnings(r), "certificate.stray") {
		t.Errorf("where it is no anchor: %v", warnings(r))
	}
}

// Of very many certificates that no chain needs only some are looked into, and the rest is pointed out.
func TestManyCertificatesInTheStore(t *testing.T) {
	o := newOffice(t)
	doc := sign(t, signaturetest.NewPDF(signaturetest.File{}), o.leader, pades.Config{})
	d, err := pdf.Open(bytes.NewReader(doc), int64(len(doc)), pdf.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	catalog, err := d.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	update := d.Update()
	var list pdf.Array
	for range 100 {
		list = append(list, update.Add(&pdf.Data{Bytes: issue(t, o.ca, signaturetest.Subject{CommonName: "Người khác"}).Certificate.Raw}))
	}
	catalog["DSS"] = update.Add(pdf.Dict{"Type": pdf.Name("DSS"), "Certs": list})
	update.Set(d.Trailer()["Root"].(pdf.Ref), catalog)
	revision, err := update.Encode()
	if err != nil {
		t.Fatal(err)
	}
	r := verify(t, verifier(t, o.ca.Root), append(doc, revision...), at)
	if r.Indication != signature.TotalPassed || len(r.Warnings) != 1 || r.Warnings[0].Code != "certificate.stray" || len(r.Warnings[0].Objects) != 36 {
		t.Errorf("%v %+v", r, r.Warnings)
	}
}
