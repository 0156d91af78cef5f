package c06_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/motcua/motcua/identity"
	"github.com/motcua/motcua/internal/httpx"
	"github.com/motcua/motcua/onceonly"
	"github.com/motcua/motcua/onceonly/auth"
	"github.com/motcua/motcua/onceonly/c06"
	"github.com/motcua/motcua/onceonly/onceonlytest"
)

const secret = "một bí mật bịa"

// station is a register on loopback and a source that asks it.
type station struct {
	register *onceonlytest.Register
	server   *httptest.Server
	source   *c06.Source
}

type setup struct {
	settings onceonlytest.Settings
	dialect  c06.Dialect
	cfg      c06.Config
	secret   string
	unit     auth.Unit
}

func newSetup() setup {
	return setup{
		settings: onceonlytest.Settings{User: "qnm", Secret: secret, Unit: onceonlytest.Milliseconds,
			Birth: onceonlytest.BirthNested, Integration: "037"},
		dialect: c06.SeenDialect("037"),
		cfg:     c06.Config{Via: "ndop", Officer: "HETHONG", Unit: "H26", HTTPClient: httpx.NewClient(time.Minute)},
		secret:  secret, unit: auth.Milliseconds,
	}
}

func start(tb testing.TB, s setup) station {
	tb.Helper()
	register, err := onceonlytest.NewRegister(s.settings)
	if err != nil {
		tb.Fatal(err)
	}
	server := httptest.NewServer(register)
	tb.Cleanup(server.Close)
	return station{register, server, newSource(tb, s, server.URL+"/tra-cuu")}
}

func newSource(tb testing.TB, s setup, endpoint string) *c06.Source {
	tb.Helper()
	login, err := auth.NewTimestamped("qnm", s.secret, s.unit, auth.Config{})
	if err != nil {
		tb.Fatal(err)
	}
	source, err := c06.New(endpoint, s.dialect, login, s.cfg)
	if err != nil {
		tb.Fatal(err)
	}
	return source
}

func subject(tb testing.TB, number, name, born string) identity.Subject {
	tb.Helper()
	person, err := identity.ParsePersonID(number)
	if err != nil {
		tb.Fatal(err)
	}
	fullName, err := identity.ParseName(name)
	if err != nil {
		tb.Fatal(err)
	}
	date, err := identity.ParseBirthDate(born)
	if err != nil {
		tb.Fatal(err)
	}
	return identity.Subject{Kind: identity.Citizen, Person: person, Name: fullName, BirthDate: date}
}

func nghia(tb testing.TB) identity.Subject {
	return subject(tb, "001090000123", "Nguyễn Trọng Nghĩa", "1990-03-15")
}

func query(tb testing.TB, id string, fields ...onceonly.Field) onceonly.Query {
	return onceonly.Query{RequestID: id, Subject: nghia(tb), Fields: fields, Procedure: "1.001193",
		Purpose: onceonly.Purpose{Code: "prefill", Text: "Điền sẵn tờ khai"},
		Actor:   onceonly.Actor{Kind: identity.Officer, Account: "CB0007", Unit: "H26.1"}}
}

var _ http.Handler = (*onceonlytest.Register)(nil)
