package c06

import (
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"github.com/motcua/motcua/identity"
	"github.com/motcua/motcua/internal/vntime"
	"github.com/motcua/motcua/onceonly"
)

// answer is what the service said, before it is held against the question.
type answer struct {
	persons  []*node
	asserted time.Time
	fault    string // local part of a SOAP fault's code; "" when there is no fault
}

// parseAnswer reads a SOAP 1.1 envelope: one CongdanCollection, bare or in one wrapper, or one Fault.
func parseAnswer(body []byte) (answer, error) {
	root, err := parseXML(body)
	if err != nil {
		return answer{}, err
	}
	if !root.is(soapNS, "Envelope") {
		return answer{}, errXML
	}
	soapBody, err := root.child(soapNS, "Body")
	if err != nil || soapBody == nil || len(soapBody.children) != 1 {
		return answer{}, errXML
	}
	content := soapBody.children[0]
	if content.is(soapNS, "Fault") {
		return parseFault(content)
	}
	if !content.is(responseNS, "CongdanCollection") && len(content.children) == 1 {
		content = content.children[0]
	}
	if !content.is(responseNS, "CongdanCollection") {
		return answer{}, errXML
	}
	return parseCollection(content)
}

// parseFault keeps the code only: the sentence may hold anything, the question's personal data too.
func parseFault(fault *node) (answer, error) {
	code, err := fault.child("", "faultcode") // unqualified in SOAP 1.1
	if err != nil || code == nil || len(code.children) > 0 {
		return answer{}, errXML
	}
	text := strings.TrimSpace(code.text)
	text = text[strings.LastIndexByte(text, ':')+1:]
	if text == "" || len(text) > 64 || strings.IndexFunc(text, isNoCode) >= 0 {
		return answer{}, errXML
	}
	return answer{fault: text}, nil
}

func isNoCode(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '.' && r != '-' && r != '_'
}

func parseCollection(collection *node) (answer, error) {
	var a answer
	for _, c := range collection.children {
		if !c.is(responseNS, "CongDan") {
			return answer{}, errXML
		}
		a.persons = append(a.persons, c)
	}
	// Where the collection counts its persons, the count must hold: a cut list would make two persons one.
	if n, err := strconv.Atoi(collection.attr("SoCongDan")); err == nil && n != len(a.persons) {
		return answer{}, errXML
	}
	stated := collection.attr("ThoiDiemDuLieu")
	if stated == "" {
		return a, nil
	}
	asserted, err := parseDateTime(stated)
	if err != nil {
		return answer{}, errXML
	}
	a.asserted = asserted
	return a, nil
}

// parseDateTime reads xs:dateTime; without zone it is Vietnamese time.
func parseDateTime(s string) (time.Time, error) {
	if t, err := time.Parse(time.RFC3339Nano, s); err == nil {
		return t, nil
	}
	return time.ParseInLocation("2006-01-02T15:04:05", s, vntime.Zone())
}

// citizen reads one CongDan element, field by field, as far as somebody asks.
type citizen struct {
	n   *node
	sex map[string]identity.Sex
}

// values reads the fields asked for and nothing else.
func (c citizen) values(fields []onceonly.Field) (map[onceonly.Field]onceonly.Value, error) {
	values := make(map[onceonly.Field]onceonly.Value, len(fields))
	for _, field := range fields {
		for _, r := range readers {
			if r.field != field {
				continue
			}
			value, err := r.read(c, r.element)
			if err != nil {
				return nil, err
			}
			values[field] = value
		}
	}
	return values, nil
}

// readers say where each field stands in a CongDan element and how it is read.
var readers = [...]struct {
	field   onceonly.Field
	element string
	read    func(citizen, string) (onceonly.Value, error)
}{
	{onceonly.PersonalID, "SoDinhDanh", citizen.text},
	{onceonly.OldIDNumber, "SoCMND", citizen.text},
	{onceonly.FullName, "HoVaTen", citizen.name},
	{onceonly.BirthDate, "NgayThangNamSinh", citizen.birth},
	{onceonly.Sex, "GioiTinh", citizen.sexOf},
	{onceonly.Nationality, "QuocTich", citizen.text},
	{onceonly.Ethnicity, "DanToc", citizen.text},
	{onceonly.Religion, "TonGiao", citizen.text},
	{onceonly.BloodType, "NhomMau", citizen.text},
	{onceonly.MaritalStatus, "TinhTrangHonNhan", citizen.text},
	{onceonly.BirthRegistration, "NoiDangKyKhaiSinh", citizen.place},
	{onceonly.Hometown, "QueQuan", citizen.place},
	{onceonly.PermanentResidence, "ThuongTru", citizen.place},
	{onceonly.CurrentResidence, "NoiOHienTai", citizen.place},
	{onceonly.Father, "Cha", citizen.person},
	{onceonly.Mother, "Me", citizen.person},
	{onceonly.Spouse, "VoChong", citizen.person},
	{onceonly.Representative, "NguoiDaiDien", citizen.person},
	{onceonly.HouseholdHead, "ChuHo", citizen.person},
	{onceonly.HouseholdBook, "SoSoHoKhau", citizen.text},
}

