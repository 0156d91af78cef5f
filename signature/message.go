package signature

import (
	"crypto"
	"crypto/x509"
	"encoding/asn1"
	"encoding/hex"
	"errors"
	"hash"
	"slices"
	"time"

	"github.com/motcua/motcua/internal/ahead"
	"github.com/motcua/motcua/internal/cms"
	"github.com/motcua/motcua/internal/pdf"
)

// signedMessage is a parsed signature, or document time stamp, and the digest of what it signs.
type signedMessage struct {
	message *cms.Message
	signer  *cms.Signer
	hash    crypto.Hash // of the document
	digest  []byte
	pades   bool
	token   *cms.Token   // of a document time stamp
	stamps  []*cms.Token // of the signature; those that cannot be read are left out
	content []*cms.Token // of what it signs, from before
	broken  int          // time stamps that cannot be read
}

// readMessage parses /Contents as /SubFilter names it.
func (j *judgement) readMessage(c *candidate) {
	subFilter, err := j.doc.Resolve(c.dict["SubFilter"])
	kind, _ := subFilter.(pdf.Name)
	switch {
	case err == nil && kind == "ETSI.RFC3161":
		j.readToken(c)
		return
	case err != nil || kind != "ETSI.CAdES.detached" && kind != "adbe.pkcs7.detached":
		c.fail("signature.kind", c.ref.Num)
		return
	}
	message, rest, err := j.v.memory.reader().Parse(c.contents)
	if err != nil {
		code := "signature.message"
		if errors.Is(err, cms.ErrAlgorithm) {
			code = "signature.algorithm"
		}
		c.fail(code, c.ref.Num)
		return
	}
	if slices.ContainsFunc(rest, func(b byte) bool { return b != 0 }) || message.Content != nil {
		c.fail("signature.message", c.ref.Num)
		return
	}
	if len(message.Signers) != 1 {
		c.fail("signature.signers", c.ref.Num)
		return
	}
	signer := message.Signers[0]
	c.out.Digest, c.out.Algorithm = cms.HashName(signer.Digest), signer.Scheme.String()
	c.out.Level = "PKCS7-B"
	if kind == "ETSI.CAdES.detached" {
		c.out.Level = "PAdES-BASELINE-B"
	}
	if cms.NewHash(signer.Digest) == nil {
		c.fail("signature.algorithm", c.ref.Num)
		return
	}
	c.signed = &signedMessage{message: message, signer: signer, hash: signer.Digest, pades: kind == "ETSI.CAdES.detached"}
	c.describeSigned(signer)
	c.signed.readStamps(j.v.memory.reader())
}

// describeSigned copies what the signer says in the signed attributes besides the digest.
func (c *candidate) describeSigned(signer *cms.Signer) {
	c.out.Commitment, c.out.ContentHint = commitments[signer.Commitment()], signer.ContentHint()
	policy, present, err := signer.SignaturePolicy()
	if err != nil {
		c.fail("signature.attributes", c.ref.Num)
	}
	if !present || err != nil {
		return
	}
	c.out.Policy = &SignaturePolicy{URI: policy.URI}
	if policy.ID != nil {
		c.out.Policy.ID, c.out.Policy.Digest = policy.ID.String(), cms.HashName(policy.Hash)
		c.out.Policy.Value = hex.EncodeToString(policy.Digest)
	}
	c.warn("signature.policy")
}

var commitments = [...]string{"", "origin", "receipt", "delivery", "sender", "approval", "creation"}

// readStamps parses the time stamps among the attributes: unsigned ones over the signature, signed ones over the content.
func (s *signedMessage) readStamps(reader cms.Reader) {
	read := func(list []cms.Attribute, id asn1.ObjectIdentifier) (out []*cms.Token) {
		for _, a := range list {
			if !a.ID.Equal(id) {
				continue
			}
			for _, der := range a.Values {
				token, rest, err := reader.Token(der)
				if err != nil || len(rest) != 0 || len(out) >= maxStamps {
					s.broken++
					continue
				}
				out = append(out, token)
			}
		}
		return out
	}
	s.stamps = read(s.signer.Unsigned, cms.OIDTimestampToken)
	s.content = read(s.signer.Attributes, cms.OIDContentTimestamp)
}

// readToken parses a document time stamp.
func (j *judgement) readToken(c *candidate) {
	c.isStamp = true
	token, rest, err := j.v.memory.reader().Token(c.contents)
	if err != nil || slices.ContainsFunc(rest, func(b byte) bool { return b != 0 }) ||
		cms.NewHash(token.Info.Hash) == nil {
		c.fail("signature.message", c.ref.Num)
		return
	}
	c.signed = &signedMessage{message: token.Message, signer: token.Signer, hash: token.Info.Hash, token: token}
}

const maxStamps = 8 // of one signature

// digest computes the digests of all signed ranges. They share their beginning, so the file is read once for each
// digest algorithm, and the state is copied where a signature's own hole begins.
func (j *judgement) digest() error {
	byHash := map[crypto.Hash][]*candidate{}
	for _, c := range j.candidates {
		if c.signed != nil {
			byHash[c.signed.hash] = append(byHash[c.signed.hash], c)
		}
	}
	for algorithm, list := range byHash {
		slices.SortFunc(list, func(a, b *candidate) int { return int(max(-1, min(1, a.pos-b.pos))) })
		prefix, at := cms.NewHash(algorithm), int64(0)
		for i, c := range list {
			if err := j.feed(prefix, at, c.pos); err != nil {
				return err
			}
			at = c.pos
			branch := prefix
			if i < len(list)-1 {
				var err error
				if branch, err = fork(prefix); err != nil {
					return err
				}
			}
			if err := j.feed(branch, c.end, c.tail); err != nil {
				return err
			}
			c.signed.digest = branch.Sum(nil)
		}
	}
	return nil
}

