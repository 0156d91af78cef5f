package signature

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"maps"
	"slices"

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
// verifier asks it only about what the document itself does not prove.
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
}

// answer is a piece of evidence, and where in the document it stands: 0 when it is not in the document security store.
type answer[T any] struct {
	piece T
	pos   int64
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

func (p *pool) addCertificate(der []byte) {
	sum := sha256.Sum256(der)
	if !p.fresh('c', sum, len(der)) {
		return
	}
	if k, err := p.memory.parse(der, sum); err == nil {
		p.addKnown(k)
	}
}

func (p *pool) addCertificates(list []*x509.Certificate) {
	for _, cert := range list {
		if k := p.memory.know(cert); p.fresh('c', k.sum, len(cert.Raw)) {
			p.addKnown(k)
		}
	}
}

func (p *pool) addKnown(k *known) {
	p.certificates = append(p.certificates, k.cert)
	h := sha256.New()
	h.Write(p.identity[:])
	h.Write(k.sum[:])
	h.Sum(p.identity[:0])
}

func (p *pool) addResponse(der []byte, pos int64) {
	if p.fresh('o', sha256.Sum256(der), len(der)) {
		if r, err := pki.ParseOCSP(der); err == nil {
			p.responses = append(p.responses, answer[*pki.Response]{r, pos})
		}
	}
}

func (p *pool) addList(der []byte, pos int64) {
	if p.fresh('l', sha256.Sum256(der), len(der)) {
		if l, err := pki.ParseCRL(der); err == nil {
			p.lists = append(p.lists, answer[*pki.List]{l, pos})
		}
	}
}

func (p *pool) add(e Evidence) {
	for _, der := range e.Certificates {
		p.addCertificate(der)
	}
	for _, der := range e.OCSPs {
		p.addResponse(der, 0)
	}
	for _, der := range e.CRLs {
		p.addList(der, 0)
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
		j.pool.addCertificates(m.Certificates)
		j.pool.add(Evidence{CRLs: append(crls, m.CRLs...), OCSPs: append(ocsps, m.OCSPs...)})
		for _, t := range c.signed.stamps {
			j.pool.addCertificates(t.Message.Certificates)
			j.pool.add(Evidence{CRLs: t.Message.CRLs, OCSPs: t.Message.OCSPs})
		}
	}
	return nil
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
			switch kind {
			case certs:
				j.pool.addCertificate(der)
			case ocsps:
				j.pool.addResponse(der, pos)
			default:
				j.pool.addList(der, pos)
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
