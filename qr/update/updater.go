package update

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"github.com/motcua/motcua/internal/httpx"
	"github.com/motcua/motcua/qr"
)

// Config holds what an [Updater] may be told. The zero value is ready.
type Config struct {
	// Client fetches the lists; nil means a client of its own with timeouts, that follows no redirect.
	Client *http.Client
	// Want chooses among the status lists the trust list names; nil means all.
	Want func(qr.StatusSource) bool
	// CodesURL is the https address of the code list; empty fetches none.
	CodesURL string
	// Every is how long [Updater.Run] waits between two rounds, if no list asks for less by its TTL; 0 means an hour.
	Every time.Duration
	// Rand spreads the waiting times; nil means crypto/rand.
	Rand io.Reader
}

// Lists is what a verifier needs. It never changes.
type Lists struct {
	Trust  *qr.TrustList
	Status []*qr.StatusList
	Codes  *qr.CodeList // nil if there is none
}

// Verifier makes a verifier of the lists; cfg.Status and cfg.Codes are replaced.
func (l *Lists) Verifier(cfg qr.VerifyConfig) (*qr.Verifier, error) {
	cfg.Status, cfg.Codes = l.Status, l.Codes
	return qr.NewVerifier(l.Trust, cfg)
}

// Updater fetches lists into a directory. One directory belongs to one updater at a time; its calls may come from
// several goroutines and run one after the other.
type Updater struct {
	dir, trustURL, codesURL string
	roots                   []crypto.PublicKey
	client                  *http.Client
	want                    func(qr.StatusSource) bool
	every                   time.Duration
	random                  io.Reader
	mu                      sync.Mutex
}

const maxList = 4 << 20

// New makes an updater of the trust list at an https address, with the roots that may have signed it, and of the
// status lists it names. The directory must exist. The error is an *InvalidError.
func New(dir, trustURL string, roots []crypto.PublicKey, cfg Config) (*Updater, error) {
	switch {
	case dir == "":
		return nil, &InvalidError{Field: "dir", Rule: "a directory"}
	case !isHTTPS(trustURL):
		return nil, &InvalidError{Field: "trustURL", Rule: "an https address without a user"}
	case cfg.CodesURL != "" && !isHTTPS(cfg.CodesURL):
		return nil, &InvalidError{Field: "codesURL", Rule: "an https address without a user"}
	case len(roots) < 1 || len(roots) > 2:
		return nil, &InvalidError{Field: "roots", Rule: "one root or two"}
	case cfg.Every < 0:
		return nil, &InvalidError{Field: "every", Rule: "not negative"}
	}
	if cfg.Client == nil {
		cfg.Client = httpx.NewClient(0)
	}
	if cfg.Want == nil {
		cfg.Want = func(qr.StatusSource) bool { return true }
	}
	if cfg.Every == 0 {
		cfg.Every = time.Hour
	}
	if cfg.Rand == nil {
		cfg.Rand = rand.Reader
	}
	return &Updater{dir: dir, trustURL: trustURL, codesURL: cfg.CodesURL, roots: roots, client: cfg.Client, want: cfg.Want,
		every: cfg.Every, random: cfg.Rand}, nil
}

func isHTTPS(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Scheme == "https" && u.Host != "" && u.User == nil
}

// Load reads the lists from the disk and asks no network. Errors: [ErrNoTrust]; the file system's. A status list that
// is missing or that the trust list does not vouch for any more is left out.
func (u *Updater) Load() (*Lists, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	trust, _, err := u.storedTrust()
	if err != nil {
		return nil, err
	}
	lists := &Lists{Trust: trust}
	lists.Codes, _, _ = u.storedCodes()
	for _, source := range u.sources(trust) {
		if status, _ := u.storedStatus(trust, source); status != nil {
			lists.Status = append(lists.Status, status)
		}
	}
	return lists, nil
}

func (u *Updater) sources(trust *qr.TrustList) []qr.StatusSource {
	var out []qr.StatusSource
	for _, s := range trust.StatusSources() {
		if u.want(s) {
			out = append(out, s)
		}
	}
	return out
}

// Refresh fetches what has changed and returns the best lists at hand, even with an error. The errors are joined:
// *FetchError for each list that could not be brought up to date ([ErrRollback] among the causes), [ErrNoTrust].
func (u *Updater) Refresh(ctx context.Context) (*Lists, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	trust, err := u.refreshTrust(ctx)
	if trust == nil {
		return nil, errors.Join(ErrNoTrust, err)
	}
	lists, problems := &Lists{Trust: trust}, []error{err}
	lists.Codes, err = u.refreshCodes(ctx)
	problems = append(problems, err)
	for _, source := range u.sources(trust) {
		if ctx.Err() != nil {
			problems = append(problems, ctx.Err())
			break
		}
		status, err := u.refreshStatus(ctx, trust, source)
		if status != nil {
			lists.Status = append(lists.Status, status)
		}
		problems = append(problems, err)
	}
	return lists, errors.Join(problems...)
}

