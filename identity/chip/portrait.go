package chip

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"log/slog"
	"slices"
)

// Portrait is the face image of DG2: sensitive personal data (Law 91/2025/QH15). It prints as its type and size only.
type Portrait struct {
	// Type is "image/jpeg" or "image/jp2".
	Type  string
	image func() []byte
}

// Reveal returns a copy of the image, nil when there is none. It is not decoded here: hand it to a decoder with bounds.
func (p Portrait) Reveal() []byte {
	if p.image == nil {
		return nil
	}
	return p.image()
}

// IsZero reports whether there is no image.
func (p Portrait) IsZero() bool { return p.image == nil }

// String returns type and size.
func (p Portrait) String() string {
	if p.IsZero() {
		return "chip.Portrait(none)"
	}
	return fmt.Sprintf("chip.Portrait(%s, %d bytes)", p.Type, len(p.image()))
}

// Format answers every verb with type and size.
func (p Portrait) Format(state fmt.State, _ rune) { _, _ = io.WriteString(state, p.String()) }

// LogValue gives loggers type and size.
func (p Portrait) LogValue() slog.Value { return slog.StringValue(p.String()) }

// MarshalText gives encoders type and size.
func (p Portrait) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// parsePortrait takes the first face image out of DG2: biometric templates (ISO/IEC 7816-11, Doc 9303-10 4.7.2) around a
// facial record (ISO/IEC 19794-5:2005).
func parsePortrait(files Files) (Portrait, bool) {
	body, ok := files.body(DG2)
	if !ok {
		return Portrait{}, false
	}
	group := tlv{in: body}
	templates, ok := group.take(0x7f61)
	if !ok || !group.done() {
		return Portrait{}, false
	}
	in := tlv{in: templates}
	count, ok := in.take(0x02)
	if !ok || len(count) != 1 || count[0] < 1 {
		return Portrait{}, false
	}
	template, ok := in.take(0x7f60)
	if !ok {
		return Portrait{}, false
	}
	record, ok := biometricData(template)
	if !ok {
		return Portrait{}, false
	}
	image, ok := faceImage(record)
	if !ok {
		return Portrait{}, false
	}
	kind := ""
	switch {
	case bytes.HasPrefix(image, []byte("\xff\xd8\xff")):
		kind = "image/jpeg"
	case bytes.HasPrefix(image, []byte("\x00\x00\x00\x0cjP  \r\n\x87\n")), bytes.HasPrefix(image, []byte("\xff\x4f\xff\x51")):
		kind = "image/jp2"
	default:
		return Portrait{}, false
	}
	// The image stays in the copy of the file that Files holds and nobody changes.
	return Portrait{kind, func() []byte { return slices.Clone(image) }}, true
}

// biometricData steps over the header template to the data block, plain or constructed.
func biometricData(template []byte) ([]byte, bool) {
	in := tlv{in: template}
	for !in.done() {
		tag, value, ok := in.next()
		if !ok {
			return nil, false
		}
		if tag == 0x5f2e || tag == 0x7f2e {
			return value, true
		}
	}
	return nil, false
}

// faceImage takes the image of the first face: a record header of 14 bytes, then for each face 20 bytes of information
// with the count of feature points, 8 bytes for each point, 12 bytes about the image, and the image.
func faceImage(record []byte) ([]byte, bool) {
	const header, face, point, about = 14, 20, 8, 12
	if len(record) < header+face+about || !bytes.HasPrefix(record, []byte("FAC\x00")) {
		return nil, false
	}
	total := binary.BigEndian.Uint32(record[8:12])
	faces := binary.BigEndian.Uint16(record[12:14])
	block := binary.BigEndian.Uint32(record[14:18])
	if uint64(total) != uint64(len(record)) || faces < 1 || uint64(block) > uint64(len(record)-header) {
		return nil, false
	}
	first := record[header : header+int(block)]
	if len(first) < face+about {
		return nil, false
	}
	start := face + point*int(binary.BigEndian.Uint16(first[4:6])) + about
	if start >= len(first) {
		return nil, false
	}
	return first[start:], true
}
