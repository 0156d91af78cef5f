package qr_test

import (
	"bytes"
	"errors"
	"fmt"
	"image/png"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
	skip2 "github.com/skip2/go-qrcode"

	"github.com/motcua/motcua/internal/enginetest"
	"github.com/motcua/motcua/qr"
)

func ExampleEncode() {
	symbol, err := qr.Encode("Nguyễn Trọng Nghĩa", qr.M)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(symbol.Version(), symbol.Level(), symbol.Size())
	// Output: 2 M 25
}

// zxing reads a symbol from its PNG.
func zxing(s *qr.Symbol, scale int) (string, error) {
	var buf bytes.Buffer
	if err := s.WritePNG(&buf, scale); err != nil {
		return "", err
	}
	img, err := png.Decode(&buf)
	if err != nil {
		return "", err
	}
	bitmap, err := gozxing.NewBinaryBitmapFromImage(img)
	if err != nil {
		return "", err
	}
	hints := map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_PURE_BARCODE: true}
	result, err := qrcode.NewQRCodeReader().Decode(bitmap, hints)
	if err != nil {
		return "", err
	}
	return result.GetText(), nil
}

var (
	digits    = []rune("0123456789")
	letters45 = []rune("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")
	ascii     = []rune("abcdefghijklmnopqrstuvwxyz{}|~,;()!?\"#&'<>=@[]^_`\\")
	viet      = []rune("aăâbcdđeêghiklmnoôơpqrstuưvxyàáảãạằắẳẵặầấẩẫậèéẻẽẹềếểễệìíỉĩịòóỏõọồốổỗộờớởỡợùúủũụừứửữựỳýỷỹỵĐÂÊÔƠƯ ")
	wordsOf   = [][]rune{digits, letters45, ascii, viet}
	families  = []string{"digits", "base45", "ascii", "vietnamese", "mixed"}
)

// randomText draws runs of characters of one family, or of all families by turns.
func randomText(r *rand.Rand, family, length int) string {
	var b strings.Builder
	for b.Len() < length {
		alphabet := wordsOf[r.IntN(len(wordsOf))]
		if family < len(wordsOf) {
			alphabet = wordsOf[family]
		}
		for range 1 + r.IntN(12) {
			b.WriteRune(alphabet[r.IntN(len(alphabet))])
		}
	}
	return b.String()
}

func TestEverySymbolReadsBack(t *testing.T) {
	r := rand.New(rand.NewPCG(18004, 2006))
	versions := map[[2]int]bool{}
	for n := range 600 {
		// Lengths are drawn so that small and large versions come up alike.
		length := 1 + r.IntN(1+n*n/250)
		text, level := randomText(r, n%5, length), qr.Level(n%4)
		s, err := qr.Encode(text, level)
		if tooLong := (*qr.TooLongError)(nil); errors.As(err, &tooLong) {
			continue
		}
		if err != nil {
			t.Fatalf("%s %d bytes at %v: %v", families[n%5], len(text), level, err)
		}
		if s.Level() < level || s.Size() != 17+4*s.Version() {
			t.Fatalf("version %d level %v size %d, asked for %v", s.Version(), s.Level(), s.Size(), level)
		}
		got, err := zxing(s, 2)
		if err != nil || got != text {
			t.Fatalf("%s %d bytes, version %d-%v mask %d: read %q, %v; want %q", families[n%5], len(text),
				s.Version(), s.Level(), s.Mask(), got, err, text)
		}
		versions[[2]int{s.Version(), int(s.Level())}] = true
	}
	t.Logf("%d pairs of version and level", len(versions))
}

func TestEveryVersionAndLevelReadsBack(t *testing.T) {
	for version := 1; version <= 40; version++ {
		for level := qr.L; level <= qr.H; level++ {
			text := longestText(t, version, level)
			s, err := qr.Encode(text, level)
			if err != nil || s.Version() != version || s.Level() != level {
				t.Fatalf("%d bytes for %d-%v: got %v, %v", len(text), version, level, s, err)
			}
			if got, err := zxing(s, 1); err != nil || got != text {
				t.Fatalf("%d-%v mask %d: %v", version, level, s.Mask(), err)
			}
			if _, err := qr.Encode(text+"a", level); version == 40 && err == nil {
				t.Fatalf("%d-%v: one byte over the capacity was taken", version, level)
			}
		}
	}
}

// longestText finds by bisection the longest lower-case text of a version and level.
func longestText(t *testing.T, version int, level qr.Level) string {
	t.Helper()
	low, high := 1, 3000
	for low < high {
		middle := (low + high + 1) / 2
		s, err := qr.Encode(strings.Repeat("q", middle), level)
		if err == nil && s.Version() <= version {
			low = middle
		} else {
			high = middle - 1
		}
	}
	return strings.Repeat("ky", (low+1)/2)[:low]
}

