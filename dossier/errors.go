package dossier

import (
	"errors"
	"fmt"

	"github.com/motcua/motcua/dossier/rules"
)

// Errors the caller branches on.
var (
	// ErrStale means somebody else has acted on the dossier since the actor looked at it.
	ErrStale = errors.New("dossier: changed by somebody else in the meantime")
	// ErrNotFound means there is no such dossier, procedure or version of one.
	ErrNotFound = errors.New("dossier: not found")
	// ErrBroken means the facts of a dossier contradict each other.
	ErrBroken = errors.New("dossier: facts contradict each other")
)

// InvalidError names the part of the input that breaks a rule. It never quotes the value.
type InvalidError struct {
	Field string // "code", "filing.components.giay-chung-sinh.size" …
	Rule  string // English, for logs
	// Vi is what the person who entered it reads; empty means a general sentence.
	Vi  string
	Err error
}

func (e *InvalidError) Error() string {
	text := "dossier: " + e.Field + ": want " + e.Rule
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap returns the cause, if there is one.
func (e *InvalidError) Unwrap() error { return e.Err }

// Code is the stable key of the error: "dossier.invalid." and the field.
func (e *InvalidError) Code() string { return "dossier.invalid." + e.Field }

// Text says what is wrong to whoever entered it, in "vi" or "en".
func (e *InvalidError) Text(lang string) string {
	switch {
	case lang == "en":
		return "Please check " + e.Field + ": it must be " + e.Rule + "."
	case e.Vi != "":
		return e.Vi
	}
	return "Vui lòng kiểm tra lại thông tin (" + e.Field + ")."
}

// Refusal is the answer "no" to an act: the law, the procedure or a guard does not permit it. Nothing was written.
type Refusal struct {
	// Key is stable: "dossier.act", "dossier.supplement-once", "payment.fee-unpaid" …
	Key string
	// Vi and En tell the person why, and what can be done.
	Vi, En string
	// Law is the ground, where there is one.
	Law rules.Law
	Err error
}

func (e *Refusal) Error() string {
	text := "dossier: refused: " + e.Key
	if law := e.Law.String(); law != "" {
		text += " (" + law + ")"
	}
	return text
}

// Unwrap returns the cause, if there is one.
func (e *Refusal) Unwrap() error { return e.Err }

// Code is the stable key of the refusal.
func (e *Refusal) Code() string { return e.Key }

// Text tells the reason in "vi" or "en".
func (e *Refusal) Text(lang string) string {
	if lang == "en" && e.En != "" {
		return e.En
	}
	return e.Vi
}

// StaleError says how far the dossier has moved on. errors.Is(err, ErrStale) holds.
type StaleError struct {
	Dossier ID
	Seen    int64 // the version the actor decided on
	Version int64 // the version there is
}

func (e *StaleError) Error() string {
	return fmt.Sprintf("dossier: %s: version %d seen, but it is at %d", e.Dossier, e.Seen, e.Version)
}

// Is makes the error one with ErrStale.
func (e *StaleError) Is(target error) bool { return target == ErrStale }

// Code is the stable key of the error.
func (e *StaleError) Code() string { return "dossier.stale" }

// Text asks the actor to look again, in "vi" or "en".
func (e *StaleError) Text(lang string) string {
	if lang == "en" {
		return "Somebody else has updated this dossier in the meantime. Please reload the page and look again."
	}
	return "Hồ sơ đã được người khác cập nhật. Vui lòng tải lại trang để xem thông tin mới nhất trước khi thao tác tiếp."
}

// NotFoundError says what was looked for. errors.Is(err, ErrNotFound) holds.
type NotFoundError struct {
	What string // "dossier", "procedure" or "procedure version"
	Key  string // its id or code
}

func (e *NotFoundError) Error() string { return fmt.Sprintf("dossier: no %s %q", e.What, e.Key) }

// Is makes the error one with ErrNotFound.
func (e *NotFoundError) Is(target error) bool { return target == ErrNotFound }

// Code is the stable key of the error.
func (e *NotFoundError) Code() string { return "dossier.not-found" }

// Text tells the reader in "vi" or "en".
func (e *NotFoundError) Text(lang string) string {
	what, vi := e.What, "hồ sơ"
	if e.What != "dossier" {
		vi = "thủ tục hành chính"
	}
	if lang == "en" {
		return "There is no such " + what + "."
	}
	return "Không tìm thấy " + vi + "."
}

// SerialError says that an agency has used up the serial numbers of a day: the pattern of the code has four digits.
type SerialError struct {
	Agency AgencyID
	Max    int64
}

func (e *SerialError) Error() string {
	return fmt.Sprintf("dossier: code: agency %s: want a serial number from 1 to %d", e.Agency, e.Max)
}

// Code is the stable key of the error.
func (e *SerialError) Code() string { return "dossier.serial-exhausted" }

// Text tells the officer in "vi" or "en".
func (e *SerialError) Text(lang string) string {
	if lang == "en" {
		return fmt.Sprintf("This office has issued all %d dossier codes of the day. Accept the dossier on the next day.", e.Max)
	}
	return fmt.Sprintf("Đơn vị đã cấp hết %d mã số hồ sơ trong ngày. Vui lòng tiếp nhận hồ sơ vào ngày kế tiếp.", e.Max)
}

// BrokenError names the fact of a dossier that does not follow from those before it. errors.Is(err, ErrBroken) holds.
type BrokenError struct {
	Dossier ID
	Version int64
	Rule    string
	Err     error
}

func (e *BrokenError) Error() string {
	return fmt.Sprintf("dossier: %s: fact %d: %s does not hold", e.Dossier, e.Version, e.Rule)
}

// Is makes the error one with ErrBroken.
func (e *BrokenError) Is(target error) bool { return target == ErrBroken }

// Unwrap returns the cause, if there is one.
func (e *BrokenError) Unwrap() error { return e.Err }
