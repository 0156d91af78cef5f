package sdjwt_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/motcua/motcua/identity"
	"github.com/motcua/motcua/identity/sdjwt"
)

// ruleTest spoils a sound presentation in one place.
type ruleTest struct {
	name  string
	spoil func(*specimen)
	code  string // without "sdjwt."; "" valid
}

func ruleTests() []ruleTest {
	return []ruleTest{
		{"sound", func(*specimen) {}, ""},
		// Form.
		{"nothing", func(s *specimen) { s.text = func(string) string { return "" } }, "form.size"},
		{"huge", func(s *specimen) { s.text = func(t string) string { return t + strings.Repeat("a", 256<<10) } }, "form.size"},
		{"a JWT alone", func(s *specimen) { s.text = func(t string) string { return t[:strings.Index(t, "~")] } }, "form.form"},
		{"empty part", func(s *specimen) { s.text = func(t string) string { return strings.Replace(t, "~", "~~", 1) } }, "form.form"},
		{"no signed part", func(s *specimen) { s.text = func(t string) string { return t[strings.Index(t, "~"):] } }, "form.form"},
		{"a thousand disclosures too many", func(s *specimen) {
			s.text = func(t string) string { return strings.Replace(t, "~", strings.Repeat("~a", 1001)+"~", 1) }
		}, "form.disclosures-count"},
		// Header, RFC 9901 7.1 (2.1).
		{"typ of a plain JWT", func(s *specimen) { s.header["typ"] = "JWT" }, "header.typ"},
		{"no typ", func(s *specimen) { delete(s.header, "typ") }, "header.typ"},
		{"typ of older drafts", func(s *specimen) { s.header["typ"] = "vc+sd-jwt" }, "header.typ"},
		{"typ of a proof", func(s *specimen) { s.header["typ"] = "kb+jwt" }, "header.typ"},
		{"none", func(s *specimen) { s.header["alg"] = "none" }, "header.alg"},
		{"HMAC", func(s *specimen) { s.header["alg"] = "HS256" }, "header.alg"},
		{"an algorithm not its issuer's", func(s *specimen) { s.header["alg"] = "ES384" }, "issuer.alg"},
		{"a key in the header", func(s *specimen) { s.header["jwk"] = jwk(&keys().other.PublicKey) }, "header.header-member"},
		{"crit", func(s *specimen) { s.header["crit"] = []string{"b64"} }, "header.header-member"},
		{"alg twice", func(s *specimen) { s.rawHeader = `{"alg":"ES256","alg":"ES256","typ":"dc+sd-jwt"}` }, "header.header"},
		{"payload no object", func(s *specimen) { s.rawPayload = `[]` }, "header.payload"},
		{"iss twice", func(s *specimen) { s.rawPayload = `{"iss":"a","iss":"b"}` }, "header.payload"},
		// Issuer and signature, RFC 9901 7.1 (2.2), (2.3).
		{"unknown issuer", func(s *specimen) { s.payload["iss"] = "https://evil.example" }, "issuer.issuer-unknown"},
		{"issuer with a slash more", func(s *specimen) { s.payload["iss"] = issuerName + "/" }, "issuer.issuer-unknown"},
		{"no issuer", func(s *specimen) { delete(s.payload, "iss") }, "issuer.issuer-unknown"},
		{"issuer no text", func(s *specimen) { s.payload["iss"] = 1 }, "issuer.issuer-unknown"},
		{"unknown key", func(s *specimen) { s.header["kid"] = "k2" }, "signature.key-unknown"},
		{"another's key", func(s *specimen) { s.issuerKey = keys().other }, "signature.signature"},
		{"holder's key", func(s *specimen) { s.issuerKey = keys().holder }, "signature.signature"},
		{"certificate where none is trusted", func(s *specimen) { s.header["x5c"] = []string{"AAAA"} }, "issuer.certificate-form"},
		// Digests and disclosures, RFC 9901 7.1 (2.4), (3) to (5).
		{"unknown digest algorithm", func(s *specimen) { s.payload["_sd_alg"] = "sha-1" }, "disclosures.hash"},
		{"digest algorithm not allowed", func(s *specimen) { s.payload["_sd_alg"] = "sha-512" }, "disclosures.hash"},
		{"digest algorithm no text", func(s *specimen) { s.payload["_sd_alg"] = 256 }, "disclosures.hash"},
		{"no digest algorithm means sha-256", func(s *specimen) { delete(s.payload, "_sd_alg") }, ""},
		{"disclosure no base64url", func(s *specimen) { s.disclosures[0] = "a+b=" }, "disclosures.disclosure-form"},
		{"disclosure no list", func(s *specimen) { s.disclosures[0] = b64([]byte(`{}`)) }, "disclosures.disclosure-form"},
		{"disclosure of four", func(s *specimen) { s.add(conceal("s", "a", 1, 2)) }, "disclosures.disclosure-form"},
		{"disclosure of one", func(s *specimen) { s.add(conceal("s")) }, "disclosures.disclosure-form"},
		{"salt no text", func(s *specimen) { s.add(conceal(1, "a", 1)) }, "disclosures.disclosure-form"},
		{"double member in a disclosure", func(s *specimen) { s.add(b64([]byte(`["s","a",{"b":1,"b":2}]`))) }, "disclosures.disclosure-form"},
		{"nobody's disclosure", func(s *specimen) { s.disclosures = append(s.disclosures, conceal("s", "is_admin", true)) },
			"disclosures.disclosure-unreferenced"},
		{"a changed value", func(s *specimen) { s.disclosures[1] = conceal("salt-2", "birthdate", "1980-03-15") },
			"disclosures.disclosure-unreferenced"},
		{"a child without its parent", func(s *specimen) { s.disclosures = append(s.disclosures[:2:2], s.disclosures[3:]...) },
			"disclosures.disclosure-unreferenced"},
		{"disclosure twice", func(s *specimen) { s.disclosures = append(s.disclosures, s.disclosures[0]) }, "disclosures.disclosure-twice"},
		{"digest twice in a list", func(s *specimen) { s.payload["_sd"] = append(s.payload["_sd"].([]any), sum("a decoy")) },
			"disclosures.digest-twice"},
		{"digest twice in two places", func(s *specimen) { s.payload["inner"] = map[string]any{"_sd": []string{sum("a decoy")}} },
			"disclosures.digest-twice"},
		{"digest twice, once inside a disclosure", func(s *specimen) {
			s.add(conceal("s", "inner", map[string]any{"_sd": []string{sum("a decoy")}}))
		}, "disclosures.digest-twice"},
		{"digest of a claim at an element", func(s *specimen) {
			text := conceal("s", "a", 1)
			s.payload["list"] = []any{map[string]any{"...": sum(text)}}
			s.disclosures = append(s.disclosures, text)
		}, "disclosures.disclosure-kind"},
		{"digest of an element at a claim", func(s *specimen) { s.add(conceal("s", "VN")) }, "disclosures.disclosure-kind"},
		{"claim name no text", func(s *specimen) { s.add(conceal("s", 7, "VN")) }, "disclosures.disclosure-kind"},
		{"claim named _sd", func(s *specimen) { s.add(conceal("s", "_sd", []string{})) }, "disclosures.claim-reserved"},
		{"claim named ...", func(s *specimen) { s.add(conceal("s", "...", "x")) }, "disclosures.claim-reserved"},
		{"claim named _sd_alg", func(s *specimen) { s.add(conceal("s", "_sd_alg", "sha-1")) }, "disclosures.claim-reserved"},
		{"_sd_alg further in", func(s *specimen) { s.payload["inner"] = map[string]any{"_sd_alg": "sha-256"} }, "disclosures.claim-reserved"},
		{"... beside others", func(s *specimen) { s.payload["list"] = []any{map[string]any{"...": "x", "a": 1}} }, "disclosures.claim-reserved"},
		{"... in an object", func(s *specimen) { s.payload["inner"] = map[string]any{"...": "x"} }, "disclosures.claim-reserved"},
		{"_sd no list", func(s *specimen) { s.payload["inner"] = map[string]any{"_sd": "x"} }, "disclosures.digests-form"},
		{"_sd of numbers", func(s *specimen) { s.payload["inner"] = map[string]any{"_sd": []any{1}} }, "disclosures.digests-form"},
		{"... no text", func(s *specimen) { s.payload["list"] = []any{map[string]any{"...": 1}} }, "disclosures.digests-form"},
		{"claim that is there already", func(s *specimen) { s.add(conceal("s", "family_name", "Trần")) }, "disclosures.claim-twice"},
		{"claim disclosed twice with two salts", func(s *specimen) { s.add(conceal("s", "birthdate", "1990-03-15")) }, "disclosures.claim-twice"},
		{"a holder key disclosed", func(s *specimen) {
			s.add(conceal("s", "cnf", s.payload["cnf"]))
			delete(s.payload, "cnf")
		}, "disclosures.claim-registered"},
		{"an end disclosed", func(s *specimen) { delete(s.payload, "exp"); s.add(conceal("s", "exp", now.Add(time.Hour).Unix())) },
			"disclosures.claim-registered"},
		{"a status disclosed", func(s *specimen) { s.add(conceal("s", "status", map[string]any{})) }, "disclosures.claim-registered"},
		{"disclosures in disclosures without end", func(s *specimen) {
			text := conceal("s", "a", 1)
			for range 40 {
				s.disclosures = append(s.disclosures, text)
				text = conceal("s", "a", map[string]any{"_sd": []string{sum(text)}})
			}
			s.add(text)
		}, "disclosures.nesting"},
		{"lists in lists without end", func(s *specimen) {
			text := conceal("s", 1)
			for range 40 {
				s.disclosures = append(s.disclosures, text)
				text = conceal("s", []any{map[string]any{"...": sum(text)}})
			}
			s.payload["list"] = []any{map[string]any{"...": sum(text)}}
			s.disclosures = append(s.disclosures, text)
		}, "disclosures.nesting"},
		// Type, SD-JWT VC.
		{"no type", func(s *specimen) { delete(s.payload, "vct") }, "type.type-missing"},
		{"a type the issuer may not issue", func(s *specimen) { s.payload["vct"] = "urn:pid" }, "type.type-unknown"},
		// Times, RFC 9901 7.1 (6).
		{"ended", func(s *specimen) { s.payload["exp"] = now.Add(-time.Minute).Unix() }, "times.exp"},
		{"ended within the tolerance", func(s *specimen) { s.payload["exp"] = now.Add(-59 * time.Second).Unix() }, ""},
		{"end before time began", func(s *specimen) { s.payload["exp"] = 0 }, "times.exp"},
		{"end beyond all time", func(s *specimen) { s.payload["exp"] = json.Number("1e300") }, "times.exp"},
		{"end no number", func(s *specimen) { s.payload["exp"] = "2030" }, "times.exp"},
		{"no end", func(s *specimen) { delete(s.payload, "exp") }, "times.exp-missing"},
		{"not yet", func(s *specimen) { s.payload["nbf"] = now.Add(61 * time.Second).Unix() }, "times.nbf"},
		{"issued tomorrow", func(s *specimen) { s.payload["iat"] = now.AddDate(0, 0, 1).Unix() }, "times.iat"},
		{"for somebody else", func(s *specimen) { s.payload["aud"] = "other" }, "times.aud"},
		{"for us among others", func(s *specimen) { s.payload["aud"] = []any{"other", audience} }, ""},
		{"audience a number", func(s *specimen) { s.payload["aud"] = 1 }, "times.aud"},
		// Holder, RFC 9901 7.3 (1) to (3).
		{"no proof", func(s *specimen) { s.noProof = true }, "holder.proof-missing"},
		{"no holder", func(s *specimen) { delete(s.payload, "cnf") }, "holder.cnf-missing"},
		{"holder by name", func(s *specimen) { s.payload["cnf"] = map[string]any{"kid": "h"} }, "holder.cnf"},
		{"holder at an address", func(s *specimen) { s.payload["cnf"] = map[string]any{"jku": "https://evil.example"} }, "holder.cnf"},
		{"two ways to the holder", func(s *specimen) { s.payload["cnf"].(map[string]any)["kid"] = "h" }, "holder.cnf"},
		{"holder's private key", func(s *specimen) { s.payload["cnf"].(map[string]any)["jwk"].(map[string]any)["d"] = "AAAA" }, "holder.cnf"},
		{"holder's key off the curve", func(s *specimen) {
			s.payload["cnf"].(map[string]any)["jwk"].(map[string]any)["y"] = b64(make([]byte, 32))
		}, "holder.cnf"},
		// Proof, RFC 9901 7.3 (5).
		{"proof by another key", func(s *specimen) { s.holderKey = keys().other }, "binding.proof-signature"},
		{"proof unsigned", func(s *specimen) { s.proofHeader["alg"] = "none" }, "binding.proof-alg"},
		{"proof's algorithm not allowed", func(s *specimen) { s.proofHeader["alg"] = "ES384" }, "binding.proof-alg"},
		{"proof of another type", func(s *specimen) { s.proofHeader["typ"] = "JWT" }, "binding.proof-typ"},
		{"proof without type", func(s *specimen) { delete(s.proofHeader, "typ") }, "binding.proof-typ"},
		{"a key in the proof's header", func(s *specimen) { s.proofHeader["jwk"] = jwk(&keys().other.PublicKey) }, "binding.proof-header-member"},
		{"garbage for a proof", func(s *specimen) { s.noProof = true; s.text = func(t string) string { return t + "a.b" } }, "binding.proof-form"},
		{"an old proof", func(s *specimen) { s.proof["iat"] = now.Add(-6*time.Minute - time.Second).Unix() }, "binding.proof-iat"},
		{"the oldest proof", func(s *specimen) { s.proof["iat"] = now.Add(-6 * time.Minute).Unix() }, ""},
		{"a proof that is a list", func(s *specimen) { s.rawProof = `[]` }, "binding.proof-payload"},
		{"a proof that names its nonce twice", func(s *specimen) { s.rawProof = `{"nonce":"nonce-1","nonce":"nonce-2"}` }, "binding.proof-payload"},
		{"a proof by a key that does not fit its algorithm", func(s *specimen) {
			s.payload["cnf"] = map[string]any{"jwk": map[string]any{"kty": "OKP", "crv": "Ed25519", "x": b64(make([]byte, 32))}}
		}, "binding.proof-alg"},
		{"a proof from tomorrow", func(s *specimen) { s.proof["iat"] = now.Add(61 * time.Second).Unix() }, "binding.proof-iat"},
		{"a proof without time", func(s *specimen) { delete(s.proof, "iat") }, "binding.proof-iat"},
		{"a proof that has ended", func(s *specimen) { s.proof["exp"] = now.Add(-time.Hour).Unix() }, "binding.proof-exp"},
		{"a proof that has not begun", func(s *specimen) { s.proof["nbf"] = now.Add(time.Hour).Unix() }, "binding.proof-nbf"},
		{"another audience", func(s *specimen) { s.proof["aud"] = "x509_hash:other" }, "binding.proof-aud"},
		{"a list of audiences", func(s *specimen) { s.proof["aud"] = []string{audience} }, "binding.proof-aud"},
		{"no audience", func(s *specimen) { delete(s.proof, "aud") }, "binding.proof-aud"},
		{"nonce of another request", func(s *specimen) { s.proof["nonce"] = "nonce-2" }, "binding.proof-nonce"},
		{"no nonce", func(s *specimen) { delete(s.proof, "nonce") }, "binding.proof-nonce"},
		{"no sd_hash", func(s *specimen) { s.proof["sd_hash"] = nil }, "binding.proof-sd-hash"},
		{"sd_hash of the JWT alone", func(s *specimen) { s.proof["sd_hash"] = sum("x") }, "binding.proof-sd-hash"},
		{"a disclosure dropped after the proof", func(s *specimen) {
			s.beforeProof = s.disclosures[4:]
			s.disclosures = s.disclosures[:4]
		}, "binding.proof-sd-hash"},
		{"a disclosure added after the proof", func(s *specimen) {
			s.afterProof = s.disclosures[4:]
			s.disclosures = s.disclosures[:4]
		}, "binding.proof-sd-hash"},
	}
}

