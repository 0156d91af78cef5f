package sdjwt_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/motcua/motcua/identity"
	"github.com/motcua/motcua/identity/sdjwt"
)

func issuer(t testing.TB) *sdjwt.Issuer {
	t.Helper()
	return must[*sdjwt.Issuer](t)(sdjwt.NewIssuer(keys().issuer, issuerName, sdjwt.IssuerConfig{KeyID: "k1", Now: clock}))
}

func holder(t testing.TB) *sdjwt.Holder {
	t.Helper()
	return must[*sdjwt.Holder](t)(sdjwt.NewHolder(keys().holder, sdjwt.HolderConfig{Now: clock}))
}

// extract is what an office has to say of an invented person's birth.
func extract() sdjwt.Draft {
	return sdjwt.Draft{
		Type: birthType, Holder: keys().holder.Public(), Expires: now.AddDate(1, 0, 0), Decoys: 2,
		Claims: map[string]any{
			"name": "Nguyễn Trọng Nghĩa", "personal_administrative_number": personID, "birthdate": "1990-03-15", "sex": 1,
			"place_of_birth":    map[string]any{"country": "VN", "province": "Hà Nội", "ward": "Phường Ví Dụ <1> & 2"},
			"parents":           []any{map[string]any{"name": "Trần Thị Mỹ Vĩnh"}, map[string]any{"name": "Nguyễn Văn Mẫu"}},
			"age_equal_or_over": map[string]any{"14": true, "18": true, "60": false},
			"register":          "Sổ mẫu 12",
		},
		Disclose: []sdjwt.Path{
			{"name"}, {"personal_administrative_number"}, {"birthdate"}, {"sex"}, {"place_of_birth"}, {"place_of_birth", "ward"},
			{"parents", nil}, {"parents", nil, "name"}, {"age_equal_or_over", "14"}, {"age_equal_or_over", "18"},
			{"age_equal_or_over", "60"},
		},
	}
}

