package calendar

import "fmt"

// UnknownYearError says that no official list of days off is held for a year that the question touches.
type UnknownYearError struct {
	Year int
}

func (e *UnknownYearError) Error() string {
	return fmt.Sprintf("calendar: year %d: no official list of days off", e.Year)
}

// Code is the stable key of the message.
func (e *UnknownYearError) Code() string { return "calendar.unknown-year" }

// Text explains it to a person, in "vi" (also for any other tag) or "en".
func (e *UnknownYearError) Text(lang string) string {
	if lang == "en" {
		return fmt.Sprintf("The public holidays of %d have not been entered yet, so the due date cannot be worked out. "+
			"Please load the official list of that year.", e.Year)
	}
	return fmt.Sprintf("Chưa có lịch nghỉ lễ, Tết chính thức của năm %d nên chưa tính được ngày hẹn trả. "+
		"Vui lòng nạp lịch của năm này.", e.Year)
}

// InvalidError names the part of a question or of a data file that breaks a rule.
type InvalidError struct {
	Field string
	Rule  string
	Err   error
}

func (e *InvalidError) Error() string { return fmt.Sprintf("calendar: %s: want %s", e.Field, e.Rule) }

// Unwrap returns the cause, if there is one.
func (e *InvalidError) Unwrap() error { return e.Err }

// Code is the stable key of the message.
func (e *InvalidError) Code() string { return "calendar.invalid" }

// Text explains it to a person, in "vi" (also for any other tag) or "en".
func (e *InvalidError) Text(lang string) string {
	if lang == "en" {
		return "The period or calendar data is not valid (" + e.Field + ")."
	}
	return "Thời hạn hoặc dữ liệu lịch không hợp lệ (" + e.Field + ")."
}
