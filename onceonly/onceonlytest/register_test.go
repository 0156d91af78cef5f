package onceonlytest_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/motcua/motcua/identity"
	"github.com/motcua/motcua/onceonly/onceonlytest"
)

var now = time.Unix(1795000000, 0)

// message is a request by hand.
type message struct {
	fields  []string // name=text, in order
	secret  string
	off     time.Duration
	headers map[string]string
}

func good(id string) message {
	return message{secret: "s", headers: map[string]string{"Content-Type": "text/xml; charset=utf-8", "SOAPAction": `""`},
		fields: []string{"MaYeuCau=" + id, "MaDVC=1.001193", "MaTichHop=037", "MaDonVi=H26", "MaCanBo=CB", "SoDinhDanh=001090000123",
			"HoVaTen=NGUYEN TRONG NGHIA", "NgayThangNamSinh=1990-03-15"}}
}

func send(t *testing.T, address string, m message) (int, string) {
	t.Helper()
	var b strings.Builder
	b.WriteString(`<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>` +
		`<TraCuuThongTinCongDan xmlns="http://dancuquocgia.bca">`)
	for _, f := range m.fields {
		name, text, _ := strings.Cut(f, "=")
		b.WriteString("<" + name + ">" + text + "</" + name + ">")
	}
	b.WriteString(`</TraCuuThongTinCongDan></e:Body></e:Envelope>`)
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, address, strings.NewReader(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range m.headers {
		req.Header.Set(name, value)
	}
	stamp := strconv.FormatInt(now.Add(m.off).Unix(), 10)
	sum := sha256.Sum256([]byte(address + "qnm" + stamp + m.secret))
	req.Header.Set("Timestamp", stamp)
	req.Header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte("qnm:"+hex.EncodeToString(sum[:]))))
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

func TestRegisterHoldsItsRules(t *testing.T) {
	register, err := onceonlytest.NewRegister(onceonlytest.Settings{User: "qnm", Secret: "s", Unit: onceonlytest.Seconds,
		Birth: onceonlytest.BirthText, Integration: "037", Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(register)
	defer server.Close()
	swap := func(i, k int) func(*message) {
		return func(m *message) { m.fields[i], m.fields[k] = m.fields[k], m.fields[i] }
	}
	set := func(i int, f string) func(*message) { return func(m *message) { m.fields[i] = f } }
	tests := []struct {
		name   string
		change func(*message)
		status int
		holds  string
	}{
		{"good", func(*message) {}, 200, "<ns1:Ten>Nghĩa</ns1:Ten>"},
		{"nobody", set(5, "SoDinhDanh=001090000124"), 200, `SoCongDan="0"`},
		{"id used before", set(0, "MaYeuCau=good"), 500, ":Client<"},
		{"wrong secret", func(m *message) { m.secret = "S" }, 401, ""},
		{"old", func(m *message) { m.off = -6 * time.Minute }, 401, ""},
		{"from the future", func(m *message) { m.off = 6 * time.Minute }, 401, ""},
		{"within the window", func(m *message) { m.off = 4 * time.Minute }, 200, `SoCongDan="1"`},
		{"order", swap(5, 6), 500, ":Client<"},
		{"order of codes", swap(1, 2), 500, ":Client<"},
		{"field missing", func(m *message) { m.fields = m.fields[:7] }, 500, ":Client<"},
		{"field too many", func(m *message) { m.fields = append(m.fields, "Khac=1") }, 500, ":Client<"},
		{"empty procedure", set(1, "MaDVC="), 500, ":Client<"},
		{"number too short", set(5, "SoDinhDanh=00109000012"), 500, ":Client<"},
		{"date in another form", set(7, "NgayThangNamSinh=15/03/1990"), 500, ":Client<"},
		{"id too long", set(0, "MaYeuCau="+strings.Repeat("x", 41)), 500, ":Client<"},
		{"no action", func(m *message) { delete(m.headers, "SOAPAction") }, 400, ""},
		{"other content", func(m *message) { m.headers["Content-Type"] = "application/json" }, 400, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := good(strings.ReplaceAll(tt.name, " ", "-"))
			tt.change(&m)
			status, body := send(t, server.URL+"/svc", m)
			if status != tt.status || !strings.Contains(body, tt.holds) {
				t.Fatalf("got %d %s; want %d with %q", status, body, tt.status, tt.holds)
			}
		})
	}
}

func TestNewRegisterRefuses(t *testing.T) {
	for name, s := range map[string]onceonlytest.Settings{
		"nothing": {}, "no unit": {User: "u", Secret: "s", Integration: "1", Birth: onceonlytest.BirthText},
		"no form of birth": {User: "u", Secret: "s", Integration: "1", Unit: onceonlytest.Seconds},
	} {
		if _, err := onceonlytest.NewRegister(s); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// Every persona must be one that the house's own types accept: number, name and date of birth that hold together.
func TestPersonas(t *testing.T) {
	for _, p := range onceonlytest.Personas() {
		number, err := identity.ParsePersonID(p.Number)
		if err != nil {
			t.Fatal(err)
		}
		born, err := identity.ParseBirthDate(p.Born)
		if err != nil {
			t.Fatal(err)
		}
		sex := map[string]identity.Sex{"1": identity.Male, "2": identity.Female}[p.Sex]
		if _, err := identity.ParseName(p.Name); err != nil || number.Check(time.Now(), born, sex) != nil || sex == 0 {
			t.Errorf("%s: %v, %v", number, err, number.Check(time.Now(), born, sex))
		}
	}
}
