package identitytest

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// ErrWalletRefused means the issuer gave no credential. The error's text has the code it gave instead.
var ErrWalletRefused = errors.New("identitytest: wallet: the issuer refused")

const preAuthorized = "urn:ietf:params:oauth:grant-type:pre-authorized_code"

// Receive follows an offer (OpenID4VCI 1.0, pre-authorized code): metadata, token, nonce, proof of its key, credential,
// which is then held.
func (w *Wallet) Receive(ctx context.Context, link, txCode string) error {
	access, offer, err := w.Redeem(ctx, link, txCode)
	if err != nil {
		return err
	}
	return w.Fetch(ctx, offer, access)
}

// WalletOffer is an offer that a wallet has read.
type WalletOffer struct {
	Issuer         string   `json:"credential_issuer"`
	Configurations []string `json:"credential_configuration_ids"`
	Grants         map[string]struct {
		Code   string          `json:"pre-authorized_code"`
		TxCode json.RawMessage `json:"tx_code"`
	} `json:"grants"`

	token, nonce, credential string // endpoints
}

// Redeem turns an offer into an access token.
func (w *Wallet) Redeem(ctx context.Context, link, txCode string) (string, WalletOffer, error) {
	var offer WalletOffer
	u, err := url.Parse(link)
	if err != nil || u.Scheme != "openid-credential-offer" || json.Unmarshal([]byte(u.Query().Get("credential_offer")), &offer) != nil {
		return "", offer, wrong("the offer is none")
	}
	if err := w.discover(ctx, &offer); err != nil {
		return "", offer, err
	}
	grant := offer.Grants[preAuthorized]
	form := url.Values{"grant_type": {preAuthorized}, "pre-authorized_code": {grant.Code}}
	if len(grant.TxCode) > 0 {
		form.Set("tx_code", txCode)
	}
	var got struct {
		Token string `json:"access_token"`
		Type  string `json:"token_type"`
	}
	if err := w.ask(ctx, http.MethodPost, offer.token, "application/x-www-form-urlencoded", form.Encode(), "", &got); err != nil {
		return "", offer, err
	}
	if got.Type != "Bearer" || got.Token == "" {
		return "", offer, wrong("token of type %s", got.Type)
	}
	return got.Token, offer, nil
}

// discover reads the metadata of the issuer and of its authorization server.
func (w *Wallet) discover(ctx context.Context, offer *WalletOffer) error {
	base, err := url.Parse(offer.Issuer)
	if err != nil {
		return wrong("the issuer")
	}
	at := func(name string) string { return base.Scheme + "://" + base.Host + "/.well-known/" + name + base.Path }
	var issuer struct {
		Issuer     string `json:"credential_issuer"`
		Credential string `json:"credential_endpoint"`
		Nonce      string `json:"nonce_endpoint"`
		Supported  map[string]struct {
			Format string `json:"format"`
			VCT    string `json:"vct"`
		} `json:"credential_configurations_supported"`
	}
	var server struct {
		Issuer string `json:"issuer"`
		Token  string `json:"token_endpoint"`
	}
	if err := w.ask(ctx, http.MethodGet, at("openid-credential-issuer"), "", "", "", &issuer); err != nil {
		return err
	}
	if err := w.ask(ctx, http.MethodGet, at("oauth-authorization-server"), "", "", "", &server); err != nil {
		return err
	}
	if issuer.Issuer != offer.Issuer || server.Issuer != offer.Issuer {
		return wrong("the metadata of another issuer")
	}
	for _, id := range offer.Configurations {
		if c := issuer.Supported[id]; c.Format != "dc+sd-jwt" || c.VCT == "" {
			return wrong("configuration %s", id)
		}
	}
	offer.token, offer.nonce, offer.credential = server.Token, issuer.Nonce, issuer.Credential
	return nil
}

