package signaturetest

import (
	"context"
	"crypto/x509"
	"encoding/base64"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/motcua/motcua/internal/pki"
)

// Flaw is a way in which an authority goes wrong.
type Flaw int

// Flaws. The zero value is none.
const (
	NoFlaw       Flaw = iota
	Fails             // HTTP status 500
	Refuses           // the protocol's own refusal
	WrongNonce        // the answer is to another question
	WrongImprint      // the time stamp is of something else
	Backdates         // the time stamp says two years ago
	Floods            // a body without end
	Hangs             // no answer until the client goes away
	Babbles           // an answer that is no ASN.1
	Stale             // revocation data of last year
)

// Server publishes a CA over loopback HTTP: /tsa (RFC 3161), /ocsp (RFC 6960), /ca.crl, /root.crl and /ca.crt.
type Server struct {
	// URL is where it listens.
	URL string

	now  func() time.Time
	http *http.Server
	done chan struct{}

	mu     sync.Mutex
	ca     *CA
	tsa    *TSA
	flaws  map[string][]Flaw
	counts map[string]int
	issued map[string]*x509.Certificate
}

// NewServer begins to listen; now is its clock. Close ends it.
func NewServer(now func() time.Time) (*Server, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &Server{URL: "http://" + listener.Addr().String(), now: now, done: make(chan struct{}),
		flaws: map[string][]Flaw{}, counts: map[string]int{}, issued: map[string]*x509.Certificate{}}
	mux := http.NewServeMux()
	for path, handle := range map[string]func(flaw Flaw, r *http.Request) (string, []byte, error){
		"/tsa": s.timestamp, "/ocsp": s.ocsp, "/ocsp/": s.ocsp, "/ca.crl": s.list, "/root.crl": s.list, "/ca.crt": s.certificate,
	} {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) { s.answer(w, r, handle) })
	}
	s.http = &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	go func() {
		defer close(s.done)
		_ = s.http.Serve(listener)
	}()
	return s, nil
}

// Serve publishes for a CA; tsa may be nil.
func (s *Server) Serve(ca *CA, tsa *TSA) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ca, s.tsa = ca, tsa
}

// Know tells the OCSP responder about a certificate; it answers "unknown" about others by refusing.
func (s *Server) Know(certs ...*x509.Certificate) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range certs {
		s.issued[c.SerialNumber.String()] = c
	}
}

// Flaw makes the next answers at a path, such as "/tsa", go wrong in the given ways, one after the other.
func (s *Server) Flaw(path string, flaws ...Flaw) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.flaws[path] = flaws
}

// Count returns how many requests came to a path.
func (s *Server) Count(path string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.counts[path]
}

// Close ends the server and waits for it.
func (s *Server) Close() error {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_ = s.http.Shutdown(ctx)
	err := s.http.Close()
	<-s.done
	return err
}

func (s *Server) next(path string) Flaw {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts[path]++
	list := s.flaws[path]
	if len(list) == 0 {
		return NoFlaw
	}
	s.flaws[path] = list[1:]
	return list[0]
}

func (s *Server) answer(
	w http.ResponseWriter, r *http.Request, handle func(Flaw, *http.Request) (string, []byte, error),
) {
	path := r.URL.Path
	if strings.HasPrefix(path, "/ocsp") {
		path = "/ocsp"
	}
	flaw := s.next(path)
	switch flaw {
	case Fails:
		http.Error(w, "out of order", http.StatusInternalServerError)
		return
	case Hangs:
		<-r.Context().Done()
		return
	}
	kind, body, err := handle(flaw, r)
	if err != nil {
		http.Error(w, "no", http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", kind)
	switch flaw {
	case Babbles:
		body = []byte("<html>xin chào</html>")
	case Floods:
		for chunk := make([]byte, 1<<16); ; {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	}
	_, _ = w.Write(body)
}

const maxRequest = 64 << 10

func (s *Server) timestamp(flaw Flaw, r *http.Request) (string, []byte, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxRequest))
	if err != nil {
		return "", nil, err
	}
	s.mu.Lock()
	tsa := s.tsa
	s.mu.Unlock()
	out, err := tsa.Answer(s.now(), body, flaw)
	return "application/timestamp-reply", out, err
}

func (s *Server) ocsp(flaw Flaw, r *http.Request) (string, []byte, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxRequest))
	if err != nil {
		return "", nil, err
	}
	if r.Method == http.MethodGet {
		text, err := url.PathUnescape(strings.TrimPrefix(r.URL.EscapedPath(), "/ocsp/"))
		if err != nil {
			return "", nil, err
		}
		if body, err = base64.StdEncoding.DecodeString(text); err != nil {
			return "", nil, err
		}
	}
	const kind = "application/ocsp-response"
	id, nonce, err := pki.ParseOCSPRequest(body)
	if err != nil || flaw == Refuses {
		return kind, pki.EncodeOCSPRefusal(3), nil
	}
	s.mu.Lock()
	ca, cert := s.ca, s.issued[id.Serial.String()]
	s.mu.Unlock()
	if cert == nil || !id.Names(cert, ca.Intermediate) {
		return kind, pki.EncodeOCSPRefusal(6), nil
	}
	now := s.now()
	switch flaw {
	case Stale:
		now = now.AddDate(-1, 0, 0)
	case WrongNonce:
		nonce = pki.Nonce([]byte("another question"))
	}
	out, err := ca.Status(now, cert, StatusConfig{Hash: id.Hash, Nonce: nonce})
	return kind, out, err
}

func (s *Server) list(flaw Flaw, r *http.Request) (string, []byte, error) {
	s.mu.Lock()
	ca := s.ca
	s.mu.Unlock()
	now := s.now()
	if flaw == Stale {
		now = now.AddDate(-1, 0, 0)
	}
	der, _, err := ca.List(now, ListConfig{Root: r.URL.Path == "/root.crl"})
	return "application/pkix-crl", der, err
}

func (s *Server) certificate(Flaw, *http.Request) (string, []byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return "application/pkix-cert", s.ca.Intermediate.Raw, nil
}
