package access

// Reason is why an action is allowed or denied.
type Reason string

// The reasons, from the furthest from allowing to the allowing ones.
const (
	ReasonAction          Reason = "action"           // the policy knows no such action
	ReasonSignIn          Reason = "sign-in"          // nobody is signed in
	ReasonKind            Reason = "kind"             // the kind of account belongs to no group
	ReasonNoPosition      Reason = "no-position"      // the officer has no position and nothing was lent
	ReasonGroup           Reason = "group"            // not an action of the group
	ReasonRole            Reason = "role"             // not an action of the role
	ReasonEnded           Reason = "ended"            // the position is over, or not yet begun
	ReasonDelegationEnded Reason = "delegation-ended" // the delegation, or its giver's position, is over
	ReasonUnit            Reason = "unit"             // the thing is in another unit's hand
	ReasonNotYours        Reason = "not-yours"        // the thing is somebody else's
	ReasonRepresentation  Reason = "representation"   // the representation does not cover it
	ReasonLevel           Reason = "level"            // the sign-in is below the level needed
	ReasonOwnCase         Reason = "own-case"         // the officer's own case
	ReasonDelegated       Reason = "delegated"        // allowed, for it was lent
	ReasonRepresents      Reason = "represents"       // allowed, on somebody's behalf
	ReasonGranted         Reason = "granted"          // allowed
)

type reasonText struct {
	reason Reason
	vi, en string
}

var reasons = [...]reasonText{
	{ReasonAction, "Hệ thống không có thao tác này.", "The system has no such action."},
	{ReasonSignIn, "Vui lòng đăng nhập để tiếp tục.", "Please sign in to go on."},
	{ReasonKind, "Loại tài khoản này không sử dụng được chức năng này.", "This kind of account cannot use this function."},
	{ReasonNoPosition, "Bạn chưa được phân công vị trí nào tại cơ quan này.", "You hold no position at this agency."},
	{ReasonGroup, "Nhóm người dùng của bạn không có thao tác này.", "Your group of users does not have this action."},
	{ReasonRole, "Vị trí của bạn không được phân công thao tác này.", "Your position does not have this action."},
	{ReasonEnded, "Thời hạn phân công vị trí của bạn chưa bắt đầu hoặc đã kết thúc.",
		"Your position has not begun or has ended."},
	{ReasonDelegationEnded, "Việc ủy quyền chưa có hiệu lực hoặc đã hết hiệu lực.",
		"The delegation is not yet or no longer in force."},
	{ReasonUnit, "Hồ sơ đang do đơn vị khác phụ trách.", "Another unit has the dossier in hand."},
	{ReasonNotYours, "Bạn không phải là chủ hồ sơ này.", "The dossier is not yours."},
	{ReasonRepresentation, "Việc đại diện không bao gồm thủ tục này hoặc không còn hiệu lực.",
		"The representation does not cover this procedure or is not in force."},
	{ReasonLevel, "Thao tác này cần đăng nhập bằng tài khoản định danh điện tử ở mức độ cao hơn.",
		"This action needs a sign-in of a higher level."},
	{ReasonOwnCase, "Cán bộ không giải quyết hồ sơ của chính mình.", "An officer does not handle their own case."},
	{ReasonDelegated, "Được phép theo văn bản ủy quyền.", "Allowed by a delegation."},
	{ReasonRepresents, "Được phép với tư cách người đại diện.", "Allowed as a representative."},
	{ReasonGranted, "Được phép.", "Allowed."},
}

// Code returns the stable key, such as "access.unit".
func (r Reason) Code() string { return "access." + string(r) }

// Text says the reason: in English for "en", in Vietnamese for everything else.
func (r Reason) Text(lang string) string {
	for _, t := range reasons {
		if t.reason == r && lang == "en" {
			return t.en
		}
		if t.reason == r {
			return t.vi
		}
	}
	return string(r)
}

// rank orders reasons by how near they are to allowing.
func (r Reason) rank() int {
	for i, t := range reasons {
		if t.reason == r {
			return i
		}
	}
	return -1
}

// DeniedError is a denial on its way to the person.
type DeniedError struct{ Reason Reason }

func (e *DeniedError) Error() string { return "access: denied: " + string(e.Reason) }

// Code returns the stable key of the reason.
func (e *DeniedError) Code() string { return e.Reason.Code() }

// Text says the reason: in English for "en", in Vietnamese for everything else.
func (e *DeniedError) Text(lang string) string { return e.Reason.Text(lang) }

// InvalidError names the field of a policy or staff file and the rule it breaks.
type InvalidError struct {
	Field string // "policy.roles[2].may"
	Rule  string // "undeclared", "period" …
	Err   error  // the cause, if there is one
}

func (e *InvalidError) Error() string { return "access: " + e.Field + ": " + e.Rule }

// Unwrap returns the cause, if there is one.
func (e *InvalidError) Unwrap() error { return e.Err }
