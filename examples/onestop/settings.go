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
	"github.com/motcua/motcua/signature"
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
	Witness  string           `json:"witness"` // file of the journal's witness, best on somebody else's disk
}

// signingSettings say who gives the time and with which keys the office signs. Which authority tells about a certificate
// stands in the certificate.
type signingSettings struct {
	Timestamps string         `json:"timestamps"` // address of a time-stamp authority (RFC 3161)
	Roots      string         `json:"roots"`      // file of the anchors that signatures are judged by, PEM or P7B
	Leader     signerSettings `json:"leader"`
	Seal       signerSettings `json:"seal"`
}

// signerSettings name the files of a signer: key (PKCS #8) and chain in one PEM file, and the PNG of his signature or seal.
type signerSettings struct {
	Identity string `json:"identity"`
	Image    string `json:"image"`
	OnBehalf string `json:"onBehalf"`
	Title    string `json:"title"`
	Name     string `json:"name"`
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
		Signing: signingSettings{Timestamps: outside.AuthorityURL + "/tsa",
			Leader: signerSettings{OnBehalf: "TM. ỦY BAN NHÂN DÂN", Title: "CHỦ TỊCH", Name: outside.LeaderName}},
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

// keys gives the office its signers and anchors: those of the files, else the demonstration's.
func (s signingSettings) keys(k *outside.Keys, cfg *office.Config) (err error) {
	if cfg.Leader, err = s.Leader.signer(k.Leader, k.LeaderImage); err != nil {
		return err
	}
	if cfg.Seal, err = s.Seal.signer(k.Seal, k.SealImage); err != nil {
		return err
	}
	roots := k.Roots
	if s.Roots != "" {
		if roots, err = os.ReadFile(s.Roots); err != nil {
			return err
		}
	}
	cfg.Anchors, err = signature.ParseTrustStore(roots)
	return err
}

func (s signerSettings) signer(id outside.Identity, image []byte) (_ office.Signer, err error) {
	if s.Identity != "" {
		if id, err = outside.ReadIdentity(s.Identity); err != nil {
			return office.Signer{}, err
		}
	}
	if s.Image != "" {
		if image, err = os.ReadFile(s.Image); err != nil {
			return office.Signer{}, err
		}
	}
	return office.Signer{Key: id.Key, Chain: id.Chain, OnBehalf: s.OnBehalf, Title: s.Title, Name: s.Name, Image: image}, nil
}
