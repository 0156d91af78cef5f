package onceonly

import (
	"encoding/json"
	"time"

	"github.com/motcua/motcua/journal"
)

// State is how far a lookup has come.
type State string

// The states.
const (
	// Open: the intent is written, the outcome is not. Right after a crash nobody knows whether the register was asked.
	Open State = "open"
	// Closed: the outcome is written.
	Closed State = "closed"
	// Abandoned: somebody has looked at an open lookup and closed it without an outcome.
	Abandoned State = "abandoned"
)

// Use is one lookup as the journal has it: who looked at which fields, when, why, and how it ended. It is the body of
// both facts of a lookup and holds names of fields, never their values.
type Use struct {
	Lookup     string    `json:"lookup"`
	State      State     `json:"state"`
	AskedAt    time.Time `json:"askedAt"`
	AnsweredAt time.Time `json:"answeredAt,omitzero"`
	// Subject is the pseudonym of the person the data is about.
	Subject string `json:"subject"`
	// Actor is the pseudonym of who looked; ActorKind "citizen" or "officer"; Unit the officer's agency.
	Actor       string  `json:"actor"`
	ActorKind   string  `json:"actorKind"`
	Unit        string  `json:"unit,omitempty"`
	Procedure   string  `json:"procedure"`
	Dossier     string  `json:"dossier,omitempty"`
	Purpose     string  `json:"purpose"`
	PurposeText string  `json:"purposeText"`
	Basis       Basis   `json:"basis"`
	Provision   string  `json:"provision,omitempty"`
	Consent     string  `json:"consent,omitempty"`
	Fields      []Field `json:"fields"`
	// Asks are the questions to the registers, one each.
	Asks []Ask `json:"asks"`
	// Papers are the fields whose papers the office may ask for after this lookup.
	Papers []Field `json:"papers,omitempty"`
}

// Ask is one question to one register, and how it ended.
type Ask struct {
	Source    string  `json:"source"`
	Via       string  `json:"via,omitempty"`
	RequestID string  `json:"request"`
	Fields    []Field `json:"fields"`
	// Outcome is empty while the lookup is open.
	Outcome    Kind         `json:"outcome,omitempty"`
	Ground     string       `json:"ground,omitempty"`
	RetryAfter int64        `json:"retryAfterSeconds,omitempty"`
	AnswerHash journal.Hash `json:"answerHash,omitzero"`
	Asserted   time.Time    `json:"asserted,omitzero"`
	// Missing are the fields the register holds nothing under.
	Missing []Field `json:"missing,omitempty"`
	// Millis is how long the question took, in milliseconds.
	Millis int64 `json:"millis,omitempty"`
}

func decodeUse(record journal.Record) (Use, error) {
	var use Use
	if err := json.Unmarshal(record.Body, &use); err != nil {
		return Use{}, &RecordError{Step: "reading", Err: err}
	}
	return use, nil
}

// Names of the keys a lookup's stream is found by.
const (
	keySubject = "onceonly.subject"
	keyDossier = "onceonly.dossier"
	keyOpen    = "onceonly.open"
)

// keys sorts every list of lookups by the time of asking.
func (u *Use) keys() []journal.Key {
	at := u.AskedAt.UnixMicro()
	keys := []journal.Key{{Name: keySubject, Value: u.Subject, Sort: at}}
	if u.Dossier != "" {
		keys = append(keys, journal.Key{Name: keyDossier, Value: u.Dossier, Sort: at})
	}
	if u.State == Open {
		keys = append(keys, journal.Key{Name: keyOpen, Value: "yes", Sort: at})
	}
	return keys
}

func (u *Use) fact(kind, actor string, at time.Time) (journal.Fact, error) {
	body, err := journal.EncodeBody(u)
	if err != nil {
		return journal.Fact{}, err
	}
	return journal.Fact{Kind: kind, Actor: actor, At: at, Body: body, Subject: u.Subject, Keys: u.keys()}, nil
}
