package openid4vp

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/motcua/motcua/identity"
	"github.com/motcua/motcua/identity/privacy"
	"github.com/motcua/motcua/identity/sdjwt"
)

// Catalogue says under which names a kind of credential carries the items of package identity/privacy. An item that maps
// to an empty list is one such credentials do not have; an item that is missing cannot be asked for at all.
type Catalogue map[string][]sdjwt.Path

// PIDCatalogue is that of the European PID. No Vietnamese credential was seen: for one, it is provisional.
func PIDCatalogue() Catalogue {
	return Catalogue{
		"person":       {{"personal_administrative_number"}},
		"name":         {{"family_name"}, {"given_name"}},
		"birth-date":   {{"birthdate"}},
		"sex":          {{"sex"}},
		"residence":    {{"address", "formatted"}},
		"phone":        {{"phone_number"}},
		"email":        {{"email"}},
		"account":      {},
		"organisation": {},
	}
}

const (
	maxAsks  = 4
	maxTypes = 16
)

// Ask is a query for one credential: of these types, with the claims a purpose names and no others. Only [NewAsk] makes
// one, so that nothing is asked for that no purpose allows.
type Ask struct{ q query }

// query is what an Ask is in a store.
type query struct {
	ID      string       `json:"id"`
	Purpose string       `json:"purpose"`
	Types   []string     `json:"types"`
	Paths   []sdjwt.Path `json:"paths,omitempty"`
	Ages    []int        `json:"ages,omitempty"`
}

// NewAsk makes the query of a purpose: its items by the catalogue, its questions ("age>=18") as the issuer's own yes or
// no, so that no date of birth is shown for them. id names the credential in the request. Errors: *Error of kind
// [ErrConfig].
func NewAsk(id string, purpose privacy.Purpose, catalogue Catalogue, types ...string) (Ask, error) {
	q := query{ID: id, Purpose: purpose.Code, Types: slices.Clone(types)}
	for _, item := range purpose.Items {
		paths, known := catalogue[item]
		if !known {
			return Ask{}, refuse(ErrConfig, "item")
		}
		q.Paths = append(q.Paths, paths...)
	}
	for _, ask := range purpose.Asks {
		text, isAge := strings.CutPrefix(ask, "age>=")
		years, err := strconv.Atoi(text)
		if !isAge || err != nil {
			return Ask{}, refuse(ErrConfig, "ask")
		}
		q.Ages = append(q.Ages, years)
	}
	return Ask{q}, q.check()
}

func (q query) check() error {
	bad := func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '-')
	}
	switch {
	case q.ID == "" || len(q.ID) > 64 || strings.ContainsFunc(q.ID, bad):
		return refuse(ErrConfig, "ask-id")
	case len(q.Types) == 0 || len(q.Types) > maxTypes || slices.Contains(q.Types, ""):
		return refuse(ErrConfig, "ask-types")
	case len(q.Paths)+len(q.Ages) == 0 || len(q.Paths)+len(q.Ages) > 64:
		return refuse(ErrConfig, "ask-claims")
	}
	return nil
}

// ID returns the name of the credential in the request.
func (a Ask) ID() string { return a.q.ID }

// Paths returns the claims that are asked for: what a page tells the person beforehand.
func (a Ask) Paths() []sdjwt.Path {
	paths := slices.Clone(a.q.Paths)
	for _, years := range a.q.Ages {
		paths = append(paths, sdjwt.Path{"age_equal_or_over", strconv.Itoa(years)})
	}
	return paths
}

// MarshalJSON writes the query for a store. It has no personal data.
func (a Ask) MarshalJSON() ([]byte, error) { return json.Marshal(a.q) }

// UnmarshalJSON reads what MarshalJSON wrote.
func (a *Ask) UnmarshalJSON(raw []byte) error {
	var q query
	if err := json.Unmarshal(raw, &q); err != nil {
		return &Error{Kind: ErrConfig, Rule: "ask", Err: err}
	}
	if err := q.check(); err != nil {
		return err
	}
	a.q = q
	return nil
}

// dcql writes the queries in the language of OpenID4VP 1.0 section 6. All are required.
func dcql(asks []Ask) map[string]any {
	var list []any
	for _, ask := range asks {
		var claims []any
		for _, path := range ask.Paths() {
			claims = append(claims, map[string]any{"path": path})
		}
		list = append(list, map[string]any{
			"id": ask.q.ID, "format": sdjwt.Format, "meta": map[string]any{"vct_values": ask.q.Types}, "claims": claims,
		})
	}
	return map[string]any{"credentials": list}
}

// answers are those to the questions of the purpose.
func (a Ask) answers(claims sdjwt.Claims) map[string]identity.Answer {
	if len(a.q.Ages) == 0 {
		return nil
	}
	all := map[string]identity.Answer{}
	for _, years := range a.q.Ages {
		all["age>="+strconv.Itoa(years)] = claims.AtLeast(years)
	}
	return all
}
