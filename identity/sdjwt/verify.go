package sdjwt

import (
	"context"
	"crypto"
	"slices"
	"strings"
	"time"

	"github.com/motcua/motcua/internal/jose"
)

// Config holds what is optional of a verifier. The zero value is safe.
type Config struct {
	// HolderAlgs are the algorithms of holders' proofs. Empty: ES256.
	HolderAlgs []string
	// Hashes are the digests of disclosures. Empty: sha-256.
	Hashes []string
	// InsecureNoHolder accepts credentials without the holder's proof: whoever has a copy can show it, again and again.
	InsecureNoHolder bool
	// LegacyTypeUntil is until when the media type of older drafts passes too. Zero: never.
	LegacyTypeUntil time.Time
	// AllowNoExpiry accepts credentials that never end, as extracts from registers are.
	AllowNoExpiry bool
	// Status fetches status lists. Nil: a credential with a status is [Unsettled].
	Status *StatusLists
	// RequireStatus refuses credentials that have no status.
	RequireStatus bool
	// Skew is the tolerance for others' clocks, at most 5 minutes. 0: one minute.
	Skew time.Duration
	// MaxBindingAge is how old a holder's proof may be, at most an hour. 0: 5 minutes.
	MaxBindingAge time.Duration
	// Now tells the time. Nil: time.Now.
	Now func() time.Time
}

func (cfg Config) withDefaults() (Config, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Skew == 0 {
		cfg.Skew = time.Minute
	}
	if cfg.MaxBindingAge == 0 {
		cfg.MaxBindingAge = 5 * time.Minute
	}
	if len(cfg.HolderAlgs) == 0 {
		cfg.HolderAlgs = []string{"ES256"}
	}
	if len(cfg.Hashes) == 0 {
		cfg.Hashes = hashNames[:1]
	}
	for _, name := range cfg.Hashes {
		if !slices.Contains(hashNames[:], name) {
			return cfg, refuse("config", "hash")
		}
	}
	if cfg.Skew < 0 || cfg.Skew > 5*time.Minute || cfg.MaxBindingAge < 0 || cfg.MaxBindingAge > time.Hour {
		return cfg, refuse("config", "skew")
	}
	return cfg, checkAlgs(cfg.HolderAlgs)
}

// Verifier verifies presentations. It is safe for concurrent use.
type Verifier struct {
	issuers map[string]*TrustedIssuer
	cfg     Config
}

// NewVerifier takes those whose credentials are accepted. There is no default and no way to accept everybody. Errors:
// *Error.
func NewVerifier(issuers []TrustedIssuer, cfg Config) (*Verifier, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	if len(issuers) == 0 {
		return nil, refuse("config", "issuer")
	}
	v := &Verifier{issuers: map[string]*TrustedIssuer{}, cfg: cfg}
	for _, issuer := range issuers {
		if err := issuer.check(); err != nil {
			return nil, err
		}
		if len(issuer.Algs) == 0 {
			issuer.Algs = []string{"ES256"}
		}
		if v.issuers[issuer.Name] != nil {
			return nil, refuse("config", "issuer-twice")
		}
		v.issuers[issuer.Name] = &issuer
	}
	return v, nil
}

// Accepts reports whether any trusted issuer may issue this type.
func (v *Verifier) Accepts(vct string) bool {
	for _, issuer := range v.issuers {
		if slices.Contains(issuer.Types, vct) {
			return true
		}
	}
	return false
}

// Algs returns the signature algorithms of issuers and of holders that pass, sorted: what a request tells wallets.
func (v *Verifier) Algs() (issuers, holders []string) {
	for _, issuer := range v.issuers {
		issuers = append(issuers, issuer.Algs...)
	}
	slices.Sort(issuers)
	return slices.Compact(issuers), slices.Sorted(slices.Values(v.cfg.HolderAlgs))
}

// Expect is what the caller knows about the presentation it waits for.
type Expect struct {
	// Audience and Nonce are those of the request. Required, save with Config.InsecureNoHolder.
	Audience, Nonce string
	// Types narrows the types that are accepted to those asked for. Empty: all the issuers may issue.
	Types []string
	// At is the time to judge at. Zero: now.
	At time.Time
}

const maxAudience = 1024

