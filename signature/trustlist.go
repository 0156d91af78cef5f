package signature

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"slices"
	"time"

	"github.com/motcua/motcua/internal/cms"
	"github.com/motcua/motcua/internal/pki"
)

// Role is which part of the trust landscape a certificate stands for. It is decided by the chain a signature has, never by
// the wording of a name.
type Role string

// Roles.
const (
	RoleNational   Role = "national"       // NEAC's national root, public signatures (chữ ký số công cộng)
	RoleGovernment Role = "government"     // the root for official duty (chữ ký số chuyên dùng công vụ)
	RoleRemote     Role = "remote-signing" // an authority for remote signing, below a root
	RoleForeign    Role = "foreign"        // on the list of recognised foreign certificates
	RoleTimestamp  Role = "timestamp"      // a time-stamp authority's
	RoleOther      Role = "other"
)

// TrustEntry is a line of a [TrustList].
type TrustEntry struct {
	Certificate *x509.Certificate
	Role        Role
	// Anchor says that chains may end here. Other entries only tell the role of chains that pass through them.
	Anchor bool
	// Since and Until bound the times for which an anchor counts; zero is open.
	Since, Until time.Time
	// NoSignatures and NoTimestamps take a purpose from an anchor.
	NoSignatures, NoTimestamps bool
}

// TrustList is a list of anchors that its owner vouches for: he has compared their fingerprints with what the authorities
// publish. Until is when it must have been replaced.
type TrustList struct {
	Owner         string
	Version       int
	Issued, Until time.Time
	Entries       []TrustEntry
}

const trustFormat = "motcua-trust/1"

type listJSON struct {
	Format  string      `json:"format"`
	Owner   string      `json:"owner"`
	Version int         `json:"version"`
	Issued  time.Time   `json:"issued"`
	Until   time.Time   `json:"until"`
	Entries []entryJSON `json:"entries"`
}

type entryJSON struct {
	Certificate  string    `json:"certificate"`
	SHA256       string    `json:"sha256"`
	Role         Role      `json:"role"`
	Anchor       bool      `json:"anchor"`
	Since        time.Time `json:"since,omitzero"`
	Until        time.Time `json:"until,omitzero"`
	NoSignatures bool      `json:"noSignatures,omitempty"`
	NoTimestamps bool      `json:"noTimestamps,omitempty"`
}

type signedJSON struct {
	List      string `json:"list"`
	Signature string `json:"signature"`
}

// SignTrustList encodes and signs a list with the owner's key (RSA with PSS, ECDSA or Ed25519). Errors: [*PolicyError].
func SignTrustList(key crypto.Signer, list TrustList) ([]byte, error) {
	if _, err := list.store(list.Issued); err != nil {
		return nil, err
	}
	out := listJSON{trustFormat, list.Owner, list.Version, list.Issued.UTC(), list.Until.UTC(), nil}
	for _, e := range list.Entries {
		sum := sha256.Sum256(e.Certificate.Raw)
		out.Entries = append(out.Entries, entryJSON{base64.StdEncoding.EncodeToString(e.Certificate.Raw), hex.EncodeToString(sum[:]),
			e.Role, e.Anchor, e.Since.UTC(), e.Until.UTC(), e.NoSignatures, e.NoTimestamps})
	}
	body, err := json.Marshal(out)
	if err != nil {
		return nil, err
	}
	scheme, err := cms.SchemeFor(key.Public(), false)
	if err != nil {
		return nil, &PolicyError{"trust list: key", "RSA, ECDSA or Ed25519"}
	}
	value, err := scheme.Sign(key, body)
	if err != nil {
		return nil, err
	}
	return json.Marshal(signedJSON{base64.StdEncoding.EncodeToString(body), base64.StdEncoding.EncodeToString(value)})
}

