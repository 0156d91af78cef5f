package qr

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"

	"github.com/motcua/motcua/internal/detcbor"
)

// The holder's key in a code is a COSE_Key (RFC 9053, section 7) in the confirmation claim (RFC 8747, section 3.2), of
// the point of P-256 only x and the sign of y.
const (
	confirmKey = 1

	coseKty    = 1
	coseCrv    = -1
	coseX      = -2
	coseY      = -3
	ktyOKP     = 1
	ktyEC2     = 2
	crvP256    = 1
	crvEd25519 = 6
)

// appendHolder writes a key that newVerifyKey takes.
func appendHolder(b []byte, public crypto.PublicKey) []byte {
	key, err := newVerifyKey(public)
	if err != nil {
		return b // checked before; a missing value makes the claims unreadable, never wrong
	}
	b = detcbor.AppendInt(detcbor.AppendMap(b, 1), confirmKey)
	if key.alg == algEdDSA {
		b = detcbor.AppendUint(detcbor.AppendInt(detcbor.AppendMap(b, 3), coseKty), ktyOKP)
		b = detcbor.AppendUint(detcbor.AppendInt(b, coseCrv), crvEd25519)
		return detcbor.AppendBytes(detcbor.AppendInt(b, coseX), key.ed)
	}
	x := key.spki[len(spkiP256)+1:] // behind the mark of an uncompressed point
	b = detcbor.AppendUint(detcbor.AppendInt(detcbor.AppendMap(b, 4), coseKty), ktyEC2)
	b = detcbor.AppendUint(detcbor.AppendInt(b, coseCrv), crvP256)
	b = detcbor.AppendBytes(detcbor.AppendInt(b, coseX), x[:32])
	return detcbor.AppendBool(detcbor.AppendInt(b, coseY), x[63]&1 == 1)
}

func readHolder(r *detcbor.Reader) crypto.PublicKey {
	confirm := r.Map(1)
	if key, ok := confirm.Next(); !ok || key != confirmKey {
		r.Fail("a key")
		return nil
	}
	var kty, crv uint64
	var x []byte
	var odd, hasY bool
	fields := r.Map(4)
	for label, ok := fields.Next(); ok; label, ok = fields.Next() {
		switch label {
		case coseKty:
			kty = r.Uint()
		case coseCrv:
			crv = r.Uint()
		case coseX:
			x = r.Bytes()
		case coseY:
			odd, hasY = r.Bool(), true
		default:
			r.Fail("a known label")
		}
	}
	var public crypto.PublicKey
	switch {
	case r.Err() != nil || len(x) != 32:
	case kty == ktyOKP && crv == crvEd25519 && !hasY:
		if key, err := parseVerifyKey(append([]byte(spkiEd25519), x...)); err == nil {
			public = key.public()
		}
	case kty == ktyEC2 && crv == crvP256 && hasY:
		public = decompress(x, odd)
	}
	if public == nil {
		r.Fail("a key of P-256 or Ed25519")
	}
	return public
}

// decompress finds the point of P-256 with that x and sign, nil if there is none.
func decompress(x []byte, odd bool) crypto.PublicKey {
	compressed := append([]byte{2}, x...)
	if odd {
		compressed[0] = 3
	}
	px, py := elliptic.UnmarshalCompressed(elliptic.P256(), compressed)
	if px == nil {
		return nil
	}
	point := make([]byte, 65)
	point[0] = 4
	px.FillBytes(point[1:33])
	py.FillBytes(point[33:])
	key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
	if err != nil {
		return nil
	}
	return key
}
