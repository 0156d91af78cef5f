package rules

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/motcua/motcua/internal/vntime"
)

// Bounds of the files an operator may load.
const (
	maxFiles = 64
	maxFile  = 1 << 20
	maxRows  = 1000
)

type instrument struct {
	file        string
	Instrument  string     `json:"instrument"`
	Vi          string     `json:"vi"`
	En          string     `json:"en"`
	Since       date       `json:"since"`
	Until       date       `json:"until"`
	Amends      string     `json:"amends"`
	Source      string     `json:"source"`
	Seen        bool       `json:"seen"`
	Transitions []moveRow  `json:"transitions"`
	Limits      []limitRow `json:"limits"`
}

// dated is what every row may say about its life and its ground.
type dated struct {
	Since       date   `json:"since"`
	Until       date   `json:"until"`
	Instrument  string `json:"instrument"`
	Article     string `json:"article"`
	Provisional bool   `json:"provisional"`
	Basis       string `json:"basis"`
}

type moveRow struct {
	From     int      `json:"from"`
	Act      string   `json:"act"`
	To       int      `json:"to"`
	By       []string `json:"by"`
	When     []string `json:"when"`
	Optional bool     `json:"optional"`
	dated
}

type limitRow struct {
	Name   string `json:"name"`
	Number int64  `json:"number"`
	Value  string `json:"value"`
	Unit   string `json:"unit"`
	dated
}

// date is a civil day in Vietnam, "2006-01-02" in a file.
type date struct{ time.Time }

func (d *date) UnmarshalJSON(raw []byte) error {
	var text string
	if err := json.Unmarshal(raw, &text); err != nil {
		return err
	}
	t, err := time.ParseInLocation(time.DateOnly, text, vntime.Zone())
	if err != nil {
		return errors.New("want a day as yyyy-MM-dd")
	}
	d.Time = t
	return nil
}

func readAll(files fs.FS) ([]instrument, error) {
	names, err := fs.Glob(files, "*.json")
	if err != nil {
		return nil, &FileError{File: "*.json", Rule: "readable", Err: err}
	}
	if len(names) == 0 || len(names) > maxFiles {
		return nil, &FileError{File: "*.json", Rule: "1 to 64 files"}
	}
	instruments := make([]instrument, 0, len(names))
	for _, name := range names {
		in, err := readOne(files, name)
		if err != nil {
			return nil, err
		}
		instruments = append(instruments, in)
	}
	slices.SortStableFunc(instruments, func(a, b instrument) int { return a.Since.Compare(b.Since.Time) })
	return instruments, nil
}

func readOne(files fs.FS, name string) (instrument, error) {
	f, err := files.Open(name)
	if err != nil {
		return instrument{}, &FileError{File: name, Rule: "readable", Err: err}
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil || len(raw) > maxFile {
		return instrument{}, &FileError{File: name, Rule: "at most 1 MiB", Err: err}
	}
	in := instrument{file: name}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&in); err != nil {
		return in, &FileError{File: name, Rule: "the members of a law file", Err: err}
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return in, &FileError{File: name, Rule: "one JSON object"}
	}
	return in, in.check()
}

func (in *instrument) check() error {
	bad := func(row, rule string) error { return &FileError{File: in.file, Row: row, Rule: rule} }
	switch {
	case in.Instrument == "" || in.Vi == "" || in.En == "" || in.Source == "":
		return bad("", "instrument, vi, en and source")
	case in.Since.IsZero():
		return bad("since", "the day it came into force")
	case !in.Until.IsZero() && !in.Until.After(in.Since.Time):
		return bad("until", "a day after since")
	case len(in.Transitions)+len(in.Limits) > maxRows:
		return bad("", "at most 1000 rows")
	}
	for i, row := range in.Transitions {
		at := fmt.Sprintf("transitions[%d]", i)
		if rule := row.broken(); rule != "" {
			return bad(at, rule)
		}
		if rule := in.brokenLife(row.dated); rule != "" {
			return bad(at, rule)
		}
	}
	for i, row := range in.Limits {
		at := fmt.Sprintf("limits[%d]", i)
		if rule := row.broken(); rule != "" {
			return bad(at, rule)
		}
		if rule := in.brokenLife(row.dated); rule != "" {
			return bad(at, rule)
		}
	}
	return nil
}

func (row *moveRow) broken() string {
	switch {
	case row.From < 0 || row.From > 10:
		return "from 0 to 10"
	case row.To < 1 || row.To > 10:
		return "to 1 to 10"
	case !isWord(row.Act):
		return "act of lower-case letters and '-'"
	case len(row.By) == 0:
		return "by at least one role"
	}
	for _, word := range slices.Concat(row.By, row.When) {
		if !isWord(word) {
			return "roles and conditions of lower-case letters and '-'"
		}
	}
	return ""
}

func (row *limitRow) broken() string {
	switch row.Unit {
	case "times", "day", "workingDay", "minuteOfDay":
		if row.Number < 0 || row.Value != "" {
			return "a number that is not negative"
		}
	case "policy":
		if row.Value == "" || row.Number != 0 {
			return "a value"
		}
	default:
		return "unit times, day, workingDay, minuteOfDay or policy"
	}
	if row.Name == "" {
		return "a name"
	}
	return ""
}

func (in *instrument) brokenLife(d dated) string {
	since, until := in.life(d)
	switch {
	case since.Before(in.Since.Time) || !in.Until.IsZero() && (until.IsZero() || until.After(in.Until.Time)):
		return "a life inside its instrument's"
	case !until.IsZero() && !until.After(since):
		return "until after since"
	case d.Article == "" && !d.Provisional:
		return "an article, or the flag provisional"
	case d.Provisional && d.Basis == "":
		return "a basis beside the flag provisional"
	}
	return ""
}

// life returns when a row is in force: its own days, else its instrument's.
func (in *instrument) life(d dated) (since, until time.Time) {
	since, until = in.Since.Time, in.Until.Time
	if !d.Since.IsZero() {
		since = d.Since.Time
	}
	if !d.Until.IsZero() {
		until = d.Until.Time
	}
	return since, until
}

func (in *instrument) law(d dated) Law {
	law := Law{Instrument: in.Instrument, Article: d.Article, Provisional: d.Provisional, Basis: d.Basis}
	if d.Instrument != "" && d.Instrument != in.Instrument {
		law.Instrument = d.Instrument
		if d.Instrument == in.Amends {
			law.AmendedBy = in.Instrument
		}
	}
	return law
}

func isWord(s string) bool {
	return s != "" && len(s) <= 40 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz-") == ""
}
