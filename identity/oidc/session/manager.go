package session

import (
	"context"
	"crypto/sha256"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/alexedwards/scs/v2"

	"github.com/motcua/motcua/identity"
	"github.com/motcua/motcua/identity/oidc"
)

// Config holds what is optional. The zero value is safe.
type Config struct {
	// Store keeps sessions. Nil: memory of this process, 100,000 of them.
	Store scs.Store
	// Revocations keeps what has been ended from outside. Nil: [NewMemory].
	Revocations Revocations
	// Lifetime ends a session in any case (0: 8 hours), Idle without a request (0: 30 minutes), Rotate gives it a new token
	// with the next page a browser opens (0: 15 minutes).
	Lifetime, Idle, Rotate time.Duration
	// Renew, if set, is asked every RenewEvery (0: 15 minutes) whether the session still holds: oidc's Renew, with a
	// profile that asks for refresh tokens. A session the provider has ended, or whose person or level has changed, ends; one
	// the provider cannot be asked about goes on until its time is over.
	Renew      func(ctx context.Context, r oidc.Renewal) (oidc.Login, error)
	RenewEvery time.Duration
	// Now tells the time. Nil: time.Now.
	Now func() time.Time
	// InsecureHTTP lets the cookie travel over plain http: for loopback only.
	InsecureHTTP bool
	// CookieName is the base name of the cookie. Empty: "motcua".
	CookieName string
	// Fail answers the browser when sessions cannot be read or kept. Nil: status 503.
	Fail func(w http.ResponseWriter, r *http.Request, err error)
}

func (cfg Config) withDefaults() Config {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Lifetime <= 0 {
		cfg.Lifetime = 8 * time.Hour
	}
	if cfg.Idle <= 0 {
		cfg.Idle = 30 * time.Minute
	}
	if cfg.Rotate <= 0 {
		cfg.Rotate = 15 * time.Minute
	}
	if cfg.Revocations == nil {
		cfg.Revocations = NewMemory(0)
	}
	if cfg.CookieName == "" {
		cfg.CookieName = "motcua"
	}
	if cfg.Fail == nil {
		cfg.Fail = func(w http.ResponseWriter, _ *http.Request, _ error) {
			http.Error(w, http.StatusText(http.StatusServiceUnavailable), http.StatusServiceUnavailable)
		}
	}
	if cfg.Store == nil {
		cfg.Store = newStore(cfg.Lifetime)
	}
	if cfg.RenewEvery <= 0 {
		cfg.RenewEvery = 15 * time.Minute
	}
	return cfg
}

// Manager keeps sessions. It is safe for concurrent use.
type Manager struct {
	scs      *scs.SessionManager
	cfg      Config
	renewals *renewals // nil: sessions are not renewed
}

// New returns a manager.
func New(cfg Config) *Manager {
	// scs.New begins a store of its own with one sleeping goroutine, which cannot be stopped without a race; only New
	// gives a manager its place in contexts. Ours takes the store's place.
	m := &Manager{scs: scs.New()}
	cfg = cfg.withDefaults()
	if cfg.Renew != nil {
		m.renewals = &renewals{ask: cfg.Renew, now: cfg.Now, calls: map[[sha256.Size]byte]*call{}}
	}
	m.cfg = cfg
	m.scs.Store, m.scs.HashTokenInStore, m.scs.ErrorFunc = cfg.Store, true, cfg.Fail
	m.scs.Lifetime = cfg.Lifetime
	m.scs.Cookie.Name, m.scs.Cookie.Path, m.scs.Cookie.HttpOnly = cfg.CookieName, "/", true
	m.scs.Cookie.Secure, m.scs.Cookie.SameSite = !cfg.InsecureHTTP, http.SameSiteLaxMode
	m.scs.Cookie.Persist = false // gone when the browser is closed: counters share computers
	if !cfg.InsecureHTTP {
		m.scs.Cookie.Name = "__Host-" + cfg.CookieName // RFC 6265bis 4.1.3.2
	}
	return m
}

const key = "session"

type contextKey struct{}

// Wrap loads the session of each request, ends it when its time is over or the provider has ended it, gives it a new
// token when that is due, and saves it.
func (m *Manager) Wrap(next http.Handler) http.Handler {
	return m.scs.LoadAndSave(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		found, err := m.load(r.Context(), isPage(r))
		if err != nil {
			m.cfg.Fail(w, r, err)
			return
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), contextKey{}, found)))
	}))
}

