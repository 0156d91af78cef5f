package onceonlytest

// Person is somebody in the register. All are invented. Empty parts are empty elements, as the real register sends
// them.
type Person struct {
	Number    string // số định danh cá nhân
	OldNumber string
	Name      string
	Born      string // yyyymmdd, or yyyy where only the year is known
	Sex       string // "1" male, "2" female
	Ethnicity string
	Religion  string
	Marital   string
	Blood     string
	Nation    string
	// Places, each with a line and codes.
	BirthRegistration, Hometown, Permanent, Current Place
	Father, Mother, Spouse                          Relative
	Household                                       string
}

// Place is a place with its codes; there is no district since local government has two levels.
type Place struct{ Province, Commune, Detail string }

// Relative is somebody a person's entry names.
type Relative struct{ Number, Name, Relation string }

// Personas returns the persons a register has when its settings name none. The first two are those of
// identity/identitytest; the third is known by year of birth only, the fourth has holes in her entry.
func Personas() []Person {
	hanoi := Place{"01", "00004", "Số 5 ngõ 12 phố Giả Định, phường Ba Đình, thành phố Hà Nội"}
	village := Place{"25", "08230", "Thôn Tưởng Tượng, xã Minh Họa, tỉnh Phú Thọ"}
	return []Person{
		{
			Number: "001090000123", OldNumber: "012345678", Name: "Nguyễn Trọng Nghĩa", Born: "19900315", Sex: "1",
			Ethnicity: "01", Religion: "00", Marital: "2", Blood: "00", Nation: "VN", BirthRegistration: hanoi,
			Hometown: village, Permanent: hanoi, Current: hanoi, Household: "010203040",
			Father: Relative{"001060000111", "Nguyễn Văn Hư", ""}, Mother: Relative{"001163000222", "Lê Thị Cấu", ""},
			Spouse: Relative{"001188000456", "Trần Thị Mỹ Vĩnh", ""},
		},
		{
			Number: "001188000456", Name: "Trần Thị Mỹ Vĩnh", Born: "19881102", Sex: "2", Ethnicity: "01",
			Religion: "00", Marital: "2", Blood: "00", Nation: "VN", BirthRegistration: village,
			Hometown: village, Permanent: hanoi,
			Current: hanoi, Household: "010203040", Father: Relative{"025058000333", "Trần Văn Giả", ""},
			Mother: Relative{"025161000444", "Đỗ Thị Định", ""},
			Spouse: Relative{"001090000123", "Nguyễn Trọng Nghĩa", ""},
		},
		{
			Number: "025052000789", Name: "Lê Văn Sáu", Born: "1952", Sex: "1", Ethnicity: "01", Religion: "00",
			Marital: "2", Nation: "VN", Hometown: village, Permanent: village, Current: village,
		},
		{Number: "079195000321", Name: "Phạm Hoà Bình", Born: "19950720", Sex: "2", Nation: "VN"},
	}
}
