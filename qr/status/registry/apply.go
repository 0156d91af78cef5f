package registry

import (
	"encoding/hex"
	"encoding/json"

	"github.com/motcua/motcua/qr"
	"github.com/motcua/motcua/qr/status"
)

// apply takes one line of the book in and returns the rule it breaks, if any.
func (r *Registry) apply(f Fact) string {
	if (f.Kind == factOpened) != (f.Seq == 1) {
		return "the opening first and once"
	}
	switch f.Kind {
	case factOpened:
		return r.applyOpened(f)
	case factIssued:
		return r.applyIssued(f)
	case factRevoked:
		return r.applyChange(f, status.Revoked)
	case factSuspended:
		return r.applyChange(f, status.Suspended)
	case factResumed:
		return r.applyChange(f, status.Good)
	case factRate:
		return r.applyRate(f)
	}
	return "a known kind"
}

func (r *Registry) applyOpened(f Fact) string {
	var b openedBody
	if !decode(f.Body, &b) {
		return "a body of its kind"
	}
	if b != (openedBody{r.issuer.Agency(), r.list.Number, r.list.Size, r.list.URI}) {
		return "the agency, number, size and address the list was opened with"
	}
	return ""
}

func (r *Registry) applyIssued(f Fact) string {
	var b issuedBody
	id, ok := qr.ID{}, decode(f.Body, &b)
	if ok {
		id, ok = parseID(b.ID)
	}
	switch {
	case !ok || b.Index >= r.list.Size:
		return "a body of its kind"
	case !r.take(b.Index):
		return "a place that is free"
	}
	if _, twice := r.ids[id]; twice {
		return "an identifier that is new"
	}
	r.ids[id] = uint32(b.Index)
	r.count(b.Kind, f)
	return ""
}

func (r *Registry) applyChange(f Fact, to status.Value) string {
	var b changedBody
	id, ok := qr.ID{}, decode(f.Body, &b)
	if ok {
		id, ok = parseID(b.ID)
	}
	index, known := r.ids[id]
	if !ok || !known {
		return "a code that was issued"
	}
	if from, _ := r.table.At(uint64(index)); !mayChange(from, to) {
		return "a status that may change so"
	}
	if err := r.table.Set(uint64(index), to); err != nil {
		return "a place in the list"
	}
	for _, decoy := range b.Decoys {
		if decoy >= r.list.Size || !r.take(decoy) || r.table.Set(decoy, status.Revoked) != nil {
			return "decoys at free places"
		}
	}
	return ""
}

// mayChange is the table of changes: good and suspended to each other and to revoked, and nothing from there.
func mayChange(from, to status.Value) bool {
	return from != to && from != status.Revoked
}

func decode(body []byte, into any) bool { return json.Unmarshal(body, into) == nil }

func parseID(s string) (qr.ID, bool) {
	raw, err := hex.DecodeString(s)
	if err != nil || len(raw) != len(qr.ID{}) {
		return qr.ID{}, false
	}
	return qr.ID(raw), true
}
