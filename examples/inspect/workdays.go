package main

import (
	"context"
	"flag"
	"fmt"
	"strings"
	"time"

	"github.com/motcua/motcua/dossier/calendar"
)

// vietnam is the zone of every date on the command line.
func vietnam() *time.Location { return time.FixedZone("+07", 7*60*60) }

func workdaysCommand(flags *flag.FlagSet) func() (judge, error) {
	from := flags.String("from", "", "the day of the event, yyyy-mm-dd")
	add := flags.Int("add", 0, "working days to count")
	return func() (judge, error) {
		official, err := calendar.Official()
		if err != nil {
			return nil, err
		}
		if *from != "" {
			return func(context.Context, string) (any, bool) { return workdays(official, *from, *add) }, nil
		}
		return func(_ context.Context, line string) (any, bool) {
			var day string
			var n int
			if _, err := fmt.Sscan(strings.ReplaceAll(line, ",", " "), &day, &n); err != nil {
				return refuse(fault{"input.line", "Mỗi dòng gồm một ngày và số ngày làm việc: yyyy-mm-dd N.", "A line is a day and a number of working days: yyyy-mm-dd N."}), false
			}
			return workdays(official, day, n)
		}, nil
	}
}

func workdays(official *calendar.Calendar, from string, n int) (any, bool) {
	type answer struct {
		verdict
		Date        string                `json:"date,omitempty"`
		Explanation *calendar.Explanation `json:"explanation,omitempty"`
	}
	day, err := time.ParseInLocation(time.DateOnly, from, vietnam())
	if err != nil {
		return answer{verdict: refuse(fault{"input.date", "Ngày phải có thật và viết theo dạng yyyy-mm-dd.", "The day must exist and be written yyyy-mm-dd."})}, false
	}
	e, err := official.AddWorkingDays(day, n)
	if err != nil {
		return answer{verdict: refuse(err)}, false
	}
	reasons := []reason{}
	for _, line := range e.Days {
		if !line.Counted {
			reasons = append(reasons, reason{line.Reason.Code, line.Date.Format("02/01/2006") + ": " + line.Reason.Vi,
				line.Date.Format(time.DateOnly) + ": " + line.Reason.En, line.Law})
		}
	}
	return answer{verdict{true, reasons}, e.Due.Format(time.DateOnly), &e}, true
}