func TestNeverLargerThanSkip2(t *testing.T) {
	r := rand.New(rand.NewPCG(2020, 617))
	levels := []skip2.RecoveryLevel{skip2.Low, skip2.Medium, skip2.High, skip2.Highest}
	smaller := 0
	for n := range 400 {
		family := []int{0, 1, 2, 4}[n%4]
		text, level := randomText(r, family, 1+r.IntN(600)), qr.Level(n/4%4)
		if family == 4 {
			text = strings.Map(func(c rune) rune { // skip2 cannot say UTF-8, so the peer gets ASCII
				if c > 127 {
					return 'x'
				}
				return c
			}, text)
		}
		peer, peerErr := skip2.New(text, levels[level])
		s, err := qr.Encode(text, level)
		if peerErr != nil {
			continue
		}
		if err != nil || s.Version() > peer.VersionNumber {
			t.Fatalf("%q at %v: version %v, %v; skip2 takes %d", text, level, s, err, peer.VersionNumber)
		}
		if s.Version() < peer.VersionNumber {
			smaller++
		}
	}
	t.Logf("smaller than skip2 in %d of 400", smaller)
}

func TestZbarReadsBack(t *testing.T) {
	zbar := enginetest.Need(t, "zbarimg")
	r := rand.New(rand.NewPCG(45, 9285))
	dir := t.TempDir()
	texts := []string{"Nguyễn Trọng Nghĩa", "Trần Thị Mỹ Vĩnh", "Phường Vĩnh Phúc, tỉnh Phú Thọ", "Nghĩa", "Đỗ"}
	for n := range 75 {
		// Scanners give a line a code, so the texts hold no blanks at their ends.
		texts = append(texts, "("+randomText(r, n%5, 4+r.IntN(10+4*n))+")")
	}
	var files []string
	for n, text := range texts {
		s, err := qr.Encode(text, qr.Level(n%4))
		if err != nil {
			t.Fatal(err)
		}
		var buf bytes.Buffer
		if err := s.WritePNG(&buf, 6); err != nil {
			t.Fatal(err)
		}
		files = append(files, filepath.Join(dir, fmt.Sprintf("%03d.png", n)))
		if err := os.WriteFile(files[n], buf.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out, err := exec.Command(zbar, append([]string{"-q", "--raw", "-Sdisable", "-Sqrcode.enable"}, files...)...).Output()
	if err != nil {
		t.Fatalf("zbarimg: %v", err)
	}
	lines := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	if len(lines) != len(texts) {
		t.Fatalf("zbarimg read %d of %d", len(lines), len(texts))
	}
	for n, line := range lines {
		if line != texts[n] {
			t.Errorf("zbarimg read %q, want %q", line, texts[n])
		}
	}
}

func TestEncodeRefuses(t *testing.T) {
	tests := []struct {
		name, text string
		level      qr.Level
		field      string
	}{
		{"nothing", "", qr.M, "text"},
		{"half a character", "Nghĩa"[:4], qr.M, "text"},
		{"a level that is none", "x", qr.H + 1, "level"},
	}
	for _, tt := range tests {
		_, err := qr.Encode(tt.text, tt.level)
		if invalid := (*qr.InvalidError)(nil); !errors.As(err, &invalid) || invalid.Field != tt.field {
			t.Errorf("%s: error %v, want field %s", tt.name, err, tt.field)
		}
	}
	for _, text := range []string{strings.Repeat("x", 2954), strings.Repeat("X", 4297), strings.Repeat("1", 1<<20)} {
		_, err := qr.Encode(text, qr.L)
		if tooLong := (*qr.TooLongError)(nil); !errors.As(err, &tooLong) || tooLong.Bits <= tooLong.Capacity {
			t.Errorf("%d characters: error %v, want a TooLongError", len(text), err)
		}
	}
	for _, text := range []string{strings.Repeat("x", 2953), strings.Repeat("X", 4296), strings.Repeat("1", 7089)} {
		if s, err := qr.Encode(text, qr.L); err != nil || s.Version() != 40 {
			t.Errorf("%d characters: %v, want version 40", len(text), err)
		}
	}
}

func TestSymbolIsSafeForManyGoroutines(t *testing.T) {
	s, err := qr.Encode("VN1:6BF+70790T9WJWG.FKY*4GO0.O1CV2 O5 N2FBBRW1*70HS8WY04AC*WIFN0AHCD8KD97TK0F90KECTHGWJC0FD", qr.Q)
	if err != nil {
		t.Fatal(err)
	}
	var want bytes.Buffer
	if err := s.WriteSVG(&want, "thử"); err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			var got bytes.Buffer
			if err := s.WriteSVG(&got, "thử"); err != nil || !bytes.Equal(got.Bytes(), want.Bytes()) {
				t.Errorf("another picture of the same symbol: %v", err)
			}
		})
	}
	group.Wait()
}

func FuzzEncode(f *testing.F) {
	f.Add("Nguyễn Trọng Nghĩa", uint8(1))
	f.Add("012345678901234567890ABC $%*+-./:xyz", uint8(3))
	f.Fuzz(func(t *testing.T, text string, level uint8) {
		s, err := qr.Encode(text, qr.Level(level%4))
		if err != nil || len(text) > 400 {
			return
		}
		if got, err := zxing(s, 1); err != nil || got != text {
			t.Fatalf("read %q, %v; want %q", got, err, text)
		}
	})
}
