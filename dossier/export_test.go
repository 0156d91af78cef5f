package dossier

import (
	"encoding/json"

	"github.com/motcua/motcua/dossier/calendar"
	"github.com/motcua/motcua/journal"
)

// The two ways of a body, for the test that holds them equal.

// DecodeBody reads a body, by the reader of bodies and by encoding/json.
func DecodeBody(raw []byte) (short, long any, shortErr, longErr error) {
	var a, b factBody
	shortErr, longErr = decodeBody(raw, &a), json.Unmarshal(raw, &b)
	return a, b, shortErr, longErr
}

// DecodedShort reports whether the reader of bodies needs no help with one and its deadline.
func DecodedShort(raw []byte) bool {
	var body factBody
	var e storedExplanation
	r := newBodyReader(raw)
	r.body(&body)
	if !r.done() || len(body.Detail.Deadline) == 0 {
		return r.done()
	}
	r = newBodyReader(body.Detail.Deadline)
	r.explanation(&e)
	return r.done()
}

// DecodeExplanation is DecodeBody for a deadline.
func DecodeExplanation(raw []byte) (short, long any, shortErr, longErr error) {
	var a, b storedExplanation
	shortErr, longErr = decodeExplanation(raw, &a), json.Unmarshal(raw, &b)
	return a, b, shortErr, longErr
}

// EncodeBody writes what a body says, by the writer of bodies and through the journal.
func EncodeBody(raw []byte) (short, long []byte, shortErr, longErr error) {
	var body factBody
	if err := json.Unmarshal(raw, &body); err != nil {
		return nil, nil, err, err
	}
	if deadline := body.Detail.Deadline; len(deadline) > 0 { // canonical in every body that is to be written
		canonical, err := journal.EncodeBody(deadline)
		if err != nil {
			return nil, nil, err, err
		}
		body.Detail.Deadline = canonical
	}
	short, shortErr = body.encode()
	long, longErr = journal.EncodeBody(body)
	return short, long, shortErr, longErr
}

// EncodeExplanation writes an explanation both ways.
func EncodeExplanation(e calendar.Explanation) (short, long []byte, shortErr, longErr error) {
	short, shortErr = encodeExplanation(e)
	long, longErr = journal.EncodeBody(e)
	return short, long, shortErr, longErr
}
