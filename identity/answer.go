package identity

import (
	"time"

	"github.com/motcua/motcua/internal/vntime"
)

// Answer is what a question about a person is answered with instead of the data: the zero value is unknown, which is
// neither yes nor no.
type Answer int

// The answers.
const (
	Unknown Answer = iota
	No
	Yes
)

// String returns "yes", "no" or "unknown".
func (a Answer) String() string {
	switch a {
	case Yes:
		return "yes"
	case No:
		return "no"
	}
	return "unknown"
}

// AtLeast answers whether the person is of this age in full years on the Vietnamese day of at (đủ tuổi), without giving
// the date away. When only the year or month of birth is known the answer is Unknown while it could be both. Who is
// born on 29 February has the birthday of a common year on 1 March.
func (b BirthDate) AtLeast(years int, at time.Time) Answer {
	y, m, d := b.Parts()
	if b.IsZero() || years < 0 {
		return Unknown
	}
	firstMonth, firstDay, lastMonth, lastDay := m, d, m, d
	if m == 0 {
		firstMonth, lastMonth = 1, 12
	}
	if d == 0 {
		firstDay = 1
		lastDay = vntime.Date(y, time.Month(lastMonth)+1, 0).Day()
	}
	today := vntime.Midnight(at)
	switch {
	case !vntime.Date(y+years, time.Month(lastMonth), lastDay).After(today):
		return Yes
	case vntime.Date(y+years, time.Month(firstMonth), firstDay).After(today):
		return No
	}
	return Unknown
}
