package qr

import (
	"crypto"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"time"

	"github.com/motcua/motcua/internal/detcbor"
	"github.com/motcua/motcua/internal/vntime"
)

// Kind says what a code is about.
type Kind uint8

// The kinds of profile VN1.
const (
	KindPerson  Kind = 1
	KindReceipt Kind = 2 // giấy tiếp nhận hồ sơ và hẹn trả kết quả
	KindResult  Kind = 3 // kết quả giải quyết thủ tục hành chính
	KindPayment Kind = 4
	// KindPresentation is a code as its holder presents it. What is in it has a kind of its own.
	KindPresentation Kind = 5
	// KindStatusList is no code: on a trust list it lets a key sign the agency's status lists.
	KindStatusList Kind = 6
)

var kindNames = [...]string{"", "person", "receipt", "result", "payment", "presentation", "status-list"}

// String returns the kind's stable name.
func (k Kind) String() string {
	if k == 0 || int(k) >= len(kindNames) {
		return "Kind(" + strconv.Itoa(int(k)) + ")"
	}
	return kindNames[k]
}

// MarshalText implements encoding.TextMarshaler with the stable name.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// ID is the identifier of one code (the CWT claim cti): 8 random bytes, the key for once-only use and revocation. The
// text and the signature are no such key.
type ID [8]byte

// String returns 16 hexadecimal digits.
func (id ID) String() string { return hex.EncodeToString(id[:]) }

