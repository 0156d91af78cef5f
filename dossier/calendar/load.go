package calendar

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"io"
	"slices"
	"time"

	"github.com/motcua/motcua/internal/vntime"
)

// Bounds of a data file.
const (
	maxFile = 1 << 20
	maxRows = 10_000
	minYear = 1976
	maxYear = 2200
)

const fileFormat = "motcua-calendar/1"

//go:embed data/official.json
var official []byte

type file struct {
	Format string    `json:"format"`
	Years  []yearRow `json:"years"`
	Days   []dayRow  `json:"days"`
}

type yearRow struct {
	Year   int    `json:"year"`
	Source string `json:"source"`
}

type dayRow struct {
	Date        string `json:"date"`
	Working     bool   `json:"working"`
	Reason      string `json:"reason"`
	Vi          string `json:"vi"`
	En          string `json:"en"`
	Law         string `json:"law"`
	Source      string `json:"source"`
	Mark        string `json:"mark"`
	Provisional bool   `json:"provisional"`
}

// Official returns the calendar of state offices for the years whose list was published when this version was made.
func Official() (*Calendar, error) { return Load(bytes.NewReader(official)) }

// Load reads a calendar in the format "motcua-calendar/1": the years it answers for, and one row for each day that is not
// what its weekday says. Errors: *[InvalidError], or the reader's.
func Load(r io.Reader) (*Calendar, error) {
	return build(nil, r)
}

// Override returns a calendar in which the rows of r stand before the rows of c for the same day, and the years of r are
// answered for too. c itself does not change. An operator uses it for a list published later and for local days.
func (c *Calendar) Override(r io.Reader) (*Calendar, error) {
	next, err := build(c, r)
	if err != nil {
		return nil, err
	}
	next.cfg = c.cfg
	return next, nil
}

func build(base *Calendar, r io.Reader) (*Calendar, error) {
	raw, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return nil, &InvalidError{Field: "file", Rule: "readable", Err: err}
	}
	f, err := decode(raw)
	if err != nil {
		return nil, err
	}
	years := map[int]string{}
	rows := map[int]Day{}
	if base != nil {
		for y, source := range base.years {
			years[y] = source
		}
		for n, d := range base.rows {
			rows[n] = d
		}
	}
	for _, y := range f.Years {
		years[y.Year] = y.Source
	}
	seen := map[int]bool{}
	for _, row := range f.Days {
		d, err := row.day()
		if err != nil {
			return nil, err
		}
		n := number(d.Date)
		if _, ok := years[d.Date.Year()]; !ok || seen[n] {
			return nil, &InvalidError{Field: "days." + row.Date, Rule: "one row a day, within the years of the file"}
		}
		seen[n] = true
		rows[n] = d
	}
	return tabulate(years, rows), nil
}

func decode(raw []byte) (*file, error) {
	if len(raw) > maxFile {
		return nil, &InvalidError{Field: "file", Rule: "at most 1 MiB"}
	}
	var f file
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&f); err != nil {
		return nil, &InvalidError{Field: "file", Rule: "JSON in the format " + fileFormat, Err: err}
	}
	if dec.More() {
		return nil, &InvalidError{Field: "file", Rule: "one JSON value"}
	}
	switch {
	case f.Format != fileFormat:
		return nil, &InvalidError{Field: "format", Rule: fileFormat}
	case len(f.Years) == 0:
		return nil, &InvalidError{Field: "years", Rule: "at least one"}
	case len(f.Days) > maxRows:
		return nil, &InvalidError{Field: "days", Rule: "at most 10000 rows"}
	}
	for _, y := range f.Years {
		if y.Year < minYear || y.Year > maxYear || y.Source == "" {
			return nil, &InvalidError{Field: "years", Rule: "1976 to 2200, each with its source"}
		}
	}
	return &f, nil
}

func (row dayRow) day() (Day, error) {
	t, err := time.ParseInLocation("2006-01-02", row.Date, vntime.Zone())
	if err != nil {
		return Day{}, &InvalidError{Field: "days.date", Rule: "yyyy-mm-dd", Err: err}
	}
	switch {
	case !slices.Contains(reasonCodes, row.Reason):
		return Day{}, &InvalidError{Field: "days." + row.Date + ".reason", Rule: "a known reason code"}
	case row.Vi == "" || row.En == "" || row.Law == "":
		return Day{}, &InvalidError{Field: "days." + row.Date, Rule: "vi, en and law"}
	case !slices.Contains([]string{"C", "C2", "D", "R"}, row.Mark):
		return Day{}, &InvalidError{Field: "days." + row.Date + ".mark", Rule: "C, C2, D or R"}
	}
	return Day{
		Date: t, Working: row.Working, Reason: Reason{row.Reason, row.Vi, row.En}, Law: row.Law, Source: row.Source,
		// What was only recalled or inferred stays marked, whatever the row says.
		Provisional: row.Provisional || row.Mark == "R" || row.Mark == "D",
	}, nil
}
