package tags_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/go-playground/validator/v10"

	"github.com/motcua/motcua/identity/tags"
)

func newValidator(t testing.TB) *validator.Validate {
	t.Helper()
	v := validator.New(validator.WithRequiredStructEnabled())
	if err := tags.Register(v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestTags(t *testing.T) {
	tests := []struct{ tag, value, code string }{
		{"personid", "001090000123", ""},
		{"personid", "001090", "personid.digits"},
		{"personid", "001990000123", "personid.century"},
		{"personid", "", "personid.digits"},
		{"omitempty,personid", "", ""},
		{"taxcode", "9901004567-001", ""},
		{"taxcode", "9901004568", "taxcode.checkdigit"},
		{"orgid", "9901004567", ""},
		{"orgid", "001090000123", "orgid.form"},
		{"vnname", "Trần Thị Mỹ Vĩnh", ""},
		{"vnname", "R2-D2", "name.letters"},
		{"vnorgname", "Công ty TNHH 1/5", ""},
		{"vnorgname", "\x00", "orgname.letters"},
		{"birthdate", "15/03/1990", ""},
		{"birthdate", "31/02/1990", "birthdate.calendar"},
		{"vnphone", "0912345678", ""},
		{"vnphone", "0212345678", "phone.form"},
		{"vnphone", "091234567", "phone.form"},
		{"vnphone", "09123456o8", "phone.form"},
		{"vnphone", "+84 912 345 678", ""},
		{"cmnd", "199999990", ""},
		{"cmnd", "001090000123", "cmnd.digits"},
		{"bhyt", "HS4010120000012", ""},
		{"bhyt", "HS9010120000012", "healthcard.benefit"},
		{"bhyt", "0120000012", "healthcard.form"},
		{"bhxh", "0120000012", ""},
		{"bhxh", "01200", "insuranceid.digits"},
		{"passport", "C1234567", ""},
		{"passport", "C-123", "passport.form"},
		{"required", "", "field.required"},
		{"email", "x", "field.email"},
	}
	v := newValidator(t)
	for _, tt := range tests {
		t.Run(tt.tag+" "+tt.code, func(t *testing.T) {
			problems := tags.Describe(v.Var(tt.value, tt.tag), "vi")
			switch {
			case tt.code == "" && len(problems) != 0:
				t.Fatalf("refused: %+v", problems)
			case tt.code != "" && (len(problems) != 1 || problems[0].Code != tt.code):
				t.Fatalf("got %+v, want %s", problems, tt.code)
			case tt.code != "":
				english := tags.Describe(v.Var(tt.value, tt.tag), "en")[0].Text
				if problems[0].Text == english || len(tt.value) > 3 && strings.Contains(problems[0].Text, tt.value) {
					t.Fatalf("texts %q, %q", problems[0].Text, english)
				}
			}
		})
	}
}

func TestTagsOnOtherTypes(t *testing.T) {
	if newValidator(t).Var(1090000123, "personid") == nil {
		t.Error("a number kept as an integer has lost its zeros and must be refused")
	}
	if err := tags.Register(nil); err == nil {
		t.Error("no validator, no error")
	}
	if got := tags.Describe(newValidator(t).Struct(nil), "vi"); len(got) != 1 || got[0].Code != "field.invalid" {
		t.Errorf("a nil struct: %+v", got)
	}
}

func Example() {
	type form struct {
		ID   string `validate:"required,personid"`
		Name string `validate:"required,vnname"`
		Tax  string `validate:"omitempty,taxcode"`
	}
	v := validator.New(validator.WithRequiredStructEnabled())
	if err := tags.Register(v); err != nil {
		fmt.Println(err)
		return
	}
	for _, p := range tags.Describe(v.Struct(form{ID: "0010900", Name: "Nguyễn Trọng Nghĩa"}), "vi") {
		fmt.Println(p.Field, p.Code)
		fmt.Println(p.Text)
	}
	// Output:
	// form.ID personid.digits
	// Số định danh cá nhân gồm đúng 12 chữ số, viết liền, không có khoảng trắng.
}
