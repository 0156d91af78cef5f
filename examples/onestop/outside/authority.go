package outside

import (
	"bytes"
	"context"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/motcua/motcua/signature/signaturetest"
)

// AuthorityURL is where the demonstration authority publishes, as its certificates say for years: /tsa, /ocsp, the lists.
// No such host exists (RFC 6761); [World.Client] leads there, to whichever port the simulator has today.
const AuthorityURL = "http://ca.motcua.test"

// Identity is a key with its chain of certificates, the owner's first.
type Identity struct {
	Key   crypto.Signer
	Chain []*x509.Certificate
}

// Who the demonstration certificates are issued to.
const (
	LeaderName   = "Đỗ Thị Bích Ngọc"
	SealName     = "Ủy ban nhân dân phường Ví Dụ"
	CitizenName  = "Trần Thị Mỹ Vĩnh"
	HospitalName = "Bệnh viện Phụ sản Hư Cấu"
)

// certified are the files of keys and whom their certificates name.
func certified(now time.Time) map[string]signaturetest.Subject {
	until := now.AddDate(3, 0, 0)
	return map[string]signaturetest.Subject{
		"leader.pem":   {CommonName: LeaderName, Organization: SealName, Title: "Chủ tịch", NotAfter: until},
		"seal.pem":     {CommonName: SealName, Organization: SealName, Key: signaturetest.RSA2048, NotAfter: until},
		"citizen.pem":  {CommonName: CitizenName, NotAfter: until},
		"hospital.pem": {CommonName: HospitalName, Organization: HospitalName, NotAfter: until},
	}
}

// makeAuthority makes the certification authority and what it certifies. A data directory from before there was one keeps
// its keys and anchors: they are certified anew, and what was signed then is still judged by the old anchor. The file
// with the authority is written last, so that a start that was cut short is made up for by the next.
func makeAuthority(dir string, now time.Time) error {
	ca, err := signaturetest.NewCA(now, signaturetest.CAConfig{Name: "motcua", URL: AuthorityURL})
	if err != nil {
		return err
	}
	for file, subject := range certified(now) {
		if old, err := ReadIdentity(filepath.Join(dir, file)); err == nil {
			subject.Signer = old.Key
		}
		id, err := ca.Issue(now, subject)
		if err != nil {
			return err
		}
		if err := writeIdentity(filepath.Join(dir, file), id.Signer, id.Chain); err != nil {
			return err
		}
	}
	tsa, err := ca.NewTSA(now, signaturetest.TSAConfig{})
	if err != nil {
		return err
	}
	if err := writeIdentity(filepath.Join(dir, "tsa.pem"), tsa.Signer, tsa.Chain); err != nil {
		return err
	}
	roots, err := os.ReadFile(filepath.Join(dir, "roots.pem"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	roots = append(roots, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.Root.Raw})...)
	if err := os.WriteFile(filepath.Join(dir, "roots.pem"), roots, 0o600); err != nil {
		return err
	}
	kept, err := ca.Keep()
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "ca.pem"), kept, 0o600)
}

func (k *Keys) readAuthority(dir string) error {
	kept, err := os.ReadFile(filepath.Join(dir, "ca.pem"))
	if err != nil {
		return err
	}
	if k.CA, err = signaturetest.RestoreCA(kept, AuthorityURL); err != nil {
		return err
	}
	tsa, err := ReadIdentity(filepath.Join(dir, "tsa.pem"))
	if err == nil && len(tsa.Chain) == 0 {
		err = errNoKey
	}
	if err != nil {
		return err
	}
	k.TSA = &signaturetest.TSA{Identity: &signaturetest.Identity{Signer: tsa.Key, Certificate: tsa.Chain[0], Chain: tsa.Chain}}
	return nil
}

// startAuthority publishes the authority: time stamps, status of certificates, lists of revoked ones.
func (w *World) startAuthority(keys *Keys, now func() time.Time) error {
	server, err := signaturetest.NewServer(now)
	if err != nil {
		return err
	}
	w.Authority = server
	server.Serve(keys.CA, keys.TSA)
	for _, id := range []Identity{keys.Leader, keys.Seal, keys.Citizen, keys.Hospital} {
		server.Know(id.Chain[0])
	}
	server.Know(keys.TSA.Certificate)
	return nil
}

// Client is an HTTP client for whom the demonstration authority is where its certificates say. Other hosts it finds as
// every client does.
func (w *World) Client(timeout time.Duration) (*http.Client, error) {
	fake, err := url.Parse(AuthorityURL)
	if err != nil {
		return nil, err
	}
	real, err := url.Parse(w.Authority.URL)
	if err != nil {
		return nil, err
	}
	dialer := &net.Dialer{Timeout: timeout}
	dial := func(ctx context.Context, network, address string) (net.Conn, error) {
		if address == fake.Host+":80" {
			address = real.Host
		}
		return dialer.DialContext(ctx, network, address)
	}
	return &http.Client{Timeout: timeout, Transport: &http.Transport{DialContext: dial, MaxIdleConns: 8, IdleConnTimeout: time.Minute},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}, nil
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

var errNoKey = errors.New("outside: want a private key (PKCS #8) and its chain of certificates")

// ReadIdentity reads a key and its chain from a PEM file.
func ReadIdentity(path string) (Identity, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return Identity{}, err
	}
	var id Identity
	for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
		switch block.Type {
		case "PRIVATE KEY":
			parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
			if err != nil {
				return Identity{}, errNoKey
			}
			id.Key, _ = parsed.(crypto.Signer)
		case "CERTIFICATE":
			cert, err := x509.ParseCertificate(block.Bytes)
			if err != nil {
				return Identity{}, errNoKey
			}
			id.Chain = append(id.Chain, cert)
		}
	}
	if id.Key == nil {
		return Identity{}, errNoKey
	}
	return id, nil
}
