package oidc_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/motcua/motcua/identity"
	"github.com/motcua/motcua/identity/identitytest"
	"github.com/motcua/motcua/identity/oidc"
)

func TestSignIn(t *testing.T) {
	o := open(t, set{})
	resp, err := identitytest.SignIn(browser(t), o.app.URL+"/login?return_to=/ho-so/1%3Ftab=2", "nghia")
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	login, failure := o.outcome(t)
	if failure != nil {
		t.Fatalf("refused: %v", failure)
	}
	subject := login.Subject
	if subject.Kind != identity.Citizen || subject.Person.Reveal() != "001090000123" || subject.Sex != identity.Male ||
		subject.Name.Reveal() != "Nguyễn Trọng Nghĩa" || subject.BirthDate.Reveal() != "1990-03-15" {
		t.Errorf("wrong subject of kind %v", subject.Kind)
	}
	if subject.Pseudonym != pseudonymizer(t).Person(subject.Person) || subject.Representation != nil {
		t.Errorf("pseudonym %v is not the person's", subject.Pseudonym)
	}
	want := identity.Assurance{
		Level: identity.Level2, Source: "acr=LoA2", Issuer: o.provider.Issuer(), IDP: "BCA", At: o.now,
	}
	if subject.Assurance != want {
		t.Errorf("assurance %+v, want %+v", subject.Assurance, want)
	}
	provenance, known := subject.ProvenanceOf(identity.AttrPerson)
	wantOrigin := identity.Origin{
		Source: identity.FromLogin, Trust: identity.Attested, By: o.provider.Issuer(), At: o.now, Level: identity.Level2,
	}
	if !known || provenance.Origin != wantOrigin || len(subject.Conflicts) != 0 {
		t.Errorf("the number comes from %+v, conflicts %v", provenance, subject.Conflicts)
	}
	if login.ReturnTo != "/ho-so/1?tab=2" || !login.At.Equal(o.now) || !login.Expires.Equal(o.now.Add(time.Hour)) {
		t.Errorf("return to %q at %v until %v", login.ReturnTo, login.At, login.Expires)
	}
	if got, want := login.Claims.Names(), []string{"SoDienThoai", "TechID", "ThuDienTu", "sub"}; !slices.Equal(got, want) {
		t.Errorf("kept claims %v, want %v", got, want)
	}
	if mail, ok := login.Claims.Reveal("ThuDienTu"); !ok || mail != "nghia@congdan.example" {
		t.Error("the e-mail address the profile keeps is missing")
	}
	if _, ok := login.Claims.Reveal("SoDienThoai"); ok {
		t.Error("an empty claim counts as present")
	}
}

func TestOrganisationSignsInWithTheActingPerson(t *testing.T) {
	o := open(t, set{})
	login, failure := o.signIn(t, "hoasen")
	if failure != nil {
		t.Fatalf("refused: %v", failure)
	}
	names, subject := pseudonymizer(t), login.Subject
	if subject.Kind != identity.Organisation || subject.Pseudonym != names.Org(subject.Org) {
		t.Fatalf("kind %v, pseudonym %v", subject.Kind, subject.Pseudonym)
	}
	r := subject.Representation
	if r == nil || r.Acting != names.Person(subject.Person) || r.For != subject.Pseudonym ||
		r.Basis != identity.OrganisationAccount {
		t.Fatalf("representation %+v", r)
	}
}

func TestOfficersSignInAtTheirOwnClient(t *testing.T) {
	o := open(t, set{profile: "officers"})
	login, failure := o.signIn(t, "tiepnhan")
	if failure != nil {
		t.Fatalf("refused: %v", failure)
	}
	officer := login.Officer
	if login.Subject.Kind != identity.Officer || officer.ID != "cb-tiepnhan" || officer.Unit != "mot-cua" ||
		!slices.Equal(officer.Roles, []string{"officer"}) {
		t.Fatalf("got %v, %+v", login.Subject.Kind, officer)
	}
	if _, failure := o.signIn(t, "nghia"); !errors.Is(failure, oidc.ErrDenied) {
		t.Fatalf("a citizen at the officers' client: %v", failure)
	}
}

