package identity

import (
	_ "embed" // the table of places
	"strconv"
	"strings"
)

//go:embed data/places.txt
var placeTable string

// Place is a row of the table behind the first three digits of a [PersonID].
type Place struct {
	Code int
	// Name is the province's Vietnamese name at the time of registration, or the country's ISO 3166-1 alpha-2 code.
	Name string
	// Country says that the birth was registered abroad.
	Country bool
	// Since and Until are when the row begins and ends, "2016" or "2025-07-01"; an empty Until means in force.
	Since, Until string
	// Provisional marks a row whose source is doubtful.
	Provisional bool
}

// placeOf looks a code up. The table is short, so it is read line by line and nothing is kept.
func placeOf(code int) (Place, bool) {
	for line := range strings.Lines(placeTable) {
		if place, ok := readPlace(line); ok && place.Code == code {
			return place, true
		}
	}
	return Place{}, false
}

func readPlace(line string) (Place, bool) {
	line = strings.TrimSuffix(line, "\n")
	if strings.HasPrefix(line, "#") {
		return Place{}, false
	}
	number, rest, _ := strings.Cut(line, "|")
	kind, rest, _ := strings.Cut(rest, "|")
	name, rest, _ := strings.Cut(rest, "|")
	since, rest, _ := strings.Cut(rest, "|")
	until, mark, ok := strings.Cut(rest, "|")
	code, err := strconv.Atoi(number)
	return Place{
		Code: code, Name: name, Country: kind == "country", Since: since, Until: until,
		Provisional: mark == "provisional",
	}, ok && err == nil
}
