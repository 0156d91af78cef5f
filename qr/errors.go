package qr

import "fmt"

// InvalidError names the input that breaks a rule of encoding, issuing or reading. It never quotes the value.
type InvalidError struct {
	Field string // "text", "receipt.procedure", "trustlist.keys[3].kinds" …
	Rule  string // what is wanted
	Err   error
}

func (e *InvalidError) Error() string { return fmt.Sprintf("qr: %s: want %s", e.Field, e.Rule) }

// Unwrap returns the cause, if there is one.
func (e *InvalidError) Unwrap() error { return e.Err }

// Code returns the stable key of the rule, for a page that shows its own text.
func (e *InvalidError) Code() string { return "qr.invalid." + e.Field }

// Text says in Vietnamese, or with lang "en" in English, what has to be put right.
func (e *InvalidError) Text(lang string) string {
	if lang == "en" {
		return "The QR code cannot be made or read: " + e.Field + " must be " + e.Rule + "."
	}
	return "Không tạo hoặc đọc được mã QR: " + fieldName(e.Field) + " không đúng quy định."
}

// fieldName says a field in Vietnamese as far as a citizen or officer meets it.
func fieldName(field string) string {
	names := [...][2]string{
		{"card.number", "số định danh cá nhân"}, {"card.oldNumber", "số chứng minh nhân dân cũ"},
		{"card.fullName", "họ và tên"}, {"card.birth", "ngày sinh"}, {"card.sex", "giới tính"},
		{"card.issued", "ngày cấp thẻ"}, {"card", "nội dung mã trên thẻ"}, {"image", "tệp ảnh"}, {"text", "nội dung"},
		{"trustfile", "tệp danh sách tin cậy"}, {"trustlist", "danh sách tin cậy"},
		{"statuslist", "danh sách thu hồi"}, {"codelist", "danh mục mã số"}, {"title", "tên gọi của mã"},
		{"person.number", "số định danh cá nhân"}, {"person.fullName", "họ và tên"}, {"person.birth", "ngày sinh"},
		{"person.residence", "nơi thường trú"}, {"payment.amount", "số tiền"}, {"payment.account", "số tài khoản"},
		{"payment.memo", "nội dung chuyển khoản"}, {"claims.expires", "thời điểm hết hiệu lực"},
		{"receipt.due", "ngày hẹn trả kết quả"}, {"slip", "nội dung mã không ký"}, {"slip.name", "tên giấy tờ"},
		{"link", "địa chỉ liên kết"}, {"link.scheme", "địa chỉ liên kết (phải bắt đầu bằng https://)"},
		{"link.host", "tên miền (không thuộc danh sách được phép)"}, {"present.text", "mã cần xuất trình"},
		{"present.holder", "thiết bị của người giữ mã"}, {"present.show", "mục chọn xuất trình"},
	}
	for _, name := range names {
		if field == name[0] {
			return name[1]
		}
	}
	return "dữ liệu “" + field + "”"
}

// TooLongError says that a text does not fit the largest symbol, version 40, at the level asked for.
type TooLongError struct {
	Level    Level
	Bits     int // what the shortest encoding takes
	Capacity int // what version 40 holds
}

func (e *TooLongError) Error() string {
	return fmt.Sprintf("qr: text: takes %d bits: version 40-%v holds %d", e.Bits, e.Level, e.Capacity)
}

// Code returns "qr.toolong".
func (e *TooLongError) Code() string { return "qr.toolong" }

// Text says in Vietnamese, or with lang "en" in English, that the text has to be shortened.
func (e *TooLongError) Text(lang string) string {
	if lang == "en" {
		return "The text is too long for one QR code. Please shorten it."
	}
	return "Nội dung quá dài so với sức chứa của một mã QR. Vui lòng rút gọn."
}
