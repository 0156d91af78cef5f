package dossier

import (
	"fmt"
	"slices"
	"time"

	"github.com/motcua/motcua/dossier/calendar"
	"github.com/motcua/motcua/internal/vntime"
)

// The methods below are the effects of the acts before and at acceptance, one each. The row of the law has been found
// and the actor checked; they look at what is special to the act and change the next summary and the fact.

func (x *decision) file() error {
	f := x.command.Filing
	if !slices.Contains(x.procedure.Channels, f.Channel) {
		return &Refusal{Key: "dossier.channel", Vi: "Thủ tục này không nhận hồ sơ qua kênh đã chọn.",
			En: "This procedure is not offered through that channel."}
	}
	if f.Channel == Online && x.command.Actor.Role != Applicant {
		return &InvalidError{Field: "filing.channel", Rule: "counter, post or kiosk when an officer files"}
	}
	if err := x.procedure.judgeForm(f.Form); err != nil {
		return err
	}
	if err := x.procedure.checkPapers(f.Files, true); err != nil {
		return err
	}
	x.next.ID = x.command.id()
	x.next.Procedure, x.next.ProcedureVersion = x.procedure.Code, x.procedure.version
	x.next.Agency, x.next.Unit, x.next.Channel = f.Agency, f.Agency, f.Channel
	x.next.Applicant, x.next.Submitter = f.Owner.Pseudonym, f.submitter().Pseudonym
	x.next.Filed = x.now
	x.private.Owner = f.Owner.store()
	if f.By != (Party{}) {
		x.private.By = f.By.store()
	}
	x.private.Form, x.private.Files = []byte(f.Form.Reveal()), storeFiles(f.Files)
	return nil
}

// accept starts the clock (118/2025/NĐ-CP Art 17(3) as amended 2026). The code is issued by the Desk, last of all.
func (x *decision) accept() error {
	if err := x.startClock(x.now); err != nil {
		return err
	}
	x.next.Accepted, x.next.IndexDue = x.now, x.next.Due
	return nil
}

func (x *decision) startClock(from time.Time) error {
	e, err := x.procedure.Limit.From(x.calendar, x.hours, from)
	if err != nil {
		return err
	}
	return x.setDeadline(e)
}

func (x *decision) setDeadline(e calendar.Explanation) error {
	raw, err := encodeExplanation(e)
	if err != nil {
		return fmt.Errorf("dossier: explain the due date: %w", err)
	}
	x.detail.Deadline, x.next.Due = raw, vntime.In(e.Due)
	return nil
}

// refuse is 1 -> 3 before acceptance and 4 -> 9 after appraisal, where the refusal with its reasons is the result.
func (x *decision) refuse() error {
	x.next.Denied = true
	x.next.Unit, x.next.Officer = x.before.Agency, ""
	return nil
}

func (x *decision) requestSupplement() error {
	c := x.command
	if most, ok := x.limit("supplement.requests"); ok && int64(x.before.Supplements) >= most.Number {
		return x.refuseBy(most.Law, "dossier.supplement-once",
			"Cán bộ chỉ được yêu cầu bổ sung hồ sơ một lần; hồ sơ này đã được yêu cầu bổ sung trước đó.",
			"A supplement may be requested only once, and it has been for this dossier.")
	}
	for i, code := range c.Components {
		if _, ok := x.procedure.Component(code); !ok || slices.Contains(c.Components[:i], code) {
			return &InvalidError{Field: "components", Rule: "papers of the procedure, each once"}
		}
	}
	if err := x.checkNoticePeriod(); err != nil {
		return err
	}
	x.next.Supplements++
	x.next.SupplementAsked, x.next.SupplementDue = x.now, time.Time{}
	if !x.procedure.Supplement.IsZero() {
		e, err := x.procedure.Supplement.From(x.calendar, x.hours, x.now)
		if err != nil {
			return err
		}
		x.next.SupplementDue = e.Due
	}
	x.detail.Components = c.Components
	return nil
}

