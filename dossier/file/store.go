package file

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// Spec is what one upload may be. Its zero value is what a component of a dossier usually may be.
type Spec struct {
	MaxSize   int64  // bytes; default 20 MiB
	Types     []Type // default PDF, JPEG and PNG
	MaxPixels int64  // of an image; default 64 million, an A4 page at 800 dpi
}

func (s Spec) withDefaults() (Spec, error) {
	if s.MaxSize == 0 {
		s.MaxSize = 20 << 20
	}
	if s.MaxPixels == 0 {
		s.MaxPixels = 64_000_000
	}
	if len(s.Types) == 0 {
		s.Types = []Type{PDF, JPEG, PNG}
	}
	if s.MaxSize < 0 || s.MaxSize > 1<<40 || s.MaxPixels < 0 {
		return s, &InvalidError{Field: "spec", Rule: "limits from 0 to 1 TiB"}
	}
	for _, t := range s.Types {
		if !slices.Contains([]Type{PDF, JPEG, PNG}, t) {
			return s, &InvalidError{Field: "spec.types", Rule: "types this package can judge"}
		}
	}
	return s, nil
}

// Config has no required part.
type Config struct {
	// Mode is the permission of stored files; default 0o400, readable by the owner.
	Mode fs.FileMode
}

// Store keeps files in a directory: objects/ab/cdef… by hash, tmp/ for what is being written. It is safe for concurrent
// use, by several processes too.
type Store struct {
	dir string
	cfg Config
}

// OpenStore opens the directory, and makes it if it is not there.
func OpenStore(dir string, cfg Config) (*Store, error) {
	if cfg.Mode == 0 {
		cfg.Mode = 0o400
	}
	s := &Store{dir: dir, cfg: cfg}
	for _, d := range []string{dir, filepath.Join(dir, "tmp"), filepath.Join(dir, "objects")} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			return nil, fmt.Errorf("file: open store: %w", err)
		}
	}
	for _, d := range []string{filepath.Dir(dir), dir} {
		if err := syncDir(d); err != nil {
			return nil, fmt.Errorf("file: open store: %w", err)
		}
	}
	return s, nil
}

// Put stores what r yields and returns its reference once it is safe on disk. The same bytes give the same reference and
// are stored once. Errors: *[RejectedError], *[InvalidError], the reader's, the context's.
func (s *Store) Put(ctx context.Context, r io.Reader, spec Spec) (Ref, error) {
	spec, err := spec.withDefaults()
	if err != nil {
		return Ref{}, err
	}
	tmp, err := os.CreateTemp(filepath.Join(s.dir, "tmp"), "put-*")
	if err != nil {
		return Ref{}, fmt.Errorf("file: put: %w", err)
	}
	defer func() {
		// Closing twice and removing a file that has moved are both harmless.
		_ = tmp.Close()
		_ = os.Remove(tmp.Name())
	}()
	ref, err := s.fill(ctx, tmp, r, spec)
	if err != nil {
		return Ref{}, err
	}
	if err := s.keep(ctx, tmp, ref); err != nil {
		return Ref{}, fmt.Errorf("file: put: %w", err)
	}
	return ref, nil
}

// fill copies r into the temporary file, at most one byte more than allowed, and judges it.
func (s *Store) fill(ctx context.Context, tmp *os.File, r io.Reader, spec Spec) (Ref, error) {
	head := &prefix{want: 16, types: spec.Types}
	sum := sha256.New()
	src := io.LimitReader(&contextReader{ctx, r}, spec.MaxSize+1)
	size, err := io.Copy(io.MultiWriter(head, tmp, sum), src)
	switch {
	case head.rejected != nil:
		return Ref{}, head.rejected
	case err != nil:
		return Ref{}, fmt.Errorf("file: put: %w", err)
	case size == 0:
		return Ref{}, &RejectedError{Reason: Empty}
	case size > spec.MaxSize:
		return Ref{}, &RejectedError{Reason: TooLarge, Limit: spec.MaxSize}
	}
	t := sniff(head.bytes)
	if !slices.Contains(spec.Types, t) {
		return Ref{}, &RejectedError{Reason: WrongType, Type: t, Allowed: slices.Clone(spec.Types)}
	}
	if err := inspect(tmp, size, t, spec); err != nil {
		return Ref{}, err
	}
	return Ref{Hash: hashOf(sum.Sum(nil)), Size: size, Type: t}, nil
}

