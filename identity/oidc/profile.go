package oidc

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/netip"
	"net/url"
	"slices"

	"github.com/motcua/motcua/identity"
)

//go:embed profiles/*.json
var profiles embed.FS

// Profile describes one provider as dated data: where it is, what it wants, and how its claims read. Change a field and
// hand the profile to [New], or write a file of your own for [ParseProfile].
type Profile struct {
	Name string `json:"name"`
	// Since is the day this description was made, Source where it comes from, and Provisional the fields in it that no
	// official document confirms: agree on them with the operator before production.
	Since       string   `json:"since"`
	Source      string   `json:"source"`
	Provisional []string `json:"provisional,omitempty"`
	// Issuer is compared byte for byte and never normalised: a provider may name its token endpoint (WSO2 does).
	Issuer string `json:"issuer"`
	// Discovery is the address of the provider's metadata; if it is empty, Endpoints are static.
	Discovery string    `json:"discovery,omitempty"`
	Endpoints Endpoints `json:"endpoints,omitzero"`
	Scopes    []string  `json:"scopes"`
	// ACRValues are asked for, by the level a login needs: the entry of the highest level that is not above it.
	// AcceptACR are accepted in the id_token, all if it is empty (the level still counts).
	ACRValues  map[identity.Level][]string `json:"acrValues,omitempty"`
	AcceptACR  []string                    `json:"acceptACR,omitempty"`
	ClientAuth ClientAuth                  `json:"clientAuth"`
	// AssertionAudience is whom a private_key_jwt is addressed to: "issuer", or the endpoint if it is empty.
	AssertionAudience string `json:"assertionAudience,omitempty"`
	// PAR pushes the authorization request to the provider before the browser goes there (RFC 9126), DPoP binds tokens to
	// a key of the client's (RFC 9449).
	PAR  bool `json:"par,omitempty"`
	DPoP bool `json:"dpop,omitempty"`
	// Encryption is set when the provider encrypts id_tokens for us with Client.DecryptKey.
	Encryption EncryptionRule `json:"encryption,omitzero"`
	// UserInfoJWT is set when userinfo comes as a signed token instead of JSON (OpenID Connect Core 1.0 section 5.3.2),
	// encrypted like id_tokens.
	UserInfoJWT bool `json:"userInfoJWT,omitempty"`
	// FAPI2 holds profile and provider to the FAPI 2.0 Security Profile: pushed requests, bound tokens, a client that
	// proves itself by a key, PS256 or ES256, and the issuer in every response.
	FAPI2 bool `json:"fapi2,omitempty"`
	// Algs pins the signature algorithms of id_tokens: RS, PS or ES with 256, 384 or 512.
	Algs   []string  `json:"algs"`
	Kind   KindRule  `json:"kind"`
	Level  LevelRule `json:"level"`
	Claims ClaimMap  `json:"claims"`
	// Keep names the claims handed to the application; all others are dropped (Law 91/2025/QH15: only for the purpose).
	Keep   []string `json:"keep,omitempty"`
	Quirks Quirks   `json:"quirks,omitzero"`
}

// Endpoints are addresses of a provider: https, or http on loopback.
type Endpoints struct {
	Authorization string `json:"authorization"`
	Token         string `json:"token"`
	UserInfo      string `json:"userInfo,omitempty"` // empty: the id_token carries everything
	JWKS          string `json:"jwks"`
	EndSession    string `json:"endSession,omitempty"`
	PAR           string `json:"pushedAuthorization,omitempty"`
}

// ClientAuth is how the client proves itself at the token endpoint.
type ClientAuth string

// The methods (OpenID Connect Core 1.0 section 9).
const (
	ClientSecretPost  ClientAuth = "client_secret_post"
	ClientSecretBasic ClientAuth = "client_secret_basic"
	PrivateKeyJWT     ClientAuth = "private_key_jwt"
	// TLSClientAuth is a client certificate (RFC 8705); Config.HTTPClient has it.
	TLSClientAuth ClientAuth = "tls_client_auth"
)

// KindRule tells the kind of account: by a claim's values, or one fixed kind. Any other value is unknown.
type KindRule struct {
	Claim  string            `json:"claim,omitempty"`
	Values map[string]string `json:"values,omitempty"` // to citizen, foreigner, organisation, household-business, officer
	Fixed  string            `json:"fixed,omitempty"`
}

// LevelRule tells the level: the lowest of what these claims state. A statement not in Values counts as unknown.
type LevelRule struct {
	Claims []string                  `json:"claims,omitempty"`
	Values map[string]identity.Level `json:"values,omitempty"`
}

// ClaimMap names the claims that hold the parts of an identity; an empty name means the provider has none.
type ClaimMap struct {
	Person    string            `json:"person,omitempty"`
	Name      string            `json:"name,omitempty"`
	BirthDate string            `json:"birthDate,omitempty"`
	Sex       string            `json:"sex,omitempty"`
	SexValues map[string]string `json:"sexValues,omitempty"` // to male, female
	Tax       string            `json:"tax,omitempty"`
	Org       string            `json:"org,omitempty"`
	OrgName   string            `json:"orgName,omitempty"`
	IDP       string            `json:"idp,omitempty"`
	Officer   string            `json:"officer,omitempty"`
	Unit      string            `json:"unit,omitempty"`
	Roles     string            `json:"roles,omitempty"`
}

