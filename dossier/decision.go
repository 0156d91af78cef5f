package dossier

import (
	"fmt"
	"slices"
	"time"

	"github.com/motcua/motcua/dossier/calendar"
	"github.com/motcua/motcua/dossier/rules"
	"github.com/motcua/motcua/internal/vntime"
)

// decision is one command on its way: what was before, which row of the law permits it, what will be.
type decision struct {
	calendar  *calendar.Calendar
	hours     []calendar.Interval
	now       time.Time
	command   *Command
	before    *Dossier
	procedure *Procedure
	set       *rules.Set
	row       rules.Transition

	next    Summary
	detail  detail
	private factPrivate
}

// decide finds the row of the law that permits the command, and applies the act to the summary. It writes nothing.
func (x *decision) decide() error {
	if err := x.findRow(); err != nil {
		return err
	}
	if err := x.checkActor(); err != nil {
		return err
	}
	x.next = x.before.Summary
	x.next.Act, x.next.At, x.next.State = x.command.Act, x.now, State(x.row.To)
	if !x.before.IsAccepted() {
		x.next.RuleSet, x.next.RuleDigest = x.set.ID(), x.set.Digest()
	}
	x.private.Reason, x.private.Note = x.command.Reason.Reveal(), x.command.Note.Reveal()
	if err := x.apply(); err != nil {
		return err
	}
	if x.next.State.Ends(x.next.IsAccepted()) {
		if x.next.Ended.IsZero() {
			x.next.Ended = x.now
		}
	} else {
		x.next.Ended = time.Time{}
	}
	return nil
}

// apply is the effect of the act on the dossier.
func (x *decision) apply() error {
	switch x.command.Act {
	case File:
		return x.file()
	case Accept:
		return x.accept()
	case Refuse:
		return x.refuse()
	case RequestSupplement:
		return x.requestSupplement()
	case Supplement:
		return x.supplement()
	case Assign:
		return x.assign()
	case Consult:
		return x.consult()
	case Opinion:
		return x.opinion()
	case RequestDuty:
		return x.requestDuty()
	case SettleDuty:
		return x.settleDuty()
	case Approve:
		return x.approve()
	case AttachResult:
		return x.attachResult()
	case Finish:
		return x.finish()
	case Return:
		return x.giveBack()
	case Withdraw:
		return x.withdraw()
	case GrantWithdrawal:
		return x.end()
	case DeclineWithdrawal:
		return x.declineWithdrawal()
	case Stop:
		return x.stop()
	case Reappoint:
		return x.reappoint()
	case Correct:
		return x.correct()
	}
	return &InvalidError{Field: "act", Rule: "one of the acts", Vi: "Thao tác không hợp lệ."}
}

func (x *decision) findRow() error {
	act := x.command.Act
	rows := x.set.From(int(x.before.State), string(act))
	if len(rows) == 0 {
		return &Refusal{Key: "dossier.act",
			Vi: fmt.Sprintf("Không thể thực hiện thao tác “%s” khi hồ sơ đang ở trạng thái “%s”.",
				act.Label("vi"), x.before.State.Label("vi")),
			En: fmt.Sprintf("%q is not possible while the dossier is in the state %q.", act.Label("en"),
				x.before.State.Label("en"))}
	}
	_, provided := x.procedure.Step(act)
	var unmet error
	for _, row := range rows {
		if row.Optional && !provided {
			return &Refusal{Key: "dossier.act-not-provided", Law: row.Law,
				Vi: fmt.Sprintf("Thủ tục này không có bước “%s”.", act.Label("vi")),
				En: fmt.Sprintf("This procedure has no step %q.", act.Label("en"))}
		}
		if unmet = x.unmet(row); unmet == nil {
			x.row = row
			return nil
		}
	}
	return unmet
}

// conditions are the words a rule row may use in When.
func conditions() []string {
	return []string{"accepted", "unaccepted", "approved", "unapproved", "resulted", "immediate", "answered"}
}

// unmet returns the refusal for the first condition of the row that does not hold.
func (x *decision) unmet(row rules.Transition) error {
	for _, when := range row.When {
		holds, vi, en := x.condition(when)
		if !holds {
			return &Refusal{Key: "dossier.when-" + when, Law: row.Law, Vi: vi, En: en}
		}
	}
	return nil
}

