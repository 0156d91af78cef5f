package onceonly

import "strings"

// Field names one fact a register holds, as subject and attribute: "person.birth-date". A lookup asks by name; there is
// no name for "everything".
type Field string

// The names the registers of the house share. A register may hold others of the same form.
const (
	PersonalID         Field = "person.personal-id"         // số định danh cá nhân
	OldIDNumber        Field = "person.old-id-number"       // số CMND, nine digits
	FullName           Field = "person.full-name"           // họ, chữ đệm và tên
	BirthDate          Field = "person.birth-date"          // ngày, tháng, năm sinh
	Sex                Field = "person.sex"                 // giới tính: "male" or "female"
	Nationality        Field = "person.nationality"         // quốc tịch
	Ethnicity          Field = "person.ethnicity"           // dân tộc, sensitive
	Religion           Field = "person.religion"            // tôn giáo, sensitive
	BloodType          Field = "person.blood-type"          // nhóm máu, sensitive
	MaritalStatus      Field = "person.marital-status"      // tình trạng hôn nhân
	BirthRegistration  Field = "person.birth-registration"  // nơi đăng ký khai sinh
	Hometown           Field = "person.hometown"            // quê quán
	PermanentResidence Field = "person.permanent-residence" // nơi thường trú
	CurrentResidence   Field = "person.current-residence"   // nơi ở hiện tại
	Father             Field = "person.father"              // cha
	Mother             Field = "person.mother"              // mẹ
	Spouse             Field = "person.spouse"              // vợ, chồng
	Representative     Field = "person.representative"      // người đại diện
	HouseholdHead      Field = "person.household-head"      // chủ hộ
	HouseholdBook      Field = "person.household-book"      // số sổ hộ khẩu
)

// ParseField checks the form of a name; it does not ask whether any register holds it. Errors: *RequestError.
func ParseField(s string) (Field, error) {
	subject, attribute, ok := strings.Cut(s, ".")
	if !ok || len(s) > maxWord || !isWord(subject) || !isWord(attribute) {
		return "", &RequestError{Field: "fields", Rule: "form"}
	}
	return Field(s), nil
}

const maxWord = 64

// isWord accepts [a-z][a-z0-9-]*.
func isWord(s string) bool {
	if s == "" || len(s) > maxWord || s[0] < 'a' || s[0] > 'z' {
		return false
	}
	for i := 1; i < len(s); i++ {
		if c := s[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return true
}

// Class says how carefully the law wants a fact handled.
type Class string

// The two classes of Decree 356/2025/NĐ-CP. Which fact is in which is known from reports of the decree only, so the
// doubtful ones are counted as sensitive: that costs a line in a purpose and leaks nothing.
const (
	Basic     Class = "basic"     // dữ liệu cá nhân cơ bản
	Sensitive Class = "sensitive" // dữ liệu cá nhân nhạy cảm
)

// Class returns the class of a field. One that is not in the list above is sensitive until somebody lists it.
func (f Field) Class() Class {
	for _, label := range labels {
		if label.field == f {
			return label.class
		}
	}
	return Sensitive
}

// Text returns what a citizen calls the fact, in "vi" or "en"; any other language is Vietnamese. A field that is not in
// the list above is its own text.
func (f Field) Text(lang string) string {
	for _, label := range labels {
		if label.field != f {
			continue
		}
		if lang == "en" {
			return label.en
		}
		return label.vi
	}
	return string(f)
}

var labels = [...]struct {
	field  Field
	class  Class
	vi, en string
}{
	{PersonalID, Basic, "Số định danh cá nhân", "Personal identification number"},
	{OldIDNumber, Basic, "Số chứng minh nhân dân", "Old identity card number"},
	{FullName, Basic, "Họ, chữ đệm và tên", "Full name"},
	{BirthDate, Basic, "Ngày, tháng, năm sinh", "Date of birth"},
	{Sex, Basic, "Giới tính", "Sex"},
	{Nationality, Basic, "Quốc tịch", "Nationality"},
	{Ethnicity, Sensitive, "Dân tộc", "Ethnicity"},
	{Religion, Sensitive, "Tôn giáo", "Religion"},
	{BloodType, Sensitive, "Nhóm máu", "Blood type"},
	{MaritalStatus, Basic, "Tình trạng hôn nhân", "Marital status"},
	{BirthRegistration, Basic, "Nơi đăng ký khai sinh", "Place of birth registration"},
	{Hometown, Basic, "Quê quán", "Hometown"},
	{PermanentResidence, Basic, "Nơi thường trú", "Permanent residence"},
	{CurrentResidence, Basic, "Nơi ở hiện tại", "Current residence"},
	{Father, Basic, "Cha", "Father"},
	{Mother, Basic, "Mẹ", "Mother"},
	{Spouse, Basic, "Vợ, chồng", "Spouse"},
	{Representative, Basic, "Người đại diện", "Representative"},
	{HouseholdHead, Basic, "Chủ hộ", "Head of household"},
	{HouseholdBook, Basic, "Số sổ hộ khẩu", "Household book number"},
}
