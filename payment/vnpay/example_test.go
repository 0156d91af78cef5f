package vnpay_test

import (
	"fmt"

	"github.com/motcua/motcua/payment"
	"github.com/motcua/motcua/payment/vnpay"
)

// The text under the hash, to compare byte by byte with another implementation.
func ExampleSigningString() {
	fmt.Println(vnpay.SigningString(vnpay.Parameters{
		"vnp_Amount":     "1600000",
		"vnp_BankCode":   "",
		"vnp_OrderInfo":  "Le phi ho so #1",
		"vnp_SecureHash": "left out",
	}))
	// Output: vnp_Amount=1600000&vnp_OrderInfo=Le+phi+ho+so+%231
}

func ExampleOrderInfo() {
	info, err := vnpay.OrderInfo("Lệ phí trích lục, Vĩnh Phúc")
	fmt.Println(info, err)
	_, err = vnpay.OrderInfo("Lệ phí (gấp!)")
	fmt.Println(err != nil)
	// Output:
	// Le phi trich luc, Vinh Phuc <nil>
	// true
}

// A terminal that is not complete makes no gateway.
func ExampleNew() {
	_, err := vnpay.New(vnpay.Terminal{Code: "MOTCUA01", Pay: vnpay.SandboxPay, API: vnpay.SandboxAPI}, vnpay.Config{})
	invalid, _ := err.(*payment.InvalidError)
	fmt.Println(invalid.Field)
	// Output: terminal.secret
}
