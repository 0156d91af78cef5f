package auth

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// Bearer is a fixed token (RFC 6750): Authorization: Bearer TOKEN. It is safe for concurrent use.
type Bearer struct{ token func() string }

// NewBearer takes the token. Errors: ErrConfig.
func NewBearer(token string) (*Bearer, error) {
	if !isToken(token) {
		return nil, fmt.Errorf("%w: token: want 1 to 8192 visible ASCII characters", ErrConfig)
	}
	return &Bearer{func() string { return token }}, nil
}

// Authenticate sets the header Authorization.
func (b *Bearer) Authenticate(_ context.Context, req *http.Request) error {
	req.Header.Set("Authorization", "Bearer "+b.token())
	return nil
}

// Format prints no credentials.
func (b *Bearer) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "auth.Bearer") }

func isToken(s string) bool {
	return s != "" && len(s) <= 8192 && strings.IndexFunc(s, func(r rune) bool { return r <= ' ' || r > '~' }) < 0
}
