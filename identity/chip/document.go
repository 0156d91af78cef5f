package chip

import (
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/motcua/motcua/identity"
	"github.com/motcua/motcua/identity/card"
)

// Document is what a chip holds, verified. It prints redacted.
type Document struct {
	// Zone is the machine-readable zone of DG1.
	Zone card.MRZ
	// Details are those of DG13; zero when the chip has none or they could not be read.
	Details Details
	// Portrait is that of DG2; zero when it was not read.
	Portrait Portrait

	at time.Time
}

// Statements are what the chip says of the person, verified: one by its details if it has them, one by its zone. By is the
// station that read it. Give them to identity.Subject.Corroborate.
func (d Document) Statements(by string) []identity.Statement {
	origin := identity.Origin{Source: identity.FromChip, Trust: identity.Verified, By: by, At: d.at}
	zone := d.Zone.Statement(d.at, by)
	zone.Origin = origin
	if d.Details.IsZero() {
		return []identity.Statement{zone}
	}
	// The details come first: their names have all letters, and the zone's are held against them.
	list := []identity.Statement{{
		Origin: origin, Person: d.Details.Person, OldNumber: d.Details.OldNumber, Name: d.Details.Name,
		BirthDate: d.Details.BirthDate, Sex: d.Details.Sex,
	}, zone}
	return list
}

// conflicts are what does not fit within the chip: zone, details and the digits of the number.
func (d Document) conflicts() []identity.Conflict {
	together, err := identity.Subject{}.Corroborate(d.at, d.Statements("")...)
	if err != nil {
		return nil
	}
	return together.Conflicts
}

const redactedDocument = "chip.Document(redacted)"

// String returns no field.
func (d Document) String() string { return redactedDocument }

// Format answers every verb without a field.
func (d Document) Format(state fmt.State, _ rune) { _, _ = io.WriteString(state, redactedDocument) }

// LogValue gives loggers no field.
func (d Document) LogValue() slog.Value { return slog.StringValue(redactedDocument) }

// MarshalText gives encoders no field.
func (d Document) MarshalText() ([]byte, error) { return []byte(redactedDocument), nil }
