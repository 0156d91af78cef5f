package main

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"flag"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/motcua/motcua/signature"
	"github.com/motcua/motcua/signature/pades"
	"github.com/motcua/motcua/signature/revocation"
	"github.com/motcua/motcua/signature/timestamp"
)

const maxSigned = 256 << 20

// signing is one call of "inspect sign".
type signing struct {
	level, key, cert, tsa, roots, crl, reason, name string
}

func signCommand(flags *flag.FlagSet) func() (judge, error) {
	s := &signing{}
	flags.StringVar(&s.level, "level", "B-B", "PAdES level: B-B, B-T, B-LT or B-LTA")
	flags.StringVar(&s.key, "key", "", "private key, PKCS #8 in PEM (required)")
	flags.StringVar(&s.cert, "cert", "", "certificates in PEM, the signer's first (required)")
	flags.StringVar(&s.tsa, "tsa", "", "address of the time-stamp authority, for B-T and above")
	flags.StringVar(&s.roots, "roots", "", "roots to judge by, for B-LT and above; default the self-signed certificates of -cert")
	flags.StringVar(&s.crl, "crl", "", "CRLs and OCSP responses, a file or a directory, for B-LT; others are fetched")
	flags.StringVar(&s.reason, "reason", "", "reason of the signature")
	flags.StringVar(&s.name, "name", "", "name of the signer; default that of the certificate")
	return func() (judge, error) {
		if s.key == "" || s.cert == "" {
			return nil, errors.New("sign: -key and -cert are required")
		}
		if !slices.Contains([]string{"B-B", "B-T", "B-LT", "B-LTA"}, s.level) {
			return nil, errors.New("sign: -level: want B-B, B-T, B-LT or B-LTA")
		}
		if s.level != "B-B" && s.tsa == "" {
			return nil, errors.New("sign: -level " + s.level + " needs -tsa")
		}
		return func(ctx context.Context, input string) (any, bool) {
			in, out, _ := strings.Cut(input, pairMark)
			answer, err := s.run(ctx, in, out)
			if err != nil {
				return refuse(err), false
			}
			return answer, true
		}, nil
	}
}

// signed says what was written.
type signed struct {
	Valid   bool     `json:"valid"`
	Level   string   `json:"level"`
	Size    int      `json:"size"`
	Reasons []reason `json:"reasons"`
}

// run signs a file and raises the signature to the level asked for, one step after the other. Nothing is written unless
// all of them succeed.
func (s *signing) run(ctx context.Context, in, out string) (signed, error) {
	key, err := readSigner(s.key)
	if err != nil {
		return signed{}, err
	}
	chain, err := readChain(s.cert)
	if err != nil {
		return signed{}, err
	}
	doc, err := readDocument(in)
	if err != nil {
		return signed{}, err
	}
	var b bytes.Buffer
	err = pades.Sign(bytes.NewReader(doc), int64(len(doc)), &b, key, slices.DeleteFunc(slices.Clone(chain), selfSigned),
		pades.Config{Name: s.name, Reason: s.reason, ForTimestamp: s.level != "B-B"})
	if err != nil {
		return signed{}, err
	}
	doc = bytes.Clone(b.Bytes())
	for _, step := range s.steps(chain) {
		b.Reset()
		if err := step(ctx, doc, &b); err != nil {
			return signed{}, err
		}
		doc = bytes.Clone(b.Bytes())
	}
	if err := os.WriteFile(out, doc, 0o644); err != nil {
		return signed{}, errors.New("sign: the output cannot be written")
	}
	return signed{true, "PAdES-BASELINE-" + strings.TrimPrefix(s.level, "B-"), len(doc), []reason{}}, nil
}

type step func(ctx context.Context, doc []byte, out io.Writer) error

// steps lists what comes after the signature itself.
func (s *signing) steps(chain []*x509.Certificate) []step {
	stamp := func(ctx context.Context, doc []byte, out io.Writer) error {
		authority, err := timestamp.New(s.tsa, timestamp.Config{})
		if err != nil {
			return err
		}
		return pades.Stamp(ctx, bytes.NewReader(doc), int64(len(doc)), out, authority)
	}
	preserve := func(ctx context.Context, doc []byte, out io.Writer) error { return s.preserve(ctx, chain, doc, out) }
	archive := func(ctx context.Context, doc []byte, out io.Writer) error {
		authority, err := timestamp.New(s.tsa, timestamp.Config{})
		if err != nil {
			return err
		}
		return pades.Archive(ctx, bytes.NewReader(doc), int64(len(doc)), out, authority, pades.Config{})
	}
	all := []step{stamp, preserve, archive}
	return all[:slices.Index([]string{"B-B", "B-T", "B-LT", "B-LTA"}, s.level)]
}

// preserve judges the document and embeds what the verdict rests on.
func (s *signing) preserve(ctx context.Context, chain []*x509.Certificate, doc []byte, out io.Writer) error {
	trust, err := s.anchors(chain)
	if err != nil {
		return err
	}
	evidence, err := readEvidence(s.crl)
	if err != nil {
		return err
	}
	v, err := signature.NewVerifier(trust, signature.Policy{Revocation: signature.RevocationRequired, Certificates: chain,
		Source: both{evidence, revocation.New(revocation.Config{})}})
	if err != nil {
		return err
	}
	report, err := v.Verify(ctx, bytes.NewReader(doc), int64(len(doc)), time.Now())
	if err != nil {
		return err
	}
	if report.Indication != signature.TotalPassed {
		newest := report.Signatures[len(report.Signatures)-1]
		return errors.New("sign: the document is not preserved, because it does not pass: " + newest.Text("en"))
	}
	return pades.Preserve(bytes.NewReader(doc), int64(len(doc)), out, report)
}

func (s *signing) anchors(chain []*x509.Certificate) (*signature.TrustStore, error) {
	if s.roots != "" {
		return readAnchors(s.roots)
	}
	return signature.NewTrustStore(slices.DeleteFunc(slices.Clone(chain), func(c *x509.Certificate) bool { return !selfSigned(c) })...)
}

func selfSigned(c *x509.Certificate) bool { return c.CheckSignatureFrom(c) == nil }

// both asks one source after the other.
type both struct{ first, second signature.Source }

func (b both) Revocation(ctx context.Context, cert, issuer *x509.Certificate) (signature.Evidence, error) {
	e, err1 := b.first.Revocation(ctx, cert, issuer)
	more, err2 := b.second.Revocation(ctx, cert, issuer)
	if err1 != nil && err2 != nil {
		return e, errors.Join(err1, err2)
	}
	e.Certificates = slices.Concat(e.Certificates, more.Certificates)
	e.CRLs, e.OCSPs = slices.Concat(e.CRLs, more.CRLs), slices.Concat(e.OCSPs, more.OCSPs)
	return e, nil
}

func readChain(name string) ([]*x509.Certificate, error) {
	data, err := readFile(name)
	if err != nil {
		return nil, err
	}
	var chain []*x509.Certificate
	for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != "CERTIFICATE" {
			continue
		}
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, errors.New("-cert: want readable certificates")
		}
		chain = append(chain, cert)
	}
	if len(chain) == 0 {
		return nil, errors.New("-cert: want certificates in PEM")
	}
	return chain, nil
}

func readDocument(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, unopened()
	}
	defer f.Close()
	doc, err := io.ReadAll(io.LimitReader(f, maxSigned+1))
	if err == nil && len(doc) > maxSigned {
		err = errors.New("sign: want a file of at most 256 MiB")
	}
	return doc, err
}
