package vault_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/motcua/motcua/dossier/file"
	"github.com/motcua/motcua/examples/onestop/vault"
	"github.com/motcua/motcua/journal/seal"
	"github.com/motcua/motcua/signature/signaturetest"
)

func open(t *testing.T) (*vault.Vault, *seal.Dir, string) {
	t.Helper()
	dir := t.TempDir()
	ring, err := seal.CreateKeyring(filepath.Join(dir, "ring"))
	if err != nil {
		t.Fatal(err)
	}
	keys, err := seal.OpenDir(filepath.Join(dir, "keys"), ring, seal.DirConfig{})
	if err != nil {
		t.Fatal(err)
	}
	v, err := vault.Open(filepath.Join(dir, "files"), keys)
	if err != nil {
		t.Fatal(err)
	}
	return v, keys, filepath.Join(dir, "files")
}

// holds counts the files below a directory, and those that show some words.
func holds(t *testing.T, dir string, words []byte) (files, clear int) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		files++
		if bytes.Contains(data, words) {
			clear++
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files, clear
}

func TestVault(t *testing.T) {
	v, keys, dir := open(t)
	doc := signaturetest.NewPDF(signaturetest.File{Text: "THE CANARY SINGS"})
	ref, err := v.Put(t.Context(), "p-nghia", doc, file.Spec{})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // the same again is one file
		if again, err := v.Put(t.Context(), "p-nghia", doc, file.Spec{}); err != nil || again != ref {
			t.Fatalf("%v, %v", again, err)
		}
	}
	if files, clear := holds(t, dir, []byte("CANARY")); files != 1 || clear != 0 {
		t.Errorf("%d files, %d of them in clear", files, clear)
	}
	if got, err := v.Get(t.Context(), "p-nghia", ref.Hash); err != nil || !bytes.Equal(got, doc) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	if _, err := v.Get(t.Context(), "p-vinh", ref.Hash); !errors.Is(err, file.ErrNotFound) {
		t.Errorf("somebody else's: %v", err)
	}
	if _, err := v.Put(t.Context(), "p-vinh", doc, file.Spec{}); err != nil {
		t.Fatal(err)
	}
	if err := keys.Destroy(t.Context(), "p-nghia"); err != nil {
		t.Fatal(err)
	}
	if _, err := v.Get(t.Context(), "p-nghia", ref.Hash); !errors.Is(err, seal.ErrErased) {
		t.Errorf("erased: %v", err)
	}
	if got, err := v.Get(t.Context(), "p-vinh", ref.Hash); err != nil || !bytes.Equal(got, doc) {
		t.Errorf("the other's same document: %v", err)
	}
	if _, err := v.Put(t.Context(), "p-nghia", doc, file.Spec{}); err != nil {
		t.Fatal(err)
	}
	if got, err := v.Get(t.Context(), "p-nghia", ref.Hash); err != nil || !bytes.Equal(got, doc) {
		t.Errorf("handed in again after the erasure: %v", err)
	}
}

// TestVaultDamaged changes each byte of what is stored, cuts it, and moves it to another document's place.
func TestVaultDamaged(t *testing.T) {
	v, _, dir := open(t)
	doc := signaturetest.NewPDF(signaturetest.File{})
	ref, err := v.Put(t.Context(), "p-nghia", doc, file.Spec{})
	if err != nil {
		t.Fatal(err)
	}
	var path string
	if err := filepath.WalkDir(filepath.Join(dir, "sealed"), func(p string, e fs.DirEntry, err error) error {
		if !e.IsDir() {
			path = p
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for at := range whole {
		bent := bytes.Clone(whole)
		bent[at] ^= 1
		for _, data := range [][]byte{bent, whole[:at]} {
			if err := os.WriteFile(path, data, 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := v.Get(t.Context(), "p-nghia", ref.Hash); err == nil || errors.Is(err, file.ErrNotFound) {
				t.Fatalf("byte %d: %v", at, err)
			}
		}
	}
	if _, err := v.Put(t.Context(), "p-nghia", doc, file.Spec{}); err != nil {
		t.Fatal(err)
	}
	if got, err := v.Get(t.Context(), "p-nghia", ref.Hash); err != nil || !bytes.Equal(got, doc) {
		t.Errorf("put again over the damage: %v", err)
	}
}

// TestVaultRefuses wants nothing left of what is not a document.
func TestVaultRefuses(t *testing.T) {
	v, _, dir := open(t)
	for _, data := range [][]byte{nil, []byte("hello"), []byte("%PDF-1.7\nhello"), make([]byte, vault.MaxSize+1)} {
		var rejected *file.RejectedError
		if _, err := v.Put(t.Context(), "p-nghia", data, file.Spec{MaxSize: 1 << 40}); !errors.As(err, &rejected) {
			t.Errorf("%d bytes: %v", len(data), err)
		}
	}
	if files, _ := holds(t, dir, nil); files != 0 {
		t.Errorf("%d files left", files)
	}
}

// TestVaultReadsClear: what an office kept before sealing is still there.
func TestVaultReadsClear(t *testing.T) {
	dir := t.TempDir()
	store, err := file.OpenStore(dir, file.Config{})
	if err != nil {
		t.Fatal(err)
	}
	doc := signaturetest.NewPDF(signaturetest.File{})
	ref, err := store.Put(t.Context(), bytes.NewReader(doc), file.Spec{})
	if err != nil {
		t.Fatal(err)
	}
	_, keys, _ := open(t)
	v, err := vault.Open(dir, keys)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := v.Get(t.Context(), "p-nghia", ref.Hash); err != nil || !bytes.Equal(got, doc) {
		t.Errorf("%v", err)
	}
	if again, err := v.Put(t.Context(), "p-nghia", doc, file.Spec{}); err != nil || again != ref {
		t.Errorf("%v", err)
	}
	if files, _ := holds(t, filepath.Join(dir, "sealed"), nil); files != 1 {
		t.Errorf("%d sealed, want it sealed although it is there in clear", files)
	}
}