// Verify checks a presentation by RFC 9901 section 7.3 and the policy. It never returns claims of what is not valid, and
// does not fetch a status before everything else holds.
func (v *Verifier) Verify(ctx context.Context, presentation string, expect Expect) Report {
	j := judgement{v: v, ctx: ctx, text: presentation, expect: expect, bound: !v.cfg.InsecureNoHolder}
	return j.run()
}

// VerifyIssued checks what an issuer handed out, before a holder shows it: everything but the holder's proof. The report
// is for the holder, it says nothing of who has the credential.
func (v *Verifier) VerifyIssued(ctx context.Context, c Credential) Report {
	j := judgement{v: v, ctx: ctx, text: c.Reveal(), issuedOnly: true}
	return j.run()
}

// judgement is one verification under way.
type judgement struct {
	v          *Verifier
	ctx        context.Context
	text       string
	expect     Expect
	bound      bool // the holder's proof is demanded
	issuedOnly bool

	report  Report
	parts   pieces
	token   jose.Token
	issuer  *TrustedIssuer
	payload map[string]any
	hash    crypto.Hash
	holder  crypto.PublicKey
}

// skip is a reason that does not fail a step.
const skip = "skip:"

func (j *judgement) run() Report {
	j.report.CheckedAt = j.expect.At
	if j.report.CheckedAt.IsZero() {
		j.report.CheckedAt = j.v.cfg.Now()
	}
	for _, s := range [...]struct {
		name, clause string
		check        func() string
	}{
		{"form", "RFC 9901 4", j.form},
		{"header", "RFC 9901 7.1 (2.1), RFC 8725 3", j.header},
		{"issuer", "RFC 9901 7.1 (2.3), SD-JWT VC (issuer signature mechanisms)", j.findIssuer},
		{"signature", "RFC 9901 7.1 (2.2)", j.signature},
		{"disclosures", "RFC 9901 7.1 (2.4), (3) to (5)", j.disclosures},
		{"type", "SD-JWT VC (vct)", j.typeOf},
		{"times", "RFC 9901 7.1 (6)", j.times},
		{"holder", "RFC 9901 7.3 (1) to (3), RFC 7800 3", j.holderOf},
		{"binding", "RFC 9901 7.3 (5)", j.binding},
		{"status", "Token Status List 8.3", j.status},
	} {
		step := Step{Name: s.name, Clause: s.clause, Outcome: Passed, Reason: s.check()}
		if reason, skipped := strings.CutPrefix(step.Reason, skip); skipped {
			step.Outcome, step.Reason = Skipped, reason
		} else if reason != "" {
			step.Outcome = Failed
		}
		j.report.Steps = append(j.report.Steps, step)
		if step.Outcome == Failed {
			return j.report
		}
	}
	j.report.Verdict, j.report.state = Valid, j.issuer.State
	j.report.claims = newClaims(j.payload)
	return j.report
}

func (j *judgement) form() (reason string) {
	if j.bound && (j.expect.Audience == "" || j.expect.Nonce == "") {
		return "expectation"
	}
	j.parts, reason = split(j.text)
	return reason
}

func (j *judgement) header() string {
	types := []string{Format}
	if j.report.CheckedAt.Before(j.v.cfg.LegacyTypeUntil) {
		types = append(types, legacyTypeHeader)
	}
	known := []string{"ES256", "ES384", "ES512", "EdDSA", "PS256", "PS384", "PS512", "RS256", "RS384", "RS512"}
	gate := jose.Gate{Algs: known, Types: types, NeedType: true, Members: []string{"x5c"}, Max: maxIssued}
	var err error
	if j.token, err = gate.Open(j.parts.issued); err != nil {
		return ruleOf(err)
	}
	if j.payload, err = jose.Object(j.token.Payload); err != nil {
		return "payload"
	}
	return ""
}

// ruleOf names the rule that a token breaks. An error always fails the step, whatever it is.
func ruleOf(err error) string {
	if rule, ok := err.(jose.Rule); ok && rule != "" {
		return string(rule)
	}
	return "form"
}

