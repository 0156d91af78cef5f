package seal

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
)

const maxWrapping = 1 << 20 // wrapping keys a ring ever had

// Keyring is a [Wrapper] whose wrapping keys are files of one directory, in clear, readable by their owner alone: for
// development, and for an office without an HSM that puts the directory on a medium of its own. Several processes may
// share it. What it wraps begins with the number of the wrapping key.
type Keyring struct {
	path string

	mu   sync.RWMutex
	keys map[uint32][]byte
}

var (
	_ Wrapper = (*Keyring)(nil)
	_ Dater   = (*Keyring)(nil)
)

type wrappingFile struct {
	Version int    `json:"version"`
	Key     []byte `json:"key"`
}

// CreateKeyring makes a ring with its first wrapping key in a directory that has none. Errors: fs.ErrExist, the file
// system's.
func CreateKeyring(path string) (*Keyring, error) {
	if err := makeDir(path); err != nil {
		return nil, fmt.Errorf("seal: create keyring: %w", err)
	}
	k := &Keyring{path: path, keys: make(map[uint32][]byte)}
	numbers, err := k.numbers()
	if err == nil && len(numbers) > 0 {
		err = fs.ErrExist
	}
	if err == nil {
		err = k.add(1)
	}
	if err != nil {
		return nil, fmt.Errorf("seal: create keyring: %w", err)
	}
	return k, nil
}

// OpenKeyring opens a ring that exists. Errors: fs.ErrNotExist, so that a ring that was not mounted is not taken for a
// new one; *InvalidError; the file system's.
func OpenKeyring(path string) (*Keyring, error) {
	k := &Keyring{path: path, keys: make(map[uint32][]byte)}
	numbers, err := k.numbers()
	if err == nil && len(numbers) == 0 {
		err = fs.ErrNotExist
	}
	for _, n := range numbers {
		if err == nil {
			_, err = k.key(n)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("seal: open keyring: %w", err)
	}
	return k, nil
}

// Wrap implements [Wrapper], under the newest key the directory has.
func (k *Keyring) Wrap(_ context.Context, key, context []byte) ([]byte, error) {
	if len(key) != keySize {
		return nil, &InvalidError{Field: "key", Rule: "32 bytes"}
	}
	number, err := k.newest()
	if err != nil {
		return nil, err
	}
	secret, err := k.key(number)
	if err != nil {
		return nil, err
	}
	aead, err := gcm(secret)
	if err != nil {
		return nil, err
	}
	header := binary.BigEndian.AppendUint32(nil, number)
	return aead.Seal(header, nil, key, append(slices.Clone(header), context...)), nil
}

// Unwrap implements [Wrapper]. Errors: [ErrNoKey] when the wrapping key is retired or was never here.
func (k *Keyring) Unwrap(_ context.Context, wrapped, context []byte) ([]byte, error) {
	if len(wrapped) != 4+nonceAndTag+keySize {
		return nil, &InvalidError{Field: "wrapped key", Rule: "as Wrap returns it"}
	}
	header := wrapped[:4]
	secret, err := k.key(binary.BigEndian.Uint32(header))
	if err != nil {
		return nil, err
	}
	aead, err := gcm(secret)
	if err != nil {
		return nil, err
	}
	key, err := aead.Open(nil, nil, wrapped[4:], append(slices.Clone(header), context...))
	if err != nil {
		return nil, &InvalidError{Field: "wrapped key", Rule: "as Wrap returns it, in its context", Err: err}
	}
	return key, nil
}

// IsCurrent implements [Dater].
func (k *Keyring) IsCurrent(wrapped []byte) bool {
	newest, err := k.newest()
	return err == nil && len(wrapped) >= 4 && binary.BigEndian.Uint32(wrapped) == newest
}

// Rotate adds a wrapping key, which is the current one from now on in every process, and returns its number.
func (k *Keyring) Rotate() (uint32, error) {
	newest, err := k.newest()
	if err == nil {
		err = k.add(newest + 1)
	}
	if err != nil {
		return 0, fmt.Errorf("seal: rotate: %w", err)
	}
	return newest + 1, nil
}

// Retire destroys a wrapping key for good; what is still under it is lost, so call [Dir.Rewrap] first. It refuses the
// current one. Other processes forget it when they start anew.
func (k *Keyring) Retire(number uint32) error {
	newest, err := k.newest()
	if err != nil {
		return fmt.Errorf("seal: retire: %w", err)
	}
	if number < 1 || number >= newest {
		return &InvalidError{Field: "number", Rule: "of a wrapping key before the current one"}
	}
	if err := shred(k.file(number)); err != nil {
		return fmt.Errorf("seal: retire: %w", err)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.keys, number)
	return nil
}

func (k *Keyring) add(number uint32) error {
	if number > maxWrapping {
		return &InvalidError{Field: "keyring", Rule: "at most 1048576 rotations"}
	}
	secret := make([]byte, keySize)
	if _, err := rand.Read(secret); err != nil {
		return err
	}
	return writeNew(k.file(number), wrappingFile{1, secret})
}

// key returns a wrapping key, which another process may have added a moment ago.
func (k *Keyring) key(number uint32) ([]byte, error) {
	k.mu.RLock()
	secret := k.keys[number]
	k.mu.RUnlock()
	if secret != nil {
		return secret, nil
	}
	var stored wrappingFile
	err := readJSON(k.file(number), &stored)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, ErrNoKey
	case err != nil:
		return nil, err
	case stored.Version != 1 || len(stored.Key) != keySize:
		return nil, &InvalidError{Field: "wrapping key file", Rule: "version 1 with 32 bytes"}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.keys[number] = stored.Key
	return stored.Key, nil
}

func (k *Keyring) newest() (uint32, error) {
	numbers, err := k.numbers()
	if err != nil {
		return 0, err
	}
	if len(numbers) == 0 {
		return 0, ErrNoKey
	}
	return slices.Max(numbers), nil
}

func (k *Keyring) numbers() ([]uint32, error) {
	entries, err := os.ReadDir(k.path)
	if err != nil {
		return nil, err
	}
	var numbers []uint32
	for _, entry := range entries {
		name, isKey := strings.CutSuffix(entry.Name(), ".wrap")
		if n, err := strconv.ParseUint(name, 10, 32); isKey && err == nil && n > 0 {
			numbers = append(numbers, uint32(n))
		}
	}
	return numbers, nil
}

func (k *Keyring) file(number uint32) string {
	return filepath.Join(k.path, strconv.FormatUint(uint64(number), 10)+".wrap")
}
