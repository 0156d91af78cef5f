// Package ahead moves a range of a file to a writer and reads the next pieces while the last one is being written: hashing a
// large file then takes the time of the hash alone. Memory is constant.
package ahead

import (
	"context"
	"io"
)

const (
	pieces  = 8       // read ahead at most
	atLeast = 1 << 20 // below this another goroutine does not pay
)

// Piece is a buffer of the size that is read at once: it stays in a processor's first cache until it is used.
type Piece [32 << 10]byte

// Copy writes the bytes of in from one offset to another, in order, through b where nothing is read ahead; nil makes one. It
// returns when nothing of it is under way any more: an error of ctx, of in (a range that ends too early is
// [io.ErrUnexpectedEOF]) or of w.
func Copy(ctx context.Context, w io.Writer, in io.ReaderAt, from, to int64, buffer *Piece) error {
	if to-from < atLeast {
		if buffer == nil {
			buffer = new(Piece)
		}
		b := buffer[:]
		for from < to {
			n, err := read(ctx, in, b, from, to)
			if err != nil {
				return err
			}
			if _, err := w.Write(b[:n]); err != nil {
				return err
			}
			from += int64(n)
		}
		return nil
	}
	free, full, stop := make(chan []byte, pieces), make(chan []byte, pieces), make(chan struct{})
	for range pieces {
		free <- new(Piece)[:]
	}
	var failed error // of reading; known once full is closed
	go func() {
		defer close(full)
		for from < to {
			var b []byte
			select {
			case b = <-free:
			case <-stop:
				return
			}
			n, err := read(ctx, in, b, from, to)
			if err != nil {
				failed = err
				return
			}
			full <- b[:n]
			from += int64(n)
		}
	}()
	for b := range full {
		if _, err := w.Write(b); err != nil {
			close(stop)
			for range full { // until the reader has ended
			}
			return err
		}
		free <- b[:cap(b)]
	}
	return failed
}

// read fills b, or what is left of the range.
func read(ctx context.Context, in io.ReaderAt, b []byte, from, to int64) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	n := int(min(int64(len(b)), to-from))
	if got, err := in.ReadAt(b[:n], from); got < n {
		if err == nil || err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return 0, err
	}
	return n, nil
}
