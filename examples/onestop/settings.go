package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/motcua/motcua/examples/onestop/office"
	"github.com/motcua/motcua/examples/onestop/outside"
	"github.com/motcua/motcua/identity/oidc"
	"github.com/motcua/motcua/onceonly"
	"github.com/motcua/motcua/onceonly/auth"
	"github.com/motcua/motcua/onceonly/c06"
	"github.com/motcua/motcua/payment/paymenttest"
	"github.com/motcua/motcua/payment/vnpay"
	"github.com/motcua/motcua/signature/revocation"
	"github.com/motcua/motcua/signature/timestamp"
)

// settings say where the outside world is. What a file leaves out is a simulator: going from one to the other is
// configuration, never code.
type settings struct {
	Citizens signInSettings   `json:"citizens"`
	Staff    signInSettings   `json:"staff"`
	Register registerSettings `json:"register"`
	VNPAY    vnpaySettings    `json:"vnpay"`
	Signing  signingSettings  `json:"signing"`
}

// signingSettings say who gives the time. Which authority tells about a certificate stands in the certificate.
type signingSettings struct {
	Timestamps string `json:"timestamps"` // address of a time-stamp authority (RFC 3161)
}

type signInSettings struct {
	Profile      string `json:"profile"` // "vnconnect", "vneid", "officers"
	Issuer       string `json:"issuer"`
	Discovery    string `json:"discovery"`
	ClientID     string `json:"clientId"`
	ClientSecret string `json:"clientSecret"`
}

type registerSettings struct {
	Endpoint     string `json:"endpoint"`
	User         string `json:"user"`
	Secret       string `json:"secret"`
	Integration  string `json:"integration"`
	Officer      string `json:"officer"`
	Milliseconds bool   `json:"milliseconds"`
}

type vnpaySettings struct {
	Terminal string `json:"terminal"`
	Secret   string `json:"secret"`
	Pay      string `json:"pay"`
	API      string `json:"api"`
}

// loadSettings begins with the simulators and puts the file's sections in their place.
func loadSettings(path string, w *outside.World) (settings, error) {
	s := settings{
		Citizens: signInSettings{"vnconnect", w.SignIn.Issuer(), w.SignIn.DiscoveryURL(), outside.CitizenClient, outside.CitizenSecret},
		Staff:    signInSettings{"officers", w.SignIn.Issuer(), w.SignIn.DiscoveryURL(), outside.StaffClient, outside.StaffSecret},
		Register: registerSettings{w.RegisterURL, outside.RegisterUser, outside.RegisterSecret, outside.RegisterIntegration, "motcua-vidu", true},
		VNPAY:    vnpaySettings{outside.Terminal, outside.TerminalSecret, w.VNPAYURL + paymenttest.PayPath, w.VNPAYURL + paymenttest.APIPath},
		Signing:  signingSettings{outside.AuthorityURL + "/tsa"},
	}
	if path == "" {
		return s, nil
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return s, err
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&s); err != nil {
		return s, fmt.Errorf("%s: %w", path, err)
	}
	return s, nil
}

// connect makes the adapters to the outside world.
func (s settings) connect(base string, w *outside.World, now func() time.Time, cfg *office.Config) error {
	var err error
	if cfg.Citizens, err = s.Citizens.signIn(base+"/login/done", base+"/"); err != nil {
		return err
	}
	if cfg.Staff, err = s.Staff.signIn(base+"/staff/done", base+"/"); err != nil {
		return err
	}
	register, err := s.Register.source(now)
	if err != nil {
		return err
	}
	cfg.Registers = []onceonly.Source{register}
	secret, err := vnpay.ParseSecret(s.VNPAY.Secret)
	if err != nil {
		return err
	}
	cfg.Gateway, err = vnpay.New(vnpay.Terminal{Code: s.VNPAY.Terminal, Secret: secret, Pay: s.VNPAY.Pay, API: s.VNPAY.API,
		Return: base + "/payment/return"}, vnpay.Config{Now: now})
	if err != nil {
		return err
	}
	return s.Signing.connect(w, now, cfg)
}

// authorityTime is how long somebody at a page waits for one answer of an authority.
const authorityTime = 4 * time.Second

func (s signingSettings) connect(w *outside.World, now func() time.Time, cfg *office.Config) error {
	client, err := w.Client(authorityTime)
	if err != nil {
		return err
	}
	cfg.Revocation = revocation.New(revocation.Config{HTTP: client, Timeout: authorityTime, Now: now})
	cfg.Timestamps, err = timestamp.New(s.Timestamps, timestamp.Config{HTTP: client, Timeout: authorityTime, Attempts: 2,
		Pause: 200 * time.Millisecond})
	return err
}

func (s signInSettings) signIn(redirect, home string) (office.SignIn, error) {
	profile, err := oidc.BuiltIn(s.Profile)
	if err != nil {
		return office.SignIn{}, err
	}
	if s.Issuer != "" {
		profile.Issuer = s.Issuer
	}
	if s.Discovery != "" {
		profile.Discovery, profile.Endpoints = s.Discovery, oidc.Endpoints{}
	}
	return office.SignIn{Profile: profile, Client: oidc.Client{ID: s.ClientID, Secret: s.ClientSecret, RedirectURL: redirect, PostLogoutURL: home}}, nil
}

func (s registerSettings) source(now func() time.Time) (*c06.Source, error) {
	unit := auth.Seconds
	if s.Milliseconds {
		unit = auth.Milliseconds
	}
	login, err := auth.NewTimestamped(s.User, s.Secret, unit, auth.Config{Now: now})
	if err != nil {
		return nil, err
	}
	return c06.New(s.Endpoint, c06.SeenDialect(s.Integration), login, c06.Config{Officer: s.Officer, Unit: agencyID, Via: "ndxp", Now: now})
}
