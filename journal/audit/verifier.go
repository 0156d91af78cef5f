package audit

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"slices"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/motcua/motcua/internal/tsp"
)

// DefaultSkew is how far clocks may disagree where [Policy].Skew says nothing.
const DefaultSkew = 5 * time.Minute

// maxSeconds is the end of the year 9999.
const maxSeconds = 253402300799

// Policy says what a verifier demands beyond the log's signature. The zero value demands nothing beyond.
type Policy struct {
	// Witnesses are the witnesses known by their keys.
	Witnesses []Key
	// Quorum is how many of them must have signed a checkpoint.
	Quorum int
	// Authorities are the root certificates under which time stamps are believed.
	Authorities []*x509.Certificate
	// Stamped demands a time stamp in every bundle.
	Stamped bool
	// Skew is how far a time may lie before one that came earlier, for several machines write one journal. 0 means
	// [DefaultSkew].
	Skew time.Duration
}

// Verifier judges what a log has handed out. It is safe for concurrent use.
type Verifier struct {
	log    Key
	policy Policy
	known  note.Verifiers
	roots  *x509.CertPool
}

// NewVerifier returns a verifier for one log. It refuses a policy that cannot be met or that leaves open whom to
// believe.
func NewVerifier(log Key, policy Policy) (*Verifier, error) {
	bad := func(why string) (*Verifier, error) { return nil, finding(ErrMalformed, "key", errors.New(why)) }
	if policy.Skew == 0 {
		policy.Skew = DefaultSkew
	}
	switch {
	case log.IsZero() || log.IsWitness():
		return bad("want the key of a log")
	case policy.Quorum < 0 || policy.Quorum > len(policy.Witnesses):
		return bad("want a quorum among the witnesses")
	case policy.Stamped && len(policy.Authorities) == 0:
		return bad("want the roots of the time-stamp authorities")
	case policy.Skew < 0:
		return bad("want a skew that is not negative")
	}
	policy.Witnesses = slices.Clone(policy.Witnesses)
	v := &Verifier{log: log, policy: policy, roots: x509.NewCertPool()}
	list := []note.Verifier{noteVerifier{log}}
	for i, w := range policy.Witnesses {
		if !w.IsWitness() || w.public == log.public {
			return bad("want keys of witnesses other than the log")
		}
		twice := func(o Key) bool { return o.public == w.public || o.name == w.name }
		if slices.ContainsFunc(policy.Witnesses[:i], twice) {
			return bad("want each witness once")
		}
		list = append(list, noteVerifier{w})
	}
	v.known = note.VerifierList(list...)
	for _, root := range policy.Authorities {
		v.roots.AddCert(root)
	}
	return v, nil
}

// Key returns the key of the log that the verifier is for.
func (v *Verifier) Key() Key { return v.log }

// Checkpoint verifies a signed note: the log's signature, as many witnesses as the policy wants, and no bad signature
// in the name of any of them.
func (v *Verifier) Checkpoint(signed []byte) (Checkpoint, error) {
	c, err := v.checkpoint(signed)
	if err != nil {
		return Checkpoint{}, err
	}
	if len(c.witnesses) < v.policy.Quorum {
		return Checkpoint{}, finding(ErrSignature, "quorum", nil)
	}
	return c, nil
}

