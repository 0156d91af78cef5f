package ahead_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/motcua/motcua/internal/ahead"
)

func content(n int) []byte {
	b := make([]byte, n)
	random := rand.NewChaCha8([32]byte{1})
	_, _ = random.Read(b)
	return b
}

func TestCopy(t *testing.T) {
	all := content(5<<20 + 123)
	for _, r := range [][2]int64{{0, 0}, {0, 1}, {5, 40000}, {7, 1<<20 + 7}, {0, int64(len(all))}, {1 << 20, int64(len(all))}, {9, 3}} {
		var out bytes.Buffer
		if err := ahead.Copy(t.Context(), &out, bytes.NewReader(all), r[0], r[1], nil); err != nil {
			t.Fatal(r, err)
		}
		if want := all[r[0]:max(r[0], r[1])]; !bytes.Equal(out.Bytes(), want) {
			t.Errorf("%v: %d bytes, want %d", r, out.Len(), len(want))
		}
	}
}

// source fails, or ends a context, when it is asked for an offset.
type source struct {
	io.ReaderAt
	at   int64
	fail func() error
}

func (s source) ReadAt(b []byte, off int64) (int, error) {
	if off <= s.at && s.at < off+int64(len(b)) {
		if err := s.fail(); err != nil {
			return 0, err
		}
	}
	return s.ReaderAt.ReadAt(b, off)
}

// full is a writer that takes so many bytes.
type full struct{ left int }

var errFull = errors.New("full")

func (f *full) Write(b []byte) (int, error) {
	if f.left -= len(b); f.left < 0 {
		return 0, errFull
	}
	return len(b), nil
}

func TestCopyFails(t *testing.T) {
	broken := errors.New("broken")
	for _, size := range []int64{300 << 10, 4 << 20} { // without and with reading ahead
		in := bytes.NewReader(content(int(size)))
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		for name, tt := range map[string]struct {
			w    io.Writer
			in   io.ReaderAt
			to   int64
			want error
		}{
			"ends too early": {io.Discard, in, size + 1, io.ErrUnexpectedEOF},
			"source":         {io.Discard, source{in, size / 2, func() error { return broken }}, size, broken},
			"writer":         {&full{int(size / 2)}, in, size, errFull},
			"first write":    {&full{0}, in, size, errFull},
			"cancelled":      {io.Discard, source{in, size / 2, func() error { cancel(); return nil }}, size, context.Canceled},
		} {
			ctx := ctx
			if name != "cancelled" {
				ctx = t.Context()
			}
			if err := ahead.Copy(ctx, tt.w, tt.in, 0, tt.to, new(ahead.Piece)); !errors.Is(err, tt.want) {
				t.Errorf("%d, %s: got %v, want %v", size, name, err, tt.want)
			}
		}
	}
}
