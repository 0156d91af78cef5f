package form

import (
	"fmt"
	"strings"
)

// InvalidError names the part of a schema, or of a call, that breaks a rule.
type InvalidError struct {
	Field string
	Rule  string
	Err   error
}

func (e *InvalidError) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("form: %s: want %s: %v", e.Field, e.Rule, e.Err)
	}
	return fmt.Sprintf("form: %s: want %s", e.Field, e.Rule)
}

// Unwrap returns the cause, if there is one.
func (e *InvalidError) Unwrap() error { return e.Err }

// FieldError is one fault of the values. It never holds the value.
type FieldError struct {
	Field string // dotted path, "" for the whole form
	Title Text   // the field's title
	Rule  string // the last part of the code: required, max-length, format …
	Limit int64  // for rules that have one
	note  Text   // a text of the schema's, or of a format's, that says it better
}

func (e *FieldError) Error() string { return fmt.Sprintf("form: %s: %s", e.Field, e.Rule) }

// Code is the stable key of the message, such as "form.required".
func (e *FieldError) Code() string { return "form." + e.Rule }

// Text says in plain words what to do, in "vi" (also for any other tag) or "en".
func (e *FieldError) Text(lang string) string {
	if note := e.note.In(lang); note != "" {
		return note
	}
	m, ok := messages[e.Rule]
	if !ok {
		m = messages["invalid"]
	}
	title := e.Title.In(lang)
	if title == "" {
		title = e.Field
	}
	return strings.NewReplacer("{title}", title, "{limit}", fmt.Sprint(e.Limit)).Replace(m.In(lang))
}

// LockedError says that the browser sent another value for fields a register has filled for good.
type LockedError struct {
	Fields []string // dotted paths
	Titles []Text
}

func (e *LockedError) Error() string {
	return "form: locked fields changed: " + strings.Join(e.Fields, ", ")
}

// Code is the stable key of the message.
func (e *LockedError) Code() string { return "form.locked" }

// Text explains it to the citizen, in "vi" (also for any other tag) or "en".
func (e *LockedError) Text(lang string) string {
	var titles []string
	for _, t := range e.Titles {
		titles = append(titles, t.In(lang))
	}
	list := strings.Join(titles, ", ")
	if lang == "en" {
		return "These details come from the register and cannot be changed here: " + list +
			". If they are wrong, please ask the agency to correct its data."
	}
	return "Các thông tin sau lấy từ cơ sở dữ liệu nên không sửa được tại đây: " + list +
		". Nếu thông tin chưa đúng, vui lòng đề nghị cơ quan quản lý cập nhật dữ liệu."
}

// Text is words in both languages. English may be missing; Vietnamese stands in then.
type Text struct {
	Vi string `json:"vi"`
	En string `json:"en,omitempty"`
}

// In returns the words in "en", or in Vietnamese for any other tag.
func (t Text) In(lang string) string {
	if lang == "en" && t.En != "" {
		return t.En
	}
	return t.Vi
}

// messages by rule. Never changed.
var messages = map[string]Text{
	"required":   {"Vui lòng nhập “{title}”.", "Please fill in “{title}”."},
	"choose":     {"Vui lòng chọn “{title}”.", "Please choose “{title}”."},
	"option":     {"Vui lòng chọn một giá trị có trong danh sách cho “{title}”.", "Please choose a listed value for “{title}”."},
	"min-length": {"“{title}” phải có ít nhất {limit} ký tự.", "“{title}” needs at least {limit} characters."},
	"max-length": {"“{title}” không được quá {limit} ký tự.", "“{title}” may have at most {limit} characters."},
	"pattern":    {"“{title}” chưa đúng định dạng.", "“{title}” is not in the right form."},
	"format":     {"“{title}” chưa đúng định dạng.", "“{title}” is not in the right form."},
	"date":       {"“{title}” phải là một ngày có thật, ví dụ 05/09/2026.", "“{title}” must be a real date, such as 05/09/2026."},
	"phone":      {"“{title}” phải là số điện thoại 10 hoặc 11 chữ số, ví dụ 0900000001.", "“{title}” must be a phone number of 10 or 11 digits, such as 0900000001."},
	"email":      {"“{title}” phải là địa chỉ thư điện tử, ví dụ ten@example.vn.", "“{title}” must be an e-mail address, such as name@example.vn."},
	"integer":    {"“{title}” phải là số nguyên.", "“{title}” must be a whole number."},
	"minimum":    {"“{title}” không được nhỏ hơn {limit}.", "“{title}” must be at least {limit}."},
	"maximum":    {"“{title}” không được lớn hơn {limit}.", "“{title}” must be at most {limit}."},
	"min-items":  {"Vui lòng chọn ít nhất {limit} mục cho “{title}”.", "Please choose at least {limit} for “{title}”."},
	"max-items":  {"Chỉ được chọn tối đa {limit} mục cho “{title}”.", "Please choose at most {limit} for “{title}”."},
	"repeated":   {"“{title}” chỉ được nhập một lần.", "“{title}” may be given once only."},
	"characters": {"“{title}” có ký tự không hợp lệ. Vui lòng nhập lại.", "“{title}” has characters that are not allowed. Please type it again."},
	"type":       {"“{title}” chưa đúng kiểu dữ liệu.", "“{title}” is of the wrong type."},
	"unknown":    {"Biểu mẫu có thông tin không được yêu cầu.", "The form holds details nobody asked for."},
	"too-large":  {"Biểu mẫu quá lớn. Vui lòng rút gọn nội dung.", "The form is too large. Please shorten it."},
	"unreadable": {"Dữ liệu biểu mẫu không đọc được. Vui lòng thử lại.", "The form data cannot be read. Please try again."},
	"invalid":    {"“{title}” chưa hợp lệ.", "“{title}” is not valid."},
}
