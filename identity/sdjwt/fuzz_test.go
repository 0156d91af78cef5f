package sdjwt_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/motcua/motcua/identity/sdjwt"
)

// FuzzVerify holds that no presentation makes the verifier panic, or valid for a verifier whose keys did not sign it.
func FuzzVerify(f *testing.F) {
	f.Add(fresh().build())
	for _, name := range []string{"testdata/draft20-a3.txt", "testdata/draft20-5.txt"} {
		raw, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(strings.Join(strings.Fields(string(raw)), ""))
	}
	f.Add("~")
	f.Add("a.b.c~d~")
	v := verifier(f, nil)
	f.Fuzz(func(t *testing.T, text string) {
		report := v.Verify(context.Background(), text, sdjwt.Expect{Audience: audience, Nonce: "never used"})
		if report.Verdict == sdjwt.Valid || len(report.Claims().Names()) > 0 {
			t.Fatal("valid")
		}
	})
}

// FuzzParseCredential holds that what parses shows all its paths, each by itself, and comes back as it was.
func FuzzParseCredential(f *testing.F) {
	text := fresh().build()
	f.Add(text[:strings.LastIndex(text, "~")+1])
	f.Add("e30.e30.AA~")
	f.Add("e30." + b64([]byte(`{"_sd":["`+sum(conceal("s", "a", 1))+`"]}`)) + ".AA~" + conceal("s", "a", 1) + "~")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := sdjwt.ParseCredential(text)
		if err != nil {
			return
		}
		if c.Reveal() != text {
			t.Fatal("another text")
		}
		for _, path := range c.Paths() {
			if len(path) > 16 || strings.Contains(path.String(), "..") {
				continue // names a path may not be made of
			}
			shown, err := c.Disclose(path)
			if err != nil {
				continue // such as an empty name
			}
			if _, err := sdjwt.ParseCredential(shown); err != nil {
				t.Fatalf("what is shown of %s does not parse: %v", path, err)
			}
		}
	})
}

// FuzzClaims holds that what is issued from any JSON is what a verifier reads.
func FuzzClaims(f *testing.F) {
	f.Add(`{"a":1,"b":{"c":[1,"x",null,true]}}`)
	f.Add(`{"name":"Nguyễn Trọng Nghĩa","list":[{"a":1},{"a":2}]}`)
	v, i := verifier(f, nil), issuer(f)
	f.Fuzz(func(t *testing.T, text string) {
		var claims map[string]any
		if json.Unmarshal([]byte(text), &claims) != nil || len(claims) == 0 {
			return
		}
		draft := sdjwt.Draft{Type: birthType, Holder: keys().holder.Public(), Expires: now.Add(time.Hour), Claims: claims}
		for name := range claims {
			draft.Disclose = append(draft.Disclose, sdjwt.Path{name})
		}
		c, err := i.Issue(draft)
		if err != nil {
			return
		}
		report := v.VerifyIssued(context.Background(), c)
		if err := report.Err(); err != nil {
			t.Fatal(err)
		}
		for name, want := range claims {
			got, ok := report.Claims().Reveal(name)
			if string(toJSON(got)) != string(toJSON(want)) || !ok {
				t.Fatalf("%s: %s, want %s", name, toJSON(got), toJSON(want))
			}
		}
	})
}

// FuzzKeySet holds that no set of keys makes the parser panic.
func FuzzKeySet(f *testing.F) {
	f.Add([]byte(`{"keys":[{"kty":"EC","crv":"P-256","x":"AAAA","y":"AAAA"}]}`))
	f.Add([]byte(`{"jwks":{"keys":[{"kty":"OKP","crv":"Ed25519","x":"AAAA"}]}}`))
	f.Fuzz(func(t *testing.T, raw []byte) { _, _ = sdjwt.ParseKeySet(raw) })
}

