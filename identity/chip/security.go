package chip

import (
	"crypto"

	"github.com/motcua/motcua/internal/asn1x"
	"github.com/motcua/motcua/internal/csca"
)

// Object identifiers of DG14, as contents octets (Doc 9303-11, 9.2).
const (
	oidActive   = "\x67\x81\x08\x01\x01\x05"             // id-icao-mrtd-security-aaProtocolObject
	oidPlain    = "\x04\x00\x7f\x00\x07\x01\x01\x04\x01" // ecdsa-plain-signatures, below it the digest
	oidKeyECDH  = "\x04\x00\x7f\x00\x07\x02\x02\x01\x02" // id-PK-ECDH
	oidAgreeEC  = "\x04\x00\x7f\x00\x07\x02\x02\x03\x02" // id-CA-ECDH, below it the cipher
	oidKeyDH    = "\x04\x00\x7f\x00\x07\x02\x02\x01\x01" // id-PK-DH
	maxSecurity = 64
)

// security is DG14: what the chip can prove itself with. Its algorithms are believed once its hash is.
type security struct {
	// activeHash is the digest of active authentication on elliptic curves; 0 when DG14 names none.
	activeHash crypto.Hash
	active     bool
	keys       []agreementKey
	agreements []agreement
	// finiteField is set when there is a key for Diffie-Hellman over integers, which is not supported.
	finiteField bool
}

// agreementKey is a ChipAuthenticationPublicKeyInfo; id is -1 when it has none.
type agreementKey struct {
	id  int
	key csca.Key
}

// agreement is a ChipAuthenticationInfo.
type agreement struct {
	id     int
	cipher cipherSuite
}

// plainDigests are the last arcs of ecdsa-plain-signatures (TR-03111, 5.2.1.1).
var plainDigests = map[byte]crypto.Hash{
	1: crypto.SHA1, 2: crypto.SHA224, 3: crypto.SHA256, 4: crypto.SHA384, 5: crypto.SHA512,
}

// parseSecurity reads DG14: SecurityInfos. Protocols that are not known are left out.
func parseSecurity(files Files) (security, bool) {
	var s security
	body, ok := files.body(DG14)
	if !ok {
		return s, false
	}
	outer := asn1x.Open(body)
	set, err := outer.Take(asn1x.Set)
	if err != nil || outer.End() != nil {
		return s, false
	}
	count := 0
	for c := asn1x.Open(set.Body); !c.Done(); count++ {
		e, err := c.Take(asn1x.Sequence)
		if err != nil || count >= maxSecurity || !s.add(asn1x.Open(e.Body)) {
			return security{}, false
		}
	}
	return s, true
}

func (s *security) add(c *asn1x.Cursor) bool {
	id, err := c.Take(asn1x.OID)
	if err != nil {
		return false
	}
	protocol := string(id.Body)
	switch {
	case protocol == oidActive:
		return s.addActive(c)
	case protocol == oidKeyECDH:
		return s.addKey(c)
	case protocol == oidKeyDH:
		s.finiteField = true
	case len(protocol) == len(oidAgreeEC)+1 && protocol[:len(oidAgreeEC)] == oidAgreeEC:
		return s.addAgreement(c, protocol[len(oidAgreeEC)])
	}
	return true
}

func (s *security) addActive(c *asn1x.Cursor) bool {
	if v, err := c.Int(); err != nil || v != 1 || s.active {
		return false
	}
	algorithm, err := c.Take(asn1x.OID)
	if err != nil {
		return false
	}
	s.active = true
	if a := string(algorithm.Body); len(a) == len(oidPlain)+1 && a[:len(oidPlain)] == oidPlain {
		s.activeHash = plainDigests[a[len(oidPlain)]]
	}
	return c.End() == nil
}

func (s *security) addKey(c *asn1x.Cursor) bool {
	spki, err := c.Take(asn1x.Sequence)
	if err != nil {
		return false
	}
	key, err := csca.ParseKey(spki.Full)
	if err != nil {
		return false
	}
	id, ok := optionalID(c)
	s.keys = append(s.keys, agreementKey{id, key})
	return ok
}

func (s *security) addAgreement(c *asn1x.Cursor, arc byte) bool {
	if v, err := c.Int(); err != nil || v != 1 {
		return false
	}
	id, ok := optionalID(c)
	if suite, known := suites[arc]; known {
		s.agreements = append(s.agreements, agreement{id, suite})
	}
	return ok
}

func optionalID(c *asn1x.Cursor) (id int, ok bool) {
	if c.Done() {
		return -1, true
	}
	id, err := c.Int()
	return id, err == nil && id >= 0 && c.End() == nil
}
