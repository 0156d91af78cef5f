package form_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/motcua/motcua/dossier/form"
)

const schema = `{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "Tờ khai cấp bản sao trích lục hộ tịch", "x-title-en": "Request for a copy of a civil-status extract",
  "type": "object", "additionalProperties": false,
  "required": ["name", "personid", "kind", "copies", "child", "consent"],
  "properties": {
    "name": {"$ref": "#/$defs/name", "title": "Họ, chữ đệm, tên người yêu cầu", "x-title-en": "Full name",
      "x-prefill": {"source": "c06", "field": "name"}, "x-locked": true, "x-autocomplete": "name"},
    "personid": {"type": "string", "format": "personid", "title": "Số định danh cá nhân",
      "x-prefill": {"source": "c06", "field": "personid"}, "x-locked": true},
    "birthdate": {"type": "string", "format": "date", "title": "Ngày sinh", "x-prefill": {"source": "c06", "field": "birthdate"}},
    "phone": {"type": "string", "format": "phone-vn", "title": "Số điện thoại"},
    "email": {"type": "string", "format": "email", "maxLength": 100, "title": "Thư điện tử"},
    "kind": {"type": "string", "title": "Loại việc hộ tịch", "x-widget": "radio", "oneOf": [
      {"const": "birth", "title": "Khai sinh", "x-title-en": "Birth"}, {"const": "marriage", "title": "Kết hôn"}]},
    "copies": {"type": "integer", "minimum": 1, "maximum": 10, "title": "Số lượng bản sao"},
    "purposes": {"type": "array", "uniqueItems": true, "maxItems": 2, "title": "Mục đích sử dụng",
      "items": {"type": "string", "enum": ["Đi học", "Đi làm", "Khác"]}},
    "child": {"type": "object", "title": "Người được cấp", "additionalProperties": false, "required": ["name"], "properties": {
      "name": {"$ref": "#/$defs/name", "title": "Họ tên người được cấp"},
      "note": {"type": "string", "title": "Ghi chú", "x-widget": "textarea", "minLength": 3, "maxLength": 50}}},
    "consent": {"type": "boolean", "const": true, "title": "Cam đoan lời khai là đúng"}
  },
  "$defs": {"name": {"type": "string", "minLength": 2, "maxLength": 60, "pattern": "^[\\p{L}' .-]+$", "title": "Họ tên",
    "x-message": "Họ tên chỉ gồm chữ cái.", "x-message-en": "A name has letters only."}}
}`

func compiled(tb testing.TB) *form.Form {
	tb.Helper()
	f, err := form.Compile([]byte(schema))
	if err != nil {
		tb.Fatal(err)
	}
	return f
}

func posted() url.Values {
	return url.Values{"name": {"  Nguyễn Trọng Nghi\u0303a "}, "personid": {"001099000015"}, "birthdate": {"05/09/1999"},
		"phone": {"0900000001"}, "kind": {"birth"}, "copies": {"2"}, "purposes": {"Đi học", "Khác"},
		"child.name": {"Trần Thị Mỹ Vĩnh"}, "child.note": {"dòng một\r\ndòng hai"}, "consent": {"on"}, "csrf": {"x"}, "email": {" "}}
}

func Example() {
	f, err := form.Compile([]byte(schema))
	if err != nil {
		fmt.Println(err)
		return
	}
	values, faults := f.Decode(url.Values{"name": {"Nguyễn Trọng Nghĩa"}, "personid": {"0010990000"}, "copies": {"hai"}})
	faults = f.Join(faults, f.Validate(values))
	for _, e := range faults {
		fmt.Println(e.Code(), e.Text("vi"))
	}
	// Output:
	// form.format Số định danh cá nhân gồm đúng 12 chữ số, viết liền, không có khoảng trắng.
	// form.choose Vui lòng chọn “Loại việc hộ tịch”.
	// form.integer “Số lượng bản sao” phải là số nguyên.
	// form.required Vui lòng nhập “Họ tên người được cấp”.
	// form.choose Vui lòng chọn “Cam đoan lời khai là đúng”.
}

