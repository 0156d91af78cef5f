package dossier

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/motcua/motcua/journal"
)

// Bounds of a command.
const (
	maxForm  = 512 << 10
	maxWords = 8000 // bytes of a reason or note
	maxFiles = 200
)

// Actor is who acts, in which capacity, and for officers from which unit. The application vouches for it: it has signed
// the person in.
type Actor struct {
	ID   string `json:"id"` // pseudonym
	Role Role   `json:"role"`
	Unit AgencyID
}

// Command asks the [Desk] for one act. Which of the fields below Actor an act needs stands beside them; a field an act
// has no use for must be empty.
type Command struct {
	// Key is the client's idempotency key, such as a random form token: the same command sent again under the same key
	// is done once. Required, at most 200 bytes.
	Key string
	// Dossier and Seen are the dossier and the version of it the actor decided on. Empty only to File.
	Dossier ID
	Seen    int64
	Act     Act
	Actor   Actor

	Filing *Filing // File
	// Reason is told to the applicant: Refuse, RequestSupplement, Stop, Reappoint, DeclineWithdrawal, Correct,
	// RequestDuty; the question to Consult, the answer to Opinion; optional to Withdraw and GrantWithdrawal.
	Reason Personal
	// Note stays inside: optional to every act.
	Note Personal
	// Components are the papers RequestSupplement asks for; may be empty when it is the form that is incomplete.
	Components []string
	// Files are the papers of Supplement and Correct, the results of AttachResult.
	Files []FileRef
	// Form is the form as completed by Supplement or put right by Correct.
	Form Personal
	// Unit is where Assign moves the dossier (zero: it stays), or whom Consult asks.
	Unit AgencyID
	// Officer is the pseudonym of whom Assign gives it to.
	Officer string
	// Due is the day of the new appointment for Reappoint, or until when Consult wants the answer.
	Due Day
}

// Filing is a dossier as it is handed in.
type Filing struct {
	Procedure ProcedureCode
	Agency    AgencyID // that is to accept it
	Channel   Channel
	Owner     Party // chủ hồ sơ
	By        Party // người nộp, when somebody files for the owner; else zero
	Form      Personal
	Files     []FileRef
}

// id returns the dossier the command is about.
func (c *Command) id() ID {
	if c.Act == File && c.Filing != nil {
		return NewID(c.Filing.Owner.Pseudonym, c.Key)
	}
	return c.Dossier
}

// given names the fields that are set.
func (c *Command) given() []string {
	var set []string
	for _, field := range []struct {
		name string
		set  bool
	}{
		{"filing", c.Filing != nil}, {"reason", !c.Reason.IsZero()}, {"note", !c.Note.IsZero()},
		{"components", len(c.Components) > 0}, {"files", len(c.Files) > 0}, {"form", !c.Form.IsZero()},
		{"unit", !c.Unit.IsZero()}, {"officer", c.Officer != ""}, {"due", !c.Due.IsZero()},
	} {
		if field.set {
			set = append(set, field.name)
		}
	}
	return set
}

// check holds the command to its bounds and to what its act needs.
func (c *Command) check() error {
	known, ok := deedOf(c.Act)
	switch {
	case !ok:
		return &InvalidError{Field: "act", Rule: "one of the acts", Vi: "Thao tác không hợp lệ."}
	case c.Key == "" || len(c.Key) > journal.MaxText || !isText(c.Key):
		return &InvalidError{Field: "key", Rule: "1 to 200 bytes", Vi: "Biểu mẫu đã hết hiệu lực, vui lòng tải lại trang."}
	case !isPseudonym(c.Actor.ID):
		return &InvalidError{Field: "actor.id", Rule: "a pseudonym: 1 to 100 letters, digits and ._:-"}
	case !c.Actor.Role.IsValid():
		return &InvalidError{Field: "actor.role", Rule: "one of the roles"}
	case c.Act == File && (!c.Dossier.IsZero() || c.Seen != 0):
		return &InvalidError{Field: "dossier", Rule: "empty to file"}
	case c.Act != File && (c.Dossier.IsZero() || c.Seen < 1):
		return &InvalidError{Field: "dossier", Rule: "a dossier and the version seen"}
	}
	given := c.given()
	for _, need := range known.needs {
		if !slices.Contains(given, need) {
			return &InvalidError{Field: need, Rule: "present", Vi: missingText(need)}
		}
	}
	for _, field := range given {
		if !slices.Contains(known.needs, field) && !slices.Contains(known.may, field) {
			return &InvalidError{Field: field, Rule: "absent with the act " + string(c.Act)}
		}
	}
	return c.checkBounds()
}

func missingText(field string) string {
	switch field {
	case "reason":
		return "Vui lòng nêu rõ lý do, nội dung."
	case "files":
		return "Vui lòng đính kèm tệp."
	case "due":
		return "Vui lòng chọn ngày."
	case "unit":
		return "Vui lòng chọn đơn vị."
	}
	return ""
}

