package pades

import (
	"bytes"
	"crypto/x509"
	"encoding"
	"encoding/json"
	"unicode/utf8"

	"github.com/motcua/motcua/internal/cms"
)

const (
	stateVersion = 1
	maxState     = 16 << 20
)

var (
	_ encoding.BinaryMarshaler   = (*Prepared)(nil)
	_ encoding.BinaryUnmarshaler = (*Prepared)(nil)
)

// state is the marshalled form of Prepared.
type state struct {
	Version  int      `json:"version"`
	Size     int64    `json:"size"`
	Revision []byte   `json:"revision"`
	Pos      int64    `json:"pos"`
	End      int64    `json:"end"`
	Digest   []byte   `json:"digest"`
	Chain    [][]byte `json:"chain"`
	PKCS1v15 bool     `json:"pkcs1v15"`
	Commits  int      `json:"commitment,omitempty"`
	Policy   *policy  `json:"policy,omitempty"`
	Hint     string   `json:"hint,omitempty"`
}

// policy is the marshalled form of a PolicyReference.
type policy struct {
	ID     string `json:"id"`
	SHA256 []byte `json:"sha256"`
	URI    string `json:"uri,omitempty"`
}

// MarshalBinary returns the state as JSON. It holds what the signature dictionary shows, the signer's name included.
func (p *Prepared) MarshalBinary() ([]byte, error) {
	s := state{Version: stateVersion, Size: p.size, Revision: p.revision, Pos: p.pos, End: p.end, Digest: p.digest,
		PKCS1v15: p.scheme.Kind == cms.PKCS1v15, Commits: int(p.commits), Hint: p.hint}
	if p.policy != (PolicyReference{}) {
		s.Policy = &policy{p.policy.ID, p.policy.SHA256[:], p.policy.URI}
	}
	for _, c := range p.chain {
		s.Chain = append(s.Chain, c.Raw)
	}
	return json.Marshal(s)
}

// UnmarshalBinary reads what MarshalBinary returned. The state must come from a place the caller trusts: it says what
// will be signed. Errors: [ErrState].
func (p *Prepared) UnmarshalBinary(data []byte) error {
	var s state
	if len(data) > maxState {
		return ErrState
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&s); err != nil || s.Version != stateVersion {
		return ErrState
	}
	if len(s.Chain) == 0 || len(s.Chain) > maxChain {
		return ErrState
	}
	length := int64(len(s.Revision))
	if s.Size <= 0 || s.Size > 1<<62 || s.Pos < s.Size || s.End > s.Size+length || s.End-s.Pos < 2 ||
		s.Revision[s.Pos-s.Size] != '<' || s.Revision[s.End-s.Size-1] != '>' {
		return ErrState
	}
	if s.Commits < 0 || s.Commits > int(ProofOfCreation) {
		return ErrState
	}
	fresh := Prepared{commits: Commitment(s.Commits), hint: s.Hint, size: s.Size, revision: s.Revision, pos: s.Pos, end: s.End,
		digest: s.Digest}
	if s.Policy != nil {
		fresh.policy = PolicyReference{ID: s.Policy.ID, URI: s.Policy.URI}
		if copy(fresh.policy.SHA256[:], s.Policy.SHA256) != len(s.Policy.SHA256) {
			return ErrState
		}
	}
	if _, err := fresh.policy.attribute(); err != nil || !utf8.ValidString(s.Hint) || utf8.RuneCountInString(s.Hint) > maxText {
		return ErrState
	}
	for _, der := range s.Chain {
		cert, err := x509.ParseCertificate(der)
		if err != nil {
			return ErrState
		}
		fresh.chain = append(fresh.chain, cert)
	}
	scheme, err := cms.SchemeFor(cms.PublicKey(fresh.chain[0]), s.PKCS1v15)
	if err != nil || len(s.Digest) != scheme.Hash.Size() {
		return ErrState
	}
	fresh.scheme = scheme
	*p = fresh
	return nil
}
