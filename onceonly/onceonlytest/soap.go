package onceonlytest

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// question is a request's fields: values by element, and the elements in their order.
type question struct {
	values map[string]string
	order  []string
}

const requestSpace = "http://dancuquocgia.bca"

// parse reads a request and reports whether it is what the register's schema asks for.
func (r *Register) parse(body []byte) (question, bool) {
	q := question{values: make(map[string]string)}
	dec := xml.NewDecoder(bytes.NewReader(body))
	var path []string
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return q, len(path) == 0 && r.valid(&q)
		}
		if err != nil {
			return q, false
		}
		switch t := token.(type) {
		case xml.StartElement:
			space := "http://schemas.xmlsoap.org/soap/envelope/"
			if len(path) >= 2 {
				space = requestSpace
			}
			if t.Name.Space != space || len(path) > 5 {
				return q, false
			}
			if path = append(path, t.Name.Local); len(path) == 4 {
				q.order = append(q.order, t.Name.Local)
			}
		case xml.EndElement:
			path = path[:len(path)-1]
		case xml.CharData:
			if len(path) >= 4 && strings.Join(path[:3], "/") == "Envelope/Body/TraCuuThongTinCongDan" {
				q.values[strings.Join(path[3:], "/")] += string(t)
			}
		}
	}
}

var (
	wholeDate   = regexp.MustCompile(`^\d{8}$`)
	onlyYear    = regexp.MustCompile(`^\d{4}$`)
	dashedDate  = regexp.MustCompile(`^\d{4}(-\d{2}-\d{2})?$`)
	twelve      = regexp.MustCompile(`^\d{12}$`)
	integration = regexp.MustCompile(`^\d{1,20}$`)
)

// valid holds a request to the register's guide: order, presence, lengths, forms.
func (r *Register) valid(q *question) bool {
	order := []string{"MaYeuCau", "MaDVC", "MaTichHop", "MaDonVi", "MaCanBo", "SoDinhDanh", "HoVaTen",
		"NgayThangNamSinh"}
	if r.settings.OmitUnit {
		order = slices.DeleteFunc(order, func(s string) bool { return s == "MaDonVi" })
	}
	if !slices.Equal(q.order, order) {
		return false
	}
	for name, most := range map[string]int{"MaYeuCau": 40, "MaDVC": 20, "MaDonVi": 35, "MaCanBo": 20, "HoVaTen": 100} {
		n := utf8.RuneCountInString(q.values[name])
		if n > most || n == 0 && (name != "MaDonVi" || !r.settings.OmitUnit) {
			return false
		}
	}
	whole, year := q.values["NgayThangNamSinh/NgayThangNam"], q.values["NgayThangNamSinh/Nam"]
	born := (whole == "") != (year == "") && (wholeDate.MatchString(whole) || onlyYear.MatchString(year))
	if r.settings.Birth == BirthText {
		born = whole == "" && year == "" && dashedDate.MatchString(q.values["NgayThangNamSinh"])
	}
	return born && twelve.MatchString(q.values["SoDinhDanh"]) && integration.MatchString(q.values["MaTichHop"]) &&
		q.values["MaTichHop"] == r.settings.Integration
}

// find looks a person up by number, name and date of birth, as the register does: all must fit.
func (r *Register) find(q question) (Person, bool) {
	born := q.values["NgayThangNamSinh/NgayThangNam"] + q.values["NgayThangNamSinh/Nam"]
	if born == "" {
		born = strings.ReplaceAll(q.values["NgayThangNamSinh"], "-", "")
	}
	for _, p := range r.settings.Persons {
		if p.Number == q.values["SoDinhDanh"] && folded(p.Name) == folded(q.values["HoVaTen"]) &&
			(strings.HasPrefix(p.Born, born) || strings.HasPrefix(born, p.Born)) {
			return p, true
		}
	}
	return Person{}, false
}

func folded(name string) string {
	name = strings.NewReplacer("đ", "d", "Đ", "D").Replace(norm.NFD.String(name))
	return strings.ToUpper(strings.Map(func(c rune) rune {
		if unicode.IsLetter(c) {
			return c
		}
		return -1
	}, name))
}

