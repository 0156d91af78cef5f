package chip

import (
	"crypto"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/motcua/motcua/internal/cms"
	"github.com/motcua/motcua/internal/csca"
)

// Policy says what is demanded. The zero value demands all there is to check but a proof against copies.
type Policy struct {
	// Kind is the document that is expected; zero takes cards and passports.
	Kind Kind
	// RevocationOptional makes a missing or stale revocation list a warning: the verdict can then be Accepted for a
	// document signer that was revoked yesterday.
	RevocationOptional bool
	// AcceptExpired makes a document behind its last day a warning, for who wants to know whose it was.
	AcceptExpired bool
	// SHA1Until accepts SHA-1 for what was signed before this moment; zero never. Chips of before 2010 need it.
	SHA1Until time.Time
	// CloneProof demands that chip or active authentication passed: without, a copy of the files passes as well.
	CloneProof bool
}

// permits reports whether a digest was good enough for what was signed at a moment.
func (p Policy) permits(h crypto.Hash, at time.Time) bool {
	switch h {
	case crypto.SHA224, crypto.SHA256, crypto.SHA384, crypto.SHA512:
		return true
	case crypto.SHA1:
		return at.Before(p.SHA1Until)
	}
	return false
}

// Verifier checks what was read from chips. It remembers which document signers' certificates were issued by whom, for a
// counter meets the same few again and again; of documents it remembers nothing. It is safe for concurrent use.
type Verifier struct {
	trust  *Trust
	policy Policy
	memory memory
}

// NewVerifier returns a verifier. Errors: *InvalidError without trust.
func NewVerifier(trust *Trust, policy Policy) (*Verifier, error) {
	if trust == nil || len(trust.pools) == 0 {
		return nil, refuse("trust", "empty")
	}
	return &Verifier{trust: trust, policy: policy}, nil
}

// Verify does passive authentication (Doc 9303-11, 5.1) and, when it passed, checks what session recorded. The report
// says of each check how it came out and why; it is never nil. What speaks against a document is Failed, also where the
// policy would not have asked for the check.
func (v *Verifier) Verify(at time.Time, files Files, session Session) *Report {
	run := &run{v: v, at: at, files: files, report: &Report{At: at, Steps: make([]Step, 0, 24)}}
	run.passive()
	run.active(session)
	run.report.conclude()
	if run.report.Verdict == Accepted {
		run.report.document = run.document
	}
	return run.report
}

// run is one verification.
type run struct {
	v      *Verifier
	at     time.Time
	files  Files
	report *Report

	object   *securityObject
	zone     zone
	zoneErr  error
	signer   *csca.Certificate
	issuer   *authority
	security security
	hasKeys  bool // DG14 was read
	document Document
}

func (r *run) step(name string, needed bool, outcome Outcome, reason string, detail ...string) {
	r.report.add(Step{Name: name, Outcome: outcome, Reason: reason, Needed: needed, Detail: strings.Join(detail, "; ")})
}

func (r *run) fileStep(name string, file File, needed bool, outcome Outcome, reason string) {
	r.report.add(Step{Name: name, File: file, Outcome: outcome, Reason: reason, Needed: needed})
}

// passiveSteps are those without which nothing is accepted, in the order in which they are done.
var passiveSteps = [...]string{
	"sod", "signer", "signature", "chain", "signing-time", "validity", "revocation", "hash", "content", "agreement", "document",
	"country", "expiry",
}

func (r *run) passive() {
	object, rule := parseSecurityObject(r.files)
	switch {
	case r.files.raw(SOD) == nil:
		r.step("sod", true, NotDone, "missing")
	case rule != "":
		r.step("sod", true, Failed, rule)
	default:
		r.object = object
		r.checkObject()
	}
	for _, name := range passiveSteps {
		if !slices.ContainsFunc(r.report.Steps, func(s Step) bool { return s.Name == name }) {
			r.step(name, true, NotDone, "not-reached")
		}
	}
}

