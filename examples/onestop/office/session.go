package office

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/alexedwards/scs/v2/memstore"

	"github.com/motcua/motcua/dossier"
	"github.com/motcua/motcua/identity"
	"github.com/motcua/motcua/identity/oidc"
)

// visitor is who sits in front of the browser, kept in the server's session store; the cookie holds a random token only.
type visitor struct {
	Citizen *identity.Subject
	Officer *officer
}

// officer is a member of the staff, as the agency's own provider vouches for.
type officer struct {
	Pseudonym identity.Pseudonym
	Name      identity.Name
	Account   string // staff account at the registers
	Roles     []dossier.Role
	// Administrator may erase. He takes no part in dossiers and does not see what is in them.
	Administrator bool
}

func (v *visitor) name() string {
	if v.Officer != nil {
		return v.Officer.Name.Reveal()
	}
	return v.Citizen.Name.Reveal()
}

// storedVisitor is a visitor as the session store keeps it: values in clear, for they never leave the server's memory.
type storedVisitor struct {
	Pseudonym, Person, Name, Birth string
	Sex                            int
	Level                          int
	Source, Issuer                 string
	Officer                        bool
	Administrator                  bool
	Account                        string
	Roles                          []dossier.Role
}

const visitorKey = "visitor"

func newSessions(store *memstore.MemStore, secure bool) *scs.SessionManager {
	s := scs.New()
	s.Store = store
	s.Lifetime = 8 * time.Hour
	s.IdleTimeout = 30 * time.Minute
	s.Cookie.Name = "motcua"
	s.Cookie.HttpOnly = true
	s.Cookie.Secure = secure
	s.Cookie.SameSite = http.SameSiteLaxMode
	return s
}

// signIn starts a session under a new token, so that a token planted before sign-in is worth nothing.
func (o *Office) signIn(r *http.Request, v storedVisitor) error {
	if err := o.sessions.RenewToken(r.Context()); err != nil {
		return err
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return err
	}
	o.sessions.Put(r.Context(), visitorKey, raw)
	return nil
}

func storeCitizen(s identity.Subject) storedVisitor {
	return storedVisitor{Pseudonym: s.Pseudonym.String(), Person: s.Person.Reveal(), Name: s.Name.Reveal(), Birth: s.BirthDate.Reveal(),
		Sex: int(s.Sex), Level: int(s.Assurance.Level), Source: s.Assurance.Source, Issuer: s.Assurance.Issuer}
}

// visitor returns who is signed in, or nil.
func (o *Office) visitor(r *http.Request) *visitor {
	raw := o.sessions.GetBytes(r.Context(), visitorKey)
	if raw == nil {
		return nil
	}
	var v storedVisitor
	if json.Unmarshal(raw, &v) != nil {
		return nil
	}
	if v.Officer {
		officer, err := v.officer()
		if err != nil {
			return nil
		}
		return &visitor{Officer: officer}
	}
	s, err := v.subject()
	if err != nil {
		return nil
	}
	return &visitor{Citizen: &s}
}

func storeOfficer(l oidc.Login) storedVisitor {
	v := storeCitizen(l.Subject)
	v.Officer, v.Account = true, l.Officer.ID
	for _, role := range l.Officer.Roles {
		v.Administrator = v.Administrator || role == "administrator"
		if r := dossier.Role(role); r.IsValid() && r != dossier.Applicant && r != dossier.System {
			v.Roles = append(v.Roles, r)
		}
	}
	return v
}

func (v storedVisitor) officer() (*officer, error) {
	f := &officer{Account: v.Account, Roles: v.Roles, Administrator: v.Administrator}
	var err error
	if f.Pseudonym, err = identity.ParsePseudonym(v.Pseudonym); err != nil {
		return nil, err
	}
	f.Name, err = identity.ParseName(v.Name)
	return f, err
}

func (v storedVisitor) subject() (identity.Subject, error) {
	s := identity.Subject{Kind: identity.Citizen, Sex: identity.Sex(v.Sex),
		Assurance: identity.Assurance{Level: identity.Level(v.Level), Source: v.Source, Issuer: v.Issuer}}
	var err error
	if s.Pseudonym, err = identity.ParsePseudonym(v.Pseudonym); err != nil {
		return s, err
	}
	if s.Person, err = identity.ParsePersonID(v.Person); err != nil {
		return s, err
	}
	if s.Name, err = identity.ParseName(v.Name); err != nil {
		return s, err
	}
	if v.Birth != "" {
		s.BirthDate, err = identity.ParseBirthDate(v.Birth)
	}
	return s, err
}

// turnAway sends somebody who is not signed in to a door and back. A form he has sent is not taken: he is told so, for it
// mostly means that his session has ended while he was filling it in.
func (o *Office) turnAway(w http.ResponseWriter, r *http.Request, door string) {
	address := door + "?return_to=" + returnPath(r)
	if isForm(r) && !strings.HasSuffix(r.URL.Path, "/start") {
		o.show(w, r, http.StatusUnauthorized, "error", "error.page", address, problem{Text: o.explain(lang(r), failure("error.session"))})
		return
	}
	http.Redirect(w, r, address, http.StatusSeeOther)
}

// citizenOnly lets signed-in citizens pass and sends others to sign in and back.
func (o *Office) citizenOnly(next func(http.ResponseWriter, *http.Request, *identity.Subject)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v := o.visitor(r)
		if v == nil || v.Citizen == nil {
			o.turnAway(w, r, "/login")
			return
		}
		next(w, r, v.Citizen)
	}
}

// officerOnly lets signed-in officers pass and sends others to the staff's sign-in.
func (o *Office) officerOnly(next func(http.ResponseWriter, *http.Request, *officer)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v := o.visitor(r)
		if v == nil || v.Officer == nil {
			o.turnAway(w, r, "/staff")
			return
		}
		if len(v.Officer.Roles) == 0 {
			o.fail(w, r, http.StatusForbidden, failure("error.forbidden"))
			return
		}
		next(w, r, v.Officer)
	}
}

// administratorOnly lets administrators pass.
func (o *Office) administratorOnly(next func(http.ResponseWriter, *http.Request, *officer)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v := o.visitor(r)
		if v == nil || v.Officer == nil {
			o.turnAway(w, r, "/staff")
			return
		}
		if !v.Officer.Administrator {
			o.fail(w, r, http.StatusForbidden, failure("error.forbidden"))
			return
		}
		next(w, r, v.Officer)
	}
}