// TestRules holds the step and the reason that the report names for each spoilt presentation.
func TestRules(t *testing.T) {
	v := verifier(t, nil)
	for _, tt := range ruleTests() {
		t.Run(tt.name, func(t *testing.T) {
			s := fresh()
			tt.spoil(s)
			report := v.Verify(context.Background(), s.build(), expect)
			step, failed := report.Failure()
			if got := strings.TrimPrefix(step.Code(), "sdjwt."); failed != (tt.code != "") || failed && got != tt.code {
				t.Fatalf("%v %s, want %q", report.Verdict, got, tt.code)
			}
			var refused *sdjwt.VerifyError
			if err := report.Err(); errors.As(err, &refused) != failed {
				t.Errorf("error %v", err)
			}
			if failed && !sdjwt.HasText(step.Reason) {
				t.Errorf("%s has no text", step.Reason)
			}
			if failed && (len(report.Claims().Names()) > 0 || report.Verdict == sdjwt.Valid || step.Text("vi") == step.Text("en")) {
				t.Errorf("a refused report has claims, verdict %v, or one text for two languages", report.Verdict)
			}
		})
	}
}

// TestEveryReasonHasItsText looks for the rules in the source: none may fall back to another's words.
func TestEveryReasonHasItsText(t *testing.T) {
	rule := regexp.MustCompile(`(?:return |, |= |fail\(|skip \+ )"([a-z0-9]+(?:-[a-z0-9]+)*)"(?:\)|\n)`)
	found := 0
	for _, name := range []string{"verify.go", "binding.go", "process.go", "credential.go", "status.go", "statuslist.go"} {
		source := must[[]byte](t)(os.ReadFile(name))
		for _, match := range rule.FindAllStringSubmatch(string(source), -1) {
			if strings.Contains(match[0], "refuse") || match[1] == "sha-256" {
				continue
			}
			found++
			if line := match[1]; !sdjwt.HasText(line) && !isName(line) {
				t.Errorf("%s: %q has no text", name, line)
			}
		}
	}
	if found < 60 {
		t.Errorf("only %d rules found: the search is blind", found)
	}
}