func (r *run) checkObject() {
	o, signed := r.object, r.signedBy()
	r.report.Digest, r.report.Scheme = cms.HashName(o.hash), o.signer.Scheme.String()+" "+cms.HashName(o.signer.Digest)
	switch {
	case !r.v.policy.permits(o.hash, signed) || !r.v.policy.permits(o.signer.Digest, signed):
		r.step("sod", true, Failed, "digest", r.report.Digest, r.report.Scheme)
	case o.oldType:
		r.step("sod", true, Warning, "old-type")
	default:
		r.step("sod", true, Passed, "ok")
	}
	r.checkCOM()
	r.zone, r.zoneErr = parseZone(r.files, r.at)
	r.checkSigner()
	if r.signer != nil {
		r.checkSignature()
		r.checkChain()
		r.checkTimes()
		r.checkRevocation()
	}
	r.checkHashes()
	r.checkContents()
	r.checkDocument()
}

// signedBy is the latest moment at which the object can have been signed: the signing time where there is one, else the
// end of the signer's key, else of its certificate.
func (r *run) signedBy() time.Time {
	signer := r.object.certificate
	switch at := r.object.signedAt; {
	case !at.IsZero():
		return at
	case signer == nil:
		return r.at
	case !signer.KeyTo.IsZero():
		return signer.KeyTo
	}
	return signer.NotAfter
}

// checkCOM compares the unsigned list with the signed one.
func (r *run) checkCOM() {
	if r.files.raw(COM) == nil {
		r.step("com", false, NotDone, "missing")
		return
	}
	listed, ok := parseCOM(r.files)
	slices.Sort(listed)
	switch {
	case !ok:
		r.step("com", false, Warning, "form")
	case !slices.Equal(listed, r.object.listed):
		r.step("com", false, Warning, "differs")
	default:
		r.step("com", false, Passed, "ok")
	}
}

// checkSigner finds the document signer's certificate and holds it to its profile (Doc 9303-12, table 6).
func (r *run) checkSigner() {
	c := r.object.certificate
	if c == nil {
		r.step("signer", true, NotDone, "missing")
		return
	}
	r.signer, r.report.Signer = c, &Certificate{c}
	broken := slices.ContainsFunc(c.Defects, func(name string) bool {
		return slices.Contains([]string{"keyUsage", "basicConstraints", "privateKeyUsagePeriod", "documentTypeList", "authorityKeyIdentifier"}, name)
	})
	switch {
	case c.Key.IsZero():
		r.step("signer", true, Failed, keyRule(c.KeyErr), c.Subject.String())
	case c.CA, c.KeyUsage != 0 && c.KeyUsage&csca.DigitalSignature == 0:
		r.step("signer", true, Failed, "usage", c.Subject.String())
	case c.UnknownCritical, broken:
		r.step("signer", true, Failed, "extensions", c.Subject.String())
	case c.KeyUsage == 0:
		r.step("signer", true, Warning, "no-usage", c.Subject.String())
	default:
		r.step("signer", true, Passed, "ok", c.Key.String())
	}
}

// checkSignature checks signed attributes, digest of the content and signature value (RFC 5652, 5.4 and 5.6).
func (r *run) checkSignature() {
	o := r.object
	err := csca.CheckSigned(o.signer, o.message.ContentType, o.message.Content, r.signer.Key)
	switch {
	case err == nil:
		r.step("signature", true, Passed, "ok", r.report.Scheme)
	case errors.Is(err, cms.ErrAttributes):
		r.step("signature", true, Failed, "attributes")
	case errors.Is(err, cms.ErrDigest):
		r.step("signature", true, Failed, "content")
	case errors.Is(err, csca.ErrKey):
		r.step("signature", true, Failed, "key", r.report.Scheme, r.signer.Key.String())
	default:
		r.step("signature", true, Failed, "wrong", r.report.Scheme)
	}
}

