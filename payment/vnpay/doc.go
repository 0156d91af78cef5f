// Package vnpay is the till's adapter to VNPAY 2.1.0 (cổng thanh toán VNPAY): pay URL, IPN, return URL and querydr.
//
// The happy path is three calls:
//
//	gateway, err := vnpay.New(vnpay.Terminal{Code: "MOTCUA01", Secret: secret, Pay: …, API: …, Return: …}, vnpay.Config{})
//	page, err := till.Pay(ctx, order.ID, gateway, visit)
//	mux.Handle("/vnpay/ipn", till.HandleIPN(gateway))
//
// What it refuses: more than [MaxAmount], which twelve digits of hundredths cannot carry; a description with one of
// ! ' ( ) * ~, about which the encoders of the world disagree; a callback with a parameter given twice, with a hash that
// is not VNPAY's, or too long to be one. Nothing of a callback is believed before its hash has been compared in
// constant time; amounts are whole numbers throughout. A payment has succeeded only if vnp_ResponseCode and
// vnp_TransactionStatus are both 00; a code it does not know is "not final", which asks again, and never "failed".
//
// Two secrets may be valid at once ([Config].Previous), so that a key is rolled without losing a callback.
//
// Source: VNPAY's integration guide for version 2.1.0 (pay, querydr and refund). The answers are those of its IPN table:
// 00 recorded, 01 order not found, 02 already confirmed, 04 wrong amount, 97 bad checksum, 99 anything else. How often
// VNPAY repeats an unanswered IPN is not confirmed, so nothing here depends on it.
//
// Stable: [New], the strings of [SigningString] and [QueryString].
package vnpay
