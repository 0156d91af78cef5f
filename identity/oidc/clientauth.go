package oidc

import (
	"context"
	"net/http"
	"net/url"
	"strings"
)

// post sends a form to an endpoint of the provider's as the client: with its proof of itself and, where tokens are bound
// to a key, with a proof of that key. A provider that asks for another nonce of the key's proof is asked once more.
func (rp *RelyingParty) post(ctx context.Context, endpoint string, form url.Values) (answer, error) {
	for attempt := 0; ; attempt++ {
		req, err := rp.clientRequest(ctx, endpoint, form)
		if err != nil {
			return answer{}, err
		}
		used, err := rp.prove(req, "")
		if err != nil {
			return answer{}, err
		}
		got, err := ask(rp.http, req, maxAnswer)
		if rp.proof.learn(req.URL, got.header, used) && attempt == 0 && wantsNonce(got) {
			continue
		}
		return got, err
	}
}

// clientRequest writes the form with the client's authentication; an assertion is a new one each time.
func (rp *RelyingParty) clientRequest(ctx context.Context, endpoint string, form url.Values) (*http.Request, error) {
	body := url.Values{"client_id": {rp.client.ID}}
	for name, values := range form {
		body[name] = values
	}
	switch rp.profile.ClientAuth {
	case ClientSecretPost:
		body.Set("client_secret", rp.client.Secret)
	case PrivateKeyJWT:
		audience := endpoint
		if rp.profile.AssertionAudience == "issuer" {
			audience = rp.profile.Issuer
		}
		assertion, err := rp.assertion(audience)
		if err != nil {
			return nil, err
		}
		body.Set("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
		body.Set("client_assertion", assertion)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, endpoint, strings.NewReader(body.Encode()))
	if err != nil {
		return nil, refuse(ErrConfig, "endpoint")
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if rp.profile.ClientAuth == ClientSecretBasic { // both parts form-encoded first, RFC 6749 section 2.3.1
		req.SetBasicAuth(url.QueryEscape(rp.client.ID), url.QueryEscape(rp.client.Secret))
	}
	return req, nil
}