func (x *decision) condition(when string) (holds bool, vi, en string) {
	d := x.before
	switch when {
	case "accepted":
		return d.IsAccepted(), "Hồ sơ chưa được tiếp nhận.", "The dossier has not been accepted."
	case "unaccepted":
		return !d.IsAccepted(), "Hồ sơ đã được tiếp nhận.", "The dossier has already been accepted."
	case "approved":
		return d.Approved, "Kết quả chưa được lãnh đạo phê duyệt.", "The result has not been approved yet."
	case "unapproved":
		return !d.Approved, "Hồ sơ đã có quyết định phê duyệt kết quả nên không thể thực hiện thao tác này.",
			"The result has already been approved, so this is no longer possible."
	case "resulted":
		return len(d.Results) > 0 || x.procedure.Result.Kind == "none", "Chưa có tệp kết quả được ký, phát hành.",
			"No signed result has been attached yet."
	case "immediate":
		return x.procedure.Immediate, "Thủ tục này không thuộc loại giải quyết ngay; hãy chuyển hồ sơ xử lý trước.",
			"This procedure is not decided while the applicant waits: assign the dossier first."
	case "answered":
		return d.SupplementAsked.IsZero() && d.DutyAsked.IsZero(), "Người nộp chưa bổ sung hồ sơ hoặc chưa thực hiện nghĩa " +
			"vụ tài chính nên không thể tiếp tục xử lý.", "The applicant has not answered the last request yet."
	}
	return false, "Quy định có điều kiện chưa được hỗ trợ.", "The rule has a condition this program does not know."
}

func (x *decision) checkActor() error {
	actor := x.command.Actor
	step, _ := x.procedure.Step(x.command.Act)
	if !slices.Contains(x.row.By, string(actor.Role)) || len(step.By) > 0 && !slices.Contains(step.By, actor.Role) {
		return &Refusal{Key: "dossier.role", Law: x.row.Law,
			Vi: fmt.Sprintf("%s không có thẩm quyền thực hiện thao tác “%s”.", actor.Role.Label("vi"),
				x.command.Act.Label("vi")),
			En: fmt.Sprintf("The role %q may not perform %q.", actor.Role.Label("en"), x.command.Act.Label("en"))}
	}
	switch {
	case actor.Role == System:
		return nil
	case actor.Role == Applicant:
		if x.isApplicant(actor.ID) {
			return nil
		}
		return &Refusal{Key: "dossier.not-yours", Vi: "Hồ sơ này không thuộc về tài khoản đang đăng nhập.",
			En: "This dossier does not belong to the account that is signed in."}
	case x.isInCharge(actor.Unit):
		return nil
	}
	return &Refusal{Key: "dossier.unit", Vi: "Hồ sơ không thuộc đơn vị của cán bộ đang thao tác.",
		En: "This dossier is not with the unit of the acting officer."}
}

func (x *decision) isApplicant(id string) bool {
	if f := x.command.Filing; f != nil {
		return id == f.submitter().Pseudonym
	}
	return id == x.before.Applicant || id == x.before.Submitter
}

// isInCharge accepts the unit that has the dossier, units above and below it, and the accepting agency.
func (x *decision) isInCharge(unit AgencyID) bool {
	if f := x.command.Filing; f != nil {
		return unit.Covers(f.Agency) || f.Agency.Covers(unit)
	}
	return unit.Covers(x.before.Unit) || x.before.Unit.Covers(unit) || unit.Covers(x.before.Agency)
}

// limit returns a limit of the pinned rule set; without one the law sets none.
func (x *decision) limit(name string) (rules.Limit, bool) { return x.set.Limit(name) }

func (x *decision) refuseBy(law rules.Law, key, vi, en string) error {
	return &Refusal{Key: key, Law: law, Vi: vi, En: en}
}

// endOfDay is the last second of a day, as package calendar ends periods.
func endOfDay(t time.Time) time.Time { return vntime.Midnight(t).AddDate(0, 0, 1).Add(-time.Second) }
