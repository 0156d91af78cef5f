// Package paymenttest stands in for payment gateways, and holds adapters to the till's promises.
//
//	sim, err := paymenttest.NewVNPAY("MOTCUA01", "secret-of-the-terminal", paymenttest.VNPAYConfig{IPN: ipnURL})
//	server := httptest.NewServer(sim)          // serves the pay page and the API
//	paymenttest.RunGateway(t, paymenttest.Bench{…}) // the suite for any gateway
//
// [VNPAY] speaks the real protocol over HTTP: it verifies the merchant's pay URL and querydr, shows a page with three
// buttons, calls the merchant's IPN, repeats it until the answer is 00 or 02, and sends the browser back, signed. Its
// hashes are its own: nothing of payment/vnpay is called here, so that an error there is seen from the outside.
//
// It refuses what VNPAY refuses: a wrong hash, a field that is missing, a page whose time has run out. It takes no money.
// Do not mount it where money is meant.
package paymenttest
