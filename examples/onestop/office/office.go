// Package office is the application of the example: citizen pages, officer pages and the public check, wired from the
// packages of the house. It is written the way a vendor would write his own: it imports nothing internal, and where it
// decides something, it decides through dossier, payment, signature, qr and onceonly.
package office

import (
	"context"
	"io/fs"
	"log/slog"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/alexedwards/scs/v2/memstore"

	"github.com/motcua/motcua/dossier"
	"github.com/motcua/motcua/dossier/calendar"
	"github.com/motcua/motcua/dossier/rules"
	"github.com/motcua/motcua/examples/onestop/vault"
	"github.com/motcua/motcua/identity"
	"github.com/motcua/motcua/identity/oidc"
	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/onceonly"
	"github.com/motcua/motcua/payment"
	"github.com/motcua/motcua/qr"
	"github.com/motcua/motcua/signature"
	"github.com/motcua/motcua/signature/pades"
)

// Gateway is a payment gateway with everything this office uses of one.
type Gateway interface {
	payment.Gateway
	payment.Listener
	payment.Returner
	payment.Querier
}

// SignIn is a provider and what it knows us as.
type SignIn struct {
	Profile oidc.Profile
	Client  oidc.Client
}

// Agency is the body whose office this is.
type Agency struct {
	ID       dossier.AgencyID
	Superior string // cơ quan chủ quản: "UBND thành phố Hà Nội"
	Name     string // "UBND phường Ví Dụ"
	OneStop  string // "Bộ phận Tiếp nhận và Trả kết quả"
	Place    string // where documents are dated
	Hotline  string
}

// Config is what an office needs. Everything in it is required but Log.
type Config struct {
	URL        string // where browsers and gateways reach this office
	Now        func() time.Time
	Agency     Agency
	Journal    journal.Journal
	Files      *vault.Vault
	Procedures fs.FS
	// Pseudonyms is the secret under which people become pseudonyms.
	Pseudonyms *identity.Pseudonymizer
	Citizens   SignIn
	Staff      SignIn
	Registers  []onceonly.Source
	Gateway    Gateway
	// Leader approves results and Seal is the agency's.
	Leader, Seal Signer
	// Timestamps gives results their time; Revocation tells which certificates have been revoked.
	Timestamps pades.Timestamper
	Revocation signature.Source
	// Anchors are what signatures are judged by; Codes what QR codes are.
	Anchors *signature.TrustStore
	Codes   *qr.TrustList
	Issuer  *qr.Issuer
	// CommandSecret keys the digests of commands, see dossier.Config.Secret.
	CommandSecret []byte
	// Ledger proves what the journal holds.
	Ledger Ledger
	// Eraser destroys what can be read about a person.
	Eraser Eraser
	Log    *slog.Logger
}

// Office is the running application.
type Office struct {
	cfg      Config
	log      *slog.Logger
	now      func() time.Time
	pages    *renderer
	sessions *scs.SessionManager
	store    *memstore.MemStore
	journal  journal.Journal
	catalog  *dossier.Catalogue
	results  map[string]resultPlan
	grounds  []ground
	desk     *dossier.Desk
	rules    *rules.Book
	calendar *calendar.Calendar
	broker   *onceonly.Broker
	till     *payment.Till
	judge    *signature.Verifier
	codes    *qr.Verifier
	citizens *oidc.RelyingParty
	staff    *oidc.RelyingParty
}

// New wires an office. It starts one goroutine, which forgets old sessions and ends with Close.
func New(ctx context.Context, cfg Config) (*Office, error) {
	store := memstore.NewWithCleanupInterval(10 * time.Minute)
	o := &Office{cfg: cfg, log: cfg.Log, now: cfg.Now, journal: cfg.Journal, sessions: newSessions(store, isSecure(cfg.URL)), store: store}
	if o.log == nil {
		o.log = slog.New(slog.DiscardHandler)
	}
	var err error
	if o.pages, err = newRenderer(); err != nil {
		return nil, err
	}
	if o.results, err = readResults(); err != nil {
		return nil, err
	}
	if o.grounds, err = readGrounds(); err != nil {
		return nil, err
	}
	for _, step := range []func(context.Context) error{o.openTill, o.openJudges, o.openDesk, o.openBroker, o.openDoors} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	return o, nil
}

