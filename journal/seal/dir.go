package seal

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// maxKeys bounds the keys of one subject, destroyed ones included.
const maxKeys = 1000

// DirConfig holds what is optional about a [Dir].
type DirConfig struct {
	// Cache is how many unwrapped keys are kept in memory, so that reading a dossier does not ask an HSM for each fact.
	// That a key still exists is asked of the disk each time. 0 means 4096; negative keeps none.
	Cache int
	// Now tells how old a temporary file is that a crash has left; nil means time.Now.
	Now func() time.Time
}

// Dir is a [KeyStore] in a directory, one small file for each data key, wrapped. Several processes may share it. It is
// meant for development and for an office on one machine; put it on another disk than the journal, and back it up apart
// from it.
//
// A subject's n-th key is "<h>.<n>", h a hash of the subject; once "<h>.<n>.gone" exists it is destroyed, whatever else
// exists. So no lock is needed, and no crash can bring a key back.
type Dir struct {
	path    string
	wrapper Wrapper
	cfg     DirConfig
	cache   *cache
}

var _ KeyStore = (*Dir)(nil)

// keyFile is what stands in a key's file, and, without Wrapped, in that of a destroyed one.
type keyFile struct {
	Version int    `json:"version"`
	ID      string `json:"id"`
	Wrapped []byte `json:"wrapped,omitempty"`
}

// OpenDir opens the key store in a directory, which it makes if need be. Errors: *InvalidError, the file system's.
func OpenDir(path string, wrapper Wrapper, cfg DirConfig) (*Dir, error) {
	if path == "" || wrapper == nil {
		return nil, &InvalidError{Field: "key store", Rule: "a directory and a wrapper"}
	}
	if cfg.Cache == 0 {
		cfg.Cache = 4096
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if err := makeDir(path); err != nil {
		return nil, fmt.Errorf("seal: open key store: %w", err)
	}
	return &Dir{path: path, wrapper: wrapper, cfg: cfg, cache: newCache(cfg.Cache)}, nil
}

// Current implements [KeyStore].
func (d *Dir) Current(ctx context.Context, subject string) (Key, error) {
	if err := ctx.Err(); err != nil {
		return Key{}, err
	}
	base := d.base(subject)
	if key, ok := d.cache.findCurrent(base); ok {
		return key, nil
	}
	for n := 1; n <= maxKeys; {
		if err := ctx.Err(); err != nil {
			return Key{}, err
		}
		id, wrapped, err := readKey(base, n)
		switch {
		case err == nil:
			key, err := d.unwrap(ctx, base, n, id, wrapped)
			if err == nil {
				d.cache.setCurrent(base, id)
			}
			return key, err
		case errors.Is(err, ErrErased):
			n++
		case !errors.Is(err, ErrNoKey):
			return Key{}, keyError("read", KeyID{}, err)
		default:
			key, err := d.make(ctx, base, n)
			if errors.Is(err, fs.ErrExist) {
				continue // somebody else has made it: it is the one
			}
			return key, keyError("make", key.id, err)
		}
	}
	return Key{}, &KeyError{Act: "make", Err: &InvalidError{Field: "subject", Rule: "at most 1000 keys, destroyed ones included"}}
}

func (d *Dir) make(ctx context.Context, base string, n int) (Key, error) {
	var random [keyIDSize + keySize]byte
	if _, err := rand.Read(random[:]); err != nil {
		return Key{}, err
	}
	key, err := NewKey(KeyID(random[:keyIDSize]), random[keyIDSize:])
	if err != nil {
		return Key{}, err
	}
	wrapped, err := d.wrapper.Wrap(ctx, key.Reveal(), wrapContext(base, key.id))
	if err != nil {
		return Key{}, err
	}
	if err := makeDir(filepath.Dir(base)); err != nil {
		return Key{}, err
	}
	if err := writeNew(place(base, n), keyFile{1, key.id.String(), wrapped}); err != nil {
		return Key{}, err
	}
	d.cache.keep(base, n, key)
	d.cache.setCurrent(base, key.id)
	return key, nil
}

// Key implements [KeyStore].
func (d *Dir) Key(ctx context.Context, subject string, id KeyID) (Key, error) {
	base := d.base(subject)
	if key, ok := d.cache.find(base, id); ok {
		return key, ctx.Err()
	}
	for n := 1; n <= maxKeys; n++ {
		if err := ctx.Err(); err != nil {
			return Key{}, err
		}
		found, wrapped, err := readKey(base, n)
		switch {
		case errors.Is(err, ErrNoKey):
			return Key{}, &KeyError{Act: "read", ID: id, Err: ErrNoKey}
		case err != nil && !errors.Is(err, ErrErased):
			return Key{}, keyError("read", id, err)
		case found != id:
			continue
		case err != nil:
			return Key{}, ErrErased
		}
		return d.unwrap(ctx, base, n, id, wrapped)
	}
	return Key{}, &KeyError{Act: "read", ID: id, Err: ErrNoKey}
}

// Destroy implements [KeyStore].
func (d *Dir) Destroy(ctx context.Context, subject string) error {
	base := d.base(subject)
	for n := 1; n <= maxKeys; n++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		id, _, err := readKey(base, n)
		if errors.Is(err, ErrNoKey) {
			break
		}
		if err == nil {
			err = writeNew(gone(base, n), keyFile{Version: 1, ID: id.String()})
		}
		if err != nil && !errors.Is(err, ErrErased) && !errors.Is(err, fs.ErrExist) {
			return keyError("destroy", id, err)
		}
		if err := shred(place(base, n)); err != nil {
			return keyError("destroy", id, err)
		}
		d.cache.forget(base, id)
	}
	return keyError("destroy", KeyID{}, d.sweep(filepath.Dir(base)))
}

