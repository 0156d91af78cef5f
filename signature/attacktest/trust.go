package attacktest

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"fmt"
	"slices"
	"time"

	"github.com/motcua/motcua/internal/asn1x"
	"github.com/motcua/motcua/internal/cms"
	"github.com/motcua/motcua/internal/pdf"
	"github.com/motcua/motcua/signature"
	"github.com/motcua/motcua/signature/signaturetest"
)

// trust are signatures under the attacker's own root, made to look like the victim's.
func trust(b *builder) {
	b.family = "trust"
	k := b.kit
	attacker := *k.attacker
	file := b.sign(b.document, &attacker, 0)
	b.add("a root of the attacker's", signature.Indeterminate, file, nil)
	attacker.Chain = append(slices.Clone(attacker.Chain), k.evil.Root, k.ca.Intermediate, k.ca.Root, k.victim.Certificate)
	b.add("a root of the attacker's, beside the genuine certificates", signature.Indeterminate, b.sign(b.document, &attacker, 0), nil)
	twin := *k.twin
	twin.Chain = append(slices.Clone(twin.Chain), k.evil.Root)
	b.add("the same names from another root", signature.Indeterminate, b.sign(b.document, &twin, 0), nil)
	twin.Chain = []*x509.Certificate{k.twin.Certificate, k.ca.Intermediate, k.ca.Root}
	b.add("the same names, genuine authorities beside them", signature.Indeterminate, b.sign(b.document, &twin, 0), nil)
	file, err := swapCertificate(b.sign(b.document, k.attacker, 0), k.attacker.Certificate, k.victim.Certificate)
	b.add("the victim's certificate in the attacker's message", signature.Indeterminate, file, err)
}

// swapCertificate overwrites a certificate in the last message with another, and fills up with zeros.
func swapCertificate(signed []byte, from, to *x509.Certificate) ([]byte, error) {
	if signed == nil {
		return nil, nil
	}
	m, der, err := message(signed)
	if err != nil || len(m.Signers) != 1 {
		return nil, signaturetest.ErrTarget
	}
	at := bytes.Index(der, from.Raw)
	if at < 0 {
		return nil, signaturetest.ErrTarget
	}
	// SET of certificates [0] in SignedData in [0] in ContentInfo: every length around changes.
	outer, err := asn1x.Open(der).Take(asn1x.Sequence)
	if err != nil {
		return nil, err
	}
	out := replaceIn(outer.Full, from.Raw, to.Raw)
	return signaturetest.ReplaceContents(signed, out)
}

// replaceIn rebuilds an element with another element in the place of one of its descendants.
func replaceIn(full, from, to []byte) []byte {
	if bytes.Equal(full, from) {
		return to
	}
	if !bytes.Contains(full, from) || full[0]&0x20 == 0 {
		return full
	}
	e, err := asn1x.Open(full).Next()
	if err != nil {
		return full
	}
	var parts [][]byte
	for c := asn1x.Open(e.Body); !c.Done(); {
		member, err := c.Next()
		if err != nil {
			return full
		}
		parts = append(parts, replaceIn(member.Full, from, to))
	}
	return asn1x.Encode(e.Tag, parts...)
}

// message returns the last signature's message and its DER without the padding.
func message(signed []byte) (*cms.Message, []byte, error) {
	padded, err := signaturetest.Message(signed)
	if err != nil {
		return nil, nil, err
	}
	m, rest, err := cms.Parse(padded)
	if err != nil {
		return nil, nil, signaturetest.ErrTarget
	}
	der, _, err := asn1x.Normalize(padded[:len(padded)-len(rest)], asn1x.Limits{})
	return m, bytes.Clone(der), err
}

// times are signatures that claim to be older than they are.
func times(b *builder) {
	b.family = "time"
	k := b.kit
	old := b.sign(b.document, k.expired, 0)
	b.add("certificate has expired", signature.Indeterminate, old, nil)
	evil, err := k.evil.NewTSA(k.cfg.At.AddDate(-2, 0, 0), signaturetest.TSAConfig{})
	if err != nil {
		b.err = err
		return
	}
	while := k.expired.Certificate.NotBefore.AddDate(0, 6, 0)
	file, err := backdate(old, evil, while)
	b.add("back-dated by the attacker's time-stamp authority", signature.Indeterminate, file, err)
	notOne, err := k.ca.NewTSA(k.cfg.At.AddDate(-2, 0, 0), signaturetest.TSAConfig{Ordinary: true})
	if err != nil {
		b.err = err
		return
	}
	file, err = backdate(old, notOne, while)
	b.add("back-dated with a certificate that is not for time stamps", signature.Indeterminate, file, err)
	revoked := b.sign(b.document, k.dead, 0)
	file, err = backdate(revoked, evil, k.cfg.At.AddDate(0, 0, -2))
	b.add("certificate is revoked, back-dated to before", signature.Indeterminate, file, err)
}

