// Package outside is the world around the office, as far as a laptop lacks it: the national sign-in, the agency's own
// sign-in for staff, the population register, a payment gateway and a certification authority with time stamps. Each speaks its real
// protocol over HTTP on loopback and verifies what it receives. Pointing a setting at the real one takes its place.
package outside

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/motcua/motcua/identity/identitytest"
	"github.com/motcua/motcua/onceonly/onceonlytest"
	"github.com/motcua/motcua/payment/paymenttest"
	"github.com/motcua/motcua/signature/signaturetest"
)

// Secrets the simulators share with the office. They open nothing but the simulators.
const (
	CitizenClient, CitizenSecret = "mot-cua", "demo-citizen-secret"
	StaffClient, StaffSecret     = "mot-cua-can-bo", "demo-staff-secret"
	RegisterUser, RegisterSecret = "motcua", "demo-register-secret"
	RegisterIntegration          = "037"
	Terminal, TerminalSecret     = "MOTCUA01", "demo-terminal-secret-0123456789"
)

// World is the running simulators.
type World struct {
	SignIn   *identitytest.Provider
	Register *onceonlytest.Register
	VNPAY    *paymenttest.VNPAY
	// Authority stamps times and tells which certificates are revoked. It is reached through Client.
	Authority *signaturetest.Server
	// Addresses, without a slash at the end.
	SignInURL, RegisterURL, VNPAYURL string

	servers []*http.Server
}

// Start opens the simulators on loopback ports of their own. office is where browsers and the gateway reach the office.
func Start(office string, keys *Keys, now func() time.Time) (*World, error) {
	w := &World{}
	if err := w.startAuthority(keys, now); err != nil {
		return nil, err
	}
	signIn, err := w.listen()
	if err != nil {
		return nil, errors.Join(err, w.Close())
	}
	register, err := w.listen()
	if err != nil {
		return nil, errors.Join(err, w.Close())
	}
	vnpay, err := w.listen()
	if err != nil {
		return nil, errors.Join(err, w.Close())
	}
	w.SignInURL, w.RegisterURL, w.VNPAYURL = "http://"+signIn.Addr().String(), "http://"+register.Addr().String()+"/dancu", "http://"+vnpay.Addr().String()
	if err := w.build(office, keys, now); err != nil {
		return nil, errors.Join(err, w.Close())
	}
	w.serve(signIn, w.SignIn)
	w.serve(register, w.Register)
	w.serve(vnpay, w.VNPAY)
	return w, nil
}

func (w *World) build(office string, keys *Keys, now func() time.Time) (err error) {
	w.SignIn, err = identitytest.New(w.SignInURL, []identitytest.Client{
		{ID: CitizenClient, Secret: CitizenSecret, Auth: "client_secret_post", RedirectURLs: []string{office + "/login/done"},
			PostLogoutURLs: []string{office + "/"}},
		{ID: StaffClient, Secret: StaffSecret, Auth: "client_secret_basic", RedirectURLs: []string{office + "/staff/done"},
			PostLogoutURLs: []string{office + "/"}, Officers: true},
	}, identitytest.Config{Now: now, Key: keys.SignIn,
		Personas: append(append(identitytest.Personas(), identitytest.Officers("mot-cua")...), administrator())})
	if err != nil {
		return err
	}
	w.Register, err = onceonlytest.NewRegister(onceonlytest.Settings{User: RegisterUser, Secret: RegisterSecret,
		Unit: onceonlytest.Milliseconds, Birth: onceonlytest.BirthNested, Integration: RegisterIntegration, Now: now})
	if err != nil {
		return err
	}
	w.VNPAY, err = paymenttest.NewVNPAY(Terminal, TerminalSecret, paymenttest.VNPAYConfig{IPN: office + "/payment/ipn", Now: now})
	return err
}

// administrator runs the office's system and takes no part in dossiers.
func administrator() identitytest.Persona {
	return identitytest.Persona{ID: "quantri", Label: "Trịnh Quốc Bảo (quản trị hệ thống)", ACR: "LoA2", Officer: true,
		Claims: map[string]any{"name": "Trịnh Quốc Bảo", "officer_id": "cb-quantri", "unit": "mot-cua", "roles": []any{"administrator"}}}
}

func (w *World) listen() (net.Listener, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("outside: %w", err)
	}
	w.servers = append(w.servers, &http.Server{ReadHeaderTimeout: 10 * time.Second})
	return l, nil
}

func (w *World) serve(l net.Listener, h http.Handler) {
	for _, s := range w.servers {
		if s.Handler == nil {
			s.Handler = h
			go func() { _ = s.Serve(l) }()
			return
		}
	}
}

// Close ends the simulators.
func (w *World) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	all := w.Authority.Close()
	for _, s := range w.servers {
		all = errors.Join(all, s.Shutdown(ctx))
	}
	return all
}
