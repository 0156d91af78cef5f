package oidc

import (
	"context"
	"crypto"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/motcua/motcua/identity"
	"github.com/motcua/motcua/internal/jose"
)

// Client is what the provider's operator registered for us. It prints without its secret.
type Client struct {
	ID string
	// Secret is for client_secret_post and client_secret_basic.
	Secret string
	// ProofKey is the P-256 key tokens are bound to, of a profile with DPoP. Nil: a new one for the life of the process;
	// processes that share sessions share the key.
	ProofKey crypto.Signer
	// Key signs for private_key_jwt under KeyID, with KeyAlg (RS256, PS256, ES256 …).
	Key           crypto.Signer
	KeyID, KeyAlg string
	// DecryptKey opens what the provider encrypts for us: an *rsa.PrivateKey or *ecdsa.PrivateKey, published under
	// DecryptKeyID (empty: any).
	DecryptKey   crypto.PrivateKey
	DecryptKeyID string
	// RedirectURL is the address of [RelyingParty.Callback] as registered, PostLogoutURL where a logout ends.
	RedirectURL, PostLogoutURL string
}

// Format prints the client's id only.
func (c Client) Format(state fmt.State, _ rune) {
	_, _ = io.WriteString(state, "oidc.Client("+c.ID+")")
}

// LogValue gives loggers the client's id only.
func (c Client) LogValue() slog.Value { return slog.StringValue("oidc.Client(" + c.ID + ")") }

// MarshalText gives encoders the client's id only.
func (c Client) MarshalText() ([]byte, error) { return []byte("oidc.Client(" + c.ID + ")"), nil }

// Config holds what is optional. The zero value is safe.
type Config struct {
	// HTTPClient reaches the provider; redirects are never followed and cookies never kept. Nil: a client of our own,
	// 15 seconds a request.
	HTTPClient *http.Client
	// Now tells the time. Nil: time.Now.
	Now func() time.Time
	// Transactions keeps logins under way. Nil: [NewMemory], one process.
	Transactions Transactions
	// MinLevel is the lowest level [RelyingParty.Login] accepts; [RelyingParty.LoginAt] may ask for more.
	MinLevel identity.Level
	// MaxAge asks for an authentication not older than this (0: any) and checks auth_time.
	MaxAge time.Duration
	// Skew is the tolerance for the provider's clock, at most 5 minutes. 0: one minute.
	Skew time.Duration
	// AcceptUnknownKind hands over accounts of a kind the profile does not know, as identity.KindUnknown.
	AcceptUnknownKind bool
	// Fail answers the browser when a login fails. Nil: a plain page with the error's text.
	Fail func(w http.ResponseWriter, r *http.Request, err *Error)
	// EndSession is called by Logout: end the application's session and return its id_token, if it was kept, as a hint
	// for the provider. Nil: no session of ours, no hint.
	EndSession func(w http.ResponseWriter, r *http.Request) (idToken string)
	// End is called by BackChannel and FrontChannel: end the sessions they name. Nil: nothing is ended.
	End func(ctx context.Context, ended Ended) error
	// CookieName is the base name of the login cookie. Empty: "motcua-login".
	CookieName string
}

func (cfg Config) withDefaults() (Config, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Skew == 0 {
		cfg.Skew = time.Minute
	}
	if cfg.Skew < 0 || cfg.Skew > 5*time.Minute || cfg.MaxAge < 0 {
		return cfg, refuse(ErrConfig, "skew")
	}
	if cfg.Transactions == nil {
		cfg.Transactions = NewMemory(0)
	}
	if cfg.Fail == nil {
		cfg.Fail = failPage
	}
	if cfg.CookieName == "" {
		cfg.CookieName = "motcua-login"
	}
	return cfg, nil
}

// Format prints the profile's name and nothing of the client's secrets or keys.
func (rp *RelyingParty) Format(state fmt.State, _ rune) {
	_, _ = io.WriteString(state, "oidc.RelyingParty("+rp.profile.String()+")")
}

// LogValue gives loggers what Format prints.
func (rp *RelyingParty) LogValue() slog.Value {
	return slog.StringValue("oidc.RelyingParty(" + rp.profile.String() + ")")
}

// SignIn is the application's part: begin a session under a new id and redirect to login.ReturnTo.
type SignIn func(w http.ResponseWriter, r *http.Request, login Login)

