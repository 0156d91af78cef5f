// Package onceonlytest is a population register to test against: it speaks the real protocol over real HTTP and holds
// what it receives to the register's rules, by its own computation.
//
//	register, err := onceonlytest.NewRegister(onceonlytest.Settings{User: "qnm", Secret: "…",
//		Unit: onceonlytest.Milliseconds, Birth: onceonlytest.BirthNested, Integration: "037"})
//	server := httptest.NewServer(register) // or mount it anywhere
//	register.Fail(onceonlytest.Outage)     // from now on; Healthy ends it
//
// It refuses what the register would: a wrong or missing hash, a timestamp outside the window, a field missing, out of
// order or unknown, a request id used before. Its persons are invented.
//
// It shares no code with onceonly/c06 and onceonly/auth, so that a mistake there is not made here too. It is for tests
// and demonstrations on one machine, never for real data.
package onceonlytest
