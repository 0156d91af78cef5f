package pades

import (
	"bytes"
	"context"
	"crypto"
	"errors"
	"fmt"
	"io"

	"github.com/motcua/motcua/internal/cms"
	"github.com/motcua/motcua/internal/pdf"
)

// Timestamper gives time-stamp tokens (RFC 3161) in DER over a digest made with hash; timestamp.Client is one.
type Timestamper interface {
	Timestamp(ctx context.Context, hash crypto.Hash, digest []byte) ([]byte, error)
}

// stampRoom is what a time stamp gets: tokens of the authorities in the field need up to 32 KiB.
const stampRoom = 32 << 10

// Stamp writes the document with a time stamp in its newest signature, which makes it PAdES-BASELINE-T: the token becomes
// an unsigned attribute, in the room that [Config].ForTimestamp reserved; what is signed stays byte for byte. Errors:
// [*DocumentError], [ErrNoSignature], [ErrRoom], [ErrToken], and those of authority, in and out. Nothing is written
// before the token is there.
func Stamp(ctx context.Context, in io.ReaderAt, size int64, out io.Writer, authority Timestamper) error {
	doc, err := pdf.Open(in, size, pdf.Limits{})
	if err != nil {
		return &DocumentError{err}
	}
	contents, err := newestSignature(doc)
	if err != nil {
		return err
	}
	message, _, err := cms.Parse(contents.Bytes)
	if err != nil || len(message.Signers) != 1 {
		return ErrNoSignature
	}
	value := message.Signers[0].Value
	h := crypto.SHA256.New()
	h.Write(value)
	digest := h.Sum(nil)
	token, err := stampOf(ctx, authority, digest)
	if err != nil {
		return err
	}
	longer, err := cms.AddUnsigned(contents.Bytes, cms.Attribute{ID: cms.OIDTimestampToken, Values: [][]byte{token}})
	if err != nil {
		return &DocumentError{err}
	}
	if int64(2*len(longer)) > contents.End-contents.Pos-2 {
		return ErrRoom
	}
	hole := make([]byte, contents.End-contents.Pos)
	writeHole(hole, longer)
	for _, piece := range []io.Reader{
		section(in, 0, contents.Pos), bytes.NewReader(hole), section(in, contents.End, size-contents.End),
	} {
		if _, err := io.CopyBuffer(struct{ io.Writer }{out}, piece, make([]byte, min(copySize, size))); err != nil {
			return err
		}
	}
	return nil
}

// stampOf asks for a token and makes sure that it is one for the digest.
func stampOf(ctx context.Context, authority Timestamper, digest []byte) ([]byte, error) {
	if authority == nil {
		return nil, &ConfigError{"authority", "a time-stamp authority"}
	}
	der, err := authority.Timestamp(ctx, crypto.SHA256, digest)
	if err != nil {
		return nil, err
	}
	token, rest, err := cms.ParseToken(der)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrToken, err)
	}
	if len(rest) != 0 || token.Info.Hash != crypto.SHA256 || string(token.Info.Imprint) != string(digest) {
		return nil, ErrToken
	}
	return der, nil
}

// newestSignature finds the value of the signature that no other one covers.
func newestSignature(doc *pdf.Document) (pdf.String, error) {
	fields, err := doc.Fields()
	if err != nil {
		return pdf.String{}, &DocumentError{err}
	}
	var newest pdf.String
	stamp := false
	for _, f := range fields {
		if f.Type != "Sig" || f.Value == nil {
			continue
		}
		dict, err := doc.Dict(f.Value)
		if err != nil {
			return pdf.String{}, &DocumentError{err}
		}
		contents, ok := dict["Contents"].(pdf.String)
		if ok && contents.Hex && contents.Solid && contents.Pos > newest.Pos {
			newest, stamp = contents, dict["SubFilter"] == pdf.Name("ETSI.RFC3161")
		}
	}
	if newest.Pos == 0 || stamp {
		return pdf.String{}, ErrNoSignature
	}
	return newest, nil
}

// Archive writes the document with a document time stamp (DocTimeStamp) over all of it: PAdES-BASELINE-LTA, when the
// validation data is in the document ([Preserve]). Doing both again before the time stamp's certificate expires or its
// algorithm weakens renews the proof. Of cfg only Field and Room count. A locked document may be archived (ISO 32000-2,
// 12.8.2.2). Errors: [*DocumentError], [*ConfigError], [ErrRoom], [ErrToken], and those of authority, in and out.
func Archive(
	ctx context.Context, in io.ReaderAt, size int64, out io.Writer, authority Timestamper, cfg Config,
) error {
	if cfg.Room == 0 {
		cfg.Room = stampRoom
	}
	if cfg.Room < 1024 || cfg.Room > maxRoom {
		return &ConfigError{"Room", "1024 bytes to 1 MiB"}
	}
	p := &Prepared{size: size, scheme: cms.Scheme{Hash: crypto.SHA256}}
	doc, err := pdf.Open(in, size, pdf.Limits{})
	if err != nil {
		return &DocumentError{err}
	}
	l := layout{doc: doc, update: doc.Update(), room: cfg.Room, field: cfg.Field, prefix: "Timestamp", dict: pdf.Dict{
		"Type": pdf.Name("DocTimeStamp"), "Filter": pdf.Name("Adobe.PPKLite"), "SubFilter": pdf.Name("ETSI.RFC3161")}}
	if err := p.place(l); err != nil {
		return err
	}
	digest, err := p.sum(in)
	if err != nil {
		return err
	}
	token, err := stampOf(ctx, authority, digest)
	if err != nil {
		return err
	}
	return p.finish(in, out, token)
}

func section(in io.ReaderAt, from, length int64) io.Reader {
	return struct{ io.Reader }{io.NewSectionReader(in, from, length)}
}

// Errors of time stamps and preservation.
var (
	// ErrNoSignature means that there is no signature that could still be stamped.
	ErrNoSignature = errors.New("pades: no signature that could be stamped")
	// ErrToken means that a time-stamp authority answered with something else.
	ErrToken = errors.New("pades: not a time stamp of what was asked")
	// ErrNoEvidence means a report that rests on no evidence, or is of another document.
	ErrNoEvidence = errors.New("pades: report has no evidence to preserve")
)
