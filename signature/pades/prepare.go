package pades

import (
	"context"
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"io"

	"github.com/motcua/motcua/internal/ahead"
	"github.com/motcua/motcua/internal/cms"
	"github.com/motcua/motcua/internal/pdf"
)

// Prepared is a document that only lacks the signature value: the revision to append, with a hole in it, and the digest
// of everything but the hole. It is not safe for concurrent use.
type Prepared struct {
	size     int64  // of the document
	revision []byte // what follows the document
	pos, end int64  // of the hole, in the whole file
	digest   []byte // of the whole file but the hole
	chain    []*x509.Certificate
	scheme   cms.Scheme
	commits  Commitment
	policy   PolicyReference
	hint     string
}

// Prepare lays out a signature. Errors as for [Sign].
func Prepare(in io.ReaderAt, size int64, chain []*x509.Certificate, cfg Config) (*Prepared, error) {
	if err := checkChain(chain); err != nil {
		return nil, err
	}
	cfg, err := cfg.normalize(chain)
	if err != nil {
		return nil, err
	}
	if err := checkCertificate(chain[0], cfg.At); err != nil {
		return nil, err
	}
	scheme, err := cms.SchemeFor(cms.PublicKey(chain[0]), cfg.PKCS1v15)
	if err != nil {
		return nil, &CertificateError{Rule: RuleAlgorithm, Err: err}
	}
	p := &Prepared{size: size, chain: chain, scheme: scheme, commits: cfg.Commitment, policy: cfg.Policy, hint: cfg.Hint}
	if err := p.layOut(in, cfg); err != nil {
		return nil, err
	}
	p.digest, err = p.sum(in)
	return p, err
}

// layOut builds the revision.
func (p *Prepared) layOut(in io.ReaderAt, cfg Config) error {
	doc, err := pdf.Open(in, p.size, pdf.Limits{})
	if err != nil {
		return &DocumentError{err}
	}
	if err := checkLock(doc); err != nil {
		return err
	}
	if err := checkFieldLocks(doc, cfg.Field); err != nil {
		return err
	}
	if err := checkOrder(doc, cfg.act); err != nil {
		return err
	}
	l := layout{doc: doc, update: doc.Update(), room: cfg.Room, field: cfg.Field, prefix: "Signature",
		dict: signatureDict(cfg), certify: cfg.Certify != Approval, show: cfg.Appearance}
	if cfg.act != 0 {
		l.prefix = acts[cfg.act].field
	}
	if err := l.protect(cfg); err != nil {
		return err
	}
	return p.place(l)
}

// layout is a signature dictionary, without its hole, and the field it goes into.
type layout struct {
	doc    *pdf.Document
	update *pdf.Update
	room   int
	field  string
	prefix string // of a new field's name
	dict   pdf.Dict

	certify bool // the catalog is to name the signature as the certifying one
	show    Appearance
}

// place writes the revision with a hole for the signature.
func (p *Prepared) place(l layout) error {
	hole := &pdf.Hole{Size: l.room}
	gap := &pdf.Gap{Width: len("[0 ]") + 3*20}
	l.dict["Contents"], l.dict["ByteRange"] = hole, gap
	value := l.update.Add(l.dict)
	err := l.addField(value)
	if err != nil {
		if errors.As(err, new(*ConfigError)) || errors.Is(err, ErrAppearance) {
			return err
		}
		return &DocumentError{err}
	}
	if p.revision, err = l.update.Encode(); err != nil {
		return &DocumentError{err}
	}
	p.pos, p.end = hole.Pos, hole.End
	total := p.size + int64(len(p.revision))
	copy(p.revision[gap.Pos-p.size:], fmt.Sprintf("[0 %d %d %d]", p.pos, p.end, total-p.end))
	return nil
}

func signatureDict(cfg Config) pdf.Dict {
	d := pdf.Dict{
		"Type": pdf.Name("Sig"), "Filter": pdf.Name("Adobe.PPKLite"), "SubFilter": pdf.Name("ETSI.CAdES.detached"),
		"M": pdf.Date(cfg.At),
	}
	for key, text := range map[pdf.Name]string{"Name": cfg.Name, "Reason": cfg.Reason, "Location": cfg.Location,
		"ContactInfo": cfg.Contact} {
		if text != "" {
			d[key] = pdf.Text(text)
		}
	}
	return d
}

