package calendar

import (
	"fmt"
	"strings"
	"time"

	"github.com/motcua/motcua/internal/vntime"
)

// Unit is what a period is counted in.
type Unit string

// The units a procedure's limit comes in.
const (
	WorkingDays  Unit = "working-day"  // ngày làm việc
	Days         Unit = "day"          // ngày
	Months       Unit = "month"        // tháng
	WorkingHours Unit = "working-hour" // giờ làm việc
	Hours        Unit = "hour"         // giờ, around the clock
)

// Explanation is a due date that can account for itself: every day from the event to the last day, counted or not, with
// the reason and its legal ground.
type Explanation struct {
	From time.Time // the event, on the Vietnamese clock
	// Due is the last moment in time: the last second of the last day, or the exact moment for hours.
	Due time.Time
	// Closes is when the office closes on the last day: the hour to print on an appointment.
	Closes time.Time
	Unit   Unit
	Count  int           // the period in days or months; 0 for hours
	Period time.Duration // the period for hours
	Days   []Line
	// Provisional is set when a day or a rule that was used waits for its official text.
	Provisional bool
}

// Line is one day of an explanation.
type Line struct {
	Day
	Counted bool
	No      int           // its place among the counted days, from 1; 0 when not counted
	Worked  time.Duration // for hours: how much of the day was used
}

// Text is the explanation for people, one line a day, in "vi" (also for any other tag) or "en".
func (e Explanation) Text(lang string) string {
	w := wordsOf(lang)
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s, %s\n", w.received, w.weekdays[e.From.Weekday()], vntime.FormatMinute(e.From))
	fmt.Fprintf(&b, "%s: %s\n", w.limit, e.period(w))
	due := vntime.FormatDate(e.Due)
	if e.timed() {
		due = vntime.FormatMinute(e.Due)
	}
	fmt.Fprintf(&b, "%s: %s, %s\n", w.due, w.weekdays[e.Due.Weekday()], due)
	for _, l := range e.Days {
		fmt.Fprintf(&b, "%s %s: %s; %s", vntime.FormatDate(l.Date), w.weekdays[l.Date.Weekday()], e.count(l, w),
			l.Reason.Text(lang))
		if l.Law != "" {
			fmt.Fprintf(&b, " (%s)", l.Law)
		}
		b.WriteByte('\n')
	}
	if e.Provisional {
		b.WriteString(w.provisional + "\n")
	}
	return b.String()
}

// timed reports whether the period runs by the clock and not by days.
func (e Explanation) timed() bool { return e.Unit == WorkingHours || e.Unit == Hours }

func (e Explanation) period(w *words) string {
	if !e.timed() {
		return fmt.Sprintf("%d %s", e.Count, w.units[e.Unit])
	}
	hours, minutes := int(e.Period/time.Hour), int(e.Period%time.Hour/time.Minute)
	if minutes == 0 {
		return fmt.Sprintf("%d %s", hours, w.units[e.Unit])
	}
	return fmt.Sprintf("%d:%02d %s", hours, minutes, w.units[e.Unit])
}

func (e Explanation) count(l Line, w *words) string {
	switch {
	case !l.Counted:
		return w.notCounted
	case e.timed():
		return fmt.Sprintf("%s %d:%02d", w.hours, int(l.Worked/time.Hour), int(l.Worked%time.Hour/time.Minute))
	}
	return fmt.Sprintf("%s %d", w.number, l.No)
}

func (c *Calendar) explain(from time.Time, at, due, n int, unit Unit) Explanation {
	return Explanation{
		From: vntime.In(from), Due: endOf(c.days[due].Date), Closes: c.closes(due), Unit: unit, Count: n,
		Days: make([]Line, 0, due-at+1),
	}
}

func (e *Explanation) add(l Line) {
	e.Days = append(e.Days, l)
	e.Provisional = e.Provisional || l.Provisional
}

type words struct {
	received, limit, due, number, hours, notCounted, provisional string
	weekdays                                                     [7]string
	units                                                        map[Unit]string
}

func wordsOf(lang string) *words {
	if lang == "en" {
		return &words{
			"Received", "Time limit", "Due", "counted as day", "counted, hours", "not counted",
			"Note: this count rests on at least one rule that waits for its official text.",
			[7]string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"},
			map[Unit]string{WorkingDays: "working days", Days: "days", Months: "months", WorkingHours: "working hours",
				Hours: "hours"},
		}
	}
	return &words{
		"Tiếp nhận", "Thời hạn", "Hẹn trả", "tính là ngày thứ", "tính số giờ", "không tính",
		"Lưu ý: cách tính này dùng ít nhất một quy định đang chờ văn bản chính thức.",
		[7]string{"Chủ nhật", "thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy"},
		map[Unit]string{WorkingDays: "ngày làm việc", Days: "ngày", Months: "tháng", WorkingHours: "giờ làm việc",
			Hours: "giờ"},
	}
}
