package cms

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/asn1"
	"math/big"
	"strings"
	"time"

	"github.com/motcua/motcua/internal/asn1x"
)

var (
	oidExtKeyUsage  = asn1.ObjectIdentifier{2, 5, 29, 37}
	oidTimeStamping = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 8}
)

const (
	tagBoolean         = 0x01
	tagGeneralizedTime = 0x18
)

// TSTInfo is what a time-stamp authority asserts (RFC 3161, 2.4.2).
type TSTInfo struct {
	Policy  asn1.ObjectIdentifier
	Hash    crypto.Hash
	Imprint []byte
	Serial  *big.Int
	Time    time.Time
	// Nonce is nil when the token has none.
	Nonce *big.Int
}

// Token is a parsed time-stamp token. Nothing in it has been verified.
type Token struct {
	Info    TSTInfo
	Message *Message
	Signer  *Signer
}

// ParseToken reads a time-stamp token and returns what follows it. A token has exactly one signer.
func ParseToken(input []byte) (t *Token, rest []byte, err error) { return Reader{}.Token(input) }

// Token is [ParseToken].
func (r Reader) Token(input []byte) (t *Token, rest []byte, err error) {
	m, rest, err := r.Parse(input)
	if err != nil {
		return nil, nil, err
	}
	if !m.ContentType.Equal(OIDTSTInfo) || m.Content == nil || len(m.Signers) != 1 {
		return nil, nil, fail(ErrFormat, "TSTInfo with one signer")
	}
	der, more, err := asn1x.Normalize(m.Content, asn1x.Limits{})
	if err != nil || len(more) != 0 {
		return nil, nil, fail(ErrFormat, "TSTInfo of RFC 3161")
	}
	t = &Token{Message: m, Signer: m.Signers[0]}
	if err := t.Info.parse(der); err != nil {
		if _, ok := err.(*Error); !ok {
			err = &Error{ErrFormat, "TSTInfo of RFC 3161", err}
		}
		return nil, nil, err
	}
	return t, rest, nil
}

func (i *TSTInfo) parse(der []byte) error {
	seq, err := asn1x.Open(der).Take(asn1x.Sequence)
	if err != nil {
		return err
	}
	c := asn1x.Open(seq.Body)
	if v, err := c.Int(); err != nil || v != 1 {
		return fail(ErrFormat, "TSTInfo version 1")
	}
	if i.Policy, err = c.OID(); err != nil {
		return err
	}
	if i.Hash, i.Imprint, err = parseImprint(c); err != nil {
		return err
	}
	if i.Serial, err = c.BigInt(); err != nil {
		return err
	}
	at, err := c.Take(tagGeneralizedTime)
	if err != nil {
		return err
	}
	if i.Time, err = parseGenTime(string(at.Body)); err != nil {
		return err
	}
	return i.parseOptional(c)
}

// parseOptional reads accuracy, ordering, nonce, name and extensions, in this order and nothing else.
func (i *TSTInfo) parseOptional(c *asn1x.Cursor) error {
	for _, tag := range []byte{asn1x.Sequence, tagBoolean} {
		if _, _, err := c.Optional(tag); err != nil {
			return err
		}
	}
	if c.Peek() == asn1x.Integer {
		var err error
		if i.Nonce, err = c.BigInt(); err != nil {
			return err
		}
	}
	for n := range 2 {
		if _, _, err := c.Optional(asn1x.Context(n)); err != nil {
			return err
		}
	}
	return c.End()
}

// parseGenTime reads a time as RFC 3161 has it: UTC, with seconds, and a fraction that does not end in zero.
func parseGenTime(text string) (time.Time, error) {
	whole, fraction, dotted := strings.Cut(strings.TrimSuffix(text, "Z"), ".")
	if !strings.HasSuffix(text, "Z") || len(whole) != 14 || len(fraction) > 9 ||
		dotted && (fraction == "" || strings.HasSuffix(fraction, "0")) {
		return time.Time{}, fail(ErrFormat, "genTime in UTC")
	}
	at, err := time.Parse("20060102150405.999999999Z", text)
	if err != nil {
		return time.Time{}, fail(ErrFormat, "genTime in UTC")
	}
	return at, nil
}

func parseImprint(c *asn1x.Cursor) (crypto.Hash, []byte, error) {
	seq, err := c.Take(asn1x.Sequence)
	if err != nil {
		return 0, nil, err
	}
	in := asn1x.Open(seq.Body)
	h, err := parseHash(in)
	if err != nil {
		return 0, nil, err
	}
	digest, err := in.Take(asn1x.OctetString)
	if err != nil {
		return 0, nil, err
	}
	if n := h.Size(); len(digest.Body) != n {
		return 0, nil, fail(ErrFormat, "an imprint as long as its digest")
	}
	return h, bytes.Clone(digest.Body), in.End()
}

// Certificate finds the authority's certificate in the token or among extra.
func (t *Token) Certificate(extra ...*x509.Certificate) (*x509.Certificate, error) {
	return t.Message.Certificate(t.Signer, extra...)
}

// Check verifies the token itself: attributes, digest, signature, and the signed certificate reference, which RFC 3161
// makes mandatory. Whether the authority is trusted is another question.
func (t *Token) Check(cert *x509.Certificate) error {
	h := NewHash(t.Signer.Digest)
	if h == nil {
		return fail(ErrAlgorithm, "a digest that can be computed")
	}
	h.Write(t.Message.Content)
	if err := t.Signer.CheckContent(OIDTSTInfo, h.Sum(nil)); err != nil {
		return err
	}
	if err := t.Signer.CheckSignature(cert); err != nil {
		return err
	}
	bound, err := t.Signer.CheckBinding(cert)
	if err == nil && !bound {
		err = fail(ErrBinding, "a signed reference to the authority's certificate")
	}
	return err
}

