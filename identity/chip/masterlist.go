package chip

import (
	"bytes"
	"slices"
	"time"

	"github.com/motcua/motcua/internal/csca"
)

// MasterList is a list of country signing authorities that somebody vouches for (Doc 9303-12, chapter 9). Its signature
// fits the signer's certificate in it; whether that signer is to be believed says [MasterList.Check], or a fingerprint that
// was compared over another channel.
type MasterList struct {
	list   *csca.MasterList
	signer *csca.Certificate
}

// maxMasterList bounds a master list in bytes; the largest known has about one million.
const maxMasterList = 4 << 20

// ParseMasterList reads a master list and checks its signature. All its certificates are read, those that crypto/x509
// cannot read too. Errors: *InvalidError.
func ParseMasterList(der []byte) (*MasterList, error) {
	if len(der) > maxMasterList {
		return nil, refuse("masterlist", "size")
	}
	list, err := csca.ParseMasterList(bytes.Clone(der))
	if err != nil {
		return nil, refuseBy("masterlist", "form", err)
	}
	m := &MasterList{list, list.Signer()}
	if m.signer == nil {
		return nil, refuse("masterlist", "signer")
	}
	if !(Policy{}).permits(list.Scheme().Hash, m.signer.NotBefore) {
		return nil, refuse("masterlist", "digest")
	}
	if err := list.CheckSignature(m.signer.Key); err != nil {
		return nil, refuseBy("masterlist", "signature", err)
	}
	return m, nil
}

// Certificates returns the listed certificates of a country by its two-letter code, or all for "".
func (m *MasterList) Certificates(country string) []*Certificate {
	var found []*csca.Certificate
	for _, c := range m.list.Certificates {
		if country == "" || c.Subject.Country == country {
			found = append(found, c)
		}
	}
	return wrap(found)
}

// Unreadable counts listed certificates whose very frame is broken.
func (m *MasterList) Unreadable() int { return m.list.Unreadable }

// Signer returns the certificate of who signed the list.
func (m *MasterList) Signer() *Certificate { return &Certificate{m.signer} }

// Check says whether the list is signed by a master list signer of one of these authorities, valid at that time. Errors:
// *InvalidError with rule "untrusted", "usage" or "validity".
func (m *MasterList) Check(at time.Time, authorities ...*Certificate) error {
	if at.Before(m.signer.NotBefore) || at.After(m.signer.NotAfter) {
		return refuse("masterlist", "validity")
	}
	if m.signer.UnknownCritical || !slices.Contains(m.signer.ExtendedUsage, csca.MasterListSigner) {
		return refuse("masterlist", "usage")
	}
	for _, a := range authorities {
		if m.signer.MayBeIssuedBy(a.c) && isAuthority(a.c) && m.signer.Issuer.Country == a.c.Subject.Country &&
			(Policy{}).permits(m.signer.Scheme.Hash, at) && m.signer.CheckSignature(a.c.Key) == nil {
			return nil
		}
	}
	return refuse("masterlist", "untrusted")
}
