package sdjwt

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"github.com/motcua/motcua/internal/httpx"
	"github.com/motcua/motcua/internal/jose"
)

// StatusRef says where the status of a credential stands: a place in a list (Token Status List section 6).
type StatusRef struct {
	URI   string
	Index uint64
}

const (
	maxStatusToken = 6 << 20
	maxStatusLists = 256
	statusPause    = 30 * time.Second // between two attempts for one list
)

// StatusConfig holds what is optional. The zero value is safe.
type StatusConfig struct {
	// HTTPClient fetches lists; redirects are never followed. Nil: a client of our own, 10 seconds a request.
	HTTPClient *http.Client
	// Fetch fetches a list in place of HTTPClient: from a mirror, a file, a queue.
	Fetch func(ctx context.Context, uri string) ([]byte, error)
	// MaxAge is how long after it was made a list answers, whatever its own exp says; at most 31 days. 0: a day.
	MaxAge time.Duration
	// Keep is how long a list that names no ttl is used without asking again, at most a day. 0: 5 minutes.
	Keep time.Duration
}

// StatusLists fetches status lists, verifies them by the keys of the credential's issuer, and keeps them for a while. It
// is safe for concurrent use; one list is fetched by one caller at a time.
type StatusLists struct {
	cfg  StatusConfig
	mu   sync.Mutex
	kept map[string]*statusEntry
}

type statusEntry struct {
	mu     sync.Mutex
	list   *statusList
	asked  time.Time // when the last attempt was made
	reason string    // of its failure
}

// NewStatusLists checks the configuration. Errors: *Error.
func NewStatusLists(cfg StatusConfig) (*StatusLists, error) {
	if cfg.MaxAge == 0 {
		cfg.MaxAge = 24 * time.Hour
	}
	if cfg.Keep == 0 {
		cfg.Keep = 5 * time.Minute
	}
	if cfg.MaxAge < 0 || cfg.MaxAge > 31*24*time.Hour || cfg.Keep < 0 || cfg.Keep > 24*time.Hour {
		return nil, refuse("config", "status-age")
	}
	if cfg.Fetch == nil {
		client := httpx.NewClient(10 * time.Second)
		if cfg.HTTPClient != nil {
			own := *cfg.HTTPClient
			own.CheckRedirect, own.Jar = httpx.NoRedirect, nil
			client = &own
		}
		cfg.Fetch = func(ctx context.Context, uri string) ([]byte, error) { return fetchStatus(ctx, client, uri) }
	}
	return &StatusLists{cfg: cfg, kept: map[string]*statusEntry{}}, nil
}

func fetchStatus(ctx context.Context, client *http.Client, uri string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, uri, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/"+statusTypeHeader)
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return nil, errors.New("sdjwt: status list: HTTP status " + strconv.Itoa(resp.StatusCode))
	}
	return httpx.ReadBody(resp.Body, maxStatusToken)
}

// isStatusURI accepts https, and plain http on this machine only.
func isStatusURI(uri string) bool {
	u, err := url.Parse(uri)
	if err != nil || len(uri) > 1024 || u.Host == "" || u.User != nil || u.Fragment != "" {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Scheme == "https" || u.Scheme == "http" && (u.Hostname() == "localhost" || ip != nil && ip.IsLoopback())
}

// status asks for the credential's status, when everything else holds.
func (j *judgement) status() string {
	member, stated := j.payload["status"]
	if !stated {
		if j.v.cfg.RequireStatus {
			return "status-missing"
		}
		return skip + "no-status"
	}
	ref, ok := readStatusRef(member)
	if !ok {
		return "status-form"
	}
	if j.v.cfg.Status == nil {
		j.report.Verdict = Unsettled
		return "status-unchecked"
	}
	list, reason := j.v.cfg.Status.list(j.ctx, j.issuer, ref.URI, j.report.CheckedAt)
	if reason != "" {
		j.report.Verdict = Unsettled
		return reason
	}
	j.report.StatusAsOf = list.issued
	value, ok := list.at(ref.Index)
	switch {
	case !ok:
		return "status-index"
	case value == 0:
		return ""
	case value == 1:
		j.report.Verdict = Revoked
		return "revoked"
	case value == 2:
		j.report.Verdict = Suspended
		return "suspended"
	}
	j.report.Verdict = Unsettled
	return "status-value"
}

// readStatusRef reads a status claim that is a place in a status list, the only mechanism known here.
func readStatusRef(member any) (StatusRef, bool) {
	object, _ := member.(map[string]any)
	list, ok := object["status_list"].(map[string]any)
	if !ok {
		return StatusRef{}, false
	}
	uri, _ := list["uri"].(string)
	number, isNumber := list["idx"].(interface{ String() string })
	if !isNumber || !isStatusURI(uri) {
		return StatusRef{}, false
	}
	index, err := strconv.ParseUint(number.String(), 10, 63)
	return StatusRef{uri, index}, err == nil
}

// list returns a verified list that is fresh at a time, or the reason why there is none.
func (s *StatusLists) list(ctx context.Context, issuer *TrustedIssuer, uri string, at time.Time) (*statusList, string) {
	e := s.entry(issuer.Name + "\n" + uri)
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.list != nil && e.list.usable(at) && !e.list.stale(at, s.cfg.MaxAge) {
		return e.list, ""
	}
	if !e.asked.IsZero() && at.Sub(e.asked).Abs() < statusPause && e.reason != "" {
		return e.lasting(at, s.cfg.MaxAge)
	}
	e.asked = at
	raw, err := s.cfg.Fetch(ctx, uri)
	if err != nil {
		e.reason = "status-unreachable"
		return e.lasting(at, s.cfg.MaxAge)
	}
	list, reason := readStatusList(ctx, raw, issuer, uri, at)
	if reason == "" && list.stale(at, s.cfg.MaxAge) {
		reason = "status-old"
	}
	if e.reason = reason; reason != "" {
		return nil, reason
	}
	list.askAgain = at.Add(s.cfg.Keep)
	if list.ttl > 0 {
		list.askAgain = at.Add(list.ttl)
	}
	e.list = list
	return list, ""
}

// lasting returns the list at hand as long as it may answer, when no newer one can be had.
func (e *statusEntry) lasting(at time.Time, maxAge time.Duration) (*statusList, string) {
	if e.list != nil && !e.list.stale(at, maxAge) {
		return e.list, ""
	}
	return nil, e.reason
}

// entry finds the room for a list; when there is too much, whatever is there makes room.
func (s *StatusLists) entry(key string) *statusEntry {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.kept[key]
	if e == nil {
		if len(s.kept) >= maxStatusLists {
			clear(s.kept)
		}
		e = &statusEntry{}
		s.kept[key] = e
	}
	return e
}

const statusTypeHeader = "statuslist+jwt"

func statusGate(algs []string) jose.Gate {
	return jose.Gate{
		Algs: algs, Types: []string{statusTypeHeader}, NeedType: true, Members: []string{"x5c"}, Max: maxStatusToken,
	}
}
