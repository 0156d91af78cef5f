package file

import (
	"crypto/sha256"
	"fmt"
	"io"
	"slices"
)

// Judge holds a file that is kept elsewhere to a Spec, as [Store.Put] does, and returns its reference. Nothing is stored:
// it is for stores of one's own, such as one that encrypts. Errors: *[RejectedError], *[InvalidError], the reader's.
func Judge(r io.ReaderAt, size int64, spec Spec) (Ref, error) {
	spec, err := spec.withDefaults()
	if err != nil {
		return Ref{}, err
	}
	switch {
	case size <= 0:
		return Ref{}, &RejectedError{Reason: Empty}
	case size > spec.MaxSize:
		return Ref{}, &RejectedError{Reason: TooLarge, Limit: spec.MaxSize}
	}
	head := make([]byte, min(size, 16))
	if _, err := io.ReadFull(io.NewSectionReader(r, 0, size), head); err != nil {
		return Ref{}, fmt.Errorf("file: judge: %w", err)
	}
	t := sniff(head)
	if !slices.Contains(spec.Types, t) {
		return Ref{}, &RejectedError{Reason: WrongType, Type: t, Allowed: slices.Clone(spec.Types)}
	}
	if err := inspect(r, size, t, spec); err != nil {
		return Ref{}, err
	}
	sum := sha256.New()
	if _, err := io.Copy(sum, io.NewSectionReader(r, 0, size)); err != nil {
		return Ref{}, fmt.Errorf("file: judge: %w", err)
	}
	return Ref{Hash: hashOf(sum.Sum(nil)), Size: size, Type: t}, nil
}