// checkLock refuses a document whose certifying signature permits no change (ISO 32000-2, 12.8.2.2).
func checkLock(doc *pdf.Document) error {
	catalog, err := doc.Catalog()
	if err != nil {
		return &DocumentError{err}
	}
	level, err := doc.Permission(catalog)
	if err != nil {
		return &DocumentError{err}
	}
	if level == 1 {
		return ErrLocked
	}
	return nil
}

// sum digests the whole file but the hole.
func (p *Prepared) sum(in io.ReaderAt) ([]byte, error) {
	h := cms.NewHash(p.scheme.Hash)
	switch err := ahead.Copy(context.Background(), h, in, 0, p.size, nil); {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return nil, &DocumentError{io.ErrUnexpectedEOF}
	case err != nil:
		return nil, err
	}
	h.Write(p.revision[:p.pos-p.size])
	h.Write(p.revision[p.end-p.size:])
	return h.Sum(nil), nil
}

func (p *Prepared) attributes() []byte {
	var extra []cms.Attribute
	if p.commits > 0 {
		extra = append(extra, cms.CommitmentAttribute(int(p.commits)))
	}
	if policy, err := p.policy.attribute(); err == nil && policy != nil {
		extra = append(extra, cms.PolicyAttribute(*policy))
	}
	if p.hint != "" {
		extra = append(extra, cms.HintAttribute(p.hint))
	}
	return cms.SignedAttributes(p.chain[0], p.scheme, p.digest, extra...)
}

// Input returns what the key is to sign, and how: a digest with its algorithm (for RSASSA-PSS in *rsa.PSSOptions), or
// for Ed25519 the message itself with crypto.Hash(0).
func (p *Prepared) Input() ([]byte, crypto.SignerOpts) { return p.scheme.Input(p.attributes()) }

// Certificate returns the signer's certificate.
func (p *Prepared) Certificate() *x509.Certificate { return p.chain[0] }

// Embed writes the signed document: in, which must be the document that was prepared, and the revision with the value
// in its place. The value is verified with the certificate's key first. Errors: [ErrValue], [ErrChanged], [ErrRoom].
func (p *Prepared) Embed(in io.ReaderAt, size int64, out io.Writer, value []byte) error {
	if size != p.size {
		return ErrChanged
	}
	digest, err := p.sum(in)
	if err != nil {
		return err
	}
	if string(digest) != string(p.digest) {
		return ErrChanged
	}
	return p.write(in, out, value)
}

// write assembles the message and writes document and revision.
func (p *Prepared) write(in io.ReaderAt, out io.Writer, value []byte) error {
	message, err := cms.Assemble(cms.Parts{Certificate: p.chain[0], Chain: p.chain[1:], Scheme: p.scheme,
		Attributes: p.attributes(), Value: value})
	if err != nil {
		return fmt.Errorf("%w: %w", ErrValue, err)
	}
	return p.finish(in, out, message)
}

// finish writes document and revision, with the message in its hole.
func (p *Prepared) finish(in io.ReaderAt, out io.Writer, message []byte) error {
	revision, err := p.fill(message)
	if err != nil {
		return err
	}
	return writeWith(out, in, p.size, revision)
}

// writeWith writes a document and what follows it.
func writeWith(out io.Writer, in io.ReaderAt, size int64, revision []byte) error {
	switch err := ahead.Copy(context.Background(), out, in, 0, size, nil); {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return ErrChanged
	case err != nil:
		return err
	}
	_, err := out.Write(revision)
	return err
}

// fill returns the revision with the message in its hole.
func (p *Prepared) fill(message []byte) ([]byte, error) {
	from, to := p.pos-p.size, p.end-p.size
	if int64(2*len(message)) > to-from-2 {
		return nil, ErrRoom
	}
	out := append([]byte(nil), p.revision...)
	writeHole(out[from:to], message)
	return out, nil
}

// writeHole writes a message as a hexadecimal string that is as long as the hole.
func writeHole(hole, message []byte) {
	const digits = "0123456789ABCDEF"
	for i := range hole {
		hole[i] = '0'
	}
	hole[0], hole[len(hole)-1] = '<', '>'
	for i, b := range message {
		hole[1+2*i], hole[2+2*i] = digits[b>>4], digits[b&15]
	}
}