// Quirks are deviations of one provider. The zero value is the standard.
type Quirks struct {
	// NoNonceEcho accepts an id_token without nonce; a wrong nonce stays refused. PKCE still binds the code.
	NoNonceEcho bool `json:"noNonceEcho,omitempty"`
	// UntypedLogoutToken accepts a logout token whose typ is JWT or missing, as providers before 2023 send it.
	UntypedLogoutToken bool `json:"untypedLogoutToken,omitempty"`
	// UserInfoPost asks userinfo by POST instead of GET.
	UserInfoPost bool `json:"userInfoPost,omitempty"`
}

// BuiltIn returns a profile of this package: "vnconnect", "vneid", "officers" or "fapi2".
func BuiltIn(name string) (Profile, error) {
	data, err := fs.ReadFile(profiles, "profiles/"+name+".json")
	if err != nil {
		return Profile{}, refuse(ErrConfig, "profile-unknown")
	}
	return ParseProfile(data)
}

// ParseProfile reads a profile file: JSON, unknown members refused. Errors: *Error of kind [ErrConfig].
func ParseProfile(data []byte) (Profile, error) {
	var p Profile
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if len(data) > 1<<20 {
		return Profile{}, refuse(ErrConfig, "profile-size")
	}
	if err := dec.Decode(&p); err != nil {
		return Profile{}, &Error{Kind: ErrConfig, Rule: "profile-json", Err: err}
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return Profile{}, refuse(ErrConfig, "profile-json")
	}
	return p, p.Check()
}

// Check says which field of the profile is missing or unsafe. Errors: *Error of kind [ErrConfig].
func (p Profile) Check() error {
	var errs []error
	demand := func(ok bool, rule string) {
		if !ok {
			errs = append(errs, refuse(ErrConfig, rule))
		}
	}
	demand(p.Issuer != "", "profile-issuer")
	demand(slices.Contains(p.Scopes, "openid"), "profile-scopes")
	demand(len(p.Algs) > 0, "profile-algs")
	for _, alg := range p.Algs {
		demand(slices.Contains(algorithms[:], alg), "profile-algs")
	}
	switch p.ClientAuth {
	case ClientSecretPost, ClientSecretBasic, PrivateKeyJWT, TLSClientAuth:
	default:
		demand(false, "profile-client-auth")
	}
	if p.Discovery != "" {
		demand(isSafeURL(p.Discovery), "profile-discovery")
	} else {
		demand(p.Endpoints.check() == nil, "profile-endpoints")
	}
	demand(p.AssertionAudience == "" || p.AssertionAudience == "issuer", "profile-assertion-audience")
	demand(p.Encryption.check(), "profile-encryption")
	demand(!p.FAPI2 || p.isFAPI2(), "profile-fapi2")
	demand(p.Kind.Fixed == "" || kindOf(p.Kind.Fixed) != identity.KindUnknown, "profile-kind")
	for _, kind := range p.Kind.Values {
		demand(kindOf(kind) != identity.KindUnknown, "profile-kind")
	}
	return errors.Join(errs...)
}

// isFAPI2 holds what of the FAPI 2.0 Security Profile is ours to choose.
func (p Profile) isFAPI2() bool {
	byKey := p.ClientAuth == PrivateKeyJWT && p.AssertionAudience == "issuer" || p.ClientAuth == TLSClientAuth
	weak := slices.ContainsFunc(p.Algs, func(alg string) bool { return alg != "PS256" && alg != "ES256" })
	return p.PAR && p.DPoP && byKey && !weak && p.Quirks == Quirks{}
}

func (e Endpoints) check() error {
	for _, address := range []string{e.Authorization, e.Token, e.JWKS} {
		if !isSafeURL(address) {
			return refuse(ErrConfig, "endpoint")
		}
	}
	for _, address := range []string{e.UserInfo, e.EndSession, e.PAR} {
		if address != "" && !isSafeURL(address) {
			return refuse(ErrConfig, "endpoint")
		}
	}
	return nil
}

// isSafeURL accepts absolute https addresses without user, fragment or oddities; http only to loopback.
func isSafeURL(address string) bool {
	u, err := url.Parse(address)
	if err != nil || len(address) > 2048 || u.Host == "" || u.User != nil || u.Fragment != "" || u.Opaque != "" {
		return false
	}
	return u.Scheme == "https" || u.Scheme == "http" && isLoopback(u.Hostname())
}

func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

func kindOf(name string) identity.SubjectKind {
	for kind := identity.Citizen; kind <= identity.Officer; kind++ {
		if kind.String() == name {
			return kind
		}
	}
	return identity.KindUnknown
}

// String returns name and date, for a start-up message.
func (p Profile) String() string { return fmt.Sprintf("%s (%s)", p.Name, p.Since) }
