// Package vntime is the clock face of the house: Vietnamese legal time is UTC+7 all year round, without daylight
// saving (Decision 134/2002/QĐ-TTg), so a fixed offset is right and no time-zone database is looked up.
package vntime

import "time"

var zone = time.FixedZone("+07", 7*60*60)

// Zone returns the fixed +07:00 zone.
func Zone() *time.Location { return zone }

// In returns t on the Vietnamese clock face.
func In(t time.Time) time.Time { return t.In(zone) }

// Date returns the first instant of a civil day in Vietnam.
func Date(year int, month time.Month, day int) time.Time {
	return time.Date(year, month, day, 0, 0, 0, 0, zone)
}

// Midnight returns the first instant of the Vietnamese civil day that t falls in.
func Midnight(t time.Time) time.Time {
	y, m, d := t.In(zone).Date()
	return Date(y, m, d)
}

// FormatDate writes dd/MM/yyyy, the form of Vietnamese documents.
func FormatDate(t time.Time) string { return t.In(zone).Format("02/01/2006") }

// FormatMinute writes dd/MM/yyyy HH:mm.
func FormatMinute(t time.Time) string { return t.In(zone).Format("02/01/2006 15:04") }
