package qr

import (
	"crypto"
	"errors"
	"slices"
	"time"

	"github.com/motcua/motcua/internal/detcbor"
)

// Errors the caller branches on.
var (
	// ErrUntrustedList means no pinned root has signed the trust list or code list.
	ErrUntrustedList = errors.New("qr: list: not signed by a pinned root")
	// ErrRollback means the trust list or code list is older than one seen before.
	ErrRollback = errors.New("qr: list: version below the least accepted")
)

// AllProcedures in [TrustedKey.Procedures] lets a key sign for every procedure.
const AllProcedures = "*"

// TrustedKey is an entry of a trust list: a key, and what it may sign.
type TrustedKey struct {
	// Public is an ECDSA P-256 or Ed25519 key.
	Public crypto.PublicKey
	// Issuer is the code of the agency that may sign with it, IssuerName its name for people.
	Issuer     string
	IssuerName string
	// Kinds and Procedures are what it may sign. Neither may be empty; [AllProcedures] alone means every procedure.
	Kinds      []Kind
	Procedures []string
	// Codes must be issued from NotBefore to before NotAfter.
	NotBefore, NotAfter time.Time
	// WithdrawnAt is when the key was taken out of use, zero if it was not. Codes issued before stay good, unless
	// VoidEarlier says that the key was out of its owner's hands and none of its codes can be relied on.
	WithdrawnAt time.Time
	VoidEarlier bool
}

// KeyID returns the hint by which codes name the key; it is zero for a key that no list takes.
func (k *TrustedKey) KeyID() KeyID {
	key, err := newVerifyKey(k.Public)
	if err != nil {
		return KeyID{}
	}
	return key.id
}

// TrustListDraft is a trust list to be signed.
type TrustListDraft struct {
	// Owner says who keeps the list.
	Owner string
	// Version grows with every list; a verifier that has seen a later one refuses an earlier.
	Version uint64
	// The list is in force from Issued to before Until.
	Issued, Until time.Time
	Keys          []TrustedKey
	// Status says where status lists are published, one entry for each list of an agency.
	Status []StatusSource
}

// TrustList is a verified trust list. It never changes.
type TrustList struct {
	draft  TrustListDraft
	byID   map[KeyID][]*listedKey
	status map[statusKey]StatusSource
	roots  []crypto.PublicKey
}

// listedKey is a trusted key made ready.
type listedKey struct {
	verifyKey
	TrustedKey
}

// Version returns the number of the list.
func (l *TrustList) Version() uint64 { return l.draft.Version }

// Owner says who keeps the list.
func (l *TrustList) Owner() string { return l.draft.Owner }

// Issued returns the beginning of the list's time in force.
func (l *TrustList) Issued() time.Time { return l.draft.Issued }

// Until returns the end of the list's time in force.
func (l *TrustList) Until() time.Time { return l.draft.Until }

// Keys returns a copy of the entries.
func (l *TrustList) Keys() []TrustedKey {
	keys := slices.Clone(l.draft.Keys)
	for i := range keys {
		keys[i].Kinds, keys[i].Procedures = slices.Clone(keys[i].Kinds), slices.Clone(keys[i].Procedures)
	}
	return keys
}

// Roots returns the pinned roots that the list was read under.
func (l *TrustList) Roots() []crypto.PublicKey { return slices.Clone(l.roots) }

// StatusSources returns a copy of the places where status lists are published.
func (l *TrustList) StatusSources() []StatusSource { return slices.Clone(l.draft.Status) }

// typTrustList tells a list from a code, so that neither can be passed off as the other (RFC 9596).
const typTrustList = "application/vnd.motcua.trustlist+cbor"

// Labels of the list's claims, private ones (RFC 8392, section 9.1) but for the first three, and of an entry's fields.
const (
	claimListVersion = -70101
	claimListKeys    = -70102
	claimListStatus  = -70103

	sourceIssuer = 1
	sourceList   = 2
	sourceURI    = 3
	sourceMaxAge = 4

	keyPublic      = 1
	keyIssuer      = 2
	keyIssuerName  = 3
	keyKinds       = 4
	keyProcedures  = 5
	keyNotBefore   = 6
	keyNotAfter    = 7
	keyWithdrawnAt = 8
	keyVoidEarlier = 9
)

// Bounds of a list.
const (
	maxListKeys   = 20_000
	maxKeysOfID   = 4 // entries that share a key identifier
	maxKinds      = 16
	maxProcedures = 2_000
)

