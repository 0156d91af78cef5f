package file

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"strconv"
)

// Type is a media type this package can judge by content.
type Type string

// The types.
const (
	PDF  Type = "application/pdf"
	JPEG Type = "image/jpeg"
	PNG  Type = "image/png"
)

func (t Type) name() string {
	switch t {
	case PDF:
		return "PDF"
	case JPEG:
		return "JPEG"
	case PNG:
		return "PNG"
	}
	return string(t)
}

// sniff tells the type from the first bytes; "" when it is none of ours.
func sniff(head []byte) Type {
	switch {
	case bytes.HasPrefix(head, []byte("%PDF-")):
		return PDF
	case bytes.HasPrefix(head, []byte{0xFF, 0xD8, 0xFF}):
		return JPEG
	case bytes.HasPrefix(head, []byte("\x89PNG\r\n\x1a\n")):
		return PNG
	}
	return ""
}

// inspect holds a whole file to its type. Memory stays constant: nothing is decoded but headers.
func inspect(f io.ReaderAt, size int64, t Type, spec Spec) error {
	var err error
	switch t {
	case PDF:
		err = inspectPDF(f, size)
	case JPEG:
		err = inspectImage(f, size, spec, jpeg.DecodeConfig, inspectJPEG)
	case PNG:
		err = inspectImage(f, size, spec, png.DecodeConfig, inspectPNG)
	}
	var rejected *RejectedError
	if err != nil && !errors.As(err, &rejected) {
		return &RejectedError{Reason: Broken, Type: t, Err: err}
	}
	return err
}

const pdfTail = 2048

// inspectPDF wants a version line at the very start and, at the end, the offset of a cross-reference table or stream
// that is there and leads to a document catalogue (ISO 32000-1, 7.5).
func inspectPDF(f io.ReaderAt, size int64) error {
	head := make([]byte, 8)
	if _, err := f.ReadAt(head, 0); err != nil {
		return errors.New("no version line")
	}
	if (head[5] != '1' && head[5] != '2') || head[6] != '.' || head[7] < '0' || head[7] > '9' {
		return errors.New("no version line")
	}
	offset, err := startXref(f, size)
	if err != nil {
		return err
	}
	start := make([]byte, 512)
	n, err := f.ReadAt(start, offset)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	start = bytes.TrimLeft(start[:n], " \r\n\t")
	table := bytes.HasPrefix(start, []byte("xref"))
	if !table && !isObject(start) {
		return errors.New("no cross-reference table where the file says")
	}
	rest := io.NewSectionReader(f, offset, size-offset)
	if table {
		return seek(rest, "trailer", "/Root")
	}
	return seek(io.NewSectionReader(f, offset, min(size-offset, 16<<10)), "/Root")
}

func startXref(f io.ReaderAt, size int64) (int64, error) {
	n := min(size, pdfTail)
	tail := make([]byte, n)
	if _, err := f.ReadAt(tail, size-n); err != nil && !errors.Is(err, io.EOF) {
		return 0, err
	}
	at := bytes.LastIndex(tail, []byte("startxref"))
	if at < 0 || !bytes.Contains(tail[at:], []byte("%%EOF")) {
		return 0, errors.New("no end of file")
	}
	fields := bytes.Fields(tail[at+len("startxref"):])
	if len(fields) == 0 {
		return 0, errors.New("no offset of the cross-reference table")
	}
	offset, err := strconv.ParseInt(string(fields[0]), 10, 64)
	if err != nil || offset <= 0 || offset >= size {
		return 0, errors.New("cross-reference table outside the file")
	}
	return offset, nil
}

// isObject reports whether b begins with "12 0 obj".
func isObject(b []byte) bool {
	fields := bytes.Fields(b[:min(len(b), 64)])
	if len(fields) < 3 || !bytes.HasPrefix(fields[2], []byte("obj")) {
		return false
	}
	_, err1 := strconv.ParseUint(string(fields[0]), 10, 32)
	_, err2 := strconv.ParseUint(string(fields[1]), 10, 16)
	return err1 == nil && err2 == nil
}

// seek wants the words to stand in r in this order.
func seek(r io.Reader, words ...string) error {
	buf := make([]byte, 0, 64<<10)
	for {
		n, err := io.ReadFull(r, buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		for len(words) > 0 {
			at := bytes.Index(buf, []byte(words[0]))
			if at < 0 {
				break
			}
			buf = buf[:copy(buf, buf[at+len(words[0]):])]
			words = words[1:]
		}
		if len(words) == 0 {
			return nil
		}
		if err != nil {
			return errors.New("no " + words[0])
		}
		keep := min(len(buf), 16) // longer than any word: one may lie across two reads
		buf = buf[:copy(buf[:keep], buf[len(buf)-keep:])]
	}
}

func inspectImage(f io.ReaderAt, size int64, spec Spec, config func(io.Reader) (image.Config, error),
	whole func(*bufio.Reader) error) error {
	cfg, err := config(io.NewSectionReader(f, 0, size))
	if err != nil {
		return err
	}
	if cfg.Width <= 0 || cfg.Height <= 0 {
		return errors.New("no size")
	}
	if int64(cfg.Width) > spec.MaxPixels/int64(cfg.Height) {
		return &RejectedError{Reason: TooWide, Limit: spec.MaxPixels}
	}
	return whole(bufio.NewReader(io.NewSectionReader(f, 0, size)))
}

// inspectJPEG walks the segments to the scan and wants an end of image behind it (ITU-T T.81, Annex B). Cameras append
// data of their own after that, so the end need not be the end of the file.
func inspectJPEG(r *bufio.Reader) error {
	if _, err := r.Discard(2); err != nil {
		return err
	}
	for {
		var head [4]byte
		if _, err := io.ReadFull(r, head[:]); err != nil {
			return err
		}
		for head[0] == 0xFF && head[1] == 0xFF { // fill bytes may stand before a marker
			next, err := r.ReadByte()
			if err != nil {
				return err
			}
			head[1], head[2], head[3] = head[2], head[3], next
		}
		length := int(binary.BigEndian.Uint16(head[2:]))
		if head[0] != 0xFF || length < 2 {
			return errors.New("broken segment")
		}
		if _, err := r.Discard(length - 2); err != nil {
			return err
		}
		if head[1] == 0xDA {
			return seek(r, "\xFF\xD9")
		}
	}
}

// inspectPNG walks the chunks with their check sums to the last (ISO/IEC 15948).
func inspectPNG(r *bufio.Reader) error {
	if _, err := r.Discard(8); err != nil {
		return err
	}
	for {
		var head [8]byte
		if _, err := io.ReadFull(r, head[:]); err != nil {
			return err
		}
		sum := crc32.NewIEEE()
		sum.Write(head[4:])
		if _, err := io.CopyN(sum, r, int64(binary.BigEndian.Uint32(head[:]))); err != nil {
			return err
		}
		var want [4]byte
		if _, err := io.ReadFull(r, want[:]); err != nil {
			return err
		}
		if sum.Sum32() != binary.BigEndian.Uint32(want[:]) {
			return errors.New("broken check sum")
		}
		if string(head[4:]) == "IEND" {
			return nil
		}
	}
}
