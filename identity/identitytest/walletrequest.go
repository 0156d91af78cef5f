package identitytest

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// walletRequest is an authorization request (OpenID4VP 1.0 section 5).
type walletRequest struct {
	ClientID     string      `json:"client_id"`
	ResponseType string      `json:"response_type"`
	ResponseMode string      `json:"response_mode"`
	ResponseURI  string      `json:"response_uri"`
	Nonce        string      `json:"nonce"`
	State        string      `json:"state"`
	Query        walletQuery `json:"dcql_query"`
	Metadata     struct {
		JWKS struct {
			Keys []map[string]string `json:"keys"`
		} `json:"jwks"`
		Encs    []string                       `json:"encrypted_response_enc_values_supported"`
		Formats map[string]map[string][]string `json:"vp_formats_supported"`
	} `json:"client_metadata"`
	Aud         string `json:"aud"`
	Exp         int64  `json:"exp"`
	WalletNonce string `json:"wallet_nonce"`
}

type walletQuery struct {
	Credentials []credentialQuery `json:"credentials"`
}

type credentialQuery struct {
	ID     string `json:"id"`
	Format string `json:"format"`
	Meta   struct {
		VCT []string `json:"vct_values"`
	} `json:"meta"`
	Claims []struct {
		Path []any `json:"path"`
	} `json:"claims"`
}

func wrong(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrWalletRequest, fmt.Sprintf(format, args...))
}

// fetch reads a link and, where the request is by reference, what it refers to.
func (w *Wallet) fetch(ctx context.Context, link string) (walletRequest, error) {
	u, err := url.Parse(link)
	if err != nil {
		return walletRequest{}, wrong("the link is none")
	}
	query := u.Query()
	if !query.Has("request_uri") {
		return w.unsigned(query)
	}
	nonce := random()
	method, body := http.MethodGet, ""
	if query.Get("request_uri_method") == "post" {
		method, body = http.MethodPost, url.Values{"wallet_nonce": {nonce}, "wallet_metadata": {"{}"}}.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, method, query.Get("request_uri"), strings.NewReader(body))
	if err != nil {
		return walletRequest{}, wrong("the address of the request is none")
	}
	req.Header.Set("Accept", "application/oauth-authz-req+jwt")
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	raw, resp, err := w.do(req)
	switch {
	case err != nil:
		return walletRequest{}, err
	case resp.StatusCode != http.StatusOK:
		return walletRequest{}, wrong("status %d", resp.StatusCode)
	case resp.Header.Get("Content-Type") != "application/oauth-authz-req+jwt":
		return walletRequest{}, wrong("content type %s", resp.Header.Get("Content-Type"))
	}
	request, err := w.verifyRequest(string(raw), query.Get("client_id"))
	if err == nil && method == http.MethodPost && request.WalletNonce != nonce {
		err = wrong("wallet_nonce")
	}
	return request, err
}

// unsigned reads a request whose parameters are all in the link.
func (w *Wallet) unsigned(query url.Values) (walletRequest, error) {
	r := walletRequest{
		ClientID: query.Get("client_id"), ResponseType: query.Get("response_type"), ResponseMode: query.Get("response_mode"),
		ResponseURI: query.Get("response_uri"), Nonce: query.Get("nonce"), State: query.Get("state"),
	}
	for name, into := range map[string]any{"dcql_query": &r.Query, "client_metadata": &r.Metadata} {
		if err := json.Unmarshal([]byte(query.Get(name)), into); err != nil {
			return r, wrong("%s", name)
		}
	}
	if !w.cfg.Unsigned || r.ClientID != "redirect_uri:"+r.ResponseURI {
		return r, wrong("not signed")
	}
	return r, w.checkRequest(r)
}