// FuzzStatusList holds that no list makes the verifier panic, or a credential valid that the list does not call good.
func FuzzStatusList(f *testing.F) {
	f.Add([]byte(`{"sub":"` + statusURI + `","iat":1795230000,"status_list":{"bits":1,"lst":"eNrbuRgAAhcBXQ"}}`))
	f.Add([]byte(`{"sub":"` + statusURI + `","iat":1795230000,"status_list":{"bits":8,"lst":"AAAA"}}`))
	s := fresh()
	s.payload["status"] = map[string]any{"status_list": map[string]any{"idx": 1 << 40, "uri": statusURI}}
	text := s.build()
	f.Fuzz(func(t *testing.T, payload []byte) {
		signed := es256(keys().issuer, []byte(`{"alg":"ES256","typ":"statuslist+jwt","kid":"k1"}`), payload)
		lists := must[*sdjwt.StatusLists](t)(sdjwt.NewStatusLists(sdjwt.StatusConfig{
			Fetch: func(context.Context, string) ([]byte, error) { return []byte(signed), nil },
		}))
		v := verifier(t, func(_ *sdjwt.TrustedIssuer, c *sdjwt.Config) { c.Status = lists })
		if report := v.Verify(context.Background(), text, expect); report.Verdict == sdjwt.Valid {
			t.Fatal("valid at a place no list has")
		}
	})
}

// BenchmarkVerify measures the whole check beside the bare signature checks of the standard library in it, the issuer's
// and the holder's. Both run in turn and the fastest of each counts; "ratio" is what the checks cost.
func BenchmarkVerify(b *testing.B) {
	v := verifier(b, nil)
	credential := must[sdjwt.Credential](b)(issuer(b).Issue(extract()))
	shown := must[string](b)(holder(b).Present(credential, audience, nonce, sdjwt.Path{"name"}, sdjwt.Path{"birthdate"},
		sdjwt.Path{"personal_administrative_number"}, sdjwt.Path{"age_equal_or_over", "18"}))
	parts := strings.Split(shown, "~")
	bare, whole := time.Hour, time.Hour
	for b.Loop() {
		start := time.Now()
		if !checkBare(&keys().issuer.PublicKey, parts[0]) || !checkBare(&keys().holder.PublicKey, parts[len(parts)-1]) {
			b.Fatal("refused")
		}
		middle := time.Now()
		if report := v.Verify(context.Background(), shown, expect); report.Verdict != sdjwt.Valid {
			b.Fatal(report.Err())
		}
		bare, whole = min(bare, middle.Sub(start)), min(whole, time.Since(middle))
	}
	b.ReportMetric(float64(bare.Nanoseconds()), "bare-ns")
	b.ReportMetric(float64(whole.Nanoseconds()), "whole-ns")
	b.ReportMetric(float64(whole)/float64(bare), "ratio")
}

func checkBare(key *ecdsa.PublicKey, token string) bool {
	last := strings.LastIndexByte(token, '.')
	signature, err := base64.RawURLEncoding.DecodeString(token[last+1:])
	if err != nil || len(signature) != 64 {
		return false
	}
	digest := sha256.Sum256([]byte(token[:last]))
	return ecdsa.Verify(key, digest[:], new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:]))
}

// FuzzTrust holds that no file of issuers makes the parser panic, and that what it reads makes a verifier.
func FuzzTrust(f *testing.F) {
	f.Add([]byte(`{"format":"motcua-credential-trust/1","issuers":[{"name":"https://a.example","types":["t"],"jwks":{"keys":[` +
		string(toJSON(jwk(&keys().issuer.PublicKey))) + `]}}]}`))
	f.Add([]byte(`{"format":"motcua-credential-trust/1","issuers":[{"name":"a","types":["t"],"roots":"-----BEGIN CERTIFICATE-----"}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		issuers, err := sdjwt.ParseTrust(raw)
		if err != nil {
			return
		}
		if _, err := sdjwt.NewVerifier(issuers[:1], sdjwt.Config{}); err != nil {
			t.Fatal(err)
		}
	})
}
