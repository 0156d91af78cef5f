package audit

import (
	"errors"
	"fmt"
)

// Errors the caller branches on. All but ErrLocked and ErrReadOnly come as *[FindingError].
var (
	// ErrMalformed means the input is not what it should be: nothing in it was believed.
	ErrMalformed = errors.New("audit: malformed")
	// ErrSignature means a checkpoint does not carry a valid signature of the log, or of as many witnesses as the
	// policy wants.
	ErrSignature = errors.New("audit: not signed as demanded")
	// ErrAltered means records are not those that were signed for: edited, deleted, inserted or moved.
	ErrAltered = errors.New("audit: not what was signed for")
	// ErrCut means the journal is shorter than a checkpoint says.
	ErrCut = errors.New("audit: tail cut off")
	// ErrFork means the log has signed two histories that exclude each other. The checkpoints are the evidence.
	ErrFork = errors.New("audit: log forked")
	// ErrClock means a time lies before one that came earlier.
	ErrClock = errors.New("audit: clock went back")
	// ErrTimestamp means a time stamp is missing or does not hold.
	ErrTimestamp = errors.New("audit: time stamp does not hold")
	// ErrUnlinked means that nothing connects a bundle with the checkpoints it was to be compared with.
	ErrUnlinked = errors.New("audit: not linked to a known checkpoint")
	// ErrUncovered means that no checkpoint covers the record yet, or that it does not exist.
	ErrUncovered = errors.New("audit: not covered by a checkpoint")
	// ErrLocked means another process has the log or the witness file open for writing.
	ErrLocked = errors.New("audit: in use by another process")
	// ErrReadOnly means the log was opened without a signer.
	ErrReadOnly = errors.New("audit: opened without a signer")
)

// FindingError says what does not hold, and where. errors.Is(err, Kind) holds.
type FindingError struct {
	// Kind is one of the errors above.
	Kind error
	// Rule is the stable name of what does not hold: "edited", "deleted", "inserted", "moved", "cut" …
	Rule string
	// Position is the first journal position concerned, 0 when there is none or the input does not say.
	Position int64
	// Index is the place among the leaves, from 0; -1 when there is none.
	Index int64
	// Checkpoints are those that contradict each other or the records.
	Checkpoints []Checkpoint
	// Err is the cause, if there is one.
	Err error
}

func (e *FindingError) Error() string {
	where := ""
	switch {
	case e.Position > 0:
		where = fmt.Sprintf("position %d: ", e.Position)
	case e.Index >= 0:
		where = fmt.Sprintf("leaf %d: ", e.Index)
	}
	if e.Err != nil {
		return fmt.Sprintf("audit: %s%s: %v", where, e.Rule, e.Err)
	}
	return "audit: " + where + e.Rule
}

// Unwrap returns the kind and the cause.
func (e *FindingError) Unwrap() []error {
	if e.Err == nil {
		return []error{e.Kind}
	}
	return []error{e.Kind, e.Err}
}

// Code returns the stable key of the finding, such as "audit.edited".
func (e *FindingError) Code() string { return "audit." + e.Rule }

// Text says the finding in plain words, in "en" or else in Vietnamese.
func (e *FindingError) Text(lang string) string {
	text := textOf(e.Rule)
	if lang == "en" {
		if e.Position > 0 {
			return fmt.Sprintf("%s (journal position %d)", text.en, e.Position)
		}
		return text.en
	}
	if e.Position > 0 {
		return fmt.Sprintf("%s (vị trí %d trong sổ)", text.vi, e.Position)
	}
	return text.vi
}

type bilingual struct{ vi, en string }

func textOf(rule string) bilingual {
	switch rule {
	case "json", "format", "bounds", "note", "record", "path", "key":
		return bilingual{"Tệp không đúng định dạng, không thể kiểm tra.",
			"The file is malformed and cannot be checked."}
	case "signature":
		return bilingual{"Điểm xác nhận không mang chữ ký hợp lệ của sổ theo dõi này.",
			"The checkpoint has no valid signature of this journal's log."}
	case "quorum":
		return bilingual{"Điểm xác nhận chưa có đủ chữ ký của bên chứng kiến.",
			"Too few witnesses have signed the checkpoint."}
	case "edited":
		return bilingual{"Bản ghi đã bị sửa sau khi được xác nhận.",
			"A record was edited after it had been signed for."}
	case "deleted":
		return bilingual{"Có bản ghi đã bị xóa sau khi được xác nhận.",
			"A record was deleted after it had been signed for."}
	case "inserted":
		return bilingual{"Có bản ghi bị chèn thêm vào phần đã được xác nhận.",
			"A record was inserted where the journal had been signed for."}
	case "moved":
		return bilingual{"Thứ tự bản ghi đã bị đổi sau khi được xác nhận.",
			"Records changed their order after they had been signed for."}
	case "root":
		return bilingual{"Nội dung sổ không khớp với điểm xác nhận đã ký.",
			"The journal is not the one that the signed checkpoint stands for."}
	case "chain":
		return bilingual{"Các bản ghi của cùng một hồ sơ không nối tiếp nhau.",
			"Records of the same stream do not follow one another."}
	case "tree":
		return bilingual{"Dữ liệu cây băm của sổ bị hỏng.", "The stored tree of the log is damaged."}
	}
	return textOfCheckpoints(rule)
}

func textOfCheckpoints(rule string) bilingual {
	switch rule {
	case "cut":
		return bilingual{"Phần cuối của sổ đã bị cắt bỏ.", "The end of the journal has been cut off."}
	case "fork":
		return bilingual{"Sổ có hai lịch sử trái ngược nhau cùng được ký.",
			"The log has signed two histories that contradict each other."}
	case "clock":
		return bilingual{"Đồng hồ bị lùi: có thời điểm sớm hơn thời điểm đã ghi trước đó.",
			"The clock went back: a time is earlier than one recorded before it."}
	case "timestamp":
		return bilingual{"Dấu thời gian không hợp lệ.", "The time stamp does not hold."}
	case "unstamped":
		return bilingual{"Thiếu dấu thời gian.", "There is no time stamp."}
	case "unlinked":
		return bilingual{"Không có gì nối tệp này với các điểm xác nhận đã biết.",
			"Nothing connects this file with the checkpoints already known."}
	case "stale":
		return bilingual{"Điểm xác nhận cũ hơn điểm đã biết.", "The checkpoint is older than the one already known."}
	case "uncovered":
		return bilingual{"Bản ghi không tồn tại hoặc chưa có điểm xác nhận nào bao gồm.",
			"The record does not exist, or no checkpoint covers it yet."}
	}
	return bilingual{"Không thể xác nhận.", "It cannot be confirmed."}
}

// finding builds a FindingError without a place.
func finding(kind error, rule string, err error) *FindingError {
	return &FindingError{Kind: kind, Rule: rule, Index: -1, Err: err}
}
