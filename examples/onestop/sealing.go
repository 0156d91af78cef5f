package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/journal/seal"
)

// sealJournal puts the personal halves of facts under keys of their subjects. The keys are files beside the other
// demonstration keys; in an agency the wrapping key would be in an HSM and the key store on another disk.
func sealJournal(ctx context.Context, dir string, below journal.Journal, now func() time.Time) (*seal.Journal, *seal.Dir, error) {
	dir = filepath.Join(dir, "journal")
	ring, err := seal.OpenKeyring(filepath.Join(dir, "ring"))
	if errors.Is(err, fs.ErrNotExist) {
		ring, err = beginSealing(ctx, dir, below)
	}
	if err != nil {
		return nil, nil, err
	}
	keys, err := seal.OpenDir(filepath.Join(dir, "subjects"), ring, seal.DirConfig{})
	if err != nil {
		return nil, nil, err
	}
	text, err := os.ReadFile(filepath.Join(dir, "clear-until"))
	if err != nil {
		return nil, nil, err
	}
	clear, err := strconv.ParseInt(string(text), 10, 64)
	if err != nil {
		return nil, nil, err
	}
	sealed, err := seal.New(below, keys, seal.Config{ClearUntil: clear, Now: now})
	return sealed, keys, err
}

// beginSealing notes what an office from before sealing has already written, and makes the first wrapping key.
func beginSealing(ctx context.Context, dir string, below journal.Journal) (*seal.Keyring, error) {
	if _, err := os.Stat(filepath.Join(dir, "subjects")); err == nil {
		return nil, errors.New("the journal is sealed, and its wrapping keys are missing: put the ring back")
	}
	last := int64(0)
	for record, err := range below.Tail(ctx, 0) {
		if err != nil {
			return nil, err
		}
		last = record.Position
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(dir, "clear-until"), strconv.AppendInt(nil, last, 10), 0o600); err != nil {
		return nil, err
	}
	return seal.CreateKeyring(filepath.Join(dir, "ring"))
}

// finishErasures makes up for erasures that were ordered and cut short by a crash: whoever was to be forgotten is.
func finishErasures(ctx context.Context, j *seal.Journal) error {
	subjects, err := j.Pending(ctx)
	if err != nil {
		return err
	}
	for _, subject := range subjects {
		if err := j.Erase(ctx, subject, seal.Order{Actor: "system:office", Ground: "hoàn tất lệnh xóa đã ghi trước khi dừng"}); err != nil {
			return err
		}
	}
	return nil
}
