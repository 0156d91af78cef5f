package signature

import (
	"context"
	"crypto/x509"
	"errors"
	"io"
	"slices"
	"time"

	"github.com/motcua/motcua/internal/pdf"
	"github.com/motcua/motcua/internal/vntime"
)

// Verifier judges documents under one policy and one set of anchors. It is safe for concurrent use. It remembers a
// bounded number of certificates and chains, so that one verifier for many documents is faster than one for each; a
// verdict never depends on what was judged before.
type Verifier struct {
	trust  *TrustStore
	policy Policy
	memory memory
}

// NewVerifier makes a verifier. It refuses a store without anchors ([ErrNoAnchors]) and a policy that leaves revocation
// open ([*PolicyError]).
func NewVerifier(trust *TrustStore, policy Policy) (*Verifier, error) {
	if trust == nil || trust.pool == nil || len(trust.anchors) == 0 {
		return nil, ErrNoAnchors
	}
	policy, err := policy.normalize()
	if err != nil {
		return nil, err
	}
	return &Verifier{trust: trust, policy: policy}, nil
}

// Verify judges all signatures of the document of size bytes in doc, as at the time at. It reads doc in pieces and
// keeps none. A signature that does not pass is in the report, not an error; errors are [*DocumentError] for a file
// that cannot be judged, [*PolicyError] for a zero time, and what ctx and doc return.
func (v *Verifier) Verify(ctx context.Context, doc io.ReaderAt, size int64, at time.Time) (*Report, error) {
	if at.IsZero() {
		return nil, &PolicyError{"time of judgement", "a time, stated"}
	}
	if size > v.policy.MaxSize {
		return nil, &DocumentError{&pdf.Error{Kind: pdf.ErrLimit, Offset: -1, Rule: "a file within the policy's size"}}
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	newest, err := pdf.Open(doc, size, pdf.Limits{Work: workFor(size)})
	if errors.Is(err, pdf.ErrSyntax) && v.policy.Repair {
		newest, err = pdf.Repair(doc, size, pdf.Limits{Work: workFor(size)})
	}
	if err != nil {
		return nil, &DocumentError{err}
	}
	j := &judgement{v: v, ctx: ctx, in: doc, size: size, at: at, doc: newest, work: workFor(size),
		read: map[pdf.Value]bool{}, pool: pool{memory: &v.memory}}
	report := &Report{At: vntime.In(at), Size: size, Signatures: []Signature{}, Repaired: newest.Repaired()}
	if err := j.collect(report); err != nil {
		return nil, err
	}
	if err := j.judge(); err != nil {
		return nil, err
	}
	j.conclude(report)
	return report, nil
}

// workFor bounds what parsing a file of that size may cost, all its revisions together.
func workFor(size int64) int64 { return 16<<20 + 4*size }

// judgement is the state of one call of Verify.
type judgement struct {
	v    *Verifier
	ctx  context.Context
	in   io.ReaderAt
	size int64
	at   time.Time
	doc  *pdf.Document
	work int64 // left for looking into older revisions

	candidates []*candidate // ordered by end

	pool    pool               // evidence at hand
	read    map[pdf.Value]bool // pieces of the document's security store
	between *x509.CertPool     // the pool's certificates, of which added are in it; nil until it is needed
	added   int

	listChecks int // signatures of CRLs tried with keys other than the issuer's own
}

// candidate is a signature field with a value.
type candidate struct {
	field pdf.Field
	ref   pdf.Ref  // of the signature dictionary
	dict  pdf.Dict // nil when it cannot be read

	sound    bool // geometry holds
	pos, end int64
	tail     int64 // the end of the signed range: of the revision
	contents []byte

	signed *signedMessage // nil when the message cannot be read
	out    Signature

	known     time.Time // an instant at which the signature existed, by the document time stamps over it
	best      time.Time // the same, by its own time stamps too
	isStamp   bool      // a document time stamp
	stamp     *Timestamp
	chain     []*x509.Certificate
	statuses  []statusOf
	revokedAt time.Time
}

func (c *candidate) fail(code string, objects ...int) {
	c.out.Reasons = append(c.out.Reasons, reason(code, objects...))
}

func (c *candidate) warn(code string) { c.out.Warnings = append(c.out.Warnings, reason(code)) }

// collect finds the signatures and checks their geometry.
func (j *judgement) collect(report *Report) error {
	fields, err := j.doc.Fields()
	if err != nil {
		return &DocumentError{err}
	}
	shared := map[pdf.Ref]int{}
	for _, f := range fields {
		if f.Type != "Sig" {
			continue
		}
		if f.Value == nil {
			report.Warnings = append(report.Warnings, reason("document.unsigned-field", f.Ref.Num))
			continue
		}
		if len(j.candidates) >= j.v.policy.MaxSignatures {
			return &DocumentError{&pdf.Error{Kind: pdf.ErrLimit, Offset: -1, Rule: "the policy's number of signatures"}}
		}
		c := &candidate{field: f}
		c.out.Field, c.out.Coverage = f.Name, UnclearCoverage
		c.ref, _ = f.Value.(pdf.Ref)
		shared[c.ref]++
		j.candidates = append(j.candidates, c)
	}
	for _, c := range j.candidates {
		if shared[c.ref] > 1 {
			c.fail("signature.shared", c.ref.Num)
		}
		j.measure(c)
	}
	slices.SortStableFunc(j.candidates, func(a, b *candidate) int { return int(max(-1, min(1, a.tail-b.tail))) })
	return nil
}

// judge asks the questions in their order.
func (j *judgement) judge() error {
	for _, c := range j.candidates {
		if c.sound {
			j.readMessage(c)
		}
	}
	if err := j.digest(); err != nil {
		return err
	}
	if err := j.gather(); err != nil {
		return err
	}
	j.pool.addCertificates(j.v.policy.Certificates, 0)
	// From the newest to the oldest: what a later document time stamp proves is known when the earlier ones are asked,
	// and whether an addition is permitted depends on the signatures that came later.
	known := j.at
	for i := len(j.candidates) - 1; i >= 0; i-- {
		c := j.candidates[i]
		if err := j.ctx.Err(); err != nil {
			return err
		}
		c.known, c.best = known, known
		switch {
		case c.signed == nil:
		case c.isStamp:
			j.checkStamp(c)
			if c.stamp.Indication == TotalPassed && c.stamp.Time.Before(known) && !j.doc.Repaired() {
				known = c.stamp.Time
			}
		default:
			j.checkMessage(c)
			j.checkCertification(c)
		}
		switch {
		case j.doc.Repaired():
			c.fail("document.repaired")
		case c.sound:
			j.checkAfter(c)
			if !c.isStamp { // who signed later is nothing to a time stamp
				j.checkLater(c, j.candidates[i+1:])
			}
		}
		c.out.settle()
	}
	j.checkOrder()
	return j.ctx.Err()
}

// checkLater lets a signature pass only if those after it pass: they are what may have been added to it. A document time
// stamp that shows nothing and is not broken may lack trust: it proves nothing then, but does no harm.
func (j *judgement) checkLater(c *candidate, later []*candidate) {
	for _, l := range later {
		if l.tail <= c.tail || l.out.Indication == TotalPassed {
			continue
		}
		if l.isStamp && l.out.Intact && l.out.Indication == Indeterminate && invisible(l.field.Dict) {
			c.warn("document.later-timestamp")
			continue
		}
		c.fail("document.later-signature", l.ref.Num)
		return
	}
}

// invisible reports whether a field's widget shows nothing.
func invisible(field pdf.Dict) bool {
	rect, ok := field["Rect"].(pdf.Array)
	return field["AP"] == nil && (!ok || len(rect) == 4 && rect[0] == rect[2] && rect[1] == rect[3])
}

// checkOrder uses that a signature is younger than the time stamps it covers: one made by a certificate that was revoked
// before such a time stamp was certainly made too late.
func (j *judgement) checkOrder() {
	var floor time.Time
	for _, c := range j.candidates {
		if !c.revokedAt.IsZero() && c.revokedAt.Before(floor) {
			c.fail("certificate.revoked")
		}
		stamps := c.out.Timestamps
		if c.stamp != nil {
			stamps = []Timestamp{*c.stamp}
		}
		for _, t := range stamps {
			if c.sound && t.Indication == TotalPassed && t.Time.After(floor) {
				floor = t.Time
			}
		}
	}
}

// conclude writes the report.
func (j *judgement) conclude(report *Report) {
	report.Indication = NoSignatureFound
	for _, c := range j.candidates {
		c.out.settle()
		if c.isStamp {
			report.DocumentTimestamps = append(report.DocumentTimestamps, c.asStamp())
			continue
		}
		j.findLevel(c)
		c.out.evidence = j.evidenceOf(c)
		if len(report.Signatures) == 0 || c.out.Indication.rank() > report.Indication.rank() {
			report.Indication = c.out.Indication
		}
		report.Signatures = append(report.Signatures, c.out)
	}
	report.Warnings = append(report.Warnings, j.baggage()...)
}

// asStamp is the verdict on a document time stamp.
func (c *candidate) asStamp() Timestamp {
	var t Timestamp
	if c.stamp != nil {
		t = *c.stamp
	}
	t.Field, t.ByteRange, t.Coverage, t.Changes = c.out.Field, c.out.ByteRange, c.out.Coverage, c.out.Changes
	t.Indication, t.SubIndication, t.Reasons = c.out.Indication, c.out.SubIndication, c.out.Reasons
	return t
}