// sweep removes what a crash has left in one part of the directory.
func (d *Dir) sweep(part string) error {
	entries, err := os.ReadDir(part)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if !strings.HasPrefix(entry.Name(), "tmp-") {
			continue
		}
		info, err := entry.Info()
		if err != nil || d.cfg.Now().Sub(info.ModTime()) < time.Minute {
			continue // it is gone already, or somebody is writing it
		}
		if err := shred(filepath.Join(part, entry.Name())); err != nil {
			return err
		}
	}
	return nil
}

func (d *Dir) unwrap(ctx context.Context, base string, n int, id KeyID, wrapped []byte) (Key, error) {
	secret, err := d.wrapper.Unwrap(ctx, wrapped, wrapContext(base, id))
	if err != nil {
		return Key{}, keyError("unwrap", id, err)
	}
	key, err := NewKey(id, secret)
	if err != nil {
		return Key{}, keyError("unwrap", id, err)
	}
	d.cache.keep(base, n, key)
	return key, nil
}

// base is where the keys of a subject stand; the name does not show the subject.
func (d *Dir) base(subject string) string {
	sum := sha256.Sum256([]byte("motcua seal subject v1\n" + subject))
	name := hex.EncodeToString(sum[:])
	return filepath.Join(d.path, name[:2], name[2:])
}

func place(base string, n int) string { return base + "." + strconv.Itoa(n) }

func gone(base string, n int) string { return place(base, n) + ".gone" }

// readKey reads the n-th key of a subject. With ErrErased it returns the ID of the key that was there.
func readKey(base string, n int) (KeyID, []byte, error) {
	var live, dead keyFile
	err := readJSON(place(base, n), &live)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		// It may have been read in the midst of being shredded: then its successor says so.
		if readJSON(gone(base, n), &dead) != nil {
			return KeyID{}, nil, err
		}
	}
	switch goneErr := readJSON(gone(base, n), &dead); {
	case goneErr == nil:
		id, err := ParseKeyID(dead.ID)
		if err != nil || dead.Version != 1 {
			return KeyID{}, nil, &InvalidError{Field: "key file", Rule: "version 1 with an ID", Err: err}
		}
		return id, nil, ErrErased
	case !errors.Is(goneErr, fs.ErrNotExist):
		return KeyID{}, nil, goneErr
	case err != nil:
		return KeyID{}, nil, ErrNoKey
	}
	id, err := ParseKeyID(live.ID)
	if err != nil || live.Version != 1 || len(live.Wrapped) == 0 {
		return KeyID{}, nil, &InvalidError{Field: "key file", Rule: "version 1 with an ID and a wrapped key", Err: err}
	}
	return id, live.Wrapped, nil
}

// wrapContext binds a wrapped key to whose it is: to the hash of the subject that its files are named by.
func wrapContext(base string, id KeyID) []byte {
	return append([]byte("motcua seal key v1\n"+filepath.Base(filepath.Dir(base))+filepath.Base(base)+"\n"), id[:]...)
}
