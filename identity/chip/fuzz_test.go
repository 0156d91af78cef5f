package chip_test

import (
	"crypto"
	"encoding/binary"
	"testing"

	"github.com/motcua/motcua/identity/chip"
	"github.com/motcua/motcua/identity/identitytest"
)

// FuzzVerify changes what a genuine chip holds. Whatever comes out, it ends, it has a verdict and a reason, and nothing
// that differs from what was signed is accepted.
func FuzzVerify(f *testing.F) {
	v := vietnam()
	verifier := v.verifier(f, chip.Policy{})
	genuine := v.chip(f, identitytest.CardConfig{Signed: signed, Active: identitytest.CardAlgorithm{Key: "P-256"}, Agreement: "P-256"})
	for file, data := range genuine.Files {
		f.Add(int(file), data)
	}
	f.Fuzz(func(t *testing.T, file int, data []byte) {
		raw := make(map[chip.File][]byte)
		for k, v := range genuine.Files {
			raw[k] = v
		}
		raw[chip.File(file)] = data
		files, err := chip.NewFiles(raw)
		if err != nil {
			return
		}
		r := verifier.Verify(today, files, chip.Session{})
		same := string(genuine.Files[chip.File(file)]) == string(data)
		// The list of files is not signed, and the signed list can be written in other ways than DER.
		free := chip.File(file) == chip.COM || chip.File(file) == chip.SOD
		if r.Verdict == "" || len(r.Steps) < 13 || r.Verdict == chip.Accepted && !same && !free {
			t.Fatalf("%s with another %v: %s", r.Verdict, chip.File(file), codes(r))
		}
		if doc, ok := r.Document(); ok && doc.Zone.Person.Reveal() != identitytest.Specimens()[0].Number {
			t.Fatal("somebody else comes out")
		}
	})
}

// FuzzContents has a signer sign anything, so that the readers of what is inside are reached.
func FuzzContents(f *testing.F) {
	v := vietnam()
	verifier := v.verifier(f, chip.Policy{})
	genuine := v.chip(f, identitytest.CardConfig{Active: identitytest.CardAlgorithm{Key: "RSA 2048", Hash: crypto.SHA256}, Agreement: "brainpoolP256r1"})
	for _, file := range []chip.File{chip.DG1, chip.DG2, chip.DG13, chip.DG14, chip.DG15} {
		f.Add(int(file), genuine.Files[file])
	}
	f.Fuzz(func(t *testing.T, n int, data []byte) {
		file := chip.File(n)
		if file < 1 || file > 16 || len(data) == 0 || len(data) > 64<<10 {
			return
		}
		c, err := v.signer.Personalise(identitytest.Specimens()[0], identitytest.CardConfig{Signed: signed, More: map[chip.File][]byte{file: data}})
		if err != nil {
			t.Fatal(err)
		}
		r := verifier.Verify(today, read(t, c), chip.Session{})
		if doc, ok := r.Document(); ok {
			_ = doc.Statements("x")
			_ = doc.Portrait.Reveal()
		}
	})
}

// FuzzSession has a chip answer anything.
func FuzzSession(f *testing.F) {
	v := vietnam()
	verifier := v.verifier(f, chip.Policy{})
	files := func(key string) chip.Files {
		return read(f, v.chip(f, identitytest.CardConfig{Signed: signed, Active: identitytest.CardAlgorithm{Key: key}, Agreement: "P-256", Cipher: "AES-128"}))
	}
	elliptic, rsa := files("P-256"), files("RSA 1024")
	f.Add([]byte("12345678"), make([]byte, 64), []byte{1}, []byte("\x99\x02\x90\x00\x8e\x08\x01\x02\x03\x04\x05\x06\x07\x08\x90\x00"))
	f.Add([]byte("12345678"), make([]byte, 128), []byte{1}, []byte("\x87\x02\x01\x01\x99\x02\x90\x00\x8e\x08\x01\x02\x03\x04\x05\x06\x07\x08\x90\x00"))
	f.Fuzz(func(t *testing.T, challenge, response, private, protected []byte) {
		s := chip.Session{
			Active: &chip.ActiveAuthentication{Challenge: challenge, Response: response},
			Chip:   &chip.ChipAuthentication{PrivateKey: private, KeyID: 7, Response: protected, Counter: binary.BigEndian.Uint64(append(private, make([]byte, 8)...))},
		}
		for _, f := range []chip.Files{elliptic, rsa} {
			if r := verifier.Verify(today, f, s); r.Verdict == chip.Accepted {
				t.Fatalf("a proof out of the air: %s", codes(r))
			}
		}
	})
}

func FuzzParseCertificates(f *testing.F) {
	f.Add(vietnam().authority.Certificate())
	f.Add([]byte("-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		list, err := chip.ParseCertificates(data)
		if (err == nil) != (len(list) > 0) {
			t.Fatal(err)
		}
		for _, c := range list {
			again, err := chip.ParseCertificates(c.DER())
			if err != nil || again[0].Fingerprint() != c.Fingerprint() || again[0].String() != c.String() {
				t.Fatalf("does not read back: %v", err)
			}
		}
	})
}
