package audit

import "time"

// clock remembers the latest time it was shown. A record may lie a little before it, as several machines write one
// journal and their clocks differ; a checkpoint may lie before no other.
type clock struct {
	skew   time.Duration
	newest time.Time // of all
	signed time.Time // of the checkpoints
}

// record reports whether a record may have this time.
func (c *clock) record(at time.Time) bool {
	ok := !at.Before(c.newest.Add(-c.skew))
	if at.After(c.newest) {
		c.newest = at
	}
	return ok
}

// checkpoint reports whether a checkpoint over what was shown may have this time.
func (c *clock) checkpoint(at time.Time) bool {
	if at.Before(c.signed) {
		return false
	}
	c.signed = at
	return c.record(at)
}
