package dossier

import "slices"

// Act is something done to a dossier. Which act is open in which state, to whom and by which law, is in
// [github.com/motcua/motcua/dossier/rules]; what each one does is here.
type Act string

// The acts.
const (
	File              Act = "file"               // nộp
	Accept            Act = "accept"             // tiếp nhận, form 01
	Refuse            Act = "refuse"             // từ chối tiếp nhận or, after appraisal, từ chối giải quyết, form 03
	RequestSupplement Act = "request-supplement" // yêu cầu bổ sung, form 02
	Supplement        Act = "supplement"         // bổ sung
	Assign            Act = "assign"             // chuyển xử lý, phân công
	Consult           Act = "consult"            // lấy ý kiến
	Opinion           Act = "opinion"            // ý kiến trả lời
	RequestDuty       Act = "request-duty"       // yêu cầu thực hiện nghĩa vụ tài chính
	SettleDuty        Act = "settle-duty"        // xác nhận đã thực hiện nghĩa vụ tài chính
	Approve           Act = "approve"            // phê duyệt
	AttachResult      Act = "attach-result"      // ký số, phát hành kết quả
	Finish            Act = "finish"             // xử lý xong, chuyển kết quả về Bộ phận Một cửa
	Return            Act = "return"             // trả kết quả
	Withdraw          Act = "withdraw"           // yêu cầu rút hồ sơ
	GrantWithdrawal   Act = "grant-withdrawal"   // đồng ý cho rút
	DeclineWithdrawal Act = "decline-withdrawal" // không đồng ý cho rút
	Stop              Act = "stop"               // dừng xử lý, form 05 of 2025
	Reappoint         Act = "reappoint"          // xin lỗi và hẹn lại, form 04
	Correct           Act = "correct"            // đính chính
)

// Role is in which capacity an actor acts.
type Role string

// The roles of the rule tables and of procedures.
const (
	Applicant  Role = "applicant"  // người nộp hồ sơ
	Officer    Role = "officer"    // cán bộ Bộ phận Một cửa
	Specialist Role = "specialist" // chuyên viên thụ lý
	Leader     Role = "leader"     // lãnh đạo
	Clerk      Role = "clerk"      // văn thư
	System     Role = "system"     // hệ thống
)

// deed is what the package knows of an act: its names, the kind of its fact, what its command must and may hold. Its
// effect on the dossier is in [decision.apply].
type deed struct {
	act    Act
	fact   string
	vi, en string
	needs  []string // fields of Command that must be set
	may    []string // fields that may
}

// deeds is the one list of acts, never written to.
var deeds = [...]deed{
	{File, "dossier.filed", "Nộp hồ sơ", "File", f("filing"), f("note")},
	{Accept, "dossier.accepted", "Tiếp nhận", "Accept", nil, f("note")},
	{Refuse, "dossier.refused", "Từ chối", "Refuse", f("reason"), f("note")},
	{RequestSupplement, "dossier.supplement-requested", "Yêu cầu bổ sung", "Request supplement", f("reason"),
		f("components", "note")},
	{Supplement, "dossier.supplemented", "Bổ sung hồ sơ", "Supplement", nil, f("files", "form", "note")},
	{Assign, "dossier.assigned", "Chuyển xử lý", "Assign", nil, f("unit", "officer", "note")},
	{Consult, "dossier.consulted", "Lấy ý kiến", "Consult", f("unit", "due", "reason"), f("note")},
	{Opinion, "dossier.opinion-recorded", "Ghi nhận ý kiến", "Record opinion", f("reason"), f("note")},
	{RequestDuty, "dossier.duty-requested", "Yêu cầu nghĩa vụ tài chính", "Request financial duty", f("reason"),
		f("note")},
	{SettleDuty, "dossier.duty-settled", "Xác nhận nghĩa vụ tài chính", "Settle financial duty", nil, f("note")},
	{Approve, "dossier.approved", "Phê duyệt", "Approve", nil, f("note")},
	{AttachResult, "dossier.result-attached", "Ký, phát hành kết quả", "Attach result", f("files"), f("note")},
	{Finish, "dossier.finished", "Xử lý xong", "Finish", nil, f("note")},
	{Return, "dossier.returned", "Trả kết quả", "Return result", nil, f("note")},
	{Withdraw, "dossier.withdrawal-requested", "Yêu cầu rút hồ sơ", "Withdraw", nil, f("reason", "note")},
	{GrantWithdrawal, "dossier.withdrawal-granted", "Đồng ý cho rút", "Grant withdrawal", nil, f("reason", "note")},
	{DeclineWithdrawal, "dossier.withdrawal-declined", "Không đồng ý cho rút", "Decline withdrawal", f("reason"),
		f("note")},
	{Stop, "dossier.stopped", "Dừng xử lý", "Stop", f("reason"), f("note")},
	{Reappoint, "dossier.reappointed", "Xin lỗi, hẹn lại", "Re-appoint", f("reason", "due"), f("note")},
	{Correct, "dossier.corrected", "Đính chính", "Correct", f("reason"), f("files", "form", "note")},
}

func f(fields ...string) []string { return fields }

func deedOf(act Act) (deed, bool) {
	for i := range deeds {
		if deeds[i].act == act {
			return deeds[i], true
		}
	}
	return deed{}, false
}

// Acts lists all acts, in the order of a dossier's way.
func Acts() []Act {
	var acts []Act
	for _, d := range deeds {
		acts = append(acts, d.act)
	}
	return acts
}

// Label returns the act's name in "vi" (also for any other tag) or "en"; an unknown act's is the act itself.
func (a Act) Label(lang string) string {
	d, ok := deedOf(a)
	switch {
	case !ok:
		return string(a)
	case lang == "en":
		return d.en
	}
	return d.vi
}

// IsValid reports whether a is one of the acts.
func (a Act) IsValid() bool { _, ok := deedOf(a); return ok }

// Label returns the role's name in "vi" (also for any other tag) or "en".
func (r Role) Label(lang string) string {
	vi, en := string(r), string(r)
	switch r {
	case Applicant:
		vi, en = "Người nộp hồ sơ", "Applicant"
	case Officer:
		vi, en = "Cán bộ một cửa", "One-stop officer"
	case Specialist:
		vi, en = "Chuyên viên", "Specialist"
	case Leader:
		vi, en = "Lãnh đạo", "Leader"
	case Clerk:
		vi, en = "Văn thư", "Records clerk"
	case System:
		vi, en = "Hệ thống", "System"
	}
	if lang == "en" {
		return en
	}
	return vi
}

// IsValid reports whether r is one of the roles.
func (r Role) IsValid() bool {
	switch r {
	case Applicant, Officer, Specialist, Leader, Clerk, System:
		return true
	}
	return false
}

// Needs names the fields of [Command] the act cannot do without, such as "reason" or "files", for the controls of a page.
func (a Act) Needs() []string {
	d, _ := deedOf(a)
	return slices.Clone(d.needs)
}