// isName reports whether a word in the source is an error's rule or a member's name and no reason.
func isName(word string) bool {
	return slices.Contains([]string{"status-age", "uri", "table", "expires", "ttl", "issuer", "issuer-twice", "skew"}, word)
}

func TestWhatASoundReportSays(t *testing.T) {
	report := verifier(t, nil).Verify(context.Background(), fresh().build(), expect)
	if report.Verdict != sdjwt.Valid || report.Err() != nil || len(report.Steps) != 10 {
		t.Fatalf("%v, %v", report.Err(), report.Steps)
	}
	for _, step := range report.Steps {
		want := sdjwt.Passed
		if step.Name == "status" {
			want = sdjwt.Skipped
		}
		if step.Outcome != want || step.Clause == "" || step.Text("vi") == step.Text("en") {
			t.Errorf("%+v: %s", step, step.Text("en"))
		}
	}
	if report.Issuer != issuerName || report.Type != birthType || !report.BoundAt.Equal(now) || report.Expires.IsZero() {
		t.Errorf("%+v", report)
	}
	claims := report.Claims()
	province, _ := claims.Reveal("place_of_birth", "province")
	nations, _ := claims.Reveal("nationalities")
	if claims.Text("birthdate") != "1990-03-15" || province != "Hà Nội" || !reflect.DeepEqual(nations, []any{"VN", "XX"}) {
		t.Errorf("%q %v %v", claims.Text("birthdate"), province, nations)
	}
	if claims.Has(sdjwt.Path{"_sd"}) || claims.Has(sdjwt.Path{"_sd_alg"}) || claims.Has(sdjwt.Path{"nationalities", 2}) {
		t.Error("members of the format are left in the claims")
	}
	nations.([]any)[0] = "ZZ"
	if again, _ := claims.Reveal("nationalities", 0); again != "VN" {
		t.Error("a caller can change what the report holds")
	}
	statement, err := report.Statement(sdjwt.PIDMapping())
	if err != nil {
		t.Fatal(err)
	}
	if statement.Person.Reveal() != personID || statement.Name.Reveal() != "Nguyễn Trọng Nghĩa" ||
		statement.BirthDate.Reveal() != "1990-03-15" || statement.Origin.Source != identity.FromCredential ||
		statement.Origin.Trust != identity.Verified || statement.Origin.By != issuerName || !statement.Origin.At.Equal(now) {
		t.Errorf("%+v", statement)
	}
	subject, err := identity.Subject{Kind: identity.Citizen}.Corroborate(now, statement)
	if err != nil || subject.Person != statement.Person {
		t.Errorf("%v", err)
	}
}

