package qr_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"math/rand/v2"
	"os/exec"
	"testing"

	"github.com/motcua/motcua/internal/enginetest"
	"github.com/motcua/motcua/qr"
)

// zxingScript reads pictures from standard input, four bytes of side and then grey pixels, and writes the texts as JSON.
// A text that was decoded with another character set than ours shows in the comparison.
const zxingScript = `
import json, struct, sys
import numpy, zxingcpp
data, at, out = sys.stdin.buffer.read(), 0, []
while at < len(data):
    side, = struct.unpack_from(">I", data, at)
    picture = numpy.frombuffer(data, numpy.uint8, side * side, at + 4).reshape(side, side)
    at += 4 + side * side
    results = zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.QRCode)
    out.append([r.text for r in results])
json.dump(out, sys.stdout)
`

// zxingCPP returns Debian's Python, in which the package python3-zxing-cpp is found.
func zxingCPP(t *testing.T) string {
	const python, engine = "/usr/bin/python3", "python3-zxing-cpp"
	if exec.Command(python, "-c", "import numpy, zxingcpp").Run() != nil {
		if enginetest.Required(engine) {
			t.Fatalf("%s is not installed and MOTCUA_REQUIRE asks for it", engine)
		}
		t.Skipf("%s is not installed; set MOTCUA_REQUIRE=all to make this a failure", engine)
	}
	return python
}

// TestZXingCPPReadsBack is the third decoder beside gozxing and zbar: the one in most telephones, in C++.
func TestZXingCPPReadsBack(t *testing.T) {
	python := zxingCPP(t)
	r := rand.New(rand.NewPCG(2026, 18004))
	texts := []string{"Nguyễn Trọng Nghĩa", "Trần Thị Mỹ Vĩnh", "Đỗ", "Phường Vĩnh Phúc, tỉnh Phú Thọ"}
	for n := range 300 {
		texts = append(texts, randomText(r, n%5, 1+r.IntN(20+4*n)))
	}
	var in bytes.Buffer
	kept := texts[:0:0]
	for n, text := range texts {
		s, err := qr.Encode(text, qr.Level(n%4))
		if err != nil {
			continue // too long at this level
		}
		kept = append(kept, text)
		const scale, quiet = 3, 4
		side := (s.Size() + 2*quiet) * scale
		in.Write(binary.BigEndian.AppendUint32(nil, uint32(side)))
		for y := range side {
			for x := range side {
				pixel := byte(255)
				if s.Dark(x/scale-quiet, y/scale-quiet) {
					pixel = 0
				}
				in.WriteByte(pixel)
			}
		}
	}
	cmd := exec.Command(python, "-c", zxingScript)
	cmd.Stdin = &in
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var read [][]string
	if err := json.Unmarshal(out, &read); err != nil || len(read) != len(kept) {
		t.Fatalf("%d answers for %d symbols: %v", len(read), len(kept), err)
	}
	for n, got := range read {
		if len(got) != 1 || got[0] != kept[n] {
			t.Errorf("symbol %d: read %q, want %q", n, got, kept[n])
		}
	}
	if len(kept) < 280 {
		t.Errorf("only %d symbols were tried", len(kept))
	}
}
