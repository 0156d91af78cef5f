package signature

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"maps"
	"slices"

	"github.com/motcua/motcua/internal/cms"
	"github.com/motcua/motcua/internal/pdf"
	"github.com/motcua/motcua/internal/pki"
)

// Evidence is what a verdict about certificates rests on, in DER: issuers' certificates, CRLs (RFC 5280) and OCSP
// responses (RFC 6960). It is a [Source] that always answers itself. Circular 15/2025/TT-BKHCN, Art 5.4 and 6.2, has it
// kept beside the signed document.
type Evidence struct {
	Certificates [][]byte `json:"certificates,omitempty"`
	CRLs         [][]byte `json:"crls,omitempty"`
	OCSPs        [][]byte `json:"ocsps,omitempty"`
}

// Source gives evidence about the revocation of a certificate. Nothing it returns is trusted before it is verified. The
// verifier asks it only about what the document itself does not prove. It must not change the certificates it is given.
type Source interface {
	Revocation(ctx context.Context, cert, issuer *x509.Certificate) (Evidence, error)
}

var _ Source = Evidence{}

// Revocation returns the evidence itself.
func (e Evidence) Revocation(context.Context, *x509.Certificate, *x509.Certificate) (Evidence, error) {
	return e, nil
}

// Bounds of the evidence that is looked at for one document.
const (
	maxEvidence      = 512
	maxEvidenceBytes = 64 << 20
)

// pool is the evidence at hand for one judgement: parsed, not verified.
type pool struct {
	memory       *memory
	certificates []*x509.Certificate
	identity     [sha256.Size]byte // of the certificates, in their order
	responses    []answer[*pki.Response]
	lists        []answer[*pki.List]
	seen         map[[sha256.Size]byte]bool
	size         int

	broken  []int // objects whose certificate, or other evidence, cannot be read
	useless []int
	origin  map[*x509.Certificate]int // the object a certificate came with
}

// answer is a piece of evidence, and where in the document it stands: 0 when it is not in the document security store.
// object is the one it came with, 0 when it is not the document's.
type answer[T any] struct {
	piece  T
	pos    int64
	object int
	proven *bool // its signature has been found to hold
}

// fresh reports whether a piece, taken for a kind, is new and within bounds.
func (p *pool) fresh(kind byte, sum [sha256.Size]byte, size int) bool {
	if p.seen == nil {
		p.seen = map[[sha256.Size]byte]bool{}
	}
	sum[0] = kind
	if p.seen[sum] || len(p.seen) >= maxEvidence || p.size+size > maxEvidenceBytes {
		return false
	}
	p.seen[sum], p.size = true, p.size+size
	return true
}

// addCertificate adds what stands in an object of the document, or comes from elsewhere: then object is 0.
func (p *pool) addCertificate(der []byte, object int) {
	sum := sha256.Sum256(der)
	if !p.fresh('c', sum, len(der)) {
		return
	}
	k, err := p.memory.parse(der, sum)
	if err != nil {
		p.broken = append(p.broken, object)
		return
	}
	p.addKnown(k, object)
}

func (p *pool) addCertificates(list []*x509.Certificate, object int) {
	for _, cert := range list {
		if k := p.memory.know(cert); p.fresh('c', k.sum, len(cert.Raw)) {
			p.addKnown(k, object)
		}
	}
}

func (p *pool) addKnown(k *known, object int) {
	if object > 0 {
		if p.origin == nil {
			p.origin = map[*x509.Certificate]int{}
		}
		p.origin[k.cert] = object
	}
	p.certificates = append(p.certificates, k.cert)
	h := sha256.New()
	h.Write(p.identity[:])
	h.Write(k.sum[:])
	h.Sum(p.identity[:0])
}

func (p *pool) addResponse(der []byte, pos int64, object int) {
	if !p.fresh('o', sha256.Sum256(der), len(der)) {
		return
	}
	r, err := pki.ParseOCSP(der)
	if err != nil {
		p.useless = append(p.useless, object)
		return
	}
	p.responses = append(p.responses, answer[*pki.Response]{r, pos, object, new(bool)})
}

func (p *pool) addList(der []byte, pos int64, object int) {
	if !p.fresh('l', sha256.Sum256(der), len(der)) {
		return
	}
	l, err := pki.ParseCRL(der)
	if err != nil {
		p.useless = append(p.useless, object)
		return
	}
	p.lists = append(p.lists, answer[*pki.List]{l, pos, object, new(bool)})
}

func (p *pool) add(e Evidence, object int) {
	for _, der := range e.Certificates {
		p.addCertificate(der, object)
	}
	for _, der := range e.OCSPs {
		p.addResponse(der, 0, object)
	}
	for _, der := range e.CRLs {
		p.addList(der, 0, object)
	}
}

