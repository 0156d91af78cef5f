package cms

import (
	"slices"

	"github.com/motcua/motcua/internal/asn1x"
)

// CommitmentAttribute says what a signer commits himself to: 1 proof of origin, 2 of receipt, 3 of delivery, 4 of sending,
// 5 of approval, 6 of creation (RFC 5126, 5.11.1).
func CommitmentAttribute(kind int) Attribute {
	id := append(slices.Clone(oidCommitment), kind)
	return Attribute{OIDCommitmentType, [][]byte{asn1x.Encode(asn1x.Sequence, asn1x.EncodeOID(id))}}
}

// Commitment returns the signed commitment, 0 when there is none or one of another list.
func (s *Signer) Commitment() int {
	value, ok := s.Attribute(OIDCommitmentType)
	if !ok {
		return 0
	}
	seq, err := asn1x.Open(value).Take(asn1x.Sequence)
	if err != nil {
		return 0
	}
	id, err := asn1x.Open(seq.Body).OID()
	n := len(oidCommitment)
	if err != nil || len(id) != n+1 || !slices.Equal(id[:n], oidCommitment) || id[n] < 1 || id[n] > 6 {
		return 0
	}
	return id[n]
}
