package c06

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/motcua/motcua/identity"
	"github.com/motcua/motcua/internal/httpx"
	"github.com/motcua/motcua/onceonly"
)

// Config has the settings that may stay out.
type Config struct {
	// Name is the source's key in answers and in the journal. Default "c06".
	Name string
	// Via is the platform the requests pass through: "ndxp", "ndop" …
	Via string
	// Officer (MaCanBo, at most 20 characters) is the account for lookups of citizens, and of officers without one of
	// their own. Unit (MaDonVi, at most 35) likewise.
	Officer, Unit string
	// HTTPClient sends the requests; its redirects are not followed. Default: a client of its own that ends after 10 s.
	HTTPClient *http.Client
	// MaxBody bounds an answer in bytes. Default 1 MiB.
	MaxBody int64
	// Retries is how often a lookup is sent again after an outage: connection broken, 502, 503, 504. Default 0, at most
	// 3.
	Retries int
	// RetryWait is the longest wait before the first retry, doubled for each further; the wait itself is drawn between
	// 0 and that. Default 200 ms, at most a minute.
	RetryWait time.Duration
	// Now is the clock for Retry-After dates. Default time.Now.
	Now func() time.Time
}

// Source is the population register. It is safe for concurrent use.
type Source struct {
	endpoint string
	dialect  Dialect
	auth     onceonly.Authenticator
	cfg      Config
}

var (
	_ onceonly.Source  = (*Source)(nil)
	_ onceonly.Checker = (*Source)(nil)
)

// New makes a source. Errors: ErrConfig.
func New(endpoint string, dialect Dialect, auth onceonly.Authenticator, cfg Config) (*Source, error) {
	u, err := url.Parse(endpoint)
	if err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && u.Scheme != "http" {
		return nil, fmt.Errorf("%w: endpoint: want an http or https address without credentials", ErrConfig)
	}
	if auth == nil {
		return nil, fmt.Errorf("%w: authenticator: want one", ErrConfig)
	}
	if dialect, err = dialect.check(); err != nil {
		return nil, err
	}
	if cfg.Retries < 0 || cfg.Retries > 3 || cfg.MaxBody < 0 || cfg.RetryWait > time.Minute {
		return nil, fmt.Errorf("%w: retries: want 0 to 3, a minute apart at most; body: want a bound", ErrConfig)
	}
	return &Source{endpoint, dialect, auth, cfg.defaults()}, nil
}

