package signature

import (
	"crypto"
	"crypto/x509"
	"errors"
	"hash"
	"io"
	"slices"

	"github.com/motcua/motcua/internal/cms"
	"github.com/motcua/motcua/internal/pdf"
)

// signedMessage is a parsed signature and the digest of what it signs.
type signedMessage struct {
	message *cms.Message
	signer  *cms.Signer
	digest  []byte
	pades   bool
}

// readMessage parses /Contents as /SubFilter names it.
func (j *judgement) readMessage(c *candidate) {
	subFilter, err := j.doc.Resolve(c.dict["SubFilter"])
	kind, _ := subFilter.(pdf.Name)
	if err != nil || kind != "ETSI.CAdES.detached" && kind != "adbe.pkcs7.detached" {
		c.fail("signature.kind", c.ref.Num)
		return
	}
	message, rest, err := cms.Parse(c.contents)
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
	c.signed = &signedMessage{message: message, signer: signer, pades: kind == "ETSI.CAdES.detached"}
}

const hashBlock = 64 << 10

// digest computes the digests of all signed ranges. They share their beginning, so the file is read once for each
// digest algorithm, and the state is copied where a signature's own hole begins.
func (j *judgement) digest() error {
	byHash := map[crypto.Hash][]*candidate{}
	for _, c := range j.candidates {
		if c.signed != nil {
			byHash[c.signed.signer.Digest] = append(byHash[c.signed.signer.Digest], c)
		}
	}
	buf := make([]byte, min(hashBlock, j.size))
	for algorithm, list := range byHash {
		slices.SortFunc(list, func(a, b *candidate) int { return int(max(-1, min(1, a.pos-b.pos))) })
		prefix, at := cms.NewHash(algorithm), int64(0)
		for i, c := range list {
			if err := j.feed(prefix, at, c.pos, buf); err != nil {
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
			if err := j.feed(branch, c.end, c.tail, buf); err != nil {
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
func (j *judgement) feed(h hash.Hash, from, to int64, buf []byte) error {
	for from < to {
		if err := j.ctx.Err(); err != nil {
			return err
		}
		n := min(int64(len(buf)), to-from)
		if got, err := j.in.ReadAt(buf[:n], from); int64(got) < n {
			if err == nil || err == io.EOF {
				err = io.ErrUnexpectedEOF
			}
			return err
		}
		h.Write(buf[:n])
		from += n
	}
	return nil
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
	cert, err := s.message.Certificate(s.signer, j.v.trust.anchors...)
	if err != nil {
		c.fail("certificate.missing")
		return
	}
	facts := certificateOf(cert)
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
	j.checkAlgorithms(c, cert)
	j.checkChain(c, cert)
	j.checkTimes(c, cert)
	if !s.pades {
		c.warn("signature.level")
	}
}

func (j *judgement) checkAlgorithms(c *candidate, cert *x509.Certificate) {
	name, bits := keyOf(cert)
	policy := j.v.policy
	if !policy.permits(cms.HashName(c.signed.signer.Digest), 0, j.at) || !policy.permits(name, bits, j.at) {
		c.fail("signature.algorithm")
	}
}

// checkTimes compares the claimed time with the time of judgement and the certificate.
func (j *judgement) checkTimes(c *candidate, cert *x509.Certificate) {
	claimed := c.out.ClaimedTime
	if claimed == nil {
		c.warn("signature.no-time")
		return
	}
	c.warn("signature.time-not-proven")
	if claimed.After(j.at) {
		c.fail("signature.claimed-time")
	}
	if claimed.Before(cert.NotBefore) || claimed.After(cert.NotAfter) {
		c.fail("certificate.claimed-time")
	}
}