func TestFields(t *testing.T) {
	f := compiled(t)
	var names, kinds []string
	for _, field := range f.Fields() {
		names, kinds = append(names, field.Name), append(kinds, string(field.Kind))
	}
	if got := strings.Join(names, " "); got != "name personid birthdate phone email kind copies purposes child.name child.note consent" {
		t.Errorf("order: %s", got)
	}
	if got := strings.Join(kinds, " "); got != "line line date line line choice integer choices line line tick" {
		t.Errorf("kinds: %s", got)
	}
	name, _ := f.Field("name")
	if name.Title.In("vi") != "Họ, chữ đệm, tên người yêu cầu" || name.Title.In("en") != "Full name" || !name.Locked ||
		!name.Required || name.MaxLength != 60 || name.Prefill != (form.Prefill{Source: "c06", Field: "name"}) ||
		name.Autocomplete != "name" {
		t.Errorf("%+v", name)
	}
	child, _ := f.Field("child.name")
	if child.Group.Vi != "Người được cấp" || child.Title.Vi != "Họ tên người được cấp" || child.Locked {
		t.Errorf("%+v", child)
	}
	kind, _ := f.Field("kind")
	if len(kind.Options) != 2 || kind.Options[0].Title.In("en") != "Birth" || kind.Options[1].Title.In("en") != "Kết hôn" {
		t.Errorf("%+v", kind.Options)
	}
	if phone, _ := f.Field("phone"); phone.MaxLength == 0 {
		t.Error("a text without a bound")
	}
	if f.Title().In("en") == "" {
		t.Error("no title")
	}
}

