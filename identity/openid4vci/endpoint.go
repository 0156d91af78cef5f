package openid4vci

import (
	"crypto"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/motcua/motcua/identity/sdjwt"
	"github.com/motcua/motcua/internal/httpx"
	"github.com/motcua/motcua/internal/jose"
)

const (
	maxBody    = 64 << 10
	proofType  = "openid4vci-proof+jwt"
	proofSkew  = time.Minute
	maxProofIs = 10 * time.Minute // how old a proof may be that has a fresh nonce
)

// issuerMetadata answers with what is issued (OpenID4VCI 1.0 section 12.2).
func (s *Server) issuerMetadata(w http.ResponseWriter, _ *http.Request) {
	supported := map[string]any{}
	for id, c := range s.configurations {
		display := []any{map[string]string{"name": c.NameVI, "locale": "vi-VN"}}
		if c.NameEN != "" {
			display = append(display, map[string]string{"name": c.NameEN, "locale": "en"})
		}
		supported[id] = map[string]any{
			"format": sdjwt.Format, "vct": c.Type, "cryptographic_binding_methods_supported": []string{"jwk"},
			"proof_types_supported": map[string]any{"jwt": map[string]any{"proof_signing_alg_values_supported": s.cfg.Algs}},
			"credential_metadata":   map[string]any{"display": display},
		}
	}
	write(w, http.StatusOK, map[string]any{
		"credential_issuer": s.base, "credential_endpoint": s.base + "/credential", "nonce_endpoint": s.base + "/nonce",
		"credential_configurations_supported": supported,
	})
}

// serverMetadata answers as the authorization server of the one flow there is (RFC 8414).
func (s *Server) serverMetadata(w http.ResponseWriter, _ *http.Request) {
	write(w, http.StatusOK, map[string]any{
		"issuer": s.base, "token_endpoint": s.base + "/token", "response_types_supported": []string{},
		"grant_types_supported": []string{grantType}, "token_endpoint_auth_methods_supported": []string{"none"},
		"pre-authorized_grant_anonymous_access_supported": true,
	})
}

func (s *Server) nonce(w http.ResponseWriter, _ *http.Request) {
	write(w, http.StatusOK, map[string]string{"c_nonce": s.newNonce()})
}

func (s *Server) token(w http.ResponseWriter, r *http.Request) {
	access, err := s.redeem(w, r)
	if err != nil {
		writeError(w, err, "invalid_request")
		return
	}
	write(w, http.StatusOK, map[string]any{
		"access_token": access, "token_type": "Bearer", "expires_in": int(TokenLifetime.Seconds()),
	})
}

// redeem turns a code into an access token (section 6).
func (s *Server) redeem(w http.ResponseWriter, r *http.Request) (string, *Error) {
	form, refused := readForm(w, r)
	if refused != nil {
		return "", refused
	}
	code := form.Get("pre-authorized_code")
	switch {
	case form.Get("grant_type") != grantType:
		return "", refuse(ErrRequest, "grant-type")
	case !isSecret(code):
		return "", refuse(ErrGrant, "code")
	}
	ctx, id := r.Context(), digest("code", code)
	g, err := s.cfg.Grants.Get(ctx, id)
	switch {
	case err != nil:
		return "", storeError(err)
	case g.Stage != Offered:
		return "", refuse(ErrGrant, "used")
	case !s.cfg.Now().Before(g.Expires):
		return "", refuse(ErrGrant, "expired")
	case g.TxCode == "" && form.Get("tx_code") != "":
		return "", refuse(ErrRequest, "tx-code")
	}
	next := g
	if g.TxCode != "" && !equal(g.TxCode, digest("tx code", code+form.Get("tx_code"))) {
		if next.Tries++; next.Tries >= maxTries {
			next.Stage = Dead
		}
		if err := s.cfg.Grants.Move(ctx, id, g, next); err != nil {
			return "", storeError(err)
		}
		return "", refuse(ErrGrant, "tx-code")
	}
	access := secret()
	next.Stage, next.Token, next.Expires = Redeemed, digest("token", access), s.cfg.Now().Add(TokenLifetime)
	if err := s.cfg.Grants.Move(ctx, id, g, next); err != nil {
		return "", storeError(err)
	}
	return code + "." + access, nil
}

func (s *Server) credential(w http.ResponseWriter, r *http.Request) {
	credential, err := s.issue(w, r)
	if err != nil {
		writeError(w, err, "invalid_credential_request")
		return
	}
	write(w, http.StatusOK, map[string]any{"credentials": []any{map[string]string{"credential": credential.Reveal()}}})
}

// credentialRequest is what a wallet asks for (section 8.2).
type credentialRequest struct {
	Configuration string `json:"credential_configuration_id"`
	Identifier    string `json:"credential_identifier"`
	Proofs        struct {
		JWT []string `json:"jwt"`
	} `json:"proofs"`
}

