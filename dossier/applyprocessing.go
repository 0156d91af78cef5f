package dossier

import (
	"fmt"
	"time"

	"github.com/motcua/motcua/internal/vntime"
)

// The methods below are the effects of the acts after acceptance, one each.

func (x *decision) assign() error {
	c := x.command
	if !c.Unit.IsZero() {
		if c.Unit.Level1() != x.before.Agency.Level1() {
			return &InvalidError{Field: "unit", Rule: "a unit of the same ministry or province",
				Vi: "Đơn vị xử lý phải thuộc cùng tỉnh hoặc cùng bộ."}
		}
		x.next.Unit = c.Unit
	}
	if c.Unit.IsZero() && c.Officer == "" && x.before.State == Processing {
		return &InvalidError{Field: "officer", Rule: "a unit or an officer", Vi: "Vui lòng chọn đơn vị hoặc cán bộ xử lý."}
	}
	x.next.Officer = c.Officer
	return nil
}

func (x *decision) consult() error {
	if !x.command.Due.Time().After(vntime.Midnight(x.now)) {
		return &InvalidError{Field: "due", Rule: "a day after today", Vi: "Hạn trả lời phải sau ngày hôm nay."}
	}
	x.detail.Unit, x.detail.DueAfter = x.command.Unit, endOfDay(x.command.Due.Time())
	x.next.OpenConsults++
	return nil
}

func (x *decision) opinion() error {
	if x.before.OpenConsults == 0 {
		return &Refusal{Key: "dossier.no-consult", Law: x.row.Law, Vi: "Hồ sơ không có yêu cầu lấy ý kiến nào đang chờ trả lời.",
			En: "No request for an opinion is open."}
	}
	x.next.OpenConsults--
	return nil
}

func (x *decision) requestDuty() error {
	x.next.DutyAsked = x.now
	return nil
}

// settleDuty moves the due date by the working days that passed, if the procedure's sector law stops the clock.
func (x *decision) settleDuty() error {
	x.next.DutyAsked = time.Time{}
	if !x.procedure.DutyPauses {
		return nil
	}
	days, err := x.calendar.Between(x.before.DutyAsked, x.now)
	if err != nil {
		return err
	}
	due, err := x.calendar.Due(x.before.Due, days)
	if err != nil {
		return err
	}
	x.detail.DueBefore, x.detail.DueAfter, x.next.Due = x.before.Due, due, due
	return nil
}

func (x *decision) approve() error {
	x.next.Approved = true
	return nil
}

// attachResult takes the signed result. A second time replaces the first: a result is not out before Finish.
func (x *decision) attachResult() error {
	want := x.procedure.Result
	for i, ref := range x.command.Files {
		switch {
		case want.Kind == "none" || ref.Component != want.Code:
			return &InvalidError{Field: fmt.Sprintf("files[%d].component", i), Rule: "the procedure's result"}
		case ref.Media != "application/pdf":
			return &InvalidError{Field: fmt.Sprintf("files[%d].media", i), Rule: "application/pdf",
				Vi: "Kết quả phải là tệp PDF đã ký số."}
		}
	}
	x.next.Results = withoutNames(x.command.Files)
	x.private.Files = storeFiles(x.command.Files)
	return nil
}

func (x *decision) finish() error {
	x.next.Unit, x.next.Officer = x.before.Agency, "" // the result goes back to the one-stop unit
	return nil
}

func (x *decision) giveBack() error {
	x.next.Handed = x.now
	return nil
}

// reappoint moves the due date with an apology: at most once, at the latest a day before the old date
// (61/2018/NĐ-CP Art 19(9)), to a working day after it.
func (x *decision) reappoint() error {
	d := x.before
	if most, ok := x.limit("reappoint.times"); ok && int64(d.Reappointments) >= most.Number {
		return x.refuseBy(most.Law, "dossier.reappoint-once",
			fmt.Sprintf("Hồ sơ chỉ được hẹn lại ngày trả kết quả tối đa %d lần.", most.Number),
			"The due date may be re-appointed only once.")
	}
	if notice, ok := x.limit("reappoint.notice"); ok {
		last := vntime.Midnight(d.Due).AddDate(0, 0, -int(notice.Number))
		if vntime.Midnight(x.now).After(last) {
			return x.refuseBy(notice.Law, "dossier.reappoint-late",
				fmt.Sprintf("Việc xin lỗi và hẹn lại phải thực hiện chậm nhất %d ngày trước ngày hẹn trả %s.", notice.Number,
					vntime.FormatDate(d.Due)),
				fmt.Sprintf("An apology and re-appointment must come at the latest %d day(s) before the due date.",
					notice.Number))
		}
	}
	due := endOfDay(x.command.Due.Time())
	day, err := x.calendar.Day(due)
	if err != nil {
		return err
	}
	if !due.After(d.Due) || !day.Working {
		return &InvalidError{Field: "due", Rule: "a working day after the present due date",
			Vi: "Ngày hẹn mới phải là ngày làm việc và sau ngày hẹn trả hiện tại."}
	}
	x.detail.DueBefore, x.detail.DueAfter = d.Due, due
	x.next.Due, x.next.IndexDue = due, d.IndexDue.Add(due.Sub(d.Due))
	x.next.Reappointments++
	return nil
}

// correct puts data right that are in the dossier. It never changes a state.
func (x *decision) correct() error {
	if len(x.command.Files) == 0 && x.command.Form.IsZero() {
		return &InvalidError{Field: "form", Rule: "a form or papers put right", Vi: "Vui lòng nhập nội dung đính chính."}
	}
	return x.takeChanges()
}