// checkHashes compares every data group that was read with the signed list.
func (r *run) checkHashes() {
	o := r.object
	for _, file := range r.files.given {
		switch {
		case !file.isGroup():
		case o.hashes[file] == nil:
			r.fileStep("hash", file, true, Failed, "injected")
		case o.matches(file, r.files.raw(file)):
			r.fileStep("hash", file, true, Passed, "ok")
		default:
			r.fileStep("hash", file, true, Failed, "differs")
		}
	}
	for _, file := range []File{DG1, DG2} { // Doc 9303-10, table 37: no document is without
		if o.hashes[file] == nil && r.files.raw(file) == nil {
			r.fileStep("hash", file, true, Failed, "not-listed")
		}
	}
	for _, file := range o.listed {
		switch {
		case r.files.raw(file) != nil:
		case file == DG2:
			r.fileStep("hash", file, false, Warning, "no-portrait")
		default:
			r.fileStep("hash", file, file == DG1, NotDone, "not-read")
		}
	}
}

// checkContents reads the data groups that are understood. What is signed and cannot be read is the issuer's oddity.
func (r *run) checkContents() {
	if r.files.raw(DG1) != nil {
		r.checkZone()
	}
	d := Document{Zone: r.zone.MRZ, at: r.at}
	if r.files.raw(DG2) != nil {
		var ok bool
		d.Portrait, ok = parsePortrait(r.files)
		r.contentStep(DG2, ok)
	}
	if r.files.raw(DG13) != nil && r.zone.Issuer == "VNM" {
		details, ok := parseDetails(r.files)
		if ok {
			d.Details = details
		}
		r.contentStep(DG13, ok)
	}
	if r.files.raw(DG14) != nil {
		r.security, r.hasKeys = parseSecurity(r.files)
		r.contentStep(DG14, r.hasKeys)
	}
	if r.files.raw(DG15) != nil {
		_, ok := parseActiveKey(r.files)
		r.contentStep(DG15, ok)
	}
	r.document = d
	if r.zoneErr != nil {
		return
	}
	conflicts := d.conflicts()
	if len(conflicts) == 0 {
		r.step("agreement", true, Passed, "ok")
		return
	}
	outcome := Warning
	var codes []string
	for _, c := range conflicts {
		codes = append(codes, c.Code())
		if c.Blocks() {
			outcome = Failed
		}
	}
	r.step("agreement", true, outcome, "differs", codes...)
}

func (r *run) contentStep(file File, ok bool) {
	if ok {
		r.fileStep("content", file, false, Passed, "ok")
		return
	}
	r.fileStep("content", file, false, Warning, "form")
}

// checkZone says how DG1 was read; the inner code is that of identity/card.
func (r *run) checkZone() {
	s := Step{Name: "content", File: DG1, Outcome: Passed, Reason: "ok", Needed: true}
	if r.zoneErr != nil {
		s.Outcome, s.Reason = Failed, "zone"
		var coded interface{ Code() string }
		if errors.As(r.zoneErr, &coded) {
			s.Detail = coded.Code()
		}
	} else {
		r.report.Kind, r.report.State = r.zone.kind, r.zone.Issuer
	}
	r.report.add(s)
}

// active checks what was recorded of the chip itself. Keys and algorithms come from the files, so nothing is worth
// anything before these are believed: a made-up chip passes every challenge against a made-up key.
func (r *run) active(session Session) {
	blocked := slices.ContainsFunc(r.report.Steps, func(s Step) bool {
		return s.Outcome == Failed || s.Needed && s.Outcome == NotDone
	})
	attempt := func(name string, recorded bool, check func() (Outcome, string)) bool {
		switch {
		case !recorded:
			r.step(name, false, NotDone, "not-recorded")
		case blocked:
			r.step(name, true, NotDone, "after-passive")
		default:
			outcome, rule := check()
			r.step(name, true, outcome, rule)
			return outcome == Passed
		}
		return false
	}
	active := attempt("active-authentication", session.Active != nil, func() (Outcome, string) {
		return r.v.checkActive(r.at, r.files, r.security, session.Active)
	})
	agreed := attempt("chip-authentication", session.Chip != nil, func() (Outcome, string) {
		if !r.hasKeys {
			return NotDone, "key"
		}
		return r.security.checkChip(session.Chip)
	})
	if !r.v.policy.CloneProof {
		return
	}
	if active || agreed {
		r.step("clone-proof", true, Passed, "ok")
		return
	}
	r.step("clone-proof", true, NotDone, "missing")
}
