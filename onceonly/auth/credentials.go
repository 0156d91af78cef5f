package auth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/motcua/motcua/internal/httpx"
)

// ErrToken means the token endpoint gave no token.
var ErrToken = errors.New("auth: no token")

// CredentialsConfig has the settings that may stay out.
type CredentialsConfig struct {
	// Scope is asked for, if not empty.
	Scope string
	// Early is how long before its end a token is renewed. Default 30 s.
	Early time.Duration
	// HTTPClient asks for tokens. Default: a client of its own that ends after 10 s and follows no redirect.
	HTTPClient *http.Client
	// Now is the clock. Default time.Now.
	Now func() time.Time
}

// ClientCredentials fetches tokens by the OAuth 2.0 client credentials grant (RFC 6749 section 4.4), id and secret in
// the form as WSO2-style gateways want them, and keeps each until shortly before it ends. Callers that come together
// wait for one request. It is safe for concurrent use.
type ClientCredentials struct {
	endpoint string
	id       string
	secret   func() string
	cfg      CredentialsConfig

	turn  chan struct{} // holds one element while a token is fetched
	mu    sync.Mutex    // guards the two below
	token func() string
	until time.Time
}

// NewClientCredentials takes the token endpoint and the client's id and secret. The endpoint is https, or http on the
// machine itself. Errors: ErrConfig.
func NewClientCredentials(endpoint, id, secret string, cfg CredentialsConfig) (*ClientCredentials, error) {
	u, err := url.Parse(endpoint)
	switch {
	case err != nil || u.Host == "" || u.User != nil:
		return nil, fmt.Errorf("%w: endpoint: want an address without credentials", ErrConfig)
	case u.Scheme != "https" && (u.Scheme != "http" || !isLoopback(u.Hostname())):
		return nil, fmt.Errorf("%w: endpoint: want https", ErrConfig)
	case id == "" || secret == "":
		return nil, fmt.Errorf("%w: client id and secret: want both", ErrConfig)
	}
	if cfg.Early <= 0 {
		cfg.Early = 30 * time.Second
	}
	if cfg.HTTPClient == nil {
		cfg.HTTPClient = httpx.NewClient(10 * time.Second)
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return &ClientCredentials{endpoint: endpoint, id: id, secret: func() string { return secret }, cfg: cfg,
		turn: make(chan struct{}, 1)}, nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Authenticate sets the header Authorization, fetching a token first if there is none or it is about to end. Errors:
// ErrToken, or the transport's.
func (c *ClientCredentials) Authenticate(ctx context.Context, req *http.Request) error {
	token, ok := c.current()
	if !ok {
		var err error
		if token, err = c.renew(ctx); err != nil {
			return err
		}
	}
	req.Header.Set("Authorization", "Bearer "+token)
	return nil
}

// Forget drops the token, as after a 401, so that the next request fetches another.
func (c *ClientCredentials) Forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.token = nil
}

func (c *ClientCredentials) current() (string, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.token == nil || !c.cfg.Now().Before(c.until) {
		return "", false
	}
	return c.token(), true
}

func (c *ClientCredentials) renew(ctx context.Context) (string, error) {
	select {
	case c.turn <- struct{}{}:
		defer func() { <-c.turn }()
	case <-ctx.Done():
		return "", ctx.Err()
	}
	if token, ok := c.current(); ok { // somebody else was faster
		return token, nil
	}
	asked := c.cfg.Now()
	answer, err := c.fetch(ctx)
	if err != nil {
		return "", err
	}
	life := time.Duration(min(answer.ExpiresIn, 24*60*60)) * time.Second
	c.mu.Lock()
	defer c.mu.Unlock()
	c.token, c.until = func() string { return answer.AccessToken }, asked.Add(life-c.cfg.Early)
	return answer.AccessToken, nil
}

type tokenAnswer struct {
	AccessToken string `json:"access_token"`
	TokenType   string `json:"token_type"`
	ExpiresIn   int64  `json:"expires_in"`
	Error       string `json:"error"`
}

func (c *ClientCredentials) fetch(ctx context.Context) (tokenAnswer, error) {
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {c.id}, "client_secret": {c.secret()}}
	if c.cfg.Scope != "" {
		form.Set("scope", c.cfg.Scope)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.endpoint, strings.NewReader(form.Encode()))
	if err != nil {
		return tokenAnswer{}, fmt.Errorf("auth: token request: %w", err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	resp, err := c.cfg.HTTPClient.Do(req)
	if err != nil {
		return tokenAnswer{}, fmt.Errorf("auth: token request: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := httpx.ReadBody(resp.Body, 64<<10)
	if err != nil {
		return tokenAnswer{}, fmt.Errorf("auth: token answer: %w", err)
	}
	var answer tokenAnswer
	switch {
	case resp.StatusCode != http.StatusOK:
		return tokenAnswer{}, fmt.Errorf("%w: status %d", ErrToken, resp.StatusCode)
	case json.Unmarshal(body, &answer) != nil || answer.Error != "": // some gateways answer 200 with an error
		return tokenAnswer{}, fmt.Errorf("%w: answer holds none", ErrToken)
	case !isToken(answer.AccessToken) || !strings.EqualFold(answer.TokenType, "bearer") || answer.ExpiresIn <= 0:
		return tokenAnswer{}, fmt.Errorf("%w: want a bearer token with an end", ErrToken)
	}
	return answer, nil
}

// Format prints no credentials.
func (c *ClientCredentials) Format(s fmt.State, _ rune) {
	_, _ = io.WriteString(s, "auth.ClientCredentials")
}
