package openid4vci

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/motcua/motcua/identity/sdjwt"
	"github.com/motcua/motcua/internal/jose"
)

// Configuration is a kind of credential that is issued.
type Configuration struct {
	// Type is the vct. Required.
	Type string
	// NameVI and NameEN are what wallets show. NameVI is required.
	NameVI, NameEN string
}

// Fill says what a credential says, when a wallet has proved its key: the application reads its record of the reference
// given to [Server.Offer]. The draft's Holder is set by the server.
type Fill func(ctx context.Context, configuration, reference string) (sdjwt.Draft, error)

// Config holds what is optional. The zero value is safe.
type Config struct {
	// Now tells the time. Nil: time.Now.
	Now func() time.Time
	// Grants keeps offers under way. Nil: [NewMemory], one process.
	Grants Grants
	// NonceKey makes nonces that several processes know: 32 bytes, the same for all. Nil: new for the life of the process.
	NonceKey []byte
	// Algs are the algorithms of wallets' proofs. Empty: ES256.
	Algs []string
}

// Lifetimes of what a wallet is given. An offer's own is in [OfferConfig].
const (
	TokenLifetime = 10 * time.Minute
	NonceLifetime = 5 * time.Minute
)

const (
	maxTries         = 5
	maxOfferLifetime = 7 * 24 * time.Hour
	maxReference     = 200
)

// Server is the issuer's side of the protocol. It is safe for concurrent use.
type Server struct {
	base           string
	issuer         *sdjwt.Issuer
	fill           Fill
	configurations map[string]Configuration
	cfg            Config
	nonceKey       func() []byte // a closure, for fmt prints fields
}

// New checks the parts. base is the credential issuer identifier, an https address without a slash at its end, under
// which [Server.Register] mounts. Errors: *Error of kind [ErrConfig].
func New(base string, issuer *sdjwt.Issuer, fill Fill, configurations map[string]Configuration, cfg Config) (*Server, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Grants == nil {
		cfg.Grants = NewMemory(0)
	}
	if len(cfg.Algs) == 0 {
		cfg.Algs = []string{"ES256"}
	}
	for _, alg := range cfg.Algs {
		if !slices.Contains([]string{"ES256", "ES384", "ES512", "EdDSA"}, alg) {
			return nil, refuse(ErrConfig, "algs")
		}
	}
	switch {
	case !isBase(base):
		return nil, refuse(ErrConfig, "base")
	case issuer == nil || fill == nil:
		return nil, refuse(ErrConfig, "issuer")
	case len(configurations) == 0 || len(configurations) > 100:
		return nil, refuse(ErrConfig, "configurations")
	case cfg.NonceKey != nil && len(cfg.NonceKey) != 32:
		return nil, refuse(ErrConfig, "nonce-key")
	}
	for id, c := range configurations {
		if id == "" || c.Type == "" || c.NameVI == "" {
			return nil, refuse(ErrConfig, "configurations")
		}
	}
	key := slices.Clone(cfg.NonceKey)
	if key == nil {
		key = make([]byte, 32)
		_, _ = rand.Read(key) // never fails, see crypto/rand
	}
	cfg.NonceKey = nil
	return &Server{
		base: base, issuer: issuer, fill: fill, configurations: configurations, cfg: cfg, nonceKey: func() []byte { return key },
	}, nil
}

// isBase accepts https, and plain http on this machine only.
func isBase(base string) bool {
	u, err := url.Parse(base)
	if err != nil || len(base) > 512 || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" ||
		strings.HasSuffix(base, "/") {
		return false
	}
	ip, err := netip.ParseAddr(u.Hostname())
	return u.Scheme == "https" || u.Scheme == "http" && (u.Hostname() == "localhost" || err == nil && ip.IsLoopback())
}

// Format prints the server's address and nothing of its keys.
func (s *Server) Format(state fmt.State, _ rune) {
	_, _ = io.WriteString(state, "openid4vci.Server("+s.base+")")
}

// LogValue gives loggers what Format prints.
func (s *Server) LogValue() slog.Value { return slog.StringValue("openid4vci.Server(" + s.base + ")") }

// Register mounts the metadata and the three endpoints. Wallets call them: leave sessions and protection against
// cross-site requests off these paths.
func (s *Server) Register(mux *http.ServeMux) {
	u, err := url.Parse(s.base)
	if err != nil {
		return // New has parsed it
	}
	mux.HandleFunc("GET /.well-known/openid-credential-issuer"+u.Path, s.issuerMetadata)
	mux.HandleFunc("GET /.well-known/oauth-authorization-server"+u.Path, s.serverMetadata)
	mux.HandleFunc("POST "+u.Path+"/token", s.token)
	mux.HandleFunc("POST "+u.Path+"/nonce", s.nonce)
	mux.HandleFunc("POST "+u.Path+"/credential", s.credential)
}