// SignTrustList checks the draft and signs it with a root key. The random source of signatures is crypto/rand. The
// error is an *InvalidError that names the field, or the signer's own.
func SignTrustList(root crypto.Signer, draft TrustListDraft) ([]byte, error) {
	return trustLists.sign(root, func() ([]byte, error) {
		if _, err := newTrustList(draft); err != nil {
			return nil, err
		}
		return draft.append(nil)
	})
}

// ParseTrustList reads a signed list and demands that one of the pinned roots has signed it; a second root is for the
// change from one to the next. No root, no list. Errors: [ErrUntrustedList], *InvalidError.
func ParseTrustList(data []byte, roots ...crypto.PublicKey) (*TrustList, error) {
	payload, err := trustLists.open(data, roots)
	if err != nil {
		return nil, err
	}
	list, err := parseListPayload(payload)
	if err != nil {
		return nil, err
	}
	list.roots = slices.Clone(roots)
	return list, nil
}

// newTrustList checks a draft and makes it ready.
func newTrustList(draft TrustListDraft) (*TrustList, error) {
	switch {
	case draft.Owner == "" || !isPlain(draft.Owner):
		return nil, &InvalidError{Field: "trustlist.owner", Rule: "1 to 200 bytes of plain text"}
	case draft.Version == 0:
		return nil, &InvalidError{Field: "trustlist.version", Rule: "1 or more"}
	case !isSecond(draft.Issued) || !isSecond(draft.Until) || !draft.Until.After(draft.Issued):
		return nil, &InvalidError{Field: "trustlist.until", Rule: "a time after issuing"}
	case len(draft.Keys) == 0 || len(draft.Keys) > maxListKeys:
		return nil, &InvalidError{Field: "trustlist.keys", Rule: "1 to 20,000 keys"}
	}
	list := &TrustList{draft: draft, byID: make(map[KeyID][]*listedKey, len(draft.Keys))}
	for _, entry := range draft.Keys {
		if err := entry.check(); err != nil {
			return nil, err
		}
		key, err := newVerifyKey(entry.Public)
		if err != nil {
			return nil, err
		}
		same := append(list.byID[key.id], &listedKey{*key, entry})
		if len(same) > maxKeysOfID {
			return nil, &InvalidError{Field: "trustlist.keys", Rule: "at most 4 entries of one key identifier"}
		}
		list.byID[key.id] = same
	}
	if err := list.indexStatus(); err != nil {
		return nil, err
	}
	return list, nil
}

// mayList reports whether the entry's key may sign status lists.
func (k *listedKey) mayList() bool { return slices.Contains(k.Kinds, KindStatusList) }

func (k *TrustedKey) check() error {
	switch {
	case k.Issuer == "" || !isPlain(k.Issuer):
		return &InvalidError{Field: "trustlist.keys.issuer", Rule: "an agency code of 1 to 200 bytes"}
	case !isPlain(k.IssuerName):
		return &InvalidError{Field: "trustlist.keys.issuerName", Rule: "at most 200 bytes of plain text"}
	case len(k.Kinds) == 0 || len(k.Kinds) > maxKinds || slices.Contains(k.Kinds, 0):
		return &InvalidError{Field: "trustlist.keys.kinds", Rule: "1 to 16 kinds"}
	case len(k.Procedures) == 0 || len(k.Procedures) > maxProcedures:
		return &InvalidError{Field: "trustlist.keys.procedures", Rule: "1 to 2,000 procedure codes, or AllProcedures"}
	case slices.Contains(k.Procedures, AllProcedures) && len(k.Procedures) > 1:
		return &InvalidError{Field: "trustlist.keys.procedures", Rule: "AllProcedures alone"}
	case !isSecond(k.NotBefore) || !isSecond(k.NotAfter) || !k.NotAfter.After(k.NotBefore):
		return &InvalidError{Field: "trustlist.keys.notAfter", Rule: "a time after NotBefore"}
	case !k.WithdrawnAt.IsZero() && !isSecond(k.WithdrawnAt) || k.WithdrawnAt.IsZero() && k.VoidEarlier:
		return &InvalidError{Field: "trustlist.keys.withdrawnAt", Rule: "a time, and there with VoidEarlier"}
	}
	for _, code := range k.Procedures {
		if code == "" || !isPlain(code) {
			return &InvalidError{Field: "trustlist.keys.procedures", Rule: "codes of 1 to 200 bytes"}
		}
	}
	return nil
}

