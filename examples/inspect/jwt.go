package main

import (
	"context"
	"errors"
	"flag"
	"strings"
	"time"

	"github.com/motcua/motcua/identity/oidc"
)

// jwtCommand judges an id_token by the rules of OpenID Connect Core 1.0 section 3.1.3.7.
func jwtCommand(flags *flag.FlagSet) func() (judge, error) {
	jwks := flags.String("jwks", "", "file with the provider's keys, a JWKS (required)")
	issuer := flags.String("issuer", "", "issuer, compared byte for byte (required)")
	audience := flags.String("audience", "", "client id the token must be for (required)")
	nonce := flags.String("nonce", "", "nonce sent with the request; without it the nonce is not judged")
	algs := flags.String("algs", "RS256,PS256,ES256", "signature algorithms to accept")
	at := flags.String("at", "", "time of judgement, RFC 3339 or yyyy-mm-dd; default now")
	return func() (judge, error) {
		if *jwks == "" || *issuer == "" || *audience == "" {
			return nil, errors.New("jwt: -jwks, -issuer and -audience are required: a verdict rests on stated keys and parties")
		}
		raw, err := readFile(*jwks)
		if err != nil {
			return nil, err
		}
		keys, err := oidc.ParseKeySet(raw)
		if err != nil {
			return nil, err
		}
		when, err := parseTime(*at)
		if err != nil {
			return nil, err
		}
		profile := oidc.Profile{
			Name: "inspect", Issuer: *issuer, Scopes: []string{"openid"}, Algs: strings.Split(*algs, ","),
			ClientAuth: oidc.ClientSecretPost, Endpoints: oidc.Endpoints{ // never called
				Authorization: "https://inspect.invalid/", Token: "https://inspect.invalid/", JWKS: "https://inspect.invalid/",
			},
		}
		verifier, err := oidc.NewVerifier(profile, *audience, keys, oidc.Config{Now: func() time.Time { return when }})
		if err != nil {
			return nil, err
		}
		expect := oidc.Expect{Nonce: *nonce, InsecureAnyNonce: *nonce == ""}
		return func(ctx context.Context, input string) (any, bool) { return judgeJWT(ctx, verifier, input, expect) }, nil
	}
}

// judgeJWT names the claims of a good token, never their values.
func judgeJWT(ctx context.Context, verifier *oidc.Verifier, token string, expect oidc.Expect) (any, bool) {
	type answer struct {
		verdict
		IssuedAt time.Time `json:"issuedAt,omitzero"`
		Expires  time.Time `json:"expires,omitzero"`
		AuthTime time.Time `json:"authTime,omitzero"`
		ACR      string    `json:"acr,omitempty"`
		Claims   []string  `json:"claims,omitempty"`
	}
	id, err := verifier.Verify(ctx, token, expect)
	if err != nil {
		return answer{verdict: refuse(err)}, false
	}
	a := answer{verdict{Valid: true, Reasons: []reason{}}, id.IssuedAt, id.Expires, id.AuthTime, id.ACR, id.Claims.Names()}
	if expect.InsecureAnyNonce {
		a.Reasons = append(a.Reasons, reason{Code: "oidc.nonce-not-judged",
			VI: "Chưa đối chiếu nonce vì không có tham số -nonce.", EN: "The nonce was not judged, for -nonce is missing."})
	}
	return a, true
}