func TestDecodeAndValidate(t *testing.T) {
	f := compiled(t)
	values, faults := f.Decode(posted())
	if faults = f.Join(faults, f.Validate(values)); len(faults) != 0 {
		t.Fatalf("%v", faults)
	}
	raw, err := json.Marshal(map[string]any(values))
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"birthdate":"1999-09-05","child":{"name":"Trần Thị Mỹ Vĩnh","note":"dòng một\ndòng hai"},"consent":true,` +
		`"copies":2,"kind":"birth","name":"Nguyễn Trọng Nghĩa","personid":"001099000015","phone":"0900000001",` +
		`"purposes":["Đi học","Khác"]}`
	if string(raw) != want {
		t.Errorf("got  %s\nwant %s", raw, want)
	}
	if faults := f.ValidateJSON(raw); len(faults) != 0 {
		t.Errorf("%v", faults)
	}
	for name, show := range map[string]string{"birthdate": "05/09/1999", "kind": "Birth", "purposes": "Đi học, Khác",
		"consent": "Yes", "copies": "2", "email": ""} {
		field, _ := f.Field(name)
		if got := field.Show(values, "en"); got != show {
			t.Errorf("%s shows %q, want %q", name, got, show)
		}
	}
	if leak := fmt.Sprintf("%v %+v %s", values, values, values); strings.Contains(leak, "Nguyễn") {
		t.Errorf("leaks: %s", leak)
	}
}

func TestFaults(t *testing.T) {
	tests := []struct {
		name, field string
		given       []string
		code        string
	}{
		{"left out", "name", nil, "form.required"},
		{"too short", "name", []string{"N"}, "form.min-length"},
		{"too long", "name", []string{strings.Repeat("đ", 61)}, "form.max-length"},
		{"absurdly long", "name", []string{strings.Repeat("a", 1<<20)}, "form.max-length"},
		{"not a name", "name", []string{"Nghĩa 5"}, "form.pattern"},
		{"twice", "name", []string{"An An", "Bình Bình"}, "form.repeated"},
		{"control character", "name", []string{"An\x00An"}, "form.characters"},
		{"direction character", "name", []string{"An\u202eAn"}, "form.characters"},
		{"line break in a line", "name", []string{"An\nAn"}, "form.characters"},
		{"not UTF-8", "name", []string{"An\xff"}, "form.characters"},
		{"letters in an id", "personid", []string{"00109900001x"}, "form.format"},
		{"no such day", "birthdate", []string{"31/02/2020"}, "form.date"},
		{"not a phone", "phone", []string{"12345"}, "form.phone"},
		{"not an address", "email", []string{"nghia"}, "form.email"},
		{"no such option", "kind", []string{"death"}, "form.option"},
		{"a fraction", "copies", []string{"1.5"}, "form.integer"},
		{"too few", "copies", []string{"0"}, "form.minimum"},
		{"too many", "copies", []string{"11"}, "form.maximum"},
		{"too many choices", "purposes", []string{"Đi học", "Đi làm", "Khác"}, "form.max-items"},
		{"a choice that is not there", "purposes", []string{"Chơi"}, "form.option"},
		{"a choice twice", "purposes", []string{"Khác", "Khác"}, "form.repeated"},
		{"in a group", "child.name", nil, "form.required"},
		{"in a group, too short", "child.note", []string{"a"}, "form.min-length"},
		{"not ticked", "consent", nil, "form.choose"},
		{"ticked no", "consent", []string{"false"}, "form.choose"},
	}
	f := compiled(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in := posted()
			in.Del(tt.field)
			in[tt.field] = tt.given
			values, faults := f.Decode(in)
			faults = f.Join(faults, f.Validate(values))
			if len(faults) == 0 || faults[0].Field != tt.field || faults[0].Code() != tt.code {
				t.Fatalf("got %v, want %s of %s", faults, tt.code, tt.field)
			}
			for _, lang := range []string{"vi", "en"} {
				if text := faults[0].Text(lang); text == "" || strings.Contains(text, "{") {
					t.Errorf("%s: %q", lang, text)
				}
			}
		})
	}
}

func TestValidateJSONRefuses(t *testing.T) {
	f := compiled(t)
	for in, rule := range map[string]string{
		``: "unreadable", `[]`: "type", `{"name":1}`: "type", `{"a":1,"a":2}`: "unreadable", `{"copies":1.5}`: "unreadable",
		strings.Repeat("[", 200): "unreadable", `{"x":"` + strings.Repeat("a", 300<<10) + `"}`: "too-large",
	} {
		faults := f.ValidateJSON([]byte(in))
		if len(faults) == 0 || faults[0].Rule != rule {
			t.Errorf("%.30q: %v, want %s", in, faults, rule)
		}
	}
	values, _ := f.Decode(posted())
	values["admin"] = true
	if faults := f.Validate(values); len(faults) != 1 || faults[0].Rule != "unknown" {
		t.Errorf("an unknown member: %v", faults)
	}
	values = form.Values{"x": func() {}}
	if faults := f.Validate(values); len(faults) != 1 || faults[0].Rule != "unreadable" {
		t.Errorf("no JSON: %v", faults)
	}
}

func answers() []form.Answer {
	at := time.Date(2026, 11, 20, 2, 0, 0, 0, time.UTC)
	return []form.Answer{{"c06", "name", "Nguyễn Trọng Nghĩa", "lookup/1", at}, {"c06", "personid", "001099000015", "lookup/1", at},
		{"c06", "birthdate", "1999-09-05", "lookup/1", at}, {"c06", "sex", "Nam", "lookup/1", at}}
}

func TestPrefillAndMerge(t *testing.T) {
	f := compiled(t)
	filled, faults, err := f.Prefill(nil, answers())
	if err != nil || len(faults) != 0 {
		t.Fatal(faults, err)
	}
	if len(filled.Origins) != 3 || !filled.Origins["name"].Locked || filled.Origins["birthdate"].Locked {
		t.Fatalf("%+v", filled.Origins)
	}
	// What a session stores and reads back merges the same way.
	raw, err := json.Marshal(map[string]any(filled.Values))
	if err != nil {
		t.Fatal(err)
	}
	filled.Values = nil
	if err := json.Unmarshal(raw, &filled.Values); err != nil {
		t.Fatal(err)
	}

	in := posted()
	in.Del("personid") // a browser does not send a disabled control
	in.Set("birthdate", "06/09/1999")
	values, _ := f.Decode(in)
	merged, err := f.Merge(filled, values)
	if err != nil {
		t.Fatal(err)
	}
	if faults := f.Validate(merged.Values); len(faults) != 0 {
		t.Fatal(faults)
	}
	if id, _ := merged.Values.Get("personid"); id != "001099000015" {
		t.Errorf("locked value %v", id)
	}
	if birth, _ := merged.Values.Get("birthdate"); birth != "1999-09-06" {
		t.Errorf("open value %v", birth)
	}
	if _, ok := merged.Origins["birthdate"]; ok || len(merged.Origins) != 2 {
		t.Errorf("a corrected value still claims to come from the register: %+v", merged.Origins)
	}

	in.Set("name", "Trần Văn Khác")
	in.Set("personid", "001099000016")
	values, _ = f.Decode(in)
	var locked *form.LockedError
	if _, err := f.Merge(filled, values); !errors.As(err, &locked) || strings.Join(locked.Fields, " ") != "name personid" {
		t.Fatalf("%v", err)
	}
	if text := locked.Text("vi"); !strings.Contains(text, "Số định danh cá nhân") || strings.Contains(text, "Khác") {
		t.Error(text)
	}
}

func TestPrefillKeepsBadAnswersOut(t *testing.T) {
	f := compiled(t)
	bad := []form.Answer{{Source: "c06", Field: "personid", Value: "12"}, {Source: "c06", Field: "name", Value: nil},
		{Source: "c06", Field: "birthdate", Value: 3.5}}
	filled, faults, err := f.Prefill(form.Values{"phone": "0900000001"}, bad)
	if err != nil || len(faults) != 2 || faults[0].Field != "personid" || faults[1].Field != "birthdate" {
		t.Fatal(faults, err)
	}
	if len(filled.Origins) != 0 || len(filled.Values) != 1 {
		t.Errorf("%d values, %+v", len(filled.Values), filled.Origins)
	}
	// Nothing came from the register, so the citizen may fill the field in, though it is marked locked.
	values, _ := f.Decode(posted())
	if _, err := f.Merge(filled, values); err != nil {
		t.Error(err)
	}
	var invalid *form.InvalidError
	if _, _, err := f.Prefill(nil, append(answers(), answers()[0])); !errors.As(err, &invalid) {
		t.Errorf("two answers for one field: %v", err)
	}
	if leak := fmt.Sprintf("%v %+v", answers(), answers()[0]); strings.Contains(leak, "Nguyễn") {
		t.Errorf("leaks: %s", leak)
	}
}

func TestCompileRefuses(t *testing.T) {
	object := func(property string) string {
		return `{"type":"object","additionalProperties":false,"properties":{"a":` + property + `}}`
	}
	for name, in := range map[string]string{
		"empty": "", "not an object": "[]", "too large": `{"x":"` + strings.Repeat("a", 300<<10) + `"}`,
		"too deep": strings.Repeat(`{"a":`, 40) + "1" + strings.Repeat("}", 40), "member twice": `{"type":"object","type":"object"}`,
		"other draft": `{"$schema":"http://json-schema.org/draft-07/schema#","type":"object","properties":{}}`,
		"open object": `{"type":"object","properties":{}}`, "no properties": `{"type":"object","additionalProperties":false}`,
		"remote reference":     object(`{"$ref":"https://example.vn/x.json"}`),
		"file reference":       object(`{"$ref":"file:///etc/passwd"}`),
		"reference in a list":  object(`{"type":"string","title":"A","allOf":[{"$ref":"x.json"}]}`),
		"reference to nowhere": object(`{"$ref":"#/$defs/x"}`),
		"reference to itself":  `{"$defs":{"x":{"$ref":"#/$defs/x"}},` + object(`{"$ref":"#/$defs/x"}`)[1:],
		"no title":             object(`{"type":"string"}`), "fraction": object(`{"type":"number","title":"A"}`),
		"two types":          object(`{"type":["string","null"],"title":"A"}`),
		"list of objects":    object(`{"type":"array","title":"A","items":{"type":"object"}}`),
		"unknown annotation": object(`{"type":"string","title":"A","x-lockd":true}`),
		"lock without fill":  object(`{"type":"string","title":"A","x-locked":true}`),
		"half a prefill":     object(`{"type":"string","title":"A","x-prefill":{"source":"c06"}}`),
		"bad pattern":        object(`{"type":"string","title":"A","pattern":"("}`),
		"dotted name":        `{"type":"object","additionalProperties":false,"properties":{"a.b":{"type":"string","title":"A"}}}`,
		"two values":         object(`{"type":"string","title":"A"}`) + "{}",
	} {
		var invalid *form.InvalidError
		if _, err := form.Compile([]byte(in)); !errors.As(err, &invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzCompile(f *testing.F) {
	f.Add([]byte(schema))
	f.Add([]byte(`{"type":"object","additionalProperties":false,"properties":{"a":{"type":"integer","title":"A"}}}`))
	f.Add([]byte(`{"type":"object","additionalProperties":false,"properties":{"a":{"$ref":"#/$defs/a"}},"$defs":{"a":{"$ref":"#"}}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		compiled, err := form.Compile(raw)
		var invalid *form.InvalidError
		if err != nil {
			if !errors.As(err, &invalid) {
				t.Fatal(err)
			}
			return
		}
		for _, field := range compiled.Fields() {
			if field.Title.Vi == "" || field.Kind == "" {
				t.Fatalf("%+v", field)
			}
		}
		compiled.ValidateJSON([]byte(`{"a":1}`))
	})
}