// OfferConfig holds what is optional of an offer.
type OfferConfig struct {
	// Lifetime is how long the code waits, at most 7 days. 0: one hour.
	Lifetime time.Duration
	// InsecureNoTxCode leaves out the transaction code: whoever sees the link first then has the credential.
	InsecureNoTxCode bool
}

// Offer is what brings a wallet in.
type Offer struct {
	// Link opens the wallet, as a link or as the text of a symbol (package qr). It is a secret of the person's.
	Link string
	// TxCode are six digits that the person types into the wallet: send them over another channel than the link. Empty
	// with OfferConfig.InsecureNoTxCode.
	TxCode  string
	Expires time.Time
}

// Format prints neither link nor code.
func (o Offer) Format(state fmt.State, _ rune) { _, _ = io.WriteString(state, "openid4vci.Offer(***)") }

// LogValue gives loggers what Format prints.
func (o Offer) LogValue() slog.Value { return slog.StringValue("openid4vci.Offer(***)") }

// Offer makes an offer of a credential of this configuration about what the reference names. Errors: *Error.
func (s *Server) Offer(ctx context.Context, configuration, reference string, cfg OfferConfig) (Offer, error) {
	if cfg.Lifetime == 0 {
		cfg.Lifetime = time.Hour
	}
	_, known := s.configurations[configuration]
	switch {
	case !known:
		return Offer{}, refuse(ErrConfig, "configuration")
	case reference == "" || len(reference) > maxReference:
		return Offer{}, refuse(ErrConfig, "reference")
	case cfg.Lifetime < 0 || cfg.Lifetime > maxOfferLifetime:
		return Offer{}, refuse(ErrConfig, "lifetime")
	}
	code := secret()
	g := Grant{Configuration: configuration, Reference: reference, Expires: s.cfg.Now().Add(cfg.Lifetime)}
	offer := Offer{Expires: g.Expires}
	grant := map[string]any{"pre-authorized_code": code}
	if !cfg.InsecureNoTxCode {
		digits, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
		if err != nil {
			return Offer{}, &Error{Kind: ErrConfig, Rule: "random", Err: err}
		}
		offer.TxCode = fmt.Sprintf("%06d", digits)
		g.TxCode = digest("tx code", code+offer.TxCode)
		grant["tx_code"] = map[string]any{"input_mode": "numeric", "length": 6}
	}
	raw, err := json.Marshal(map[string]any{
		"credential_issuer": s.base, "credential_configuration_ids": []string{configuration},
		"grants": map[string]any{grantType: grant},
	})
	if err != nil {
		return Offer{}, &Error{Kind: ErrConfig, Rule: "offer", Err: err}
	}
	if err := s.cfg.Grants.Put(ctx, digest("code", code), g); err != nil {
		return Offer{}, storeError(err)
	}
	offer.Link = "openid-credential-offer://?" + url.Values{"credential_offer": {string(raw)}}.Encode()
	return offer, nil
}

const grantType = "urn:ietf:params:oauth:grant-type:pre-authorized_code"

// newNonce is a time and its authentication, so that nothing has to be kept (OpenID4VCI 1.0 section 7).
func (s *Server) newNonce() string {
	var b [24]byte
	_, _ = rand.Read(b[:16]) // never fails, see crypto/rand
	binary.BigEndian.PutUint64(b[16:], uint64(s.cfg.Now().Add(NonceLifetime).Unix()))
	return base64.RawURLEncoding.EncodeToString(append(b[:], s.seal(b[:])...))
}

func (s *Server) seal(b []byte) []byte {
	mac := hmac.New(sha256.New, s.nonceKey())
	_, _ = mac.Write(b)
	return mac.Sum(nil)
}

func (s *Server) isNonce(text string) bool {
	raw, err := jose.Part(text)
	if err != nil || len(raw) != 24+sha256.Size || !hmac.Equal(raw[24:], s.seal(raw[:24])) {
		return false
	}
	return s.cfg.Now().Unix() < int64(binary.BigEndian.Uint64(raw[16:24]))
}

// digest keeps the uses of secrets apart.
func digest(use, secret string) string {
	sum := sha256.Sum256([]byte("motcua openid4vci v1\n" + use + "\n" + secret))
	return hex.EncodeToString(sum[:])
}

// secret returns 256 random bits as 43 characters.
func secret() string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails, see crypto/rand
	return base64.RawURLEncoding.EncodeToString(b[:])
}

func isSecret(s string) bool {
	b, err := jose.Part(s)
	return err == nil && len(b) == 32
}

// storeError lets the errors of a store pass as what they are and takes any other for a failure of ours.
func storeError(err error) *Error {
	var own *Error
	switch {
	case errors.As(err, &own):
		return own
	case errors.Is(err, ErrGrant):
		return &Error{Kind: ErrGrant, Rule: "unknown", Err: err}
	}
	return &Error{Kind: ErrConfig, Rule: "grants", Err: err}
}
