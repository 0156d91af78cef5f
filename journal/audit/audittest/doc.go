// Package audittest is a time-stamp authority (tổ chức cung cấp dịch vụ cấp dấu thời gian) for tests and
// demonstrations: it speaks RFC 3161 over HTTP, with certificates of its own, by its own code.
//
//	tsa, err := audittest.NewTSA(time.Now)
//	server := httptest.NewServer(tsa)
//	authority, err := audit.NewAuthority(server.URL, []*x509.Certificate{tsa.Root()}, audit.AuthorityConfig{})
//
// [TSA.Break] makes it commit one fault in every answer, for the tests of a client. Nothing it stamps has legal force.
//
// Stable: [TSA] and the names of the faults.
package audittest
