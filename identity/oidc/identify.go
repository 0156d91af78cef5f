package oidc

import (
	"slices"
	"strings"
	"time"

	"github.com/motcua/motcua/identity"
)

// OfficerClaims are what an agency's own provider says of its staff (cán bộ, công chức).
type OfficerClaims struct {
	ID    string // staff number or account
	Unit  string
	Roles []string
}

// identityClaims are the claims an identity is read from.
func (p Profile) identityClaims() []string {
	c := p.Claims
	names := []string{
		p.Kind.Claim, c.Person, c.Name, c.BirthDate, c.Sex, c.Tax, c.Org, c.OrgName, c.IDP, c.Officer, c.Unit, c.Roles,
	}
	names = append(names, p.Level.Claims...)
	return slices.DeleteFunc(names, func(name string) bool { return name == "" })
}

// mergeClaims adds userinfo to the id_token. Where both speak of one identity claim they must say the same.
func mergeClaims(id, info Claims, names []string) (Claims, error) {
	for _, name := range names {
		first, have := id.Reveal(name)
		second, more := info.Reveal(name)
		if have && more && first != second {
			return Claims{}, refuse(ErrClaims, "conflict")
		}
	}
	merged := map[string]any{}
	for name, value := range info.set() {
		merged[name] = value
	}
	for name, value := range id.set() {
		if _, have := id.Reveal(name); have || merged[name] == nil {
			merged[name] = value
		}
	}
	return newClaims(merged), nil
}

// identify reads the subject out of the claims by the profile's map.
func (rp *RelyingParty) identify(claims Claims, id IDToken, now time.Time) (identity.Subject, OfficerClaims, error) {
	subject, err := rp.profile.readSubject(claims)
	if err != nil {
		return identity.Subject{}, OfficerClaims{}, err
	}
	subject.Assurance = rp.profile.assurance(claims, id)
	if subject, err = subject.Corroborate(now, statementOf(subject, now)); err != nil {
		return identity.Subject{}, OfficerClaims{}, &Error{Kind: ErrClaims, Rule: "inconsistent", Err: err}
	}
	rp.nameSubject(&subject, claims.text("sub"))
	if err := rp.checkSubject(subject, now); err != nil {
		return identity.Subject{}, OfficerClaims{}, err
	}
	roles, ok := []string(nil), true
	if rp.profile.Claims.Roles != "" {
		roles, ok = claims.list(rp.profile.Claims.Roles)
	}
	officer := OfficerClaims{claims.text(rp.profile.Claims.Officer), claims.text(rp.profile.Claims.Unit), roles}
	if !ok || subject.Kind == identity.Officer && rp.profile.Claims.Officer != "" && officer.ID == "" {
		return identity.Subject{}, OfficerClaims{}, refuse(ErrClaims, "officer")
	}
	return subject, officer, nil
}

// statementOf is what the provider says of the person, as of the login.
func statementOf(s identity.Subject, now time.Time) identity.Statement {
	return identity.Statement{
		Origin: identity.Origin{
			Source: identity.FromLogin, Trust: identity.Attested, By: s.Assurance.Issuer, At: now, Level: s.Assurance.Level,
		},
		Person: s.Person, Name: s.Name, BirthDate: s.BirthDate, Sex: s.Sex,
	}
}

func (rp *RelyingParty) checkSubject(subject identity.Subject, now time.Time) error {
	if subject.Kind == identity.KindUnknown {
		if rp.cfg.AcceptUnknownKind {
			subject.Kind = identity.Foreigner // the kind that demands no number; the rest is still held together
		} else {
			return refuse(ErrClaims, "kind-unknown")
		}
	}
	if err := subject.Check(now); err != nil {
		return &Error{Kind: ErrClaims, Rule: "inconsistent", Err: err}
	}
	return nil
}

// nameSubject gives the pseudonym, and makes plain who acts when an organisation's account is used: the account itself
// is the ground, for Decree 69/2024/NĐ-CP gives it to the legal representative or a person he authorised.
func (rp *RelyingParty) nameSubject(subject *identity.Subject, sub string) {
	acting := rp.names.Person(subject.Person)
	if acting.IsZero() || subject.Kind == identity.Officer {
		acting = rp.names.Account(rp.profile.Issuer, sub)
	}
	subject.Pseudonym = acting
	if subject.Kind == identity.Organisation && !subject.Org.IsZero() {
		subject.Pseudonym = rp.names.Org(subject.Org)
		subject.Representation = &identity.Representation{
			Acting: acting, For: subject.Pseudonym,
			Basis: identity.OrganisationAccount, Evidence: rp.profile.Name,
		}
	}
}

// reader collects the first error of a series of fields.
type reader struct{ err error }

func parse[T any](r *reader, text string, parser func(string) (T, error)) T {
	var none T
	if text == "" || r.err != nil {
		return none
	}
	value, err := parser(text)
	if err != nil {
		r.err = &Error{Kind: ErrClaims, Rule: "malformed", Err: err}
		return none
	}
	return value
}

func (p Profile) readSubject(claims Claims) (identity.Subject, error) {
	var r reader
	m := p.Claims
	kind := kindOf(p.Kind.Fixed)
	if p.Kind.Claim != "" {
		kind = kindOf(p.Kind.Values[claims.text(p.Kind.Claim)])
	}
	subject := identity.Subject{
		Kind:      kind,
		Person:    parse(&r, claims.text(m.Person), identity.ParsePersonID),
		Name:      parse(&r, claims.text(m.Name), identity.ParseName),
		BirthDate: parse(&r, claims.text(m.BirthDate), identity.ParseBirthDate),
		Sex:       identity.ParseSex(m.SexValues[claims.text(m.Sex)]),
		Tax:       parse(&r, claims.text(m.Tax), identity.ParseTaxCode),
		Org:       parse(&r, claims.text(m.Org), identity.ParseOrgID),
		OrgName:   parse(&r, claims.text(m.OrgName), identity.ParseOrgName),
	}
	if subject.Sex == identity.SexUnknown {
		subject.Sex = subject.Person.Sex() // the number tells it as well
	}
	return subject, r.err
}

// assurance reads the level: the lowest of the statements present, unknown if one of them is not understood.
func (p Profile) assurance(claims Claims, id IDToken) identity.Assurance {
	a := identity.Assurance{Issuer: p.Issuer, IDP: claims.text(p.Claims.IDP), At: id.AuthTime}
	var sources []string
	for _, name := range p.Level.Claims {
		text := claims.text(name)
		if text == "" {
			continue
		}
		level := p.Level.Values[text]
		if len(sources) == 0 || level < a.Level {
			a.Level = level
		}
		if level == identity.LevelUnknown {
			text = "?" // what is not understood is not repeated either
		}
		sources = append(sources, name+"="+text)
	}
	a.Source = strings.Join(sources, " ")
	return a
}
