package pades_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"time"

	"github.com/motcua/motcua/signature"
	"github.com/motcua/motcua/signature/pades"
	"github.com/motcua/motcua/signature/revocation"
	"github.com/motcua/motcua/signature/signaturetest"
	"github.com/motcua/motcua/signature/timestamp"
)

// The leader approves, then the agency seals; the verifier sees both and what came between.
func ExampleSign() {
	at := time.Date(2026, 11, 21, 9, 0, 0, 0, time.FixedZone("", 7*3600))
	ca, _ := signaturetest.NewCA(at, signaturetest.CAConfig{})
	leader, _ := ca.Issue(at, signaturetest.Subject{CommonName: "Nguyễn Trọng Nghĩa"})
	agency, _ := ca.Issue(at, signaturetest.Subject{CommonName: "UBND xã Vĩnh Mỹ"})

	document := signaturetest.NewPDF(signaturetest.File{})
	var approved, sealed bytes.Buffer
	err := pades.Sign(bytes.NewReader(document), int64(len(document)), &approved, leader.Signer, leader.Chain,
		pades.Config{At: at, Reason: "Phê duyệt"})
	if err != nil {
		fmt.Println(err)
		return
	}
	err = pades.Sign(bytes.NewReader(approved.Bytes()), int64(approved.Len()), &sealed, agency.Signer, agency.Chain,
		pades.Config{At: at.Add(time.Minute), Reason: "Đóng dấu"})
	if err != nil {
		fmt.Println(err)
		return
	}

	trust, _ := signature.NewTrustStore(ca.Root)
	verifier, _ := signature.NewVerifier(trust, signature.Policy{Revocation: signature.RevocationNotChecked})
	report, err := verifier.Verify(context.Background(), bytes.NewReader(sealed.Bytes()), int64(sealed.Len()), at.Add(time.Hour))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(report.Indication)
	for _, s := range report.Signatures {
		fmt.Println(s.Signer.CommonName, s.Why, s.Coverage)
	}
	// Output:
	// TOTAL_PASSED
	// Nguyễn Trọng Nghĩa Phê duyệt ENTIRE_REVISION
	// UBND xã Vĩnh Mỹ Đóng dấu ENTIRE_FILE
}

// A remote service signs a digest minutes later; the state in between is bytes.
func ExamplePrepare() {
	at := time.Date(2026, 11, 21, 9, 0, 0, 0, time.FixedZone("", 7*3600))
	ca, _ := signaturetest.NewCA(at, signaturetest.CAConfig{})
	citizen, _ := ca.Issue(at, signaturetest.Subject{CommonName: "Trần Thị Mỹ Vĩnh"})
	document := signaturetest.NewPDF(signaturetest.File{})

	prepared, err := pades.Prepare(bytes.NewReader(document), int64(len(document)), citizen.Chain, pades.Config{At: at})
	if err != nil {
		fmt.Println(err)
		return
	}
	state, _ := prepared.MarshalBinary()

	var later pades.Prepared
	if err := later.UnmarshalBinary(state); err != nil {
		fmt.Println(err)
		return
	}
	digest, opts := later.Input()
	value, _ := citizen.Signer.Sign(rand.Reader, digest, opts) // the service's part
	var signed bytes.Buffer
	fmt.Println(later.Embed(bytes.NewReader(document), int64(len(document)), &signed, value))
	// Output: <nil>
}

// From a plain document to one whose signature can be judged in many years.
func ExampleArchive() {
	server, _ := signaturetest.NewServer(clock)
	defer func() { _ = server.Close() }()
	ca, _ := signaturetest.NewCA(now, signaturetest.CAConfig{URL: server.URL})
	tsa, _ := ca.NewTSA(now, signaturetest.TSAConfig{})
	leader, _ := ca.Issue(now, signaturetest.Subject{CommonName: "Nguyễn Trọng Nghĩa"})
	server.Serve(ca, tsa)
	server.Know(leader.Certificate, tsa.Certificate)
	authority, _ := timestamp.New(server.URL+"/tsa", timestamp.Config{})
	trust, _ := signature.NewTrustStore(ca.Root)
	v, _ := signature.NewVerifier(trust, signature.Policy{Revocation: signature.RevocationRequired,
		Source: revocation.New(revocation.Config{Now: clock})})
	ctx := context.Background()

	doc := signaturetest.NewPDF(signaturetest.File{})
	var report *signature.Report
	for _, step := range []func(in *bytes.Reader, out *bytes.Buffer) error{
		func(in *bytes.Reader, out *bytes.Buffer) error {
			return pades.Sign(in, in.Size(), out, leader.Signer, leader.Chain, pades.Config{At: now, ForTimestamp: true})
		},
		func(in *bytes.Reader, out *bytes.Buffer) error {
			return pades.Stamp(ctx, in, in.Size(), out, authority)
		},
		func(in *bytes.Reader, out *bytes.Buffer) error { return pades.Preserve(in, in.Size(), out, report) },
		func(in *bytes.Reader, out *bytes.Buffer) error {
			return pades.Archive(ctx, in, in.Size(), out, authority, pades.Config{})
		},
	} {
		var out bytes.Buffer
		err := step(bytes.NewReader(doc), &out)
		if err != nil {
			fmt.Println(err)
			return
		}
		doc = out.Bytes()
		if report, err = v.Verify(ctx, bytes.NewReader(doc), int64(len(doc)), now); err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(report.Signatures[0].Level, report.Indication)
	}
	// Output:
	// PAdES-BASELINE-B TOTAL_PASSED
	// PAdES-BASELINE-T TOTAL_PASSED
	// PAdES-BASELINE-LT TOTAL_PASSED
	// PAdES-BASELINE-LTA TOTAL_PASSED
}