// verifyRequest checks a signed request and whose it is (RFC 9101, OpenID4VP 1.0 section 5.9.3).
func (w *Wallet) verifyRequest(text, clientID string) (walletRequest, error) {
	parts := strings.Split(text, ".")
	if len(parts) != 3 {
		return walletRequest{}, wrong("no JWS")
	}
	var header struct {
		Alg, Typ, Kid string
		X5C           []string `json:"x5c"`
	}
	var request walletRequest
	for i, into := range []any{&header, &request} {
		raw, err := base64.RawURLEncoding.Strict().DecodeString(parts[i])
		if err != nil || json.Unmarshal(raw, into) != nil {
			return walletRequest{}, wrong("part %d", i)
		}
	}
	if w.is(WalletIgnoresTheRequest) {
		return request, nil
	}
	key, err := w.keyOf(request, header.X5C)
	switch {
	case err != nil:
		return walletRequest{}, err
	case header.Alg != "ES256" || header.Typ != "oauth-authz-req+jwt":
		return walletRequest{}, wrong("header %s %s", header.Alg, header.Typ)
	case !verifyES256(key, parts[0]+"."+parts[1], parts[2]):
		return walletRequest{}, wrong("signature")
	case request.ClientID != clientID:
		return walletRequest{}, wrong("client_id differs from the link's")
	case request.Aud != "https://self-issued.me/v2":
		return walletRequest{}, wrong("aud")
	case request.Exp != 0 && w.cfg.Now().Unix() >= request.Exp:
		return walletRequest{}, wrong("exp")
	}
	return request, w.checkRequest(request)
}

func (w *Wallet) checkRequest(r walletRequest) error {
	bad := func(s string) bool {
		return len(s) < 22 || strings.ContainsFunc(s, func(c rune) bool {
			return !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("-._~", c))
		})
	}
	switch {
	case r.ResponseType != "vp_token":
		return wrong("response_type")
	case r.ResponseMode != "direct_post" && r.ResponseMode != "direct_post.jwt":
		return wrong("response_mode")
	case bad(r.Nonce) || bad(r.State):
		return wrong("nonce or state")
	case len(r.Query.Credentials) == 0:
		return wrong("dcql_query")
	case len(r.Metadata.Formats["dc+sd-jwt"]["sd-jwt_alg_values"]) == 0 || len(r.Metadata.Formats["dc+sd-jwt"]["kb-jwt_alg_values"]) == 0:
		return wrong("vp_formats_supported")
	}
	return nil
}

// keyOf finds the key of a verifier by the prefix of its identifier.
func (w *Wallet) keyOf(request walletRequest, x5c []string) (crypto.PublicKey, error) {
	prefix, rest, found := strings.Cut(request.ClientID, ":")
	if !found {
		key, known := w.cfg.Registered[request.ClientID]
		if !known {
			return nil, wrong("an unknown client")
		}
		return key, nil
	}
	pool := x509.NewCertPool()
	for _, root := range w.cfg.Roots {
		pool.AddCert(root)
	}
	var chain []*x509.Certificate
	between := x509.NewCertPool()
	for i, text := range x5c {
		der, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			return nil, wrong("x5c")
		}
		certificate, err := x509.ParseCertificate(der)
		if err != nil {
			return nil, wrong("x5c")
		}
		chain = append(chain, certificate)
		if i > 0 {
			between.AddCert(certificate)
		}
		for _, root := range w.cfg.Roots {
			if root.Equal(certificate) {
				return nil, wrong("the root is in x5c") // HAIP 1.0 section 5
			}
		}
	}
	if len(chain) == 0 {
		return nil, wrong("no x5c")
	}
	if _, err := chain[0].Verify(x509.VerifyOptions{
		Roots: pool, Intermediates: between, CurrentTime: w.cfg.Now(), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	}); err != nil {
		return nil, wrong("the certificate is not trusted")
	}
	hash := sha256.Sum256(chain[0].Raw)
	response, err := url.Parse(request.ResponseURI)
	switch {
	case err != nil:
		return nil, wrong("response_uri")
	case prefix == "x509_hash" && rest == encode(hash[:]):
	case prefix == "x509_san_dns" && slices.Contains(chain[0].DNSNames, rest) && response.Hostname() == rest:
	default:
		return nil, wrong("client_id does not fit the certificate")
	}
	return chain[0].PublicKey, nil
}

func verifyES256(key crypto.PublicKey, signed, signature string) bool {
	public, ok := key.(*ecdsa.PublicKey)
	raw, err := base64.RawURLEncoding.Strict().DecodeString(signature)
	if !ok || err != nil || len(raw) != 64 {
		return false
	}
	digest := sha256.Sum256([]byte(signed))
	return ecdsa.Verify(public, digest[:], new(big.Int).SetBytes(raw[:32]), new(big.Int).SetBytes(raw[32:]))
}
