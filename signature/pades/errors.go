package pades

import (
	"errors"
	"fmt"
)

// Errors the caller branches on.
var (
	// ErrLocked means that an earlier signature forbids this one (DocMDP with P = 1, or FieldMDP for its field).
	ErrLocked = errors.New("pades: document is locked by a certifying signature")
	// ErrNotFirst means that a document with signatures was to be certified.
	ErrNotFirst = errors.New("pades: only the first signature can certify a document")
	// ErrOrder means that an act does not follow what was signed before it (Decree 30/2020/NĐ-CP): a seal without the
	// competent person's signature, an approval after the seal, SAO Y of an electronic document.
	ErrOrder = errors.New("pades: act out of order")
	// ErrAppearance means a font that cannot be embedded or lacks a letter of the text.
	ErrAppearance = errors.New("pades: appearance cannot be drawn")
	// ErrChanged means the document is not the one that was prepared.
	ErrChanged = errors.New("pades: document changed since it was prepared")
	// ErrValue means a signature value does not fit the certificate's key and what was prepared.
	ErrValue = errors.New("pades: signature value does not fit the certificate")
	// ErrRoom means the signature is longer than the room reserved for it.
	ErrRoom = errors.New("pades: signature does not fit the reserved room")
	// ErrState means a marshalled Prepared is damaged or of another version.
	ErrState = errors.New("pades: prepared state is damaged")
)

// DocumentError says that the document cannot be signed as it is.
type DocumentError struct{ Err error }

func (e *DocumentError) Error() string { return fmt.Sprintf("pades: document: %v", e.Err) }

// Unwrap returns the cause.
func (e *DocumentError) Unwrap() error { return e.Err }

// Code returns "pades.document".
func (e *DocumentError) Code() string { return "pades.document" }

// Text explains the refusal in "vi" or "en".
func (e *DocumentError) Text(lang string) string {
	if lang == "en" {
		return "The PDF file is damaged, encrypted or uses a feature that cannot be signed. " +
			"Save it again as a plain PDF."
	}
	return "Tệp PDF bị hỏng, bị mã hóa hoặc dùng tính năng không ký được. " +
		"Hãy lưu lại thành tệp PDF thông thường rồi ký lại."
}

// CertificateRule names what is wrong with a certificate.
type CertificateRule string

// Rules a signer's certificate must keep.
const (
	RuleMissing    CertificateRule = "missing"   // there is a certificate
	RuleKey        CertificateRule = "key"       // its key is the signer's
	RuleNotYet     CertificateRule = "not-yet"   // it is valid already
	RuleExpired    CertificateRule = "expired"   // it is still valid
	RuleUsage      CertificateRule = "usage"     // its key usage allows signatures
	RuleAlgorithm  CertificateRule = "algorithm" // its key is strong enough and of a known kind
	RuleChainOrder CertificateRule = "chain"     // no empty place in the chain
)

var certificateTexts = map[CertificateRule][2]string{
	RuleMissing: {"Chưa có chứng thư số của người ký.",
		"There is no signer's certificate."},
	RuleKey: {"Chứng thư số không thuộc khóa đang dùng để ký.",
		"The certificate does not belong to the signing key."},
	RuleNotYet: {"Chứng thư số chưa có hiệu lực tại thời điểm ký.",
		"The certificate is not valid yet at the time of signing."},
	RuleExpired: {"Chứng thư số đã hết hạn tại thời điểm ký.",
		"The certificate has expired at the time of signing."},
	RuleUsage: {"Chứng thư số không được cấp để ký tài liệu.",
		"The certificate was not issued for signing documents."},
	RuleAlgorithm: {"Khóa của chứng thư số không đủ mạnh hoặc không được hỗ trợ.",
		"The certificate's key is too weak or not supported."},
	RuleChainOrder: {"Chuỗi chứng thư số không đầy đủ.",
		"The certificate chain has an empty place."},
}

// CertificateError says which rule the signer's certificate breaks.
type CertificateError struct {
	Rule CertificateRule
	Err  error
}

func (e *CertificateError) Error() string {
	return "pades: certificate: breaks the rule " + string(e.Rule)
}

// Unwrap returns the cause, if there is one.
func (e *CertificateError) Unwrap() error { return e.Err }

// Code returns "pades.certificate." and the rule.
func (e *CertificateError) Code() string { return "pades.certificate." + string(e.Rule) }

// Text explains the refusal in "vi" or "en".
func (e *CertificateError) Text(lang string) string {
	text := certificateTexts[e.Rule]
	if lang == "en" {
		return text[1]
	}
	return text[0]
}

// ConfigError names a field of Config and the rule it breaks. It never quotes the value.
type ConfigError struct {
	Field string
	Rule  string
}

func (e *ConfigError) Error() string {
	return fmt.Sprintf("pades: config: %s: want %s", e.Field, e.Rule)
}
