package vietqr

import (
	"fmt"
	"io"
	"log/slog"
)

// Service is what kind of number the beneficiary's is.
type Service string

// The services of NAPAS 247.
const (
	ToAccount Service = "QRIBFTTA" // chuyển đến tài khoản
	ToCard    Service = "QRIBFTTC" // chuyển đến thẻ
)

// Payload is what a code says. Account numbers and names in it may be personal data: it prints as nothing.
type Payload struct {
	// Dynamic is a code for one payment (field 01 = 12); false also stands for a code that does not say.
	Dynamic bool
	// Bank is the beneficiary bank's number (BIN, 6 digits), Account the number there, at most 19 characters. Both empty
	// when the code is for another scheme only, such as VNPAY-QR.
	Bank, Account string
	Service       Service
	// Merchant is the merchant number of VNPAY-QR (field 26), empty when there is none.
	Merchant string
	// Amount is in đồng; 0 leaves it to the payer.
	Amount int64
	// Category is the merchant category code, Name and City the merchant's, PostalCode its postal code.
	Category, Name, City, PostalCode string
	// What the payer or the merchant's system reads back (field 62), each at most 25 characters.
	Bill, Mobile, Store, Loyalty, Reference, Customer, Terminal, Purpose, Ask string
	// Other keeps fields this package has no name for, in their order, so that nothing is dropped.
	Other []Other
}

// Other is a field by its number, with its value as it stands.
type Other struct{ ID, Value string }

// Format keeps account numbers out of fmt.
func (p Payload) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "vietqr.Payload") }

// LogValue keeps account numbers out of logs.
func (p Payload) LogValue() slog.Value { return slog.StringValue("vietqr.Payload") }

// MarshalText keeps account numbers out of JSON.
func (p Payload) MarshalText() ([]byte, error) { return []byte("vietqr.Payload"), nil }

// additional names the fields of 62 and where they live in a payload.
func (p *Payload) additional() []struct {
	id   string
	text *string
} {
	return []struct {
		id   string
		text *string
	}{{"01", &p.Bill}, {"02", &p.Mobile}, {"03", &p.Store}, {"04", &p.Loyalty}, {"05", &p.Reference}, {"06", &p.Customer},
		{"07", &p.Terminal}, {"08", &p.Purpose}, {"09", &p.Ask}}
}