func fork(h hash.Hash) (hash.Hash, error) {
	cloner, ok := h.(hash.Cloner)
	if !ok {
		return nil, errors.New("signature: digest: cannot be copied")
	}
	return cloner.Clone()
}

// feed writes the bytes from one offset to another into h.
func (j *judgement) feed(h hash.Hash, from, to int64) error {
	p := j.v.memory.piece()
	defer j.v.memory.pieces.Put(p)
	return ahead.Copy(j.ctx, h, j.in, from, to, p)
}

// checkStamp judges a document time stamp, whose own existence is proven for c.known.
func (j *judgement) checkStamp(c *candidate) {
	digest := c.signed.digest
	t := j.judgeToken(c.signed.token, c.known, func(crypto.Hash) []byte { return digest })
	t.Field, t.ByteRange = c.out.Field, c.out.ByteRange
	c.stamp = &t
	c.out.Intact, c.statuses = t.Intact, t.statuses
	c.out.Reasons = append(c.out.Reasons, t.Reasons...)
}

// checkMessage asks the cryptographic questions and, whatever the answers, about the certificate: a report that names
// every fault helps more than one that stops at the first.
func (j *judgement) checkMessage(c *candidate) {
	s := c.signed
	if err := s.signer.CheckContent(cms.OIDData, s.digest); err != nil {
		code := "signature.attributes"
		if errors.Is(err, cms.ErrDigest) {
			code = "signature.content"
		}
		c.fail(code)
	}
	if !s.message.ContentType.Equal(cms.OIDData) {
		c.fail("signature.attributes")
	}
	cert, err := s.message.Certificate(s.signer, slices.Concat(j.pool.certificates, j.v.trust.anchors)...)
	if err != nil {
		c.fail("certificate.missing")
		return
	}
	facts := j.facts(cert)
	c.out.Signer = &facts
	if err := s.signer.CheckSignature(cert); err != nil {
		code := "signature.value"
		if errors.Is(err, cms.ErrAlgorithm) {
			code = "signature.algorithm"
		}
		c.fail(code)
	}
	bound, err := s.signer.CheckBinding(cert)
	switch {
	case err != nil:
		c.fail("signature.binding")
	case !bound && s.pades:
		c.fail("signature.unbound")
	}
	c.out.Intact = len(c.out.Reasons) == 0
	j.proveTime(c)
	j.checkContentStamps(c)
	j.checkAlgorithms(c, cert)
	j.checkChain(c, cert)
	j.checkTimes(c, cert)
	if !s.pades {
		c.warn("signature.level")
	}
}

// proveTime finds the best signature time (EN 319 102-1, 5.5): the earliest instant for which a time stamp proves that the
// signature existed. Without one it is the time of judgement.
func (j *judgement) proveTime(c *candidate) {
	c.best = c.known
	for _, token := range c.signed.stamps {
		t := j.judgeToken(token, c.known, hashed(c.signed.signer.Value))
		c.out.Timestamps = append(c.out.Timestamps, t)
		switch {
		case t.Indication == TotalPassed && t.Time.Before(c.best):
			c.best = t.Time
		case t.Indication == TotalFailed:
			c.warn("timestamp.failed")
		case t.Indication != TotalPassed:
			c.warn("timestamp.not-trusted")
		}
	}
	if c.signed.broken > 0 {
		c.warn("timestamp.unreadable")
	}
	if c.best.Before(j.at) {
		proven := c.best
		c.out.ProvenTime = &proven
	}
}

// checkContentStamps judges time stamps over the content from before the signature: they say that it is not older, never
// that it is. One with another digest algorithm than the signature's proves nothing.
func (j *judgement) checkContentStamps(c *candidate) {
	s := c.signed
	for _, token := range s.content {
		t := j.judgeToken(token, j.at, func(h crypto.Hash) []byte {
			if h != s.hash {
				return nil
			}
			return s.digest
		})
		c.out.ContentTimestamps = append(c.out.ContentTimestamps, t)
		switch {
		case t.Indication != TotalPassed:
			c.warn("signature.content-timestamp")
		case t.Time.After(c.best.Add(maxSkew)):
			c.fail("signature.younger")
		}
	}
}

func (j *judgement) checkAlgorithms(c *candidate, cert *x509.Certificate) {
	name, bits := keyOf(cert)
	policy := j.v.policy
	if !policy.permits(cms.HashName(c.signed.signer.Digest), 0, c.best) || !policy.permits(name, bits, c.best) {
		c.fail("signature.algorithm")
	}
}

// clockSkew is how far the clocks of signer and time-stamp authority may differ before the report says so.
const clockSkew = 10 * time.Minute

// checkTimes compares the claimed time with the time of judgement and the certificate.
func (j *judgement) checkTimes(c *candidate, cert *x509.Certificate) {
	claimed := c.out.ClaimedTime
	if c.out.ProvenTime == nil && claimed != nil {
		c.warn("signature.time-not-proven")
	}
	if claimed == nil {
		c.warn("signature.no-time")
		return
	}
	switch {
	case claimed.After(j.at.Add(maxSkew)):
		c.fail("signature.claimed-time")
	case claimed.After(c.best.Add(clockSkew)):
		c.warn("signature.claimed-later")
	}
	if claimed.Before(cert.NotBefore) || claimed.After(cert.NotAfter) {
		c.fail("certificate.claimed-time")
	}
}