const (
	trustFile = "trust.cose"
	codesFile = "codes.cose"
)

// statusFile names the file of a status list; an agency's code is not trusted to be a file name.
func statusFile(s qr.StatusSource) string {
	sum := sha256.Sum256([]byte(s.Issuer + "\x00" + strconv.FormatUint(s.List, 10)))
	return "status-" + hex.EncodeToString(sum[:8]) + ".cose"
}

// storedTrust returns the trust list on the disk and its bytes, nil and ErrNoTrust if there is none.
func (u *Updater) storedTrust() (*qr.TrustList, []byte, error) {
	data, err := u.read(trustFile)
	if err != nil {
		return nil, nil, err
	}
	trust, err := qr.ParseTrustList(data, u.roots...)
	if err != nil {
		return nil, nil, errors.Join(ErrNoTrust, err)
	}
	return trust, data, nil
}

func (u *Updater) refreshTrust(ctx context.Context) (*qr.TrustList, error) {
	old, oldData, _ := u.storedTrust()
	answer, err := u.fetch(ctx, u.trustURL, trustFile, old != nil)
	if err != nil || answer.data == nil {
		return old, err
	}
	fresh, err := qr.ParseTrustList(answer.data, u.roots...)
	switch {
	case err != nil:
	case old == nil || fresh.Version() > old.Version():
		if err = u.keep(trustFile, u.trustURL, answer); err == nil {
			return fresh, nil
		}
	case fresh.Version() < old.Version() || string(oldData) != string(answer.data):
		err = ErrRollback
	default:
		return old, nil
	}
	return old, &FetchError{URL: u.trustURL, Status: http.StatusOK, Err: err}
}

func (u *Updater) storedCodes() (*qr.CodeList, []byte, error) {
	if u.codesURL == "" {
		return nil, nil, nil
	}
	data, err := u.read(codesFile)
	if err != nil {
		return nil, nil, err
	}
	codes, err := qr.ParseCodeList(data, u.roots...)
	return codes, data, err
}

func (u *Updater) refreshCodes(ctx context.Context) (*qr.CodeList, error) {
	old, oldData, _ := u.storedCodes()
	if u.codesURL == "" {
		return nil, nil
	}
	answer, err := u.fetch(ctx, u.codesURL, codesFile, old != nil)
	if err != nil || answer.data == nil {
		return old, err
	}
	fresh, err := qr.ParseCodeList(answer.data, u.roots...)
	switch {
	case err != nil:
	case old == nil || fresh.Version() > old.Version():
		if err = u.keep(codesFile, u.codesURL, answer); err == nil {
			return fresh, nil
		}
	case fresh.Version() < old.Version() || string(oldData) != string(answer.data):
		err = ErrRollback
	default:
		return old, nil
	}
	return old, &FetchError{URL: u.codesURL, Status: http.StatusOK, Err: err}
}

// storedStatus returns the status list on the disk if the trust list vouches for it.
func (u *Updater) storedStatus(trust *qr.TrustList, source qr.StatusSource) (*qr.StatusList, error) {
	data, err := u.read(statusFile(source))
	if err != nil {
		return nil, err
	}
	return parseStatus(trust, source, data)
}

func parseStatus(trust *qr.TrustList, source qr.StatusSource, data []byte) (*qr.StatusList, error) {
	list, err := trust.ParseStatusList(data)
	if err == nil && (list.Issuer() != source.Issuer || list.List() != source.List) {
		return nil, qr.ErrUntrustedStatus
	}
	return list, err
}

func (u *Updater) refreshStatus(ctx context.Context, trust *qr.TrustList, source qr.StatusSource) (*qr.StatusList, error) {
	file := statusFile(source)
	old, _ := u.storedStatus(trust, source)
	answer, err := u.fetch(ctx, source.URI, file, old != nil)
	if err != nil || answer.data == nil {
		return old, err
	}
	fresh, err := parseStatus(trust, source, answer.data)
	switch {
	case err != nil:
	case old == nil || fresh.Issued().After(old.Issued()):
		if err = u.keep(file, source.URI, answer); err == nil {
			return fresh, nil
		}
	case fresh.Issued().Before(old.Issued()):
		err = ErrRollback
	default:
		return old, nil
	}
	return old, &FetchError{URL: source.URI, Status: http.StatusOK, Err: err}
}
