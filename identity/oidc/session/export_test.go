package session

import (
	"time"

	"github.com/alexedwards/scs/v2"
)

// NewStore lets the external tests look at the built-in store by itself.
func NewStore(lifetime time.Duration, limit int) scs.Store {
	s := newStore(lifetime)
	s.limit = limit
	return s
}
