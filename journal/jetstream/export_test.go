package jetstream

import "github.com/motcua/motcua/internal/canon"

// ParseByMembers reads an event as JSON, without the shorter way that ParseEvent tries first.
func ParseByMembers(data []byte) (Event, error) {
	if err := canon.Check(data); err != nil {
		return Event{}, err
	}
	return readMembers(data)
}
