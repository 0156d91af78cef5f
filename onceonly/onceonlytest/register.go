package onceonlytest

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/motcua/motcua/internal/httpx"
)

// Unit is what the register takes a timestamp to count.
type Unit int

// The units.
const (
	Seconds Unit = iota + 1
	Milliseconds
)

// BirthForm is how the register wants the date of birth.
type BirthForm int

// The forms.
const (
	BirthText   BirthForm = iota + 1 // yyyy-mm-dd or yyyy
	BirthNested                      // NgayThangNam with yyyymmdd, or Nam with yyyy
)

// Settings has the register's rules. User, Secret, Unit, Birth and Integration are required.
type Settings struct {
	User, Secret string
	Unit         Unit
	Birth        BirthForm
	// Integration is the only service number (MaTichHop) the account may use.
	Integration string
	// OmitUnit says that requests come without MaDonVi.
	OmitUnit bool
	// ServiceURL is the address in the hash. Default: http or https, and host and path as the request has them.
	ServiceURL string
	// Window is how far a timestamp may be off. Default 5 minutes.
	Window time.Duration
	// Persons are those in the register. Default [Personas].
	Persons []Person
	// Asserted is the time the register states for its data. Default: yesterday.
	Asserted time.Time
	// Now is the clock. Default time.Now.
	Now func() time.Time
}

// Received is what the register remembers of a request: no personal data.
type Received struct {
	RequestID, Procedure, Integration, Unit, Officer string
	// Status is the HTTP status of the answer, 0 when there was none. Fault is the SOAP fault code, if there was one.
	Status int
	Fault  string
}

// Register is a population register. It is an http.Handler, safe for concurrent use.
type Register struct {
	settings Settings

	mu       sync.Mutex
	fault    Fault
	seen     map[string]bool
	received []Received
}

// maxRemembered bounds the requests a register remembers.
const maxRemembered = 10000

// NewRegister makes a register that is healthy.
func NewRegister(s Settings) (*Register, error) {
	if s.User == "" || s.Secret == "" || s.Integration == "" || s.Unit != Seconds && s.Unit != Milliseconds ||
		s.Birth != BirthText && s.Birth != BirthNested {
		return nil, errors.New("onceonlytest: settings: want user, secret, unit, birth form and integration number")
	}
	if s.Window <= 0 {
		s.Window = 5 * time.Minute
	}
	if s.Now == nil {
		s.Now = time.Now
	}
	if s.Persons == nil {
		s.Persons = Personas()
	}
	s.Persons = slices.Clone(s.Persons)
	if s.Asserted.IsZero() {
		s.Asserted = s.Now().Add(-24 * time.Hour)
	}
	return &Register{settings: s, seen: make(map[string]bool)}, nil
}

// Fail makes the register misbehave from now on. [Healthy] ends it.
func (r *Register) Fail(fault Fault) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fault = fault
}

// Received returns the requests that have come in, oldest first: the last few thousand.
func (r *Register) Received() []Received {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.received)
}

// ServeHTTP answers one lookup.
func (r *Register) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	r.mu.Lock()
	fault := r.fault
	r.mu.Unlock()
	entry := Received{}
	defer func() { r.remember(entry) }()
	if fault.transport(w, req, &entry) {
		return
	}
	if !r.authentic(req) {
		entry.Status = http.StatusUnauthorized
		http.Error(w, "unauthorized", http.StatusUnauthorized)
		return
	}
	body, err := httpx.ReadBody(req.Body, 64<<10)
	if err != nil || req.Method != http.MethodPost || !strings.HasPrefix(req.Header.Get("Content-Type"), "text/xml") ||
		req.Header.Values("SOAPAction") == nil {
		entry.Status = http.StatusBadRequest
		http.Error(w, "bad request", http.StatusBadRequest)
		return
	}
	q, ok := r.parse(body)
	entry.RequestID, entry.Procedure, entry.Integration = q.values["MaYeuCau"], q.values["MaDVC"], q.values["MaTichHop"]
	entry.Unit, entry.Officer = q.values["MaDonVi"], q.values["MaCanBo"]
	if code := fault.soap(); code != "" || !ok || !r.first(entry.RequestID) {
		if code == "" {
			code = "Client"
		}
		entry.Status, entry.Fault = http.StatusInternalServerError, code
		writeFault(w, code)
		return
	}
	entry.Status = http.StatusOK
	r.answer(w, q, fault)
}

func (r *Register) remember(entry Received) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.received) >= maxRemembered {
		r.received = slices.Delete(r.received, 0, maxRemembered/2)
	}
	r.received = append(r.received, entry)
}

// first reports whether a request id is new, as far as the register remembers.
func (r *Register) first(id string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.seen[id] {
		return false
	}
	if len(r.seen) >= maxRemembered {
		clear(r.seen)
	}
	r.seen[id] = true
	return true
}

// authentic checks the timestamp and the hash the way the register's own description has it.
func (r *Register) authentic(req *http.Request) bool {
	stamp := req.Header.Get("Timestamp")
	n, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil {
		return false
	}
	at := time.UnixMilli(n)
	if r.settings.Unit == Seconds {
		at = time.Unix(n, 0)
	}
	if off := r.settings.Now().Sub(at); off > r.settings.Window || off < -r.settings.Window {
		return false
	}
	encoded, basic := strings.CutPrefix(req.Header.Get("Authorization"), "Basic ")
	got, err := base64.StdEncoding.DecodeString(encoded)
	if !basic || err != nil {
		return false
	}
	address := r.settings.ServiceURL
	if address == "" {
		scheme := "http://"
		if req.TLS != nil {
			scheme = "https://"
		}
		address = scheme + req.Host + req.RequestURI
	}
	// http://host and http://host/ are one request and two texts.
	bare := strings.TrimSuffix(address, "/")
	return r.isHash(got, address, stamp) || req.RequestURI == "/" && r.isHash(got, bare, stamp)
}

func (r *Register) isHash(got []byte, address, stamp string) bool {
	hash := sha256.New()
	for _, part := range []string{address, r.settings.User, stamp, r.settings.Secret} {
		_, _ = hash.Write([]byte(part))
	}
	want := r.settings.User + ":" + hex.EncodeToString(hash.Sum(nil))
	return subtle.ConstantTimeCompare(got, []byte(want)) == 1
}
