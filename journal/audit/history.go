package audit

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"os"
)

// maxLine bounds one line of a checkpoint file: a note, a time-stamp token, JSON around them.
const maxLine = 128 << 10

// entry is one line of a checkpoint file: a checkpoint as it was signed or seen; in a log's own file of time stamps
// also the token. The same checkpoint stands again when somebody has cosigned it later.
type entry struct {
	Checkpoint
	token []byte // DER; verified only with a bundle
}

type entryLine struct {
	Checkpoint string `json:"checkpoint"`
	Timestamp  []byte `json:"timestamp,omitempty"`
}

// Checkpoints reads a checkpoint file, such as a witness keeps: one JSON object a line, oldest first. Each checkpoint
// is verified against the log's key, and against the one before: sizes and times grow, and equal sizes have equal
// roots. A last line that a crash cut off is left out. Iteration ends at the first error, which is yielded.
func (v *Verifier) Checkpoints(r io.Reader) iter.Seq2[Checkpoint, error] {
	return func(yield func(Checkpoint, error) bool) {
		for e, err := range v.entries(r) {
			if !yield(e.Checkpoint, err) {
				return
			}
		}
	}
}

func (v *Verifier) entries(r io.Reader) iter.Seq2[entry, error] {
	return func(yield func(entry, error) bool) {
		in := bufio.NewReaderSize(r, maxLine)
		for last := (Checkpoint{}); ; {
			line, err := in.ReadSlice('\n')
			if errors.Is(err, io.EOF) {
				return
			}
			if errors.Is(err, bufio.ErrBufferFull) {
				err = finding(ErrMalformed, "bounds", errors.New("want lines of at most 128 KiB"))
			}
			var e entry
			if err == nil {
				e, err = v.entry(line)
			}
			if err == nil {
				err = follows(last, e.Checkpoint)
			}
			if err != nil {
				yield(entry{}, err)
				return
			}
			last = e.Checkpoint
			if !yield(e, nil) {
				return
			}
		}
	}
}

func (v *Verifier) entry(line []byte) (entry, error) {
	var e entryLine
	if err := strictJSON(line, &e); err != nil {
		return entry{}, err
	}
	c, err := v.checkpoint([]byte(e.Checkpoint))
	return entry{c, e.Timestamp}, err
}

// follows holds two checkpoints of one file to their order.
func follows(last, next Checkpoint) error {
	if last.IsZero() {
		return nil
	}
	bad := func(kind error, rule string) error {
		return &FindingError{Kind: kind, Rule: rule, Index: -1, Checkpoints: []Checkpoint{last, next}}
	}
	switch {
	case next.size < last.size:
		return bad(ErrCut, "cut")
	case next.size == last.size && next.root != last.root:
		return bad(ErrFork, "fork")
	case next.at.Before(last.at):
		return bad(ErrClock, "clock")
	}
	return nil
}

// history appends to a checkpoint file and remembers its last entry.
type history struct {
	file *os.File
	end  int64 // of what is whole
	last entry
}

// openHistory reads the last complete line. When writing, it cuts off what a crash left behind it.
func openHistory(path string, v *Verifier, write bool) (*history, error) {
	flag := os.O_RDONLY
	if write {
		flag = os.O_RDWR | os.O_CREATE
	}
	f, err := os.OpenFile(path, flag, 0o600)
	if err != nil {
		return nil, err
	}
	h := &history{file: f}
	if err := h.restore(v, write); err != nil {
		f.Close()
		return nil, err
	}
	return h, nil
}

func (h *history) restore(v *Verifier, write bool) error {
	size, err := h.file.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	begin := max(0, size-3*maxLine)
	tail := make([]byte, size-begin)
	if _, err := h.file.ReadAt(tail, begin); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	whole := bytes.LastIndexByte(tail, '\n') + 1
	if write && whole < len(tail) {
		if err := h.file.Truncate(begin + int64(whole)); err != nil {
			return err
		}
	}
	h.end = begin + int64(whole)
	if whole == 0 {
		if begin > 0 {
			return finding(ErrMalformed, "bounds", errors.New("want lines of at most 128 KiB"))
		}
		return nil
	}
	line := tail[bytes.LastIndexByte(tail[:whole-1], '\n')+1 : whole]
	h.last, err = v.entry(line)
	return err
}

// add appends durably, and leaves the file as it was when it cannot.
func (h *history) add(e entry) error {
	line, err := json.Marshal(entryLine{string(e.note), e.token})
	if err != nil {
		return err
	}
	if len(line) >= maxLine {
		return finding(ErrMalformed, "bounds", errors.New("want a line of at most 128 KiB"))
	}
	if _, err = h.file.WriteAt(append(line, '\n'), h.end); err == nil {
		err = h.file.Sync()
	}
	if err != nil {
		return errors.Join(err, h.file.Truncate(h.end))
	}
	h.end += int64(len(line)) + 1
	h.last = e
	return nil
}

// all reads the first size bytes of the file, beside the one that appends.
func (h *history) all(v *Verifier, size int64) iter.Seq2[entry, error] {
	return v.entries(io.NewSectionReader(h.file, 0, size))
}