func (c *Command) checkBounds() error {
	for _, words := range []struct {
		field string
		text  Personal
	}{{"reason", c.Reason}, {"note", c.Note}} {
		if text := words.text.Reveal(); len(text) > maxWords || !isText(text) {
			return &InvalidError{Field: words.field, Rule: "at most 8000 bytes of text",
				Vi: "Nội dung quá dài hoặc có ký tự không hợp lệ."}
		}
	}
	switch {
	case c.Officer != "" && !isPseudonym(c.Officer):
		return &InvalidError{Field: "officer", Rule: "a pseudonym: 1 to 100 letters, digits and ._:-"}
	case len(c.Components) > maxComponents:
		return &InvalidError{Field: "components", Rule: "at most 100"}
	}
	if err := checkFormSize(c.Form); err != nil {
		return err
	}
	if c.Filing == nil {
		return checkFiles(c.Files)
	}
	return c.Filing.check()
}

func (f *Filing) check() error {
	switch {
	case f.Procedure.IsZero():
		return &InvalidError{Field: "filing.procedure", Rule: "a procedure", Vi: "Vui lòng chọn thủ tục hành chính."}
	case f.Agency.IsZero():
		return &InvalidError{Field: "filing.agency", Rule: "an agency", Vi: "Vui lòng chọn cơ quan tiếp nhận."}
	case f.Form.IsZero():
		return &InvalidError{Field: "filing.form", Rule: "a filled form", Vi: "Vui lòng điền biểu mẫu."}
	}
	if err := f.Owner.check("filing.owner"); err != nil {
		return err
	}
	if f.By != (Party{}) {
		if err := f.By.check("filing.by"); err != nil {
			return err
		}
	}
	if err := checkFormSize(f.Form); err != nil {
		return err
	}
	return checkFiles(f.Files)
}

// submitter is who hands the dossier in.
func (f *Filing) submitter() Party {
	if f.By == (Party{}) {
		return f.Owner
	}
	return f.By
}

func checkFormSize(form Personal) error {
	if text := form.Reveal(); len(text) > maxForm || !utf8.ValidString(text) {
		return &InvalidError{Field: "form", Rule: "at most 512 KiB of UTF-8", Vi: "Dữ liệu biểu mẫu quá lớn."}
	}
	return nil
}

func checkFiles(files []FileRef) error {
	if len(files) > maxFiles {
		return &InvalidError{Field: "files", Rule: "at most 200", Vi: "Quá nhiều tệp đính kèm (tối đa 200)."}
	}
	for i, ref := range files {
		if err := ref.check(fmt.Sprintf("files[%d]", i)); err != nil {
			return err
		}
	}
	return nil
}

// isText accepts UTF-8 without control characters but line breaks and tabs.
func isText(s string) bool {
	return utf8.ValidString(s) && strings.IndexFunc(s, func(r rune) bool {
		return r < ' ' && r != '\n' && r != '\r' && r != '\t' || r == 0x7f
	}) < 0
}

// request is what of a command makes it the same command. The version seen and the time stay out: they may differ
// between two tries.
func (c *Command) request(secret []byte) (journal.Command, error) {
	type filing struct {
		Procedure ProcedureCode `json:"procedure"`
		Agency    AgencyID      `json:"agency"`
		Channel   Channel       `json:"channel"`
		Owner     *storedParty  `json:"owner"`
		By        *storedParty  `json:"by"`
		Form      string        `json:"form"`
		Files     []storedFile  `json:"files"`
	}
	request := struct {
		Dossier    ID           `json:"dossier"`
		Act        Act          `json:"act"`
		Actor      Actor        `json:"actor"`
		Filing     *filing      `json:"filing"`
		Reason     string       `json:"reason"`
		Note       string       `json:"note"`
		Components []string     `json:"components"`
		Files      []storedFile `json:"files"`
		Form       string       `json:"form"`
		Unit       AgencyID     `json:"unit"`
		Officer    string       `json:"officer"`
		Due        Day          `json:"due"`
	}{c.id(), c.Act, c.Actor, nil, c.Reason.Reveal(), c.Note.Reveal(), c.Components, storeFiles(c.Files),
		c.Form.Reveal(), c.Unit, c.Officer, c.Due}
	if f := c.Filing; f != nil {
		request.Filing = &filing{f.Procedure, f.Agency, f.Channel, f.Owner.store(), f.By.store(), f.Form.Reveal(),
			storeFiles(f.Files)}
	}
	raw, err := json.Marshal(request)
	if err != nil {
		return journal.Command{}, fmt.Errorf("dossier: command: %w", err)
	}
	return commandSum(secret, c.Key, raw), nil
}