// RelyingParty is our side of a sign-in with one provider. Mount Login, Callback and FrontChannel on GET, Logout and
// BackChannel on POST. It is safe for concurrent use.
type RelyingParty struct {
	profile  Profile
	client   Client
	names    *identity.Pseudonymizer
	signIn   SignIn
	cfg      Config
	http     *http.Client
	meta     *cached[metadata]
	verifier *Verifier
	proof    *prover // nil: bearer tokens
	secure   bool    // our own address is https
	cookie   string
}

// New checks the parts against each other. It does not call the provider. Errors: *Error of kind [ErrConfig].
func New(
	profile Profile, client Client, names *identity.Pseudonymizer, signIn SignIn, cfg Config,
) (*RelyingParty, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	if names == nil || signIn == nil {
		return nil, refuse(ErrConfig, "sign-in")
	}
	if err := client.check(profile); err != nil {
		return nil, err
	}
	if profile.ClientAuth == TLSClientAuth && cfg.HTTPClient == nil {
		return nil, refuse(ErrConfig, "client-certificate")
	}
	rp := &RelyingParty{
		profile: profile, client: client, names: names, signIn: signIn, cfg: cfg, http: clientOf(cfg.HTTPClient),
	}
	own, _ := url.Parse(client.RedirectURL)
	rp.secure = own.Scheme == "https"
	rp.cookie = cfg.CookieName
	if rp.secure {
		rp.cookie = "__Host-" + rp.cookie // set by this very host, over https, for all paths (RFC 6265bis 4.1.3.2)
	}
	if err := rp.equip(); err != nil {
		return nil, err
	}
	return rp, nil
}

// equip gives the party what reaches the provider and what judges its answers.
func (rp *RelyingParty) equip() error {
	profile, client, cfg := rp.profile, rp.client, rp.cfg
	var err error
	if profile.DPoP {
		if rp.proof, err = newProver(client.ProofKey, cfg.Now); err != nil {
			return err
		}
	}
	rp.meta = newCached(cfg.Now, func(ctx context.Context) (metadata, error) {
		return discover(ctx, rp.http, profile)
	})
	keys := newRemoteKeys(rp.http, cfg, func(ctx context.Context) (string, error) {
		meta, err := rp.metadata(ctx)
		return meta.JWKS, err
	})
	if rp.verifier, err = NewVerifier(profile, client.ID, keys, cfg); err != nil {
		return err
	}
	if !profile.Encryption.isSet() {
		return nil
	}
	o, err := newOpener(profile.Encryption, client.DecryptKey, client.DecryptKeyID)
	if err != nil {
		return err
	}
	o.Issuer, o.Audience = profile.Issuer, client.ID
	rp.verifier.opener = o
	return nil
}

func (c Client) check(profile Profile) error {
	switch auth := profile.ClientAuth; {
	case c.ID == "":
		return refuse(ErrConfig, "client-id")
	case !isSafeURL(c.RedirectURL):
		return refuse(ErrConfig, "redirect-url")
	case c.PostLogoutURL != "" && !isSafeURL(c.PostLogoutURL):
		return refuse(ErrConfig, "post-logout-url")
	case auth == PrivateKeyJWT && (c.Key == nil || c.KeyAlg == "" || !jose.Fits(c.Key.Public(), c.KeyAlg)):
		return refuse(ErrConfig, "client-key")
	case profile.FAPI2 && auth == PrivateKeyJWT && c.KeyAlg != "PS256" && c.KeyAlg != "ES256":
		return refuse(ErrConfig, "client-key")
	case (auth == ClientSecretPost || auth == ClientSecretBasic) && c.Secret == "":
		return refuse(ErrConfig, "client-secret")
	}
	return nil
}

// metadata returns the provider's endpoints: the profile's own, or those of its discovery document.
func (rp *RelyingParty) metadata(ctx context.Context) (metadata, error) {
	if rp.profile.Discovery == "" {
		return metadata{Endpoints: rp.profile.Endpoints, issInResponse: rp.profile.FAPI2}, nil
	}
	meta, err := rp.meta.get(ctx, func(metadata) bool { return true })
	meta.issInResponse = meta.issInResponse || rp.profile.FAPI2
	return meta, err
}

// secret returns 256 random bits as 43 characters.
func secret() string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails, see crypto/rand
	return base64.RawURLEncoding.EncodeToString(b[:])
}
