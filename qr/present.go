package qr

import (
	"crypto"
	"crypto/rand"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/motcua/motcua/internal/base45"
	"github.com/motcua/motcua/internal/detcbor"
)

// PresentConfig says what of a code is shown, and how.
type PresentConfig struct {
	// Show names the fields to show of a selective [Person]: "number", "fullName", "birth", "sex", "residence",
	// "level". Nil shows what the text shows.
	Show []string
	// Holder is the key of the device that the code is bound to, required for such a code.
	Holder crypto.Signer
	// Nonce is what a verifier has asked to be signed, at most 32 bytes; none is needed offline.
	Nonce []byte
	// Now is the clock; nil means time.Now. Rand feeds signatures; nil means crypto/rand.
	Now  func() time.Time
	Rand io.Reader
}

// Present turns a code in its holder's hands into the one to be shown: fewer fields, and for a code that is bound to a
// device a proof of now. Such a proof is good for a minute, so a wallet presents again every 60 seconds; it needs no
// network for it, and nothing it shows lets anybody else present. The wallet keeps the text it was issued, and presents
// from that. Present does not verify the code. The error is an *InvalidError, or the signer's own.
func Present(text string, cfg PresentConfig) (Code, error) {
	e, claims, err := openOwn(text)
	if err != nil {
		return Code{}, err
	}
	switch {
	case claims.Holder != nil && cfg.Holder == nil:
		return Code{}, &InvalidError{Field: "present.holder", Rule: "the key the code is bound to"}
	case claims.Holder == nil && (cfg.Holder != nil || len(cfg.Nonce) > 0):
		return Code{}, &InvalidError{Field: "present.holder", Rule: "nothing, the code is bound to no key"}
	case len(cfg.Nonce) > maxNonce:
		return Code{}, &InvalidError{Field: "present.nonce", Rule: "at most 32 bytes"}
	}
	slots, err := e.choose(claims, cfg.Show)
	if err != nil {
		return Code{}, err
	}
	parts := envelopePresented
	if cfg.Holder == nil {
		if parts = envelopeShown; len(slots) == 0 {
			return Code{text: text, id: claims.ID, kind: claims.Body.Kind()}, nil
		}
	}
	b := e.appendMessage(detcbor.AppendArray(make([]byte, 0, 512), parts))
	b = appendSlots(b, slots)
	code := Code{id: claims.ID, kind: claims.Body.Kind()}
	if cfg.Holder != nil {
		code.kind = KindPresentation
		if b, err = appendProof(b, claims, &cfg); err != nil {
			return Code{}, err
		}
	}
	code.text, err = textOf(b)
	return code, err
}

// openOwn reads a code as it was issued.
func openOwn(text string) (*envelope, *Claims, error) {
	if _, reason := classify(text); reason != reasonNone {
		return nil, nil, &InvalidError{Field: "present.text", Rule: "a code of the profile VN1"}
	}
	data, err := base45.AppendDecoded(nil, text[len(prefix):])
	if err != nil {
		return nil, nil, &InvalidError{Field: "present.text", Rule: "base45", Err: err}
	}
	e, reason := parseEnvelope(data)
	if reason != reasonNone || e.presented {
		return nil, nil, &InvalidError{Field: "present.text", Rule: "a code as it was issued"}
	}
	claims, _, reason := readClaims(e.payload) // a wallet needs no code list
	if reason != reasonNone {
		return nil, nil, &InvalidError{Field: "present.text", Rule: "the claims of a known kind"}
	}
	return &e, claims, nil
}

// choose hides the slots that are not to be shown.
func (e *envelope) choose(claims *Claims, show []string) ([]slot, error) {
	person, _ := claims.Body.(Person)
	if person.Selective != (e.slots != nil) || show != nil && !person.Selective {
		return nil, &InvalidError{Field: "present.show", Rule: "nothing, unless the code lets its holder choose"}
	}
	if !person.Selective {
		return nil, nil
	}
	r := detcbor.NewReader(e.slots)
	slots := readSlots(&r, &person)
	if show == nil {
		return slots, nil
	}
	var wanted []int64
	for _, name := range show {
		i := slices.IndexFunc(slots, func(s slot) bool { return s.shown != nil && s.key == keyOf(name) })
		if i < 0 {
			return nil, &InvalidError{Field: "present.show", Rule: "fields that the code has"}
		}
		wanted = append(wanted, slots[i].key)
	}
	for i := range slots {
		if !slices.Contains(wanted, slots[i].key) {
			slots[i].shown = nil
		}
	}
	return slots, nil
}

// keyOf returns the key of a field's name, 0 if there is none.
func keyOf(name string) int64 {
	for _, f := range personFields {
		if strings.EqualFold(f.name, name) {
			return f.key
		}
	}
	return 0
}

// appendProof adds time, nonce and the holder's signature.
func appendProof(b []byte, claims *Claims, cfg *PresentConfig) ([]byte, error) {
	bound, err := newVerifyKey(claims.Holder)
	if err != nil {
		return nil, err
	}
	key, err := newVerifyKey(cfg.Holder.Public())
	if err != nil || string(key.spki) != string(bound.spki) {
		return nil, &InvalidError{Field: "present.holder", Rule: "the key the code is bound to", Err: err}
	}
	now, random := cfg.Now, cfg.Rand
	if now == nil {
		now = time.Now
	}
	if random == nil {
		random = rand.Reader
	}
	at := now()
	if !isSecond(at) {
		return nil, &InvalidError{Field: "present.now", Rule: "a time between 1970 and 9999"}
	}
	b = detcbor.AppendBytes(detcbor.AppendInt(b, at.Unix()), cfg.Nonce)
	proof, err := rawSignature(cfg.Holder, random, key.alg, toBeShown(b))
	if err != nil {
		return nil, err
	}
	return detcbor.AppendBytes(b, proof), nil
}

// textOf writes the bytes of a code as its text.
func textOf(data []byte) (string, error) {
	text := base45.Append(append(make([]byte, 0, len(prefix)+base45.EncodedLen(len(data))), prefix...), data)
	if len(text) > maxTextCode {
		return "", &InvalidError{Field: "claims", Rule: "what fits one QR code"}
	}
	return string(text), nil
}