func (cfg Config) defaults() Config {
	if cfg.Name == "" {
		cfg.Name = "c06"
	}
	client := httpx.NewClient(10 * time.Second)
	if cfg.HTTPClient != nil {
		own := *cfg.HTTPClient // a copy, so that the caller's client keeps its own rule on redirects
		own.CheckRedirect = httpx.NoRedirect
		client = &own
	}
	cfg.HTTPClient = client
	if cfg.MaxBody == 0 {
		cfg.MaxBody = 1 << 20
	}
	if cfg.RetryWait <= 0 {
		cfg.RetryWait = 200 * time.Millisecond
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return cfg
}

// Describe says what the source is.
func (s *Source) Describe() onceonly.Description {
	d := onceonly.Description{Name: s.cfg.Name, Via: s.cfg.Via}
	for _, r := range readers {
		d.Fields = append(d.Fields, r.field)
	}
	return d
}

// Fetch asks the register. Any end but a good answer about the person asked for is an *onceonly.SourceError.
func (s *Source) Fetch(ctx context.Context, q onceonly.Query) (onceonly.Evidence, error) {
	if err := s.CheckQuery(q); err != nil {
		return onceonly.Evidence{}, err
	}
	// An authenticator that can drop a token gets one chance to come with a fresh one.
	forgetter, fresh := s.auth.(interface{ Forget() })
	for sent, tries := 0, 0; ; sent++ {
		reply, failed := s.send(ctx, s.envelope(q, sent))
		switch {
		case failed == nil:
			return s.judge(q, reply)
		case fresh && failed.Outcome.Ground == "http.401":
			forgetter.Forget()
			fresh = false
			continue
		case tries == s.cfg.Retries || !failed.again || !s.wait(ctx, tries):
			return onceonly.Evidence{}, &failed.SourceError
		}
		tries++
	}
}

// wait sleeps before a retry, with full jitter, and reports whether there is still time.
func (s *Source) wait(ctx context.Context, try int) bool {
	var chance [8]byte
	_, _ = rand.Read(chance[:]) // never fails
	most := uint64(s.cfg.RetryWait) << try
	timer := time.NewTimer(time.Duration(binary.BigEndian.Uint64(chance[:]) % most))
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// failure is how one attempt failed, and whether another may help.
type failure struct {
	onceonly.SourceError
	again bool
}

func fail(kind onceonly.Kind, ground string, err error) *failure {
	return &failure{SourceError: onceonly.SourceError{Outcome: onceonly.Outcome{Kind: kind, Ground: ground}, Err: err}}
}

// send makes one attempt and returns the body of an answer that holds a SOAP envelope.
func (s *Source) send(ctx context.Context, request []byte) ([]byte, *failure) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.endpoint, bytes.NewReader(request))
	if err != nil {
		return nil, fail(onceonly.Unavailable, "", err)
	}
	req.Header.Set("Content-Type", "text/xml; charset=utf-8")
	req.Header.Set("Accept", "text/xml")
	req.Header.Set("SOAPAction", `"`+s.dialect.SOAPAction+`"`)
	if err := s.auth.Authenticate(ctx, req); err != nil {
		return nil, s.credentials(ctx, err)
	}
	resp, err := s.cfg.HTTPClient.Do(req)
	if err != nil {
		return nil, s.transport(ctx, err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := httpx.ReadBody(resp.Body, s.cfg.MaxBody)
	switch {
	case errors.Is(err, httpx.ErrTooLarge):
		return nil, fail(onceonly.Malformed, "too-large", err)
	case err != nil:
		return nil, s.transport(ctx, err)
	}
	if failed := s.status(resp, body); failed != nil {
		failed.AnswerHash = sha256.Sum256(body)
		return nil, failed
	}
	return body, nil
}

// transport reads an error below HTTP: the caller gave up, the time is over, or the line is down.
func (s *Source) transport(ctx context.Context, err error) *failure {
	var timeout net.Error
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return fail(onceonly.Cancelled, "", ctx.Err())
	case ctx.Err() != nil, errors.As(err, &timeout) && timeout.Timeout():
		return fail(onceonly.Timeout, "", withoutURL(err))
	}
	failed := fail(onceonly.Unavailable, "", withoutURL(err))
	failed.again = true
	return failed
}

// credentials reads an error of the authenticator: an outage of whatever issues tokens, or no credentials.
func (s *Source) credentials(ctx context.Context, err error) *failure {
	var network net.Error
	if ctx.Err() != nil || errors.As(err, &network) {
		return s.transport(ctx, err)
	}
	return fail(onceonly.Unauthorised, "credentials", withoutURL(err))
}

// withoutURL drops what net/http wraps around a cause; an address may carry more than an operator's log should.
func withoutURL(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		return wrapped.Err
	}
	return err
}