func TestStatementRefuses(t *testing.T) {
	report := verifier(t, nil).Verify(context.Background(), fresh().build(), sdjwt.Expect{Audience: audience, Nonce: "other"})
	if _, err := report.Statement(sdjwt.PIDMapping()); err == nil {
		t.Error("a refused report makes a statement")
	}
	for name, value := range map[string]any{
		"personal_administrative_number": "12", "birthdate": "31/02/1990", "name": "x\u0000y",
	} {
		s := fresh()
		s.disclosures, s.payload["_sd"] = nil, []any{}
		s.payload[name] = value
		s.payload["nationalities"] = []any{}
		report := verifier(t, nil).Verify(context.Background(), s.build(), expect)
		if _, err := report.Statement(sdjwt.PIDMapping()); report.Verdict != sdjwt.Valid || err == nil {
			t.Errorf("%s: %v, %v", name, report.Err(), err)
		}
	}
	s := fresh()
	s.disclosures, s.payload["_sd"], s.payload["birthdate"] = nil, []any{}, 19900315
	s.payload["nationalities"] = []any{}
	report = verifier(t, nil).Verify(context.Background(), s.build(), expect)
	if _, err := report.Statement(sdjwt.PIDMapping()); err == nil {
		t.Error("a date of birth that is a number was skipped")
	}
}

