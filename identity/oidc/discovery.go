package oidc

import (
	"context"
	"net/http"
)

// metadata is what is needed of a provider's discovery document.
type metadata struct {
	Endpoints
	// issInResponse says that every authorization response names its issuer (RFC 9207).
	issInResponse bool
}

// discover reads the document and holds it to the profile: the issuer equal byte for byte, safe addresses.
func discover(ctx context.Context, client *http.Client, profile Profile) (metadata, error) {
	got, err := get(ctx, client, profile.Discovery, maxAnswer)
	if err != nil {
		return metadata{}, err
	}
	text := func(name string) string { value, _ := got.object[name].(string); return value }
	if text("issuer") != profile.Issuer {
		return metadata{}, refuse(ErrProvider, "discovery-issuer")
	}
	meta := metadata{Endpoints: Endpoints{
		Authorization: text("authorization_endpoint"),
		Token:         text("token_endpoint"),
		UserInfo:      text("userinfo_endpoint"),
		JWKS:          text("jwks_uri"),
		EndSession:    text("end_session_endpoint"),
		PAR:           text("pushed_authorization_request_endpoint"),
	}}
	meta.issInResponse, _ = got.object["authorization_response_iss_parameter_supported"].(bool)
	if profile.ClientAuth == TLSClientAuth { // the endpoints that ask for a certificate, RFC 8705 section 5
		aliases, _ := got.object["mtls_endpoint_aliases"].(map[string]any)
		for name, into := range map[string]*string{
			"token_endpoint": &meta.Token, "userinfo_endpoint": &meta.UserInfo,
			"pushed_authorization_request_endpoint": &meta.PAR,
		} {
			if alias, ok := aliases[name].(string); ok {
				*into = alias
			}
		}
	}
	if meta.check() != nil {
		return metadata{}, refuse(ErrProvider, "discovery-endpoints")
	}
	return meta, nil
}
