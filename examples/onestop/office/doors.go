package office

import (
	"context"
	"net/http"

	"github.com/motcua/motcua/identity"
	"github.com/motcua/motcua/identity/oidc"
)

// openDoors makes the two sign-ins: citizens through the national provider, staff through the agency's own.
func (o *Office) openDoors(context.Context) error {
	fail := func(w http.ResponseWriter, r *http.Request, err *oidc.Error) { o.fail(w, r, err.Status(), err) }
	var err error
	o.citizens, err = oidc.New(o.cfg.Citizens.Profile, o.cfg.Citizens.Client, o.cfg.Pseudonyms, o.citizenIn,
		oidc.Config{Now: o.now, Fail: fail, CookieName: "motcua-login"})
	if err != nil {
		return err
	}
	o.staff, err = oidc.New(o.cfg.Staff.Profile, o.cfg.Staff.Client, o.cfg.Pseudonyms, o.officerIn,
		oidc.Config{Now: o.now, Fail: fail, CookieName: "motcua-staff"})
	return err
}

func (o *Office) citizenIn(w http.ResponseWriter, r *http.Request, l oidc.Login) {
	if l.Subject.Kind != identity.Citizen {
		o.fail(w, r, http.StatusForbidden, failure("error.forbidden"))
		return
	}
	o.enter(w, r, storeCitizen(l.Subject), l.ReturnTo, "/")
}

func (o *Office) officerIn(w http.ResponseWriter, r *http.Request, l oidc.Login) {
	v := storeOfficer(l)
	switch {
	case len(v.Roles) > 0:
		o.enter(w, r, v, l.ReturnTo, "/office")
	case v.Administrator:
		o.enter(w, r, v, l.ReturnTo, "/admin/erasure")
	default:
		o.fail(w, r, http.StatusForbidden, failure("error.forbidden"))
	}
}

func (o *Office) enter(w http.ResponseWriter, r *http.Request, v storedVisitor, to, otherwise string) {
	if err := o.signIn(r, v); err != nil {
		o.fail(w, r, http.StatusInternalServerError, err)
		return
	}
	if to == "" || to == "/" {
		to = otherwise
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

func (o *Office) logout(w http.ResponseWriter, r *http.Request) {
	if err := o.sessions.Destroy(r.Context()); err != nil {
		o.fail(w, r, http.StatusInternalServerError, err)
		return
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}
