package identitytest

// Persona is an invented person who can sign in. Any likeness to somebody real is chance.
type Persona struct {
	// ID is the short name used on the page and by [SignIn].
	ID string
	// Label is what the page says about the persona.
	Label string
	// ACR is the level of the login: "LoA1" or "LoA2".
	ACR string
	// Officer makes the persona one of the staff: offered only to clients registered for officers.
	Officer bool
	// Claims are handed out by userinfo, beside "sub".
	Claims map[string]any
}

// Personas returns the citizens and the enterprise every test can count on.
func Personas() []Persona {
	return []Persona{
		citizen("nghia", "Nguyễn Trọng Nghĩa", "001090000123", "19900315", 1, "LoA2"),
		citizen("vinh", "Trần Thị Mỹ Vĩnh", "001188000456", "19881102", 2, "LoA2"),
		citizen("phuc", "Lê Hoàng Phúc", "079095000789", "19951230", 1, "LoA1"),
		{
			ID: "hoasen", Label: "Công ty TNHH Hoa Sen Ví Dụ (doanh nghiệp)", ACR: "LoA2",
			Claims: map[string]any{
				"TechID": "00000000-0000-4000-8000-000000hoasen", "LoaiTaiKhoan": "2",
				"MaSoDoanhNghiep": "9901004567", "TenDoanhNghiep": "Công ty TNHH Hoa Sen Ví Dụ",
				"MaSoThue": "9901004567", "HoVaTen": "Nguyễn Trọng Nghĩa", "SoDinhDanh": "001090000123",
				"NgayThangNamSinh": "19900315", "loginIdp": "BCA",
			},
		},
	}
}

func citizen(id, name, number, birth string, sex int, acr string) Persona {
	return Persona{
		ID: id, Label: name + " (công dân, " + acr + ")", ACR: acr,
		Claims: map[string]any{
			"TechID":           "00000000-0000-4000-8000-" + (id + "000000000000")[:12],
			"LoaiTaiKhoan":     "1",
			"SoDinhDanh":       number,
			"HoVaTen":          name,
			"NgayThangNamSinh": birth,
			"GioiTinh":         sex,
			"ThuDienTu":        id + "@congdan.example",
			"SoDienThoai":      "",
			"QuocTich":         "Việt Nam",
			"MaSoThue":         "",
			"loginIdp":         "BCA",
			// As VNeID does it: an address that carries a token. Nobody may keep or follow it.
			"userProfileUri": "https://idp.example/profile?access_token=canary-profile-token",
			"logoutUri":      "https://idp.example/logout?access_token=canary-logout-token",
		},
	}
}

// Officers returns one member of staff per role of the one-stop office. They all work in the given unit.
func Officers(unit string) []Persona {
	return []Persona{
		officer("tiepnhan", "Phạm Thu Hà", "cán bộ tiếp nhận", unit, "officer"),
		officer("chuyenvien", "Vũ Đức Lĩnh", "chuyên viên", unit, "specialist"),
		officer("lanhdao", "Đỗ Thị Bích Ngọc", "lãnh đạo", unit, "leader"),
		officer("vanthu", "Hoàng Văn Tuệ", "văn thư", unit, "clerk"),
	}
}

func officer(id, name, title, unit string, roles ...string) Persona {
	list := make([]any, len(roles))
	for i, role := range roles {
		list[i] = role
	}
	return Persona{
		ID: id, Label: name + " (" + title + ")", ACR: "LoA2", Officer: true,
		Claims: map[string]any{"name": name, "officer_id": "cb-" + id, "unit": unit, "roles": list},
	}
}
