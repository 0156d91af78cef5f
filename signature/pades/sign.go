package pades

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/motcua/motcua/internal/asn1x"
	"github.com/motcua/motcua/internal/cms"
	"github.com/motcua/motcua/internal/vntime"
)

const (
	maxText  = 1000     // characters of Name, Reason, Location, Contact, Field
	maxChain = 16       // certificates in a signature
	maxRoom  = 1 << 20  // bytes reserved for a signature
	minRSA   = 2048     // Annex I of Circular 15/2025/TT-BKHCN
	copySize = 32 << 10 // bytes read at once
)

// Commitment is what a signer commits himself to (commitment-type-indication; RFC 5126, 5.11.1).
type Commitment int

// Commitments.
const (
	ProofOfOrigin Commitment = iota + 1
	ProofOfReceipt
	ProofOfDelivery
	ProofOfSender
	ProofOfApproval
	ProofOfCreation
)

// Config shapes one signature. The zero value signs now in a new invisible field without further words.
type Config struct {
	// Name is the signer's name as the signature dictionary shows it; default the certificate's common name.
	Name string
	// Reason (lý do ký), Location (nơi ký) and Contact are shown by viewers. They prove nothing.
	Reason, Location, Contact string
	// Commitment says in the signed attributes what the signer commits himself to, in place of Reason (EN 319 142-1, 6.3:
	// not both). Default: nothing.
	Commitment Commitment
	// Policy names the rules the signature follows (signature-policy-identifier), in the signed attributes. Default: none.
	Policy PolicyReference
	// Hint describes the document in words, in the signed attributes (content-hints). Default: none.
	Hint string
	// At is the claimed time of signing; default Now. It is written on the Vietnamese clock, +07:00.
	At time.Time
	// Now is the clock; default time.Now.
	Now func() time.Time
	// Field is the name of the signature field: an empty one of that name is filled, else one is added. The default is
	// a new field "Signature1", "Signature2" …
	Field string
	// Appearance is what the signature shows on a page; default nothing. [Official] lays it out by Decree 30/2020.
	Appearance Appearance
	// Certify makes the signature a certifying one (DocMDP), which says what may happen to the document afterwards. Only
	// the first signature of a document can be one. Default: an approval signature.
	Certify Certification
	// Lock locks form fields (FieldMDP). Default: what the empty field that is signed says under /Lock.
	Lock FieldLock
	// PKCS1v15 signs with RSASSA-PKCS1-v1_5 instead of RSASSA-PSS, for tokens and services that offer nothing else.
	// Other kinds of key ignore it.
	PKCS1v15 bool
	// Room is the number of bytes reserved for the signature; default what a B-B signature needs.
	Room int
	// ForTimestamp adds 32 KiB to the default room, for the time stamp that [Stamp] puts there.
	ForTimestamp bool

	act Act // set by Official
}

// PolicyReference names a published signature policy (EN 319 122-1, 5.2.9.1). The zero value is none.
type PolicyReference struct {
	// ID is the policy's object identifier, such as "1.3.6.1.4.1.55555.1.2".
	ID string
	// SHA256 is the digest of the policy's text: what a verifier compares the text with that he finds.
	SHA256 [sha256.Size]byte
	// URI is where the text can be read; ASCII, may be empty.
	URI string
}

// attribute returns the reference as the messages have it; nil when there is none.
func (r PolicyReference) attribute() (*cms.SignaturePolicy, error) {
	if r == (PolicyReference{}) {
		return nil, nil
	}
	wrong := &ConfigError{"Policy", "an object identifier, a digest, and an ASCII address of at most 1000 characters"}
	var id asn1.ObjectIdentifier
	for part := range strings.SplitSeq(r.ID, ".") {
		n, err := strconv.ParseUint(part, 10, 31)
		if err != nil || len(id) >= 32 {
			return nil, wrong
		}
		id = append(id, int(n))
	}
	ascii := !strings.ContainsFunc(r.URI, func(c rune) bool { return c <= ' ' || c > '~' })
	if asn1x.EncodeOID(id) == nil || r.SHA256 == [sha256.Size]byte{} || !ascii || len(r.URI) > maxText {
		return nil, wrong
	}
	return &cms.SignaturePolicy{ID: id, Hash: crypto.SHA256, Digest: r.SHA256[:], URI: r.URI}, nil
}

