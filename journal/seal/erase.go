package seal

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/motcua/motcua/journal"
)

const (
	factOrdered = "seal.erasure-ordered"
	factErased  = "seal.erased"
	keyErasure  = "seal.erasure"
	isOrdered   = "ordered"
	isDone      = "done"
	maxErasures = 1000 // facts of one subject's erasures
	maxTries    = 64
)

// Order says who has a subject erased, and why. It is written into the journal and stays.
type Order struct {
	// Actor is the pseudonym of who decides. Required.
	Actor string
	// Ground is the legal ground or the request it answers, without personal data. Required, at most 200 bytes.
	Ground string
}

// Erase destroys the data keys of a subject, between two facts in the stream "erasure/…": who ordered it and why, and
// that it is done. When it returns without an error nobody can read the private halves written about the subject until
// now, in any process; a reading that was under way may still show a few records it has the key for. What is being
// appended at the same moment comes before or after. After an error call it again, with any order: what was ordered
// stays on [Journal.Pending] until it is done. Errors: *journal.InvalidError, *KeyError, those of the journal.
func (j *Journal) Erase(ctx context.Context, subject string, order Order) error {
	if subject == "" || !isText(subject) {
		return &journal.InvalidError{Field: "subject", Rule: "1 to 200 bytes of UTF-8 without NUL"}
	}
	if order.Ground == "" || !isText(order.Ground) {
		return &journal.InvalidError{Field: "ground", Rule: "1 to 200 bytes of UTF-8 without NUL"}
	}
	stream, err := erasureStream(subject)
	if err != nil {
		return err
	}
	ordered, err := j.order(ctx, stream, subject, order)
	if err != nil {
		return fmt.Errorf("seal: erase: %w", err)
	}
	if err := j.keys.Destroy(ctx, subject); err != nil {
		return keyError("destroy", KeyID{}, err)
	}
	// Nothing but this very fact can follow the order, so whoever was faster has said the same.
	err = j.note(ctx, stream, ordered, factErased, isDone, subject, order)
	if err != nil && !errors.Is(err, journal.ErrConflict) {
		return fmt.Errorf("seal: erase: %w", err)
	}
	return nil
}

// Pending lists up to 500 subjects whose erasure was ordered and not finished, oldest order first.
func (j *Journal) Pending(ctx context.Context) ([]string, error) {
	page, err := j.below.Find(ctx, journal.Query{Name: keyErasure, Value: isOrdered, Limit: journal.MaxPage})
	if err != nil {
		return nil, fmt.Errorf("seal: pending: %w", err)
	}
	subjects := make([]string, len(page.Hits))
	for i := range page.Hits {
		subjects[i] = page.Hits[i].Head.Subject
	}
	return subjects, nil
}

// order returns the place of the order that is open, and writes it if there is none.
func (j *Journal) order(ctx context.Context, stream journal.Stream, subject string, order Order) (int64, error) {
	for range maxTries {
		records, err := journal.Load(ctx, j.below, stream)
		if err != nil {
			return 0, err
		}
		seq := int64(len(records))
		if seq > 0 && records[seq-1].Kind == factOrdered {
			return seq, nil
		}
		if seq >= maxErasures {
			return 0, &journal.InvalidError{Field: "subject", Rule: "at most 500 erasures"}
		}
		err = j.note(ctx, stream, seq, factOrdered, isOrdered, subject, order)
		if !errors.Is(err, journal.ErrConflict) {
			return seq + 1, err
		}
	}
	return 0, journal.ErrConflict
}

func (j *Journal) note(ctx context.Context, stream journal.Stream, after int64, kind, state, subject string, order Order,
) error {
	body, err := journal.EncodeBody(map[string]string{"ground": order.Ground})
	if err != nil {
		return err
	}
	now := j.cfg.Now()
	_, err = j.below.Append(ctx, stream, after, journal.Fact{Kind: kind, Actor: order.Actor, At: now, Body: body,
		Subject: subject, Keys: []journal.Key{{Name: keyErasure, Value: state, Sort: max(now.Unix(), 0)}}})
	return err
}

func erasureStream(subject string) (journal.Stream, error) {
	sum := sha256.Sum256([]byte("motcua seal subject v1\n" + subject))
	return journal.ParseStream("erasure/" + hex.EncodeToString(sum[:16]))
}
