// Command signin is a sign-in in one page: an OpenID Provider simulator, a relying party, sessions.
//
//	go run ./examples/signin            # then open http://127.0.0.1:8090
//
// A real provider is another profile (oidc.BuiltIn("vneid"), or a file) and the client it registered; nothing else changes.
package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"html"
	"log"
	"net/http"

	"github.com/motcua/motcua/identity"
	"github.com/motcua/motcua/identity/identitytest"
	"github.com/motcua/motcua/identity/oidc"
	"github.com/motcua/motcua/identity/oidc/session"
)

func main() {
	app, err := newApp("http://127.0.0.1:8090")
	if err != nil {
		log.Fatal(err)
	}
	log.Print("http://127.0.0.1:8090")
	log.Fatal(http.ListenAndServe("127.0.0.1:8090", app))
}

func newApp(base string) (http.Handler, error) {
	client := oidc.Client{ID: "signin", Secret: rand.Text(), RedirectURL: base + "/callback", PostLogoutURL: base + "/"}
	provider, err1 := identitytest.New(base+"/idp", []identitytest.Client{{ID: client.ID, Secret: client.Secret,
		Auth: "client_secret_post", RedirectURLs: []string{client.RedirectURL}, PostLogoutURLs: []string{base + "/"}}},
		identitytest.Config{})
	profile, err2 := oidc.BuiltIn("vnconnect")
	names, err3 := identity.NewPseudonymizer([]byte(rand.Text() + rand.Text())) // keep yours in a vault
	if err := errors.Join(err1, err2, err3); err != nil {
		return nil, err
	}
	profile.Issuer, profile.Discovery = provider.Issuer(), provider.DiscoveryURL()
	sessions := session.New(session.Config{InsecureHTTP: true}) // loopback only
	party, err := oidc.New(profile, client, names, sessions.SignIn,
		oidc.Config{EndSession: sessions.EndSession, End: sessions.End})
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/idp/", http.StripPrefix("/idp", provider))
	mux.HandleFunc("GET /login", party.Login)
	mux.Handle("GET /step-up", party.StepUp(identity.Level2, 0, sessions.Account))
	mux.HandleFunc("GET /callback", party.Callback)
	mux.HandleFunc("POST /logout", party.Logout)
	mux.HandleFunc("POST /back-channel", party.BackChannel)
	mux.Handle("GET /{$}", sessions.Require(identity.Level1, "/login", "/step-up")(page(sessions)))
	guard := http.NewCrossOriginProtection()
	guard.AddInsecureBypassPattern("POST /idp/") // the provider is another site, here under one roof
	guard.AddInsecureBypassPattern("POST /back-channel")
	return guard.Handler(sessions.Wrap(mux)), nil
}

func page(sessions *session.Manager) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s, _ := sessions.Current(r)
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, `<!doctype html><html lang="vi"><title>Đăng nhập</title><h1>Xin chào %s</h1><p>Mức độ %d, theo %s</p>`+
			`<form method="post" action="/logout"><button>Đăng xuất</button></form>`,
			html.EscapeString(s.Subject.Name.Reveal()), s.Subject.Assurance.Level, html.EscapeString(s.Subject.Assurance.Source))
	})
}