// backdate gives the last signature a time stamp.
func backdate(signed []byte, by *signaturetest.TSA, when time.Time) ([]byte, error) {
	if signed == nil {
		return nil, nil
	}
	m, der, err := message(signed)
	if err != nil || len(m.Signers) != 1 {
		return nil, signaturetest.ErrTarget
	}
	sum := sha256.Sum256(m.Signers[0].Value)
	token, err := by.Token(when, crypto.SHA256, sum[:])
	if err != nil {
		return nil, err
	}
	stamped, err := cms.AddUnsigned(der, cms.Attribute{ID: cms.OIDTimestampToken, Values: [][]byte{token}})
	if err != nil {
		return nil, err
	}
	return signaturetest.ReplaceContents(signed, stamped)
}

// revocations are signatures with a revoked certificate in documents that bring an answer of the attacker's.
func revocations(b *builder) {
	b.family = "revocation"
	k := b.kit
	signed := b.sign(b.document, k.dead, 0)
	b.add("certificate is revoked", signature.Indeterminate, signed, nil)
	list, _, err1 := k.evil.List(k.cfg.At.Add(time.Minute), signaturetest.ListConfig{})
	status, err2 := k.evil.Status(k.cfg.At.Add(time.Minute), k.dead.Certificate, signaturetest.StatusConfig{})
	stale, _, err3 := k.ca.List(k.cfg.At.AddDate(0, 0, -9), signaturetest.ListConfig{NextUpdate: k.cfg.At.AddDate(0, 0, -8)})
	for _, err := range []error{err1, err2, err3} {
		if err != nil {
			b.err = err
			return
		}
	}
	for _, s := range []struct {
		name  string
		store store
	}{
		{"an empty list of an authority of the same name", store{lists: [][]byte{list}}},
		{"an answer of an authority of the same name", store{responses: [][]byte{status}}},
		{"the attacker's authorities too", store{certificates: [][]byte{k.evil.Intermediate.Raw, k.evil.Root.Raw}, lists: [][]byte{list},
			responses: [][]byte{status}}},
		{"a genuine list that has run out", store{lists: [][]byte{stale}}},
		{"a list that is none", store{lists: [][]byte{[]byte("<html>")}, responses: [][]byte{{0x30, 0}}}},
	} {
		file, err := revise(signed, s.store.add)
		b.add("store with "+s.name, signature.Indeterminate, file, err)
	}
}

// store is a document security store.
type store struct {
	certificates, responses, lists [][]byte
}

func (s store) add(doc *pdf.Document, update *pdf.Update) error {
	catalog, err := doc.Catalog()
	if err != nil {
		return err
	}
	streams := func(list [][]byte) (out pdf.Array) {
		for _, der := range list {
			out = append(out, update.Add(&pdf.Data{Bytes: der}))
		}
		return out
	}
	catalog["DSS"] = update.Add(pdf.Dict{"Type": pdf.Name("DSS"), "Certs": streams(s.certificates), "OCSPs": streams(s.responses),
		"CRLs": streams(s.lists)})
	update.Set(doc.Trailer()["Root"].(pdf.Ref), catalog)
	return nil
}

// bombLevels is the depth of the nested encodings: 2 MB that end the process of a parser that descends by calling itself.
const bombLevels = 1 << 20

// resources are files that are to exhaust a verifier.
func resources(b *builder) {
	b.family = "resources"
	file, err := revise(b.document, func(doc *pdf.Document, update *pdf.Update) error {
		value := update.Add(pdf.Dict{"Type": pdf.Name("Sig"), "SubFilter": pdf.Name("adbe.pkcs7.detached"),
			"Contents":  pdf.String{Bytes: signaturetest.NestedMessage(bombLevels), Hex: true},
			"ByteRange": pdf.Array{int64(0), int64(1), int64(2), int64(3)}})
		return addField(doc, update, update.Add(pdf.Dict{"FT": pdf.Name("Sig"), "T": pdf.Text("bomb"), "V": value}))
	})
	b.add("nested encodings in the signature", signature.TotalFailed, file, err)
	signed := b.sign(b.document, b.kit.dead, 0)
	bomb := signaturetest.NestedMessage(bombLevels)
	file, err = revise(signed, store{[][]byte{bomb}, [][]byte{bomb}, [][]byte{bomb}}.add)
	b.add("nested encodings in the store", signature.Indeterminate, file, err)
	many := make([][]byte, 5000)
	for i := range many {
		many[i] = fmt.Appendf(nil, "%d", i)
	}
	file, err = revise(signed, store{many, many, many}.add)
	b.add("fifteen thousand pieces in the store", signature.Indeterminate, file, err)
	file, err = revise(signed, selfReferring)
	b.add("lists that lead to themselves", signature.Indeterminate, file, err)
}

// selfReferring adds a store, a form and pages that loop.
func selfReferring(doc *pdf.Document, update *pdf.Update) error {
	catalog, err := doc.Catalog()
	if err != nil {
		return err
	}
	loop := pdf.Dict{"Type": pdf.Name("DSS")}
	ref := update.Add(loop)
	list := update.Add(nil)
	update.Set(list, pdf.Array{list, ref, list})
	loop["VRI"], loop["Certs"], loop["CRLs"], loop["OCSPs"] = ref, list, list, ref
	catalog["DSS"] = ref
	update.Set(doc.Trailer()["Root"].(pdf.Ref), catalog)
	return nil
}
