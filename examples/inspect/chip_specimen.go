package main

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"time"

	"github.com/motcua/motcua/identity/chip"
	"github.com/motcua/motcua/identity/identitytest"
)

// writeSpecimen personalises the chip of somebody invented: brainpool with its parameters written out, as the Vietnamese
// passport authority has it, and a chip that proves itself in both ways.
func writeSpecimen(dir string, at time.Time) error {
	algorithm := identitytest.CardAlgorithm{Key: "brainpoolP256r1", Explicit: true}
	begin := at.AddDate(-2, 0, 0)
	authority, err := identitytest.NewCardAuthority(identitytest.CardAuthorityConfig{Algorithm: algorithm, From: begin})
	if err != nil {
		return err
	}
	signer, err := authority.Signer(identitytest.CardSignerConfig{})
	if err != nil {
		return err
	}
	list, err := authority.MasterList(at, authority.Certificate())
	if err != nil {
		return err
	}
	crl, err := authority.CRL(at.AddDate(0, 0, -1), at.AddDate(0, 3, 0))
	if err != nil {
		return err
	}
	person := identitytest.Specimens()[0]
	person.Expires = at.AddDate(5, 0, 0).Format("060102")
	card, err := signer.Personalise(person, identitytest.CardConfig{
		Signed: begin.AddDate(0, 1, 0), Active: algorithm, Agreement: "brainpoolP256r1", Cipher: "AES-128",
	})
	if err != nil {
		return err
	}
	session, err := recordSession(card)
	if err != nil {
		return err
	}
	files := map[string][]byte{"csca.ml": list, "crl/csca.crl": crl, "session.json": session}
	for file, data := range card.Files {
		files["EF_"+file.String()+".bin"] = data
	}
	return writeFiles(dir, files)
}

func recordSession(card *identitytest.CardChip) ([]byte, error) {
	random := make([]byte, 8+24)
	if _, err := rand.Read(random); err != nil {
		return nil, err
	}
	active, err := card.Prove(random[:8])
	if err != nil {
		return nil, err
	}
	agreed, err := card.Agree(random[8:])
	if err != nil {
		return nil, err
	}
	return json.MarshalIndent(sessionOf(active, agreed), "", "  ")
}

func sessionOf(active *chip.ActiveAuthentication, agreed *chip.ChipAuthentication) map[string]any {
	return map[string]any{
		"active": map[string]any{"challenge": hex.EncodeToString(active.Challenge), "response": hex.EncodeToString(active.Response)},
		"chip": map[string]any{"privateKey": hex.EncodeToString(agreed.PrivateKey), "keyId": agreed.KeyID, "cipher": agreed.Cipher,
			"response": hex.EncodeToString(agreed.Response), "counter": agreed.Counter},
	}
}

// writeFiles writes files below a directory.
func writeFiles(dir string, files map[string][]byte) error {
	for name, data := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(path, data, 0o600); err != nil {
			return err
		}
	}
	return nil
}
