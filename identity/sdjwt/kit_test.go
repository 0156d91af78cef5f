package sdjwt_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/motcua/motcua/identity/sdjwt"
)

const (
	issuerName = "https://hotich.example.vn"
	birthType  = "https://hotich.example.vn/vct/trich-luc-khai-sinh"
	audience   = "x509_hash:mot-cua"
	nonce      = "nonce-1"
	statusURI  = "https://hotich.example.vn/status/1"
)

var now = time.Date(2026, 11, 21, 3, 0, 0, 0, time.UTC)

func clock() time.Time { return now }

var keys = sync.OnceValue(func() (k struct{ issuer, holder, other *ecdsa.PrivateKey }) {
	for _, key := range []**ecdsa.PrivateKey{&k.issuer, &k.holder, &k.other} {
		made, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			panic(err)
		}
		*key = made
	}
	return k
})

func must[T any](t testing.TB) func(T, error) T {
	return func(value T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

func trusted(t testing.TB) sdjwt.TrustedIssuer {
	t.Helper()
	set := must[sdjwt.KeySet](t)(sdjwt.NewKeySet("k1", &keys().issuer.PublicKey))
	return sdjwt.TrustedIssuer{Name: issuerName, Types: []string{birthType, "urn:other"}, Keys: set, State: true}
}

func verifier(t testing.TB, change func(*sdjwt.TrustedIssuer, *sdjwt.Config)) *sdjwt.Verifier {
	t.Helper()
	issuer, cfg := trusted(t), sdjwt.Config{Now: clock}
	if change != nil {
		change(&issuer, &cfg)
	}
	return must[*sdjwt.Verifier](t)(sdjwt.NewVerifier([]sdjwt.TrustedIssuer{issuer}, cfg))
}

var expect = sdjwt.Expect{Audience: audience, Nonce: nonce}

// The specimen below is made by hand, a second reading of RFC 9901, so that one mistake is not made on both sides.

func b64(data []byte) string { return base64.RawURLEncoding.EncodeToString(data) }

func sum(text string) string {
	h := sha256.Sum256([]byte(text))
	return b64(h[:])
}

func toJSON(value any) []byte {
	raw, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return raw
}

// conceal returns a disclosure of these parts.
func conceal(parts ...any) string { return b64(toJSON(parts)) }

func es256(key *ecdsa.PrivateKey, header, payload []byte) string {
	signed := b64(header) + "." + b64(payload)
	h := sha256.Sum256([]byte(signed))
	r, s, err := ecdsa.Sign(rand.Reader, key, h[:])
	if err != nil {
		panic(err)
	}
	signature := make([]byte, 64)
	r.FillBytes(signature[:32])
	s.FillBytes(signature[32:])
	return signed + "." + b64(signature)
}

func jwk(key *ecdsa.PublicKey) map[string]any {
	raw, err := key.Bytes()
	if err != nil {
		panic(err)
	}
	return map[string]any{"kty": "EC", "crv": "P-256", "x": b64(raw[1:33]), "y": b64(raw[33:])}
}

// specimen is a presentation that can be spoilt in every place.
type specimen struct {
	header, payload         map[string]any
	disclosures             []string
	proofHeader, proof      map[string]any
	issuerKey, holderKey    *ecdsa.PrivateKey
	noProof                 bool
	rawPayload, rawHeader   string // in place of what is above
	rawProof                string
	text                    func(string) string // what becomes of the whole
	afterProof, beforeProof []string            // disclosures the holder's proof does, or does not, know of
}

const (
	familyName = "Nguyễn"
	givenName  = "Trọng Nghĩa"
	personID   = "001090000123"
)

// fresh is the extract of an invented person: name, number and date of birth to be disclosed, some nested.
func fresh() *specimen {
	number := conceal("salt-1", "personal_administrative_number", personID)
	birth := conceal("salt-2", "birthdate", "1990-03-15")
	province := conceal("salt-3", "province", "Hà Nội")
	place := conceal("salt-4", "place_of_birth", map[string]any{"_sd": []string{sum(province)}, "country": "VN"})
	nation := conceal("salt-5", "VN")
	s := &specimen{
		header: map[string]any{"alg": "ES256", "typ": "dc+sd-jwt", "kid": "k1"},
		payload: map[string]any{
			"iss": issuerName, "vct": birthType, "iat": now.Add(-time.Hour).Unix(), "exp": now.Add(time.Hour).Unix(),
			"_sd_alg": "sha-256", "_sd": []any{sum(number), sum(birth), sum(place), sum("a decoy")},
			"nationalities": []any{map[string]any{"...": sum(nation)}, map[string]any{"...": sum("withheld")}, "XX"},
			"family_name":   familyName, "given_name": givenName,
			"cnf": map[string]any{"jwk": jwk(&keys().holder.PublicKey)},
		},
		disclosures: []string{number, birth, place, province, nation},
		proofHeader: map[string]any{"alg": "ES256", "typ": "kb+jwt"},
		proof:       map[string]any{"iat": now.Unix(), "aud": audience, "nonce": nonce},
		issuerKey:   keys().issuer, holderKey: keys().holder,
	}
	return s
}

// add puts a disclosure's digest into the signed part and the disclosure beside the others.
func (s *specimen) add(text string) {
	s.payload["_sd"] = append(s.payload["_sd"].([]any), sum(text))
	s.disclosures = append(s.disclosures, text)
}

func (s *specimen) build() string {
	header, payload := toJSON(s.header), toJSON(s.payload)
	if s.rawPayload != "" {
		payload = []byte(s.rawPayload)
	}
	if s.rawHeader != "" {
		header = []byte(s.rawHeader)
	}
	issued := es256(s.issuerKey, header, payload) + "~"
	known := issued + strings.Join(append(append([]string{}, s.disclosures...), append(s.beforeProof, "")...), "~")
	shown := issued + strings.Join(append(append([]string{}, s.disclosures...), append(s.afterProof, "")...), "~")
	proof := maps.Clone(s.proof)
	if _, set := proof["sd_hash"]; !set {
		proof["sd_hash"] = sum(known)
	}
	if !s.noProof {
		body := toJSON(proof)
		if s.rawProof != "" {
			body = []byte(s.rawProof)
		}
		shown += es256(s.holderKey, toJSON(s.proofHeader), body)
	}
	if s.text != nil {
		shown = s.text(shown)
	}
	return shown
}

// failure returns the rule that does not hold, "" for a valid report.
func failure(r sdjwt.Report) string {
	step, failed := r.Failure()
	if !failed {
		return ""
	}
	return step.Reason
}

var _ crypto.Signer = (*ecdsa.PrivateKey)(nil)
