package openid4vp

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/motcua/motcua/identity/sdjwt"
	"github.com/motcua/motcua/internal/jose"
)

// Config holds what is optional. The zero value is safe.
type Config struct {
	// Now tells the time. Nil: time.Now.
	Now func() time.Time
	// Transactions keeps requests under way. Nil: [NewMemory], one process.
	Transactions Transactions
	// Encs are the content encryptions that wallets may use: A128GCM, A256GCM. Empty: both.
	Encs []string
	// InsecurePlainResponse lets wallets answer unencrypted (response mode direct_post): what they show is then in the
	// clear for everything between TLS and us.
	InsecurePlainResponse bool
	// Fail answers the browser when [Verifier.Start] fails. Nil: the error's text and code as plain text.
	Fail func(w http.ResponseWriter, r *http.Request, err *Error)
	// CookieName is the base name of the cookie. Empty: "motcua-wallet".
	CookieName string
}

func (cfg Config) withDefaults() (Config, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Transactions == nil {
		cfg.Transactions = NewMemory(0)
	}
	if len(cfg.Encs) == 0 {
		cfg.Encs = []string{"A128GCM", "A256GCM"}
	}
	for _, enc := range cfg.Encs {
		if enc != "A128GCM" && enc != "A256GCM" {
			return cfg, refuse(ErrConfig, "encs")
		}
	}
	if cfg.Fail == nil {
		cfg.Fail = failText
	}
	if cfg.CookieName == "" {
		cfg.CookieName = "motcua-wallet"
	}
	return cfg, nil
}

func failText(w http.ResponseWriter, r *http.Request, err *Error) {
	lang := "vi"
	if len(r.Header.Get("Accept-Language")) > 1 && r.Header.Get("Accept-Language")[:2] == "en" {
		lang = "en"
	}
	http.Error(w, err.Text(lang)+" ("+err.Code()+")", err.Status())
}

// Verifier is our side of the protocol. Mount [Verifier.RequestObject] on GET and POST under Client.RequestURL with one
// more path element, [Verifier.Response] on POST at Client.ResponseURL, both without sessions or protection against
// cross-site requests: wallets call them. It is safe for concurrent use.
type Verifier struct {
	client      Client
	credentials *sdjwt.Verifier
	cfg         Config
	cookie      string
	secure      bool // our own address is https
}

// New checks the parts against each other. credentials says whose credentials are accepted. Errors: *Error of kind
// [ErrConfig].
func New(client Client, credentials *sdjwt.Verifier, cfg Config) (*Verifier, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	if credentials == nil {
		return nil, refuse(ErrConfig, "credentials")
	}
	if client, err = client.withDefaults(); err != nil {
		return nil, err
	}
	own, err := url.Parse(client.ReturnURL)
	if err != nil {
		return nil, refuse(ErrConfig, "return-url")
	}
	v := &Verifier{client: client, credentials: credentials, cfg: cfg, cookie: cfg.CookieName, secure: own.Scheme == "https"}
	if v.secure {
		v.cookie = "__Host-" + v.cookie // set by this very host, over https, for all paths (RFC 6265bis 4.1.3.2)
	}
	return v, nil
}

// Format prints the client's identifier and nothing of its key.
func (v *Verifier) Format(state fmt.State, _ rune) {
	_, _ = io.WriteString(state, "openid4vp.Verifier("+v.client.ID+")")
}

// LogValue gives loggers what Format prints.
func (v *Verifier) LogValue() slog.Value {
	return slog.StringValue("openid4vp.Verifier(" + v.client.ID + ")")
}

func (v *Verifier) checkAsks(asks []Ask) error {
	if len(asks) == 0 || len(asks) > maxAsks {
		return refuse(ErrConfig, "asks")
	}
	seen := map[string]bool{}
	for _, ask := range asks {
		if err := ask.q.check(); err != nil {
			return err
		}
		if seen[ask.q.ID] {
			return refuse(ErrConfig, "ask-twice")
		}
		seen[ask.q.ID] = true
		if !slices.ContainsFunc(ask.q.Types, v.credentials.Accepts) {
			return refuse(ErrConfig, "ask-types") // nobody is trusted to issue what is asked for
		}
	}
	return nil
}

// key is the transaction's in the store.
func key(id string) string { return digest("transaction", id) }

// digest keeps the uses of secrets apart.
func digest(use, secret string) string {
	return hexOf("motcua openid4vp v1\n" + use + "\n" + secret)
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

func noStore(w http.ResponseWriter) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "no-referrer")
	w.Header().Set("X-Content-Type-Options", "nosniff")
}

// storeError lets the errors of a store pass as what they are and takes any other for a failure of ours.
func storeError(err error) *Error {
	var own *Error
	switch {
	case errors.As(err, &own):
		return own
	case errors.Is(err, ErrReplayed):
		return &Error{Kind: ErrReplayed, Rule: "stage", Err: err}
	case errors.Is(err, ErrUnknown):
		return &Error{Kind: ErrUnknown, Rule: "id", Err: err}
	}
	return &Error{Kind: ErrConfig, Rule: "transactions", Err: err}
}
