package c06

import (
	"errors"
	"fmt"
	"maps"

	"github.com/motcua/motcua/identity"
	"github.com/motcua/motcua/onceonly"
)

// ErrConfig means a source was set up with something missing or impossible.
var ErrConfig = errors.New("c06: configuration")

// BirthForm is how the date of birth is sent. The guide and the clients contradict each other.
type BirthForm int

// The forms.
const (
	// BirthText: NgayThangNamSinh holds yyyy-mm-dd, or yyyy, as reports of the guide say.
	BirthText BirthForm = iota + 1
	// BirthNested: it holds an element NgayThangNam with yyyymmdd, or Nam with yyyy, as clients do.
	BirthNested
)

// NameForm is how the name is sent.
type NameForm int

// The forms; "Nguyễn Trọng Nghĩa" stands for every name.
const (
	NameAsIs   NameForm = iota + 1 // "Nguyễn Trọng Nghĩa"
	NamePlain                      // "NGUYEN TRONG NGHIA"
	NameJoined                     // "NGUYENTRONGNGHIA"
)

// Dialect has the choices on which the service's users differ. All are required but SOAPAction, Unit and Faults.
type Dialect struct {
	// Integration is the number of the service (mã tích hợp): digits, at most 20.
	Integration string
	Birth       BirthForm
	Name        NameForm
	// SOAPAction is the header's value between the quotation marks, usually empty.
	SOAPAction string
	// OmitUnit leaves out MaDonVi, which the guide requires and some clients do not send.
	OmitUnit bool
	// Sex reads GioiTinh. A code that is not in it is no value.
	Sex map[string]identity.Sex
	// Faults reads the local part of SOAP fault codes. A code that is not in it is onceonly.Malformed.
	Faults map[string]onceonly.Kind
	// Provisional says that the choices are not confirmed by the register's owner.
	Provisional bool
}

// SeenDialect returns the choices most public clients agree on, for the service number an agency was given. They are
// not confirmed by the register's owner: hold them against the guide that came with the account.
func SeenDialect(integration string) Dialect {
	return Dialect{
		Integration: integration,
		Birth:       BirthNested,
		Name:        NamePlain,
		Sex:         map[string]identity.Sex{"1": identity.Male, "2": identity.Female},
		Faults:      map[string]onceonly.Kind{"Server": onceonly.Unavailable, "Client": onceonly.Refused},
		Provisional: true,
	}
}

func (d Dialect) check() (Dialect, error) {
	switch {
	case !isDigits(d.Integration, 1, 20):
		return d, fmt.Errorf("%w: integration number: want 1 to 20 digits", ErrConfig)
	case d.Birth != BirthText && d.Birth != BirthNested:
		return d, fmt.Errorf("%w: form of birth date: want one of the two", ErrConfig)
	case d.Name != NameAsIs && d.Name != NamePlain && d.Name != NameJoined:
		return d, fmt.Errorf("%w: form of name: want one of the three", ErrConfig)
	case len(d.Sex) == 0:
		return d, fmt.Errorf("%w: codes of sex: want them", ErrConfig)
	case !isHeaderText(d.SOAPAction):
		return d, fmt.Errorf("%w: SOAPAction: want visible ASCII without quotation marks", ErrConfig)
	}
	for _, kind := range d.Faults {
		switch kind {
		case onceonly.Fetched, onceonly.Incomplete, onceonly.NotFound, onceonly.Cancelled:
			return d, fmt.Errorf("%w: faults: a fault is no %s", ErrConfig, kind)
		}
	}
	d.Sex, d.Faults = maps.Clone(d.Sex), maps.Clone(d.Faults)
	return d, nil
}

func isHeaderText(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' || s[i] == '"' {
			return false
		}
	}
	return len(s) <= 200
}

func isDigits(s string, least, most int) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return len(s) >= least && len(s) <= most
}
