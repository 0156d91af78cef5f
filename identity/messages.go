package identity

// message is everything said about one rule: once, here.
type message struct {
	code     string
	mismatch bool
	rule     string // for errors
	vi, en   string // for people
}

func (m message) text(lang string) string {
	if lang == "en" {
		return m.en
	}
	return m.vi
}

func messageOf(code string) message {
	for _, table := range [...][]message{messages[:], numberMessages[:], statementMessages[:], cardMessages[:]} {
		for _, m := range table {
			if m.code == code {
				return m
			}
		}
	}
	return message{code: code, rule: "not valid", vi: "Thông tin không hợp lệ.", en: "The information is not valid."}
}

var messages = [...]message{
	{"personid.digits", false, "want exactly 12 digits",
		"Số định danh cá nhân gồm đúng 12 chữ số, viết liền, không có khoảng trắng.",
		"A personal identification number has exactly 12 digits, without spaces."},
	{"personid.century", false, "century digit not in use before 2100",
		"Số định danh cá nhân không đúng: chữ số thứ tư (thế kỷ sinh và giới tính) chưa được sử dụng.",
		"The personal identification number is wrong: its fourth digit (century of birth and sex) is not in use."},
	{"personid.birthyear", false, "year of birth lies in the future",
		"Số định danh cá nhân không đúng: năm sinh ghi trong số ở tương lai.",
		"The personal identification number is wrong: the year of birth in it lies in the future."},
	{"personid.birthdate", true, "year of birth differs from the date of birth",
		"Năm sinh trong số định danh cá nhân không khớp với ngày sinh đã khai.",
		"The year of birth in the personal identification number does not match the date of birth given."},
	{"personid.sex", true, "sex differs from the sex given",
		"Giới tính trong số định danh cá nhân không khớp với giới tính đã khai.",
		"The sex in the personal identification number does not match the sex given."},
	{"personid.place-unknown", false, "place code not in the table",
		"Mã tỉnh hoặc mã quốc gia (3 chữ số đầu) chưa có trong danh mục; cần đối chiếu với cơ sở dữ liệu dân cư.",
		"The province or country code (first 3 digits) is not in the table; compare it with the population database."},
	{"personid.place-unconfirmed", false, "place code in the table is not confirmed",
		"Mã quốc gia (3 chữ số đầu) chưa được xác nhận trong danh mục; cần đối chiếu với cơ sở dữ liệu dân cư.",
		"The country code (first 3 digits) is not confirmed in the table; compare it with the population database."},
	{"taxcode.form", false, "want 10 digits, 13 digits or a 12-digit personal id",
		"Mã số thuế gồm 10 chữ số, 13 chữ số (đơn vị phụ thuộc) hoặc số định danh cá nhân 12 chữ số.",
		"A tax code has 10 digits, 13 digits (dependent unit), or is a 12-digit personal identification number."},
	{"taxcode.serial", false, "serial part must not be zero",
		"Mã số thuế không đúng: phần số thứ tự không thể toàn số 0.",
		"The tax code is wrong: its serial part cannot be all zeros."},
	{"taxcode.checkdigit", false, "check digit does not fit",
		"Mã số thuế không đúng: chữ số kiểm tra không khớp. Vui lòng xem lại từng chữ số.",
		"The tax code is wrong: the check digit does not fit. Please look at each digit again."},
	{"taxcode.personid", false, "not a personal id",
		"Mã số thuế 12 chữ số phải là số định danh cá nhân hợp lệ.",
		"A 12-digit tax code must be a valid personal identification number."},
	{"taxcode.not-yet", false, "personal id is a tax code only from 2025-07-01",
		"Trước ngày 01/7/2025, số định danh cá nhân chưa được dùng thay cho mã số thuế.",
		"Before 1 July 2025 the personal identification number did not yet serve as a tax code."},
	{"taxcode.replaced", false, "individuals use the personal id from 2025-07-01",
		"Từ ngày 01/7/2025, cá nhân, hộ gia đình, hộ kinh doanh dùng số định danh cá nhân thay cho mã số thuế.",
		"Since 1 July 2025 individuals, households and household businesses use the personal identification number."},
	{"orgid.form", false, "want 10 or 13 digits",
		"Mã số doanh nghiệp gồm 10 chữ số, đơn vị phụ thuộc gồm 13 chữ số.",
		"An enterprise code has 10 digits, that of a dependent unit 13."},
	{"orgid.serial", false, "serial part must not be zero",
		"Mã số doanh nghiệp không đúng: phần số thứ tự không thể toàn số 0.",
		"The enterprise code is wrong: its serial part cannot be all zeros."},
	{"orgid.checkdigit", false, "check digit does not fit",
		"Mã số doanh nghiệp không đúng: chữ số kiểm tra không khớp. Vui lòng xem lại từng chữ số.",
		"The enterprise code is wrong: the check digit does not fit. Please look at each digit again."},
	{"name.empty", false, "want at least one letter",
		"Vui lòng nhập họ và tên.", "Please enter the full name."},
	{"name.length", false, "want at most 200 bytes",
		"Họ và tên quá dài.", "The full name is too long."},
	{"name.letters", false, "want letters, spaces, hyphen, apostrophe and full stop",
		"Họ và tên chỉ gồm chữ cái, khoảng trắng, dấu gạch nối, dấu nháy và dấu chấm.",
		"A full name consists of letters, spaces, hyphens, apostrophes and full stops."},
	{"orgname.empty", false, "want at least one letter or digit",
		"Vui lòng nhập tên tổ chức.", "Please enter the name of the organisation."},
	{"orgname.length", false, "want at most 400 bytes",
		"Tên tổ chức quá dài.", "The name of the organisation is too long."},
	{"orgname.letters", false, "want printable characters",
		"Tên tổ chức có ký tự không hợp lệ.", "The name of the organisation has characters that are not allowed."},
	{"birthdate.form", false, "want dd/mm/yyyy, yyyy-mm-dd, yyyymmdd, yyyy-mm or yyyy",
		"Ngày sinh cần ghi theo dạng ngày/tháng/năm, ví dụ 15/03/1990.",
		"Write the date of birth as day/month/year, for example 15/03/1990."},
	{"birthdate.calendar", false, "no such day",
		"Ngày sinh không có thật trên lịch.", "There is no such day in the calendar."},
	{"birthdate.range", false, "year out of range",
		"Năm sinh nằm ngoài khoảng cho phép.", "The year of birth is out of range."},
	{"birthdate.future", false, "lies in the future",
		"Ngày sinh không thể ở tương lai.", "The date of birth cannot lie in the future."},
	{"pseudonym.form", false, "not made by a pseudonymizer",
		"Mã ẩn danh không hợp lệ.", "The pseudonym is not valid."},
	{"pseudonym.key", false, "key must have at least 32 bytes",
		"Khóa tạo mã ẩn danh phải có ít nhất 32 byte.", "The pseudonym key must have at least 32 bytes."},
	{"subject.kind", false, "kind and identifiers do not fit together",
		"Loại chủ thể và thông tin định danh không phù hợp với nhau.",
		"The kind of subject and its identifiers do not fit together."},
	{"subject.person", false, "personal id missing",
		"Tài khoản chưa có số định danh cá nhân. Vui lòng cập nhật tài khoản định danh điện tử rồi thử lại.",
		"The account has no personal identification number. Please complete the electronic identity account and retry."},
	{"subject.representation", false, "representation lacks a party or a basis",
		"Thông tin đại diện thiếu người thực hiện, bên được đại diện hoặc căn cứ đại diện.",
		"The representation lacks the acting person, the party represented, or its basis."},
	{"subject.scope", false, "representation does not cover this procedure",
		"Phạm vi đại diện không bao gồm thủ tục này hoặc văn bản ủy quyền chưa nêu phạm vi.",
		"The representation does not cover this procedure, or the power of attorney names no scope."},
	{"subject.of-age", false, "the person represented is or may be of age",
		"Người được giám hộ đã đủ hoặc có thể đã đủ 18 tuổi, cần căn cứ đại diện khác.",
		"The person under guardianship is or may be 18 years old; another ground of representation is needed."},
	{"subject.conflict", true, "sources contradict each other",
		"Các nguồn thông tin về người này mâu thuẫn với nhau. Vui lòng kiểm tra lại hoặc liên hệ cán bộ tiếp nhận.",
		"The sources about this person contradict each other. Please check again or ask the receiving officer."},
	{"subject.expired", false, "representation not in force",
		"Việc đại diện chưa có hiệu lực hoặc đã hết hiệu lực.",
		"The representation is not yet or no longer in force."},
}
