package chip

import (
	"strings"

	"golang.org/x/text/language"
)

// states are codes of issuers that ISO 3166 has not, or has otherwise (Doc 9303-3, section 5), with the country names of
// their certificates.
var states = map[string]string{
	"D": "DE", "EUE": "EU", "UNO": "UN", "UNA": "UN", "UNK": "UN", "RKS": "KS", "XOM": "XO", "XPO": "XP", "XCE": "XC",
}

// isCountryOf reports whether a two-letter country name belongs to the three-letter code of a zone.
func isCountryOf(country, state string) bool {
	if two, ok := states[state]; ok {
		return country == two
	}
	if len(state) != 3 || len(country) != 2 {
		return false
	}
	region, err := language.ParseRegion(state)
	return err == nil && region.ISO3() == state && strings.EqualFold(region.String(), country)
}

// checkDocument holds what the zone says against what the signer may sign, where it comes from, and the clock.
func (r *run) checkDocument() {
	if r.zoneErr != nil {
		return
	}
	policy := r.v.policy
	switch {
	case policy.Kind != 0 && policy.Kind != r.zone.kind:
		r.step("document", true, Failed, "kind", r.zone.kind.String())
	case r.signer != nil && !r.signer.MaySign(r.zone.code):
		r.step("document", true, Failed, "type-list", strings.Join(r.signer.DocumentTypes, " "))
	default:
		r.step("document", true, Passed, "ok")
	}
	if r.signer != nil {
		r.checkCountry()
	}
	switch {
	case r.zone.Check(r.at) == nil:
		r.step("expiry", true, Passed, "ok")
	case policy.AcceptExpired:
		r.step("expiry", false, Warning, "expired")
	default:
		r.step("expiry", true, Failed, "expired")
	}
}

// checkCountry compares the issuing State of the zone with the countries of signer and authority, and with the State codes
// in their alternative names where they have them (Doc 9303-12, 7.1.1.2).
func (r *run) checkCountry() {
	state := r.zone.Issuer
	fits := isCountryOf(r.signer.Issuer.Country, state) && isCountryOf(r.signer.Subject.Country, state) &&
		(r.signer.SubjectState == "" || r.signer.SubjectState == state)
	if r.issuer != nil {
		fits = fits && isCountryOf(r.issuer.Subject.Country, state) && (r.issuer.SubjectState == "" || r.issuer.SubjectState == state)
	}
	if !fits {
		r.step("country", true, Failed, "differs", state, r.signer.Issuer.Country)
		return
	}
	r.step("country", true, Passed, "ok", state)
}
