package file

import (
	"errors"
	"fmt"
	"strings"
)

// Errors the caller branches on.
var (
	// ErrNotFound means that no file with this hash is stored.
	ErrNotFound = errors.New("file: not found")
	// ErrCorrupt means that the stored bytes no longer match their hash.
	ErrCorrupt = errors.New("file: content does not match its hash")
)

// InvalidError names the part of a call that breaks a rule.
type InvalidError struct {
	Field string
	Rule  string
	Err   error
}

func (e *InvalidError) Error() string { return fmt.Sprintf("file: %s: want %s", e.Field, e.Rule) }

// Unwrap returns the cause, if there is one.
func (e *InvalidError) Unwrap() error { return e.Err }

// Reason is why an upload was refused.
type Reason string

// The reasons.
const (
	Empty     Reason = "empty"     // no bytes
	TooLarge  Reason = "too-large" // more than Spec.MaxSize
	WrongType Reason = "type"      // the content is of no allowed type
	Broken    Reason = "broken"    // it begins like its type and is not one
	TooWide   Reason = "pixels"    // an image with more than Spec.MaxPixels
)

// RejectedError says why an upload was refused. It holds nothing of the content.
type RejectedError struct {
	Reason  Reason
	Type    Type   // what it looked like; empty when unknown
	Limit   int64  // bytes or pixels, for the reasons that have a limit
	Allowed []Type // for WrongType
	Err     error  // detail for logs
}

func (e *RejectedError) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("file: upload refused: %s: %v", e.Reason, e.Err)
	}
	return fmt.Sprintf("file: upload refused: %s", e.Reason)
}

// Unwrap returns the detail, if there is one.
func (e *RejectedError) Unwrap() error { return e.Err }

// Code is the stable key of the message, such as "file.too-large".
func (e *RejectedError) Code() string { return "file." + string(e.Reason) }

// Text explains it to the citizen, in "vi" (also for any other tag) or "en".
func (e *RejectedError) Text(lang string) string {
	if lang == "en" {
		return e.english()
	}
	switch e.Reason {
	case Empty:
		return "Tệp không có nội dung. Vui lòng chọn lại tệp."
	case TooLarge:
		return "Tệp lớn hơn mức cho phép (" + size(e.Limit) + "). Vui lòng giảm dung lượng hoặc chia nhỏ tệp."
	case WrongType:
		return "Loại tệp này không được nhận. Vui lòng nộp tệp " + names(e.Allowed, " hoặc ") + "."
	case TooWide:
		return fmt.Sprintf("Ảnh có kích thước quá lớn (tối đa %d triệu điểm ảnh). Vui lòng chụp hoặc quét lại.", e.Limit/1e6)
	}
	return "Tệp " + e.Type.name() + " bị hỏng hoặc chưa tải lên đầy đủ. Vui lòng kiểm tra và nộp lại."
}

func (e *RejectedError) english() string {
	switch e.Reason {
	case Empty:
		return "The file is empty. Please choose it again."
	case TooLarge:
		return "The file is larger than allowed (" + size(e.Limit) + "). Please make it smaller or split it."
	case WrongType:
		return "This type of file is not accepted. Please upload " + names(e.Allowed, " or ") + "."
	case TooWide:
		return fmt.Sprintf("The picture is too large (at most %d megapixels). Please take or scan it again.", e.Limit/1e6)
	}
	return "The " + e.Type.name() + " file is damaged or incomplete. Please check it and upload it again."
}

func size(bytes int64) string {
	switch {
	case bytes >= 1<<20:
		return fmt.Sprintf("%.4g MB", float64(bytes)/(1<<20))
	case bytes >= 1<<10:
		return fmt.Sprintf("%.4g KB", float64(bytes)/(1<<10))
	}
	return fmt.Sprintf("%d byte", bytes)
}

func names(types []Type, or string) string {
	var list []string
	for _, t := range types {
		list = append(list, t.name())
	}
	if n := len(list); n > 1 {
		return strings.Join(list[:n-1], ", ") + or + list[n-1]
	}
	return strings.Join(list, "")
}
