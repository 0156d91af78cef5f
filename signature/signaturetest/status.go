package signaturetest

import (
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"time"

	"github.com/motcua/motcua/internal/cms"
	"github.com/motcua/motcua/internal/pki"
)

// Revocation is a line of a CRL. Reason is the code of RFC 5280, 5.3.1: 1 key compromise, 6 on hold …
type Revocation struct {
	At     time.Time
	Reason int
}

// ReasonHold suspends a certificate (tạm dừng).
const ReasonHold = pki.ReasonHold

func revocationKey(cert *x509.Certificate) string {
	return string(cert.RawIssuer) + cert.SerialNumber.String()
}

// Revoke revokes or suspends a certificate of this hierarchy.
func (ca *CA) Revoke(cert *x509.Certificate, r Revocation) {
	ca.mu.Lock()
	defer ca.mu.Unlock()
	ca.revoked[revocationKey(cert)] = r
}

// Release takes a revocation back, as the end of a suspension.
func (ca *CA) Release(cert *x509.Certificate) {
	ca.mu.Lock()
	defer ca.mu.Unlock()
	delete(ca.revoked, revocationKey(cert))
}

// ListConfig shapes a CRL. The zero value is a complete CRL of the intermediate that is good for a day.
type ListConfig struct {
	// Root makes it the root's list, which speaks about the intermediate.
	Root bool
	// NextUpdate defaults to one day after.
	NextUpdate time.Time
	// DeltaOf is the number of the complete list that a delta builds on; Only lists the certificates in it, with reason 8
	// (removeFromCRL) for those that are not revoked any more.
	DeltaOf int64
	Only    []*x509.Certificate
	// Signer signs in the issuer's name, with Key: for indirect lists.
	Signer *x509.Certificate
	Key    crypto.Signer
	// Extensions are added as they are.
	Extensions []pkix.Extension
}

// List issues a CRL and returns it with its number.
func (ca *CA) List(now time.Time, cfg ListConfig, known ...*x509.Certificate) ([]byte, int64, error) {
	ca.mu.Lock()
	defer ca.mu.Unlock()
	issuer, key := ca.Intermediate, ca.key
	if cfg.Root {
		issuer, key = ca.Root, ca.rootKey
	}
	if cfg.Signer != nil {
		issuer, key = cfg.Signer, cfg.Key
	}
	if cfg.NextUpdate.IsZero() {
		cfg.NextUpdate = now.AddDate(0, 0, 1)
	}
	ca.number++
	template := &x509.RevocationList{Number: big.NewInt(ca.number), ThisUpdate: now, NextUpdate: cfg.NextUpdate,
		ExtraExtensions: cfg.Extensions}
	if cfg.DeltaOf > 0 {
		value, err := asn1.Marshal(big.NewInt(cfg.DeltaOf))
		if err != nil {
			return nil, 0, err
		}
		template.ExtraExtensions = append(template.ExtraExtensions,
			pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 27}, Critical: true, Value: value})
		for _, cert := range cfg.Only {
			r, ok := ca.revoked[revocationKey(cert)]
			if !ok {
				r = Revocation{now, pki.ReasonRemove}
			}
			template.RevokedCertificateEntries = append(template.RevokedCertificateEntries, entryOf(cert, r))
		}
	} else {
		template.RevokedCertificateEntries = ca.entries(issuer, known)
	}
	der, err := x509.CreateRevocationList(rand.Reader, template, issuer, key)
	return der, ca.number, err
}

// entries lists what is revoked. An indirect list needs to know the certificates, for it names their issuer.
func (ca *CA) entries(issuer *x509.Certificate, known []*x509.Certificate) (out []x509.RevocationListEntry) {
	for _, cert := range known {
		if r, ok := ca.revoked[revocationKey(cert)]; ok {
			e := entryOf(cert, r)
			name, _ := asn1.Marshal([]asn1.RawValue{{Class: 2, Tag: 4, IsCompound: true, Bytes: cert.RawIssuer}})
			e.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 29}, Critical: true, Value: name}}
			out = append(out, e)
		}
	}
	if known != nil {
		return out
	}
	prefix := string(issuer.RawSubject)
	for key, r := range ca.revoked {
		if len(key) > len(prefix) && key[:len(prefix)] == prefix {
			serial, _ := new(big.Int).SetString(key[len(prefix):], 10)
			out = append(out, x509.RevocationListEntry{SerialNumber: serial, RevocationTime: r.At, ReasonCode: r.Reason})
		}
	}
	return out
}

func entryOf(cert *x509.Certificate, r Revocation) x509.RevocationListEntry {
	return x509.RevocationListEntry{SerialNumber: cert.SerialNumber, RevocationTime: r.At, ReasonCode: r.Reason}
}

// OIDOCSPSigning is the extended key usage of a delegated OCSP responder.
var OIDOCSPSigning = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 9}

// Responder certifies a delegated OCSP responder; with noCheck its certificate need not be checked itself.
func (ca *CA) Responder(now time.Time, noCheck bool) (*Identity, error) {
	s := Subject{CommonName: "OCSP THỬ NGHIỆM", ExtKeyUsage: []asn1.ObjectIdentifier{OIDOCSPSigning},
		KeyUsage: x509.KeyUsageDigitalSignature}
	if noCheck {
		s.Extensions = []pkix.Extension{{Id: pki.NoCheckExtension(), Value: []byte{5, 0}}}
	}
	return ca.Issue(now, s)
}

// StatusConfig shapes an OCSP answer. The zero value is signed by the intermediate itself and good for an hour.
type StatusConfig struct {
	By         *Identity
	NextUpdate time.Time
	// Hash of the certificate's name in the answer; default SHA-1, as most responders have it.
	Hash crypto.Hash
	// Nonce is repeated from a request.
	Nonce []byte
}

// Status answers about a certificate that the intermediate issued, as an OCSP responder.
func (ca *CA) Status(now time.Time, cert *x509.Certificate, cfg StatusConfig) ([]byte, error) {
	ca.mu.Lock()
	r, revoked := ca.revoked[revocationKey(cert)]
	ca.mu.Unlock()
	if cfg.Hash == 0 {
		cfg.Hash = crypto.SHA1
	}
	if cfg.NextUpdate.IsZero() {
		cfg.NextUpdate = now.Add(time.Hour)
	}
	single := pki.Single{ID: pki.NewCertID(cfg.Hash, cert, ca.Intermediate), Status: pki.Good, ThisUpdate: now,
		NextUpdate: cfg.NextUpdate}
	if revoked {
		single.Status, single.RevokedAt, single.Reason = pki.Revoked, r.At, r.Reason
	}
	return ca.answer(now, single, cfg)
}

func (ca *CA) answer(now time.Time, single pki.Single, cfg StatusConfig) ([]byte, error) {
	by, key := ca.Intermediate, ca.key
	a := pki.Answer{ProducedAt: now, Singles: []pki.Single{single}, Nonce: cfg.Nonce}
	if cfg.By != nil {
		by, key = cfg.By.Certificate, cfg.By.Signer
		a.Certificates = [][]byte{by.Raw}
	}
	a.Responder = by.RawSubject
	scheme, err := cms.SchemeFor(key.Public(), true)
	if err != nil {
		return nil, err
	}
	return a.Encode(scheme, func(tbs []byte) ([]byte, error) { return scheme.Sign(key, tbs) })
}
