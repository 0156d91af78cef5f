package identitytest

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"math/big"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// Client is a relying party registered with the provider.
type Client struct {
	ID     string
	Secret string
	// Auth is "client_secret_post", "client_secret_basic", "private_key_jwt" or "tls_client_auth"; Key is the public key of
	// the last two, in an assertion or in the certificate of the connection.
	Auth string
	Key  crypto.PublicKey
	// RedirectURLs and PostLogoutURLs are compared byte for byte.
	RedirectURLs, PostLogoutURLs []string
	// EncryptKey makes the client's id_tokens encrypted for it (RSA-OAEP-256, A256GCM).
	EncryptKey *rsa.PublicKey
	// SignedUserInfo gives the client userinfo as a signed token, encrypted too if it has a key.
	SignedUserInfo bool
	// Officers offers staff instead of citizens.
	Officers bool
}

// Config holds what is optional.
type Config struct {
	// Personality is the kind of provider. Empty: [VNConnect].
	Personality Personality
	// Issuer is the provider's name in tokens. Empty: the token endpoint's address, as WSO2 does it; of the other
	// personalities the base.
	Issuer string
	// Personas can sign in. Nil: [Personas] and [Officers] of unit "mot-cua".
	Personas []Persona
	// Key signs the id_tokens until [Provider.Rotate]. Nil: a new RSA key of 2048 bits.
	Key *rsa.PrivateKey
	// Now tells the time. Nil: time.Now.
	Now func() time.Time
}

// Provider is an OpenID Provider for tests and demonstrations. It is safe for concurrent use.
type Provider struct {
	base        string
	issuer      string
	personality Personality
	paths       Endpoints
	clients     map[string]Client
	personas    []Persona
	now         func() time.Time
	mux         *http.ServeMux

	mu       sync.Mutex
	faults   []Fault
	keys     []signingKey // the last one signs
	serial   int
	pending  map[string]pending
	codes    map[string]*grant
	access   map[string]*grant
	requests map[string]int
	pushed   map[string]pushed
	refresh  map[string]*grant // by refresh token
	sessions map[string]*grant // the newest one, by client and persona

	dpopNonce string
	proofs    map[string]bool // seen
}

type signingKey struct {
	kid string
	key *rsa.PrivateKey
}

const maxPending = 10_000

// New returns a provider that thinks it is reached at base, such as "http://127.0.0.1:9001" or with a path if it is
// mounted below one by http.StripPrefix.
func New(base string, clients []Client, cfg Config) (*Provider, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Personality == "" {
		cfg.Personality = VNConnect
	}
	if cfg.Issuer == "" {
		cfg.Issuer = base
		if cfg.Personality == VNConnect {
			cfg.Issuer = base + "/oauth2/token"
		}
	}
	if cfg.Personas == nil {
		cfg.Personas = append(Personas(), Officers("mot-cua")...)
	}
	p := &Provider{
		base: base, issuer: cfg.Issuer, clients: map[string]Client{}, personas: cfg.Personas, now: cfg.Now,
		pending: map[string]pending{}, codes: map[string]*grant{}, access: map[string]*grant{},
		requests: map[string]int{}, mux: http.NewServeMux(), pushed: map[string]pushed{}, refresh: map[string]*grant{},
		sessions: map[string]*grant{}, proofs: map[string]bool{}, personality: cfg.Personality,
		paths: cfg.Personality.paths(),
	}
	for _, client := range clients {
		if _, twice := p.clients[client.ID]; twice || client.ID == "" || len(client.RedirectURLs) == 0 {
			return nil, errors.New("identitytest: client: want a unique id and a redirect address")
		}
		p.clients[client.ID] = client
	}
	p.route()
	if cfg.Key == nil {
		return p, p.Rotate()
	}
	p.addKey(cfg.Key)
	return p, nil
}

func (p *Provider) route() {
	if p.personality != VNeID {
		p.mux.HandleFunc("GET /oauth2/token/.well-known/openid-configuration", p.discovery)
	}
	p.mux.HandleFunc("GET "+p.paths.JWKS, p.jwks)
	p.mux.HandleFunc("GET "+p.paths.Authorization, p.authorize)
	p.mux.HandleFunc("POST "+p.paths.Authorization, p.choose)
	p.mux.HandleFunc("POST "+p.paths.Token, p.token)
	p.mux.HandleFunc("POST "+p.paths.PAR, p.push)
	p.mux.HandleFunc("GET "+p.paths.UserInfo, p.userInfo)
	p.mux.HandleFunc("POST "+p.paths.UserInfo, p.userInfo)
	p.mux.HandleFunc("GET "+p.paths.EndSession, p.logout)
}