// gather collects what the document brings: its security store, its messages, their time stamps.
func (j *judgement) gather() error {
	if err := j.readStore(); err != nil {
		return err
	}
	for _, c := range j.candidates {
		if c.signed == nil {
			continue
		}
		m := c.signed.message
		crls, ocsps := c.signed.signer.Archived()
		j.bring(m, c.ref.Num, Evidence{CRLs: append(crls, m.CRLs...), OCSPs: append(ocsps, m.OCSPs...)})
		for _, t := range slices.Concat(c.signed.stamps, c.signed.content) {
			j.bring(t.Message, c.ref.Num, Evidence{CRLs: t.Message.CRLs, OCSPs: t.Message.OCSPs})
		}
	}
	return nil
}

// bring takes what travels with a message in an object of the document.
func (j *judgement) bring(m *cms.Message, object int, e Evidence) {
	j.pool.addCertificates(m.Certificates, object)
	j.pool.add(e, object)
	if m.Unreadable > 0 {
		j.pool.broken = append(j.pool.broken, object)
	}
}

// readStore reads the document security store (DSS; ISO 32000-2, 12.8.4.3). One that cannot be read holds nothing: it
// can only ever help a signature.
func (j *judgement) readStore() error {
	catalog, err := j.doc.Catalog()
	if err != nil {
		return &DocumentError{err}
	}
	store, err := j.doc.Dict(catalog["DSS"])
	if err != nil || store == nil {
		return unlessLimit(err)
	}
	if err := j.readLists(store, "Certs", "OCSPs", "CRLs"); err != nil {
		return err
	}
	related, err := j.doc.Dict(store["VRI"])
	if err != nil {
		return unlessLimit(err)
	}
	for count, key := range slices.Sorted(maps.Keys(related)) {
		one, err := j.doc.Dict(related[key])
		if err != nil || count >= maxEvidence {
			return unlessLimit(err)
		}
		if err := j.readLists(one, "Cert", "OCSP", "CRL"); err != nil {
			return err
		}
	}
	return nil
}

// unlessLimit lets pass everything but an exceeded limit: a hostile store must not be parsed to its end.
func unlessLimit(err error) error {
	if errors.Is(err, pdf.ErrLimit) {
		return &DocumentError{err}
	}
	return nil
}

func (j *judgement) readLists(dict pdf.Dict, certs, ocsps, crls pdf.Name) error {
	for _, kind := range []pdf.Name{certs, ocsps, crls} {
		list, err := j.doc.Array(dict[kind])
		if err != nil {
			if err := unlessLimit(err); err != nil {
				return err
			}
			continue
		}
		for i, v := range list {
			if i >= maxEvidence || j.read[v] {
				continue
			}
			der, pos, err := j.storedPiece(v)
			if err != nil {
				return err
			}
			object := 0
			if ref, ok := v.(pdf.Ref); ok {
				object = ref.Num
			}
			switch kind {
			case certs:
				j.pool.addCertificate(der, object)
			case ocsps:
				j.pool.addResponse(der, pos, object)
			default:
				j.pool.addList(der, pos, object)
			}
		}
	}
	return nil
}

// storedPiece reads one stream of the store.
func (j *judgement) storedPiece(v pdf.Value) (der []byte, pos int64, err error) {
	ref, ok := v.(pdf.Ref)
	if !ok {
		return nil, 0, nil
	}
	j.read[ref] = true
	object, err := j.doc.Object(ref)
	if err != nil {
		return nil, 0, unlessLimit(err)
	}
	stream, ok := object.(*pdf.Stream)
	if !ok {
		return nil, 0, nil
	}
	if der, err = j.doc.Contents(stream); err != nil {
		return nil, 0, unlessLimit(err)
	}
	return der, stream.Pos, nil
}

// clone copies every piece: what a verifier remembers is not the caller's to change.
func (e Evidence) clone() Evidence {
	copies := func(list [][]byte) [][]byte {
		if list == nil {
			return nil
		}
		out := make([][]byte, len(list))
		for i, der := range list {
			out[i] = bytes.Clone(der)
		}
		return out
	}
	return Evidence{copies(e.Certificates), copies(e.CRLs), copies(e.OCSPs)}
}

// merge adds the pieces of other that are not there yet.
func (e *Evidence) merge(other Evidence) {
	into := func(have *[][]byte, more [][]byte) {
		for _, der := range more {
			if !slices.ContainsFunc(*have, func(h []byte) bool { return bytes.Equal(h, der) }) {
				*have = append(*have, der)
			}
		}
	}
	into(&e.Certificates, other.Certificates)
	into(&e.CRLs, other.CRLs)
	into(&e.OCSPs, other.OCSPs)
}