func (c citizen) text(element string) (onceonly.Value, error) {
	s, err := c.n.value(element)
	return onceonly.TextValue(norm.NFC.String(s)), err
}

func (c citizen) name(element string) (onceonly.Value, error) {
	s, err := fullName(c.n, element)
	return onceonly.TextValue(s), err
}

// fullName joins Ho, ChuDem and Ten; the whole name often stands in Ten alone.
func fullName(n *node, element string) (string, error) {
	name, err := n.child(responseNS, element)
	if err != nil || name == nil {
		return "", err
	}
	if len(name.children) == 0 {
		return norm.NFC.String(strings.Join(strings.Fields(name.text), " ")), nil
	}
	var parts []string
	for _, local := range []string{"Ho", "ChuDem", "Ten"} {
		part, err := name.value(local)
		if err != nil {
			return "", err
		}
		parts = append(parts, strings.Fields(part)...)
	}
	return norm.NFC.String(strings.Join(parts, " ")), nil
}

func (c citizen) birth(element string) (onceonly.Value, error) {
	date, err := birthDate(c.n, element)
	return onceonly.DateValue(date), err
}

// birthDate reads NgayThangNam, or Nam where only the year is known. Both together must agree.
func birthDate(n *node, element string) (identity.BirthDate, error) {
	born, err := n.child(responseNS, element)
	if err != nil || born == nil {
		return identity.BirthDate{}, err
	}
	day, err := born.value("NgayThangNam")
	if err != nil {
		return identity.BirthDate{}, err
	}
	year, err := born.value("Nam")
	if err != nil {
		return identity.BirthDate{}, err
	}
	if day == "" {
		day = year
	}
	if day == "" {
		return identity.BirthDate{}, nil
	}
	if !isDigits(day, 4, 8) || year != "" && !strings.HasPrefix(day, year) {
		return identity.BirthDate{}, errXML
	}
	date, err := identity.ParseBirthDate(day)
	if err != nil {
		return identity.BirthDate{}, errXML
	}
	return date, nil
}

func (c citizen) sexOf(element string) (onceonly.Value, error) {
	code, err := c.n.value(element)
	sex := c.sex[code]
	if err != nil || sex == identity.SexUnknown {
		return onceonly.Value{}, err
	}
	return onceonly.TextValue(sex.String()), nil
}

func (c citizen) place(element string) (onceonly.Value, error) {
	n, err := c.n.child(responseNS, element)
	if err != nil || n == nil {
		return onceonly.Value{}, err
	}
	var p onceonly.Place
	for _, part := range []struct {
		local string
		into  *string
	}{{"MaTinhThanh", &p.Province}, {"MaQuanHuyen", &p.District}, {"MaPhuongXa", &p.Commune}, {"ChiTiet", &p.Detail},
		{"QuocGia", &p.Country}} {
		if *part.into, err = n.value(part.local); err != nil {
			return onceonly.Value{}, err
		}
	}
	p.Detail = norm.NFC.String(p.Detail)
	return onceonly.PlaceValue(p), nil
}

func (c citizen) person(element string) (onceonly.Value, error) {
	n, err := c.n.child(responseNS, element)
	if err != nil || n == nil {
		return onceonly.Value{}, err
	}
	var p onceonly.Person
	if p.Name, err = fullName(n, "HoVaTen"); err != nil {
		return onceonly.Value{}, err
	}
	for _, part := range []struct {
		local string
		into  *string
	}{{"SoDinhDanh", &p.PersonalID}, {"SoCMND", &p.OldIDNumber}, {"QuocTich", &p.Nationality},
		{"QuanHe", &p.Relation}} {
		if *part.into, err = n.value(part.local); err != nil {
			return onceonly.Value{}, err
		}
	}
	return onceonly.PersonValue(p), nil
}
