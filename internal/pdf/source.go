package pdf

import "io"

const blockSize = 4096

// source reads single bytes of a file through one small window.
type source struct {
	r     io.ReaderAt
	size  int64
	block [blockSize]byte
	start int64 // of the window; its length is n
	n     int
	err   error // the first failure of r
}

func newSource(r io.ReaderAt, size int64) *source { return &source{r: r, size: size} }

// at returns the byte at pos, 0 and false outside the file.
func (s *source) at(pos int64) (byte, bool) {
	if i := pos - s.start; i >= 0 && i < int64(s.n) {
		return s.block[i], true
	}
	if pos < 0 || pos >= s.size {
		return 0, false
	}
	s.start, s.n = pos, int(min(blockSize, s.size-pos))
	if n, err := s.r.ReadAt(s.block[:s.n], pos); n < s.n {
		if s.err == nil {
			s.err = err
		}
		s.n, s.size = 0, 0 // an unreadable file has ended
		return 0, false
	}
	return s.block[0], true
}

// window returns the bytes at hand from pos on, at least one unless pos is outside the file.
func (s *source) window(pos int64) []byte {
	if _, ok := s.at(pos); !ok {
		return nil
	}
	return s.block[pos-s.start : s.n]
}
