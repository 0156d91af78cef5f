package update

import (
	"errors"
	"fmt"
	"strconv"
)

var (
	// ErrRollback means a list was served that is older than the one at hand, or another one under its number.
	ErrRollback = errors.New("update: older than the list at hand")
	// ErrNoTrust means there is no trust list, neither on the disk nor to be had.
	ErrNoTrust = errors.New("update: no trust list")
)

// FetchError says which list could not be brought up to date, and why.
type FetchError struct {
	URL    string
	Status int // of HTTP, 0 if there was no answer
	Err    error
}

func (e *FetchError) Error() string {
	if e.Err == nil {
		return "update: " + e.URL + ": status " + strconv.Itoa(e.Status)
	}
	return fmt.Sprintf("update: %s: %v", e.URL, e.Err)
}

// Unwrap returns the cause.
func (e *FetchError) Unwrap() error { return e.Err }

// InvalidError names a setting that makes no sense.
type InvalidError struct {
	Field string
	Rule  string
}

func (e *InvalidError) Error() string { return fmt.Sprintf("update: %s: want %s", e.Field, e.Rule) }
