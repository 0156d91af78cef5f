package oidc

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
)

// authorizationAddress is where the browser is sent: with the request in its query or, pushed before (RFC 9126), with a
// reference to it, so that nobody reads or changes it on the way.
func (rp *RelyingParty) authorizationAddress(ctx context.Context, meta metadata, state string, tx Transaction) (string, error) {
	query := rp.authorizationRequest(state, tx)
	if rp.profile.PAR {
		reference, err := rp.push(ctx, meta, query)
		if err != nil {
			return "", err
		}
		query = url.Values{"client_id": {rp.client.ID}, "request_uri": {reference}}
	}
	return withQuery(meta.Authorization, query), nil
}

func (rp *RelyingParty) push(ctx context.Context, meta metadata, request url.Values) (string, error) {
	if meta.PAR == "" {
		return "", refuse(ErrProvider, "par-missing")
	}
	if rp.proof != nil {
		request.Set("dpop_jkt", rp.proof.jkt) // binds the code to the key as well, RFC 9449 section 10
	}
	got, err := rp.post(ctx, meta.PAR, request)
	if err != nil {
		return "", err
	}
	if got.status != http.StatusCreated && got.status != http.StatusOK {
		return "", refuse(ErrProvider, oauthRule(got.object["error"]))
	}
	reference, _ := got.object["request_uri"].(string)
	life, _ := got.object["expires_in"].(json.Number)
	seconds, err := life.Int64()
	if reference == "" || len(reference) > 512 || !isBearer(reference) || err != nil || seconds <= 0 {
		return "", refuse(ErrProvider, "par-answer")
	}
	return reference, nil
}

// withQuery adds parameters to an address that may have some already.
func withQuery(address string, query url.Values) string {
	separator := "?"
	if strings.Contains(address, "?") {
		separator = "&"
	}
	return address + separator + query.Encode()
}