// checkpoint does not ask for the quorum: a log and a witness know a checkpoint before others have signed it.
func (v *Verifier) checkpoint(signed []byte) (Checkpoint, error) {
	if len(signed) > maxNote {
		return Checkpoint{}, finding(ErrMalformed, "bounds", errors.New("want at most 16 KiB of checkpoint"))
	}
	n, err := note.Open(signed, v.known)
	if err != nil {
		return Checkpoint{}, noteError(err)
	}
	c, err := parseText(n.Text)
	if err != nil {
		return Checkpoint{}, err
	}
	c.note = slices.Clone(signed)
	for _, s := range slices.Concat(n.Sigs, n.UnverifiedSigs) {
		if _, err := base64.StdEncoding.Strict().DecodeString(s.Base64); err != nil {
			return Checkpoint{}, finding(ErrMalformed, "note", errors.New("want strict base64"))
		}
	}
	mine := slices.ContainsFunc(n.Sigs, func(s note.Signature) bool { return names(s, v.log) })
	if !mine || c.origin != v.log.name {
		return Checkpoint{}, finding(ErrSignature, "signature", errors.New("the log has not signed it"))
	}
	for _, w := range v.policy.Witnesses {
		if i := slices.IndexFunc(n.Sigs, func(s note.Signature) bool { return names(s, w) }); i >= 0 {
			raw, _ := base64.StdEncoding.DecodeString(n.Sigs[i].Base64) // verified: key hash, time, signature
			seconds := binary.BigEndian.Uint64(raw[4:])
			if seconds > maxSeconds {
				return Checkpoint{}, finding(ErrMalformed, "note", errors.New("want a time before the year 10000"))
			}
			c.witnesses = append(c.witnesses, Cosignature{w, time.Unix(int64(seconds), 0).UTC()})
		}
	}
	return c, nil
}

func names(s note.Signature, k Key) bool { return s.Name == k.name && s.Hash == k.id() }

func noteError(err error) error {
	var unverified *note.UnverifiedNoteError
	var invalid *note.InvalidSignatureError
	if errors.As(err, &unverified) || errors.As(err, &invalid) {
		return finding(ErrSignature, "signature", err)
	}
	return finding(ErrMalformed, "note", err)
}

// logNote strips everybody's signature but the log's: the part of a checkpoint that never changes, and what is time
// stamped.
func (v *Verifier) logNote(c Checkpoint) ([]byte, error) {
	n, err := note.Open(c.note, note.VerifierList(noteVerifier{v.log}))
	if err != nil {
		return nil, noteError(err)
	}
	return note.Sign(&note.Note{Text: n.Text, Sigs: n.Sigs})
}

// merge joins the signatures of two copies of one checkpoint.
func (v *Verifier) merge(a, b Checkpoint) (Checkpoint, error) {
	n, err := note.Open(a.note, v.known)
	if err != nil {
		return Checkpoint{}, noteError(err)
	}
	more, err := note.Open(b.note, v.known)
	if err != nil {
		return Checkpoint{}, noteError(err)
	}
	for _, s := range more.Sigs {
		if !slices.ContainsFunc(n.Sigs, func(o note.Signature) bool { return o.Name == s.Name && o.Hash == s.Hash }) {
			n.Sigs = append(n.Sigs, s)
		}
	}
	signed, err := note.Sign(&note.Note{Text: n.Text, Sigs: n.Sigs})
	if err != nil {
		return Checkpoint{}, err
	}
	return v.checkpoint(signed)
}

// cosign adds a witness's signature to a checkpoint.
func (v *Verifier) cosign(c Checkpoint, s *Signer, at time.Time) (Checkpoint, error) {
	n, err := note.Open(c.note, v.known)
	if err != nil {
		return Checkpoint{}, noteError(err)
	}
	signed, err := note.Sign(n, noteSigner{s, at})
	if err != nil {
		return Checkpoint{}, err
	}
	return v.checkpoint(signed)
}

// stamped verifies the time stamp of a checkpoint and returns its time, zero when there is none and none is demanded.
func (v *Verifier) stamped(c Checkpoint, token []byte) (time.Time, error) {
	if len(token) == 0 || len(v.policy.Authorities) == 0 {
		if v.policy.Stamped {
			return time.Time{}, finding(ErrTimestamp, "unstamped", nil)
		}
		return time.Time{}, nil
	}
	signed, err := v.logNote(c)
	if err != nil {
		return time.Time{}, err
	}
	sum := sha256.Sum256(signed)
	info, err := tsp.Verify(token, tsp.Expect{Digest: sum[:], Roots: v.roots})
	if err != nil {
		return time.Time{}, finding(ErrTimestamp, "timestamp", err)
	}
	return info.At, nil
}
