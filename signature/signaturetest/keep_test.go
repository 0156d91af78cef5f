package signaturetest_test

import (
	"bytes"
	"testing"

	"github.com/motcua/motcua/signature"
	"github.com/motcua/motcua/signature/pades"
	"github.com/motcua/motcua/signature/signaturetest"
)

// A restored CA speaks for what it certified before, and certifies under the same root.
func TestRestoreCA(t *testing.T) {
	const url = "http://ca.example.test"
	before, err := signaturetest.NewCA(now, signaturetest.CAConfig{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	kept, err := before.Keep()
	if err != nil {
		t.Fatal(err)
	}
	after, err := signaturetest.RestoreCA(kept, url)
	if err != nil {
		t.Fatal(err)
	}
	old, err := before.Issue(now, signaturetest.Subject{CommonName: "Trần Thị Mỹ Vĩnh"})
	if err != nil {
		t.Fatal(err)
	}
	fresh, err := after.Issue(now, signaturetest.Subject{CommonName: "Nguyễn Trọng Nghĩa"})
	if err != nil {
		t.Fatal(err)
	}
	if fresh.Certificate.OCSPServer[0] != url+"/ocsp" {
		t.Errorf("the certificate names %s", fresh.Certificate.OCSPServer)
	}
	trust, err := signature.NewTrustStore(before.Root)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []*signaturetest.Identity{old, fresh} {
		status, err := after.Status(now, id.Certificate, signaturetest.StatusConfig{})
		if err != nil {
			t.Fatal(err)
		}
		list, _, err := after.List(now, signaturetest.ListConfig{Root: true})
		if err != nil {
			t.Fatal(err)
		}
		v, err := signature.NewVerifier(trust, signature.Policy{Revocation: signature.RevocationRequired,
			Source: signature.Evidence{OCSPs: [][]byte{status}, CRLs: [][]byte{list}}})
		if err != nil {
			t.Fatal(err)
		}
		doc := signaturetest.NewPDF(signaturetest.File{})
		var out bytes.Buffer
		if err := pades.Sign(bytes.NewReader(doc), int64(len(doc)), &out, id.Signer, id.Chain, pades.Config{At: now}); err != nil {
			t.Fatal(err)
		}
		report, err := v.Verify(t.Context(), bytes.NewReader(out.Bytes()), int64(out.Len()), now)
		if err != nil || report.Indication != signature.TotalPassed {
			t.Errorf("%v, %v", report, err)
		}
	}
	other, err := signaturetest.NewCA(now, signaturetest.CAConfig{})
	if err != nil {
		t.Fatal(err)
	}
	foreign, err := other.Keep()
	if err != nil {
		t.Fatal(err)
	}
	half := bytes.Index(kept, []byte("-----END PRIVATE KEY-----")) + len("-----END PRIVATE KEY-----\n")
	for name, bad := range map[string][]byte{"nothing": nil, "half": kept[:half], "no keys": bytes.ReplaceAll(kept, []byte("PRIVATE KEY"), []byte("X")),
		"keys of others": bytes.Replace(kept, pemBlock(kept, 1), pemBlock(foreign, 1), 1)} {
		if _, err := signaturetest.RestoreCA(bad, url); err == nil {
			t.Errorf("%s: restored", name)
		}
	}
}

// pemBlock is the n-th block of a file.
func pemBlock(data []byte, n int) []byte {
	end := []byte("-----END")
	for range n {
		at := bytes.Index(data, end)
		at += bytes.IndexByte(data[at:], '\n') + 1
		data = data[at:]
	}
	at := bytes.Index(data, end)
	return data[:at+bytes.IndexByte(data[at:], '\n')+1]
}