func (cfg Config) normalize(chain []*x509.Certificate) (Config, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.At.IsZero() {
		cfg.At = cfg.Now()
	}
	cfg.At = vntime.In(cfg.At)
	if y := cfg.At.Year(); y < 1950 || y > 9999 {
		return cfg, &ConfigError{"At", "a year from 1950 to 9999"}
	}
	if cfg.Name == "" {
		cfg.Name = chain[0].Subject.CommonName
	}
	for _, f := range []struct{ name, text string }{{"Name", cfg.Name}, {"Reason", cfg.Reason},
		{"Location", cfg.Location}, {"Contact", cfg.Contact}, {"Field", cfg.Field}, {"Hint", cfg.Hint}} {
		if !utf8.ValidString(f.text) || utf8.RuneCountInString(f.text) > maxText {
			return cfg, &ConfigError{f.name, "at most 1000 characters of UTF-8"}
		}
	}
	if cfg.Commitment < 0 || cfg.Commitment > ProofOfCreation || cfg.Commitment > 0 && cfg.Reason != "" {
		return cfg, &ConfigError{"Commitment", "a known commitment, without a reason beside it"}
	}
	if err := cfg.checkLocks(); err != nil {
		return cfg, err
	}
	if _, err := cfg.Policy.attribute(); err != nil {
		return cfg, err
	}
	var err error
	if cfg.Appearance, err = cfg.Appearance.normalize(); err != nil {
		return cfg, err
	}
	if cfg.Room == 0 {
		cfg.Room = 4096 + len(cfg.Policy.URI) + len(cfg.Hint)
		for _, c := range chain {
			cfg.Room += len(c.Raw)
		}
		if cfg.ForTimestamp {
			cfg.Room += stampRoom
		}
	}
	if cfg.Room < 1024 || cfg.Room > maxRoom {
		return cfg, &ConfigError{"Room", "1024 bytes to 1 MiB"}
	}
	return cfg, nil
}

// Sign writes the document of size bytes in in, signed, to out. chain begins with the signer's certificate and should
// hold the issuers below the root. Errors before the first byte is written: [*DocumentError], [*CertificateError],
// [*ConfigError], [ErrLocked], [ErrValue], [ErrRoom], and what in and signer return; after it only what in and out do.
func Sign(
	in io.ReaderAt, size int64, out io.Writer, signer crypto.Signer, chain []*x509.Certificate, cfg Config,
) error {
	if signer == nil {
		return &CertificateError{Rule: RuleKey}
	}
	prepared, err := Prepare(in, size, chain, cfg)
	if err != nil {
		return err
	}
	key, ok := signer.Public().(interface{ Equal(crypto.PublicKey) bool })
	if !ok || !key.Equal(cms.PublicKey(chain[0])) {
		return &CertificateError{Rule: RuleKey}
	}
	value, err := prepared.scheme.Sign(signer, prepared.attributes())
	if err != nil {
		return err
	}
	return prepared.write(in, out, value)
}

// checkChain refuses a chain with nothing in it, or nothing at one of its places.
func checkChain(chain []*x509.Certificate) error {
	if len(chain) == 0 || chain[0] == nil {
		return &CertificateError{Rule: RuleMissing}
	}
	for _, c := range chain {
		if c == nil || len(c.Raw) == 0 || len(chain) > maxChain {
			return &CertificateError{Rule: RuleChainOrder}
		}
	}
	return nil
}

// checkCertificate keeps Art 5 of Circular 15/2025/TT-BKHCN: no signature with a certificate that is not good for it.
func checkCertificate(cert *x509.Certificate, at time.Time) error {
	const usage = x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment
	switch {
	case at.Before(cert.NotBefore):
		return &CertificateError{Rule: RuleNotYet}
	case at.After(cert.NotAfter):
		return &CertificateError{Rule: RuleExpired}
	case cert.IsCA, cert.KeyUsage != 0 && cert.KeyUsage&usage == 0:
		return &CertificateError{Rule: RuleUsage}
	}
	switch key := cms.PublicKey(cert).(type) {
	case *rsa.PublicKey:
		if key.N.BitLen() < minRSA {
			return &CertificateError{Rule: RuleAlgorithm}
		}
	case *ecdsa.PublicKey:
		if key.Curve.Params().BitSize < 256 {
			return &CertificateError{Rule: RuleAlgorithm}
		}
	}
	return nil
}
