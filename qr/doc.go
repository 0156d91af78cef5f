// Package qr makes, signs and checks the QR codes of the one-stop office.
package qr