func TestPolicies(t *testing.T) {
	legacy := func(s *specimen) { s.header["typ"] = "vc+sd-jwt" }
	tests := []struct {
		name   string
		policy func(*sdjwt.TrustedIssuer, *sdjwt.Config)
		spoil  func(*specimen)
		expect sdjwt.Expect
		reason string
	}{
		{"older type until then", func(_ *sdjwt.TrustedIssuer, c *sdjwt.Config) { c.LegacyTypeUntil = now.Add(1) }, legacy, expect, ""},
		{"older type after that", func(_ *sdjwt.TrustedIssuer, c *sdjwt.Config) { c.LegacyTypeUntil = now }, legacy, expect, "typ"},
		{"no end where that is allowed", func(_ *sdjwt.TrustedIssuer, c *sdjwt.Config) { c.AllowNoExpiry = true },
			func(s *specimen) { delete(s.payload, "exp") }, expect, ""},
		{"issuer not yet", func(i *sdjwt.TrustedIssuer, _ *sdjwt.Config) { i.Since = now.Add(1) }, nil, expect, "issuer-time"},
		{"issuer no longer", func(i *sdjwt.TrustedIssuer, _ *sdjwt.Config) { i.Until = now }, nil, expect, "issuer-time"},
		{"another type than asked for", nil, nil, sdjwt.Expect{Audience: audience, Nonce: nonce, Types: []string{"urn:other"}}, "type-other"},
		{"the type asked for", nil, nil, sdjwt.Expect{Audience: audience, Nonce: nonce, Types: []string{birthType}}, ""},
		{"no nonce stated", nil, func(s *specimen) { s.proof["nonce"] = "" }, sdjwt.Expect{Audience: audience}, "expectation"},
		{"no audience stated", nil, func(s *specimen) { s.proof["aud"] = "" }, sdjwt.Expect{Nonce: nonce}, "expectation"},
		{"holder not asked for", func(_ *sdjwt.TrustedIssuer, c *sdjwt.Config) { c.InsecureNoHolder = true },
			func(s *specimen) { s.noProof = true }, sdjwt.Expect{}, ""},
		{"a status where one is demanded", func(_ *sdjwt.TrustedIssuer, c *sdjwt.Config) { c.RequireStatus = true }, nil, expect, "status-missing"},
		{"a status nobody can check", nil, func(s *specimen) {
			s.payload["status"] = map[string]any{"status_list": map[string]any{"idx": 1, "uri": statusURI}}
		}, expect, "status-unchecked"},
		{"sha-512 where allowed", func(_ *sdjwt.TrustedIssuer, c *sdjwt.Config) { c.Hashes = []string{"sha-512"} }, nil, expect, "hash"},
		{"a moment later", nil, nil, sdjwt.Expect{Audience: audience, Nonce: nonce, At: now.Add(7 * time.Minute)}, "proof-iat"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := fresh()
			if tt.spoil != nil {
				tt.spoil(s)
			}
			report := verifier(t, tt.policy).Verify(context.Background(), s.build(), tt.expect)
			if got := failure(report); got != tt.reason {
				t.Errorf("%v %q, want %q", report.Verdict, got, tt.reason)
			}
		})
	}
}

