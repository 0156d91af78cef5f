package privacy

import (
	"slices"
	"time"

	"github.com/motcua/motcua/identity"
)

// Right is what a data subject asks for (quyền của chủ thể dữ liệu). Law 91/2025/QH15 Art. 4.
type Right string

// The rights.
const (
	Know            Right = "know"             // được biết
	View            Right = "view"             // xem
	Edit            Right = "edit"             // chỉnh sửa
	Provide         Right = "provide"          // được cung cấp bản sao
	Delete          Right = "delete"           // xóa
	WithdrawConsent Right = "withdraw-consent" // rút lại sự đồng ý
	Restrict        Right = "restrict"         // hạn chế xử lý
	Object          Right = "object"           // phản đối xử lý
	Complain        Right = "complain"         // khiếu nại
)

// Outcome is how a request ended.
type Outcome string

// The outcomes.
const (
	Done    Outcome = "done"
	Refused Outcome = "refused" // on a stated ground
)

// Act is what was done with a request.
type Act struct {
	// Kind is a fact's name: "privacy.request-received", "-acknowledged", "-others-told", "-extended", "-answered".
	Kind string             `json:"kind"`
	At   time.Time          `json:"at"`
	By   identity.Pseudonym `json:"by"`
	// Ground is the provision an extension or refusal rests on.
	Ground string `json:"ground,omitempty"`
	// Late says that the act came after its deadline.
	Late bool `json:"late,omitempty"`
}

// Request is a data subject's request (yêu cầu của chủ thể dữ liệu) with its deadlines. It holds no personal data.
type Request struct {
	ID      string             `json:"id"`
	Subject identity.Pseudonym `json:"subject"`
	By      identity.Pseudonym `json:"by"` // who asked: the subject or a representative
	Right   Right              `json:"right"`
	Purpose string             `json:"purpose,omitempty"` // the purpose it is about; empty: all
	Items   []string           `json:"items,omitempty"`   // the items it is about; empty: all
	// Others says that a processor or third party holds the data as well, which gives more time.
	Others   bool      `json:"others,omitempty"`
	Received time.Time `json:"received"`
	// AcknowledgeBy and AnswerBy are the last moments in time. Provisional says that one of them rests on a row whose text
	// was not seen, or on a year the working calendar does not know yet.
	AcknowledgeBy time.Time `json:"acknowledgeBy"`
	AnswerBy      time.Time `json:"answerBy"`
	Provisional   bool      `json:"provisional,omitempty"`
	Acknowledged  time.Time `json:"acknowledged,omitzero"`
	Extended      time.Time `json:"extended,omitzero"`
	Answered      time.Time `json:"answered,omitzero"`
	Outcome       Outcome   `json:"outcome,omitempty"`
	Acts          []Act     `json:"acts"`
}

// Due returns the next deadline that runs; ok is false when the request is answered.
func (r Request) Due() (at time.Time, ok bool) {
	switch {
	case !r.Answered.IsZero():
		return time.Time{}, false
	case r.Acknowledged.IsZero() && r.AcknowledgeBy.Before(r.AnswerBy):
		return r.AcknowledgeBy, true
	}
	return r.AnswerBy, true
}

// Overdue reports whether a deadline has passed without its act.
func (r Request) Overdue(at time.Time) bool {
	due, runs := r.Due()
	return runs && at.After(due)
}

// acting adds an act, if its time is not before the last one's.
func (r *Request) acting(kind string, at time.Time, by identity.Pseudonym, ground string, due time.Time) error {
	last := r.Received
	if len(r.Acts) > 0 {
		last = r.Acts[len(r.Acts)-1].At
	}
	switch {
	case by.IsZero():
		return refuse("request", "party")
	case at.Before(last):
		return refuse("request", "time")
	case !r.Answered.IsZero():
		return refuse("request", "answered")
	}
	late := !due.IsZero() && at.After(due)
	r.Acts = append(slices.Clone(r.Acts), Act{kind, at, by, ground, late})
	return nil
}

// Acknowledge tells the subject that the request has arrived (xác nhận tiếp nhận). Errors: *Error.
func (r Request) Acknowledge(at time.Time, by identity.Pseudonym) (Request, error) {
	if !r.Acknowledged.IsZero() {
		return r, refuse("request", "acknowledged")
	}
	if err := r.acting("privacy.request-acknowledged", at, by, "", r.AcknowledgeBy); err != nil {
		return r, err
	}
	r.Acknowledged = at
	return r, nil
}

// TellOthers notes that processors and third parties were told to do the same. Errors: *Error.
func (r Request) TellOthers(at time.Time, by identity.Pseudonym) (Request, error) {
	err := r.acting("privacy.request-others-told", at, by, "", time.Time{})
	return r, err
}

// Extend gives the answer more days, once, before it is due, on a stated ground and no more than the law's row allows.
// Errors: *Error.
func (r Request) Extend(at time.Time, by identity.Pseudonym, days int, ground string, law Deadlines) (Request, error) {
	row, ok := law.row(r.Right)
	switch {
	case !r.Extended.IsZero():
		return r, refuse("request", "extended")
	case at.After(r.AnswerBy):
		return r, refuse("request", "late")
	case !ok || days < 1 || days > row.Extension || ground == "" || len(ground) > 200:
		return r, refuse("request", "extension")
	}
	if err := r.acting("privacy.request-extended", at, by, ground, time.Time{}); err != nil {
		return r, err
	}
	r.Extended, r.AnswerBy = at, r.AnswerBy.AddDate(0, 0, days)
	return r, nil
}

// Answer ends the request: done, or refused on a stated ground. An answer after the deadline is recorded as late.
// Errors: *Error.
func (r Request) Answer(at time.Time, by identity.Pseudonym, outcome Outcome, ground string) (Request, error) {
	if outcome != Done && (outcome != Refused || ground == "") || len(ground) > 200 {
		return r, refuse("request", "outcome")
	}
	if err := r.acting("privacy.request-answered", at, by, ground, r.AnswerBy); err != nil {
		return r, err
	}
	r.Answered, r.Outcome = at, outcome
	return r, nil
}
