// Package httpx is the little that every HTTP client of the house needs: bodies are read with a limit, connections have
// timeouts and a cap, redirects are not followed.
package httpx

import (
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"time"
)

// ErrTooLarge means a body has more bytes than its reader allows.
var ErrTooLarge = errors.New("httpx: body too large")

// ReadBody reads r to its end and returns [ErrTooLarge] if that takes more than limit bytes. A body that is exactly
// limit bytes long is fine. It never holds more than limit+1 bytes.
func ReadBody(r io.Reader, limit int64) ([]byte, error) {
	if limit < 0 || limit == math.MaxInt64 {
		return nil, fmt.Errorf("%w: limit out of range", ErrTooLarge)
	}
	body, err := io.ReadAll(&io.LimitedReader{R: r, N: limit + 1})
	if err != nil {
		return nil, fmt.Errorf("httpx: read body: %w", err)
	}
	if int64(len(body)) > limit {
		return nil, fmt.Errorf("%w: more than %d bytes", ErrTooLarge, limit)
	}
	return body, nil
}

// NewClient returns a client of its own: every request ends within timeout (0: 30 s), a host gets at most 64
// connections, response headers are bounded, and a redirect is returned as the answer instead of being followed, for
// it would carry credentials to wherever the answer points. Proxies come from a caller's own client, not from the
// environment.
func NewClient(timeout time.Duration) *http.Client {
	if timeout <= 0 {
		timeout = 30 * time.Second
	}
	dialer := &net.Dialer{Timeout: min(timeout, 10*time.Second), KeepAlive: 30 * time.Second}
	return &http.Client{
		Timeout: timeout,
		Transport: &http.Transport{
			DialContext:            dialer.DialContext,
			TLSHandshakeTimeout:    min(timeout, 10*time.Second),
			ResponseHeaderTimeout:  timeout,
			IdleConnTimeout:        90 * time.Second,
			MaxIdleConns:           128,
			MaxIdleConnsPerHost:    32,
			MaxConnsPerHost:        64,
			MaxResponseHeaderBytes: 64 << 10,
			ForceAttemptHTTP2:      true,
		},
		CheckRedirect: NoRedirect,
	}
}

// NoRedirect is a CheckRedirect that hands the redirect itself to the caller.
func NoRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
