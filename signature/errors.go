package signature

import (
	"errors"
	"fmt"

	"github.com/motcua/motcua/internal/pdf"
)

// ErrNoAnchors means there is no trust anchor to verify with. System roots are no substitute.
var ErrNoAnchors = errors.New("signature: no trust anchors")

// PolicyError names what a trust store or policy leaves open or sets wrongly.
type PolicyError struct {
	Field string
	Rule  string
}

func (e *PolicyError) Error() string { return fmt.Sprintf("signature: %s: want %s", e.Field, e.Rule) }

// DocumentError says that a file cannot be judged at all. It is not a verdict on a signature.
type DocumentError struct{ Err error }

func (e *DocumentError) Error() string { return fmt.Sprintf("signature: document: %v", e.Err) }

// Unwrap returns the cause.
func (e *DocumentError) Unwrap() error { return e.Err }

// Code returns "document.encrypted", "document.too-large" or "document.unreadable".
func (e *DocumentError) Code() string {
	switch {
	case errors.Is(e.Err, pdf.ErrEncrypted):
		return "document.encrypted"
	case errors.Is(e.Err, pdf.ErrLimit):
		return "document.too-large"
	}
	return "document.unreadable"
}

// Text explains it in "vi" or "en".
func (e *DocumentError) Text(lang string) string {
	text := [2]string{"Tệp không phải là PDF hoặc đã bị hỏng, nên không kiểm tra được chữ ký số.",
		"The file is not a PDF or is damaged, so its signatures cannot be checked."}
	switch e.Code() {
	case "document.encrypted":
		text = [2]string{"Tệp PDF được bảo vệ bằng mật khẩu. Hãy gỡ mật khẩu rồi nộp lại.",
			"The PDF is protected by a password. Remove the password and submit it again."}
	case "document.too-large":
		text = [2]string{"Tệp PDF quá lớn hoặc quá phức tạp để kiểm tra.",
			"The PDF is too large or too complex to check."}
	}
	if lang == "en" {
		return text[1]
	}
	return text[0]
}
