package openid4vp

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"net/url"
	"path"
	"strings"

	"github.com/motcua/motcua/identity/sdjwt"
	"github.com/motcua/motcua/internal/httpx"
	"github.com/motcua/motcua/internal/jose"
)

const (
	maxRequestBody = 64 << 10
	maxWalletNonce = 512
)

// RequestObject hands the signed request to the wallet (RFC 9101; OpenID4VP 1.0 section 5.10). It holds no
// personal data, and may be fetched again until the wallet has answered.
func (v *Verifier) RequestObject(w http.ResponseWriter, r *http.Request) {
	noStore(w)
	text, err := v.requestObject(w, r)
	if err != nil {
		writeError(w, err)
		return
	}
	w.Header().Set("Content-Type", "application/oauth-authz-req+jwt")
	_, _ = io.WriteString(w, text)
}

func (v *Verifier) requestObject(w http.ResponseWriter, r *http.Request) (string, *Error) {
	nonce, refused := walletNonce(w, r)
	if refused != nil {
		return "", refused
	}
	id := path.Base(r.URL.Path)
	if !v.client.isSigned() || !isSecret(id) {
		return "", refuse(ErrUnknown, "id")
	}
	tx, err := v.cfg.Transactions.Get(r.Context(), key(id))
	switch {
	case err != nil:
		return "", storeError(err)
	case !v.cfg.Now().Before(tx.Expires):
		return "", refuse(ErrExpired, "lifetime")
	case tx.Stage != Waiting:
		return "", refuse(ErrReplayed, "stage")
	}
	claims, err := v.parameters(id, tx)
	if err != nil {
		return "", storeError(err)
	}
	claims["aud"] = "https://self-issued.me/v2" // whoever fetches it, section 5.8
	claims["iat"], claims["exp"] = v.cfg.Now().Unix(), tx.Expires.Unix()
	if nonce != "" {
		claims["wallet_nonce"] = nonce
	}
	raw, err := json.Marshal(claims)
	if err != nil {
		return "", &Error{Kind: ErrConfig, Rule: "request", Err: err}
	}
	text, err := jose.Sign(v.client.Key, v.client.Alg, v.client.header(), raw)
	if err != nil {
		return "", &Error{Kind: ErrConfig, Rule: "client-key", Err: err}
	}
	return text, nil
}

// walletNonce reads what a wallet that posts wants to find in the request.
func walletNonce(w http.ResponseWriter, r *http.Request) (string, *Error) {
	switch r.Method {
	case http.MethodGet:
		return "", nil
	case http.MethodPost:
	default:
		return "", refuse(ErrRequest, "method")
	}
	form, err := readForm(w, r, maxRequestBody)
	if err != nil {
		return "", err
	}
	nonce := form.Get("wallet_nonce")
	if len(nonce) > maxWalletNonce || len(form["wallet_nonce"]) > 1 {
		return "", refuse(ErrRequest, "wallet-nonce")
	}
	return nonce, nil
}

// parameters are those of the authorization request, signed or not.
func (v *Verifier) parameters(id string, tx Transaction) (map[string]any, error) {
	issuers, holders := v.credentials.Algs()
	metadata := map[string]any{"vp_formats_supported": map[string]any{
		sdjwt.Format: map[string]any{"sd-jwt_alg_values": issuers, "kb-jwt_alg_values": holders},
	}}
	if v.client.Name != "" {
		metadata["client_name"] = v.client.Name
	}
	mode := "direct_post"
	if len(tx.Key) > 0 {
		mode = "direct_post.jwt"
		private, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), tx.Key)
		if err != nil {
			return nil, &Error{Kind: ErrConfig, Rule: "transactions", Err: err}
		}
		public, err := jose.PublicJWK(private.Public())
		if err != nil {
			return nil, &Error{Kind: ErrConfig, Rule: "transactions", Err: err}
		}
		public["kid"], public["use"], public["alg"] = id, "enc", "ECDH-ES"
		metadata["jwks"] = map[string]any{"keys": []any{public}}
		metadata["encrypted_response_enc_values_supported"] = v.cfg.Encs
	}
	return map[string]any{
		"client_id": v.client.ID, "response_type": "vp_token", "response_mode": mode, "response_uri": v.client.ResponseURL,
		"nonce": tx.Nonce, "state": id, "dcql_query": dcql(tx.Asks), "client_metadata": metadata,
	}, nil
}

// readForm reads a bounded form that names no parameter twice.
func readForm(w http.ResponseWriter, r *http.Request, limit int64) (url.Values, *Error) {
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || media != "application/x-www-form-urlencoded" {
		return nil, refuse(ErrRequest, "content-type")
	}
	body, err := httpx.ReadBody(http.MaxBytesReader(w, r.Body, limit), limit)
	if err != nil {
		return nil, refuse(ErrRequest, "size")
	}
	if strings.Count(string(body), "&") > 100 {
		return nil, refuse(ErrRequest, "size")
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, refuse(ErrRequest, "form")
	}
	for _, values := range form {
		if len(values) > 1 {
			return nil, refuse(ErrRequest, "parameter-twice")
		}
	}
	return form, nil
}

// writeError answers a wallet in the form of RFC 6749 section 5.2.
func writeError(w http.ResponseWriter, err *Error) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(err.Status())
	raw, _ := json.Marshal(map[string]string{"error": "invalid_request", "error_description": err.Code()})
	_, _ = w.Write(raw)
}
