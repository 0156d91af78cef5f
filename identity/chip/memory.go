package chip

import (
	"sync"

	"github.com/motcua/motcua/internal/csca"
)

// memory holds which authority signed a certificate, so that the signature is checked once. Only what was verified gets in,
// under the whole certificate as it came; validity, revocation and all else are asked anew each time. The zero value is
// ready.
type memory struct {
	mu    sync.Mutex
	known map[memoryKey]*authority
}

type memoryKey struct {
	kind        Kind
	certificate [32]byte
}

// maxMemory is how many signers are remembered; then it begins anew.
const maxMemory = 1024

// issuerOf finds the authority that signed a certificate, nil when there is none.
func (m *memory) issuerOf(c *csca.Certificate, kind Kind, trust *Trust) *authority {
	key := memoryKey{kind, c.Fingerprint()}
	m.mu.Lock()
	found := m.known[key]
	m.mu.Unlock()
	if found != nil {
		return found
	}
	if found = issuerOf(c, trust.pools[kind]); found == nil {
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.known == nil || len(m.known) >= maxMemory {
		m.known = make(map[memoryKey]*authority)
	}
	m.known[key] = found
	return found
}
