package dossier

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/motcua/motcua/internal/vntime"
	"github.com/motcua/motcua/journal"
)

// maxTries bounds how often a serial number is asked for while others take theirs.
const maxTries = 1000

// issueCode reserves the next serial number of an agency's day for one dossier.
//
// The stream "serial/<agency>-<yymmdd>" has one fact for each number, so the fact's own place in the stream is the
// number: it is unique because the journal lets only one fact take a place. The reservation is a command whose key is
// the dossier. So whoever asks again for the same dossier on the same day, after the process died between this append
// and the one that accepts the dossier, or because two officers accept it at once, gets the number of the first time.
// If acceptance never follows, the number stays unused: numbers need not be without gaps (61/2018/NĐ-CP Art 26).
func issueCode(ctx context.Context, j journal.Journal, agency AgencyID, id ID, at time.Time) (Code, error) {
	at = vntime.In(at)
	stream, err := journal.ParseStream(fmt.Sprintf("serial/%s-%s", agency, at.Format("060102")))
	if err != nil {
		return Code{}, err
	}
	body, err := journal.EncodeBody(struct {
		Dossier ID `json:"dossier"`
	}{id})
	if err != nil {
		return Code{}, err
	}
	fact := journal.Fact{Kind: "dossier.serial-reserved", Actor: "desk", At: at, Body: body,
		Command: journal.NewCommand(id.String(), body)}
	after := int64(0)
	for range maxTries {
		if after >= MaxSerial {
			return Code{}, &SerialError{Agency: agency, Max: MaxSerial}
		}
		records, err := j.Append(ctx, stream, after, fact)
		if err == nil {
			return NewCode(agency, at, records[0].Seq)
		}
		var conflict *journal.ConflictError
		if !errors.As(err, &conflict) {
			return Code{}, fmt.Errorf("dossier: serial number: %w", err)
		}
		after = conflict.Head
	}
	return Code{}, fmt.Errorf("dossier: serial number: gave up after %d tries: %w", maxTries, journal.ErrConflict)
}