// checkNoticePeriod holds the return of an accepted dossier to its three working days (61/2018/NĐ-CP Art 19(4)).
func (x *decision) checkNoticePeriod() error {
	notice, ok := x.limit("supplement.notice")
	if !ok || !x.before.IsAccepted() {
		return nil
	}
	last, err := x.calendar.Due(x.before.Accepted, int(notice.Number))
	if err != nil {
		return err
	}
	if x.now.After(last) {
		return x.refuseBy(notice.Law, "dossier.supplement-late",
			fmt.Sprintf("Đã quá %d ngày làm việc kể từ ngày tiếp nhận (hạn cuối %s) nên không thể trả hồ sơ để bổ sung.",
				notice.Number, vntime.FormatDate(last)),
			fmt.Sprintf("More than %d working days have passed since acceptance, so the dossier can no longer be returned "+
				"for a supplement.", notice.Number))
	}
	return nil
}

// supplement completes the dossier. After acceptance the legal clock restarts or resumes, as the rule set says; the
// index clock always resumes.
func (x *decision) supplement() error {
	c := x.command
	if len(c.Files) == 0 && c.Form.IsZero() && c.Actor.Role == Applicant {
		return &InvalidError{Field: "files", Rule: "a paper or a completed form", Vi: "Vui lòng bổ sung giấy tờ hoặc biểu mẫu."}
	}
	if err := x.takeChanges(); err != nil {
		return err
	}
	asked := x.before.SupplementAsked
	x.next.SupplementAsked, x.next.SupplementDue = time.Time{}, time.Time{}
	if !x.before.IsAccepted() {
		return nil
	}
	x.next.IndexDue = x.before.IndexDue.Add(x.now.Sub(asked))
	policy, _ := x.limit("supplement.clock")
	x.detail.DueBefore = x.before.Due
	if policy.Value == "pause" {
		x.next.Due = x.before.Due.Add(x.now.Sub(asked))
	} else if err := x.startClock(x.now); err != nil {
		return err
	}
	x.detail.DueAfter = x.next.Due
	return nil
}

// takeChanges takes over new papers and a new form.
func (x *decision) takeChanges() error {
	c := x.command
	if !c.Form.IsZero() {
		if err := x.procedure.judgeForm(c.Form); err != nil {
			return err
		}
		x.private.Form = []byte(c.Form.Reveal())
	}
	if err := x.procedure.checkPapers(c.Files, false); err != nil {
		return err
	}
	x.private.Files = storeFiles(c.Files)
	return nil
}

func (x *decision) withdraw() error { return nil }

func (x *decision) end() error {
	x.next.SupplementAsked, x.next.SupplementDue, x.next.DutyAsked = time.Time{}, time.Time{}, time.Time{}
	return nil
}

// stop leaves the applicant the time that was set for a supplement; only the leader may stop for another reason before.
func (x *decision) stop() error {
	until := x.before.SupplementDue
	if x.before.State == SupplementRequested && x.command.Actor.Role != Leader && !until.IsZero() && !x.now.After(until) {
		return x.refuseBy(x.row.Law, "dossier.supplement-running",
			fmt.Sprintf("Người nộp còn thời hạn bổ sung hồ sơ đến hết ngày %s nên chưa thể dừng xử lý.", vntime.FormatDate(until)),
			"The applicant still has time to complete the dossier, so it cannot be stopped yet.")
	}
	return x.end()
}

func (x *decision) declineWithdrawal() error { return nil }

// checkPapers holds files to the procedure's components; all requires every required one to be there.
func (p *Procedure) checkPapers(files []FileRef, all bool) error {
	have := make(map[string]bool)
	for i, ref := range files {
		c, ok := p.Component(ref.Component)
		field := fmt.Sprintf("files[%d]", i)
		switch {
		case !ok:
			return &InvalidError{Field: field + ".component", Rule: "a paper of the procedure",
				Vi: "Giấy tờ đính kèm không thuộc thành phần hồ sơ của thủ tục."}
		case !slices.Contains(c.Media, ref.Media):
			return &InvalidError{Field: field + ".media", Rule: "an accepted media type",
				Vi: fmt.Sprintf("“%s”: loại tệp không được chấp nhận.", c.Name.Vi)}
		case ref.Size > c.MaxBytes:
			return &InvalidError{Field: field + ".size", Rule: fmt.Sprintf("at most %d bytes", c.MaxBytes),
				Vi: fmt.Sprintf("“%s”: tệp quá lớn.", c.Name.Vi)}
		}
		have[c.Code] = true
	}
	for _, c := range p.Components {
		if all && c.Required && !have[c.Code] {
			return &InvalidError{Field: "files." + c.Code, Rule: "present",
				Vi: fmt.Sprintf("Còn thiếu giấy tờ bắt buộc: %s.", c.Name.Vi)}
		}
	}
	return nil
}