// Close ends the session store's goroutine. The journal and the files belong to the caller.
func (o *Office) Close() { o.store.StopCleanup() }

// Handler returns the office's pages behind session, origin and header protection.
func (o *Office) Handler() http.Handler {
	mux := http.NewServeMux()
	o.routes(mux)
	origin := http.NewCrossOriginProtection()
	origin.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		o.fail(w, r, http.StatusForbidden, failure("error.origin"))
	}))
	pages := o.sessions.LoadAndSave(origin.Handler(mux))
	outer := http.NewServeMux()
	outer.Handle("/assets/", assets())
	outer.Handle("/payment/ipn", o.till.HandleIPN(o.cfg.Gateway)) // a machine calls: no session, no origin
	outer.Handle("/", pages)
	return secure(outer)
}

func (o *Office) routes(mux *http.ServeMux) {
	mux.HandleFunc("GET /{$}", o.home)
	mux.HandleFunc("POST /language", o.language)
	mux.HandleFunc("GET /procedures/{code}", o.procedure)
	mux.HandleFunc("POST /procedures/{code}/start", o.citizenOnly(o.start))

	mux.HandleFunc("GET /login", o.citizens.Login)
	mux.HandleFunc("GET /login/done", o.citizens.Callback)
	mux.HandleFunc("GET /staff", o.staff.Login)
	mux.HandleFunc("GET /staff/done", o.staff.Callback)
	mux.HandleFunc("POST /logout", o.logout)

	mux.HandleFunc("GET /drafts/{id}/form", o.citizenOnly(o.withDraft(o.formPage)))
	mux.HandleFunc("POST /drafts/{id}/form", o.citizenOnly(o.withDraft(o.formSave)))
	mux.HandleFunc("GET /drafts/{id}/papers", o.citizenOnly(o.withDraft(o.papersPage)))
	mux.HandleFunc("POST /drafts/{id}/papers", o.citizenOnly(o.withDraft(o.paperSave)))
	mux.HandleFunc("POST /drafts/{id}/papers/done", o.citizenOnly(o.withDraft(o.papersDone)))
	mux.HandleFunc("GET /drafts/{id}/check", o.citizenOnly(o.withDraft(o.checkPage)))
	mux.HandleFunc("POST /drafts/{id}/submit", o.citizenOnly(o.submit))

	mux.HandleFunc("GET /dossiers", o.citizenOnly(o.dossiersPage))
	mux.HandleFunc("GET /dossiers/{id}", o.citizenOnly(o.dossierPage))
	mux.HandleFunc("POST /dossiers/{id}/pay", o.citizenOnly(o.pay))
	mux.HandleFunc("POST /dossiers/{id}/supplement", o.citizenOnly(o.supplement))
	mux.HandleFunc("POST /dossiers/{id}/withdraw", o.citizenOnly(o.withdraw))
	mux.HandleFunc("GET /dossiers/{id}/files/{name}", o.citizenOnly(o.citizenFile))
	mux.HandleFunc("GET /dossiers/{id}/proof", o.citizenOnly(o.dossierProof))
	mux.HandleFunc("GET /payment/return", o.citizenOnly(o.paymentReturn))
	mux.HandleFunc("GET /usage", o.citizenOnly(o.usagePage))

	mux.HandleFunc("GET /office", o.officerOnly(o.workList))
	mux.HandleFunc("GET /office/{id}", o.officerOnly(o.officePage))
	mux.HandleFunc("POST /office/{id}", o.officerOnly(o.act))
	mux.HandleFunc("GET /office/{id}/files/{name}", o.officerOnly(o.officerFile))

	mux.HandleFunc("GET /admin/erasure", o.administratorOnly(o.erasurePage))
	mux.HandleFunc("POST /admin/erasure", o.administratorOnly(o.erase))

	mux.HandleFunc("GET /verify", o.verifyPage)
	mux.HandleFunc("POST /verify", o.verify)
	mux.HandleFunc("GET /proof", o.proofPage)
	mux.HandleFunc("GET /proof/checkpoint", o.checkpoint)
	mux.HandleFunc("/", o.unknown(mux))
}
