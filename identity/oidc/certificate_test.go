package oidc_test

import (
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/motcua/motcua/identity/identitytest"
	"github.com/motcua/motcua/identity/oidc"
)

// TestClientCertificate proves the client by the certificate of its connection (RFC 8705), over real TLS.
func TestClientCertificate(t *testing.T) {
	var provider http.Handler
	idp := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { provider.ServeHTTP(w, r) }))
	idp.TLS = &tls.Config{ClientAuth: tls.RequestClientCert, MinVersion: tls.VersionTLS13}
	idp.StartTLS()
	t.Cleanup(idp.Close)
	var application http.Handler
	app := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { application.ServeHTTP(w, r) }))
	t.Cleanup(app.Close)
	simulator, err := identitytest.New(idp.URL, []identitytest.Client{{
		ID: "c", Auth: "tls_client_auth", Key: &sharedKey().PublicKey, RedirectURLs: []string{app.URL + "/callback"},
	}}, identitytest.Config{Key: sharedKey()})
	if err != nil {
		t.Fatal(err)
	}
	provider = simulator
	profile, err := oidc.BuiltIn("vnconnect")
	if err != nil {
		t.Fatal(err)
	}
	profile.Issuer, profile.Discovery, profile.ClientAuth = simulator.Issuer(), simulator.DiscoveryURL(), oidc.TLSClientAuth
	roots := x509.NewCertPool()
	roots.AddCert(idp.Certificate())
	for name, certificates := range map[string][]tls.Certificate{"with": {clientCertificate(t)}, "without": nil} {
		var logins []oidc.Login
		var failures []*oidc.Error
		party, err := oidc.New(profile, oidc.Client{ID: "c", RedirectURL: app.URL + "/callback"}, pseudonymizer(t),
			func(_ http.ResponseWriter, _ *http.Request, l oidc.Login) { logins = append(logins, l) },
			oidc.Config{
				HTTPClient: &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{
					RootCAs: roots, Certificates: certificates, MinVersion: tls.VersionTLS13,
				}}},
				Fail: func(_ http.ResponseWriter, _ *http.Request, err *oidc.Error) { failures = append(failures, err) },
			})
		if err != nil {
			t.Fatal(err)
		}
		mux := http.NewServeMux()
		mux.HandleFunc("/login", party.Login)
		mux.HandleFunc("/callback", party.Callback)
		application = mux
		client := browser(t)
		client.Transport = &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS13}}
		resp, err := identitytest.SignIn(client, app.URL+"/login", "nghia")
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		switch {
		case name == "with" && (len(logins) != 1 || len(failures) != 0):
			t.Errorf("with its certificate: %v", failures)
		case name == "without" && (len(failures) != 1 || failures[0].Rule != "invalid-client"):
			t.Errorf("without a certificate: %v", failures)
		}
	}
}

// clientCertificate is a self-signed one, as RFC 8705 section 2.2 has it.
func clientCertificate(t *testing.T) tls.Certificate {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "mot-cua"}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &sharedKey().PublicKey, sharedKey())
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: sharedKey()}
}
