package outside

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/motcua/motcua/qr"
	"github.com/motcua/motcua/signature/signaturetest"
)

// Invented images, as the authority hands them out with a token: the leader's signature in blue, the agency's seal in red.
//
//go:embed images/signature.png
var signatureImage []byte

//go:embed images/seal.png
var sealImage []byte

// Keys is what a certification authority and the keeper of the code trust list would give an agency, and the authority
// itself. They are made once and kept in the data directory, so that yesterday's results still verify after a restart.
type Keys struct {
	Leader, Seal  Identity
	LeaderImage   []byte // PNG
	SealImage     []byte
	Roots         []byte // PEM
	Codes         crypto.Signer
	Trust         []byte // the trust list with its root, as qr.ParseTrustFile reads it
	PseudonymKey  []byte
	CommandSecret []byte
	// Log is the secret of the journal's Merkle log, Witness that of the witness who cosigns its checkpoints.
	Log, Witness string

	// What a laptop lacks: the authority, and people outside the office who sign what they hand in.
	SignIn            *rsa.PrivateKey // signs the sign-in provider's tokens
	CA                *signaturetest.CA
	TSA               *signaturetest.TSA
	Citizen, Hospital Identity
}

// LoadKeys reads the keys of a data directory, and makes on the first start what is not there.
func LoadKeys(dir, agency string, now time.Time) (*Keys, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	for _, made := range []struct {
		last string // written last, so that its presence says that all is there
		make func() error
	}{
		{"ca.pem", func() error { return makeAuthority(dir, now) }},
		{"trust.json", func() error { return makeSecrets(dir, agency, now) }},
		{"signin.pem", func() error { return makeSignIn(dir) }},
		{"witness.key", func() error { return makeLogKeys(dir) }},
	} {
		if _, err := os.Stat(filepath.Join(dir, made.last)); errors.Is(err, fs.ErrNotExist) {
			if err := made.make(); err != nil {
				return nil, fmt.Errorf("outside: make keys: %w", err)
			}
		}
	}
	return readKeys(dir)
}

// makeSecrets makes the office's own secrets and the list of code keys.
func makeSecrets(dir, agency string, now time.Time) error {
	for _, name := range []string{"pseudonym.key", "command.key"} {
		secret := make([]byte, 32)
		_, _ = rand.Read(secret)
		if err := os.WriteFile(filepath.Join(dir, name), secret, 0o600); err != nil {
			return err
		}
	}
	return makeTrust(dir, agency, now)
}

func makeSignIn(dir string) error {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return err
	}
	return writeIdentity(filepath.Join(dir, "signin.pem"), key, nil)
}

// makeTrust lets a root sign a list in which the agency's code key may issue receipts and results of every procedure.
func makeTrust(dir, agency string, now time.Time) error {
	root, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	list, err := qr.SignTrustList(root, qr.TrustListDraft{Owner: "Danh sách tin cậy minh họa", Version: 1, Issued: now.AddDate(0, 0, -1),
		Until: now.AddDate(5, 0, 0), Keys: []qr.TrustedKey{{Public: key.Public(), Issuer: agency, IssuerName: SealName,
			Kinds: []qr.Kind{qr.KindReceipt, qr.KindResult}, Procedures: []string{qr.AllProcedures}, NotBefore: now.AddDate(0, 0, -1),
			NotAfter: now.AddDate(3, 0, 0)}}})
	if err != nil {
		return err
	}
	trust, err := qr.EncodeTrustFile(list, root.Public())
	if err != nil {
		return err
	}
	if err := writeIdentity(filepath.Join(dir, "codes.pem"), key, nil); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "trust.json"), trust, 0o600)
}

func readKeys(dir string) (*Keys, error) {
	k := &Keys{LeaderImage: signatureImage, SealImage: sealImage}
	var err error
	read := func(name string) []byte {
		data, readErr := os.ReadFile(filepath.Join(dir, name))
		err = errors.Join(err, readErr)
		return data
	}
	identity := func(name string) Identity {
		id, readErr := ReadIdentity(filepath.Join(dir, name))
		if readErr == nil && len(id.Chain) == 0 && name != "codes.pem" && name != "signin.pem" {
			readErr = errNoKey
		}
		err = errors.Join(err, readErr)
		return id
	}
	k.Leader, k.Seal = identity("leader.pem"), identity("seal.pem")
	k.Citizen, k.Hospital = identity("citizen.pem"), identity("hospital.pem")
	k.Codes = identity("codes.pem").Key
	k.SignIn, _ = identity("signin.pem").Key.(*rsa.PrivateKey)
	k.Roots, k.Trust = read("roots.pem"), read("trust.json")
	k.PseudonymKey, k.CommandSecret = read("pseudonym.key"), read("command.key")
	k.Log, k.Witness = string(read("log.key")), string(read("witness.key"))
	if err != nil {
		return nil, err
	}
	return k, k.readAuthority(dir)
}
