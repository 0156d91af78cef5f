package identity

import (
	"time"
)

// Source is the kind of place a statement about a person comes from.
type Source string

// The sources, by how far they can be trusted at most.
const (
	FromEntry    Source = "entry"    // typed in by the person: claimed
	FromCardQR   Source = "card-qr"  // mã QR trên thẻ: claimed, anybody prints one
	FromMRZ      Source = "mrz"      // vùng đọc máy: claimed, its check digits catch misreading only
	FromPaper    Source = "paper"    // a document an officer has seen: attested
	FromLogin    Source = "login"    // an identity provider, over a verified sign-in: attested
	FromRegister Source = "register" // a national register asked directly: attested
	FromChip     Source = "chip"     // the card's chip, its signature verified: verified
	// FromCredential is a credential in a wallet, its issuer's signature and its holder's proof verified: verified when the
	// issuer is the State, attested otherwise.
	FromCredential Source = "credential"
)

// Trust is how sure a statement is. The zero value is the lowest.
type Trust int

// The degrees.
const (
	Claimed  Trust = iota // anybody could have written it
	Attested              // somebody accountable said so over a channel that was checked
	Verified              // the State's signature over it was checked
)

// String returns "claimed", "attested" or "verified".
func (t Trust) String() string {
	switch t {
	case Attested:
		return "attested"
	case Verified:
		return "verified"
	}
	return "claimed"
}

// atMost returns the most a source can be trusted; ok is false for a source that is none.
func (s Source) atMost() (Trust, bool) {
	switch s {
	case FromEntry, FromCardQR, FromMRZ:
		return Claimed, true
	case FromPaper, FromLogin, FromRegister:
		return Attested, true
	case FromChip, FromCredential:
		return Verified, true
	}
	return Claimed, false
}

// Attribute is one part of a natural person's identity.
type Attribute string

// The attributes.
const (
	AttrPerson    Attribute = "person"
	AttrOldNumber Attribute = "old-number"
	AttrPassport  Attribute = "passport"
	AttrName      Attribute = "name"
	AttrBirthDate Attribute = "birth-date"
	AttrSex       Attribute = "sex"
)

// Origin says where a statement comes from, when, and how sure it is. It holds no personal data.
type Origin struct {
	Source Source
	Trust  Trust
	// By is who made or read it: an issuer, a register, the station of a card reader, an officer's pseudonym.
	By string
	At time.Time
	// Level is that of the electronic account, of a login.
	Level Level
}

// Check refuses a source that is none, and more trust than the source can give. Errors: *InvalidError.
func (o Origin) Check() error {
	most, ok := o.Source.atMost()
	switch {
	case !ok:
		return &InvalidError{Field: "statement", Rule: "source"}
	case o.Trust < Claimed || o.Trust > most:
		return &InvalidError{Field: "statement", Rule: "trust"}
	case o.At.IsZero():
		return &InvalidError{Field: "statement", Rule: "time"}
	case len(o.By) > 200:
		return &InvalidError{Field: "statement", Rule: "by"}
	}
	return nil
}

// surer orders origins: by trust, then the level of the account, then the newer one.
func (o Origin) surer(than Origin) bool {
	switch {
	case o.Trust != than.Trust:
		return o.Trust > than.Trust
	case o.Level != than.Level:
		return o.Level > than.Level
	}
	return o.At.After(than.At)
}

// Statement is what one source says of a natural person. Zero fields say nothing.
type Statement struct {
	Origin    Origin
	Person    PersonID
	OldNumber CMND
	Passport  Passport
	Name      Name
	// NamePartial says that the source writes names without diacritics and may cut them, as a machine-readable zone does.
	NamePartial bool
	BirthDate   BirthDate
	Sex         Sex
}

// Provenance is where one attribute of a [Subject] comes from.
type Provenance struct {
	Attribute Attribute
	// Origin is the surest source that says so, Agreeing are the others that say the same.
	Origin   Origin
	Agreeing []Source
}

// Conflict is a disagreement about one attribute between two sources, or of one source with itself. It holds no
// personal data.
type Conflict struct {
	Attribute Attribute
	// Rule is "differs", "folded" (names equal only once diacritics and order are set aside) or "digits" (the digits of
	// the personal number say otherwise).
	Rule string
	// Sources are the two that disagree.
	Sources [2]Source
}

// Code returns the stable key, such as "conflict.birth-date.digits".
func (c Conflict) Code() string { return "conflict." + string(c.Attribute) + "." + c.Rule }

// Text says what disagrees: in English for "en", in Vietnamese for everything else.
func (c Conflict) Text(lang string) string { return messageOf(c.Code()).text(lang) }

// Blocks reports whether [Subject.Check] refuses a subject with this conflict. A name that differs in diacritics only
// is left to a person to judge.
func (c Conflict) Blocks() bool { return c.Rule != "folded" }
