package audit

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"math/big"
	"mime"
	"net/http"
	"net/url"

	"github.com/motcua/motcua/internal/httpx"
	"github.com/motcua/motcua/internal/tsp"
)

// Stamper has a digest time-stamped and returns a token of RFC 3161 in DER. [Authority] is one.
type Stamper interface {
	Stamp(ctx context.Context, digest [sha256.Size]byte) ([]byte, error)
}

// Authority is a time-stamp authority (tổ chức cung cấp dịch vụ cấp dấu thời gian) reached over HTTP, RFC 3161, 3.4.
type Authority struct {
	url    string
	roots  *x509.CertPool
	client *http.Client
}

var _ Stamper = (*Authority)(nil)

// AuthorityConfig holds what is optional.
type AuthorityConfig struct {
	// Client makes the requests; nil means one of its own, with a time limit of 30 s, that follows no redirect.
	Client *http.Client
}

// NewAuthority returns a client for the authority at an http or https address, believed under the given roots and no
// others. Tokens are signed, so that plain http is safe: whoever changes one is found out.
func NewAuthority(address string, roots []*x509.Certificate, cfg AuthorityConfig) (*Authority, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, finding(ErrTimestamp, "timestamp", errors.New("want an address of an authority"))
	}
	if len(roots) == 0 {
		return nil, finding(ErrTimestamp, "timestamp", errors.New("want roots to believe the authority by"))
	}
	if cfg.Client == nil {
		cfg.Client = httpx.NewClient(0)
	}
	a := &Authority{url: address, roots: x509.NewCertPool(), client: cfg.Client}
	for _, root := range roots {
		a.roots.AddCert(root)
	}
	return a, nil
}

// Stamp implements [Stamper]. The token has been verified: it answers this very request, and the authority is believed.
func (a *Authority) Stamp(ctx context.Context, digest [sha256.Size]byte) ([]byte, error) {
	nonce, err := newNonce()
	if err != nil {
		return nil, err
	}
	request, err := tsp.Request(digest[:], nonce)
	if err != nil {
		return nil, finding(ErrTimestamp, "timestamp", err)
	}
	response, err := a.post(ctx, request)
	if err != nil {
		return nil, fmt.Errorf("audit: time stamp: %w", err)
	}
	token, err := tsp.Granted(response)
	if err != nil {
		return nil, finding(ErrTimestamp, "timestamp", err)
	}
	if _, err := tsp.Verify(token, tsp.Expect{Digest: digest[:], Nonce: nonce, Roots: a.roots}); err != nil {
		return nil, finding(ErrTimestamp, "timestamp", err)
	}
	return token, nil
}

func (a *Authority) post(ctx context.Context, body []byte) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, a.url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/timestamp-query")
	res, err := a.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	kind, _, err := mime.ParseMediaType(res.Header.Get("Content-Type"))
	if res.StatusCode != http.StatusOK || err != nil || kind != "application/timestamp-reply" {
		return nil, finding(ErrTimestamp, "timestamp", fmt.Errorf("want a reply, got status %d", res.StatusCode))
	}
	return httpx.ReadBody(res.Body, tsp.MaxResponse)
}

// newNonce returns a positive number of 127 bits or less; zero does not happen.
func newNonce() (*big.Int, error) {
	var raw [16]byte
	if _, err := rand.Read(raw[:]); err != nil {
		return nil, err
	}
	raw[0] = raw[0]&0x7f | 0x40
	return new(big.Int).SetBytes(raw[:]), nil
}

// Stamp has the newest checkpoint time-stamped and keeps the token; bundles under that checkpoint carry it. One
// that has a time stamp stands. Stamping is apart from signing, so that an authority that is down stops nothing.
func (l *Log) Stamp(ctx context.Context, stamper Stamper) (Checkpoint, error) {
	if l.cfg.Signer == nil {
		return Checkpoint{}, ErrReadOnly
	}
	l.stamping.Lock()
	defer l.stamping.Unlock()
	newest := l.Last()
	if newest.IsZero() {
		return Checkpoint{}, finding(ErrUncovered, "uncovered", nil)
	}
	if l.stamps.last.same(newest) {
		return newest, nil
	}
	signed, err := l.verifier.logNote(newest)
	if err != nil {
		return Checkpoint{}, err
	}
	token, err := stamper.Stamp(ctx, sha256.Sum256(signed))
	if err != nil {
		return Checkpoint{}, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return newest, l.stamps.add(entry{newest, token})
}

// Stamped returns the newest checkpoint that has a time stamp, for [Selection].Under; zero when there is none.
func (l *Log) Stamped() Checkpoint {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.stamps.last.Checkpoint
}