// findIssuer finds who is said to have issued this among those trusted, and whether they may use this algorithm now.
func (j *judgement) findIssuer() string {
	names := []string{}
	name, stated := j.payload["iss"]
	text, _ := name.(string)
	if stated {
		names = []string{text}
	}
	if x5c, has := j.token.Header["x5c"]; has {
		chain, ok := readChain(x5c)
		if !ok {
			return "certificate-form"
		}
		own := namesOf(chain[0])
		if stated && !slices.Contains(own, text) {
			return "certificate-name"
		}
		if !stated {
			names = own
		}
	}
	for _, name := range names {
		if j.issuer == nil {
			j.issuer = j.v.issuers[name]
		}
	}
	now := j.report.CheckedAt
	switch {
	case j.issuer == nil:
		return "issuer-unknown"
	case !j.issuer.Since.IsZero() && now.Before(j.issuer.Since), !j.issuer.Until.IsZero() && !now.Before(j.issuer.Until):
		return "issuer-time"
	case !slices.Contains(j.issuer.Algs, j.token.Alg):
		return "alg"
	}
	j.report.Issuer = j.issuer.Name
	return ""
}

func (j *judgement) signature() string { return j.issuer.verify(j.ctx, j.token, j.report.CheckedAt) }

// verify checks a signature of the issuer's by its keys, or by the chain that the header brings.
func (i *TrustedIssuer) verify(ctx context.Context, token jose.Token, at time.Time) string {
	if x5c, has := token.Header["x5c"]; has {
		chain, ok := readChain(x5c)
		switch {
		case !ok:
			return "certificate-form"
		case !slices.Contains(namesOf(chain[0]), i.Name):
			return "certificate-name"
		case len(i.Roots) == 0 || !checkChain(chain, i.Roots, at):
			return "certificate"
		case !jose.Fits(chain[0].PublicKey, token.Alg):
			return "alg"
		}
		return ruleOfVerify(jose.Verify(chain[0].PublicKey, token))
	}
	if i.Keys == nil {
		return "certificate"
	}
	key, found, err := i.Keys.Key(ctx, token.Kid, token.Alg)
	switch {
	case err != nil:
		return "issuer-keys"
	case !found || !jose.Fits(key, token.Alg):
		return "key-unknown"
	}
	return ruleOfVerify(jose.Verify(key, token))
}

func ruleOfVerify(err error) string {
	if err == nil {
		return ""
	}
	return "signature"
}

func (j *judgement) disclosures() string {
	var ok bool
	if _, j.hash, ok = hashOf(j.payload, j.v.cfg.Hashes); !ok {
		return "hash"
	}
	x := expander{}
	return x.run(j.payload, j.parts.disclosures, j.hash)
}

func (j *judgement) typeOf() string {
	vct, _ := j.payload["vct"].(string)
	switch {
	case vct == "":
		return "type-missing"
	case !slices.Contains(j.issuer.Types, vct):
		return "type-unknown"
	case len(j.expect.Types) > 0 && !slices.Contains(j.expect.Types, vct):
		return "type-other"
	}
	j.report.Type = vct
	return ""
}

// times holds iat, nbf, exp, and an audience if the issuer set one.
func (j *judgement) times() string {
	now, skew := j.report.CheckedAt, j.v.cfg.Skew
	_, ends := j.payload["exp"]
	switch {
	case !readTime(j.payload, "iat", &j.report.IssuedAt) || j.report.IssuedAt.After(now.Add(skew)):
		return "iat"
	case !readTime(j.payload, "nbf", &j.report.NotBefore) || j.report.NotBefore.After(now.Add(skew)):
		return "nbf"
	case !readTime(j.payload, "exp", &j.report.Expires) || ends && !now.Before(j.report.Expires.Add(skew)):
		return "exp"
	case !ends && !j.v.cfg.AllowNoExpiry:
		return "exp-missing"
	case !j.isAudience():
		return "aud"
	}
	return ""
}

func (j *judgement) isAudience() bool {
	switch aud := j.payload["aud"].(type) {
	case nil:
		return true
	case string:
		return j.issuedOnly || aud == j.expect.Audience
	case []any:
		return j.issuedOnly || slices.Contains(aud, any(j.expect.Audience))
	}
	return false
}

// readTime reads a NumericDate; ok is false for anything but a number of seconds in the years 1970 to 9999.
func readTime(set map[string]any, name string, into *time.Time) bool {
	value, present := set[name]
	if !present {
		return true
	}
	number, isNumber := value.(interface{ Float64() (float64, error) })
	if !isNumber {
		return false
	}
	seconds, err := number.Float64()
	if err != nil || !(seconds >= 1 && seconds <= 253402300799) {
		return false
	}
	*into = time.Unix(int64(seconds), 0).UTC()
	return true
}
