package chip_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/motcua/motcua/identity/chip"
	"github.com/motcua/motcua/identity/identitytest"
)

var (
	signed = time.Date(2024, 2, 15, 3, 0, 0, 0, time.UTC)
	today  = time.Date(2026, 11, 21, 2, 0, 0, 0, time.UTC)
)

func must[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// office is one invented country: its authority, a document signer and a fresh revocation list.
type office struct {
	authority *identitytest.CardAuthority
	signer    *identitytest.CardSigner
	anchor    []*chip.Certificate
	crl       []byte
}

func newOffice(t testing.TB, cfg identitytest.CardAuthorityConfig, signer identitytest.CardSignerConfig) office {
	t.Helper()
	var o office
	o.authority = must[*identitytest.CardAuthority](t)(identitytest.NewCardAuthority(cfg))
	o.signer = must[*identitytest.CardSigner](t)(o.authority.Signer(signer))
	o.anchor = must[[]*chip.Certificate](t)(chip.ParseCertificates(o.authority.Certificate()))
	o.crl = must[[]byte](t)(o.authority.CRL(today.AddDate(0, 0, -1), today.AddDate(0, 0, 30)))
	return o
}

var vietnam = sync.OnceValue(func() office {
	return newOffice(new(testing.T), identitytest.CardAuthorityConfig{}, identitytest.CardSignerConfig{})
})

var (
	officesMu sync.Mutex
	offices   = make(map[identitytest.CardAlgorithm]office)
)

// officeOf keeps one office for each algorithm, for RSA keys take long to make.
func officeOf(t testing.TB, a identitytest.CardAlgorithm) office {
	t.Helper()
	officesMu.Lock()
	defer officesMu.Unlock()
	o, ok := offices[a]
	if !ok {
		o = newOffice(t, identitytest.CardAuthorityConfig{Algorithm: a}, identitytest.CardSignerConfig{})
		offices[a] = o
	}
	return o
}

func (o office) verifier(t testing.TB, policy chip.Policy) *chip.Verifier {
	t.Helper()
	return verifierOf(t, chip.Anchors{Cards: o.anchor, Passports: o.anchor, CRLs: [][]byte{o.crl}}, policy)
}

func verifierOf(t testing.TB, anchors chip.Anchors, policy chip.Policy) *chip.Verifier {
	t.Helper()
	trust := must[*chip.Trust](t)(chip.NewTrust(anchors))
	return must[*chip.Verifier](t)(chip.NewVerifier(trust, policy))
}

func (o office) chip(t testing.TB, cfg identitytest.CardConfig) *identitytest.CardChip {
	t.Helper()
	return personalise(t, o.signer, cfg)
}

func personalise(t testing.TB, signer *identitytest.CardSigner, cfg identitytest.CardConfig) *identitytest.CardChip {
	t.Helper()
	return must[*identitytest.CardChip](t)(signer.Personalise(identitytest.Specimens()[0], cfg))
}

func read(t testing.TB, c *identitytest.CardChip) chip.Files {
	t.Helper()
	return must[chip.Files](t)(chip.NewFiles(c.Files))
}

// codes lists what did not simply pass, without what nobody recorded, "hash.differs DG1" and the like.
func codes(r *chip.Report) string {
	var list []string
	for _, s := range r.Reasons() {
		code := strings.TrimPrefix(s.Code(), "chip.")
		if s.Reason == "not-recorded" || s.Reason == "not-reached" {
			continue
		}
		if s.File != 0 {
			code += " " + s.File.String()
		}
		list = append(list, code)
	}
	return strings.Join(list, ", ")
}

// expect holds verdict and reasons, and that a document comes with Accepted only.
func expect(t *testing.T, r *chip.Report, verdict chip.Verdict, want string) {
	t.Helper()
	if got := codes(r); r.Verdict != verdict || got != want {
		t.Errorf("%s: %q; want %s: %q", r.Verdict, got, verdict, want)
	}
	doc, ok := r.Document()
	if ok != (verdict == chip.Accepted) || ok == (doc.Zone.Person.IsZero()) {
		t.Errorf("%s and the document is handed out: %v", r.Verdict, ok)
	}
	for _, s := range r.Steps {
		vi, en := s.Text("vi"), s.Text("en")
		if strings.Contains(en, "no description") || vi == en || vi == "" {
			t.Errorf("%s has no texts", s.Code())
		}
	}
}

func names(a identitytest.CardAlgorithm) string { return strings.ReplaceAll(a.String(), " ", "-") }
