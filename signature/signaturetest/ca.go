package signaturetest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"math/big"
	"sync"
	"time"
)

// KeyKind is the algorithm and size of a key. The zero value is ECDSA P-256.
type KeyKind int

// Kinds of key.
const (
	P256 KeyKind = iota
	P384
	RSA2048
	RSA3072
	RSA1024 // too short for any policy: for the tests that say so
	Ed25519
)

// NewKey makes a key.
func NewKey(kind KeyKind) (crypto.Signer, error) {
	switch kind {
	case P256:
		return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case P384:
		return ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	case RSA2048:
		return rsa.GenerateKey(rand.Reader, 2048)
	case RSA3072:
		return rsa.GenerateKey(rand.Reader, 3072)
	case RSA1024:
		return rsa.GenerateKey(rand.Reader, 1024)
	case Ed25519:
		_, key, err := ed25519.GenerateKey(rand.Reader)
		return key, err
	}
	return nil, fmt.Errorf("signaturetest: key: want a known kind")
}

// OIDDocumentSigning is the extended key usage id-kp-documentSigning (RFC 9336).
var OIDDocumentSigning = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 36}

// CAConfig shapes a hierarchy. The zero value is usable.
type CAConfig struct {
	// Name distinguishes one hierarchy from another; default "Một cửa".
	Name string
	// Key is the kind of both CA keys.
	Key KeyKind
	// URL is where a [Server] publishes for this CA; it is written into the certificates. Default: nowhere.
	URL string
}

// CA is a root with one intermediate that issues. Its only state is what it has revoked.
type CA struct {
	Root         *x509.Certificate
	Intermediate *x509.Certificate

	url     string
	rootKey crypto.Signer
	key     crypto.Signer // of the intermediate

	mu      sync.Mutex
	revoked map[string]Revocation // by issuer and serial number
	number  int64                 // of the last CRL
}

// NewCA makes a hierarchy around now: the root from ten years before to fifteen after, the intermediate from five
// before to five after.
func NewCA(now time.Time, cfg CAConfig) (*CA, error) {
	if cfg.Name == "" {
		cfg.Name = "Một cửa"
	}
	rootKey, err := NewKey(cfg.Key)
	if err != nil {
		return nil, err
	}
	key, err := NewKey(cfg.Key)
	if err != nil {
		return nil, err
	}
	root := authority(now, "Root CA THỬ NGHIỆM "+cfg.Name, -10, 15)
	ca := &CA{rootKey: rootKey, key: key, url: cfg.URL, revoked: map[string]Revocation{}}
	if ca.Root, err = certify(root, root, rootKey.Public(), rootKey); err != nil {
		return nil, err
	}
	middle := authority(now, "CA cấp phát THỬ NGHIỆM "+cfg.Name, -5, 5)
	middle.MaxPathLenZero = true
	if ca.url != "" {
		middle.CRLDistributionPoints = []string{ca.url + "/root.crl"}
	}
	if ca.Intermediate, err = certify(middle, ca.Root, key.Public(), rootKey); err != nil {
		return nil, err
	}
	return ca, nil
}

func authority(now time.Time, name string, from, until int) *x509.Certificate {
	return &x509.Certificate{
		Subject:               pkix.Name{Country: []string{"VN"}, Organization: []string{"Thử nghiệm"}, CommonName: name},
		NotBefore:             now.AddDate(from, 0, 0),
		NotAfter:              now.AddDate(until, 0, 0),
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
}

func certify(template, parent *x509.Certificate, pub crypto.PublicKey, key crypto.Signer) (*x509.Certificate, error) {
	var number [16]byte
	if _, err := rand.Read(number[:]); err != nil {
		return nil, err
	}
	number[0] = number[0]&0x3f | 0x40
	template.SerialNumber = new(big.Int).SetBytes(number[:])
	spki, err := x509.MarshalPKIXPublicKey(pub)
	if err != nil {
		return nil, fmt.Errorf("signaturetest: certificate: %w", err)
	}
	sum := sha256.Sum256(spki)
	template.SubjectKeyId = sum[:20]
	der, err := x509.CreateCertificate(rand.Reader, template, parent, pub, key)
	if err != nil {
		return nil, fmt.Errorf("signaturetest: certificate: %w", err)
	}
	return x509.ParseCertificate(der)
}

// Subject is a person or agency to be certified. Only CommonName is required.
type Subject struct {
	CommonName   string
	Organization string
	Title        string
	// Key is the kind of key to make; Signer, when not nil, is a key that exists.
	Key    KeyKind
	Signer crypto.Signer
	// NotBefore and NotAfter default to one day before and one year after the time of issue.
	NotBefore, NotAfter time.Time
	// KeyUsage defaults to digitalSignature and nonRepudiation.
	KeyUsage x509.KeyUsage
	// ExtKeyUsage defaults to id-kp-documentSigning.
	ExtKeyUsage []asn1.ObjectIdentifier
	// Extensions are added as they are.
	Extensions []pkix.Extension
}

// Identity is a certified key.
type Identity struct {
	Signer      crypto.Signer
	Certificate *x509.Certificate
	// Chain begins with Certificate and ends below the root.
	Chain []*x509.Certificate
}

// Issue certifies a subject.
func (ca *CA) Issue(now time.Time, s Subject) (*Identity, error) {
	if s.CommonName == "" {
		return nil, fmt.Errorf("signaturetest: subject: want a common name")
	}
	if s.Signer == nil {
		key, err := NewKey(s.Key)
		if err != nil {
			return nil, err
		}
		s.Signer = key
	}
	template := s.template(now)
	if ca.url != "" {
		template.OCSPServer = []string{ca.url + "/ocsp"}
		template.CRLDistributionPoints = []string{ca.url + "/ca.crl"}
		template.IssuingCertificateURL = []string{ca.url + "/ca.crt"}
	}
	cert, err := certify(template, ca.Intermediate, s.Signer.Public(), ca.key)
	if err != nil {
		return nil, err
	}
	return &Identity{s.Signer, cert, []*x509.Certificate{cert, ca.Intermediate}}, nil
}

func (s Subject) template(now time.Time) *x509.Certificate {
	if s.NotBefore.IsZero() {
		s.NotBefore = now.AddDate(0, 0, -1)
	}
	if s.NotAfter.IsZero() {
		s.NotAfter = now.AddDate(1, 0, 0)
	}
	if s.KeyUsage == 0 {
		s.KeyUsage = x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment
	}
	if s.ExtKeyUsage == nil {
		s.ExtKeyUsage = []asn1.ObjectIdentifier{OIDDocumentSigning}
	}
	name := pkix.Name{Country: []string{"VN"}, CommonName: s.CommonName}
	if s.Organization != "" {
		name.Organization = []string{s.Organization}
	}
	if s.Title != "" {
		name.ExtraNames = []pkix.AttributeTypeAndValue{{Type: asn1.ObjectIdentifier{2, 5, 4, 12}, Value: s.Title}}
	}
	return &x509.Certificate{
		Subject: name, NotBefore: s.NotBefore, NotAfter: s.NotAfter, KeyUsage: s.KeyUsage,
		UnknownExtKeyUsage: s.ExtKeyUsage, BasicConstraintsValid: true, ExtraExtensions: s.Extensions,
	}
}
