package auth

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// ErrConfig means a way of logging in was set up with something missing or impossible.
var ErrConfig = errors.New("auth: configuration")

// Unit is what a timestamp counts. Public clients of the same register contradict each other, so there is no default.
type Unit int

// The units.
const (
	Seconds      Unit = iota + 1 // as the PHP client counts
	Milliseconds                 // as the Java and C# clients count
)

// Config has the settings that may stay out.
type Config struct {
	// ServiceURL is the address that goes into the hash, where it differs from the one the request is sent to, as it
	// does behind a gateway. Default: the request's address.
	ServiceURL string
	// Now is the clock. Default time.Now.
	Now func() time.Time
}

// Timestamped is the population register's direct dialect: header Timestamp, and
//
//	Authorization: Basic base64(user ":" hex(SHA-256(serviceURL + user + timestamp + secret)))
//
// The hash covers no body, so it proves who asks, not what: it needs TLS. It is safe for concurrent use.
type Timestamped struct {
	user string
	// A function, because fmt prints what lies in unexported fields without asking, but not what a function returns.
	secret func() string
	unit   Unit
	cfg    Config
}

// NewTimestamped takes the account, its secret and the unit the register counts in. Errors: ErrConfig.
func NewTimestamped(user, secret string, unit Unit, cfg Config) (*Timestamped, error) {
	switch {
	case user == "" || strings.Contains(user, ":"):
		return nil, fmt.Errorf("%w: user: want a name without colon", ErrConfig)
	case secret == "":
		return nil, fmt.Errorf("%w: secret: want one", ErrConfig)
	case unit != Seconds && unit != Milliseconds:
		return nil, fmt.Errorf("%w: unit: want seconds or milliseconds", ErrConfig)
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return &Timestamped{user, func() string { return secret }, unit, cfg}, nil
}

// Authenticate sets the headers Timestamp and Authorization.
func (t *Timestamped) Authenticate(_ context.Context, req *http.Request) error {
	if req.URL == nil || req.URL.Host == "" {
		return fmt.Errorf("%w: request without host", ErrConfig)
	}
	address := t.cfg.ServiceURL
	if address == "" {
		address = req.URL.String()
	}
	stamp := strconv.FormatInt(t.cfg.Now().Unix(), 10)
	if t.unit == Milliseconds {
		stamp = strconv.FormatInt(t.cfg.Now().UnixMilli(), 10)
	}
	sum := sha256.Sum256([]byte(address + t.user + stamp + t.secret()))
	req.Header.Set("Timestamp", stamp)
	req.Header.Set("Authorization", "Basic "+
		base64.StdEncoding.EncodeToString([]byte(t.user+":"+hex.EncodeToString(sum[:]))))
	return nil
}

// Format prints no credentials.
func (t *Timestamped) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "auth.Timestamped") }
