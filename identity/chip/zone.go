package chip

import (
	"strings"
	"time"

	"github.com/motcua/motcua/identity/card"
)

// zone is DG1: the machine-readable zone as the chip holds it.
type zone struct {
	card.MRZ
	kind Kind
	code string // "ID", "P"
}

// parseZone reads DG1 (Doc 9303-10, 4.7.1). TD2, three lines of which no citizen card has, is not read.
func parseZone(files Files, at time.Time) (zone, error) {
	body, ok := files.body(DG1)
	if !ok {
		return zone{}, refuse("content", "frame")
	}
	in := tlv{in: body}
	text, ok := in.take(0x5f1f)
	if !ok || !in.done() {
		return zone{}, refuse("content", "frame")
	}
	if len(text) != 90 && len(text) != 88 {
		return zone{}, refuse("content", "zone-size")
	}
	read, err := card.ParseMRZ(string(text), at)
	if err != nil {
		return zone{}, err
	}
	z := zone{MRZ: read, code: strings.TrimRight(string(text[:2]), "<"), kind: Card}
	if read.Document == card.TD3 {
		z.kind = Passport
	}
	return z, nil
}