// ParseTrustList verifies a signed list with the owner's public key, which the caller holds, and makes the store it
// describes. It refuses a list that is not valid at the time at, and one whose version is below least: an old list, with
// an authority that was struck off since, must not come back. Errors: [*PolicyError], [ErrNoAnchors].
func ParseTrustList(data []byte, owner crypto.PublicKey, at time.Time, least int) (*TrustStore, error) {
	var outer signedJSON
	var in listJSON
	if len(data) > maxTrustBytes || !strict(data, &outer) {
		return nil, &PolicyError{"trust list", "a signed list of at most 4 MiB"}
	}
	body, err1 := base64.StdEncoding.DecodeString(outer.List)
	value, err2 := base64.StdEncoding.DecodeString(outer.Signature)
	scheme, err := cms.SchemeFor(owner, false)
	if err1 != nil || err2 != nil || err != nil || scheme.Verify(owner, body, value) != nil {
		return nil, &PolicyError{"trust list: signature", "that of its owner"}
	}
	if !strict(body, &in) || in.Format != trustFormat || len(in.Entries) > maxAnchors {
		return nil, &PolicyError{"trust list", "format " + trustFormat + " with at most 256 entries"}
	}
	if in.Version < least {
		return nil, &PolicyError{"trust list: version", "not older than the one known"}
	}
	list := TrustList{in.Owner, in.Version, in.Issued, in.Until, nil}
	for _, e := range in.Entries {
		der, err := base64.StdEncoding.DecodeString(e.Certificate)
		if err != nil {
			return nil, &PolicyError{"trust list: certificate", "base64"}
		}
		sum := sha256.Sum256(der)
		cert, err := pki.ParseCertificate(der)
		if err != nil || e.SHA256 != hex.EncodeToString(sum[:]) {
			return nil, &PolicyError{"trust list: certificate", "a readable certificate with its fingerprint"}
		}
		list.Entries = append(list.Entries, TrustEntry{cert, e.Role, e.Anchor, e.Since, e.Until, e.NoSignatures, e.NoTimestamps})
	}
	return list.store(at)
}

// strict decodes one JSON value without unknown members.
func strict(data []byte, into any) bool {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	return d.Decode(into) == nil && !d.More()
}

// store makes the store of a list that is valid at a time.
func (l TrustList) store(at time.Time) (*TrustStore, error) {
	if l.Owner == "" || l.Version < 1 || l.Issued.IsZero() || !l.Until.After(l.Issued) {
		return nil, &PolicyError{"trust list", "an owner, a version from 1, and times in order"}
	}
	if at.Before(l.Issued) || at.After(l.Until) {
		return nil, &PolicyError{"trust list", "a list that is valid at the time"}
	}
	t := &TrustStore{pool: x509.NewCertPool(), entries: slices.Clone(l.Entries)}
	for _, e := range l.Entries {
		if e.Certificate == nil || !slices.Contains([]Role{RoleNational, RoleGovernment, RoleRemote, RoleForeign, RoleTimestamp,
			RoleOther}, e.Role) || !e.Until.IsZero() && !e.Until.After(e.Since) {
			return nil, &PolicyError{"trust list: entry", "a certificate, a known role, and times in order"}
		}
		if !e.Anchor {
			continue
		}
		if !e.Role.anchors(e.Certificate) {
			return nil, &PolicyError{"trust list: entry", "anchors that are authorities, or a time-stamp authority's own certificate"}
		}
		t.anchor(e.Certificate)
	}
	if len(t.anchors) == 0 {
		return nil, ErrNoAnchors
	}
	return t, nil
}

// anchors reports whether a certificate can be an anchor in a role: an authority's, or that of a time-stamp authority which
// a list names itself.
func (r Role) anchors(cert *x509.Certificate) bool {
	return mayIssue(cert) || r == RoleTimestamp && cms.IsTimestampAuthority(cert)
}

// serves reports whether an anchor stands for a purpose at a time. Without an entry it serves for all.
func (t *TrustStore) serves(anchor *x509.Certificate, why purpose, at time.Time) bool {
	listed := false
	for _, e := range t.entries {
		if !e.Anchor || !e.Certificate.Equal(anchor) {
			continue
		}
		listed = true
		within := (e.Since.IsZero() || !at.Before(e.Since)) && (e.Until.IsZero() || at.Before(e.Until))
		barred := why == forSignatures && (e.NoSignatures || e.Role == RoleTimestamp) || why == forTimestamps && e.NoTimestamps
		if within && !barred {
			return true
		}
	}
	return !listed
}

// role is that of the nearest listed certificate above the signer's.
func (t *TrustStore) role(chain []*x509.Certificate) Role {
	for _, cert := range chain {
		for _, e := range t.entries {
			if e.Certificate.Equal(cert) {
				return e.Role
			}
		}
	}
	return ""
}