// load returns the session in force, or nil.
func (m *Manager) load(ctx context.Context, page bool) (*Session, error) {
	raw := m.scs.GetBytes(ctx, key)
	if raw == nil {
		return nil, nil
	}
	now := m.cfg.Now()
	s, rest, err := decode(raw)
	if err != nil || now.Sub(rest.Began) >= m.cfg.Lifetime || now.Sub(rest.Seen) >= m.cfg.Idle || now.Before(rest.Began) {
		return nil, m.scs.Destroy(ctx)
	}
	over, err := m.revoked(ctx, s, rest.Began)
	if err != nil {
		return nil, err
	}
	if over {
		return nil, m.scs.Destroy(ctx)
	}
	renewed, err := m.renew(ctx, &s, now)
	if err != nil {
		return nil, m.scs.Destroy(ctx)
	}
	if page && now.Sub(rest.Rotated) >= m.cfg.Rotate {
		if err := m.scs.RenewToken(ctx); err != nil {
			return nil, err
		}
		rest.Rotated = now
	} else if !renewed && now.Sub(rest.Seen) < m.cfg.Idle/10 {
		return &s, nil // no need to write that somebody was here a moment ago
	}
	rest.Seen = now
	return &s, m.put(ctx, s, rest)
}

// isPage says whether a browser asks for a page as a whole, not for a part of one. Only then does the token change: the
// parts come afterwards and bring the new one, while a token that changed under one part would lock out the others.
func isPage(r *http.Request) bool {
	return r.Method == http.MethodGet && r.Header.Get("Sec-Fetch-Dest") == "document"
}

// renew asks the provider when that is due. An error means that the session is over.
func (m *Manager) renew(ctx context.Context, s *Session, now time.Time) (bool, error) {
	if m.renewals == nil || s.Renewal.IsZero() || now.Sub(s.At) < m.cfg.RenewEvery {
		return false, nil
	}
	login, err := m.renewals.renew(ctx, s.Renewal)
	switch {
	case err == nil && login.Account != s.Account:
		return false, ErrNone
	case err == nil:
		hint := s.Hint
		if *s = newSession(login); s.Hint == "" {
			s.Hint = hint
		}
		return true, nil
	case keepsSession(err):
		return false, nil
	}
	return false, err
}

func (m *Manager) put(ctx context.Context, s Session, rest clock) error {
	raw, err := encode(s, rest)
	if err != nil {
		return err
	}
	m.scs.Put(ctx, key, raw)
	return nil
}

// SignIn begins a session, or raises the one there is after a step-up, under a new token, and redirects to where the login
// began. It is an oidc.SignIn.
func (m *Manager) SignIn(w http.ResponseWriter, r *http.Request, login oidc.Login) {
	ctx := r.Context()
	err := m.scs.Clear(ctx) // nothing of whoever was here before
	if err == nil {
		err = m.scs.RenewToken(ctx)
	}
	if err == nil {
		now := m.cfg.Now()
		err = m.put(ctx, newSession(login), clock{now, now, now})
	}
	if err != nil {
		m.cfg.Fail(w, r, err)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, login.ReturnTo, http.StatusSeeOther)
}

// Update puts a renewed login in place of the session's; lifetime and token stay. Errors: those of the store, and
// [ErrNone].
func (m *Manager) Update(r *http.Request, login oidc.Login) error {
	old, rest, err := decode(m.scs.GetBytes(r.Context(), key))
	if err != nil || old.Account != login.Account {
		return ErrNone
	}
	s := newSession(login)
	if login.Hint.Reveal() == "" {
		s.Hint = old.Hint
	}
	return m.put(r.Context(), s, rest)
}

// ErrNone means there is no session, or that of somebody else.
var ErrNone = errors.New("session: none")

// Current returns the session of a request behind [Manager.Wrap]; ok is false when nobody is signed in.
func (m *Manager) Current(r *http.Request) (s Session, ok bool) {
	if found, _ := r.Context().Value(contextKey{}).(*Session); found != nil {
		return *found, true
	}
	return Session{}, false
}

// Account returns who is signed in, for oidc's StepUp; zero for nobody.
func (m *Manager) Account(r *http.Request) identity.Pseudonym {
	s, _ := m.Current(r)
	return s.Account
}

// Require lets pass who is signed in at this level. Others who ask for a page are sent to the sign-in (login, a local
// address) or, signed in too low, to the step-up, and come back afterwards; their requests that change something are
// refused with 401 or 403, for what was typed would be lost on the way.
func (m *Manager) Require(min identity.Level, login, stepUp string) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			s, ok := m.Current(r)
			to, status := login, http.StatusUnauthorized
			switch {
			case ok && s.Subject.Assurance.Meets(min):
				w.Header().Set("Cache-Control", "no-store")
				next.ServeHTTP(w, r)
				return
			case ok:
				to, status = stepUp, http.StatusForbidden
			}
			if r.Method != http.MethodGet && r.Method != http.MethodHead {
				http.Error(w, http.StatusText(status), status)
				return
			}
			http.Redirect(w, r, to+"?return_to="+url.QueryEscape(r.URL.RequestURI()), http.StatusSeeOther)
		})
	}
}

// EndSession ends the session and returns the id_token, if it was kept. It is an oidc.Config.EndSession.
func (m *Manager) EndSession(_ http.ResponseWriter, r *http.Request) string {
	s, _ := m.Current(r)
	if err := m.scs.Destroy(r.Context()); err != nil {
		return ""
	}
	return s.Hint
}