func FuzzDecode(f *testing.F) {
	f.Add(posted().Encode())
	f.Add("name=%ff&copies=-0&birthdate=2/1/2006")
	compiled := compiled(f)
	f.Fuzz(func(t *testing.T, query string) {
		in, err := url.ParseQuery(query)
		if err != nil {
			return
		}
		values, _ := compiled.Decode(in)
		// What was decoded reads the same when it is posted again as it stands.
		again := url.Values{}
		for _, field := range compiled.Fields() {
			v, ok := values.Get(field.Name)
			if !ok {
				continue
			}
			if list, ok := v.([]any); ok {
				for _, item := range list {
					again.Add(field.Name, fmt.Sprint(item))
				}
				continue
			}
			again.Set(field.Name, fmt.Sprint(v))
		}
		back, faults := compiled.Decode(again)
		a, err1 := json.Marshal(map[string]any(values))
		b, err2 := json.Marshal(map[string]any(back))
		if err1 != nil || err2 != nil || string(a) != string(b) || len(faults) > 0 {
			t.Fatalf("%s then %s, %v", a, b, faults)
		}
	})
}

func BenchmarkValidate(b *testing.B) {
	f := compiled(b)
	values, _ := f.Decode(posted())
	raw, err := json.Marshal(map[string]any(values))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if faults := f.ValidateJSON(raw); len(faults) > 0 {
			b.Fatal(faults)
		}
	}
}

// BenchmarkBareLibrary is the peer: the same schema and values through the library alone.
func BenchmarkBareLibrary(b *testing.B) {
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(schema))
	if err != nil {
		b.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("urn:x", doc); err != nil {
		b.Fatal(err)
	}
	sch, err := c.Compile("urn:x")
	if err != nil {
		b.Fatal(err)
	}
	values, _ := compiled(b).Decode(posted())
	raw, err := json.Marshal(map[string]any(values))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(string(raw)))
		if err != nil {
			b.Fatal(err)
		}
		if err := sch.Validate(v); err != nil {
			b.Fatal(err)
		}
	}
}
