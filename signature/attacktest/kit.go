package attacktest

import (
	"bytes"
	"crypto/x509"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/motcua/motcua/signature"
	"github.com/motcua/motcua/signature/pades"
	"github.com/motcua/motcua/signature/signaturetest"
)

// SignFunc signs a document. certify is 0 for an approval signature, or what a certifying one permits afterwards (DocMDP):
// 1 nothing, 2 forms and signatures, 3 annotations too.
type SignFunc func(document []byte, by *signaturetest.Identity, certify int) ([]byte, error)

// Config shapes a kit. The zero value is usable.
type Config struct {
	// Sign is the signing software of the victim; default signature/pades, with 8 KiB of room.
	Sign SignFunc
	// At is when everything happens; default 2026-11-21, 10 o'clock in Hà Nội.
	At time.Time
	// Text is what the attacker wants to show, in ASCII; default "PAY 9,999,999,999".
	Text string
}

// Kit is a victim with a certificate of a test authority, and an attacker who has an authority of his own.
type Kit struct {
	cfg            Config
	ca, evil       *signaturetest.CA
	victim, dead   *signaturetest.Identity // dead's certificate is revoked
	expired        *signaturetest.Identity
	attacker, twin *signaturetest.Identity // twin has the victim's name, from an authority of the same name
	lists          [][]byte
}

// Attack is one forged file.
type Attack struct {
	// Family is "incremental saving", "signature wrapping", "universal forgery", "shadow", "certification", "trust", "time",
	// "revocation" or "resources".
	Family string
	Name   string
	// File is the forged file; nil when the document gave no room for the attack, as Skipped then says.
	File    []byte
	Skipped string
	// Want is the least severe verdict of EN 319 102-1 that is right; never [signature.TotalPassed].
	Want signature.Indication
}

// New makes a victim and an attacker.
func New(cfg Config) (*Kit, error) {
	if cfg.Sign == nil {
		cfg.Sign = signWithPades
	}
	if cfg.At.IsZero() {
		cfg.At = time.Date(2026, time.November, 21, 10, 0, 0, 0, time.FixedZone("", 7*3600))
	}
	if cfg.Text == "" {
		cfg.Text = "PAY 9,999,999,999"
	}
	k := &Kit{cfg: cfg}
	var all []error
	authority := func() *signaturetest.CA {
		ca, err := signaturetest.NewCA(cfg.At, signaturetest.CAConfig{})
		all = append(all, err)
		return ca
	}
	k.ca, k.evil = authority(), authority() // of one name
	if err := errors.Join(all...); err != nil {
		return nil, err
	}
	issue := func(ca *signaturetest.CA, s signaturetest.Subject) *signaturetest.Identity {
		id, err := ca.Issue(cfg.At, s)
		all = append(all, err)
		return id
	}
	const name = "Nguyễn Trọng Nghĩa"
	k.victim = issue(k.ca, signaturetest.Subject{CommonName: name})
	k.dead = issue(k.ca, signaturetest.Subject{CommonName: "Trần Thị Mỹ Vĩnh"})
	k.expired = issue(k.ca, signaturetest.Subject{CommonName: "Lê Văn Cũ",
		NotBefore: cfg.At.AddDate(-2, 0, 0), NotAfter: cfg.At.AddDate(-1, 0, 0)})
	k.attacker = issue(k.evil, signaturetest.Subject{CommonName: "Kẻ tấn công"})
	k.twin = issue(k.evil, signaturetest.Subject{CommonName: name})
	if err := errors.Join(all...); err != nil {
		return nil, err
	}
	k.ca.Revoke(k.dead.Certificate, signaturetest.Revocation{At: cfg.At.AddDate(0, 0, -1), Reason: 1})
	for _, root := range []bool{false, true} {
		der, _, err := k.ca.List(cfg.At, signaturetest.ListConfig{Root: root})
		if err != nil {
			return nil, err
		}
		k.lists = append(k.lists, der)
	}
	return k, nil
}

// Root is the only anchor a verifier is to trust.
func (k *Kit) Root() *x509.Certificate { return k.ca.Root }

// At is the time of judgement.
func (k *Kit) At() time.Time { return k.cfg.At }

// CRLs are the genuine lists of revoked certificates, in DER: what the authorities would answer.
func (k *Kit) CRLs() [][]byte { return k.lists }

// Genuine is the document as the victim signed it. It has to pass, or a verifier that refuses everything would do.
func (k *Kit) Genuine(document []byte) ([]byte, error) { return k.cfg.Sign(document, k.victim, 0) }

func signWithPades(document []byte, by *signaturetest.Identity, certify int) ([]byte, error) {
	var out bytes.Buffer
	at := by.Certificate.NotBefore.Add(time.Hour)
	err := pades.Sign(bytes.NewReader(document), int64(len(document)), &out, by.Signer, by.Chain,
		pades.Config{At: at, Room: 8192, Certify: pades.Certification(certify)})
	return out.Bytes(), err
}

// Attacks makes every attack from one document. The errors are those of the signing software, and of a document that
// cannot be read.
func (k *Kit) Attacks(document []byte) ([]Attack, error) {
	b := &builder{kit: k, document: document}
	for _, family := range []func(*builder){incremental, wrapping, forgeries, shadows, certified, trust, times, revocations,
		resources} {
		if family(b); b.err != nil {
			return nil, b.err
		}
	}
	return b.out, nil
}

// builder collects attacks.
type builder struct {
	kit      *Kit
	document []byte
	family   string
	out      []Attack
	err      error
}

// sign has a document signed. After an error it returns nil, which no attack works on.
func (b *builder) sign(document []byte, by *signaturetest.Identity, certify int) []byte {
	if b.err != nil || document == nil {
		return nil
	}
	signed, err := b.kit.cfg.Sign(document, by, certify)
	if err != nil {
		b.err = fmt.Errorf("attacktest: signing for an attack: %w", err)
	}
	return signed
}

// add records an attack, or that the document has no room for it.
func (b *builder) add(name string, want signature.Indication, file []byte, err error) {
	a := Attack{Family: b.family, Name: name, File: file, Want: want}
	switch {
	case b.err != nil:
		return
	case errors.Is(err, signaturetest.ErrTarget):
		a.File, a.Skipped = nil, err.Error()
	case err != nil:
		b.err = fmt.Errorf("attacktest: %s, %s: %w", b.family, name, err)
		return
	}
	b.out = append(b.out, a)
}

// Run holds a verifier to the attacks on one document: passes reports whether it accepts a file as validly signed, trusting
// [Kit.Root] and nothing else, as at [Kit.At], with [Kit.CRLs] at hand.
func Run(t *testing.T, k *Kit, document []byte, passes func(file []byte) bool) {
	t.Helper()
	genuine, err := k.Genuine(document)
	if err != nil {
		t.Fatal(err)
	}
	if !passes(genuine) {
		t.Fatal("the genuine document does not pass: the attacks would say nothing")
	}
	attacks, err := k.Attacks(document)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range attacks {
		t.Run(a.Family+"/"+a.Name, func(t *testing.T) {
			if a.File == nil {
				t.Skip(a.Skipped)
			}
			if passes(a.File) {
				t.Error("the forged file passes")
			}
		})
	}
}
