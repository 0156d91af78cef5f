package signature_test

import (
	"bytes"
	"testing"

	"github.com/motcua/motcua/internal/pdf"
	"github.com/motcua/motcua/signature"
	"github.com/motcua/motcua/signature/pades"
	"github.com/motcua/motcua/signature/signaturetest"
)

// revise appends a revision to a file.
func revise(t *testing.T, file []byte, edit func(doc *pdf.Document, catalog pdf.Dict, update *pdf.Update)) []byte {
	t.Helper()
	doc, err := pdf.Open(bytes.NewReader(file), int64(len(file)), pdf.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	catalog, err := doc.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	update := doc.Update()
	edit(doc, catalog, update)
	revision, err := update.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return append(bytes.Clone(file), revision...)
}

func setCatalog(doc *pdf.Document, catalog pdf.Dict, update *pdf.Update) {
	update.Set(doc.Trailer()["Root"].(pdf.Ref), catalog)
}

func metadata(text string) *pdf.Data {
	return &pdf.Data{Dict: pdf.Dict{"Type": pdf.Name("Metadata"), "Subtype": pdf.Name("XML")}, Bytes: []byte(text)}
}

func setFormFonts(doc *pdf.Document, catalog pdf.Dict, update *pdf.Update) {
	form, _ := doc.Dict(catalog["AcroForm"])
	form["DA"] = pdf.Text("/Helv 0 Tf 0 g")
	form["DR"] = pdf.Dict{"Font": pdf.Dict{"Helv": update.Add(pdf.Dict{"Type": pdf.Name("Font"), "BaseFont": pdf.Name("Helvetica")})}}
	if ref, ok := catalog["AcroForm"].(pdf.Ref); ok {
		update.Set(ref, form)
		return
	}
	catalog["AcroForm"] = form
	setCatalog(doc, catalog, update)
}

// addField adds an empty field, whose default value is the object so many numbers on: the next but the field is the value.
func addField(doc *pdf.Document, catalog pdf.Dict, update *pdf.Update, ahead int) {
	form, _ := doc.Dict(catalog["AcroForm"])
	fields, _ := doc.Array(form["Fields"])
	pageRef, page, _ := doc.FirstPage()
	field := pdf.Dict{"FT": pdf.Name("Sig"), "T": pdf.Text("second"), "Type": pdf.Name("Annot"), "Subtype": pdf.Name("Widget"),
		"F": int64(132), "Rect": pdf.Array{int64(0), int64(0), int64(0), int64(0)}, "P": pageRef, "DR": pdf.Dict{}}
	ref := update.Add(nil)
	field["DV"] = pdf.Ref{Num: ref.Num + ahead}
	update.Set(ref, field)
	form["Fields"] = append(fields, ref)
	catalog["AcroForm"] = form
	setCatalog(doc, catalog, update)
	annotations, _ := doc.Array(page["Annots"])
	page["Annots"] = append(annotations, ref)
	update.Set(pageRef, page)
}

// What the whitelist of changes lets through, and what only looks like it.
func TestDifference(t *testing.T) {
	o := newOffice(t)
	v := verifier(t, o.ca.Root)
	type edit = func(doc *pdf.Document, catalog pdf.Dict, update *pdf.Update)
	addDSS := func(doc *pdf.Document, catalog pdf.Dict, update *pdf.Update) {
		certificate := update.Add(&pdf.Data{Bytes: o.ca.Root.Raw})
		catalog["DSS"] = update.Add(pdf.Dict{"Type": pdf.Name("DSS"), "Certs": pdf.Array{certificate}})
		catalog["Extensions"] = pdf.Dict{"ESIC": pdf.Dict{"BaseVersion": pdf.Name("1.7"), "ExtensionLevel": int64(5)}}
		setCatalog(doc, catalog, update)
	}
	content := pdf.Ref{Num: 4} // the page's content in signaturetest's files
	tests := []struct {
		name   string
		before edit // of the unsigned file
		after  edit // of the signed file
		seal   bool // whether a second signature follows
		want   signature.Indication
		code   string
	}{
		{"validation data", nil, addDSS, false, signature.TotalPassed, ""},
		{"validation data that grows", addDSS, func(doc *pdf.Document, catalog pdf.Dict, update *pdf.Update) {
			dss, _ := doc.Dict(catalog["DSS"])
			dss["OCSPs"] = pdf.Array{update.Add(&pdf.Data{Bytes: []byte{1}})}
			update.Set(catalog["DSS"].(pdf.Ref), dss)
		}, false, signature.TotalPassed, ""},
		{"content dressed up as validation data", func(doc *pdf.Document, catalog pdf.Dict, update *pdf.Update) {
			catalog["DSS"] = update.Add(pdf.Dict{"Certs": pdf.Array{content}})
			setCatalog(doc, catalog, update)
		}, func(doc *pdf.Document, catalog pdf.Dict, update *pdf.Update) {
			update.Set(content, &pdf.Data{Bytes: []byte("BT (other) Tj ET")})
		}, true, signature.TotalFailed, "document.changed"},
		{"content dressed up as metadata", func(doc *pdf.Document, catalog pdf.Dict, update *pdf.Update) {
			catalog["Metadata"] = content
			update.Set(content, metadata("BT (text) Tj ET"))
			setCatalog(doc, catalog, update)
		}, func(doc *pdf.Document, catalog pdf.Dict, update *pdf.Update) {
			update.Set(content, metadata("BT (other) Tj ET"))
		}, true, signature.TotalFailed, "document.changed"},
		{"metadata, with a signature", func(doc *pdf.Document, catalog pdf.Dict, update *pdf.Update) {
			catalog["Metadata"] = update.Add(metadata("<a/>"))
			setCatalog(doc, catalog, update)
		}, func(doc *pdf.Document, catalog pdf.Dict, update *pdf.Update) {
			update.Set(catalog["Metadata"].(pdf.Ref), metadata("<b/>"))
		}, true, signature.TotalPassed, ""},
		{"metadata, without", func(doc *pdf.Document, catalog pdf.Dict, update *pdf.Update) {
			catalog["Metadata"] = update.Add(metadata("<a/>"))
			setCatalog(doc, catalog, update)
		}, func(doc *pdf.Document, catalog pdf.Dict, update *pdf.Update) {
			update.Set(catalog["Metadata"].(pdf.Ref), metadata("<b/>"))
		}, false, signature.Indeterminate, "document.information-changed"},
		{"page written again as it was", nil, func(doc *pdf.Document, catalog pdf.Dict, update *pdf.Update) {
			ref, page, _ := doc.FirstPage()
			update.Set(ref, page)
		}, false, signature.TotalPassed, ""},
		{"page freed", nil, func(doc *pdf.Document, catalog pdf.Dict, update *pdf.Update) {
			ref, _, _ := doc.FirstPage()
			update.Set(ref, nil)
		}, false, signature.TotalFailed, "document.changed"},
		{"page of another generation", nil, func(doc *pdf.Document, catalog pdf.Dict, update *pdf.Update) {
			ref, page, _ := doc.FirstPage()
			update.Set(pdf.Ref{Num: ref.Num, Gen: 1}, page)
		}, false, signature.TotalFailed, "document.changed"},
		{"an action when the document opens", nil, func(doc *pdf.Document, catalog pdf.Dict, update *pdf.Update) {
			catalog["OpenAction"] = pdf.Dict{"S": pdf.Name("JavaScript"), "JS": pdf.Text("app.alert(1)")}
			setCatalog(doc, catalog, update)
		}, true, signature.TotalFailed, "document.changed"},
		{"a field that is no signature", nil, func(doc *pdf.Document, catalog pdf.Dict, update *pdf.Update) {
			form, _ := doc.Dict(catalog["AcroForm"])
			fields, _ := doc.Array(form["Fields"])
			form["Fields"] = append(fields, update.Add(pdf.Dict{"FT": pdf.Name("Tx"), "T": pdf.Text("x")}))
			catalog["AcroForm"] = form
			setCatalog(doc, catalog, update)
		}, true, signature.TotalFailed, "document.changed"},
		{"the signature's field emptied", nil, func(doc *pdf.Document, catalog pdf.Dict, update *pdf.Update) {
			fields, _ := doc.Fields()
			fields[0].Dict["T"] = pdf.Text("another")
			update.Set(fields[0].Ref, fields[0].Dict)
		}, false, signature.Indeterminate, "document.revision"},
		{"a later version", nil, func(doc *pdf.Document, catalog pdf.Dict, update *pdf.Update) {
			catalog["Version"] = pdf.Name("2.0")
			setCatalog(doc, catalog, update)
		}, true, signature.TotalPassed, ""},
		{"an earlier version", func(doc *pdf.Document, catalog pdf.Dict, update *pdf.Update) {
			catalog["Version"] = pdf.Name("2.0")
			setCatalog(doc, catalog, update)
		}, func(doc *pdf.Document, catalog pdf.Dict, update *pdf.Update) {
			catalog["Version"] = pdf.Name("1.4")
			setCatalog(doc, catalog, update)
		}, true, signature.TotalFailed, "document.changed"},
		{"a version of its own", nil, func(doc *pdf.Document, catalog pdf.Dict, update *pdf.Update) {
			catalog["Version"] = pdf.Name("9.9")
			setCatalog(doc, catalog, update)
		}, true, signature.TotalFailed, "document.changed"},
		{"fonts for a form of signatures, as Acrobat brings them", nil, func(doc *pdf.Document, catalog pdf.Dict, update *pdf.Update) {
			setFormFonts(doc, catalog, update)
		}, true, signature.TotalPassed, ""},
		{"fonts for a form with a text field", func(doc *pdf.Document, catalog pdf.Dict, update *pdf.Update) {
			field := update.Add(pdf.Dict{"FT": pdf.Name("Tx"), "T": pdf.Text("x")})
			catalog["AcroForm"] = pdf.Dict{"Fields": pdf.Array{field}}
			setCatalog(doc, catalog, update)
		}, setFormFonts, true, signature.TotalFailed, "document.changed"},
		{"a second field as LibreOffice writes it", nil, func(doc *pdf.Document, catalog pdf.Dict, update *pdf.Update) {
			addField(doc, catalog, update, 1)
		}, true, signature.TotalPassed, ""},
		{"a second field whose default is another signature", nil, func(doc *pdf.Document, catalog pdf.Dict, update *pdf.Update) {
			addField(doc, catalog, update, 2)
		}, true, signature.TotalFailed, "document.changed"},
		{"appearances asked for", nil, func(doc *pdf.Document, catalog pdf.Dict, update *pdf.Update) {
			form, _ := doc.Dict(catalog["AcroForm"])
			form["NeedAppearances"] = true
			catalog["AcroForm"] = form
			setCatalog(doc, catalog, update)
		}, true, signature.TotalFailed, "document.changed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			doc := signaturetest.NewPDF(signaturetest.File{})
			if tt.before != nil {
				doc = revise(t, doc, tt.before)
			}
			doc = revise(t, sign(t, doc, o.leader, pades.Config{}), tt.after)
			if tt.seal {
				cfg := pades.Config{}
				if bytes.Contains(doc, []byte("(second)")) {
					cfg.Field = "second"
				}
				doc = sign(t, doc, o.agency, cfg)
			}
			s := verify(t, v, doc, at).Signatures[0]
			if tt.code != "" {
				expect(t, s, tt.want, tt.code)
			} else if s.Indication != tt.want {
				t.Errorf("got %s %v %v", s.Indication, codes(s), s.Changes)
			}
			if len(s.Changes) == 0 && tt.code != "document.revision" {
				t.Error("no change is named")
			}
		})
	}
}
