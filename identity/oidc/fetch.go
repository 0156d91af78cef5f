package oidc

import (
	"context"
	"errors"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/motcua/motcua/internal/httpx"
	"github.com/motcua/motcua/internal/jose"
)

const (
	maxAnswer      = 256 << 10 // bytes of a token, userinfo or metadata answer
	maxKeySet      = 512 << 10 // bytes of a JWKS
	defaultTimeout = 15 * time.Second
)

// clientOf returns a client that follows no redirect, keeps no cookie and always ends, built on the caller's.
func clientOf(given *http.Client) *http.Client {
	if given == nil {
		return httpx.NewClient(defaultTimeout)
	}
	client := *given
	client.CheckRedirect = httpx.NoRedirect
	client.Jar = nil
	if client.Timeout == 0 {
		client.Timeout = defaultTimeout
	}
	return &client
}

// answer is what the provider said: one strict JSON object with its status.
type answer struct {
	status int
	header http.Header
	raw    []byte
	object map[string]any
}

// ask sends a request and reads a bounded JSON object; status and headers are there even with an error. Errors: *Error
// of kind [ErrProvider].
func ask(client *http.Client, req *http.Request, limit int64) (answer, error) {
	req.Header.Set("Accept", "application/json")
	got, err := fetch(client, req, limit)
	switch {
	case err != nil:
		return got, err
	case !isJSON(got.header.Get("Content-Type")):
		if got.status >= 500 {
			return got, refuse(ErrProvider, "status")
		}
		return got, refuse(ErrProvider, "content-type")
	}
	if got.object, err = jose.Object(got.raw); err != nil {
		return got, refuse(ErrProvider, "json")
	}
	return got, nil
}

// askToken is ask for an answer that is a token (RFC 7519 section 10.3.1).
func askToken(client *http.Client, req *http.Request, limit int64) (answer, error) {
	req.Header.Set("Accept", "application/jwt")
	got, err := fetch(client, req, limit)
	media, _, _ := mime.ParseMediaType(got.header.Get("Content-Type"))
	if err == nil && got.status == http.StatusOK && media != "application/jwt" {
		return got, refuse(ErrProvider, "content-type")
	}
	return got, err
}

// fetch sends a request, follows nothing, and reads a bounded body.
func fetch(client *http.Client, req *http.Request, limit int64) (answer, error) {
	resp, err := client.Do(req)
	if err != nil {
		return answer{}, &Error{Kind: ErrProvider, Rule: unreachable(err)}
	}
	defer func() { _ = resp.Body.Close() }()
	got := answer{status: resp.StatusCode, header: resp.Header}
	if resp.StatusCode >= 300 && resp.StatusCode < 400 {
		return got, refuse(ErrProvider, "redirect")
	}
	got.raw, err = httpx.ReadBody(resp.Body, limit)
	switch {
	case errors.Is(err, httpx.ErrTooLarge):
		return got, refuse(ErrProvider, "size")
	case err != nil:
		return got, refuse(ErrProvider, unreachable(err))
	}
	return got, nil
}

func get(ctx context.Context, client *http.Client, address string, limit int64) (answer, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return answer{}, refuse(ErrConfig, "endpoint")
	}
	got, err := ask(client, req, limit)
	if err == nil && got.status != http.StatusOK {
		return answer{}, refuse(ErrProvider, "status")
	}
	return got, err
}

// unreachable names the failure without the error's text, which holds the address and perhaps its query.
func unreachable(err error) string {
	var timeout interface{ Timeout() bool }
	switch {
	case errors.Is(err, context.Canceled):
		return "cancelled"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return "timeout"
	}
	return "unreachable"
}

func isJSON(contentType string) bool {
	media, _, err := mime.ParseMediaType(contentType)
	return err == nil && (media == "application/json" || media == "application/jwk-set+json" ||
		strings.HasPrefix(media, "application/") && strings.HasSuffix(media, "+json"))
}