// TestPolicyCannotBeLeftOpen holds that a verifier which was not told whom to trust does not come into being.
func TestPolicyCannotBeLeftOpen(t *testing.T) {
	good := trusted(t)
	change := func(f func(*sdjwt.TrustedIssuer)) []sdjwt.TrustedIssuer {
		issuer := good
		f(&issuer)
		return []sdjwt.TrustedIssuer{issuer}
	}
	for name, c := range map[string]struct {
		issuers []sdjwt.TrustedIssuer
		cfg     sdjwt.Config
	}{
		"nobody":         {nil, sdjwt.Config{}},
		"no name":        {change(func(i *sdjwt.TrustedIssuer) { i.Name = "" }), sdjwt.Config{}},
		"no types":       {change(func(i *sdjwt.TrustedIssuer) { i.Types = nil }), sdjwt.Config{}},
		"any type":       {change(func(i *sdjwt.TrustedIssuer) { i.Types = []string{""} }), sdjwt.Config{}},
		"no keys":        {change(func(i *sdjwt.TrustedIssuer) { i.Keys = nil }), sdjwt.Config{}},
		"HMAC":           {change(func(i *sdjwt.TrustedIssuer) { i.Algs = []string{"HS256"} }), sdjwt.Config{}},
		"none":           {change(func(i *sdjwt.TrustedIssuer) { i.Algs = []string{"none"} }), sdjwt.Config{}},
		"twice":          {[]sdjwt.TrustedIssuer{good, good}, sdjwt.Config{}},
		"holders' none":  {[]sdjwt.TrustedIssuer{good}, sdjwt.Config{HolderAlgs: []string{"none"}}},
		"MD5":            {[]sdjwt.TrustedIssuer{good}, sdjwt.Config{Hashes: []string{"md5"}}},
		"an hour's skew": {[]sdjwt.TrustedIssuer{good}, sdjwt.Config{Skew: time.Hour}},
		"a day's proof":  {[]sdjwt.TrustedIssuer{good}, sdjwt.Config{MaxBindingAge: 24 * time.Hour}},
		"negative skew":  {[]sdjwt.TrustedIssuer{good}, sdjwt.Config{Skew: -1}},
	} {
		var own *sdjwt.Error
		if _, err := sdjwt.NewVerifier(c.issuers, c.cfg); !errors.As(err, &own) || own.Text("vi") == own.Text("en") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestExamplesOfTheDraft holds the verifier to the examples printed in draft 20, the text that became RFC 9901: the
// credential of appendix A.3 whole, and the presentation of section 5.2 as far as it is no SD-JWT VC.
func TestExamplesOfTheDraft(t *testing.T) {
	read := func(name string) string {
		raw := must[[]byte](t)(os.ReadFile("testdata/" + name))
		return strings.Join(strings.Fields(string(raw)), "")
	}
	jwks := `{"keys":[{"kty":"EC","crv":"P-256","x":"b28d4MwZMjw8-00CG4xfnn9SLMVMM19SlqZpVb_uNtQ","y":"Xv5zWwuoaTgdS6hV43yI6gBwTnjukmFQQnJ_kCxzqk8"}]}`
	set := must[sdjwt.KeySet](t)(sdjwt.ParseKeySet([]byte(jwks)))
	signed := time.Unix(1748361941, 0)
	v := must[*sdjwt.Verifier](t)(sdjwt.NewVerifier([]sdjwt.TrustedIssuer{
		{Name: "https://pid-issuer.bund.de.example", Types: []string{"urn:eudi:pid:de:1"}, Keys: set},
	}, sdjwt.Config{Now: func() time.Time { return signed.Add(time.Minute) }}))
	expect := sdjwt.Expect{Audience: "https://verifier.example.org", Nonce: "1234567890"}
	report := v.Verify(context.Background(), read("draft20-a3.txt"), expect)
	if err := report.Err(); err != nil {
		t.Fatal(err)
	}
	raw := must[[]byte](t)(report.Claims().RevealJSON())
	want := `{"age_equal_or_over":{"18":true},"cnf":{"jwk":{"crv":"P-256","kty":"EC",` +
		`"x":"TCAER19Zvu3OHF4j4W4vfSVoHIP1ILilDls7vCeGemc","y":"ZxjiWWbZMQGHVWKVQ4hbSIirsVfuecCE6t4jT9F2HZQ"}},` +
		`"exp":1883000000,"iat":1683000000,"iss":"https://pid-issuer.bund.de.example","nationalities":["DE"],"vct":"urn:eudi:pid:de:1"}`
	if string(raw) != want {
		t.Errorf("claims %s", raw)
	}
	for years, want := range map[int]identity.Answer{18: identity.Yes, 16: identity.Yes, 21: identity.Unknown} {
		if got := report.Claims().AtLeast(years); got != want {
			t.Errorf("%d: %v, want %v", years, got, want)
		}
	}
	five := read("draft20-5.txt")
	if got := failure(v.Verify(context.Background(), five, expect)); got != "typ" {
		t.Errorf("an SD-JWT that is no credential: %q", got)
	}
	c := must[sdjwt.Credential](t)(sdjwt.ParseCredential(five[:strings.LastIndex(five, "~")+1]))
	if got := c.Paths(); len(got) != 4 || got[3].String() != "nationalities[0]" {
		t.Errorf("%v", got)
	}
}

func TestAtLeast(t *testing.T) {
	for text, want := range map[string]identity.Answer{
		`{}`: identity.Unknown, `{"age_over_18":true}`: identity.Yes, `{"age_over_18":false}`: identity.No,
		`{"age_over_21":true}`: identity.Yes, `{"age_over_16":true}`: identity.Unknown, `{"age_over_16":false}`: identity.No,
		`{"age_over_21":false}`: identity.Unknown, `{"age_over_18":"true"}`: identity.Unknown, `{"age_over_x":true}`: identity.Unknown,
		`{"age_equal_or_over":{"18":true}}`: identity.Yes, `{"age_equal_or_over":{"18":true},"age_over_18":false}`: identity.No,
		`{"age_equal_or_over":true}`: identity.Unknown, `{"age_over_999":true}`: identity.Unknown,
	} {
		var extra map[string]any
		if err := json.Unmarshal([]byte(text), &extra); err != nil {
			t.Fatal(err)
		}
		s := fresh()
		for name, value := range extra {
			s.payload[name] = value
		}
		if got := verifier(t, nil).Verify(context.Background(), s.build(), expect).Claims().AtLeast(18); got != want {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
}