// Issuer returns the provider's name in tokens.
func (p *Provider) Issuer() string { return p.issuer }

// DiscoveryURL returns the address of the metadata, which [VNeID] does not have.
func (p *Provider) DiscoveryURL() string {
	return p.base + "/oauth2/token/.well-known/openid-configuration"
}

// Rotate makes a new signing key under a new id and forgets all but the one before.
func (p *Provider) Rotate() error {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return err
	}
	p.addKey(key)
	return nil
}

func (p *Provider) addKey(key *rsa.PrivateKey) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.serial++
	p.keys = append(p.keys, signingKey{"key-" + strconv.Itoa(p.serial), key})
	if len(p.keys) > 2 {
		p.keys = p.keys[len(p.keys)-2:]
	}
}

// Requests returns how often an address ("/oauth2/jwks") was asked for.
func (p *Provider) Requests(path string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.requests[path]
}

// ServeHTTP implements http.Handler.
func (p *Provider) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	p.requests[r.URL.Path]++
	p.mu.Unlock()
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	p.mux.ServeHTTP(w, r)
}

func (p *Provider) discovery(w http.ResponseWriter, _ *http.Request) {
	issuer, token := p.issuer, p.base+"/oauth2/token"
	if p.is(DiscoveryIssuer) {
		issuer += "/"
	}
	if p.is(DiscoveryPlainHTTP) {
		token = "http://idp.example/token"
	}
	writeJSON(w, http.StatusOK, map[string]any{
		"issuer":                                issuer,
		"authorization_endpoint":                p.base + "/oauth2/authorize",
		"token_endpoint":                        token,
		"userinfo_endpoint":                     p.base + "/oauth2/userinfo",
		"jwks_uri":                              p.base + "/oauth2/jwks",
		"end_session_endpoint":                  p.base + "/oidc/logout",
		"pushed_authorization_request_endpoint": p.base + "/oauth2/par",
		"require_pushed_authorization_requests": p.personality == FAPI2,
		"dpop_signing_alg_values_supported":     []string{"ES256"},
		"backchannel_logout_supported":          true,
		"frontchannel_logout_supported":         true,
		"response_types_supported":              []string{"code"},
		"subject_types_supported":               []string{"public"},
		"id_token_signing_alg_values_supported": []string{p.alg()},
		"code_challenge_methods_supported":      []string{"S256"},
		"acr_values_supported":                  []string{"LoA1", "LoA2"},
		"token_endpoint_auth_methods_supported": []string{
			"client_secret_post", "client_secret_basic", "private_key_jwt",
		},
		"authorization_response_iss_parameter_supported": true,
	})
}

func (p *Provider) jwks(w http.ResponseWriter, r *http.Request) {
	switch {
	case p.is(KeysHang):
		<-r.Context().Done()
		return
	case p.is(KeysFail):
		http.Error(w, "unavailable", http.StatusServiceUnavailable)
		return
	case p.is(KeysRedirect):
		http.Redirect(w, r, p.base+"/elsewhere", http.StatusFound)
		return
	case p.is(KeysHuge):
		writeHuge(w)
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	keys := []map[string]any{}
	for _, k := range p.keys {
		keys = append(keys, publicJWK(k, p.alg()))
	}
	for _, fault := range p.faults {
		switch fault {
		case KeysPrivate:
			keys[0]["d"] = encode(p.keys[0].key.D.Bytes())
		case KeysStale:
			keys[len(keys)-1]["kid"] = "of-last-year"
		}
	}
	writeJSON(w, http.StatusOK, map[string]any{"keys": keys})
}

// alg is what id_tokens are signed with.
func (p *Provider) alg() string {
	if p.personality == FAPI2 {
		return "PS256"
	}
	return "RS256"
}

func publicJWK(k signingKey, alg string) map[string]any {
	return map[string]any{
		"kty": "RSA", "use": "sig", "alg": alg, "kid": k.kid,
		"n": encode(k.key.N.Bytes()), "e": encode(big.NewInt(int64(k.key.E)).Bytes()),
	}
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func writeJSON(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(value) // the client may be gone
}

// writeHuge answers with 32 MB of well-formed JSON.
func writeHuge(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, `{"pad":"`)
	block := make([]byte, 32<<10)
	for i := range block {
		block[i] = 'x'
	}
	for range 1024 {
		if _, err := w.Write(block); err != nil {
			return
		}
	}
	_, _ = io.WriteString(w, `"}`)
}

// random returns 256 random bits as text.
func random() string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails, see crypto/rand
	return encode(b[:])
}
