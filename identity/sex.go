package identity

// Sex is the sex entered in the register (giới tính). The zero value means not known.
type Sex int

// The two entries of the register.
const (
	SexUnknown Sex = iota
	Male           // nam
	Female         // nữ
)

// ParseSex reads "male", "female", "nam" and "nữ"; anything else, the empty string too, is SexUnknown.
func ParseSex(s string) Sex {
	switch s {
	case "male", "nam", "Nam", "NAM":
		return Male
	case "female", "nữ", "Nữ", "NỮ":
		return Female
	}
	return SexUnknown
}

// String returns "male", "female" or "unknown".
func (s Sex) String() string {
	switch s {
	case Male:
		return "male"
	case Female:
		return "female"
	}
	return "unknown"
}