// TestMisbehaviour is the table of everything a provider, or somebody in its place, can do wrong.
func TestMisbehaviour(t *testing.T) {
	tests := []struct {
		fault identitytest.Fault
		kind  error
		code  string
	}{
		{identitytest.WrongIssuer, oidc.ErrToken, "oidc.token.iss"},
		{identitytest.WrongAudience, oidc.ErrToken, "oidc.token.aud"},
		{identitytest.TwoAudiences, oidc.ErrToken, "oidc.token.azp"},
		{identitytest.WrongAZP, oidc.ErrToken, "oidc.token.azp"},
		{identitytest.WrongNonce, oidc.ErrToken, "oidc.token.nonce"},
		{identitytest.NoNonce, oidc.ErrToken, "oidc.token.nonce"},
		{identitytest.Expired, oidc.ErrToken, "oidc.token.exp"},
		{identitytest.NoExpiry, oidc.ErrToken, "oidc.token.exp"},
		{identitytest.IssuedInFuture, oidc.ErrToken, "oidc.token.iat"},
		{identitytest.OldToken, oidc.ErrToken, "oidc.token.iat"},
		{identitytest.NotYetValid, oidc.ErrToken, "oidc.token.nbf"},
		{identitytest.WrongAtHash, oidc.ErrToken, "oidc.token.at_hash"},
		{identitytest.AlgNone, oidc.ErrToken, "oidc.token.base64"},
		{identitytest.AlgHS256, oidc.ErrToken, "oidc.token.alg"},
		{identitytest.BadSignature, oidc.ErrToken, "oidc.token.signature"},
		{identitytest.UnknownKey, oidc.ErrToken, "oidc.token.key-unknown"},
		{identitytest.EmbeddedKey, oidc.ErrToken, "oidc.token.header-member"},
		{identitytest.CriticalHeader, oidc.ErrToken, "oidc.token.header-member"},
		{identitytest.AccessTokenType, oidc.ErrToken, "oidc.token.typ"},
		{identitytest.Encrypted, oidc.ErrToken, "oidc.token.encrypted"},
		{identitytest.DoubleClaim, oidc.ErrToken, "oidc.token.payload"},
		{identitytest.NoIDToken, oidc.ErrProvider, "oidc.provider.no-id-token"},
		{identitytest.UserInfoOtherSub, oidc.ErrToken, "oidc.token.userinfo-sub"},
		{identitytest.UserInfoConflict, oidc.ErrClaims, "oidc.claims.conflict"},
		{identitytest.UserInfoFails, oidc.ErrProvider, "oidc.provider.userinfo-status"},
		{identitytest.UnknownAccount, oidc.ErrClaims, "oidc.claims.kind-unknown"},
		{identitytest.NoPersonID, oidc.ErrClaims, "oidc.claims.inconsistent"},
		{identitytest.BadPersonID, oidc.ErrClaims, "oidc.claims.malformed"},
		{identitytest.WrongBirthDate, oidc.ErrClaims, "oidc.claims.inconsistent"},
		{identitytest.LowLevel, oidc.ErrAssurance, "oidc.assurance.level"},
		{identitytest.ResponseIssuer, oidc.ErrToken, "oidc.token.response-iss"},
		{identitytest.NoResponseIssuer, oidc.ErrToken, "oidc.token.response-iss"},
		{identitytest.TokenError, oidc.ErrProvider, "oidc.provider.invalid-grant"},
		{identitytest.TokenRedirect, oidc.ErrProvider, "oidc.provider.redirect"},
		{identitytest.TokenHuge, oidc.ErrProvider, "oidc.provider.size"},
		{identitytest.TokenHTML, oidc.ErrProvider, "oidc.provider.content-type"},
		{identitytest.Outage, oidc.ErrProvider, "oidc.provider.status"},
		{identitytest.Hang, oidc.ErrProvider, "oidc.provider.timeout"},
		{identitytest.KeysFail, oidc.ErrProvider, "oidc.provider.status"},
		{identitytest.KeysHuge, oidc.ErrProvider, "oidc.provider.size"},
		{identitytest.KeysRedirect, oidc.ErrProvider, "oidc.provider.redirect"},
		{identitytest.KeysStale, oidc.ErrToken, "oidc.token.key-unknown"},
		{identitytest.WrongCHash, oidc.ErrToken, "oidc.token.c_hash"},
		{identitytest.KeysPrivate, oidc.ErrProvider, "oidc.provider.jwks-private"},
	}
	for _, tt := range tests {
		t.Run(string(tt.fault), func(t *testing.T) {
			t.Parallel()
			o := open(t, set{config: func(cfg *oidc.Config) {
				cfg.MinLevel = identity.Level2
				if tt.fault == identitytest.Hang {
					cfg.HTTPClient = &http.Client{Timeout: 300 * time.Millisecond}
				}
			}})
			o.provider.Misbehave(tt.fault)
			_, failure := o.signIn(t, "nghia")
			if !errors.Is(failure, tt.kind) || failure.Code() != tt.code {
				t.Fatalf("got %v, want %s", failure, tt.code)
			}
			if vi, en := failure.Text("vi"), failure.Text("en"); vi == "" || en == "" || vi == en {
				t.Errorf("texts %q, %q", vi, en)
			}
			o.provider.Misbehave()
			o.sleep(31 * time.Second) // past the pause between two attempts at the keys
			if _, failure := o.signIn(t, "nghia"); failure != nil {
				t.Errorf("still refused after the provider mended: %v", failure)
			}
		})
	}
}

