package tsp

import (
	"errors"
	"math/big"
	"strings"
	"time"

	"github.com/motcua/motcua/internal/asn1x"
)

// info is a TSTInfo as it stands there.
type info struct {
	Info
	digest []byte
	nonce  *big.Int
}

const (
	generalizedTime = 0x18
	booleanTag      = 0x01
)

// parseInfo reads a TSTInfo, RFC 3161, 2.4.2.
func parseInfo(der []byte) (*info, error) {
	outer := asn1x.Open(der)
	seq, err := outer.Take(asn1x.Sequence)
	if err != nil {
		return nil, err
	}
	if err := outer.End(); err != nil {
		return nil, err
	}
	c := asn1x.Open(seq.Body)
	if version, err := c.Int(); err != nil || version != 1 {
		return nil, errors.New("tsp: want TSTInfo version 1")
	}
	out := new(info)
	if out.Policy, err = c.OID(); err != nil {
		return nil, err
	}
	if out.digest, err = parseImprint(c); err != nil {
		return nil, err
	}
	if out.Serial, err = c.BigInt(); err != nil {
		return nil, err
	}
	at, err := c.Take(generalizedTime)
	if err != nil {
		return nil, err
	}
	if out.At, err = parseTime(string(at.Body)); err != nil {
		return nil, err
	}
	return out, out.parseOptional(c)
}

func parseImprint(c *asn1x.Cursor) ([]byte, error) {
	imprint, err := c.Take(asn1x.Sequence)
	if err != nil {
		return nil, err
	}
	in := asn1x.Open(imprint.Body)
	algorithm, err := in.Take(asn1x.Sequence)
	if err != nil {
		return nil, err
	}
	if id, err := asn1x.Open(algorithm.Body).OID(); err != nil || !id.Equal(oidSHA256) {
		return nil, errors.New("tsp: want an imprint by SHA-256")
	}
	digest, err := in.Take(asn1x.OctetString)
	if err != nil {
		return nil, err
	}
	return digest.Body, in.End()
}

// parseOptional reads accuracy, ordering, nonce, name and extensions.
func (i *info) parseOptional(c *asn1x.Cursor) error {
	if _, _, err := c.Optional(asn1x.Sequence); err != nil {
		return err
	}
	if _, _, err := c.Optional(booleanTag); err != nil {
		return err
	}
	if c.Peek() == asn1x.Integer {
		var err error
		if i.nonce, err = c.BigInt(); err != nil {
			return err
		}
	}
	for n := range 2 {
		if _, _, err := c.Optional(asn1x.Context(n)); err != nil {
			return err
		}
	}
	return c.End()
}

// parseTime reads a GeneralizedTime as RFC 3161 has it: UTC, seconds, a fraction that does not end in zero.
func parseTime(text string) (time.Time, error) {
	bad := errors.New("tsp: want a time in UTC")
	whole, fraction, dotted := strings.Cut(strings.TrimSuffix(text, "Z"), ".")
	if !strings.HasSuffix(text, "Z") || len(fraction) > 9 ||
		dotted && (fraction == "" || strings.HasSuffix(fraction, "0")) {
		return time.Time{}, bad
	}
	at, err := time.Parse("20060102150405", whole)
	if err != nil || len(whole) != 14 {
		return time.Time{}, bad
	}
	if dotted {
		nanos, err := time.ParseDuration("0." + fraction + "s")
		if err != nil || strings.ContainsFunc(fraction, func(r rune) bool { return r < '0' || r > '9' }) {
			return time.Time{}, bad
		}
		at = at.Add(nanos)
	}
	return at, nil
}
