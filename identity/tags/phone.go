package tags

// phoneError says that a number is not one of a Vietnamese mobile phone.
type phoneError struct{}

func (*phoneError) Error() string {
	return "tags: phone: want 10 digits beginning with 03, 05, 07, 08 or 09"
}

func (*phoneError) Code() string { return "phone.form" }

func (*phoneError) Text(lang string) string {
	if lang == "en" {
		return "A mobile phone number has 10 digits and begins with 03, 05, 07, 08 or 09."
	}
	return "Số điện thoại di động gồm 10 chữ số, bắt đầu bằng 03, 05, 07, 08 hoặc 09."
}

func parsePhone(s string) error {
	if len(s) != 10 || s[0] != '0' {
		return &phoneError{}
	}
	switch s[1] {
	case '3', '5', '7', '8', '9':
	default:
		return &phoneError{}
	}
	for i := 2; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return &phoneError{}
		}
	}
	return nil
}
