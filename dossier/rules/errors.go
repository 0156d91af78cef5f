package rules

import (
	"fmt"
	"time"

	"github.com/motcua/motcua/internal/vntime"
)

// UnknownDateError says that no rule set is known for a day.
type UnknownDateError struct{ Day time.Time }

func (e *UnknownDateError) Error() string {
	return fmt.Sprintf("rules: no rule set in force on %s", vntime.In(e.Day).Format(time.DateOnly))
}

// Code is the stable key of the error.
func (e *UnknownDateError) Code() string { return "rules.unknown-date" }

// Text explains the error to an officer, in "vi" or "en".
func (e *UnknownDateError) Text(lang string) string {
	day := vntime.FormatDate(e.Day)
	if lang == "en" {
		return "The system has no rules for the day " + day + "."
	}
	return "Hệ thống chưa có bộ quy định áp dụng cho ngày " + day + "."
}

// UnknownSetError says that a dossier pins a rule set the book does not hold.
type UnknownSetError struct{ ID string }

func (e *UnknownSetError) Error() string { return fmt.Sprintf("rules: unknown rule set %q", e.ID) }

// Code is the stable key of the error.
func (e *UnknownSetError) Code() string { return "rules.unknown-set" }

// Text explains the error to an officer, in "vi" or "en".
func (e *UnknownSetError) Text(lang string) string {
	if lang == "en" {
		return "The rules this dossier was accepted under (" + e.ID + ") are missing from the system."
	}
	return "Hệ thống thiếu bộ quy định (" + e.ID + ") đã áp dụng khi tiếp nhận hồ sơ này."
}

// FileError names the file, the row and the rule a law file breaks.
type FileError struct {
	File string
	Row  string // "transitions[3]", "limits[0].unit"; empty for the whole file
	Rule string
	Err  error
}

func (e *FileError) Error() string {
	text := "rules: " + e.File
	if e.Row != "" {
		text += ": " + e.Row
	}
	text += ": want " + e.Rule
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap returns the cause, if there is one.
func (e *FileError) Unwrap() error { return e.Err }
