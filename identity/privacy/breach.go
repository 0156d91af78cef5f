package privacy

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/motcua/motcua/identity"
)

// Breach is a violation of personal data protection (vi phạm bảo vệ dữ liệu cá nhân): what is known of it and what was
// done. It names the persons affected by pseudonym, so its JSON is a report that leaks nothing further. Law 91/2025/QH15
// Art. 23.
type Breach struct {
	ID        string    `json:"id"`
	FirstSeen time.Time `json:"firstSeen"`
	// Kind is "lost", "disclosed", "altered" or "unavailable".
	Kind string `json:"kind"`
	// Items are the kinds of data concerned, Sensitive those of them that are.
	Items     []string `json:"items"`
	Sensitive []string `json:"sensitive,omitempty"`
	// Affected are the persons known so far, Count how many there are at least.
	Affected []identity.Pseudonym `json:"affected,omitempty"`
	Count    int                  `json:"count"`
	// Cause and Measures are short keys or sentences of the agency's own, without personal data.
	Cause    string   `json:"cause"`
	Measures []string `json:"measures,omitempty"`
	// NotifyBy is when the specialised agency has to know; Provisional says that the period's text was not seen.
	NotifyBy    time.Time          `json:"notifyBy"`
	Provisional bool               `json:"provisional,omitempty"`
	Notified    time.Time          `json:"notified,omitzero"`
	NotifiedBy  identity.Pseudonym `json:"notifiedBy,omitzero"`
	Late        bool               `json:"late,omitempty"`
}

const maxAffected = 100_000

// OpenBreach enters a breach that was first seen at this time and sets by when it has to be notified. Errors: *Error.
func OpenBreach(b Breach, purposes *Purposes, law Deadlines) (Breach, error) {
	switch {
	case b.FirstSeen.IsZero():
		return Breach{}, refuse("breach", "time")
	case !slices.Contains([]string{"lost", "disclosed", "altered", "unavailable"}, b.Kind), b.Cause == "", len(b.Items) == 0,
		len(b.Cause) > 1000, len(b.Measures) > maxRows, len(b.Affected) > maxAffected, b.Count < 0, law.Breach.Hours == 0:
		return Breach{}, refuse("breach", "fields")
	}
	b.Sensitive = nil
	for _, name := range b.Items {
		item, ok := purposes.Item(name)
		if !ok {
			return Breach{}, refuse("breach", "fields")
		}
		if item.Sensitive {
			b.Sensitive = append(b.Sensitive, name)
		}
	}
	b.ID = newID("breach")
	b.Affected = slices.Clone(b.Affected)
	b.Count = max(b.Count, len(b.Affected))
	b.NotifyBy = b.FirstSeen.Add(time.Duration(law.Breach.Hours) * time.Hour)
	b.Provisional = law.Breach.Provisional
	b.Notified, b.NotifiedBy, b.Late = time.Time{}, identity.Pseudonym{}, false
	return b, nil
}

// Notify records that the specialised agency was told. Errors: *Error when it was before.
func (b Breach) Notify(at time.Time, by identity.Pseudonym) (Breach, error) {
	switch {
	case !b.Notified.IsZero():
		return b, refuse("breach", "notified")
	case at.Before(b.FirstSeen) || by.IsZero():
		return b, refuse("breach", "time")
	}
	b.Notified, b.NotifiedBy, b.Late = at, by, at.After(b.NotifyBy)
	return b, nil
}

// Overdue reports whether the breach should have been notified and was not.
func (b Breach) Overdue(at time.Time) bool { return b.Notified.IsZero() && at.After(b.NotifyBy) }

// Report returns the breach as indented JSON, to be sent or filed.
func (b Breach) Report() ([]byte, error) { return json.MarshalIndent(b, "", "  ") }
