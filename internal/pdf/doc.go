// Package pdf reads PDF files as evidence and appends revisions to them (ISO 32000-2).
//
//	doc, err := pdf.Open(r, size, pdf.Limits{}) // the newest revision; pdf.Open(r, end, …) is the file as it was then
//	fields, err := doc.Fields()                 // form fields, signature fields among them
//	update := doc.Update(); update.Set(ref, value); revision, err := update.Encode()
//
// The reader works on io.ReaderAt with small windows, so memory does not follow the size of the file. It knows
// cross-reference tables, cross-reference streams, object streams and hybrid files. It never repairs: two readers that
// repair differently see two documents in one file, and a signature cannot be judged on that ground. It refuses files
// that do not begin with a header, cross-reference entries that lead elsewhere, duplicate dictionary keys, loops,
// and anything beyond [Limits]. A file that is encrypted but opens without a password is read, and what is appended is
// encrypted with its key (RC4, AES-128, AES-256); one with a password is refused ([ErrEncrypted]).
//
// The writer only appends. It keeps the kind of cross-reference the file has, writes every string so that it reads
// back as it was, and reports where placeholders came to stand ([Hole], [Gap]), so that nobody searches for them.
package pdf
