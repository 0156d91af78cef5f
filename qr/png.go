package qr

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"io"
)

// maxScale bounds the picture to 185 * 64 = 11,840 pixels a side.
const maxScale = 64

// WritePNG writes the symbol with its quiet zone as a PNG of one bit a pixel, scale pixels a module: all modules are
// exactly alike. Scale is 1 to 64; for paper take at least 4 (0.38 mm a module at 300 dpi is 4.5).
func (s *Symbol) WritePNG(w io.Writer, scale int) error {
	if scale < 1 || scale > maxScale {
		return &InvalidError{Field: "scale", Rule: "1 to 64 pixels a module"}
	}
	side := (s.size + 2*quietZone) * scale
	var out bytes.Buffer
	out.WriteString("\x89PNG\r\n\x1a\n")
	header := binary.BigEndian.AppendUint32(nil, uint32(side))
	header = binary.BigEndian.AppendUint32(header, uint32(side))
	header = append(header, 1, 0, 0, 0, 0) // one bit, grey scale
	writeChunk(&out, "IHDR", header)
	var packed bytes.Buffer
	z, err := zlib.NewWriterLevel(&packed, zlib.BestSpeed)
	if err != nil {
		return err
	}
	if err := s.writeLines(z, side, scale); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	writeChunk(&out, "IDAT", packed.Bytes())
	writeChunk(&out, "IEND", nil)
	_, err = w.Write(out.Bytes())
	return err
}

// writeLines writes the scan lines. The first line of a module row is written in full, its repetitions as "no
// difference from the line above" (filter type Up), which packs to almost nothing.
func (s *Symbol) writeLines(w io.Writer, side, scale int) error {
	bytesPerLine := (side + 7) / 8
	full := make([]byte, 1+bytesPerLine)
	same := make([]byte, 1+bytesPerLine)
	same[0] = 2
	for y := -quietZone; y < s.size+quietZone; y++ {
		for i := range full[1:] {
			full[1+i] = 0xFF
		}
		if y >= 0 && y < s.size {
			s.inkLine(full[1:], y, scale)
		}
		for i := range scale {
			line := same
			if i == 0 {
				line = full
			}
			if _, err := w.Write(line); err != nil {
				return err
			}
		}
	}
	return nil
}

// inkLine clears the pixels of the dark modules of row y.
func (s *Symbol) inkLine(line []byte, y, scale int) {
	for x := range s.size {
		if !s.Dark(x, y) {
			continue
		}
		at := (x + quietZone) * scale
		for p := at; p < at+scale; p++ {
			line[p>>3] &^= 0x80 >> (p & 7)
		}
	}
}

func writeChunk(out *bytes.Buffer, name string, data []byte) {
	out.Write(binary.BigEndian.AppendUint32(nil, uint32(len(data))))
	start := out.Len()
	out.WriteString(name)
	out.Write(data)
	out.Write(binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE(out.Bytes()[start:])))
}
