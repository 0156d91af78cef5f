package main

import (
	"context"
	"flag"
	"time"

	"github.com/motcua/motcua/dossier"
	"github.com/motcua/motcua/identity"
)

// verdict is the part all plain answers share.
type verdict struct {
	Valid   bool     `json:"valid"`
	Reasons []reason `json:"reasons"`
}

func refuse(err error) verdict { return verdict{Reasons: []reason{reasonOf(err)}} }

func personIDCommand(*flag.FlagSet) func() (judge, error) {
	type answer struct {
		verdict
		Place     string `json:"place,omitempty"`
		Country   bool   `json:"bornAbroad,omitempty"`
		Sex       string `json:"sex,omitempty"`
		BirthYear int    `json:"birthYear,omitempty"`
	}
	judge := func(_ context.Context, input string) (any, bool) {
		id, err := identity.ParsePersonID(input)
		if err == nil {
			err = id.Check(time.Now(), identity.BirthDate{}, identity.SexUnknown)
		}
		if err != nil {
			return answer{verdict: refuse(err)}, false
		}
		a := answer{verdict: verdict{Valid: true, Reasons: []reason{}}, Sex: id.Sex().String(), BirthYear: id.BirthYear()}
		if place, ok := id.Place(); ok {
			a.Place, a.Country = place.Name, place.Country
		}
		for _, f := range id.Findings() {
			a.Reasons = append(a.Reasons, reason{Code: f.Code(), VI: f.Text("vi"), EN: f.Text("en")})
		}
		return a, true
	}
	return ready(judge)
}

func ready(j judge) func() (judge, error) { return func() (judge, error) { return j, nil } }

func taxCodeCommand(*flag.FlagSet) func() (judge, error) {
	type answer struct {
		verdict
		Kind string `json:"kind,omitempty"`
	}
	return ready(func(_ context.Context, input string) (any, bool) {
		code, err := identity.ParseTaxCode(input)
		if err != nil {
			return answer{verdict: refuse(err)}, false
		}
		kinds := map[identity.TaxForm]string{identity.TaxFormTen: "enterprise", identity.TaxFormUnit: "dependent-unit", identity.TaxFormPersonal: "personal-id"}
		return answer{verdict{Valid: true, Reasons: []reason{}}, kinds[code.Form()]}, true
	})
}

func dossierCodeCommand(*flag.FlagSet) func() (judge, error) {
	type answer struct {
		verdict
		Agency string `json:"agency,omitempty"`
		Date   string `json:"date,omitempty"`
		Serial int64  `json:"serial,omitempty"`
	}
	return ready(func(_ context.Context, input string) (any, bool) {
		code, err := dossier.ParseCode(input)
		if err != nil {
			return answer{verdict: refuse(err)}, false
		}
		return answer{verdict{Valid: true, Reasons: []reason{}}, code.Agency().String(), code.Date().Format(time.DateOnly), code.Serial()}, true
	})
}
