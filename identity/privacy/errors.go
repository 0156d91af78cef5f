package privacy

import "errors"

// ErrConflict means the record was changed by somebody else since it was read; read it again.
var ErrConflict = errors.New("privacy: record changed meanwhile")

// ErrNotFound means there is no record of this id.
var ErrNotFound = errors.New("privacy: no such record")

// Error names the field and the rule it breaks. It never quotes a value.
type Error struct {
	Field string // "purposes", "purpose", "consent", "request", "breach"
	Rule  string
	Err   error // the cause, if there is one
}

func (e *Error) Error() string { return "privacy: " + e.Field + ": " + e.Rule }

// Unwrap returns the cause, if there is one.
func (e *Error) Unwrap() error { return e.Err }

// Code returns the stable key, such as "privacy.consent.withdrawn".
func (e *Error) Code() string { return "privacy." + e.Field + "." + e.Rule }

// Text says in plain words what is wrong: in English for "en", in Vietnamese for everything else.
func (e *Error) Text(lang string) string {
	for _, m := range messages {
		if m.code == e.Field+"."+e.Rule && lang == "en" {
			return m.en
		}
		if m.code == e.Field+"."+e.Rule {
			return m.vi
		}
	}
	if lang == "en" {
		return "The request about personal data is not valid."
	}
	return "Yêu cầu về dữ liệu cá nhân không hợp lệ."
}

func refuse(field, rule string) *Error { return &Error{Field: field, Rule: rule} }

type message struct{ code, vi, en string }

var messages = [...]message{
	{"purpose.unknown", "Mục đích xử lý dữ liệu chưa được khai báo.", "The purpose of processing is not declared."},
	{"purpose.item", "Dữ liệu này không thuộc mục đích xử lý đã khai báo.", "The purpose does not include this item."},
	{"consent.missing", "Bạn chưa đồng ý cho mục đích này.", "You have not agreed to this purpose."},
	{"consent.not-ticked", "Mỗi mục dữ liệu phải được bạn tự đánh dấu đồng ý; im lặng không phải là đồng ý.",
		"Each item must be ticked by the person; silence is not consent."},
	{"consent.text", "Nội dung xin đồng ý đã thay đổi so với nội dung bạn được xem. Vui lòng xem lại.",
		"The text of the consent is not the one that was shown. Please look at it again."},
	{"consent.not-needed", "Mục đích này dựa trên quy định của pháp luật, không cần xin đồng ý.",
		"This purpose rests on the law and needs no consent."},
	{"consent.withdrawn", "Bạn đã rút lại sự đồng ý.", "The consent has been withdrawn."},
	{"consent.expired", "Sự đồng ý chưa có hiệu lực hoặc đã hết thời hạn.", "The consent is not yet or no longer in force."},
	{"consent.other", "Sự đồng ý này dành cho người, mục đích hoặc dữ liệu khác.",
		"The consent is for another person, purpose or item."},
	{"consent.party", "Chỉ người đã đồng ý hoặc người đại diện mới rút lại được sự đồng ý.",
		"Only the person who agreed, or a representative, can withdraw."},
	{"request.right", "Quyền được yêu cầu không có trong danh mục.", "There is no such right."},
	{"request.party", "Yêu cầu thiếu chủ thể dữ liệu.", "The request names no data subject."},
	{"request.acknowledged", "Yêu cầu này đã được xác nhận tiếp nhận.", "The request has already been acknowledged."},
	{"request.answered", "Yêu cầu này đã được trả lời.", "The request has already been answered."},
	{"request.extended", "Thời hạn chỉ được gia hạn một lần.", "The deadline can be extended once only."},
	{"request.extension", "Thời gian gia hạn vượt mức cho phép hoặc thiếu lý do.",
		"The extension is too long, or has no reason."},
	{"request.late", "Thời hạn đã qua, không thể gia hạn.", "The deadline has passed and cannot be extended."},
	{"request.outcome", "Kết quả trả lời phải là thực hiện hoặc từ chối kèm căn cứ.",
		"An answer is done, or refused on a stated ground."},
	{"request.time", "Thời điểm thực hiện không hợp lệ.", "The time of the act is not valid."},
	{"request.calendar", "Chưa có lịch làm việc để tính thời hạn.", "There is no working calendar to count the deadline."},
	{"breach.fields", "Báo cáo vi phạm thiếu thông tin bắt buộc.", "The breach report lacks what it must have."},
	{"breach.time", "Thời điểm phát hiện vi phạm không hợp lệ.", "The time the breach was first seen is not valid."},
	{"breach.notified", "Vi phạm này đã được thông báo.", "The breach has already been notified."},
}
