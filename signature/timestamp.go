package signature

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"slices"
	"time"

	"github.com/motcua/motcua/internal/cms"
	"github.com/motcua/motcua/internal/vntime"
)

// Timestamp is the verdict on one time stamp (dấu thời gian): of a signature, or of a whole document (DocTimeStamp).
type Timestamp struct {
	// Field is the name of a document time stamp's field, empty for a signature's.
	Field         string        `json:"field,omitempty"`
	Indication    Indication    `json:"indication"`
	SubIndication SubIndication `json:"subIndication,omitempty"`
	Reasons       []Reason      `json:"reasons,omitempty"`
	// Time is what the authority asserts. It counts only when the indication is TOTAL_PASSED.
	Time      time.Time `json:"time"`
	Policy    string    `json:"policy,omitempty"`
	Digest    string    `json:"digest,omitempty"`
	Algorithm string    `json:"algorithm,omitempty"`
	// Intact says that the token fits what it stamps and its own certificate.
	Intact     bool                `json:"intact"`
	Authority  *Certificate        `json:"authority,omitempty"`
	Chain      []Certificate       `json:"chain,omitempty"`
	Revocation []CertificateStatus `json:"revocation,omitempty"`
	// Coverage, ByteRange and Changes are those of a document time stamp.
	Coverage  Coverage `json:"coverage,omitempty"`
	ByteRange []int64  `json:"byteRange,omitempty"`
	Changes   []Change `json:"changes,omitempty"`

	chain    []*x509.Certificate
	statuses []statusOf
}

// String names the verdict.
func (t Timestamp) String() string { return "time stamp " + string(t.Indication) }

func (t *Timestamp) fail(code string) { t.Reasons = append(t.Reasons, reason(code)) }

func (t *Timestamp) settle() {
	s := Signature{Reasons: t.Reasons}
	s.settle()
	t.Indication, t.SubIndication, t.Reasons = s.Indication, s.SubIndication, s.Reasons
}

// judgeToken judges a token whose existence is proven for the instant known: that of judgement, or of a later time stamp
// over it. imprint gives the digest of what it should stamp.
func (j *judgement) judgeToken(token *cms.Token, known time.Time, imprint func(crypto.Hash) []byte) Timestamp {
	info := token.Info
	t := Timestamp{Time: vntime.In(info.Time), Policy: info.Policy.String(), Digest: cms.HashName(info.Hash),
		Algorithm: token.Signer.Scheme.String()}
	if digest := imprint(info.Hash); digest == nil || !bytes.Equal(digest, info.Imprint) {
		t.fail("timestamp.imprint")
	}
	cert, err := token.Certificate(slices.Concat(j.pool.certificates, j.v.trust.anchors)...)
	if err != nil {
		t.fail("timestamp.certificate")
		t.settle()
		return t
	}
	facts := j.facts(cert)
	t.Authority = &facts
	if token.Check(cert) != nil {
		t.fail("timestamp.value")
	}
	t.Intact = len(t.Reasons) == 0
	if !cms.IsTimestampAuthority(cert) {
		t.fail("timestamp.usage")
	}
	if info.Time.After(known.Add(maxSkew)) || info.Time.Before(cert.NotBefore) || info.Time.After(cert.NotAfter) {
		t.fail("timestamp.order")
	}
	policy := j.v.policy
	name, bits := keyOf(cert)
	if !policy.permits(t.Digest, 0, known) || !policy.permits(cms.HashName(token.Signer.Digest), 0, known) ||
		!policy.permits(name, bits, known) {
		t.fail("timestamp.algorithm")
	}
	j.judgeAuthority(&t, cert, known)
	t.settle()
	return t
}

// judgeAuthority leads the authority's certificate to an anchor.
func (j *judgement) judgeAuthority(t *Timestamp, cert *x509.Certificate, known time.Time) {
	if known.After(cert.NotAfter) {
		t.fail("timestamp.expired")
		known = cert.NotAfter
	}
	chain, code := j.path(cert, known, forTimestamps)
	if code != "" {
		t.fail(code)
		return
	}
	t.chain = chain
	for _, above := range chain[1:] {
		t.Chain = append(t.Chain, j.facts(above))
	}
	if j.v.policy.Revocation == RevocationNotChecked {
		return
	}
	code, _, t.statuses = j.checkRevocation(chain, known)
	for _, s := range t.statuses {
		t.Revocation = append(t.Revocation, s.report())
	}
	if code != "" && code != "certificate.revocation-unnamed" {
		t.fail(code)
	}
}

// hashed digests a value with whatever algorithm a token names.
func hashed(value []byte) func(crypto.Hash) []byte {
	return func(h crypto.Hash) []byte {
		running := cms.NewHash(h)
		if running == nil {
			return nil
		}
		running.Write(value)
		return running.Sum(nil)
	}
}
