package signaturetest

import (
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"slices"
	"time"

	"github.com/motcua/motcua/internal/cms"
)

// OIDTimeStamping is the extended key usage of a time-stamp authority.
var OIDTimeStamping = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 8}

var policyTSA = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 55555, 3161, 1}

// TSA is a time-stamp authority (RFC 3161).
type TSA struct {
	*Identity
}

// TSAConfig shapes an authority. The zero value keeps the rules.
type TSAConfig struct {
	Key KeyKind
	// NotAfter defaults to five years after the time of issue.
	NotAfter time.Time
	// Ordinary leaves out the critical extended key usage that RFC 3161 asks for.
	Ordinary bool
}

// NewTSA certifies a time-stamp authority.
func (ca *CA) NewTSA(now time.Time, cfg TSAConfig) (*TSA, error) {
	if cfg.NotAfter.IsZero() {
		cfg.NotAfter = now.AddDate(5, 0, 0)
	}
	s := Subject{CommonName: "TSA THỬ NGHIỆM", Key: cfg.Key, NotAfter: cfg.NotAfter, NotBefore: now.AddDate(-1, 0, 0)}
	if !cfg.Ordinary {
		value, err := asn1.Marshal([]asn1.ObjectIdentifier{OIDTimeStamping})
		if err != nil {
			return nil, err
		}
		s.ExtKeyUsage = []asn1.ObjectIdentifier{}
		s.Extensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 37}, Critical: true, Value: value}}
	}
	id, err := ca.Issue(now, s)
	if err != nil {
		return nil, err
	}
	return &TSA{id}, nil
}

// Answer is what an authority does with a request: the response in DER. flaw says how it goes wrong.
func (t *TSA) Answer(now time.Time, request []byte, flaw Flaw) ([]byte, error) {
	r, err := cms.ParseTimestampRequest(request)
	if err != nil || flaw == Refuses {
		return cms.EncodeTimestampResponse(2, nil), nil
	}
	token, err := t.token(now, r, flaw)
	if err != nil {
		return nil, err
	}
	return cms.EncodeTimestampResponse(0, token), nil
}

// Token stamps a digest.
func (t *TSA) Token(now time.Time, hash crypto.Hash, digest []byte) ([]byte, error) {
	return t.token(now, &cms.TimestampRequest{Hash: hash, Imprint: digest, Certificates: true}, NoFlaw)
}

func (t *TSA) token(now time.Time, r *cms.TimestampRequest, flaw Flaw) ([]byte, error) {
	var serial [8]byte
	_, _ = rand.Read(serial[:])
	serial[0] &= 0x7f
	info := cms.TSTInfo{Policy: policyTSA, Hash: r.Hash, Imprint: slices.Clone(r.Imprint),
		Serial: new(big.Int).SetBytes(serial[:]), Time: now, Nonce: r.Nonce}
	switch flaw {
	case WrongNonce:
		info.Nonce = big.NewInt(1)
	case WrongImprint:
		info.Imprint[0] ^= 1
	case Backdates:
		info.Time = now.AddDate(-2, 0, 0)
	}
	content := cms.EncodeTSTInfo(info)
	scheme, err := cms.SchemeFor(t.Signer.Public(), true)
	if err != nil {
		return nil, err
	}
	h := cms.NewHash(scheme.Hash)
	h.Write(content)
	attrs := cms.SignedAttributesFor(cms.OIDTSTInfo, t.Certificate, scheme, h.Sum(nil))
	value, err := scheme.Sign(t.Signer, attrs)
	if err != nil {
		return nil, err
	}
	chain := []*x509.Certificate(t.Chain[1:])
	parts := cms.Parts{Type: cms.OIDTSTInfo, Content: content, Certificate: t.Certificate, Chain: chain, Scheme: scheme,
		Attributes: attrs, Value: value}
	return cms.Assemble(parts)
}
