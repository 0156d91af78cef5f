package journal

// Bounds every driver holds; [Link] enforces them.
const (
	MaxBody    = 256 << 10 // bytes of a fact's Body
	MaxPrivate = 1 << 20   // bytes of a fact's Private
	MaxFacts   = 64        // facts in one append
	MaxKeys    = 16        // keys of one stream
	MaxName    = 64        // bytes of a kind, a key's name or a stream's kind
	MaxText    = 200       // bytes of an actor, subject, command key, key value or stream
	MaxPage    = 500       // hits of one page
)
