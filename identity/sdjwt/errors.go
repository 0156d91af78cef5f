package sdjwt

// Error says what was refused while issuing, presenting or setting up. It holds no value of a claim.
type Error struct {
	Field string // "config", "draft", "path", "credential", "holder", "statuslist", "report"
	Rule  string
	Err   error // the cause, if there is one
}

func (e *Error) Error() string { return "sdjwt: " + e.Field + ": " + e.Rule }

// Unwrap returns the cause, if there is one.
func (e *Error) Unwrap() error { return e.Err }

// Code returns the stable key, such as "sdjwt.draft.type".
func (e *Error) Code() string { return "sdjwt." + e.Field + "." + e.Rule }

// Text says in plain words what is wrong: in English for "en", in Vietnamese for everything else.
func (e *Error) Text(lang string) string {
	for _, m := range fields {
		if m.code == e.Field {
			return m.text(lang)
		}
	}
	return fields[0].text(lang)
}

func refuse(field, rule string) *Error { return &Error{Field: field, Rule: rule} }

type message struct{ code, vi, en string }

func (m message) text(lang string) string {
	if lang == "en" {
		return m.en
	}
	return m.vi
}

var fields = [...]message{
	{"config", "Cấu hình cấp hoặc kiểm tra chứng thư điện tử chưa đầy đủ hoặc không an toàn.",
		"The set-up for issuing or verifying credentials is incomplete or unsafe."},
	{"draft", "Nội dung chứng thư cần cấp chưa hợp lệ.", "What is to be issued is not valid."},
	{"path", "Đường dẫn tới thông tin trong chứng thư không hợp lệ.", "The path to a claim is not valid."},
	{"credential", "Chứng thư không đúng định dạng.", "The credential is malformed."},
	{"holder", "Không thể trình chứng thư bằng khóa này.", "The credential cannot be presented with this key."},
	{"statuslist", "Danh sách trạng thái không hợp lệ.", "The status list is not valid."},
	{"report", "Chứng thư chưa được xác minh là hợp lệ.", "The credential has not been found valid."},
}
