package qr

import (
	"errors"
	"net/url"
	"strings"
	"time"

	"github.com/motcua/motcua/internal/detcbor"
	"github.com/motcua/motcua/qr/status"
)

// ErrUntrustedStatus means no key of the trust list may sign the status list.
var ErrUntrustedStatus = errors.New("qr: status list: no key of the trust list vouches for it")

// StatusSource says where an agency's status list is published and how long one may be relied on. It stands in the
// trust list, so that a code carries two numbers and no link that could lead elsewhere.
type StatusSource struct {
	// Issuer is the agency's code, List the number of the list.
	Issuer string
	List   uint64
	// URI is where an updater fetches the list, and its subject: https and at most 200 bytes.
	URI string
	// MaxAge is how long after its issue a list still answers; a minute to 366 days, whole seconds.
	MaxAge time.Duration
}

// StatusDraft is a status list to be signed.
type StatusDraft struct {
	List uint64
	URI  string
	// IssuedAt is filled in if it is zero. Expires is required; from then on the list says nothing good any more.
	IssuedAt, Expires time.Time
	// TTL is how long an updater may wait before it asks again; zero says nothing about it.
	TTL   time.Duration
	Table *status.Table
}

// StatusList is a verified status list: a Token Status List in its CWT form (draft-ietf-oauth-status-list, section 5.2)
// under the strict rules of this profile. It never changes.
type StatusList struct {
	draft  StatusDraft
	issuer string
	signer *verifyKey
}

// Issuer is the code of the agency whose list it is.
func (s *StatusList) Issuer() string { return s.issuer }

// List is the number of the list.
func (s *StatusList) List() uint64 { return s.draft.List }

// URI is the subject of the list, where it is published.
func (s *StatusList) URI() string { return s.draft.URI }

// Issued is when the list was made.
func (s *StatusList) Issued() time.Time { return s.draft.IssuedAt }

// Expires is when the list ends answering.
func (s *StatusList) Expires() time.Time { return s.draft.Expires }

// TTL is how long an updater may wait before it asks again; zero if the list does not say.
func (s *StatusList) TTL() time.Duration { return s.draft.TTL }

// Size is the number of places.
func (s *StatusList) Size() uint64 { return s.draft.Table.Size() }

// At returns the status of a place, and false outside the list.
func (s *StatusList) At(index uint64) (status.Value, bool) { return s.draft.Table.At(index) }

// typStatusList is the type the draft registers for the CWT form.
const typStatusList = "application/statuslist+cwt"

// Claims of a status list. The first three are those of RFC 8392 and the draft; list number and size are private.
const (
	claimSubject      = 2
	claimStatusTable  = 65533
	claimTTL          = 65534
	claimStatusNumber = -70201
	claimStatusSize   = -70202
)

// maxTTL bounds ages and waits.
const maxTTL = 366 * 24 * time.Hour

// SignStatusList signs a status list of the agency. The trust list must give the key [KindStatusList]. The error is an
// *InvalidError that names the field, or the signer's own.
func (i *Issuer) SignStatusList(draft StatusDraft) ([]byte, error) {
	if draft.IssuedAt.IsZero() {
		draft.IssuedAt = i.now()
	}
	draft.IssuedAt, draft.Expires = draft.IssuedAt.Truncate(time.Second), draft.Expires.Truncate(time.Second)
	draft.TTL = draft.TTL.Truncate(time.Second)
	if err := draft.check(); err != nil {
		return nil, err
	}
	packed, err := draft.Table.Deflate()
	if err != nil {
		return nil, err
	}
	payload := draft.append(make([]byte, 0, 256+len(packed)), i.agency, packed)
	message, err := sealSign1(i.signer, i.random, i.key.alg, protectedHeader(i.key.alg, i.key.id, typStatusList), payload)
	if err == nil && len(message) > maxListBytes {
		return nil, &InvalidError{Field: "statuslist", Rule: "at most 4 MiB"}
	}
	return message, err
}

func (d *StatusDraft) check() error {
	switch {
	case d.Table == nil || d.Table.Size() == 0:
		return &InvalidError{Field: "statuslist.table", Rule: "a table"}
	case !isSource(d.URI):
		return &InvalidError{Field: "statuslist.uri", Rule: "an https address of at most 200 bytes"}
	case !isSecond(d.IssuedAt):
		return &InvalidError{Field: "statuslist.issuedAt", Rule: "a time between 1970 and 9999"}
	case !isSecond(d.Expires) || !d.Expires.After(d.IssuedAt):
		return &InvalidError{Field: "statuslist.expires", Rule: "a time after issuing"}
	case d.TTL < 0 || d.TTL > maxTTL:
		return &InvalidError{Field: "statuslist.ttl", Rule: "0 to 366 days"}
	}
	return nil
}

// isSource reports whether a list may be fetched from there.
func isSource(uri string) bool {
	if !isPlain(uri) || !strings.HasPrefix(uri, "https://") {
		return false
	}
	u, err := url.Parse(uri)
	return err == nil && u.Host != "" && u.User == nil && u.Fragment == ""
}