func (r *Register) answer(w http.ResponseWriter, q question, fault Fault) {
	var persons []Person
	if p, ok := r.find(q); ok && fault != NobodyFound {
		persons = append(persons, p)
	}
	count := len(persons)
	if count == 1 {
		switch fault {
		case TwoAnswers:
			persons, count = append(persons, persons[0]), 2
		case CutList:
			count = 2
		case OtherPerson:
			persons[0].Number = "001199999999"
		case OtherName:
			persons[0].Name = "Hoàng Văn Khác"
		case OtherBirth:
			persons[0].Born = "19010101"
		}
	}
	text := fault.spoil(r.collection(persons, count, fault))
	if fault == Decomposed {
		text = norm.NFD.String(text)
	}
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	_, _ = io.WriteString(w, text)
}

// writer writes elements of the response's name space.
type writer struct{ strings.Builder }

func (w *writer) leaf(name, text string) {
	w.WriteString("<ns1:" + name + ">")
	_ = xml.EscapeText(w, []byte(text))
	w.WriteString("</ns1:" + name + ">")
}

func (w *writer) group(name string, inner func()) {
	w.WriteString("<ns1:" + name + ">")
	inner()
	w.WriteString("</ns1:" + name + ">")
}

func (r *Register) collection(persons []Person, count int, fault Fault) string {
	var w writer
	w.WriteString(xml.Header + `<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/">` +
		`<soapenv:Header xmlns:dan="` + requestSpace + `"/><soapenv:Body xmlns:dan="` + requestSpace + `">` +
		`<ns1:CongdanCollection xmlns:ns1="http://www.mic.gov.vn/dancu/1.0" SoCongDan="` + strconv.Itoa(count) +
		`" ThoiDiemDuLieu="` + r.settings.Asserted.In(time.FixedZone("", 7*3600)).Format(time.RFC3339) + `">`)
	for _, p := range persons {
		w.group("CongDan", func() { w.person(p, fault == WholeName) })
	}
	w.WriteString(`</ns1:CongdanCollection></soapenv:Body></soapenv:Envelope>`)
	return w.String()
}

func (w *writer) person(p Person, wholeName bool) {
	w.leaf("SoDinhDanh", p.Number)
	w.leaf("SoCMND", p.OldNumber)
	w.name(p.Name, wholeName)
	w.leaf("GioiTinh", p.Sex)
	w.leaf("DanToc", p.Ethnicity)
	w.leaf("TonGiao", p.Religion)
	w.leaf("TinhTrangHonNhan", p.Marital)
	w.leaf("NhomMau", p.Blood)
	w.group("NgayThangNamSinh", func() {
		w.leaf("Nam", p.Born[:4])
		if len(p.Born) == 8 {
			w.leaf("NgayThangNam", p.Born)
		}
	})
	w.leaf("QuocTich", p.Nation)
	w.place("NoiDangKyKhaiSinh", p.BirthRegistration)
	w.place("QueQuan", p.Hometown)
	w.place("ThuongTru", p.Permanent)
	w.place("NoiOHienTai", p.Current)
	w.relative("Cha", p.Father, wholeName)
	w.relative("Me", p.Mother, wholeName)
	w.relative("VoChong", p.Spouse, wholeName)
	w.leaf("SoSoHoKhau", p.Household)
}

func (w *writer) name(name string, whole bool) {
	words := strings.Fields(name)
	w.group("HoVaTen", func() {
		if whole || len(words) < 2 {
			w.leaf("Ho", "")
			w.leaf("ChuDem", "")
			w.leaf("Ten", name)
			return
		}
		w.leaf("Ho", words[0])
		w.leaf("ChuDem", strings.Join(words[1:len(words)-1], " "))
		w.leaf("Ten", words[len(words)-1])
	})
}

func (w *writer) place(name string, p Place) {
	if p == (Place{}) {
		return
	}
	w.group(name, func() {
		w.leaf("MaTinhThanh", p.Province)
		w.leaf("MaQuanHuyen", "")
		w.leaf("MaPhuongXa", p.Commune)
		w.leaf("ChiTiet", p.Detail)
		w.leaf("QuocGia", "VN")
	})
}

func (w *writer) relative(name string, p Relative, wholeName bool) {
	if p == (Relative{}) {
		return
	}
	w.group(name, func() {
		w.leaf("SoDinhDanh", p.Number)
		w.leaf("QuocTich", "VN")
		w.name(p.Name, wholeName)
	})
}