// IsTimestampAuthority reports whether a certificate was issued for time stamps and nothing else: RFC 3161, 2.3 asks for
// a critical extended key usage with that one purpose.
func IsTimestampAuthority(cert *x509.Certificate) bool {
	if cert.IsCA || cert.KeyUsage != 0 && cert.KeyUsage&(x509.KeyUsageDigitalSignature|x509.KeyUsageContentCommitment) == 0 {
		return false
	}
	for _, e := range cert.Extensions {
		if e.Id.Equal(oidExtKeyUsage) {
			var purposes []asn1.ObjectIdentifier
			rest, err := asn1.Unmarshal(e.Value, &purposes)
			return err == nil && len(rest) == 0 && e.Critical && len(purposes) == 1 && purposes[0].Equal(oidTimeStamping)
		}
	}
	return false
}

// TimestampRequest is a TimeStampReq (RFC 3161, 2.4.1).
type TimestampRequest struct {
	Hash    crypto.Hash
	Imprint []byte
	Policy  asn1.ObjectIdentifier // nil: whatever the authority's is
	Nonce   *big.Int              // nil: none
	// Certificates asks for the authority's certificate in the token.
	Certificates bool
}

// Encode returns the request in DER.
func (r TimestampRequest) Encode() []byte {
	parts := [][]byte{asn1x.EncodeInt(big.NewInt(1)), imprint(r.Hash, r.Imprint)}
	if r.Policy != nil {
		parts = append(parts, asn1x.EncodeOID(r.Policy))
	}
	if r.Nonce != nil {
		parts = append(parts, asn1x.EncodeInt(r.Nonce))
	}
	if r.Certificates {
		parts = append(parts, []byte{1, 1, 0xff})
	}
	return asn1x.Encode(asn1x.Sequence, parts...)
}

func imprint(h crypto.Hash, digest []byte) []byte {
	return asn1x.Encode(asn1x.Sequence, hashIdentifier(h), asn1x.Encode(asn1x.OctetString, digest))
}

// ParseTimestampRequest reads what Encode wrote.
func ParseTimestampRequest(input []byte) (*TimestampRequest, error) {
	der, rest, err := asn1x.Normalize(input, asn1x.Limits{})
	if err != nil || len(rest) != 0 {
		return nil, fail(ErrFormat, "TimeStampReq of RFC 3161")
	}
	seq, err := asn1x.Open(der).Take(asn1x.Sequence)
	if err != nil {
		return nil, err
	}
	c, r := asn1x.Open(seq.Body), new(TimestampRequest)
	if v, err := c.Int(); err != nil || v != 1 {
		return nil, fail(ErrFormat, "TimeStampReq version 1")
	}
	if r.Hash, r.Imprint, err = parseImprint(c); err != nil {
		return nil, err
	}
	if c.Peek() == asn1x.OID {
		if r.Policy, err = c.OID(); err != nil {
			return nil, err
		}
	}
	if c.Peek() == asn1x.Integer {
		if r.Nonce, err = c.BigInt(); err != nil {
			return nil, err
		}
	}
	if e, ok, err := c.Optional(1); err != nil {
		return nil, err
	} else if ok {
		r.Certificates = len(e.Body) == 1 && e.Body[0] != 0
	}
	return r, nil
}

// EncodeTimestampResponse returns a TimeStampResp; token is nil when status is a refusal.
func EncodeTimestampResponse(status int, token []byte) []byte {
	info := asn1x.Encode(asn1x.Sequence, asn1x.EncodeInt(big.NewInt(int64(status))))
	return asn1x.Encode(asn1x.Sequence, info, token)
}

// ParseTimestampResponse returns the status (0 and 1 grant) and the token's bytes, nil when there is none.
func ParseTimestampResponse(input []byte) (status int, token []byte, err error) {
	der, rest, err := asn1x.Normalize(input, asn1x.Limits{})
	if err != nil || len(rest) != 0 {
		return 0, nil, fail(ErrFormat, "TimeStampResp of RFC 3161")
	}
	seq, err := asn1x.Open(der).Take(asn1x.Sequence)
	if err != nil {
		return 0, nil, err
	}
	c := asn1x.Open(seq.Body)
	info, err := c.Take(asn1x.Sequence)
	if err != nil {
		return 0, nil, err
	}
	if status, err = asn1x.Open(info.Body).Int(); err != nil || status < 0 || status > 5 {
		return 0, nil, fail(ErrFormat, "a PKIStatus of 0 to 5")
	}
	if e, ok, err := c.Optional(asn1x.Sequence); err != nil {
		return 0, nil, err
	} else if ok {
		token = e.Full
	}
	return status, token, c.End()
}

// EncodeTSTInfo returns a TSTInfo in DER, as an authority signs it.
func EncodeTSTInfo(i TSTInfo) []byte {
	parts := [][]byte{asn1x.EncodeInt(big.NewInt(1)), asn1x.EncodeOID(i.Policy), imprint(i.Hash, i.Imprint),
		asn1x.EncodeInt(i.Serial), asn1x.Encode(tagGeneralizedTime, []byte(i.Time.UTC().Format("20060102150405Z")))}
	if i.Nonce != nil {
		parts = append(parts, asn1x.EncodeInt(i.Nonce))
	}
	return asn1x.Encode(asn1x.Sequence, parts...)
}
