package pdf

import (
	"bytes"
	"compress/zlib"
	"io"
)

// decode returns the contents of a stream of the file's own structure (cross-references, object streams). Only Flate
// with PNG predictors is understood there.
func (d *Document) decode(s *Stream) ([]byte, error) {
	raw, err := d.Raw(s)
	if err != nil {
		return nil, err
	}
	filter := s.Dict["Filter"]
	params := s.Dict["DecodeParms"]
	if a, ok := filter.(Array); ok && len(a) == 1 {
		filter = a[0]
		if p, ok := params.(Array); ok && len(p) == 1 {
			params = p[0]
		}
	}
	var in io.Reader = raw
	if d.crypt != nil && !d.crypt.plainStream(s.Dict) {
		if raw.Size() > maxDecoded {
			return nil, limit(s.Pos, "at most 16 MiB in a structural stream")
		}
		data, err := io.ReadAll(io.LimitReader(raw, maxDecoded))
		if err != nil {
			return nil, &Error{ErrSyntax, s.Pos, "a readable file", err}
		}
		if err := d.spend(raw.Size()); err != nil {
			return nil, err
		}
		in = bytes.NewReader(d.crypt.open(d.crypt.streams, s.ref, data))
	}
	switch filter {
	case nil:
	case Name("FlateDecode"):
		z, err := zlib.NewReader(in)
		if err != nil {
			return nil, &Error{ErrSyntax, s.Pos, "deflated data", err}
		}
		defer z.Close()
		in = z
	default:
		return nil, &Error{Kind: ErrUnsupported, Offset: s.Pos, Rule: "no filter or FlateDecode here"}
	}
	var out bytes.Buffer
	n, err := io.Copy(&out, io.LimitReader(in, maxDecoded+1))
	if err != nil {
		return nil, &Error{ErrSyntax, s.Pos, "complete stream data", err}
	}
	if n > maxDecoded {
		return nil, limit(s.Pos, "at most 16 MiB in a structural stream")
	}
	if err := d.spend(n); err != nil {
		return nil, err
	}
	p, _ := params.(Dict)
	return unpredict(out.Bytes(), p, s.Pos)
}

// unpredict undoes the PNG predictors (ISO 32000-2, 7.4.4.4).
func unpredict(data []byte, params Dict, pos int64) ([]byte, error) {
	predictor, _ := params["Predictor"].(int64)
	if predictor <= 1 {
		return data, nil
	}
	columns, ok := params["Columns"].(int64)
	if !ok {
		columns = 1
	}
	if predictor < 10 || params["Colors"] != nil && params["Colors"] != int64(1) ||
		params["BitsPerComponent"] != nil && params["BitsPerComponent"] != int64(8) {
		return nil, &Error{Kind: ErrUnsupported, Offset: pos, Rule: "a PNG predictor on bytes"}
	}
	if columns < 1 || columns > 1<<16 {
		return nil, limit(pos, "1 to 65536 predictor columns")
	}
	row := int(columns)
	if len(data)%(row+1) != 0 {
		return nil, syntax(pos, "whole predictor rows")
	}
	out := make([]byte, 0, len(data)/(row+1)*row)
	above := make([]byte, row)
	for len(data) > 0 {
		line := data[1 : row+1]
		if !unpredictRow(data[0], line, above) {
			return nil, syntax(pos, "a PNG predictor of 0 to 4")
		}
		out = append(out, line...)
		above = line
		data = data[row+1:]
	}
	return out, nil
}

func unpredictRow(kind byte, line, above []byte) bool {
	for i := range line {
		var left, corner byte
		if i > 0 {
			left, corner = line[i-1], above[i-1]
		}
		switch kind {
		case 0:
		case 1:
			line[i] += left
		case 2:
			line[i] += above[i]
		case 3:
			line[i] += byte((int(left) + int(above[i])) / 2)
		case 4:
			line[i] += paeth(left, above[i], corner)
		default:
			return false
		}
	}
	return true
}

func paeth(a, b, c byte) byte {
	p := int(a) + int(b) - int(c)
	pa, pb, pc := abs(p-int(a)), abs(p-int(b)), abs(p-int(c))
	switch {
	case pa <= pb && pa <= pc:
		return a
	case pb <= pc:
		return b
	}
	return c
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}

// Contents returns the decoded bytes of a stream: at most 16 MiB, without a filter or deflated. They count as work.
func (d *Document) Contents(s *Stream) ([]byte, error) { return d.decode(s) }