// status reads the HTTP status. 500 with a SOAP envelope is SOAP's way to say Fault and is judged as one.
func (s *Source) status(resp *http.Response, body []byte) *failure {
	ground := "http." + strconv.Itoa(resp.StatusCode)
	switch resp.StatusCode {
	case http.StatusOK:
		return nil
	case http.StatusUnauthorized, http.StatusForbidden:
		return fail(onceonly.Unauthorised, ground, nil)
	case http.StatusTooManyRequests:
		failed := fail(onceonly.RateLimited, ground, nil)
		failed.Outcome.RetryAfter = s.retryAfter(resp.Header.Get("Retry-After"))
		return failed
	case http.StatusRequestTimeout, http.StatusGatewayTimeout:
		failed := fail(onceonly.Timeout, ground, nil)
		failed.again = resp.StatusCode == http.StatusGatewayTimeout
		return failed
	case http.StatusInternalServerError:
		if a, err := parseAnswer(body); err == nil && a.fault != "" {
			return nil
		}
	}
	if resp.StatusCode < 500 {
		return fail(onceonly.Malformed, ground, nil)
	}
	failed := fail(onceonly.Unavailable, ground, nil)
	failed.again = resp.StatusCode == http.StatusBadGateway || resp.StatusCode == http.StatusServiceUnavailable
	return failed
}

// retryAfter reads seconds or a date (RFC 9110 section 10.2.3), at most a day; 0 when there is neither.
func (s *Source) retryAfter(header string) time.Duration {
	const most = 24 * time.Hour
	if n, err := strconv.Atoi(header); err == nil {
		return time.Duration(max(0, min(n, int(most/time.Second)))) * time.Second
	}
	if at, err := http.ParseTime(header); err == nil {
		return max(0, min(at.Sub(s.cfg.Now()), most))
	}
	return 0
}

// judge holds the answer against the question.
func (s *Source) judge(q onceonly.Query, body []byte) (onceonly.Evidence, error) {
	hash := sha256.Sum256(body)
	refuse := func(kind onceonly.Kind, ground string, err error) (onceonly.Evidence, error) {
		failed := fail(kind, ground, err)
		failed.AnswerHash = hash
		return onceonly.Evidence{}, &failed.SourceError
	}
	a, err := parseAnswer(body)
	switch {
	case err != nil:
		return refuse(onceonly.Malformed, "", err)
	case a.fault != "":
		kind, known := s.dialect.Faults[a.fault]
		if !known {
			kind = onceonly.Malformed
		}
		return refuse(kind, "fault."+a.fault, nil)
	case len(a.persons) == 0:
		return refuse(onceonly.NotFound, "", nil)
	case len(a.persons) > 1:
		return refuse(onceonly.Ambiguous, "", nil)
	}
	c := citizen{a.persons[0], s.dialect.Sex}
	if differs, err := c.differs(q.Subject); err != nil {
		return refuse(onceonly.Malformed, "", err)
	} else if differs != "" {
		return refuse(onceonly.Mismatch, differs, nil)
	}
	values, err := c.values(q.Fields)
	if err != nil {
		return refuse(onceonly.Malformed, "", err)
	}
	return onceonly.Evidence{Values: values, Asserted: a.asserted, AnswerHash: hash}, nil
}

// differs names the first particular in which the answer is about somebody else, "" when it is about the subject.
// Number and name must be there; a date of birth counts as far as both sides know it.
func (c citizen) differs(subject identity.Subject) (string, error) {
	number, err := c.n.value("SoDinhDanh")
	if err != nil || number == "" {
		return "", errXML
	}
	name, err := fullName(c.n, "HoVaTen")
	if err != nil || name == "" {
		return "", errXML
	}
	born, err := birthDate(c.n, "NgayThangNamSinh")
	switch {
	case err != nil:
		return "", err
	case number != subject.Person.Reveal():
		return "number", nil
	case !sameName(name, subject.Name.Reveal()):
		return "name", nil
	case !born.IsZero() && !sameBirth(born, subject.BirthDate):
		return "birth-date", nil
	}
	return "", nil
}

// sameBirth compares dates as far as both are known: year, month, day.
func sameBirth(a, b identity.BirthDate) bool {
	ay, am, ad := a.Parts()
	by, bm, bd := b.Parts()
	return ay == by && (am == 0 || bm == 0 || am == bm) && (ad == 0 || bd == 0 || ad == bd)
}