func (s *Server) issue(w http.ResponseWriter, r *http.Request) (sdjwt.Credential, *Error) {
	id, g, refused := s.granted(r)
	if refused != nil {
		return sdjwt.Credential{}, refused
	}
	asked, refused := readRequest(w, r)
	switch {
	case refused != nil:
		return sdjwt.Credential{}, refused
	case asked.Identifier != "" || asked.Configuration != g.Configuration:
		return sdjwt.Credential{}, refuse(ErrRequest, "configuration")
	case len(asked.Proofs.JWT) != 1:
		return sdjwt.Credential{}, refuse(ErrProof, "count")
	}
	holder, refused := s.checkProof(asked.Proofs.JWT[0])
	if refused != nil {
		return sdjwt.Credential{}, refused
	}
	ctx := r.Context()
	draft, err := s.fill(ctx, g.Configuration, g.Reference)
	if err != nil {
		return sdjwt.Credential{}, &Error{Kind: ErrIssue, Rule: "fill", Err: err}
	}
	if draft.Type != s.configurations[g.Configuration].Type || draft.Holder != nil {
		return sdjwt.Credential{}, refuse(ErrIssue, "draft")
	}
	draft.Holder, draft.InsecureBearer = holder, false
	credential, err := s.issuer.Issue(draft)
	if err != nil {
		return sdjwt.Credential{}, &Error{Kind: ErrIssue, Rule: "sign", Err: err}
	}
	next := g
	next.Stage, next.Token = Issued, ""
	if err := s.cfg.Grants.Move(ctx, id, g, next); err != nil {
		return sdjwt.Credential{}, refuse(ErrToken, "used") // somebody was faster; what was signed leaves no trace
	}
	return credential, nil
}

// granted finds the grant of an access token.
func (s *Server) granted(r *http.Request) (id string, g Grant, refused *Error) {
	header := r.Header.Get("Authorization")
	scheme, token, _ := strings.Cut(header, " ")
	code, access, _ := strings.Cut(token, ".")
	if !strings.EqualFold(scheme, "Bearer") || !isSecret(code) || !isSecret(access) {
		return "", Grant{}, refuse(ErrToken, "form")
	}
	id = digest("code", code)
	g, err := s.cfg.Grants.Get(r.Context(), id)
	switch {
	case errors.Is(err, ErrGrant):
		return "", Grant{}, refuse(ErrToken, "unknown")
	case err != nil:
		return "", Grant{}, storeError(err)
	case g.Stage != Redeemed || !equal(g.Token, digest("token", access)):
		return "", Grant{}, refuse(ErrToken, "used")
	case !s.cfg.Now().Before(g.Expires):
		return "", Grant{}, refuse(ErrToken, "expired")
	}
	return id, g, nil
}

func readRequest(w http.ResponseWriter, r *http.Request) (credentialRequest, *Error) {
	var asked credentialRequest
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || media != "application/json" {
		return asked, refuse(ErrRequest, "content-type")
	}
	body, err := httpx.ReadBody(http.MaxBytesReader(w, r.Body, maxBody), maxBody)
	if err != nil {
		return asked, refuse(ErrRequest, "size")
	}
	if _, err := jose.Object(body); err != nil {
		return asked, refuse(ErrRequest, "json")
	}
	if err := json.Unmarshal(body, &asked); err != nil {
		return asked, refuse(ErrRequest, "json")
	}
	return asked, nil
}

// checkProof verifies a proof of possession and returns its key (appendix F.1).
func (s *Server) checkProof(text string) (crypto.PublicKey, *Error) {
	gate := jose.Gate{Algs: s.cfg.Algs, Types: []string{proofType}, NeedType: true, Members: []string{"jwk"}, Max: 16 << 10}
	token, err := gate.Open(text)
	if err != nil {
		var rule jose.Rule
		errors.As(err, &rule)
		return nil, refuse(ErrProof, string(rule))
	}
	members, _ := token.Header["jwk"].(map[string]any)
	key, ok := jose.ImportMembers(members)
	switch {
	case !ok || members["d"] != nil || members["k"] != nil || token.Kid != "":
		return nil, refuse(ErrProof, "key")
	case !jose.Fits(key, token.Alg):
		return nil, refuse(ErrProof, "alg")
	case jose.Verify(key, token) != nil:
		return nil, refuse(ErrProof, "signature")
	}
	claims, err := jose.Object(token.Payload)
	if err != nil {
		return nil, refuse(ErrProof, "payload")
	}
	nonce, _ := claims["nonce"].(string)
	switch {
	case claims["aud"] != any(s.base):
		return nil, refuse(ErrProof, "aud")
	case !s.isRecent(claims["iat"]):
		return nil, refuse(ErrProof, "iat")
	case claims["iss"] != nil: // the wallet is anonymous in this flow
		return nil, refuse(ErrProof, "iss")
	case !s.isNonce(nonce):
		return nil, refuse(ErrNonce, "nonce")
	}
	return key, nil
}

func (s *Server) isRecent(value any) bool {
	number, ok := value.(interface{ Float64() (float64, error) })
	if !ok {
		return false
	}
	seconds, err := number.Float64()
	if err != nil || !(seconds >= 1 && seconds <= 253402300799) {
		return false
	}
	at, now := time.Unix(int64(seconds), 0), s.cfg.Now()
	return !at.After(now.Add(proofSkew)) && !at.Before(now.Add(-maxProofIs))
}

// readForm reads a bounded form that names no parameter twice.
func readForm(w http.ResponseWriter, r *http.Request) (url.Values, *Error) {
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || media != "application/x-www-form-urlencoded" {
		return nil, refuse(ErrRequest, "content-type")
	}
	body, err := httpx.ReadBody(http.MaxBytesReader(w, r.Body, maxBody), maxBody)
	if err != nil || strings.Count(string(body), "&") > 100 {
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

func equal(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

func write(w http.ResponseWriter, status int, value any) {
	raw, _ := json.Marshal(value)
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write(raw)
}

// writeError answers a wallet in the protocol's words; malformed is the endpoint's for a request that is none.
func writeError(w http.ResponseWriter, err *Error, malformed string) {
	name := err.kind().wire
	switch {
	case err.Kind == ErrToken:
		w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`)
	case err.Kind == ErrRequest && err.Rule == "configuration":
		name = "unknown_credential_configuration"
	case err.Kind == ErrRequest:
		name = malformed
	}
	write(w, err.Status(), map[string]string{"error": name, "error_description": err.Code()})
}
