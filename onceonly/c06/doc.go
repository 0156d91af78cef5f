// Package c06 asks the National Population Database (Cơ sở dữ liệu quốc gia về dân cư, kept by department C06 of the
// Ministry of Public Security) through its shared SOAP 1.1 service TraCuuThongTinCongDan.
//
//	login, err := auth.NewTimestamped(user, secret, auth.Milliseconds, auth.Config{})
//	population, err := c06.New(endpoint, c06.SeenDialect("037"), login, c06.Config{Officer: "…"})
//	broker, err := onceonly.NewBroker(j, cfg, population)
//
// # What it refuses
//
// Before sending: a person without number, name or date of birth; text over the lengths of the service's guide. Of
// answers: anything that is not exactly one person, the one asked for. A document type definition, a foreign name
// space, an element twice, a body, depth or number of elements over the bounds: malformed. Two persons: ambiguous.
// Another number, name or date of birth: mismatch. Redirects are not followed; TLS is checked, and there is no switch
// for it. Of a good answer only the fields asked for are kept; the rest is never decoded into anything.
//
// # What is not certain
//
// The service's guide is not public. Where clients contradict each other, or one only is known, the choice is part of a
// [Dialect]; SeenDialect has the choices of several independent public clients and says that it is provisional.
//
// Stable: New, Config, the fields. Law: Decree 194/2025/NĐ-CP, Decree 278/2025/NĐ-CP on sharing data.
package c06
