package seal

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Rewrap wraps every data key anew under the wrapper's current wrapping key, and returns how many. Work may go on
// meanwhile. After an error or a crash run it again; with a [Dater] it goes on where it stopped. When it has returned
// without an error, the wrapping keys before the current one can be retired, and with them dies what old backups of the
// directory hold. It also removes what crashes have left behind.
func (d *Dir) Rewrap(ctx context.Context) (int, error) {
	parts, err := os.ReadDir(d.path)
	if err != nil {
		return 0, fmt.Errorf("seal: rewrap: %w", err)
	}
	done := 0
	for _, part := range parts {
		dir := filepath.Join(d.path, part.Name())
		if err := d.sweep(dir); err != nil {
			return done, fmt.Errorf("seal: rewrap: %w", err)
		}
		entries, err := os.ReadDir(dir)
		if err != nil {
			return done, fmt.Errorf("seal: rewrap: %w", err)
		}
		for _, entry := range entries {
			name, number, _ := strings.Cut(entry.Name(), ".")
			n, err := strconv.Atoi(number)
			if err != nil {
				continue // the mark of a destroyed key, or a temporary file
			}
			if err := ctx.Err(); err != nil {
				return done, err
			}
			wrapped, err := d.rewrap(ctx, filepath.Join(dir, name), n)
			if err != nil {
				return done, keyError("rewrap", KeyID{}, err)
			}
			done += wrapped
		}
	}
	return done, nil
}

// rewrap returns 1 when it has wrapped the key anew.
func (d *Dir) rewrap(ctx context.Context, base string, n int) (int, error) {
	id, wrapped, err := readKey(base, n)
	switch {
	case errors.Is(err, ErrNoKey):
		return 0, nil
	case errors.Is(err, ErrErased):
		return 0, shred(place(base, n)) // a crash in the midst of destroying has left it
	case err != nil:
		return 0, err
	}
	if dater, ok := d.wrapper.(Dater); ok && dater.IsCurrent(wrapped) {
		return 0, nil
	}
	bound := wrapContext(base, id)
	secret, err := d.wrapper.Unwrap(ctx, wrapped, bound)
	if err != nil {
		return 0, keyError("rewrap", id, err)
	}
	again, err := d.wrapper.Wrap(ctx, secret, bound)
	if err != nil {
		return 0, keyError("rewrap", id, err)
	}
	if err := writeOver(place(base, n), keyFile{1, id.String(), again}); err != nil {
		return 0, err
	}
	// If the key was destroyed meanwhile, this has put a file back. It counts for nothing, and must not stay.
	if _, err := os.Stat(gone(base, n)); err == nil {
		return 0, shred(place(base, n))
	} else if !errors.Is(err, fs.ErrNotExist) {
		return 0, err
	}
	return 1, nil
}
