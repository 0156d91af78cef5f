// Package vault keeps documents by the hash of their content, each sealed under the key of the person it is about: the
// same key that seals what the journal says about that person (journal/seal). Destroying it erases both.
//
//	v, err := vault.Open(dir, keys)
//	ref, err := v.Put(ctx, subject, data, file.Spec{})
//	data, err := v.Get(ctx, subject, ref.Hash)       // seal.ErrErased once the key is destroyed
//
// Nothing is ever on the disk in clear, not even for a moment. Documents that an older office kept in clear
// (dossier/file) are still read; no erasure reaches those.
package vault

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/motcua/motcua/dossier/file"
	"github.com/motcua/motcua/journal/seal"
)

// MaxSize bounds a document: it is sealed in memory.
const MaxSize = 32 << 20

// ErrBroken means that what is stored is not what was put there.
var ErrBroken = errors.New("vault: document is damaged")

// purpose keeps the keys of documents apart from those of the journal, and names the form of what is stored.
const purpose = "motcua-vault/1"

// Vault is the directory: sealed/ab/cdef…, by subject and content. It is safe for concurrent use.
type Vault struct {
	dir   string
	keys  seal.KeyStore
	clear *file.Store // nil when the office never kept documents in clear
}

// Open opens a directory, and makes it if it is not there.
func Open(dir string, keys seal.KeyStore) (*Vault, error) {
	v := &Vault{dir: dir, keys: keys}
	for _, part := range []string{"sealed", "tmp"} {
		if err := os.MkdirAll(filepath.Join(dir, part), 0o700); err != nil {
			return nil, err
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "objects")); err == nil {
		if v.clear, err = file.OpenStore(dir, file.Config{}); err != nil {
			return nil, err
		}
	}
	return v, nil
}

// Put judges a document, seals it and returns its reference once it is safe on disk. Errors: those of [file.Judge], of the
// key store and of the file system.
func (v *Vault) Put(ctx context.Context, subject string, data []byte, spec file.Spec) (file.Ref, error) {
	if spec.MaxSize == 0 || spec.MaxSize > MaxSize {
		spec.MaxSize = MaxSize
	}
	ref, err := file.Judge(bytes.NewReader(data), int64(len(data)), spec)
	if err != nil {
		return file.Ref{}, err
	}
	if have, err := v.Get(ctx, subject, ref.Hash); err == nil && v.isSealed(subject, ref.Hash) && bytes.Equal(have, data) {
		return ref, nil
	}
	key, err := v.keys.Current(ctx, subject)
	if err != nil {
		return file.Ref{}, err
	}
	aead, err := cipherOf(key)
	if err != nil {
		return file.Ref{}, err
	}
	id := key.ID()
	nonce := make([]byte, aead.NonceSize())
	_, _ = rand.Read(nonce)
	sealed := append(append([]byte(purpose), id[:]...), nonce...)
	return ref, v.write(v.path(subject, ref.Hash), aead.Seal(sealed, nonce, data, binding(subject, ref.Hash)))
}

// Get returns a document. Errors: [seal.ErrErased] when the subject was erased, [file.ErrNotFound], [ErrBroken], those of
// the key store and of the file system.
func (v *Vault) Get(ctx context.Context, subject string, h file.Hash) ([]byte, error) {
	sealed, err := os.ReadFile(v.path(subject, h))
	if errors.Is(err, fs.ErrNotExist) {
		return v.getClear(ctx, h)
	}
	if err != nil {
		return nil, err
	}
	var id seal.KeyID
	rest, ok := bytes.CutPrefix(sealed, []byte(purpose))
	if !ok || len(rest) < len(id) {
		return nil, ErrBroken
	}
	rest = rest[copy(id[:], rest):]
	key, err := v.keys.Key(ctx, subject, id)
	if err != nil {
		return nil, err
	}
	aead, err := cipherOf(key)
	if err != nil {
		return nil, err
	}
	if len(rest) < aead.NonceSize() {
		return nil, ErrBroken
	}
	data, err := aead.Open(nil, rest[:aead.NonceSize()], rest[aead.NonceSize():], binding(subject, h))
	if err != nil {
		return nil, ErrBroken
	}
	return data, nil
}

func (v *Vault) getClear(ctx context.Context, h file.Hash) ([]byte, error) {
	if v.clear == nil {
		return nil, file.ErrNotFound
	}
	f, err := v.clear.Open(ctx, h)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, MaxSize+1))
	if err == nil && len(data) > MaxSize {
		err = fmt.Errorf("vault: document over %d bytes", MaxSize)
	}
	return data, err
}

func (v *Vault) isSealed(subject string, h file.Hash) bool {
	_, err := os.Stat(v.path(subject, h))
	return err == nil
}

// path says nothing about the subject to who does not know him.
func (v *Vault) path(subject string, h file.Hash) string {
	sum := sha256.Sum256(binding(subject, h))
	name := hex.EncodeToString(sum[:])
	return filepath.Join(v.dir, "sealed", name[:2], name[2:])
}

func binding(subject string, h file.Hash) []byte {
	return []byte(purpose + "\x00" + subject + "\x00" + h.String())
}

func cipherOf(key seal.Key) (cipher.AEAD, error) {
	secret, err := hkdf.Key(sha256.New, key.Reveal(), nil, purpose, 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(secret)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// write puts a file in its place, whole and synced or not at all.
func (v *Vault) write(path string, data []byte) error {
	tmp, err := os.CreateTemp(filepath.Join(v.dir, "tmp"), "seal-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(tmp.Name()) }()
	_, err = tmp.Write(data)
	if err = errors.Join(err, tmp.Sync(), tmp.Close()); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	if err := os.Rename(tmp.Name(), path); err != nil {
		return err
	}
	return errors.Join(syncDir(filepath.Dir(path)), syncDir(filepath.Join(v.dir, "sealed")))
}

func syncDir(path string) error {
	if runtime.GOOS == "windows" {
		return nil // directories cannot be synced there
	}
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
