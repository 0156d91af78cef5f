package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"time"

	"github.com/motcua/motcua/qr"
	"github.com/motcua/motcua/qr/status"
)

// A demo is an agency invented for one run: its root, its lists and two of its codes. A real list is never mixed with it.
type demo struct {
	trust         []byte
	status        [][]byte
	code, revoked qr.Code
}

func newDemo(now time.Time) (demo, error) {
	root, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return demo{}, err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return demo{}, err
	}
	list, err := qr.SignTrustList(root, qr.TrustListDraft{Owner: "thử nghiệm", Version: 3, Issued: now.Add(-time.Hour), Until: now.AddDate(1, 0, 0),
		Keys: []qr.TrustedKey{{Public: key.Public(), Issuer: "H26.35.12", IssuerName: "UBND phường Ví Dụ", Kinds: []qr.Kind{qr.KindResult, qr.KindStatusList},
			Procedures: []string{qr.AllProcedures}, NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(1, 0, 0)}}})
	if err != nil {
		return demo{}, err
	}
	trust, err := qr.EncodeTrustFile(list, root.Public())
	if err != nil {
		return demo{}, err
	}
	issuer, err := qr.NewIssuer(key, "H26.35.12", qr.IssueConfig{})
	if err != nil {
		return demo{}, err
	}
	const listID, good, taken = 5, 76, 77
	issue := func(index uint64) (qr.Code, error) {
		return issuer.Issue(qr.Claims{Expires: now.AddDate(0, 1, 0), Status: &qr.Status{List: listID, Index: index},
			Body: qr.Result{Paper: qr.Paper{Dossier: "H26.35.12-261118-0001", Procedure: "2.000635", Subject: "001*********",
				Name: "Trích lục hộ tịch", Source: "H26.35.12", Published: now}}})
	}
	d := demo{trust: trust}
	if d.code, err = issue(good); err != nil {
		return demo{}, err
	}
	if d.revoked, err = issue(taken); err != nil {
		return demo{}, err
	}
	table, err := status.New(1024, 2)
	if err != nil {
		return demo{}, err
	}
	if err := table.Set(taken, status.Revoked); err != nil {
		return demo{}, err
	}
	signed, err := issuer.SignStatusList(qr.StatusDraft{List: listID, URI: "https://status.example/5", Expires: now.AddDate(0, 0, 7), Table: table})
	if err != nil {
		return demo{}, err
	}
	d.status = [][]byte{signed}
	return d, nil
}
