package main

import (
	"fmt"
	"sync/atomic"
	"time"

	"github.com/motcua/motcua/dossier/calendar"
)

var vietnam = time.FixedZone("+07", 7*60*60)

// storyStart is a Wednesday morning in a year with an official calendar: a story gives the same dates whenever it is
// played.
var storyStart = time.Date(2026, 11, 18, 8, 30, 0, 0, vietnam)

// clock is the office's clock: real time, or real time moved to a start.
type clock struct {
	offset time.Duration
	moved  bool
	ahead  atomic.Int64 // what a story has skipped
}

// newClock starts at a time, or now. When the official calendars do not reach two months ahead of now, no due date could
// be computed: the demonstration then moves to a time that is known, and says so.
func newClock(at string) (*clock, error) {
	now := time.Now()
	if at != "" {
		start, err := time.ParseInLocation("2006-01-02T15:04", at, vietnam)
		if err != nil {
			return nil, fmt.Errorf("-at: want yyyy-mm-ddThh:mm: %w", err)
		}
		return &clock{offset: start.Sub(now), moved: true}, nil
	}
	official, err := calendar.Official()
	if err != nil {
		return nil, err
	}
	if _, err := official.Day(now.AddDate(0, 0, 30)); err != nil {
		return &clock{offset: storyStart.Sub(now), moved: true}, nil
	}
	return &clock{}, nil
}

// Now is the office's time, in Vietnam.
func (c *clock) Now() time.Time {
	return time.Now().Add(c.offset + time.Duration(c.ahead.Load())).In(vietnam)
}

// Skip lets time pass, in stories.
func (c *clock) Skip(d time.Duration) { c.ahead.Add(int64(d)) }

// Note says that the clock does not show the real time.
func (c *clock) Note() string {
	if !c.moved {
		return ""
	}
	return "Đồng hồ của văn phòng chạy từ " + c.Now().Format("02/01/2006 15:04") + " (chưa có lịch làm việc chính thức cho thời điểm thật, hoặc theo -at)."
}
