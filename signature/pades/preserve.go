package pades

import (
	"crypto/sha1"
	"fmt"
	"io"
	"maps"

	"github.com/motcua/motcua/internal/pdf"
	"github.com/motcua/motcua/signature"
)

// Preserve writes the document and a revision with the validation data that a report rests on (DSS and VRI; ISO 32000-2,
// 12.8.4.3): the certificates of the chains and what their issuers said about them. With a time stamp in the signature that
// makes PAdES-BASELINE-LT. The report must be of this document, judged with signature.RevocationRequired; what the
// document holds already is not written again. Errors: [*DocumentError], [ErrNoEvidence], and those of in and out.
func Preserve(in io.ReaderAt, size int64, out io.Writer, report *signature.Report) error {
	if report == nil || report.Size != size {
		return ErrNoEvidence
	}
	doc, err := pdf.Open(in, size, pdf.Limits{})
	if err != nil {
		return &DocumentError{err}
	}
	s := &store{doc: doc, update: doc.Update(), have: map[string]pdf.Ref{}, lists: map[pdf.Name]pdf.Array{}}
	if err := s.load(); err != nil {
		return &DocumentError{err}
	}
	for _, sig := range report.Signatures {
		if err := s.addSignature(sig.Field, sig.Evidence()); err != nil {
			return err
		}
	}
	if !s.any {
		return ErrNoEvidence
	}
	if err := s.save(); err != nil {
		return &DocumentError{err}
	}
	revision, err := s.update.Encode()
	if err != nil {
		return &DocumentError{err}
	}
	return writeWith(out, in, size, revision)
}

// store is the document security store being written.
type store struct {
	doc    *pdf.Document
	update *pdf.Update
	dict   pdf.Dict
	vri    pdf.Dict
	lists  map[pdf.Name]pdf.Array
	have   map[string]pdf.Ref // stream contents and where they stand
	any    bool
}

var storeLists = []pdf.Name{"Certs", "OCSPs", "CRLs"}

// load reads the store that is there.
func (s *store) load() error {
	catalog, err := s.doc.Catalog()
	if err != nil {
		return err
	}
	old, err := s.doc.Dict(catalog["DSS"])
	if err != nil {
		return err
	}
	s.dict = pdf.Dict{"Type": pdf.Name("DSS")}
	maps.Copy(s.dict, old)
	related, err := s.doc.Dict(old["VRI"])
	if err != nil {
		return err
	}
	s.vri = pdf.Dict{}
	maps.Copy(s.vri, related)
	for _, name := range storeLists {
		list, err := s.doc.Array(old[name])
		if err != nil {
			return err
		}
		s.lists[name] = append(pdf.Array{}, list...)
		for _, v := range list {
			ref, ok := v.(pdf.Ref)
			if !ok {
				continue
			}
			object, err := s.doc.Object(ref)
			if err != nil {
				return err
			}
			if stream, ok := object.(*pdf.Stream); ok {
				der, err := s.doc.Contents(stream)
				if err != nil {
					return err
				}
				s.have[string(name)+string(der)] = ref
			}
		}
	}
	return nil
}

// addSignature adds the evidence of one signature to the lists and to its entry in VRI.
func (s *store) addSignature(field string, e signature.Evidence) error {
	if len(e.CRLs)+len(e.OCSPs) == 0 {
		return nil
	}
	contents, err := contentsOf(s.doc, field)
	if err != nil {
		return err
	}
	one := pdf.Dict{"Type": pdf.Name("VRI")}
	for _, kind := range []struct {
		list, own pdf.Name
		pieces    [][]byte
	}{{"Certs", "Cert", e.Certificates}, {"OCSPs", "OCSP", e.OCSPs}, {"CRLs", "CRL", e.CRLs}} {
		var refs pdf.Array
		for _, der := range kind.pieces {
			refs = append(refs, s.piece(kind.list, der))
		}
		if len(refs) > 0 {
			one[kind.own] = refs
		}
	}
	s.vri[pdf.Name(fmt.Sprintf("%X", sha1.Sum(contents)))] = s.update.Add(one)
	return nil
}

// piece returns where a piece of evidence stands.
func (s *store) piece(list pdf.Name, der []byte) pdf.Ref {
	s.any = true
	key := string(list) + string(der)
	if ref, ok := s.have[key]; ok {
		return ref
	}
	ref := s.update.Add(&pdf.Data{Bytes: der})
	s.have[key] = ref
	s.lists[list] = append(s.lists[list], ref)
	return ref
}

// save puts the store into the revision.
func (s *store) save() error {
	for _, name := range storeLists {
		if len(s.lists[name]) > 0 {
			s.dict[name] = s.lists[name]
		}
	}
	s.dict["VRI"] = s.vri
	catalog, err := s.doc.Catalog()
	if err != nil {
		return err
	}
	if ref, ok := catalog["DSS"].(pdf.Ref); ok {
		s.update.Set(ref, s.dict)
		return nil
	}
	catalog = maps.Clone(catalog)
	catalog["DSS"] = s.update.Add(s.dict)
	s.update.Set(s.doc.Trailer()["Root"].(pdf.Ref), catalog)
	return nil
}

// contentsOf returns the value of the signature in a field.
func contentsOf(doc *pdf.Document, field string) ([]byte, error) {
	fields, err := doc.Fields()
	if err != nil {
		return nil, &DocumentError{err}
	}
	for _, f := range fields {
		if f.Name != field || f.Type != "Sig" || f.Value == nil {
			continue
		}
		dict, err := doc.Dict(f.Value)
		if err != nil {
			return nil, &DocumentError{err}
		}
		if contents, ok := dict["Contents"].(pdf.String); ok {
			return contents.Bytes, nil
		}
	}
	return nil, ErrNoEvidence
}
