package qr

import (
	"crypto/sha256"
	"io"

	"github.com/motcua/motcua/internal/detcbor"
)

// Selective disclosure that still prints. Each field becomes a slot [salt, key, value]; its digest says nothing without
// the salt. The code signs one commitment, the digest over the digests of all slots in their order, and beside it carry
// the slots: in full what is shown, as the bare digest what is not. A digest is carried only where a slot is not, so a
// code that shows more grows by the values and by nothing else.
//
// Digests are cut to 16 bytes: a holder would have to find a second slot for a digest the issuer has chosen, 2^128
// steps. Salts have 10 bytes: to try the values of a hidden field one would have to guess 2^80 salts for each.
const (
	digestSize = 16
	saltSize   = 10
	maxSlots   = 16
)

type (
	commitment [digestSize]byte
	slotDigest [digestSize]byte
)

// slot is one field, shown or hidden.
type slot struct {
	digest slotDigest
	shown  []byte // the encoded slot, nil if hidden
	key    int64
}

func digestOf(encoded []byte) slotDigest {
	sum := sha256.Sum256(encoded)
	return slotDigest(sum[:digestSize])
}

// commit is the digest that is signed. The word keeps it apart from the digest of any slot.
func commit(slots []slot) commitment {
	b := detcbor.AppendText(detcbor.AppendArray(nil, len(slots)+1), "VN1 fields")
	for _, s := range slots {
		b = detcbor.AppendBytes(b, s.digest[:])
	}
	sum := sha256.Sum256(b)
	return commitment(sum[:digestSize])
}

// conceal turns the stated fields into slots in a random order, so that the place of a hidden one does not tell which
// it is.
func (p *Person) conceal(random io.Reader) ([]slot, error) {
	keys := p.present()
	for i := len(keys) - 1; i > 0; i-- {
		j, err := randomBelow(random, i+1)
		if err != nil {
			return nil, err
		}
		keys[i], keys[j] = keys[j], keys[i]
	}
	slots := make([]slot, 0, len(keys))
	for _, key := range keys {
		var salt [saltSize]byte
		if _, err := io.ReadFull(random, salt[:]); err != nil {
			return nil, err
		}
		b := detcbor.AppendBytes(detcbor.AppendArray(nil, 3), salt[:])
		b = p.appendField(detcbor.AppendInt(b, key), key)
		slots = append(slots, slot{digest: digestOf(b), shown: b, key: key})
	}
	p.commitment = commit(slots)
	return slots, nil
}

// randomBelow returns a number from 0 to n-1, each as likely, for n up to 128.
func randomBelow(random io.Reader, n int) (int, error) {
	var b [1]byte
	for {
		if _, err := io.ReadFull(random, b[:]); err != nil {
			return 0, err
		}
		if limit := 256 - 256%n; int(b[0]) < limit {
			return int(b[0]) % n, nil
		}
	}
}

func appendSlots(b []byte, slots []slot) []byte {
	b = detcbor.AppendArray(b, len(slots))
	for _, s := range slots {
		if s.shown != nil {
			b = append(b, s.shown...)
			continue
		}
		b = detcbor.AppendBytes(b, s.digest[:])
	}
	return b
}

// readSlots reads slots and fills the shown fields of p in.
func readSlots(r *detcbor.Reader, p *Person) []slot {
	n := r.Array(maxSlots)
	slots := make([]slot, 0, n)
	seen := make(map[int64]bool, n)
	for range n {
		if !r.IsArray() {
			digest := r.Bytes()
			if len(digest) != digestSize {
				r.Fail("a digest of 16 bytes")
				return nil
			}
			slots = append(slots, slot{digest: slotDigest(digest)})
			continue
		}
		if r.Array(3) != 3 {
			r.Fail("salt, key and value")
		}
		salt := r.Bytes()
		key := r.Int()
		if len(salt) != saltSize || seen[key] {
			r.Fail("a salt of 10 bytes, and each field once")
		}
		seen[key] = true
		p.readField(r, key)
		if r.Err() != nil {
			return nil
		}
		b := detcbor.AppendBytes(detcbor.AppendArray(nil, 3), salt)
		b = p.appendField(detcbor.AppendInt(b, key), key) // what was read is written the same: the encoding is the only one
		slots = append(slots, slot{digest: digestOf(b), shown: b, key: key})
	}
	return slots
}
