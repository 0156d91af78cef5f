package office

import "time"

// vietnam is the zone of every time the office shows: UTC+7 all year, without a time-zone database.
var vietnam = time.FixedZone("+07", 7*60*60)

func formatMinute(t time.Time) string { return t.In(vietnam).Format("02/01/2006 15:04") }

func formatDay(t time.Time) string { return t.In(vietnam).Format("02/01/2006") }

// formatDue writes a due date: limits in days end with the day, limits in hours at their minute.
func formatDue(t time.Time) string {
	if local := t.In(vietnam); local.Hour() == 23 && local.Minute() == 59 {
		return formatDay(t)
	}
	return formatMinute(t)
}