// MarshalText implements encoding.TextMarshaler.
func (id ID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// Digest is the SHA-256 of a document.
type Digest [32]byte

// String returns 64 hexadecimal digits.
func (d Digest) String() string { return hex.EncodeToString(d[:]) }

// MarshalText implements encoding.TextMarshaler.
func (d Digest) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// Status is the place of a code in its issuer's status lists.
type Status struct {
	List  uint64 `json:"list"`  // number of the list
	Index uint64 `json:"index"` // place in the list
}

// Claims is what a code says, a CBOR Web Token (RFC 8392) with an integer-keyed body. Times are whole seconds.
type Claims struct {
	// ID, Issuer and IssuedAt are filled in by [Issuer.Issue]: a random number, the agency, now.
	ID       ID        `json:"id"`
	Issuer   string    `json:"issuer"` // agency code, mã cơ quan
	IssuedAt time.Time `json:"issuedAt"`
	// NotBefore is when the code becomes valid; zero means at once.
	NotBefore time.Time `json:"notBefore,omitzero"`
	// Expires is when the code ends being valid. Required: a code without an end cannot be taken out of the world.
	Expires time.Time `json:"expires"`
	// Status is where the code's revocation is published; nil if it is not.
	Status *Status `json:"status,omitempty"`
	// Holder is the key of the device the code is bound to, ECDSA P-256 or Ed25519; nil if whoever has the code may
	// show it. A bound code counts only as [Present] shows it.
	Holder crypto.PublicKey `json:"-"`
	// Body is a [Person], [Receipt], [Result] or [Payment].
	Body Body `json:"body"`
}

// MarshalJSON writes the kind beside the fields.
func (c Claims) MarshalJSON() ([]byte, error) {
	type fields Claims
	out := struct {
		Kind  Kind `json:"kind,omitempty"`
		Bound bool `json:"holderBound,omitempty"`
		fields
	}{fields: fields(c), Bound: c.Holder != nil}
	if c.Body != nil {
		out.Kind = c.Body.Kind()
	}
	return json.Marshal(out)
}

// Body is the part of the claims that depends on the kind.
type Body interface {
	// Kind says which it is.
	Kind() Kind
	// codes are the body's codes that a code list may number; the scope of a key is held against the procedure's.
	codes() codeNames
	// withCodes returns the body with codes in the place of numbers.
	withCodes(codeNames) Body
	// check returns the first field that breaks a rule.
	check() *InvalidError
	appendTo(b []byte, n *numbers) []byte
}

// Labels of the claims: RFC 8392 section 4, 65535 from draft-ietf-oauth-status-list, and two from the range that RFC
// 8392 leaves to private use. The contents of 65535 are this profile's own: list number and index in place of a link,
// because links come from the trust list and cost symbol area.
const (
	claimIssuer    = 1
	claimExpires   = 4
	claimNotBefore = 5
	claimIssuedAt  = 6
	claimID        = 7
	claimConfirm   = 8
	claimStatus    = 65535
	claimKind      = -70001
	claimBody      = -70002

	statusList  = 1
	statusIndex = 2
)

// maxSeconds is the last second of the year 9999.
const maxSeconds = 253402300799

// check holds the claims to the rules; what the rules refuse is neither issued nor accepted.
func (c *Claims) check() *InvalidError {
	switch {
	case c.Body == nil:
		return &InvalidError{Field: "claims.body", Rule: "a person, receipt, result or payment"}
	case !isPlain(c.Issuer) || c.Issuer == "":
		return &InvalidError{Field: "claims.issuer", Rule: "an agency code of 1 to 200 bytes"}
	case !isSecond(c.IssuedAt):
		return &InvalidError{Field: "claims.issuedAt", Rule: "a time between 1970 and 9999"}
	case !isSecond(c.Expires) || !c.Expires.After(c.IssuedAt):
		return &InvalidError{Field: "claims.expires", Rule: "a time after issuing"}
	case !c.NotBefore.IsZero() && (!isSecond(c.NotBefore) || !c.NotBefore.Before(c.Expires)):
		return &InvalidError{Field: "claims.notBefore", Rule: "a time before the end"}
	case c.Status == nil && c.Body.Kind() == KindPerson:
		return &InvalidError{Field: "claims.status", Rule: "a place in a status list: a person's code must be revocable"}
	}
	if c.Holder != nil {
		if _, err := newVerifyKey(c.Holder); err != nil {
			return &InvalidError{Field: "claims.holder", Rule: "a key on P-256 or Ed25519", Err: err}
		}
	}
	return c.Body.check()
}

// append writes the claims, which have been checked, with the numbers of a code list for the codes it has.
func (c *Claims) append(b []byte, list *CodeList) []byte {
	names := c.Body.codes()
	names[registerAgency] = c.Issuer
	coded := list.number(names)
	n := 6
	if !c.NotBefore.IsZero() {
		n++
	}
	if c.Holder != nil {
		n++
	}
	if c.Status != nil {
		n++
	}
	b = detcbor.AppendMap(b, n)
	b = coded.append(b, claimIssuer, registerAgency, c.Issuer)
	b = detcbor.AppendInt(detcbor.AppendInt(b, claimExpires), c.Expires.Unix())
	if !c.NotBefore.IsZero() {
		b = detcbor.AppendInt(detcbor.AppendInt(b, claimNotBefore), c.NotBefore.Unix())
	}
	b = detcbor.AppendInt(detcbor.AppendInt(b, claimIssuedAt), c.IssuedAt.Unix())
	b = detcbor.AppendBytes(detcbor.AppendInt(b, claimID), c.ID[:])
	if c.Holder != nil {
		b = appendHolder(detcbor.AppendInt(b, claimConfirm), c.Holder)
	}
	if c.Status != nil {
		b = detcbor.AppendMap(detcbor.AppendInt(b, claimStatus), 2)
		b = detcbor.AppendUint(detcbor.AppendInt(b, statusList), c.Status.List)
		b = detcbor.AppendUint(detcbor.AppendInt(b, statusIndex), c.Status.Index)
	}
	b = detcbor.AppendUint(detcbor.AppendInt(b, claimKind), uint64(c.Body.Kind()))
	return c.Body.appendTo(detcbor.AppendInt(b, claimBody), &coded)
}

// parseClaims reads what append writes and nothing else. An unknown claim is refused, because it may restrict what the
// known ones say.
func parseClaims(payload []byte, list *CodeList) (*Claims, Reason) {
	c, coded, reason := readClaims(payload)
	if reason != reasonNone {
		return nil, reason
	}
	if coded.version != 0 || coded.has != ([registers]bool{}) {
		names := c.Body.codes()
		names[registerAgency] = c.Issuer
		if reason := coded.resolve(list, &names); reason != reasonNone {
			return nil, reason
		}
		c.Issuer, c.Body = names[registerAgency], c.Body.withCodes(names)
	}
	if c.check() != nil {
		return nil, reasonClaims
	}
	return c, reasonNone
}

// readClaims reads the claims with the numbers of a code list still in them.
func readClaims(payload []byte) (*Claims, numbers, Reason) {
	r := detcbor.NewReader(payload)
	var coded numbers
	c, kind, hasID := &Claims{}, Kind(0), false
	claims := r.Map(16)
	for label, ok := claims.Next(); ok; label, ok = claims.Next() {
		switch label {
		case claimIssuer:
			c.Issuer = coded.read(&r, registerAgency)
		case claimExpires:
			c.Expires = readTime(&r)
		case claimNotBefore:
			c.NotBefore = readTime(&r)
		case claimIssuedAt:
			c.IssuedAt = readTime(&r)
		case claimID:
			id := r.Bytes()
			hasID = len(id) == len(c.ID)
			copy(c.ID[:], id)
		case claimConfirm:
			c.Holder = readHolder(&r)
		case claimStatus:
			c.Status = readStatus(&r)
		case claimKind:
			kind = Kind(min(r.Uint(), 255))
		case claimBody:
			if c.Body = readBody(&r, kind, &coded); c.Body == nil && r.Err() == nil {
				return nil, coded, reasonKind
			}
		default:
			r.Fail("a known claim")
		}
	}
	if r.End() != nil || !hasID || c.Body == nil {
		return nil, coded, reasonClaims
	}
	return c, coded, reasonNone
}

func readStatus(r *detcbor.Reader) *Status {
	s := &Status{}
	m := r.Map(2)
	if m.Len() != 2 {
		r.Fail("list and index")
	}
	for key, ok := m.Next(); ok; key, ok = m.Next() {
		switch key {
		case statusList:
			s.List = r.Uint()
		case statusIndex:
			s.Index = r.Uint()
		default:
			r.Fail("list or index")
		}
	}
	return s
}

// readTime reads whole seconds since 1970.
func readTime(r *detcbor.Reader) time.Time {
	v := r.Uint()
	if v > maxSeconds {
		r.Fail("a time before the year 10000")
		return time.Time{}
	}
	return vntime.In(time.Unix(int64(v), 0))
}
