package seal

import (
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// maxFile bounds a file of keys; a key management service may wrap 32 bytes in a few hundred.
const maxFile = 16 << 10

// readJSON reads one small file.
func readJSON(path string, v any) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	raw, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if err != nil {
		return err
	}
	if len(raw) > maxFile {
		return &InvalidError{Field: "key file", Rule: "at most 16 KiB"}
	}
	return json.Unmarshal(raw, v)
}

// writeNew writes a file that must not exist yet: durable and whole when it returns, or fs.ErrExist.
func writeNew(path string, v any) error { return write(path, v, os.Link) }

// writeOver writes a file whether or not it exists.
func writeOver(path string, v any) error { return write(path, v, os.Rename) }

func write(path string, v any, place func(from, to string) error) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return err
	}
	dir := filepath.Dir(path)
	tmp, err := os.CreateTemp(dir, "tmp-*") // readable by its owner alone
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name()) // harmless when it was renamed
	_, err = tmp.Write(raw)
	if err == nil {
		err = tmp.Sync()
	}
	if err := errors.Join(err, tmp.Close()); err != nil {
		return err
	}
	if err := place(tmp.Name(), path); err != nil {
		return err
	}
	return syncDir(dir)
}

// shred overwrites a file, as far as a file system lets one, and removes it durably. A file that is gone is fine.
func shred(path string) error {
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	info, err := file.Stat()
	if err == nil {
		_, err = file.Write(make([]byte, info.Size()))
	}
	if err == nil {
		err = file.Sync()
	}
	if err := errors.Join(err, file.Close()); err != nil {
		return err
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return syncDir(filepath.Dir(path))
}

// makeDir makes a directory durably, for its owner alone.
func makeDir(path string) error {
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	if err := os.MkdirAll(path, 0o700); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}
