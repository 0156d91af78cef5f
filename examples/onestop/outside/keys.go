package outside

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/motcua/motcua/qr"
	"github.com/motcua/motcua/signature/signaturetest"
)

// Keys is what a certification authority and the keeper of the code trust list would give an agency. They are made once
// and kept in the data directory, so that yesterday's results still verify after a restart.
type Keys struct {
	Leader, Seal  crypto.Signer
	LeaderChain   []*x509.Certificate
	SealChain     []*x509.Certificate
	Roots         []byte // PEM
	Codes         crypto.Signer
	Trust         []byte // the trust list with its root, as qr.ParseTrustFile reads it
	PseudonymKey  []byte
	CommandSecret []byte
}

// Who the demonstration certificates are issued to.
const (
	LeaderName = "Đỗ Thị Bích Ngọc"
	SealName   = "Ủy ban nhân dân phường Ví Dụ"
)

// LoadKeys reads the keys of a data directory, and makes them on the first start.
func LoadKeys(dir, agency string, now time.Time) (*Keys, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	if _, err := os.Stat(filepath.Join(dir, "trust.json")); errors.Is(err, fs.ErrNotExist) {
		if err := makeKeys(dir, agency, now); err != nil {
			return nil, fmt.Errorf("outside: make keys: %w", err)
		}
	}
	return readKeys(dir)
}

func makeKeys(dir, agency string, now time.Time) error {
	ca, err := signaturetest.NewCA(now, signaturetest.CAConfig{Name: "motcua"})
	if err != nil {
		return err
	}
	for _, who := range []struct {
		file    string
		subject signaturetest.Subject
	}{
		{"leader.pem", signaturetest.Subject{CommonName: LeaderName, Organization: SealName, Title: "Chủ tịch", NotAfter: now.AddDate(3, 0, 0)}},
		{"seal.pem", signaturetest.Subject{CommonName: SealName, Organization: SealName, Key: signaturetest.RSA2048, NotAfter: now.AddDate(3, 0, 0)}},
	} {
		id, err := ca.Issue(now, who.subject)
		if err != nil {
			return err
		}
		if err := writeIdentity(filepath.Join(dir, who.file), id.Signer, id.Chain); err != nil {
			return err
		}
	}
	roots := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.Root.Raw})
	if err := os.WriteFile(filepath.Join(dir, "roots.pem"), roots, 0o600); err != nil {
		return err
	}
	for _, name := range []string{"pseudonym.key", "command.key"} {
		secret := make([]byte, 32)
		_, _ = rand.Read(secret)
		if err := os.WriteFile(filepath.Join(dir, name), secret, 0o600); err != nil {
			return err
		}
	}
	return makeTrust(dir, agency, now)
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

func writeIdentity(path string, key crypto.Signer, chain []*x509.Certificate) error {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := pem.Encode(&b, &pem.Block{Type: "PRIVATE KEY", Bytes: der}); err != nil {
		return err
	}
	for _, cert := range chain {
		if err := pem.Encode(&b, &pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw}); err != nil {
			return err
		}
	}
	return os.WriteFile(path, b.Bytes(), 0o600)
}

func readKeys(dir string) (*Keys, error) {
	k := &Keys{}
	var err error
	read := func(name string) []byte {
		data, readErr := os.ReadFile(filepath.Join(dir, name))
		err = errors.Join(err, readErr)
		return data
	}
	identity := func(name string) (crypto.Signer, []*x509.Certificate) {
		key, chain, parseErr := parseIdentity(read(name))
		err = errors.Join(err, parseErr)
		return key, chain
	}
	k.Leader, k.LeaderChain = identity("leader.pem")
	k.Seal, k.SealChain = identity("seal.pem")
	k.Codes, _ = identity("codes.pem")
	k.Roots, k.Trust = read("roots.pem"), read("trust.json")
	k.PseudonymKey, k.CommandSecret = read("pseudonym.key"), read("command.key")
	return k, err
}

var errNoKey = errors.New("outside: no private key in the file")

func parseIdentity(data []byte) (crypto.Signer, []*x509.Certificate, error) {
	var key crypto.Signer
	var chain []*x509.Certificate
	for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
		switch block.Type {
		case "PRIVATE KEY":
			parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
			if err != nil {
				return nil, nil, err
			}
			key, _ = parsed.(crypto.Signer)
		case "CERTIFICATE":
			cert, err := x509.ParseCertificate(block.Bytes)
			if err != nil {
				return nil, nil, err
			}
			chain = append(chain, cert)
		}
	}
	if key == nil {
		return nil, nil, errNoKey
	}
	return key, chain, nil
}
