package identity

import "time"

// Level is the level of an electronic identity account (mức độ tài khoản định danh điện tử): 1 or 2, Decree
// 69/2024/NĐ-CP. 0 means not known and satisfies nothing. Organisation accounts are not graded.
type Level int

// The levels.
const (
	LevelUnknown Level = 0
	Level1       Level = 1
	Level2       Level = 2
)

// Assurance says how sure a login is and who says so. It holds no personal data.
type Assurance struct {
	Level Level
	// Source is the statement the level was read from, such as "acr=LoA2" or "IAL=2".
	Source string
	// Issuer is the provider that made the statement, and IDP the identity provider behind it, where it says so ("BCA").
	Issuer, IDP string
	// At is when the person was authenticated; zero when the provider does not say.
	At time.Time
}

// Meets reports whether the level is known and at least min. A min of LevelUnknown asks for nothing.
func (a Assurance) Meets(min Level) bool { return a.Level >= min }
