package identitytest

// Personality is the kind of provider that is played.
type Personality string

// The personalities.
const (
	// VNConnect is shaped like the national portal's WSO2: the issuer is the token endpoint's address. The default.
	VNConnect Personality = "vnconnect"
	// VNeID has short addresses, no discovery document, no issuer in its responses, and levels as numbers.
	VNeID Personality = "vneid"
	// FAPI2 takes pushed requests only, binds tokens to a key by DPoP and demands a nonce in its proofs, signs PS256, and
	// knows clients by their key only (FAPI 2.0 Security Profile).
	FAPI2 Personality = "fapi2"
)

// Endpoints are the provider's addresses, for a relying party without discovery.
type Endpoints struct{ Authorization, Token, UserInfo, JWKS, EndSession, PAR string }

// paths are where the endpoints lie below the base.
func (p Personality) paths() Endpoints {
	if p == VNeID {
		return Endpoints{"/auth", "/token", "/userinfo", "/jwks", "/logout", "/par"}
	}
	return Endpoints{
		"/oauth2/authorize", "/oauth2/token", "/oauth2/userinfo", "/oauth2/jwks", "/oidc/logout", "/oauth2/par",
	}
}

// Endpoints returns the provider's addresses.
func (p *Provider) Endpoints() Endpoints {
	e := p.paths
	for _, path := range []*string{&e.Authorization, &e.Token, &e.UserInfo, &e.JWKS, &e.EndSession, &e.PAR} {
		*path = p.base + *path
	}
	return e
}

// level is how this personality names the level of a login in acr.
func (p *Provider) level(acr string) string {
	if p.is(LowLevel) {
		acr = "LoA1"
	}
	if p.personality == VNeID && len(acr) == 4 {
		return acr[3:]
	}
	return acr
}
