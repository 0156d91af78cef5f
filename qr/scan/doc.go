// Package scan finds QR codes in pictures: a photograph, a scan, a screenshot, the picture of a page.
//
//	texts, err := scan.ReadImage(file, scan.Config{})
//	report := verifier.Verify(texts[0], time.Now())
//
// It stands apart from package qr so that whoever only makes or verifies codes links no picture decoders. The reading
// is done by gozxing, in memory-safe Go, behind bounds: bytes, pixels, and the number of finder patterns, whose
// combinations would otherwise be tried in cubic time. It refuses everything but PNG and JPEG. What it returns is text
// out of a picture and nothing more; only a verifier says what it is worth.
//
// The same reading guards [WriteWithLogo]: a symbol with a picture in its middle is written only if it reads back.
//
// Stable: [ReadImage], [WriteWithLogo].
package scan
