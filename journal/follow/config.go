package follow

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/motcua/motcua/journal"
)

// Config holds what is optional. [Timers] have no use for From, Kinds, Partitions, Attempts and MaxParked.
type Config struct {
	// From is the position behind which a new name begins; one that has a cursor goes on from there. 0 is the beginning.
	From int64
	// Kinds are the kinds of the streams that are followed ("dossier"); nil means all.
	Kinds []string
	// Partitions is how many workers can work at once, 1 to 64; it belongs to the name and never changes. 0 means 1.
	Partitions int
	// Worker is a pseudonym that the facts name as actor, at most 100 bytes. Default "follower".
	Worker string
	// Batch is the most records handled under one lease, 0 means 256; half of Lease also ends it. About so many are shown
	// again after a crash.
	Batch int
	// Lease is how long a worker that has gone silent keeps the others waiting, 0 means 30 s. It is renewed while a
	// handler runs.
	Lease time.Duration
	// Poll is how often an idle worker looks for records, 0 means 1 s; Wake makes it look at once. What has come meanwhile
	// is one burst, so a longer Poll also means fewer facts of the follower's own.
	Poll time.Duration
	// MinBackoff and MaxBackoff bound the time between two tries, which doubles; 0 means 1 s and 1 h.
	MinBackoff, MaxBackoff time.Duration
	// Attempts is after how many a record is a dead letter, 0 means 12: about half a day with the default times.
	Attempts int
	// MaxParked is at how many parked streams of a partition the follower stops going further, 0 means 1000.
	MaxParked int
	// Report hears of failures, as *[FailureError], and of errors of the journal that Run outlives. Nil drops them.
	Report func(context.Context, error)
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

const maxPartitions = 64

func (c Config) check() (Config, error) {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Report == nil {
		c.Report = func(context.Context, error) {}
	}
	if c.Worker == "" {
		c.Worker = "follower"
	}
	for _, n := range []struct {
		field    string
		value    *int
		most, or int
	}{
		{"partitions", &c.Partitions, maxPartitions, 1}, {"batch", &c.Batch, 10_000, 256},
		{"attempts", &c.Attempts, 1000, 12}, {"maxParked", &c.MaxParked, 100_000, 1000},
	} {
		if *n.value < 0 || *n.value > n.most {
			return c, &InvalidError{Field: "config." + n.field, Rule: "within its bounds"}
		}
		if *n.value == 0 {
			*n.value = n.or
		}
	}
	for _, d := range []struct {
		field string
		value *time.Duration
		or    time.Duration
	}{
		{"lease", &c.Lease, 30 * time.Second}, {"poll", &c.Poll, time.Second},
		{"minBackoff", &c.MinBackoff, time.Second}, {"maxBackoff", &c.MaxBackoff, time.Hour},
	} {
		if *d.value < 0 || *d.value > 24*time.Hour {
			return c, &InvalidError{Field: "config." + d.field, Rule: "0 to 24 hours"}
		}
		if *d.value == 0 {
			*d.value = d.or
		}
	}
	if c.From < 0 {
		return c, &InvalidError{Field: "config.from", Rule: "not negative"}
	}
	if len(c.Worker) > 100 || !utf8.ValidString(c.Worker) || strings.ContainsRune(c.Worker, 0) {
		return c, &InvalidError{Field: "config.worker", Rule: "at most 100 bytes of UTF-8 without NUL"}
	}
	return c, nil
}

// page is how many hits are asked for at once.
func (c *Config) page() int { return min(c.Batch, journal.MaxPage) }

// backoff is the time to wait after so many failures. A part of it depends on the stream, so that what failed together
// is not tried again together.
func (c *Config) backoff(attempts int, stream journal.Stream) time.Duration {
	wait := c.MinBackoff
	for i := 1; i < attempts && wait < c.MaxBackoff; i++ {
		wait *= 2
	}
	wait = min(wait, c.MaxBackoff)
	return wait - wait*time.Duration(hashOf(stream)>>60)/64 // up to a quarter less
}

// hashOf spreads streams over partitions. It never changes: a stream would change its partition.
func hashOf(stream journal.Stream) uint64 {
	sum := sha256.Sum256([]byte("motcua follow stream v1\n" + stream.String()))
	return binary.BigEndian.Uint64(sum[:])
}

// isName accepts what is a name in a key and in a stream: [a-z][a-z0-9.-]*, at most 64 bytes.
func isName(s string) bool {
	for i, c := range []byte(s) {
		if (c < 'a' || c > 'z') && (i == 0 || (c < '0' || c > '9') && c != '.' && c != '-') {
			return false
		}
	}
	return s != "" && len(s) <= journal.MaxName
}