func (d *StatusDraft) append(b []byte, agency string, packed []byte) []byte {
	n := 7
	if d.TTL > 0 {
		n++
	}
	b = detcbor.AppendMap(b, n)
	b = detcbor.AppendText(detcbor.AppendInt(b, claimIssuer), agency)
	b = detcbor.AppendText(detcbor.AppendInt(b, claimSubject), d.URI)
	b = detcbor.AppendInt(detcbor.AppendInt(b, claimExpires), d.Expires.Unix())
	b = detcbor.AppendInt(detcbor.AppendInt(b, claimIssuedAt), d.IssuedAt.Unix())
	b = detcbor.AppendMap(detcbor.AppendInt(b, claimStatusTable), 2)
	b = detcbor.AppendBytes(detcbor.AppendText(b, "lst"), packed) // sorts before "bits", it is shorter
	b = detcbor.AppendUint(detcbor.AppendText(b, "bits"), uint64(d.Table.Bits()))
	if d.TTL > 0 {
		b = detcbor.AppendUint(detcbor.AppendInt(b, claimTTL), uint64(d.TTL/time.Second))
	}
	b = detcbor.AppendUint(detcbor.AppendInt(b, claimStatusNumber), d.List)
	return detcbor.AppendUint(detcbor.AppendInt(b, claimStatusSize), d.Table.Size())
}

// ParseStatusList reads a signed status list and demands that a key of this trust list may sign it. Nothing is inflated
// before the signature holds. Errors: [ErrUntrustedStatus], *InvalidError.
func (l *TrustList) ParseStatusList(data []byte) (*StatusList, error) {
	if len(data) > maxListBytes {
		return nil, &InvalidError{Field: "statuslist", Rule: "at most 4 MiB"}
	}
	message, reason := parseSign1(data, typStatusList)
	if reason != reasonNone {
		return nil, &InvalidError{Field: "statuslist", Rule: "a signed status list", Err: errors.New(reason.Code())}
	}
	signers := signersOf(l.byID[message.kid], &message)
	if len(signers) == 0 {
		return nil, ErrUntrustedStatus
	}
	list, packed, err := parseStatusPayload(message.payload)
	if err != nil {
		return nil, err
	}
	list.signer = &signers[0].verifyKey
	if !l.vouches(list) {
		return nil, ErrUntrustedStatus
	}
	if list.draft.Table, err = packed(); err != nil {
		return nil, &InvalidError{Field: "statuslist.table", Rule: "a table of the size stated", Err: err}
	}
	if err := list.draft.check(); err != nil {
		return nil, err
	}
	return list, nil
}

// vouches reports whether a key of this list may have signed the status list: now, and not only when it was read.
func (l *TrustList) vouches(list *StatusList) bool {
	if source, ok := l.status[statusKey{list.issuer, list.draft.List}]; ok && source.URI != list.draft.URI {
		return false
	}
	for _, key := range l.byID[list.signer.id] {
		issued := list.draft.IssuedAt
		withdrawn := !key.WithdrawnAt.IsZero() && (key.VoidEarlier || !issued.Before(key.WithdrawnAt))
		if string(key.spki) == string(list.signer.spki) && key.TrustedKey.Issuer == list.issuer && !withdrawn &&
			key.mayList() && !issued.Before(key.NotBefore) && issued.Before(key.NotAfter) {
			return true
		}
	}
	return false
}

// parseStatusPayload reads the claims and leaves the table packed.
func parseStatusPayload(payload []byte) (*StatusList, func() (*status.Table, error), error) {
	r := detcbor.NewReader(payload)
	list := &StatusList{}
	var packed []byte
	var bits, size uint64
	fields := r.Map(16)
	for label, ok := fields.Next(); ok; label, ok = fields.Next() {
		switch label {
		case claimIssuer:
			list.issuer = readFilled(&r)
		case claimSubject:
			list.draft.URI = r.Text()
		case claimExpires:
			list.draft.Expires = readTime(&r)
		case claimIssuedAt:
			list.draft.IssuedAt = readTime(&r)
		case claimStatusTable:
			packed, bits = readStatusTable(&r)
		case claimTTL:
			list.draft.TTL = readSpan(&r)
		case claimStatusNumber:
			list.draft.List = r.Uint()
		case claimStatusSize:
			size = r.Uint()
		default:
			r.Fail("a known claim")
		}
	}
	if err := r.End(); err != nil {
		return nil, nil, &InvalidError{Field: "statuslist", Rule: "deterministic CBOR of the known claims", Err: err}
	}
	return list, func() (*status.Table, error) { return status.Inflate(packed, size, int(min(bits, 255))) }, nil
}

// readStatusTable reads the map of the draft, whose keys are words.
func readStatusTable(r *detcbor.Reader) (packed []byte, bits uint64) {
	m := r.Map(2)
	if m.Len() != 2 || r.Text() != "lst" {
		r.Fail("lst and bits")
		return nil, 0
	}
	packed = r.Bytes()
	if r.Text() != "bits" {
		r.Fail("lst and bits")
	}
	return packed, r.Uint()
}

// readSpan reads a span of one second to 366 days.
func readSpan(r *detcbor.Reader) time.Duration {
	v := r.Uint()
	if v == 0 || v > uint64(maxTTL/time.Second) {
		r.Fail("1 second to 366 days")
		return 0
	}
	return time.Duration(v) * time.Second
}
