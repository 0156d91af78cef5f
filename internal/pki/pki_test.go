package pki_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"math/big"
	"slices"
	"testing"
	"time"

	"github.com/motcua/motcua/internal/cms"
	"github.com/motcua/motcua/internal/pki"
)

var now = time.Date(2026, time.November, 21, 3, 0, 0, 0, time.UTC)

func pair(tb testing.TB) (issuer, cert *x509.Certificate, key *ecdsa.PrivateKey) {
	tb.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	make := func(n int64, ca bool, parent *x509.Certificate) *x509.Certificate {
		template := &x509.Certificate{SerialNumber: big.NewInt(n), Subject: pkix.Name{CommonName: "thử nghiệm", SerialNumber: string(rune('0' + n))},
			NotBefore: now.AddDate(-1, 0, 0), NotAfter: now.AddDate(1, 0, 0), IsCA: ca, BasicConstraintsValid: true,
			KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign}
		if parent == nil {
			parent = template
		}
		der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), key)
		if err != nil {
			tb.Fatal(err)
		}
		c, err := x509.ParseCertificate(der)
		if err != nil {
			tb.Fatal(err)
		}
		return c
	}
	issuer = make(1, true, nil)
	return issuer, make(2, false, issuer), key
}

func respond(tb testing.TB, issuer *x509.Certificate, key *ecdsa.PrivateKey, s pki.Single) []byte {
	tb.Helper()
	scheme, err := cms.SchemeFor(key.Public(), false)
	if err != nil {
		tb.Fatal(err)
	}
	a := pki.Answer{Responder: issuer.RawSubject, ProducedAt: now, Singles: []pki.Single{s}, Nonce: pki.Nonce([]byte("một lần"))}
	der, err := a.Encode(scheme, func(tbs []byte) ([]byte, error) { return scheme.Sign(key, tbs) })
	if err != nil {
		tb.Fatal(err)
	}
	return der
}

func TestOCSPRoundTrip(t *testing.T) {
	issuer, cert, key := pair(t)
	for _, hash := range []crypto.Hash{crypto.SHA1, crypto.SHA256} {
		for _, status := range []pki.Status{pki.Good, pki.Revoked, pki.OnHold} {
			want := pki.Single{ID: pki.NewCertID(hash, cert, issuer), Status: status, ThisUpdate: now, NextUpdate: now.Add(time.Hour)}
			if status != pki.Good {
				want.RevokedAt, want.Reason = now.Add(-time.Hour), 1
			}
			if status == pki.OnHold {
				want.Reason = pki.ReasonHold
			}
			r, err := pki.ParseOCSP(respond(t, issuer, key, want))
			if err != nil {
				t.Fatal(err)
			}
			got, ok := r.Find(cert, issuer)
			if !ok || got.Status != want.Status || !got.RevokedAt.Equal(want.RevokedAt) || got.Reason != want.Reason ||
				!got.ThisUpdate.Equal(now) || !got.NextUpdate.Equal(want.NextUpdate) {
				t.Errorf("%v %v: %+v", hash, status, got)
			}
			if _, ok := r.Find(issuer, issuer); ok {
				t.Error("an answer about another certificate")
			}
			if err := r.CheckSignature(issuer); err != nil || !r.IsBy(issuer) || r.IsBy(cert) ||
				!bytes.Equal(r.Nonce, pki.Nonce([]byte("một lần"))) {
				t.Errorf("%v, by issuer %v", err, r.IsBy(issuer))
			}
		}
	}
}

func TestOCSPForged(t *testing.T) {
	issuer, cert, key := pair(t)
	der := respond(t, issuer, key, pki.Single{ID: pki.NewCertID(crypto.SHA1, cert, issuer), Status: pki.Good, ThisUpdate: now})
	good := bytes.Index(der, []byte{0x80, 0}) // [0] good
	der[good] = 0x82                          // [2] unknown
	r, err := pki.ParseOCSP(der)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.CheckSignature(issuer); !errors.Is(err, pki.ErrSignature) {
		t.Errorf("got %v", err)
	}
	if _, err := pki.ParseOCSP(pki.EncodeOCSPRefusal(3)); !errors.Is(err, pki.ErrRefused) {
		t.Errorf("try later: %v", err)
	}
	if _, err := pki.ParseOCSP(bytes.Repeat([]byte{0x30, 0x80}, 1<<18)); !errors.Is(err, pki.ErrFormat) {
		t.Errorf("nested: %v", err)
	}
}

func TestRequestRoundTrip(t *testing.T) {
	issuer, cert, _ := pair(t)
	for _, nonce := range [][]byte{nil, []byte("một lần")} {
		id, back, err := pki.ParseOCSPRequest(pki.EncodeOCSPRequest(pki.NewCertID(crypto.SHA256, cert, issuer), nonce))
		if err != nil || !id.Names(cert, issuer) || nonce != nil && !bytes.Equal(back, pki.Nonce(nonce)) || nonce == nil && back != nil {
			t.Errorf("%v, %x", err, back)
		}
	}
}

