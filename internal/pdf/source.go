package pdf

import "io"

const blockSize = 4096

// source reads single bytes of a file through one small window.
type source struct {
	r     io.ReaderAt
	size  int64
	block [blockSize]byte
	start int64  // of the window
	bytes []byte // the window: the filled part of the block
	err   error  // the first failure of r
}

func newSource(r io.ReaderAt, size int64) *source { return &source{r: r, size: size} }

// at returns the byte at pos, 0 and false outside the file.
func (s *source) at(pos int64) (byte, bool) {
	if i := uint64(pos - s.start); i < uint64(len(s.bytes)) {
		return s.bytes[i], true
	}
	return s.fetch(pos)
}

// fetch moves the window to pos.
func (s *source) fetch(pos int64) (byte, bool) {
	if pos < 0 || pos >= s.size {
		return 0, false
	}
	s.start, s.bytes = pos, s.block[:min(blockSize, s.size-pos)]
	if n, err := s.r.ReadAt(s.bytes, pos); n < len(s.bytes) {
		if s.err == nil {
			s.err = err
		}
		s.bytes, s.size = nil, 0 // an unreadable file has ended
		return 0, false
	}
	return s.bytes[0], true
}

// window returns the bytes at hand from pos on, at least one unless pos is outside the file.
func (s *source) window(pos int64) []byte {
	if _, ok := s.at(pos); !ok {
		return nil
	}
	return s.bytes[pos-s.start:]
}
