package dossier

import (
	"github.com/motcua/motcua/identity"
)

// Party is a person or organisation that takes part in a dossier. Its fields print redacted, one by one.
type Party struct {
	// Pseudonym stands for the party in the journal and its keys. Required.
	Pseudonym string
	Name      identity.Name
	PersonID  identity.PersonID
	OrgID     identity.OrgID
	// Phone, Email and Address are where notices go.
	Phone, Email, Address Personal
}

// NewParty takes from a signed-in subject what a dossier keeps of it.
func NewParty(s identity.Subject) Party {
	p := Party{Pseudonym: s.Pseudonym.String(), Name: s.Name, PersonID: s.Person, OrgID: s.Org}
	if !s.OrgName.IsZero() {
		p.Name = s.OrgName
	}
	return p
}

type storedParty struct {
	Pseudonym string `json:"pseudonym"`
	Name      string `json:"name,omitempty"`
	PersonID  string `json:"personId,omitempty"`
	OrgID     string `json:"orgId,omitempty"`
	Phone     string `json:"phone,omitempty"`
	Email     string `json:"email,omitempty"`
	Address   string `json:"address,omitempty"`
}

func (p Party) store() *storedParty {
	return &storedParty{p.Pseudonym, p.Name.Reveal(), p.PersonID.Reveal(), p.OrgID.Reveal(), p.Phone.Reveal(),
		p.Email.Reveal(), p.Address.Reveal()}
}

func (s storedParty) party() (Party, error) {
	p := Party{Pseudonym: s.Pseudonym, Phone: NewPersonal(s.Phone), Email: NewPersonal(s.Email),
		Address: NewPersonal(s.Address)}
	var err error
	if s.Name != "" {
		if p.Name, err = identity.ParseOrgName(s.Name); err != nil {
			return Party{}, err
		}
	}
	if s.PersonID != "" {
		if p.PersonID, err = identity.ParsePersonID(s.PersonID); err != nil {
			return Party{}, err
		}
	}
	if s.OrgID != "" {
		if p.OrgID, err = identity.ParseOrgID(s.OrgID); err != nil {
			return Party{}, err
		}
	}
	return p, nil
}

func (p Party) check(field string) error {
	switch {
	case !isPseudonym(p.Pseudonym):
		return &InvalidError{Field: field + ".pseudonym", Rule: "1 to 100 letters, digits and ._:-"}
	case p.Name.IsZero():
		return &InvalidError{Field: field + ".name", Rule: "a name", Vi: "Vui lòng nhập họ và tên."}
	case len(p.Phone.Reveal()) > 40 || len(p.Email.Reveal()) > 254 || len(p.Address.Reveal()) > 1000:
		return &InvalidError{Field: field + ".contact", Rule: "a phone number, e-mail and address of usual length",
			Vi: "Số điện thoại, thư điện tử hoặc địa chỉ quá dài."}
	}
	return nil
}

// isPseudonym also keeps 12-digit numbers out of keys and bodies: a personal number is no pseudonym.
func isPseudonym(s string) bool {
	if s == "" || len(s) > 100 || len(s) == 12 && isDigits(s) {
		return false
	}
	for i := 0; i < len(s); i++ {
		c := s[i] | 0x20
		if (c < 'a' || c > 'z') && (s[i] < '0' || s[i] > '9') && s[i] != '.' && s[i] != '_' && s[i] != ':' && s[i] != '-' {
			return false
		}
	}
	return true
}

// FileRef refers to an uploaded file by its content; the bytes are kept by dossier/file.
type FileRef struct {
	// Component is the code of the paper it stands for; for a result, of the result.
	Component string `json:"component"`
	// Hash is the SHA-256 of the content, 64 hexadecimal digits in lower case.
	Hash string `json:"hash"`
	// Name is how the person's file was called. It may hold personal data and prints redacted.
	Name Personal `json:"name,omitzero"`
	// Size is in bytes.
	Size int64 `json:"size"`
	// Media is the media type found by looking at the content: "application/pdf".
	Media string `json:"media"`
}

type storedFile struct {
	FileRef
	Name string `json:"name,omitempty"`
}

func storeFiles(refs []FileRef) []storedFile {
	var stored []storedFile
	for _, ref := range refs {
		stored = append(stored, storedFile{FileRef: ref, Name: ref.Name.Reveal()})
	}
	return stored
}

func (s storedFile) ref() FileRef {
	ref := s.FileRef
	ref.Name = NewPersonal(s.Name)
	return ref
}

// withoutNames returns what may stand in the half of a fact that everybody reads.
func withoutNames(refs []FileRef) []FileRef {
	var bare []FileRef
	for _, ref := range refs {
		ref.Name = Personal{}
		bare = append(bare, ref)
	}
	return bare
}

func (r FileRef) check(field string) error {
	switch {
	case !isHash(r.Hash):
		return &InvalidError{Field: field + ".hash", Rule: "64 hexadecimal digits in lower case"}
	case r.Size <= 0:
		return &InvalidError{Field: field + ".size", Rule: "a file that is not empty", Vi: "Tệp đính kèm không có nội dung."}
	case len(r.Name.Reveal()) > 4000:
		return &InvalidError{Field: field + ".name", Rule: "at most 4000 bytes", Vi: "Tên tệp đính kèm quá dài."}
	}
	return nil
}

func isHash(s string) bool {
	if len(s) != 64 {
		return false
	}
	for i := 0; i < len(s); i++ {
		if (s[i] < '0' || s[i] > '9') && (s[i] < 'a' || s[i] > 'f') {
			return false
		}
	}
	return true
}

// mergeFiles puts new files in the place of those of the same component.
func mergeFiles(old, added []FileRef) []FileRef {
	replaced := make(map[string]bool)
	for _, ref := range added {
		replaced[ref.Component] = true
	}
	var merged []FileRef
	for _, ref := range old {
		if !replaced[ref.Component] {
			merged = append(merged, ref)
		}
	}
	return append(merged, added...)
}