// Fetch proves the wallet's key and takes the credential.
func (w *Wallet) Fetch(ctx context.Context, offer WalletOffer, access string) error {
	var nonce struct {
		Nonce string `json:"c_nonce"`
	}
	if err := w.ask(ctx, http.MethodPost, offer.nonce, "", "", "", &nonce); err != nil {
		return err
	}
	if len(offer.Configurations) == 0 {
		return wrong("an offer of nothing")
	}
	proofs, id := []string{w.possession(offer.Issuer, nonce.Nonce)}, offer.Configurations[0]
	if w.is(WalletKeyTwice) {
		proofs = append(proofs, proofs[0])
	}
	if w.is(WalletKeyOtherThing) {
		id = "something-else"
	}
	body, err := json.Marshal(map[string]any{"credential_configuration_id": id, "proofs": map[string]any{"jwt": proofs}})
	if err != nil {
		return err
	}
	var got struct {
		Credentials []struct {
			Credential string `json:"credential"`
		} `json:"credentials"`
	}
	if err := w.ask(ctx, http.MethodPost, offer.credential, "application/json", string(body), access, &got); err != nil {
		return err
	}
	if len(got.Credentials) != 1 {
		return wrong("%d credentials", len(got.Credentials))
	}
	w.Add(got.Credentials[0].Credential)
	return nil
}

// possession signs the proof of the wallet's key (OpenID4VCI 1.0 appendix F.1).
func (w *Wallet) possession(issuer, nonce string) string {
	now := w.cfg.Now()
	header := map[string]any{"alg": "ES256", "typ": "openid4vci-proof+jwt", "jwk": memberOf(&w.key.PublicKey)}
	claims := map[string]any{"aud": issuer, "iat": now.Unix(), "nonce": nonce}
	for fault, change := range map[WalletFault]func(){
		WalletKeyOtherAudience: func() { claims["aud"] = "https://other.example" },
		WalletKeyOldNonce:      func() { claims["nonce"] = random() },
		WalletKeyNoNonce:       func() { delete(claims, "nonce") },
		WalletKeyType:          func() { header["typ"] = "JWT" },
		WalletKeyOld:           func() { claims["iat"] = now.Add(-time.Hour).Unix() },
		WalletKeyIssuer:        func() { claims["iss"] = "somebody" },
		WalletKeyMissing:       func() { delete(header, "jwk") },
		WalletKeyByName:        func() { delete(header, "jwk"); header["kid"] = "key-1" },
		WalletKeyPrivate:       func() { header["jwk"].(map[string]any)["d"] = "AAAA" },
		WalletKeyStolen: func() {
			if stranger, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err == nil {
				header["jwk"] = memberOf(&stranger.PublicKey)
			}
		},
	} {
		if w.is(fault) {
			change()
		}
	}
	body, err := json.Marshal(claims)
	if err != nil {
		return ""
	}
	if w.is(WalletKeyNone) {
		header["alg"] = "none"
		return join(header, body) + ".AA"
	}
	return signES256(w.key, join(header, body))
}

func memberOf(key *ecdsa.PublicKey) map[string]any {
	raw, err := key.Bytes()
	if err != nil {
		return nil
	}
	return map[string]any{"kty": "EC", "crv": "P-256", "x": encode(raw[1:33]), "y": encode(raw[33:])}
}

// ask sends a request and reads a JSON answer.
func (w *Wallet) ask(ctx context.Context, method, address, contentType, body, access string, into any) error {
	req, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(body))
	if err != nil {
		return err
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	if access != "" {
		req.Header.Set("Authorization", "Bearer "+access)
	}
	raw, resp, err := w.do(req)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		var said struct {
			Error       string `json:"error"`
			Description string `json:"error_description"`
		}
		if err := json.Unmarshal(raw, &said); err != nil {
			return fmt.Errorf("%w: status %d", ErrWalletRefused, resp.StatusCode)
		}
		return fmt.Errorf("%w: %d %s %s", ErrWalletRefused, resp.StatusCode, said.Error, said.Description)
	}
	if resp.Header.Get("Cache-Control") != "no-store" {
		return wrong("an answer that may be kept")
	}
	return json.Unmarshal(raw, into)
}