func TestDiscoveryIsHeldToTheProfile(t *testing.T) {
	for fault, code := range map[identitytest.Fault]string{
		identitytest.DiscoveryIssuer:    "oidc.provider.discovery-issuer",
		identitytest.DiscoveryPlainHTTP: "oidc.provider.discovery-endpoints",
	} {
		t.Run(string(fault), func(t *testing.T) {
			o := open(t, set{})
			o.provider.Misbehave(fault)
			resp, err := browser(t).Get(o.app.URL + "/login")
			if err != nil {
				t.Fatal(err)
			}
			_ = resp.Body.Close()
			if _, failure := o.outcome(t); failure == nil || failure.Code() != code {
				t.Fatalf("got %v, want %s", failure, code)
			}
		})
	}
}

func TestTolerance(t *testing.T) {
	o := open(t, set{})
	o.provider.Misbehave(identitytest.NumberAccount)
	if login, failure := o.signIn(t, "vinh"); failure != nil || login.Subject.Kind != identity.Citizen {
		t.Errorf("account type as a number: %v, %v", login.Subject.Kind, failure)
	}
	lax := open(t, set{config: func(cfg *oidc.Config) { cfg.AcceptUnknownKind = true }})
	lax.provider.Misbehave(identitytest.UnknownAccount)
	if login, failure := lax.signIn(t, "vinh"); failure != nil || login.Subject.Kind != identity.KindUnknown {
		t.Errorf("unknown account type where accepted: %v, %v", login.Subject.Kind, failure)
	}
	silent := open(t, set{tweak: func(p *oidc.Profile) { p.Quirks.NoNonceEcho = true }})
	silent.provider.Misbehave(identitytest.NoNonce)
	if _, failure := silent.signIn(t, "vinh"); failure != nil {
		t.Errorf("a profile without nonce echo: %v", failure)
	}
	silent.provider.Misbehave(identitytest.WrongNonce)
	if _, failure := silent.signIn(t, "vinh"); failure == nil || failure.Rule != "nonce" {
		t.Errorf("wrong nonce where none is needed: %v", failure)
	}
	sex := open(t, set{tweak: func(p *oidc.Profile) {
		p.Claims.Sex, p.Claims.SexValues = "GioiTinh", map[string]string{"1": "male", "2": "female"}
	}})
	if login, failure := sex.signIn(t, "vinh"); failure != nil || login.Subject.Sex != identity.Female {
		t.Errorf("sex as a number: %v, %v", login.Subject.Sex, failure)
	}
	sex = open(t, set{tweak: func(p *oidc.Profile) {
		p.Claims.Sex, p.Claims.SexValues = "GioiTinh", map[string]string{"1": "female", "2": "male"}
	}})
	if _, failure := sex.signIn(t, "vinh"); !errors.Is(failure, identity.ErrMismatch) {
		t.Errorf("sex that contradicts the number: %v", failure)
	}
	post := open(t, set{tweak: func(p *oidc.Profile) { p.Quirks.UserInfoPost = true }})
	if _, failure := post.signIn(t, "vinh"); failure != nil {
		t.Errorf("userinfo by POST: %v", failure)
	}
}