func TestCRL(t *testing.T) {
	issuer, cert, key := pair(t)
	der, err := x509.CreateRevocationList(rand.Reader, &x509.RevocationList{Number: big.NewInt(4), ThisUpdate: now,
		NextUpdate: now.Add(time.Hour), RevokedCertificateEntries: []x509.RevocationListEntry{
			{SerialNumber: cert.SerialNumber, RevocationTime: now, ReasonCode: 6}}}, issuer, key)
	if err != nil {
		t.Fatal(err)
	}
	l, err := pki.ParseCRL(der)
	if err != nil {
		t.Fatal(err)
	}
	if e, ok := l.Find(cert); !ok || e.Reason != pki.ReasonHold || !e.At.Equal(now) || l.SpeaksOf(cert) != pki.AllReasons || l.SpeaksOf(issuer) == 0 {
		t.Errorf("%+v %v", e, ok)
	}
	if _, ok := l.Find(issuer); ok {
		t.Error("a line about another certificate")
	}
	if _, err := pki.ParseCRL(der[:len(der)-1]); !errors.Is(err, pki.ErrFormat) {
		t.Errorf("cut: %v", err)
	}
}

func FuzzParseOCSP(f *testing.F) {
	issuer, cert, key := pair(f)
	f.Add(respond(f, issuer, key, pki.Single{ID: pki.NewCertID(crypto.SHA1, cert, issuer), Status: pki.Revoked, ThisUpdate: now,
		RevokedAt: now}))
	f.Add(pki.EncodeOCSPRefusal(1))
	f.Fuzz(func(t *testing.T, der []byte) {
		r, err := pki.ParseOCSP(der)
		if err != nil {
			return
		}
		again, err := pki.ParseOCSP(r.Raw)
		if err != nil || len(again.Singles) != len(r.Singles) || !again.ProducedAt.Equal(r.ProducedAt) {
			t.Errorf("does not read back: %v", err)
		}
		_ = r.CheckSignature(issuer)
	})
}

func FuzzParseOCSPRequest(f *testing.F) {
	issuer, cert, _ := pair(f)
	f.Add(pki.EncodeOCSPRequest(pki.NewCertID(crypto.SHA1, cert, issuer), []byte("1")))
	f.Fuzz(func(t *testing.T, der []byte) {
		id, _, err := pki.ParseOCSPRequest(der)
		if err != nil {
			return
		}
		back, _, err := pki.ParseOCSPRequest(pki.EncodeOCSPRequest(id, nil))
		if err != nil || back.Serial.Cmp(id.Serial) != 0 || !bytes.Equal(back.KeyHash, id.KeyHash) {
			t.Errorf("does not read back: %v", err)
		}
	})
}

func FuzzParseCRL(f *testing.F) {
	issuer, cert, key := pair(f)
	der, err := x509.CreateRevocationList(rand.Reader, &x509.RevocationList{Number: big.NewInt(4), ThisUpdate: now,
		NextUpdate: now.Add(time.Hour)}, issuer, key)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(der)
	f.Fuzz(func(t *testing.T, der []byte) {
		if l, err := pki.ParseCRL(der); err == nil {
			l.Find(cert)
			l.SpeaksOf(cert)
		}
	})
}

// FuzzPoints wants an answer to whatever a certificate says about its distribution points.
func FuzzPoints(f *testing.F) {
	issuer, cert, key := pair(f)
	scope := []byte{0x30, 0x0f, 0xa0, 0x08, 0xa1, 0x06, 0x30, 0x04, 0x06, 0x02, 0x55, 0x04, 0x83, 0x03, 0x01, 0x05, 0x60} // relative, some reasons
	der, err := x509.CreateRevocationList(rand.Reader, &x509.RevocationList{Number: big.NewInt(4), ThisUpdate: now,
		NextUpdate: now.Add(time.Hour), ExtraExtensions: []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 28}, Critical: true, Value: scope}}},
		issuer, key)
	if err != nil {
		f.Fatal(err)
	}
	l, err := pki.ParseCRL(der)
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte{0x30, 0x0e, 0x30, 0x0c, 0xa0, 0x0a, 0xa0, 0x08, 0x86, 0x06, 'h', 't', 't', 'p', ':', '/'})
	f.Add([]byte{0x30, 0x10, 0x30, 0x0e, 0xa0, 0x08, 0xa1, 0x06, 0x30, 0x04, 0x06, 0x02, 0x55, 0x04, 0x81, 0x02, 0x05, 0x60})
	f.Add([]byte{0x30, 0x06, 0x30, 0x04, 0xa2, 0x02, 0xa4, 0x00})
	f.Fuzz(func(t *testing.T, value []byte) {
		named := *cert
		named.Extensions = append(slices.Clone(cert.Extensions), pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 31}, Value: value})
		if got := l.SpeaksOf(&named); got&^pki.AllReasons != 0 {
			t.Errorf("%x: reasons %x", value, got)
		}
	})
}
