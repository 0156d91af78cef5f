package registry

import (
	"context"
	"time"
)

// Store is what a registry needs of an append-only journal: journal.Journal in two methods without its types. An
// adapter is a dozen lines.
type Store interface {
	// Append adds facts behind the stream's sequence number after, all of them or none. If the stream ends elsewhere
	// the error is [ErrConflict].
	Append(ctx context.Context, stream string, after int64, facts ...Fact) error
	// Read returns the facts of a stream behind a sequence number, oldest first.
	Read(ctx context.Context, stream string, after int64) ([]Fact, error)
}

// Fact is one line of the book.
type Fact struct {
	// Seq is the place in the stream, from 1. Append does not set it.
	Seq int64
	// Kind is "qr.list-opened", "qr.code-issued", "qr.code-revoked", "qr.code-suspended", "qr.code-resumed" or
	// "qr.rate-exceeded".
	Kind string
	// Actor is the pseudonym of who did it.
	Actor string
	At    time.Time
	// Body is a canonical JSON object without personal data.
	Body []byte
}

const (
	factOpened    = "qr.list-opened"
	factIssued    = "qr.code-issued"
	factRevoked   = "qr.code-revoked"
	factSuspended = "qr.code-suspended"
	factResumed   = "qr.code-resumed"
	factRate      = "qr.rate-exceeded"
)

// The bodies. A field that is added later is optional, one that is there stays.
type (
	openedBody struct {
		Agency string `json:"agency"`
		List   uint64 `json:"list"`
		Size   uint64 `json:"size"`
		URI    string `json:"uri"`
	}
	issuedBody struct {
		ID        string `json:"id"`
		Index     uint64 `json:"index"`
		Kind      string `json:"kind"`
		Procedure string `json:"procedure,omitempty"`
		Dossier   string `json:"dossier,omitempty"`
		Expires   int64  `json:"expires"`
		Sum       string `json:"sum"` // SHA-256 of the text
		Replaces  string `json:"replaces,omitempty"`
	}
	changedBody struct {
		ID     string   `json:"id"`
		Reason string   `json:"reason"`
		Decoys []uint64 `json:"decoys,omitempty"`
	}
	rateBody struct {
		Limit string `json:"limit"`
		Count int    `json:"count"`
		// Refused says that the codes were not issued.
		Refused bool `json:"refused"`
	}
)
