package signature_test

import (
	"bytes"
	"context"
	"fmt"

	"github.com/motcua/motcua/signature"
	"github.com/motcua/motcua/signature/pades"
	"github.com/motcua/motcua/signature/signaturetest"
)

// A file that was changed after it was signed is judged, with the reason in the words of the citizen's page.
func ExampleVerifier_Verify() {
	ca, _ := signaturetest.NewCA(at, signaturetest.CAConfig{})
	leader, _ := ca.Issue(at, signaturetest.Subject{CommonName: "Nguyễn Trọng Nghĩa"})
	document := signaturetest.NewPDF(signaturetest.File{})
	var signed bytes.Buffer
	err := pades.Sign(bytes.NewReader(document), int64(len(document)), &signed, leader.Signer, leader.Chain, pades.Config{At: at})
	if err != nil {
		fmt.Println(err)
		return
	}
	forged, _ := signaturetest.ReplaceContent(signed.Bytes(), "PAY 9,999,999,999")

	trust, err := signature.NewTrustStore(ca.Root)
	if err != nil {
		fmt.Println(err)
		return
	}
	v, err := signature.NewVerifier(trust, signature.Policy{Revocation: signature.RevocationNotChecked})
	if err != nil {
		fmt.Println(err)
		return
	}
	report, err := v.Verify(context.Background(), bytes.NewReader(forged), int64(len(forged)), at)
	if err != nil {
		fmt.Println(err)
		return
	}
	s := report.Signatures[0]
	fmt.Println(s.Indication, s.SubIndication, s.Reasons[0].Code, s.Reasons[0].Objects)
	fmt.Println(s.Text("vi"))
	// Output:
	// TOTAL_FAILED FORMAT_FAILURE document.changed [4]
	// Chữ ký số không hợp lệ. Tài liệu đã bị sửa sau khi ký.
}

// A verifier cannot be made without saying what happens when revocation is not known.
func ExampleNewVerifier() {
	ca, _ := signaturetest.NewCA(at, signaturetest.CAConfig{})
	trust, _ := signature.NewTrustStore(ca.Root)
	_, err := signature.NewVerifier(trust, signature.Policy{})
	fmt.Println(err)
	// Output: signature: policy: revocation: want RevocationRequired or another rule, stated
}
