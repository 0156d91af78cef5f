package signature

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"sync"
	"time"

	"github.com/motcua/motcua/internal/ahead"
	"github.com/motcua/motcua/internal/cms"
	"github.com/motcua/motcua/internal/pki"
)

const (
	remembered    = 256     // things of a kind that a verifier remembers at least
	maxRemembered = 8 << 10 // bytes of a certificate that is remembered
	maxChains     = 8       // chains of a search that is remembered
)

// memory is what a verifier keeps from one document for the next: certificates it has read, and how chains were found.
// Both are results of functions of nothing but their keys, so that a verdict never depends on what was judged before.
type memory struct {
	pieces sync.Pool // of *ahead.Piece

	mu       sync.Mutex
	read     generations[[sha256.Size]byte, *known]
	pointers generations[*x509.Certificate, *known]
	searches generations[searchKey, search]
}

// piece lends a buffer for reading a file.
func (m *memory) piece() *ahead.Piece {
	if p, ok := m.pieces.Get().(*ahead.Piece); ok {
		return p
	}
	return new(ahead.Piece)
}

// known is a certificate, its fingerprint, and what a report tells about it.
type known struct {
	cert  *x509.Certificate
	sum   [sha256.Size]byte
	facts func() Certificate
}

func newKnown(cert *x509.Certificate, sum [sha256.Size]byte) *known {
	return &known{cert, sum, sync.OnceValue(func() Certificate { return certificateOf(cert) })}
}

// parse reads a certificate, or returns the one that was read from the same bytes before.
func (m *memory) parse(der []byte, sum [sha256.Size]byte) (*known, error) {
	m.mu.Lock()
	k, ok := m.read.get(sum)
	m.mu.Unlock()
	if ok {
		return k, nil
	}
	cert, err := pki.ParseCertificate(bytes.Clone(der)) // which must not hold on to a document
	if err != nil {
		return nil, err
	}
	k = newKnown(cert, sum)
	if len(der) <= maxRemembered {
		m.mu.Lock()
		m.read.put(sum, k)
		m.pointers.put(cert, k)
		m.mu.Unlock()
	}
	return k, nil
}

// certificate is parse for readers of messages.
func (m *memory) certificate(der []byte) (*x509.Certificate, error) {
	k, err := m.parse(der, sha256.Sum256(der))
	if err != nil {
		return nil, err
	}
	return k.cert, nil
}

// reader reads messages with certificates that may be remembered.
func (m *memory) reader() cms.Reader { return cms.Reader{Certificate: m.certificate} }

// know returns what is known about a certificate, whoever read it.
func (m *memory) know(cert *x509.Certificate) *known {
	m.mu.Lock()
	k, ok := m.pointers.get(cert)
	m.mu.Unlock()
	if ok {
		return k
	}
	k = newKnown(cert, sha256.Sum256(cert.Raw))
	if len(cert.Raw) <= maxRemembered {
		m.mu.Lock()
		m.pointers.put(cert, k)
		m.mu.Unlock()
	}
	return k
}

// searchKey is what a search for chains depends on besides the anchors, which never change, and the time.
type searchKey struct {
	cert    [sha256.Size]byte
	between [sha256.Size]byte // the certificates at hand, in their order
}

// search is what crypto/x509 found: chains, or the code of what is wrong. Time enters into it only by the validity of the
// certificates that took part, so it is the same from one instant to another if none of them begins or ends between.
type search struct {
	chains      [][]*x509.Certificate
	code        string
	since, till time.Time // both inside
}

func (m *memory) recall(key searchKey, at time.Time) (search, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s, ok := m.searches.get(key)
	return s, ok && !at.Before(s.since) && !at.After(s.till)
}

func (m *memory) keep(key searchKey, s search) {
	if len(s.chains) > maxChains {
		return
	}
	for _, chain := range s.chains {
		for _, cert := range chain {
			if len(cert.Raw) > maxRemembered {
				return
			}
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.searches.put(key, s)
}

// steady narrows since and till to the time around at in which no certificate of a list begins or ends.
func (s *search) steady(at time.Time, list []*x509.Certificate) {
	for _, cert := range list {
		for _, edge := range []struct{ before, after time.Time }{ // the last instant of one state, the first of the next
			{cert.NotBefore.Add(-1), cert.NotBefore}, {cert.NotAfter, cert.NotAfter.Add(1)}} {
			if at.Before(edge.after) {
				if s.till.IsZero() || edge.before.Before(s.till) {
					s.till = edge.before
				}
			} else if edge.after.After(s.since) {
				s.since = edge.after
			}
		}
	}
}

// generations is a bounded map that forgets what has not been asked for lately: when the young are many, the old go and
// the young become the old.
type generations[K comparable, V any] struct{ young, old map[K]V }

func (g *generations[K, V]) get(key K) (V, bool) {
	if v, ok := g.young[key]; ok {
		return v, true
	}
	v, ok := g.old[key]
	if ok {
		g.put(key, v)
	}
	return v, ok
}

func (g *generations[K, V]) put(key K, v V) {
	if len(g.young) >= remembered {
		g.young, g.old = nil, g.young
	}
	if g.young == nil {
		g.young = make(map[K]V, 16)
	}
	g.young[key] = v
}
