// Package paper prints the forms of the one-stop office (Mẫu 01 to 04) and result documents as PDF, in the layout of
// Vietnamese administrative documents.
//
// The happy path is three calls:
//
//	symbol, err := qr.Encode(code, qr.Q)
//	receipt := paper.Receipt{Head: paper.Head{Symbol: symbol, …}, Code: "H26.1-261120-0001", …}
//	space, err := receipt.Print(w) // where the signature goes
//
// The same input gives the same bytes: the creation date is the date of the document, and nothing is drawn from a clock
// or from chance. Every letter is embedded and extracts as the text that was given. Long texts wrap, long tables go on
// over the page with their heading repeated, and a signature block is never torn from its title.
//
// It refuses a document without its required parts, a letter the face cannot draw, and texts over the bounds of limits.go,
// each with *[InvalidError] naming the field; nothing is written then.
//
// Law: forms of Circular 01/2018/TT-VPCP and 03/2025/TT-VPCP (the number of a form is data, see [Form]); layout after
// Decree 30/2020/NĐ-CP; the QR code in the top left corner after Circular 01/2023/TT-VPCP, Art 26. The fields follow what
// offices print; the annexes of the 2025 circular were not at hand, so the field lists are provisional.
//
// Stable: the structs and their fields. The layout is not: it follows the official annexes when they change.
package paper