func Example() {
	_, key, _ := ed25519.GenerateKey(rand.Reader) // the office's, perhaps in a token
	wallet, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	office, err := sdjwt.NewIssuer(key, "https://hotich.example.vn", sdjwt.IssuerConfig{KeyID: "2026"})
	if err != nil {
		fmt.Println(err)
		return
	}
	credential, err := office.Issue(sdjwt.Draft{
		Type: "https://hotich.example.vn/vct/khai-sinh", Holder: wallet.Public(), Expires: time.Now().AddDate(1, 0, 0),
		Claims:   map[string]any{"name": "Nguyễn Trọng Nghĩa", "birthdate": "1990-03-15", "age_over_18": true},
		Disclose: []sdjwt.Path{{"name"}, {"birthdate"}, {"age_over_18"}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}

	// In the wallet: only that the holder is of age.
	holder, err := sdjwt.NewHolder(wallet, sdjwt.HolderConfig{})
	if err != nil {
		fmt.Println(err)
		return
	}
	shown, err := holder.Present(credential, "cinema", "nonce-of-the-request", sdjwt.Path{"age_over_18"})
	if err != nil {
		fmt.Println(err)
		return
	}

	// At the cinema: the issuer is named, with what it may issue.
	set, err := sdjwt.NewKeySet("2026", key.Public())
	if err != nil {
		fmt.Println(err)
		return
	}
	verifier, err := sdjwt.NewVerifier([]sdjwt.TrustedIssuer{{
		Name: "https://hotich.example.vn", Types: []string{"https://hotich.example.vn/vct/khai-sinh"}, Keys: set,
		Algs: []string{"EdDSA"},
	}}, sdjwt.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	report := verifier.Verify(context.Background(), shown, sdjwt.Expect{Audience: "cinema", Nonce: "nonce-of-the-request"})
	fmt.Println(report.Verdict, report.Claims().AtLeast(18), report.Claims().Has(sdjwt.Path{"birthdate"}), credential)
	again := verifier.Verify(context.Background(), shown, sdjwt.Expect{Audience: "cinema", Nonce: "another"})
	fmt.Println(again.Err())
	// Output:
	// valid yes false sdjwt.Credential(***)
	// sdjwt: refused: sdjwt.binding.proof-nonce
}

// TestIssuePresentVerify plays the three parts for each selection, and holds that nothing else is shown.
func TestIssuePresentVerify(t *testing.T) {
	credential := must[sdjwt.Credential](t)(issuer(t).Issue(extract()))
	tests := []struct {
		name  string
		paths []sdjwt.Path
		want  string // the claims, without those always shown
	}{
		{"nothing", nil, `{"age_equal_or_over":{},"parents":[]}`},
		{"one", []sdjwt.Path{{"birthdate"}}, `{"age_equal_or_over":{},"birthdate":"1990-03-15","parents":[]}`},
		{"of age", []sdjwt.Path{{"age_equal_or_over", "18"}}, `{"age_equal_or_over":{"18":true},"parents":[]}`},
		{"a parent's member, whose child is hidden", []sdjwt.Path{{"place_of_birth", "province"}},
			`{"age_equal_or_over":{},"parents":[],"place_of_birth":{"country":"VN","province":"Hà Nội"}}`},
		{"a child brings its parent", []sdjwt.Path{{"place_of_birth", "ward"}},
			`{"age_equal_or_over":{},"parents":[],"place_of_birth":{"country":"VN","province":"Hà Nội","ward":"Phường Ví Dụ <1> & 2"}}`},
		{"a parent brings its children", []sdjwt.Path{{"place_of_birth"}},
			`{"age_equal_or_over":{},"parents":[],"place_of_birth":{"country":"VN","province":"Hà Nội","ward":"Phường Ví Dụ <1> & 2"}}`},
		{"the second element", []sdjwt.Path{{"parents", 1, "name"}},
			`{"age_equal_or_over":{},"parents":[{"name":"Nguyễn Văn Mẫu"}]}`},
		{"all elements", []sdjwt.Path{{"parents", nil, "name"}},
			`{"age_equal_or_over":{},"parents":[{"name":"Trần Thị Mỹ Vĩnh"},{"name":"Nguyễn Văn Mẫu"}]}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			shown := must[string](t)(holder(t).Present(credential, audience, nonce, tt.paths...))
			report := verifier(t, nil).Verify(context.Background(), shown, expect)
			if err := report.Err(); err != nil {
				t.Fatal(err)
			}
			var claims map[string]any
			if err := json.Unmarshal(must[[]byte](t)(report.Claims().RevealJSON()), &claims); err != nil {
				t.Fatal(err)
			}
			if claims["register"] != "Sổ mẫu 12" {
				t.Error("what is always shown is not")
			}
			for _, name := range []string{"register", "iss", "vct", "iat", "exp", "cnf"} {
				delete(claims, name)
			}
			var out bytes.Buffer
			enc := json.NewEncoder(&out)
			enc.SetEscapeHTML(false)
			if err := enc.Encode(claims); err != nil {
				t.Fatal(err)
			}
			if got := strings.TrimSpace(out.String()); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
	if report := verifier(t, nil).VerifyIssued(context.Background(), credential); report.Verdict != sdjwt.Valid ||
		report.Claims().Text("place_of_birth", "ward") == "" {
		t.Errorf("%v", report.Err())
	}
}

// TestCredentialsCannotBeLinked holds that two credentials of one draft share neither salt nor digest, and that the
// decoys make the numbers of digests differ from those of claims.
func TestCredentialsCannotBeLinked(t *testing.T) {
	seen := map[string]bool{}
	for range 2 {
		credential := must[sdjwt.Credential](t)(issuer(t).Issue(extract()))
		parts := strings.Split(strings.TrimSuffix(credential.Reveal(), "~"), "~")
		if len(parts) != 1+13 {
			t.Fatalf("%d disclosures", len(parts)-1)
		}
		for _, part := range parts[1:] {
			raw := must[[]byte](t)(base64.RawURLEncoding.DecodeString(part))
			var list []any
			if err := json.Unmarshal(raw, &list); err != nil {
				t.Fatal(err)
			}
			salt := must[[]byte](t)(base64.RawURLEncoding.DecodeString(list[0].(string)))
			if seen[part] || seen[list[0].(string)] || len(salt) < 16 {
				t.Errorf("salt %q of %d bytes again", list[0], len(salt))
			}
			seen[part], seen[list[0].(string)] = true, true
		}
		payload := must[[]byte](t)(base64.RawURLEncoding.DecodeString(strings.Split(parts[0], ".")[1]))
		var top struct {
			SD  []string `json:"_sd"`
			Age struct {
				SD []string `json:"_sd"`
			} `json:"age_equal_or_over"`
		}
		if err := json.Unmarshal(payload, &top); err != nil || len(top.SD) != 5+2 || len(top.Age.SD) != 3+2 {
			t.Errorf("%d and %d digests, %v", len(top.SD), len(top.Age.SD), err)
		}
		for _, value := range []string{personID, "Nghĩa", "1990", "Hà Nội"} {
			if bytes.Contains(payload, []byte(value)) {
				t.Errorf("the signed part shows %s", value)
			}
		}
	}
}

func TestIssueRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(*sdjwt.Draft)
		code  string
	}{
		"no type":              {func(d *sdjwt.Draft) { d.Type = "" }, "draft.type"},
		"no holder":            {func(d *sdjwt.Draft) { d.Holder = nil }, "draft.holder"},
		"a holder of no kind":  {func(d *sdjwt.Draft) { d.Holder = "key" }, "draft.holder"},
		"over before it began": {func(d *sdjwt.Draft) { d.Expires = now }, "draft.expires"},
		"an issuer of its own": {func(d *sdjwt.Draft) { d.Claims["iss"] = "x" }, "draft.claim-registered"},
		"a time of its own":    {func(d *sdjwt.Draft) { d.Claims["iat"] = 1 }, "draft.claim-registered"},
		"a hidden holder":      {func(d *sdjwt.Draft) { d.Disclose = []sdjwt.Path{{"cnf"}} }, "draft.claim-registered"},
		"a claim named _sd":    {func(d *sdjwt.Draft) { d.Claims["_sd"] = 1 }, "draft.claim-reserved"},
		"... further in":       {func(d *sdjwt.Draft) { d.Claims["a"] = []any{map[string]any{"...": 1}} }, "draft.claim-reserved"},
		"no JSON":              {func(d *sdjwt.Draft) { d.Claims["a"] = func() {} }, "draft.claims"},
		"a path to nowhere":    {func(d *sdjwt.Draft) { d.Disclose = append(d.Disclose, sdjwt.Path{"nowhere"}) }, "path.nowhere"},
		"an empty path":        {func(d *sdjwt.Draft) { d.Disclose = []sdjwt.Path{{}} }, "path.length"},
		"a path of halves":     {func(d *sdjwt.Draft) { d.Disclose = []sdjwt.Path{{0.5}} }, "path.kind"},
		"a path before zero":   {func(d *sdjwt.Draft) { d.Disclose = []sdjwt.Path{{"parents", -1}} }, "path.index"},
		"a path without name":  {func(d *sdjwt.Draft) { d.Disclose = []sdjwt.Path{{""}} }, "path.name"},
		"too many decoys":      {func(d *sdjwt.Draft) { d.Decoys = 33 }, "draft.decoys"},
		"a status nowhere":     {func(d *sdjwt.Draft) { d.Status = &sdjwt.StatusRef{URI: "https:///1"} }, "draft.status"},
		"a status by name":     {func(d *sdjwt.Draft) { d.Status = &sdjwt.StatusRef{URI: "https://u:p@a.example/1"} }, "draft.status"},
		"a part of a status":   {func(d *sdjwt.Draft) { d.Status = &sdjwt.StatusRef{URI: "https://a.example/1#a"} }, "draft.status"},
		"an endless status": {func(d *sdjwt.Draft) {
			d.Status = &sdjwt.StatusRef{URI: "https://a.example/" + strings.Repeat("a", 1024)}
		}, "draft.status"},
		"too many paths":   {func(d *sdjwt.Draft) { d.Disclose = make([]sdjwt.Path, 257) }, "path.count"},
		"a status on http": {func(d *sdjwt.Draft) { d.Status = &sdjwt.StatusRef{URI: "http://example.vn/1"} }, "draft.status"},
		"huge":             {func(d *sdjwt.Draft) { d.Claims["a"] = strings.Repeat("a", 256<<10) }, "draft.size"},
		"too deep": {func(d *sdjwt.Draft) {
			var deep any
			for range 20 {
				deep = []any{deep}
			}
			d.Claims["a"] = deep
		}, "draft.claims"},
	} {
		draft := extract()
		c.spoil(&draft)
		_, err := issuer(t).Issue(draft)
		var own *sdjwt.Error
		if !errors.As(err, &own) || own.Code() != "sdjwt."+c.code || own.Text("vi") == own.Text("en") {
			t.Errorf("%s: %v, want %s", name, err, c.code)
		}
	}
	bearer := extract()
	bearer.Holder, bearer.InsecureBearer = nil, true
	if _, err := issuer(t).Issue(bearer); err != nil {
		t.Error(err)
	}
	for name, f := range map[string]func() error{
		"no signer": func() error { _, err := sdjwt.NewIssuer(nil, issuerName, sdjwt.IssuerConfig{}); return err },
		"plain http": func() error {
			_, err := sdjwt.NewIssuer(keys().issuer, "http://a.example", sdjwt.IssuerConfig{})
			return err
		},
		"another algorithm": func() error {
			_, err := sdjwt.NewIssuer(keys().issuer, issuerName, sdjwt.IssuerConfig{Alg: "ES384"})
			return err
		},
		"MD5": func() error {
			_, err := sdjwt.NewIssuer(keys().issuer, issuerName, sdjwt.IssuerConfig{Hash: "md5"})
			return err
		},
		"holder's none":   func() error { _, err := sdjwt.NewHolder(keys().holder, sdjwt.HolderConfig{Alg: "none"}); return err },
		"no holder's key": func() error { _, err := sdjwt.NewHolder(nil, sdjwt.HolderConfig{}); return err },
	} {
		if err := f(); err == nil {
			t.Error(name)
		}
	}
}

// TestParseCredentialRefuses holds the form of what a wallet takes in.
func TestParseCredentialRefuses(t *testing.T) {
	s := fresh()
	s.noProof = true
	good := s.build()
	if _, err := sdjwt.ParseCredential(good); err != nil {
		t.Fatal(err)
	}
	spoil := func(change func(*specimen)) string {
		s := fresh()
		s.noProof = true
		change(s)
		return s.build()
	}
	first, rest, _ := strings.Cut(good, "~")
	parts := strings.Split(first, ".")
	for name, c := range map[string]struct{ text, rule string }{
		"nothing":                {"", "size"},
		"no part but one":        {first, "form"},
		"with a proof":           {fresh().build(), "holder-proof"},
		"no payload":             {parts[0] + "~" + rest, "base64"},
		"padded payload":         {parts[0] + "." + parts[1] + "=." + parts[2] + "~" + rest, "base64"},
		"payload no object":      {spoil(func(s *specimen) { s.rawPayload = `[]` }), "payload"},
		"unknown digest":         {spoil(func(s *specimen) { s.payload["_sd_alg"] = "md5" }), "hash"},
		"nobody's disclosure":    {good + conceal("s", "a", 1) + "~", "disclosure-unreferenced"},
		"a disclosure of nobody": {good + "AAAA~", "disclosure-form"},
	} {
		c2, err := sdjwt.ParseCredential(c.text)
		var own *sdjwt.Error
		if !errors.As(err, &own) || own.Rule != c.rule || !c2.IsZero() {
			t.Errorf("%s: %v, want %s", name, err, c.rule)
		}
	}
	if (sdjwt.Credential{}).Paths() != nil || (sdjwt.Credential{}).Reveal() != "" {
		t.Error("nothing has paths")
	}
	paths := must[sdjwt.Credential](t)(sdjwt.ParseCredential(good)).Paths()
	if got := fmt.Sprint(paths); got != "[birthdate personal_administrative_number place_of_birth nationalities[0] place_of_birth.province]" {
		t.Errorf("%s", got)
	}
	if got := string(must[[]byte](t)((sdjwt.Claims{}).RevealJSON())); got != "{}" {
		t.Errorf("%s", got)
	}
}

// TestIssueOptions holds each option of an issuer and of a draft by what a verifier makes of it.
func TestIssueOptions(t *testing.T) {
	r := openRegister(t)
	lists := must[*sdjwt.StatusLists](t)(sdjwt.NewStatusLists(sdjwt.StatusConfig{}))
	for name, c := range map[string]struct {
		cfg    sdjwt.IssuerConfig
		draft  func(*sdjwt.Draft)
		policy func(*sdjwt.TrustedIssuer, *sdjwt.Config)
		reason string
	}{
		"type of older drafts": {sdjwt.IssuerConfig{KeyID: "k1", LegacyType: true}, nil, nil, "typ"},
		"and until when":       {sdjwt.IssuerConfig{KeyID: "k1", LegacyType: true}, nil, func(_ *sdjwt.TrustedIssuer, c *sdjwt.Config) { c.LegacyTypeUntil = now.Add(1) }, ""},
		"begins tomorrow":      {sdjwt.IssuerConfig{KeyID: "k1"}, func(d *sdjwt.Draft) { d.NotBefore = now.AddDate(0, 0, 1) }, nil, "nbf"},
		"issued tomorrow":      {sdjwt.IssuerConfig{KeyID: "k1"}, func(d *sdjwt.Draft) { d.IssuedAt = now.AddDate(0, 0, 1) }, nil, "iat"},
		"without an end":       {sdjwt.IssuerConfig{KeyID: "k1"}, func(d *sdjwt.Draft) { d.Expires = time.Time{} }, nil, "exp-missing"},
		"the key's thumbprint": {sdjwt.IssuerConfig{}, nil, nil, "key-unknown"},
		"says nothing":         {sdjwt.IssuerConfig{KeyID: "k1"}, func(d *sdjwt.Draft) { d.Claims, d.Disclose = nil, nil }, nil, ""},
		"good in a list":       {sdjwt.IssuerConfig{KeyID: "k1"}, func(d *sdjwt.Draft) { d.Status = &sdjwt.StatusRef{URI: r.server.URL} }, nil, ""},
		"revoked in a list":    {sdjwt.IssuerConfig{KeyID: "k1"}, func(d *sdjwt.Draft) { d.Status = &sdjwt.StatusRef{URI: r.server.URL, Index: 1} }, nil, "revoked"},
	} {
		c.cfg.Now = clock
		i := must[*sdjwt.Issuer](t)(sdjwt.NewIssuer(keys().issuer, issuerName, c.cfg))
		draft := extract()
		if c.draft != nil {
			c.draft(&draft)
		}
		credential := must[sdjwt.Credential](t)(i.Issue(draft))
		v := verifier(t, func(issuer *sdjwt.TrustedIssuer, cfg *sdjwt.Config) {
			cfg.Status = lists
			if c.policy != nil {
				c.policy(issuer, cfg)
			}
		})
		if got := failure(v.VerifyIssued(context.Background(), credential)); got != c.reason {
			t.Errorf("%s: %q, want %q", name, got, c.reason)
		}
	}
	many := extract()
	list := make([]int, 1001)
	many.Claims, many.Disclose = map[string]any{"list": list}, []sdjwt.Path{{"list", nil}}
	var own *sdjwt.Error
	if _, err := issuer(t).Issue(many); !errors.As(err, &own) || own.Rule != "disclosures-count" {
		t.Errorf("a thousand and one disclosures: %v", err)
	}
	many.Claims = map[string]any{"list": list[:1000]}
	if _, err := issuer(t).Issue(many); err != nil {
		t.Errorf("a thousand: %v", err)
	}
}

func TestHolderRefuses(t *testing.T) {
	credential := must[sdjwt.Credential](t)(issuer(t).Issue(extract()))
	stranger := must[*sdjwt.Holder](t)(sdjwt.NewHolder(keys().other, sdjwt.HolderConfig{Now: clock}))
	for name, f := range map[string]func() (string, error){
		"another's credential": func() (string, error) { return stranger.Present(credential, audience, nonce) },
		"no audience":          func() (string, error) { return holder(t).Present(credential, "", nonce) },
		"no nonce":             func() (string, error) { return holder(t).Present(credential, audience, "") },
		"a claim it has not":   func() (string, error) { return holder(t).Present(credential, audience, nonce, sdjwt.Path{"x"}) },
		"an element too far": func() (string, error) {
			return holder(t).Present(credential, audience, nonce, sdjwt.Path{"parents", 2})
		},
		"nothing at all": func() (string, error) { return holder(t).Present(sdjwt.Credential{}, audience, nonce) },
	} {
		if shown, err := f(); err == nil || shown != "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	shown := must[string](t)(holder(t).Present(credential, audience, nonce))
	if _, err := sdjwt.ParseCredential(shown); err == nil {
		t.Error("a presentation passes for a credential") // RFC 9901 section 7.2
	}
	bare := must[string](t)(credential.Disclose(sdjwt.Path{"sex"}))
	v := verifier(t, func(_ *sdjwt.TrustedIssuer, c *sdjwt.Config) { c.InsecureNoHolder = true })
	if report := v.Verify(context.Background(), bare, sdjwt.Expect{}); report.Verdict != sdjwt.Valid {
		t.Error(report.Err())
	}
	if got := failure(verifier(t, nil).Verify(context.Background(), bare, expect)); got != "proof-missing" {
		t.Errorf("%q", got)
	}
}

// TestAlgorithms issues and presents with each kind of key, and each digest.
func TestAlgorithms(t *testing.T) {
	p384 := must[*ecdsa.PrivateKey](t)(ecdsa.GenerateKey(elliptic.P384(), rand.Reader))
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for _, hash := range []string{"sha-256", "sha-384", "sha-512"} {
		i := must[*sdjwt.Issuer](t)(sdjwt.NewIssuer(p384, issuerName, sdjwt.IssuerConfig{Hash: hash, Now: clock}))
		draft := extract()
		draft.Holder = ed.Public()
		credential := must[sdjwt.Credential](t)(i.Issue(draft))
		h := must[*sdjwt.Holder](t)(sdjwt.NewHolder(ed, sdjwt.HolderConfig{Now: clock}))
		shown := must[string](t)(h.Present(credential, audience, nonce, sdjwt.Path{"name"}))
		set := must[sdjwt.KeySet](t)(sdjwt.ParseKeySet(must[[]byte](t)(i.Metadata())))
		for _, algs := range [][]string{{"ES384"}, {"ES256"}} {
			v := verifier(t, func(issuer *sdjwt.TrustedIssuer, c *sdjwt.Config) {
				issuer.Keys, issuer.Algs = set, algs
				c.HolderAlgs, c.Hashes = []string{"EdDSA"}, []string{hash}
			})
			report := v.Verify(context.Background(), shown, expect)
			if (report.Verdict == sdjwt.Valid) != (algs[0] == "ES384") {
				t.Errorf("%s %v: %v", hash, algs, report.Err())
			}
		}
		if got := failure(verifier(t, func(issuer *sdjwt.TrustedIssuer, c *sdjwt.Config) {
			issuer.Keys, issuer.Algs, c.Hashes = set, []string{"ES384"}, []string{hash}
		}).Verify(context.Background(), shown, expect)); got != "proof-alg" {
			t.Errorf("a holder's algorithm nobody allowed: %q", got)
		}
	}
}

func TestOnly(t *testing.T) {
	credential := must[sdjwt.Credential](t)(issuer(t).Issue(extract()))
	report := verifier(t, nil).VerifyIssued(context.Background(), credential)
	claims := report.Claims()
	if less := report.Only(sdjwt.Path{"sex"}); less.Verdict != sdjwt.Valid || less.Claims().Has(sdjwt.Path{"name"}) ||
		!less.Claims().Has(sdjwt.Path{"sex"}) || !report.Claims().Has(sdjwt.Path{"name"}) {
		t.Error("a report with less in it")
	}
	v := verifier(t, func(i *sdjwt.TrustedIssuer, c *sdjwt.Config) {
		i.Algs, c.HolderAlgs = []string{"PS256", "ES256"}, []string{"EdDSA"}
	})
	issuers, holders := v.Algs()
	if !v.Accepts(birthType) || v.Accepts("urn:pid") || !reflect.DeepEqual(issuers, []string{"ES256", "PS256"}) ||
		!reflect.DeepEqual(holders, []string{"EdDSA"}) {
		t.Errorf("%v %v", issuers, holders)
	}
	for _, tt := range []struct {
		paths []sdjwt.Path
		want  string
	}{
		{nil, `{}`},
		{[]sdjwt.Path{{"nowhere"}}, `{}`},
		{[]sdjwt.Path{{"birthdate"}, {"sex"}}, `{"birthdate":"1990-03-15","sex":1}`},
		{[]sdjwt.Path{{"place_of_birth", "country"}}, `{"place_of_birth":{"country":"VN"}}`},
		{[]sdjwt.Path{{"parents", 1}}, `{"parents":[{"name":"Nguyễn Văn Mẫu"}]}`},
		{[]sdjwt.Path{{"parents", nil, "name"}}, `{"parents":[{"name":"Trần Thị Mỹ Vĩnh"},{"name":"Nguyễn Văn Mẫu"}]}`},
		{[]sdjwt.Path{{"birthdate", "year"}}, `{}`},
	} {
		if got := string(must[[]byte](t)(claims.Only(tt.paths...).RevealJSON())); got != tt.want {
			t.Errorf("%v: %s, want %s", tt.paths, got, tt.want)
		}
	}
}

func TestPathJSON(t *testing.T) {
	for text, want := range map[string]sdjwt.Path{
		`["a","b"]`: {"a", "b"}, `["a",null,0]`: {"a", nil, 0}, `[]`: nil, `["a",-1]`: nil, `["a",0.5]`: nil, `[true]`: nil, `{}`: nil,
		`[""]`: nil,
	} {
		var got sdjwt.Path
		err := json.Unmarshal([]byte(text), &got)
		if (err == nil) != (want != nil) || want != nil && !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	if got := (sdjwt.Path{"a", nil, "b", 3}).String(); got != "a[].b[3]" {
		t.Errorf("%q", got)
	}
}

// TestNothingPrintsPersonalData prints all that a credential's way gives, in every manner, and looks for what must not
// come out.
func TestNothingPrintsPersonalData(t *testing.T) {
	credential := must[sdjwt.Credential](t)(issuer(t).Issue(extract()))
	shown := must[string](t)(holder(t).Present(credential, audience, nonce, sdjwt.Path{"name"}, sdjwt.Path{"birthdate"}, sdjwt.Path{"personal_administrative_number"}))
	report := verifier(t, nil).Verify(context.Background(), shown, expect)
	if report.Verdict != sdjwt.Valid {
		t.Fatal(report.Err())
	}
	statement := must[identity.Statement](t)(report.Statement(sdjwt.PIDMapping()))
	bad := verifier(t, nil).Verify(context.Background(), shown, sdjwt.Expect{Audience: "other", Nonce: nonce})
	_, secret, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	office := must[*sdjwt.Issuer](t)(sdjwt.NewIssuer(secret, issuerName, sdjwt.IssuerConfig{}))
	wallet := must[*sdjwt.Holder](t)(sdjwt.NewHolder(secret, sdjwt.HolderConfig{}))
	_, parseErr := sdjwt.ParseCredential(shown)
	nested := struct {
		credential sdjwt.Credential
		report     sdjwt.Report
		claims     sdjwt.Claims
	}{credential, report, report.Claims()}
	var out bytes.Buffer
	for _, value := range []any{
		credential, &credential, report, &report, report.Claims(), nested, statement, bad, bad.Err(), parseErr, report.Steps,
		report.Claims().Only(sdjwt.Path{"name"}), office, *office, wallet, *wallet, verifier(t, nil),
	} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			fmt.Fprintf(&out, verb+"\n", value)
		}
		slog.New(slog.NewTextHandler(&out, nil)).Info("x", "value", value)
		slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "value", value)
		if raw, err := json.Marshal(value); err == nil {
			out.Write(raw)
		}
	}
	seed := fmt.Sprint([]byte(secret.Seed()[:8]))
	for _, canary := range []string{seed[1 : len(seed)-1], "090000123", "Nghĩa", "Nguyễn", "1990-03-15", "Hà Nội", "eyJ"} {
		if at := strings.Index(out.String(), canary); at >= 0 {
			t.Errorf("%q came out: …%s…", canary, out.String()[max(0, at-80):at+len(canary)])
		}
	}
}
