package dossier

import (
	"encoding/json"
	"strconv"
)

// State is one of the ten states of the national list (trạng thái hồ sơ). Compare states as the integers they are: as
// strings "10" would sort behind "1". The zero value is no state.
type State int

// The national list.
const (
	Registered          State = 1  // Mới đăng ký
	Accepted            State = 2  // Được tiếp nhận
	Refused             State = 3  // Không được tiếp nhận
	Processing          State = 4  // Đang xử lý
	SupplementRequested State = 5  // Yêu cầu bổ sung giấy tờ
	DutyRequested       State = 6  // Yêu cầu thực hiện nghĩa vụ tài chính
	WithdrawalRequested State = 7  // Công dân yêu cầu rút hồ sơ
	Stopped             State = 8  // Dừng xử lý
	Finished            State = 9  // Đã xử lý xong
	Returned            State = 10 // Đã trả kết quả
)

// ParseState reads a state off the wire of 2019 to 2023, "1" to "10". Errors: *[InvalidError].
func ParseState(s string) (State, error) {
	n, err := strconv.Atoi(s)
	if err != nil || !State(n).IsValid() || strconv.Itoa(n) != s {
		return 0, &InvalidError{Field: "state", Rule: "1 to 10"}
	}
	return State(n), nil
}

// IsValid reports whether s is one of the ten.
func (s State) IsValid() bool { return s >= Registered && s <= Returned }

// String returns the form of the string wire, "1" to "10"; ParseState reads it back.
func (s State) String() string { return strconv.Itoa(int(s)) }

// MarshalJSON writes the form of the integer wire.
func (s State) MarshalJSON() ([]byte, error) { return strconv.AppendInt(nil, int64(s), 10), nil }

// UnmarshalJSON reads both wire forms, 4 and "4".
func (s *State) UnmarshalJSON(raw []byte) error {
	text := string(raw)
	if len(raw) > 0 && raw[0] == '"' {
		if err := json.Unmarshal(raw, &text); err != nil {
			return &InvalidError{Field: "state", Rule: "1 to 10", Err: err}
		}
	}
	parsed, err := ParseState(text)
	if err != nil {
		return err
	}
	*s = parsed
	return nil
}

// Label returns the state's name in "vi" (also for any other tag) or "en".
func (s State) Label(lang string) string {
	vi, en := s.labels()
	if lang == "en" {
		return en
	}
	return vi
}

func (s State) labels() (vi, en string) {
	switch s {
	case Registered:
		return "Mới đăng ký", "Registered"
	case Accepted:
		return "Được tiếp nhận", "Accepted"
	case Refused:
		return "Không được tiếp nhận", "Not accepted"
	case Processing:
		return "Đang xử lý", "Being processed"
	case SupplementRequested:
		return "Yêu cầu bổ sung giấy tờ", "Supplement requested"
	case DutyRequested:
		return "Yêu cầu thực hiện nghĩa vụ tài chính", "Financial duty requested"
	case WithdrawalRequested:
		return "Công dân yêu cầu rút hồ sơ", "Withdrawal requested"
	case Stopped:
		return "Dừng xử lý", "Stopped"
	case Finished:
		return "Đã xử lý xong", "Finished"
	case Returned:
		return "Đã trả kết quả", "Result returned"
	}
	return "Chưa nộp", "Not filed"
}

// Ends reports whether reaching the state ends the clock. A request for withdrawal ends it only if the dossier had been
// accepted (formulas of Decision 766/QĐ-TTg, index 2.1).
func (s State) Ends(accepted bool) bool {
	switch s {
	case Refused, Stopped, Finished, Returned:
		return true
	case WithdrawalRequested:
		return accepted
	}
	return false
}

// Open reports whether somebody still has work with a dossier in this state.
func (s State) Open() bool { return s.IsValid() && s != Refused && s != Stopped && s != Returned }
