package eccurve_test

import (
	"compress/gzip"
	"crypto"
	_ "crypto/sha256"
	_ "crypto/sha512"
	"encoding/hex"
	"encoding/json"
	"os"
	"testing"

	"github.com/motcua/motcua/internal/asn1x"
	"github.com/motcua/motcua/internal/eccurve"
)

// TestWycheproof judges 3,621 signatures that were made to be judged wrongly: values at the edges, points that double or
// vanish, keys on isomorphic curves, encodings that are not DER.
func TestWycheproof(t *testing.T) {
	file, err := os.Open("testdata/wycheproof.json.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	unpacked, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	var sets []struct {
		Curve, SHA string
		Groups     []struct {
			Key   string // SubjectPublicKeyInfo
			Tests []struct {
				ID                        int
				Comment, Msg, Sig, Result string
			}
		}
	}
	if err := json.NewDecoder(unpacked).Decode(&sets); err != nil {
		t.Fatal(err)
	}
	hashes := map[string]crypto.Hash{"SHA-224": crypto.SHA224, "SHA-256": crypto.SHA256, "SHA-384": crypto.SHA384, "SHA-512": crypto.SHA512}
	count := 0
	for _, set := range sets {
		for _, group := range set.Groups {
			key := keyOf(t, unhex(t, group.Key))
			for _, test := range group.Tests {
				h := hashes[set.SHA].New()
				h.Write(unhex(t, test.Msg))
				got := key.VerifyDER(h.Sum(nil), unhex(t, test.Sig))
				count++
				// "acceptable" are signatures that BER allows and DER does not: we take DER alone.
				if want := test.Result == "valid"; got != want {
					t.Errorf("%s %d (%s, %s): %v", set.Curve, test.ID, test.Comment, test.Result, got)
				}
			}
		}
	}
	if count != 3621 {
		t.Errorf("%d signatures judged", count)
	}
}

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// keyOf reads a SubjectPublicKeyInfo.
func keyOf(t *testing.T, spki []byte) eccurve.Point {
	t.Helper()
	info, err := asn1x.Open(spki).Take(asn1x.Sequence)
	if err != nil {
		t.Fatal(err)
	}
	c := asn1x.Open(info.Body)
	algorithm, err := c.Take(asn1x.Sequence)
	if err != nil {
		t.Fatal(err)
	}
	bits, err := c.Take(asn1x.BitString)
	if err != nil {
		t.Fatal(err)
	}
	inside := asn1x.Open(algorithm.Body)
	if _, err := inside.OID(); err != nil {
		t.Fatal(err)
	}
	parameters, err := inside.Next()
	if err != nil {
		t.Fatal(err)
	}
	curve, err := eccurve.Parameters(parameters.Full)
	if err != nil {
		t.Fatal(err)
	}
	point, err := curve.Point(bits.Body[1:])
	if err != nil {
		t.Fatal(err)
	}
	return point
}