func (d *TrustListDraft) append(b []byte) ([]byte, error) {
	n := 5
	if len(d.Status) > 0 {
		n++
	}
	b = detcbor.AppendMap(b, n)
	b = detcbor.AppendText(detcbor.AppendInt(b, claimIssuer), d.Owner)
	b = detcbor.AppendInt(detcbor.AppendInt(b, claimExpires), d.Until.Unix())
	b = detcbor.AppendInt(detcbor.AppendInt(b, claimIssuedAt), d.Issued.Unix())
	b = detcbor.AppendUint(detcbor.AppendInt(b, claimListVersion), d.Version)
	b = detcbor.AppendArray(detcbor.AppendInt(b, claimListKeys), len(d.Keys))
	for _, k := range d.Keys {
		key, err := newVerifyKey(k.Public)
		if err != nil {
			return nil, err
		}
		b = k.append(b, key.spki)
	}
	return d.appendStatus(b), nil
}

func (k *TrustedKey) append(b, spki []byte) []byte {
	n := 6
	for _, present := range []bool{k.IssuerName != "", !k.WithdrawnAt.IsZero(), k.VoidEarlier} {
		if present {
			n++
		}
	}
	b = detcbor.AppendBytes(detcbor.AppendInt(detcbor.AppendMap(b, n), keyPublic), spki)
	b = appendField(b, keyIssuer, k.Issuer)
	b = appendField(b, keyIssuerName, k.IssuerName)
	b = detcbor.AppendArray(detcbor.AppendInt(b, keyKinds), len(k.Kinds))
	for _, kind := range k.Kinds {
		b = detcbor.AppendUint(b, uint64(kind))
	}
	b = detcbor.AppendArray(detcbor.AppendInt(b, keyProcedures), len(k.Procedures))
	for _, code := range k.Procedures {
		b = detcbor.AppendText(b, code)
	}
	b = detcbor.AppendInt(detcbor.AppendInt(b, keyNotBefore), k.NotBefore.Unix())
	b = detcbor.AppendInt(detcbor.AppendInt(b, keyNotAfter), k.NotAfter.Unix())
	if !k.WithdrawnAt.IsZero() {
		b = detcbor.AppendInt(detcbor.AppendInt(b, keyWithdrawnAt), k.WithdrawnAt.Unix())
	}
	if k.VoidEarlier {
		b = detcbor.AppendUint(detcbor.AppendInt(b, keyVoidEarlier), 1)
	}
	return b
}

func parseListPayload(payload []byte) (*TrustList, error) {
	r := detcbor.NewReader(payload)
	var d TrustListDraft
	fields := r.Map(16)
	for label, ok := fields.Next(); ok; label, ok = fields.Next() {
		switch label {
		case claimIssuer:
			d.Owner = r.Text()
		case claimExpires:
			d.Until = readTime(&r)
		case claimIssuedAt:
			d.Issued = readTime(&r)
		case claimListVersion:
			d.Version = r.Uint()
		case claimListKeys:
			for range r.Array(maxListKeys) {
				d.Keys = append(d.Keys, readTrustedKey(&r))
				if r.Err() != nil {
					break
				}
			}
		case claimListStatus:
			d.Status = readSources(&r)
		default:
			r.Fail("a known field")
		}
	}
	if err := r.End(); err != nil {
		return nil, &InvalidError{Field: "trustlist", Rule: "deterministic CBOR of the known fields", Err: err}
	}
	return newTrustList(d)
}

func readTrustedKey(r *detcbor.Reader) TrustedKey {
	var k TrustedKey
	fields := r.Map(16)
	for label, ok := fields.Next(); ok; label, ok = fields.Next() {
		switch label {
		case keyPublic:
			if key, err := parseVerifyKey(r.Bytes()); err == nil {
				k.Public = key.public()
			}
		case keyIssuer:
			k.Issuer = readFilled(r)
		case keyIssuerName:
			k.IssuerName = readFilled(r)
		case keyKinds:
			for range r.Array(maxKinds) {
				k.Kinds = append(k.Kinds, Kind(min(r.Uint(), 255)))
			}
		case keyProcedures:
			for range r.Array(maxProcedures) {
				k.Procedures = append(k.Procedures, r.Text())
			}
		case keyNotBefore:
			k.NotBefore = readTime(r)
		case keyNotAfter:
			k.NotAfter = readTime(r)
		case keyWithdrawnAt:
			k.WithdrawnAt = readTime(r)
		case keyVoidEarlier:
			if k.VoidEarlier = r.Uint() == 1; !k.VoidEarlier {
				r.Fail("1")
			}
		default:
			r.Fail("a known field")
		}
	}
	return k
}