// keep syncs the content, gives it its name, and syncs the directories that hold the name. A file already there is read
// again, so that one that rotted on disk is replaced by the good copy.
func (s *Store) keep(ctx context.Context, tmp *os.File, ref Ref) error {
	target := s.path(ref.Hash)
	if err := s.check(ctx, ref.Hash); err == nil {
		return syncDir(filepath.Dir(target))
	}
	if err := tmp.Chmod(s.cfg.Mode); err != nil && !errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	if err := tmp.Sync(); err != nil {
		return err
	}
	if err := tmp.Close(); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(target), 0o700); err != nil {
		return err
	}
	if err := os.Rename(tmp.Name(), target); err != nil {
		return err
	}
	if err := syncDir(filepath.Dir(target)); err != nil {
		return err
	}
	return syncDir(filepath.Join(s.dir, "objects"))
}

func (s *Store) check(ctx context.Context, h Hash) error {
	r, err := s.Open(ctx, h)
	if err != nil {
		return err
	}
	defer r.Close()
	_, err = io.Copy(io.Discard, r)
	return err
}

// Open returns a reader of the file. Its last Read returns [ErrCorrupt] instead of io.EOF if the content does not match
// the hash, so who has read to io.EOF has read what was put. Errors: [ErrNotFound], or the file system's.
func (s *Store) Open(ctx context.Context, h Hash) (io.ReadCloser, error) {
	if h == (Hash{}) {
		return nil, ErrNotFound
	}
	f, err := os.Open(s.path(h))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("file: open: %w", err)
	}
	return &proven{src: &contextReader{ctx, f}, file: f, sum: sha256.New(), want: h}, nil
}

// Sweep removes temporary files last written before the given moment, which a crash left behind, and returns how many.
// Choose a moment longer ago than any upload lasts.
func (s *Store) Sweep(ctx context.Context, before time.Time) (int, error) {
	tmp := filepath.Join(s.dir, "tmp")
	entries, err := os.ReadDir(tmp)
	if err != nil {
		return 0, fmt.Errorf("file: sweep: %w", err)
	}
	removed := 0
	for _, entry := range entries {
		if err := ctx.Err(); err != nil {
			return removed, err
		}
		info, err := entry.Info()
		if err != nil || !info.Mode().IsRegular() || !info.ModTime().Before(before) {
			continue // finished in the meantime, or still being written
		}
		if err := os.Remove(filepath.Join(tmp, entry.Name())); err != nil {
			return removed, fmt.Errorf("file: sweep: %w", err)
		}
		removed++
	}
	return removed, nil
}

func (s *Store) path(h Hash) string { return filepath.Join(s.dir, "objects", h.hex[:2], h.hex[2:]) }

// prefix keeps the first bytes of a stream and stops it as soon as they tell that its type is not allowed.
type prefix struct {
	want     int
	types    []Type
	bytes    []byte
	rejected error
}

func (p *prefix) Write(b []byte) (int, error) {
	if len(p.bytes) >= p.want {
		return len(b), nil
	}
	p.bytes = append(p.bytes, b[:min(len(b), p.want-len(p.bytes))]...)
	if t := sniff(p.bytes); len(p.bytes) == p.want && !slices.Contains(p.types, t) {
		p.rejected = &RejectedError{Reason: WrongType, Type: t, Allowed: slices.Clone(p.types)}
		return 0, p.rejected
	}
	return len(b), nil
}

type contextReader struct {
	ctx context.Context
	src io.Reader
}

func (r *contextReader) Read(b []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.src.Read(b)
}

// proven compares what was read with the hash when the content ends.
type proven struct {
	src  io.Reader
	file io.Closer
	sum  hash.Hash
	want Hash
}

func (p *proven) Read(b []byte) (int, error) {
	n, err := p.src.Read(b)
	p.sum.Write(b[:n])
	if errors.Is(err, io.EOF) && hashOf(p.sum.Sum(nil)) != p.want {
		return n, ErrCorrupt
	}
	return n, err
}

func (p *proven) Close() error { return p.file.Close() }
