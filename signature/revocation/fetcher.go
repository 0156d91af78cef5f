package revocation

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/motcua/motcua/internal/httpx"
	"github.com/motcua/motcua/internal/pki"
	"github.com/motcua/motcua/signature"
)

// ErrNoAnswer means that none of the addresses in a certificate gave a usable answer.
var ErrNoAnswer = errors.New("revocation: no authority answers")

const (
	maxAddresses = 4        // tried of each kind
	maxResponse  = 64 << 10 // bytes of an OCSP response
	maxKept      = 64       // CRLs kept
)

// Config shapes a fetcher. The zero value is usable.
type Config struct {
	// HTTP is the client to use; default one of its own that follows no redirect and uses no proxy.
	HTTP *http.Client
	// Timeout is for one request; default 20 s.
	Timeout time.Duration
	// Allow says which addresses may be asked; default every http and https address.
	Allow func(*url.URL) bool
	// MaxCRL bounds a CRL in bytes; default 16 MiB. MaxKept bounds the memory for kept ones; default 64 MiB.
	MaxCRL, MaxKept int64
	// NoOCSP asks for CRLs only.
	NoOCSP bool
	// Now is the clock; default time.Now. It decides when a kept CRL is too old.
	Now func() time.Time
}

// Fetcher fetches evidence. It is safe for concurrent use.
type Fetcher struct {
	cfg Config

	mu   sync.Mutex
	kept map[string]kept
	size int64
}

type kept struct {
	der   []byte
	until time.Time
}

var _ signature.Source = (*Fetcher)(nil)

// New makes a fetcher.
func New(cfg Config) *Fetcher {
	if cfg.Timeout <= 0 {
		cfg.Timeout = 20 * time.Second
	}
	if cfg.HTTP == nil {
		cfg.HTTP = httpx.NewClient(cfg.Timeout)
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.MaxCRL <= 0 {
		cfg.MaxCRL = 16 << 20
	}
	cfg.MaxCRL = min(cfg.MaxCRL, pki.MaxCRL)
	if cfg.MaxKept <= 0 {
		cfg.MaxKept = 64 << 20
	}
	return &Fetcher{cfg: cfg, kept: map[string]kept{}}
}

// Revocation asks what the issuer of cert says about it. Errors: [ErrNoAnswer] and the context's.
func (f *Fetcher) Revocation(ctx context.Context, cert, issuer *x509.Certificate) (signature.Evidence, error) {
	var all []error
	if !f.cfg.NoOCSP {
		for _, address := range first(cert.OCSPServer) {
			der, err := f.ocsp(ctx, address, cert, issuer)
			if err == nil {
				return signature.Evidence{OCSPs: [][]byte{der}}, nil
			}
			all = append(all, err)
		}
	}
	for _, address := range first(cert.CRLDistributionPoints) {
		der, err := f.list(ctx, address)
		if err == nil {
			return signature.Evidence{CRLs: [][]byte{der}}, nil
		}
		all = append(all, err)
	}
	return signature.Evidence{}, fmt.Errorf("%w: %w", ErrNoAnswer, errors.Join(append(all, ctx.Err())...))
}

func first(list []string) []string { return list[:min(len(list), maxAddresses)] }

// ocsp asks a responder, with a nonce. A responder may leave it out, but not answer with another one.
func (f *Fetcher) ocsp(ctx context.Context, address string, cert, issuer *x509.Certificate) ([]byte, error) {
	nonce := make([]byte, 16)
	if _, err := rand.Read(nonce); err != nil {
		return nil, err
	}
	body := pki.EncodeOCSPRequest(pki.NewCertID(crypto.SHA1, cert, issuer), nonce)
	der, err := f.do(ctx, http.MethodPost, address, "application/ocsp-request", body, maxResponse)
	if err != nil {
		return nil, err
	}
	r, err := pki.ParseOCSP(der)
	if err != nil {
		return nil, err
	}
	if r.Nonce != nil && !bytes.Equal(r.Nonce, pki.Nonce(nonce)) {
		return nil, errors.New("revocation: answer to another question")
	}
	single, ok := r.Find(cert, issuer)
	if !ok || single.Status == pki.Unknown {
		return nil, errors.New("revocation: responder does not know the certificate")
	}
	if !single.NextUpdate.IsZero() && single.NextUpdate.Before(f.cfg.Now()) {
		return nil, errors.New("revocation: answer is too old")
	}
	return der, nil
}

// list fetches a CRL, or takes one that was kept and is still current.
func (f *Fetcher) list(ctx context.Context, address string) ([]byte, error) {
	now := f.cfg.Now()
	f.mu.Lock()
	have, ok := f.kept[address]
	f.mu.Unlock()
	if ok && now.Before(have.until) {
		return have.der, nil
	}
	der, err := f.do(ctx, http.MethodGet, address, "", nil, f.cfg.MaxCRL)
	if err != nil {
		return nil, err
	}
	l, err := pki.ParseCRL(der)
	if err != nil {
		return nil, err
	}
	if l.NextUpdate.Before(now) {
		return nil, errors.New("revocation: CRL is too old")
	}
	f.keep(address, kept{der, l.NextUpdate})
	return der, nil
}

// keep remembers a CRL, and forgets others when there are too many.
func (f *Fetcher) keep(address string, k kept) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if old, ok := f.kept[address]; ok {
		f.size -= int64(len(old.der))
		delete(f.kept, address)
	}
	for other, old := range f.kept {
		if len(f.kept) < maxKept && f.size+int64(len(k.der)) <= f.cfg.MaxKept {
			break
		}
		f.size -= int64(len(old.der))
		delete(f.kept, other)
	}
	if f.size+int64(len(k.der)) <= f.cfg.MaxKept {
		f.kept[address] = k
		f.size += int64(len(k.der))
	}
}

func (f *Fetcher) do(
	ctx context.Context, method, address, kind string, body []byte, limit int64,
) ([]byte, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || f.cfg.Allow != nil && !f.cfg.Allow(u) {
		return nil, errors.New("revocation: address not allowed")
	}
	ctx, cancel := context.WithTimeout(ctx, f.cfg.Timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, u.String(), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if kind != "" {
		request.Header.Set("Content-Type", kind)
	}
	response, err := f.cfg.HTTP.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("revocation: status %d", response.StatusCode)
	}
	return httpx.ReadBody(response.Body, limit)
}