func TestACRIsCheckedAgain(t *testing.T) {
	o := open(t, set{tweak: func(p *oidc.Profile) { p.AcceptACR = []string{"LoA2"} }})
	if _, failure := o.signIn(t, "phuc"); failure == nil || failure.Code() != "oidc.token.acr" {
		t.Fatalf("got %v", failure)
	}
	o = open(t, set{})
	if login, failure := o.signIn(t, "phuc"); failure != nil || login.Subject.Assurance.Level != identity.Level1 {
		t.Fatalf("level 1 where no level is asked for: %v", failure)
	}
	resp, err := identitytest.SignIn(browser(t), o.app.URL+"/login2?acr_values=LoA1", "phuc")
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if _, failure := o.outcome(t); !errors.Is(failure, oidc.ErrAssurance) {
		t.Fatalf("level 1 where level 2 is asked for: %v", failure)
	}
}

func TestMaxAge(t *testing.T) {
	o := open(t, set{config: func(cfg *oidc.Config) { cfg.MaxAge = time.Minute }})
	if login, failure := o.signIn(t, "nghia"); failure != nil || login.AuthTime.IsZero() {
		t.Fatalf("got %v", failure)
	}
}

func TestClientAuthentication(t *testing.T) {
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	ecKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name   string
		auth   oidc.ClientAuth
		client func(*oidc.Client, *identitytest.Client)
		want   string
	}{
		{"post", oidc.ClientSecretPost, func(*oidc.Client, *identitytest.Client) {}, ""},
		{"basic", oidc.ClientSecretBasic, func(*oidc.Client, *identitytest.Client) {}, ""},
		{"wrong secret", oidc.ClientSecretBasic, func(c *oidc.Client, _ *identitytest.Client) { c.Secret = "x" },
			"oidc.provider.invalid-client"},
		{"other method than registered", oidc.ClientSecretBasic, func(_ *oidc.Client, r *identitytest.Client) {
			r.Auth = "client_secret_post"
		}, "oidc.provider.invalid-client"},
		{"key PS256", oidc.PrivateKeyJWT, func(c *oidc.Client, r *identitytest.Client) {
			c.Key, c.KeyID, c.KeyAlg, r.Key = rsaKey, "k1", "PS256", &rsaKey.PublicKey
		}, ""},
		{"key ES256", oidc.PrivateKeyJWT, func(c *oidc.Client, r *identitytest.Client) {
			c.Key, c.KeyID, c.KeyAlg, r.Key = ecKey, "k1", "ES256", &ecKey.PublicKey
		}, ""},
		{"another key", oidc.PrivateKeyJWT, func(c *oidc.Client, r *identitytest.Client) {
			c.Key, c.KeyID, c.KeyAlg, r.Key = ecKey, "k1", "ES256", &rsaKey.PublicKey
		}, "oidc.provider.invalid-client"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := open(t, set{
				tweak: func(p *oidc.Profile) { p.ClientAuth = tt.auth },
				client: func(c *oidc.Client, r *identitytest.Client) {
					r.Auth = string(tt.auth)
					tt.client(c, r)
				},
			})
			_, failure := o.signIn(t, "nghia")
			if tt.want == "" && failure != nil || tt.want != "" && (failure == nil || failure.Code() != tt.want) {
				t.Fatalf("got %v, want %q", failure, tt.want)
			}
		})
	}
}

func TestLogout(t *testing.T) {
	var hint string
	o := open(t, set{config: func(cfg *oidc.Config) {
		cfg.EndSession = func(http.ResponseWriter, *http.Request) string { return hint }
	}})
	login, failure := o.signIn(t, "nghia")
	if failure != nil {
		t.Fatal(failure)
	}
	hint = login.Hint.Reveal()
	client := browser(t)
	var last string
	client.CheckRedirect = func(req *http.Request, _ []*http.Request) error { last = req.URL.String(); return nil }
	resp, err := client.Post(o.app.URL+"/logout", "", nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if last != o.app.URL+"/bye" || strings.Count(hint, ".") != 2 {
		t.Fatalf("ended at %q", last)
	}
	if resp, err = client.Get(o.app.URL + "/logout"); err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if _, failure := o.outcome(t); failure == nil || failure.Code() != "oidc.request.method" {
		t.Fatalf("logout by a link: %v", failure)
	}
}
