package qr

import (
	"crypto"
	"crypto/rand"
	"io"
	"log/slog"
	"time"

	"github.com/motcua/motcua/internal/detcbor"
)

// prefix begins every code of the profile.
const prefix = "VN1:"

// IssueConfig holds what an [Issuer] may be told. The zero value is ready.
type IssueConfig struct {
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// Rand feeds identifiers and signatures; nil means crypto/rand.
	Rand io.Reader
	// Codes is a code list whose numbers make the symbols smaller; nil writes every code out. Whoever verifies needs
	// the list too, in this version or a later one.
	Codes *CodeList
}

// Issuer signs codes for one agency. It is safe for concurrent use if its signer is.
type Issuer struct {
	signer    crypto.Signer
	agency    string
	key       *verifyKey
	protected []byte
	now       func() time.Time
	random    io.Reader
	codes     *CodeList
}

// NewIssuer makes an issuer of codes for the agency with that code. The signer holds an ECDSA P-256 or Ed25519 key, in
// memory, on a token or in an HSM. The error is an *InvalidError.
func NewIssuer(signer crypto.Signer, agency string, cfg IssueConfig) (*Issuer, error) {
	switch {
	case signer == nil:
		return nil, &InvalidError{Field: "signer", Rule: "a signer"}
	case agency == "" || !isPlain(agency):
		return nil, &InvalidError{Field: "agency", Rule: "an agency code of 1 to 200 bytes"}
	}
	key, err := newVerifyKey(signer.Public())
	if err != nil {
		return nil, err
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Rand == nil {
		cfg.Rand = rand.Reader
	}
	return &Issuer{
		signer: signer, agency: agency, key: key, protected: protectedHeader(key.alg, key.id, ""),
		now: cfg.Now, random: cfg.Rand, codes: cfg.Codes,
	}, nil
}

// KeyID returns the key's hint, under which the trust list must hold it.
func (i *Issuer) KeyID() KeyID { return i.key.id }

// Agency returns the code of the agency.
func (i *Issuer) Agency() string { return i.agency }

// Issue signs the claims and returns the code. It fills in Issuer, and ID and IssuedAt if they are zero; times are cut
// to whole seconds. The error is an *InvalidError that names the field, or the signer's own.
func (i *Issuer) Issue(claims Claims) (Code, error) {
	claims.Issuer = i.agency
	if claims.IssuedAt.IsZero() {
		claims.IssuedAt = i.now()
	}
	claims.IssuedAt, claims.Expires = claims.IssuedAt.Truncate(time.Second), claims.Expires.Truncate(time.Second)
	if claims.ID == (ID{}) {
		if _, err := io.ReadFull(i.random, claims.ID[:]); err != nil {
			return Code{}, err
		}
	}
	if person, ok := claims.Body.(Person); ok {
		person.commitment = commitment{} // of another code
		claims.Body = person
	}
	if err := claims.check(); err != nil {
		return Code{}, err
	}
	var slots []slot
	if person, ok := claims.Body.(Person); ok && person.Selective {
		var err error
		if slots, err = person.conceal(i.random); err != nil {
			return Code{}, err
		}
		claims.Body = person
	}
	payload := claims.append(make([]byte, 0, 256), i.codes)
	message, err := sealSign1(i.signer, i.random, i.key.alg, i.protected, payload)
	if err != nil {
		return Code{}, err
	}
	if slots != nil {
		shown := detcbor.AppendArray(make([]byte, 0, len(message)+512), envelopeShown)
		message = appendSlots(append(shown, message...), slots)
	}
	text, err := textOf(message)
	if err != nil {
		return Code{}, err
	}
	return Code{text: text, id: claims.ID, kind: claims.Body.Kind()}, nil
}

// Code is a signed code. Printing it with fmt, slog or JSON does not give its text, because who has the text has the
// code.
type Code struct {
	text string
	id   ID
	kind Kind
}

// Text returns the text to be shown as a QR symbol, "VN1:…", in the characters of the alphanumeric mode.
func (c Code) Text() string { return c.text }

// ID returns the identifier of the code.
func (c Code) ID() ID { return c.id }

// Kind returns what the code is about.
func (c Code) Kind() Kind { return c.kind }

// Symbol encodes the code: level M for screens, Q for paper.
func (c Code) Symbol(level Level) (*Symbol, error) { return Encode(c.text, level) }

// String names the code without giving it away.
func (c Code) String() string { return "qr code " + c.kind.String() + " " + c.id.String() }

// GoString implements fmt.GoStringer like String.
func (c Code) GoString() string { return c.String() }

// MarshalText implements encoding.TextMarshaler like String.
func (c Code) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// LogValue implements slog.LogValuer like String.
func (c Code) LogValue() slog.Value { return slog.StringValue(c.String()) }
