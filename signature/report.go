package signature

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"log/slog"
	"time"

	"github.com/motcua/motcua/internal/cms"
	"github.com/motcua/motcua/internal/vntime"
)

// Report is the verdict on a document. Its JSON form is stable: fields are added, never renamed.
//
// It holds what certificates and signature dictionaries say about persons; String and LogValue leave that out.
type Report struct {
	// Indication is the worst of the signatures', or NO_SIGNATURE_FOUND.
	Indication Indication `json:"indication"`
	// At is the time of judgement.
	At   time.Time `json:"at"`
	Size int64     `json:"size"`
	// Signatures are ordered by what they cover, the oldest first.
	Signatures []Signature `json:"signatures"`
	// DocumentTimestamps are time stamps over the whole document, the oldest first. They prove that what they cover
	// existed; they are nobody's signature.
	DocumentTimestamps []Timestamp `json:"documentTimestamps,omitempty"`
	Warnings           []Reason    `json:"warnings,omitempty"`
	// Repaired says that the file could only be read by guessing ([Policy].Repair).
	Repaired bool `json:"repaired,omitempty"`
}

// Signature is the verdict on one signature.
type Signature struct {
	// Field is the name of the signature field.
	Field         string        `json:"field"`
	Indication    Indication    `json:"indication"`
	SubIndication SubIndication `json:"subIndication,omitempty"`
	// Reasons say why the verdict is not TOTAL_PASSED, the decisive first. Warnings do not change it.
	Reasons  []Reason `json:"reasons,omitempty"`
	Warnings []Reason `json:"warnings,omitempty"`
	// Level is "PAdES-BASELINE-B", -T, -LT or -LTA, or "PKCS7-B" for adbe.pkcs7.detached; empty when the message could
	// not be read.
	Level     string `json:"level,omitempty"`
	Digest    string `json:"digest,omitempty"`
	Algorithm string `json:"algorithm,omitempty"`
	// Intact says that the signed bytes and the signature value fit the certificate, whoever that belongs to.
	Intact bool `json:"intact"`
	// Signer is the certificate the signature was made with; nil when it was not found.
	Signer *Certificate `json:"signer,omitempty"`
	// Chain leads from the signer's issuer to an anchor; empty when there is none.
	Chain []Certificate `json:"chain,omitempty"`
	// Role says which part of the trust landscape the chain leads through, when the trust store is a [TrustList].
	Role Role `json:"role,omitempty"`
	// ClaimedTime is what the signer says about when; nothing proves it.
	ClaimedTime *time.Time `json:"claimedTime,omitempty"`
	// ProvenTime is the earliest instant for which a trusted time stamp proves that the signature existed (best signature
	// time of EN 319 102-1). The certificate is judged as at that time; without one, as at the time of judgement.
	ProvenTime *time.Time `json:"provenTime,omitempty"`
	// Timestamps are those of the signature itself.
	Timestamps []Timestamp `json:"timestamps,omitempty"`
	// Revocation is the status of the signer's certificate and of those above it but the anchor.
	Revocation []CertificateStatus `json:"revocation,omitempty"`
	// Name, Why and Location are what the signature dictionary says (Name, Reason, Location).
	Name     string `json:"name,omitempty"`
	Why      string `json:"reason,omitempty"`
	Location string `json:"location,omitempty"`
	// Commitment is what the signer commits himself to, in the signed attributes: "origin", "receipt", "delivery", "sender",
	// "approval" or "creation"; empty when he does not say.
	Commitment string `json:"commitment,omitempty"`
	// Policy is the signature policy the signer says he follows, and ContentHint how he describes the document; both stand in
	// the signed attributes.
	Policy      *SignaturePolicy `json:"policy,omitempty"`
	ContentHint string           `json:"contentHint,omitempty"`
	// ContentTimestamps are time stamps over the document from before it was signed, in the signed attributes: the signature
	// is younger than each that is TOTAL_PASSED.
	ContentTimestamps []Timestamp `json:"contentTimestamps,omitempty"`
	// Certification is what a certifying signature lets happen afterwards (DocMDP): 1 nothing, 2 forms and signatures, 3
	// annotations too; 0 for an approval signature. LockedFields are the fields of the document that it locks (FieldMDP).
	Certification int      `json:"certification,omitempty"`
	LockedFields  []string `json:"lockedFields,omitempty"`
	// Coverage says how much of the file is signed.
	Coverage  Coverage `json:"coverage"`
	ByteRange []int64  `json:"byteRange,omitempty"`
	// Changes are what revisions after this signature did.
	Changes []Change `json:"changes,omitempty"`

	evidence Evidence
}

// SignaturePolicy is a signature policy as a signer names it (EN 319 122-1, 5.2.9.1). This package knows no policy's text.
type SignaturePolicy struct {
	// ID is an object identifier; empty when the signer leaves the policy to the context.
	ID string `json:"id,omitempty"`
	// Digest names the algorithm of Value, which is that of the policy's text in lower-case hexadecimal.
	Digest string `json:"digest,omitempty"`
	Value  string `json:"value,omitempty"`
	URI    string `json:"uri,omitempty"`
}

// Evidence returns what the verdict rests on: the certificates of the chains, and what their issuers said about them.
// pades.Preserve puts it into the document; an archive keeps it (Circular 15/2025/TT-BKHCN, Art 5.4 and 6.2).
func (s Signature) Evidence() Evidence { return s.evidence.clone() }

