package session

import (
	"context"
	"crypto/sha256"
	"errors"
	"sync"
	"time"

	"github.com/motcua/motcua/identity/oidc"
)

// renewals makes of many requests of one session one question to the provider: a refresh token works once, and a page
// loads with several requests at once. What was answered is remembered for a while, for those that still hold the token of
// before. Processes that share a store of sessions should send one browser to one process, or ask seldom.
type renewals struct {
	ask func(ctx context.Context, r oidc.Renewal) (oidc.Login, error)
	now func() time.Time

	mu    sync.Mutex
	calls map[[sha256.Size]byte]*call
}

// call is one question. login and err may be read once done is closed.
type call struct {
	done  chan struct{}
	at    time.Time
	login oidc.Login
	err   error
}

const (
	rememberFor = time.Minute // also the pause after a provider that was out of reach
	maxCalls    = 10_000
)

func (n *renewals) renew(ctx context.Context, r oidc.Renewal) (oidc.Login, error) {
	key := sha256.Sum256([]byte(r.Reveal()))
	n.mu.Lock()
	c, ok := n.calls[key]
	if ok && n.now().Sub(c.at) < rememberFor {
		n.mu.Unlock()
		select {
		case <-c.done:
			return c.login, c.err
		case <-ctx.Done():
			return oidc.Login{}, ctx.Err()
		}
	}
	c = &call{done: make(chan struct{}), at: n.now()}
	n.forget()
	n.calls[key] = c
	n.mu.Unlock()
	// The answer serves all who wait, so it does not end with the request that happened to be first; the relying party's
	// HTTP client bounds it.
	c.login, c.err = n.ask(context.WithoutCancel(ctx), r)
	close(c.done)
	return c.login, c.err
}

// forget drops what is old. The caller holds the lock.
func (n *renewals) forget() {
	for key, c := range n.calls {
		if n.now().Sub(c.at) >= rememberFor || len(n.calls) >= maxCalls {
			delete(n.calls, key)
		}
	}
}

// keepsSession reports whether an error of a renewal says nothing about the session: the provider was out of reach.
func keepsSession(err error) bool {
	return errors.Is(err, oidc.ErrProvider) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}
