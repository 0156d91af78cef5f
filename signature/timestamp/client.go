package timestamp

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/motcua/motcua/internal/cms"
	"github.com/motcua/motcua/internal/httpx"
)

// Errors the caller branches on.
var (
	// ErrUnreachable means that no attempt brought an answer.
	ErrUnreachable = errors.New("timestamp: authority unreachable")
	// ErrRefused means that the authority does not grant the request.
	ErrRefused = errors.New("timestamp: authority refuses")
	// ErrAnswer means an answer that is not a well-formed response, or too long.
	ErrAnswer = errors.New("timestamp: answer is malformed")
	// ErrMismatch means an answer that is not to this question, or not signed as RFC 3161 asks.
	ErrMismatch = errors.New("timestamp: answer does not fit the request")
	// ErrConfig means an address or digest that cannot be used.
	ErrConfig = errors.New("timestamp: want an http address and a known digest")
)

// Config shapes a client. The zero value is usable.
type Config struct {
	// HTTP is the client to use; default one of its own, with Timeout, that follows no redirect and uses no proxy.
	HTTP *http.Client
	// Timeout is for one attempt; default 60 s. Some authorities take minutes.
	Timeout time.Duration
	// Attempts is how often an authority that fails is asked; default 3. Pause is the wait before the second one, which
	// doubles each time; default 1 s.
	Attempts int
	Pause    time.Duration
	// Policy asks for a policy of the authority's; default its own choice.
	Policy asn1.ObjectIdentifier
	// MaxAnswer bounds an answer in bytes; default 64 KiB.
	MaxAnswer int64
}

// Client asks one authority. It is safe for concurrent use.
type Client struct {
	url string
	cfg Config
}

// New makes a client of the authority at an http or https address. Errors: [ErrConfig].
func New(address string, cfg Config) (*Client, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, ErrConfig
	}
	if cfg.Timeout <= 0 {
		cfg.Timeout = time.Minute
	}
	if cfg.HTTP == nil {
		cfg.HTTP = httpx.NewClient(cfg.Timeout)
	}
	if cfg.Attempts <= 0 {
		cfg.Attempts = 3
	}
	if cfg.Pause <= 0 {
		cfg.Pause = time.Second
	}
	if cfg.MaxAnswer <= 0 {
		cfg.MaxAnswer = 64 << 10
	}
	return &Client{u.String(), cfg}, nil
}

// Timestamp returns a token, in DER, over a digest made with hash. Errors: [ErrUnreachable], [ErrRefused], [ErrAnswer],
// [ErrMismatch], [ErrConfig], and the context's.
func (c *Client) Timestamp(ctx context.Context, hash crypto.Hash, digest []byte) ([]byte, error) {
	if cms.NewHash(hash) == nil || len(digest) != hash.Size() {
		return nil, ErrConfig
	}
	nonce, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 128))
	if err != nil {
		return nil, err
	}
	request := cms.TimestampRequest{Hash: hash, Imprint: digest, Policy: c.cfg.Policy, Nonce: nonce, Certificates: true}
	answer, err := c.ask(ctx, request.Encode())
	if err != nil {
		return nil, err
	}
	status, token, err := cms.ParseTimestampResponse(answer)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrAnswer, err)
	case status > 1:
		return nil, fmt.Errorf("%w: status %d", ErrRefused, status)
	case token == nil:
		return nil, fmt.Errorf("%w: want a token", ErrAnswer)
	}
	return token, check(token, request)
}

// check holds a token against the request.
func check(der []byte, r cms.TimestampRequest) error {
	token, rest, err := cms.ParseToken(der)
	if err != nil || len(rest) != 0 {
		return fmt.Errorf("%w: want a time-stamp token", ErrAnswer)
	}
	info := token.Info
	switch {
	case info.Hash != r.Hash || !bytes.Equal(info.Imprint, r.Imprint):
		return fmt.Errorf("%w: want the digest of the request", ErrMismatch)
	case info.Nonce == nil || info.Nonce.Cmp(r.Nonce) != 0:
		return fmt.Errorf("%w: want the nonce of the request", ErrMismatch)
	case r.Policy != nil && !slices.Equal(info.Policy, r.Policy):
		return fmt.Errorf("%w: want the policy of the request", ErrMismatch)
	}
	cert, err := token.Certificate()
	if err != nil {
		return fmt.Errorf("%w: want the authority's certificate", ErrMismatch)
	}
	if !cms.IsTimestampAuthority(cert) {
		return fmt.Errorf("%w: want a certificate issued for time stamps", ErrMismatch)
	}
	if err := token.Check(cert); err != nil {
		return fmt.Errorf("%w: %w", ErrMismatch, err)
	}
	return nil
}

// ask posts the request until there is an answer.
func (c *Client) ask(ctx context.Context, body []byte) ([]byte, error) {
	pause := c.cfg.Pause
	for attempt := 1; ; attempt++ {
		answer, again, err := c.post(ctx, body)
		if err == nil || !again || ctx.Err() != nil || attempt >= c.cfg.Attempts {
			return answer, errors.Join(err, ctx.Err())
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil, ctx.Err()
		case <-timer.C:
		}
		pause *= 2
	}
}

// post asks once. again says whether another attempt may help.
func (c *Client) post(ctx context.Context, body []byte) (answer []byte, again bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, bytes.NewReader(body))
	if err != nil {
		return nil, false, ErrConfig
	}
	request.Header.Set("Content-Type", "application/timestamp-query")
	request.Header.Set("Accept", "application/timestamp-reply")
	response, err := c.cfg.HTTP.Do(request)
	if err != nil {
		return nil, true, fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		again := response.StatusCode >= 500 || response.StatusCode == http.StatusTooManyRequests
		return nil, again, fmt.Errorf("%w: status %d", ErrUnreachable, response.StatusCode)
	}
	answer, err = httpx.ReadBody(response.Body, c.cfg.MaxAnswer)
	if errors.Is(err, httpx.ErrTooLarge) {
		return nil, false, fmt.Errorf("%w: %w", ErrAnswer, err)
	}
	if err != nil {
		return nil, true, fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	return answer, false, nil
}
