// Package vietqr reads and writes the text of VietQR payment codes: EMVCo merchant-presented QR as NAPAS uses it for
// transfers to an account or card (NAPAS 247).
//
//	payload, err := vietqr.Parse(text)        // strict: every length, every check sum
//	text, err := vietqr.Payload{…}.Encode()   // folded to ASCII, so that every bank's app reads it
//	symbol, err := qr.Encode(text, qr.M)
//
// A code is a wish, not a proof: anybody can make one, and nothing in it says that money has moved. Issue the signed
// twin of package qr (a payment code) beside it, and believe the bank's credit notice only.
//
// It refuses, with *qr.InvalidError naming the field by its EMVCo numbers ("vietqr.38.01"): a wrong or missing check sum,
// lengths that do not add up on any level, fields twice, another currency or country, an amount that is not whole đồng,
// a beneficiary without service code, and anything over the bounds of the specification. Text whose lengths count
// characters is read as well as text whose lengths count bytes, unless both readings would hold.
//
// Source: EMV QRCPS merchant-presented mode; NAPAS QR format T&C v1.0 of 09/2021, as public copies show it. Bank numbers
// (BIN) are not checked against a table, because tables contradict each other; the caller brings his own.
package vietqr