// Coverage says how much of the file a signature covers, itself left out.
type Coverage string

// Coverages.
const (
	EntireFile      Coverage = "ENTIRE_FILE"
	EntireRevision  Coverage = "ENTIRE_REVISION" // what follows is listed in Changes
	UnclearCoverage Coverage = "UNCLEAR"
)

// ChangeKind says what happened to an object after a signature.
type ChangeKind string

// Kinds of change. The first six are permitted.
const (
	SignatureAdded    ChangeKind = "signature-added"     // a signature field with its signature
	FormExtended      ChangeKind = "form-extended"       // the lists that lead to it: form, page annotations, catalog
	ValidationData    ChangeKind = "validation-data"     // the document security store
	InformationEdited ChangeKind = "information-edited"  // document information and metadata
	ObjectAdded       ChangeKind = "object-added"        // belongs to one of the above
	Rewritten         ChangeKind = "rewritten-unchanged" // the same again
	FormEdited        ChangeKind = "form-edited"         // a field or an annotation
	ContentEdited     ChangeKind = "content-edited"      // anything else that the signer saw or could have seen
)

// Change is one object that a later revision wrote.
type Change struct {
	Object    int        `json:"object"`
	Kind      ChangeKind `json:"kind"`
	Permitted bool       `json:"permitted"`
	// Why is the code of the reason that the change gives the signature, when it is not permitted.
	Why string `json:"reason,omitempty"`
	// Certified says whether a certifying signature lets it happen (DocMDP); nil for approval signatures. Our own rules are
	// stricter: a form that was filled in is never passed over in silence.
	Certified *bool `json:"certified,omitempty"`
}

// Certificate is what a report tells about a certificate (chứng thư số).
type Certificate struct {
	CommonName   string    `json:"commonName"`
	Organization string    `json:"organization,omitempty"`
	Unit         string    `json:"unit,omitempty"`
	Subject      string    `json:"subject"`
	Issuer       string    `json:"issuer"`
	Serial       string    `json:"serial"`
	NotBefore    time.Time `json:"notBefore"`
	NotAfter     time.Time `json:"notAfter"`
	Key          string    `json:"key"`
	// SHA256 is the fingerprint in lower-case hexadecimal.
	SHA256 string `json:"sha256"`
}

func certificateOf(c *x509.Certificate) Certificate {
	name, bits := keyOf(c)
	sum := sha256.Sum256(c.Raw)
	first := func(list []string) string {
		if len(list) == 0 {
			return ""
		}
		return list[0]
	}
	return Certificate{
		CommonName: c.Subject.CommonName, Organization: first(c.Subject.Organization),
		Unit: first(c.Subject.OrganizationalUnit), Subject: c.Subject.String(), Issuer: c.Issuer.String(),
		Serial: c.SerialNumber.Text(16), NotBefore: vntime.In(c.NotBefore), NotAfter: vntime.In(c.NotAfter),
		Key: fmt.Sprintf("%s %d", name, bits), SHA256: hex.EncodeToString(sum[:]),
	}
}

// keyOf names the kind and size of a certificate's key.
func keyOf(c *x509.Certificate) (string, int) {
	switch key := cms.PublicKey(c).(type) {
	case *rsa.PublicKey:
		return "RSA", key.N.BitLen()
	case *ecdsa.PublicKey:
		return "ECDSA", key.Curve.Params().BitSize
	case ed25519.PublicKey:
		return "Ed25519", 256
	}
	return "unknown", 0
}

// Text says the verdict and its reasons in sentences, in "vi" or "en".
func (s Signature) Text(lang string) string {
	text := s.Indication.Text(lang) + "."
	for _, r := range s.Reasons {
		text += " " + r.Text(lang)
	}
	return text
}

// String names the verdict without the persons.
func (s Signature) String() string {
	return fmt.Sprintf("signature %s %s", s.Indication, s.SubIndication)
}

// String names the certificate by its fingerprint, without the person.
func (c Certificate) String() string { return "certificate " + c.SHA256 }

// String names the verdict without the persons.
func (r *Report) String() string {
	return fmt.Sprintf("report %s, %d signatures", r.Indication, len(r.Signatures))
}

// LogValue leaves the persons out of logs.
func (r *Report) LogValue() slog.Value {
	codes := []string{}
	for _, s := range r.Signatures {
		for _, reason := range s.Reasons {
			codes = append(codes, reason.Code)
		}
	}
	return slog.GroupValue(slog.String("indication", string(r.Indication)), slog.Int("signatures", len(r.Signatures)),
		slog.Any("reasons", codes))
}

// LogValue leaves the person out of logs.
func (s Signature) LogValue() slog.Value { return slog.StringValue(s.String()) }

// LogValue leaves the person out of logs.
func (c Certificate) LogValue() slog.Value { return slog.StringValue(c.String()) }

// settle orders the reasons, the decisive first, and derives the verdict.
func (s *Signature) settle() {
	s.Indication, s.SubIndication = TotalPassed, ""
	decisive := 0
	for i, r := range s.Reasons {
		if r.indication.rank() > s.Indication.rank() {
			s.Indication, s.SubIndication, decisive = r.indication, r.SubIndication, i
		}
	}
	if decisive > 0 {
		first := s.Reasons[decisive]
		copy(s.Reasons[1:decisive+1], s.Reasons[:decisive])
		s.Reasons[0] = first
	}
}
