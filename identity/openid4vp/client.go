package openid4vp

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/motcua/motcua/internal/jose"
)

// Prefixes of client identifiers (OpenID4VP 1.0 section 5.9.3). Without one the client is registered with the wallet.
const (
	prefixHash     = "x509_hash:"
	prefixDNS      = "x509_san_dns:"
	prefixRedirect = "redirect_uri:"
)

// Client is who we are to wallets. It prints without its key.
type Client struct {
	// ID is the client identifier with its prefix: [HashID], "x509_san_dns:" and a DNS name of the certificate,
	// "redirect_uri:" and ResponseURL, or the plain name of a client that wallets know.
	ID string
	// Key signs requests with Alg (empty: that of the key); KeyID names it to wallets that know the client. A redirect_uri
	// client has none: its requests cannot be signed, and wallets cannot tell who asks.
	Key        crypto.Signer
	Alg, KeyID string
	// Chain certifies the key, leaf first, for the two kinds with certificates.
	Chain []*x509.Certificate
	// RequestURL is the address under which [Verifier.RequestObject] is mounted, ResponseURL that of [Verifier.Response].
	RequestURL, ResponseURL string
	// ReturnURL is where the browser on the same device comes back to [Verifier.Collect].
	ReturnURL string
	// WalletURL opens the wallet. Empty: "openid4vp://".
	WalletURL string
	// Name is what wallets may show to the person.
	Name string
}

// HashID returns the client identifier that a certificate gives: the digest of it (HAIP 1.0 section 5).
func HashID(leaf *x509.Certificate) string {
	sum := sha256.Sum256(leaf.Raw)
	return prefixHash + base64.RawURLEncoding.EncodeToString(sum[:])
}

// Format prints the client's identifier only.
func (c Client) Format(state fmt.State, _ rune) {
	_, _ = io.WriteString(state, "openid4vp.Client("+c.ID+")")
}

// LogValue gives loggers what Format prints.
func (c Client) LogValue() slog.Value { return slog.StringValue("openid4vp.Client(" + c.ID + ")") }

// withDefaults checks the parts against each other.
func (c Client) withDefaults() (Client, error) {
	if c.WalletURL == "" {
		c.WalletURL = "openid4vp://"
	}
	wallet, err := url.Parse(c.WalletURL)
	if err != nil || wallet.Scheme == "" || wallet.Fragment != "" || wallet.RawQuery != "" ||
		slices.Contains([]string{"javascript", "data", "file"}, wallet.Scheme) {
		return c, refuse(ErrConfig, "wallet-url")
	}
	for rule, address := range map[string]string{
		"request-url": c.RequestURL, "response-url": c.ResponseURL, "return-url": c.ReturnURL,
	} {
		if !isSafeURL(address) {
			return c, refuse(ErrConfig, rule)
		}
	}
	if strings.HasPrefix(c.ID, prefixRedirect) {
		if c.ID != prefixRedirect+c.ResponseURL || c.Key != nil || len(c.Chain) > 0 {
			return c, refuse(ErrConfig, "client-id")
		}
		return c, nil
	}
	if c.Key == nil {
		return c, refuse(ErrConfig, "client-key")
	}
	if c.Alg == "" {
		c.Alg = jose.AlgOf(c.Key.Public())
	}
	if !jose.Fits(c.Key.Public(), c.Alg) {
		return c, refuse(ErrConfig, "client-key")
	}
	return c, c.checkID()
}

func (c Client) checkID() error {
	name, isDNS := strings.CutPrefix(c.ID, prefixDNS)
	switch {
	case strings.HasPrefix(c.ID, prefixHash):
		if !c.isCertified() || c.ID != HashID(c.Chain[0]) {
			return refuse(ErrConfig, "client-id")
		}
	case isDNS:
		response, err := url.Parse(c.ResponseURL)
		if !c.isCertified() || !slices.Contains(c.Chain[0].DNSNames, name) || err != nil || response.Hostname() != name {
			return refuse(ErrConfig, "client-id")
		}
	case c.ID == "" || strings.Contains(c.ID, ":") || c.KeyID == "" || len(c.ID) > 200:
		return refuse(ErrConfig, "client-id")
	}
	return nil
}

func (c Client) isCertified() bool {
	own, ok := c.Key.Public().(interface{ Equal(crypto.PublicKey) bool })
	return len(c.Chain) > 0 && len(c.Chain) <= 6 && ok && own.Equal(c.Chain[0].PublicKey)
}

// isSigned reports whether requests are signed, and so fetched by reference.
func (c Client) isSigned() bool { return c.Key != nil }

// header is that of a signed request. The root is left out: who trusts it has it (HAIP 1.0 section 5).
func (c Client) header() map[string]any {
	header := map[string]any{"typ": "oauth-authz-req+jwt"}
	if !strings.HasPrefix(c.ID, prefixHash) && !strings.HasPrefix(c.ID, prefixDNS) {
		header["kid"] = c.KeyID
		return header
	}
	var list []string
	for i, certificate := range c.Chain {
		if i == 0 || !bytes.Equal(certificate.RawSubject, certificate.RawIssuer) {
			list = append(list, base64.StdEncoding.EncodeToString(certificate.Raw))
		}
	}
	header["x5c"] = list
	return header
}

// isSafeURL accepts https, and plain http on this machine only.
func isSafeURL(address string) bool {
	u, err := url.Parse(address)
	if err != nil || len(address) > 2048 || u.Host == "" || u.User != nil || u.Fragment != "" || u.Opaque != "" ||
		u.RawQuery != "" {
		return false
	}
	return u.Scheme == "https" || u.Scheme == "http" && isLoopback(u.Hostname())
}

func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}
