package qr

import (
	"bytes"
	"time"

	"github.com/motcua/motcua/internal/detcbor"
)

// An envelope is what a code of the profile holds: the signed message alone, or an array of the message and the slots
// of its fields, or that with a time, a nonce and the holder's signature over everything before it.
type envelope struct {
	sign1
	slots     []byte // encoded, nil if there are none
	presented bool
	at        uint64 // seconds
	nonce     []byte
	proof     []byte // the holder's signature
	signed    []byte // what the holder has signed
}

const (
	envelopeShown     = 2 // message, slots
	envelopePresented = 5 // message, slots, time, nonce, signature

	maxNonce = 32
)

// parseEnvelope reads any of the three forms.
func parseEnvelope(data []byte) (envelope, Reason) {
	r := detcbor.NewReader(data)
	if !r.IsArray() {
		message, reason := parseSign1(data, "")
		return envelope{sign1: message}, reason
	}
	n := r.Array(envelopePresented)
	if n != envelopeShown && n != envelopePresented {
		return envelope{}, reasonCBOR
	}
	message, reason := readSign1(&r, "")
	e := envelope{sign1: message, presented: n == envelopePresented}
	if reason != reasonNone {
		return e, reason
	}
	start := r.Offset()
	readSlots(&r, &Person{}) // what they say is read when it is known whose they are
	e.slots = data[start:r.Offset()]
	if e.presented {
		e.at, e.nonce, e.proof = r.Uint(), r.Bytes(), r.Bytes()
	}
	if r.End() != nil || len(e.nonce) > maxNonce || e.at > maxSeconds {
		return e, reasonCBOR
	}
	if len(e.slots) == 1 { // an empty array
		if !e.presented {
			return e, reasonCBOR // the message alone says the same
		}
		e.slots = nil
	}
	if e.presented {
		e.signed = data[:len(data)-len(e.proof)-2] // behind a head of two bytes
		if len(e.proof) != signatureSize {
			return e, reasonSignatureForm
		}
	}
	return e, reasonNone
}

// open fills in what is shown and checks that it is what was signed, and that a code bound to a holder comes from him.
func (e *envelope) open(claims *Claims, want proofWanted) (Verdict, Reason) {
	person, _ := claims.Body.(Person)
	if person.Selective != (e.slots != nil) {
		return Malformed, reasonDisclosure
	}
	if person.Selective {
		shown := Person{Selective: true, commitment: person.commitment}
		r := detcbor.NewReader(e.slots)
		slots := readSlots(&r, &shown)
		if r.End() != nil || commit(slots) != person.commitment {
			return BadSignature, reasonDisclosure
		}
		if shown.checkFields() != nil {
			return Malformed, reasonClaims
		}
		shown.Hidden = len(slots) - len(shown.present())
		claims.Body = shown
	}
	switch {
	case (claims.Holder != nil) != e.presented, want.demanded && !e.presented:
		return Malformed, reasonHolder
	case !e.presented:
		return Valid, reasonNone
	}
	key, err := newVerifyKey(claims.Holder)
	if err != nil {
		return Malformed, reasonClaims
	}
	switch {
	case key.alg == algES256 && !isLow([32]byte(e.proof[32:])):
		return Malformed, reasonSignatureForm
	case !key.verify(key.alg, toBeShown(e.signed), e.proof):
		return BadSignature, reasonHolderSignature
	case want.demanded && !bytes.Equal(e.nonce, want.nonce):
		return BadSignature, reasonNonce
	}
	return Valid, reasonNone
}

// proofWanted is what a verifier asks of the holder.
type proofWanted struct {
	demanded bool
	nonce    []byte
}

// toBeShown is what a holder signs: it can be taken neither for a message of an agency nor for anything else.
func toBeShown(prefix []byte) []byte {
	b := detcbor.AppendText(detcbor.AppendArray(nil, 2), "VN1 presentation")
	return detcbor.AppendBytes(b, prefix)
}

// A presentation is good for a minute, the time a code of VNeID lives (Official Letter 1101/BCA-QLHC of 2023), and half
// a minute on both sides for clocks.
const (
	presentFor  = 60 * time.Second
	presentSkew = 30 * time.Second
)

// window holds the time of a presentation to the time of the check.
func (e *envelope) window(at time.Time) (Verdict, Reason) {
	shown := time.Unix(int64(e.at), 0)
	switch {
	case !e.presented:
		return Valid, reasonNone
	case shown.After(at.Add(presentSkew)):
		return NotYetValid, reasonPresentedLater
	case !at.Before(shown.Add(presentFor + presentSkew)):
		return Expired, reasonPresentedEarlier
	}
	return Valid, reasonNone
}
