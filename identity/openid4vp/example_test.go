package openid4vp_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"time"

	"github.com/motcua/motcua/identity/identitytest"
	"github.com/motcua/motcua/identity/openid4vp"
	"github.com/motcua/motcua/identity/privacy"
	"github.com/motcua/motcua/identity/sdjwt"
)

// Example asks a wallet on the same device whether its holder is 18, without learning when they were born.
func Example() {
	if err := askAge(); err != nil {
		fmt.Println(err)
	}
	// Output: valid yes [age_equal_or_over] on the same device: true
}

func askAge() error {
	// The State's issuer, and a wallet with a credential of it.
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	state, err := sdjwt.NewIssuer(key, "https://issuer.example.vn", sdjwt.IssuerConfig{KeyID: "1"})
	if err != nil {
		return err
	}
	wallet, err := identitytest.NewWallet(identitytest.WalletConfig{Unsigned: true})
	if err != nil {
		return err
	}
	credential, err := state.Issue(sdjwt.Draft{
		Type: "urn:eudi:pid:vn:1", Holder: wallet.Key(), Expires: time.Now().AddDate(1, 0, 0),
		Claims:   map[string]any{"birthdate": "1990-03-15", "age_equal_or_over": map[string]any{"18": true}},
		Disclose: []sdjwt.Path{{"birthdate"}, {"age_equal_or_over", "18"}},
	})
	if err != nil {
		return err
	}
	wallet.Add(credential.Reveal())

	// The office: whom it trusts for what, and what it may ask for.
	keys, err := sdjwt.NewKeySet("1", key.Public())
	if err != nil {
		return err
	}
	credentials, err := sdjwt.NewVerifier([]sdjwt.TrustedIssuer{
		{Name: "https://issuer.example.vn", Types: []string{"urn:eudi:pid:vn:1"}, Keys: keys, State: true},
	}, sdjwt.Config{})
	if err != nil {
		return err
	}
	purposes, err := privacy.Standard()
	if err != nil {
		return err
	}
	purpose, err := purposes.Purpose("age-check")
	if err != nil {
		return err
	}
	ask, err := openid4vp.NewAsk("age", purpose, openid4vp.PIDCatalogue(), "urn:eudi:pid:vn:1")
	if err != nil {
		return err
	}
	return serve(credentials, ask, wallet)
}

// serve mounts the handlers and plays the person with browser and wallet.
func serve(credentials *sdjwt.Verifier, ask openid4vp.Ask, wallet *identitytest.Wallet) error {
	mux := http.NewServeMux()
	app := httptest.NewServer(mux)
	defer app.Close()
	verifier, err := openid4vp.New(openid4vp.Client{
		ID:         "redirect_uri:" + app.URL + "/wallet/response", // with a certificate: openid4vp.HashID(leaf)
		RequestURL: app.URL + "/wallet/request", ResponseURL: app.URL + "/wallet/response", ReturnURL: app.URL + "/wallet/back",
	}, credentials, openid4vp.Config{})
	if err != nil {
		return err
	}
	mux.HandleFunc("GET /wallet/start", verifier.Start(ask))
	mux.HandleFunc("/wallet/request/", verifier.RequestObject)
	mux.HandleFunc("POST /wallet/response", verifier.Response)
	mux.HandleFunc("GET /wallet/back", func(_ http.ResponseWriter, r *http.Request) {
		result, err := verifier.Collect(r)
		if err != nil {
			fmt.Println(err)
			return
		}
		shown := result.Presented["age"]
		fmt.Println(shown.Report.Verdict, shown.Answers["age>=18"], shown.Report.Claims().Names(),
			"on the same device:", result.SameDevice)
	})

	jar, err := cookiejar.New(nil)
	if err != nil {
		return err
	}
	browser := &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := browser.Get(app.URL + "/wallet/start")
	if err != nil {
		return err
	}
	_ = resp.Body.Close()
	answer, err := wallet.Answer(context.Background(), resp.Header.Get("Location"))
	if err != nil {
		return err
	}
	resp, err = browser.Get(answer.RedirectURI)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}
