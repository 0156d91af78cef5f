package payment

import (
	"errors"
	"fmt"
)

// Errors the caller branches on.
var (
	// ErrForged means a callback or answer does not carry the gateway's signature. Nothing of it was stored.
	ErrForged = errors.New("payment: signature does not hold")
	// ErrNotFound means there is no such order.
	ErrNotFound = errors.New("payment: no such order")
	// ErrOpen means the dossier has an order for this purpose already; errors.As gives the *OpenError.
	ErrOpen = errors.New("payment: order exists already")
	// ErrState means the order's state does not know the act; errors.As gives the *StateError.
	ErrState = errors.New("payment: state refuses the act")
	// ErrBusy means other writers came first again and again: nothing was written, try later.
	ErrBusy = errors.New("payment: order is busy")
)

// InvalidError names the input that breaks a rule. It never quotes the value.
type InvalidError struct {
	Field string // "amount", "description" …
	Rule  string
	Err   error
}

func (e *InvalidError) Error() string { return fmt.Sprintf("payment: %s: want %s", e.Field, e.Rule) }

// Unwrap returns the cause, if there is one.
func (e *InvalidError) Unwrap() error { return e.Err }

// Code returns a stable key for catalogues of messages: "payment.invalid.amount".
func (e *InvalidError) Code() string { return "payment.invalid." + e.Field }

// Text says it to a citizen or officer, in "vi" or "en".
func (e *InvalidError) Text(lang string) string {
	if lang == "en" {
		return "The payment details are not right (" + e.Field + "). Please check them and try again."
	}
	return "Thông tin thanh toán chưa đúng (" + e.Field + "). Vui lòng kiểm tra và thử lại."
}

// OpenError says which order stands in the way of a new one for the same dossier and purpose.
type OpenError struct {
	Order OrderID
	State State
}

func (e *OpenError) Error() string {
	return fmt.Sprintf("payment: open: order %s for this dossier and purpose is %s", e.Order, e.State)
}

// Is makes the error one with ErrOpen.
func (e *OpenError) Is(target error) bool { return target == ErrOpen }

// Code returns "payment.open".
func (e *OpenError) Code() string { return "payment.open" }

// Text says it to a citizen or officer, in "vi" or "en".
func (e *OpenError) Text(lang string) string {
	if lang == "en" {
		return "There is already a payment for this fee (" + e.State.Text(lang) + "). You do not need a new one."
	}
	return "Khoản phí này đã có một lệnh thanh toán (" + e.State.Text(lang) + "). Không cần tạo lệnh mới."
}

// StateError says which act an order in which state does not know.
type StateError struct {
	Order OrderID
	State State
	Event Event
}

func (e *StateError) Error() string {
	return fmt.Sprintf("payment: order %s: %s: not in state %s", e.Order, e.Event, e.State)
}

// Is makes the error one with ErrState.
func (e *StateError) Is(target error) bool { return target == ErrState }

// Code returns a stable key that names the state: "payment.state.paid".
func (e *StateError) Code() string { return "payment.state." + string(e.State) }

// Text says it to a citizen or officer, in "vi" or "en".
func (e *StateError) Text(lang string) string {
	if lang == "en" {
		return "This cannot be done now. The payment's status is: " + e.State.Text(lang) + "."
	}
	return "Không thực hiện được thao tác này. Trạng thái thanh toán hiện tại: " + e.State.Text(lang) + "."
}
