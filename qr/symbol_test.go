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

// moduleBits reads modules as a number, the first the most significant bit.
func moduleBits(s *qr.Symbol, at func(i int) (x, y int), n int) int {
	v := 0
	for i := range n {
		v <<= 1
		if s.Dark(at(i)) {
			v |= 1
		}
	}
	return v
}

func TestFormatAndVersionInformation(t *testing.T) {
	// ISO/IEC 18004 annex C, table C.1: all 32 sequences, by the five data bits.
	format := []int{
		0x5412, 0x5125, 0x5E7C, 0x5B4B, 0x45F9, 0x40CE, 0x4F97, 0x4AA0, 0x77C4, 0x72F3, 0x7DAA, 0x789D, 0x662F, 0x6318,
		0x6C41, 0x6976, 0x1689, 0x13BE, 0x1CE7, 0x19D0, 0x0762, 0x0255, 0x0D0C, 0x083B, 0x355F, 0x3068, 0x3F31, 0x3A06,
		0x24B4, 0x2183, 0x2EDA, 0x2BED,
	}
	// Annex D, table D.1: versions 7 to 12, and 40.
	version := map[int]int{7: 0x07C94, 8: 0x085BC, 9: 0x09A99, 10: 0x0A4D3, 11: 0x0BBF6, 12: 0x0C762, 40: 0x28C69}
	letters := map[qr.Level]int{qr.L: 1, qr.M: 0, qr.Q: 3, qr.H: 2}
	r := rand.New(rand.NewPCG(3, 4))
	seen := map[int]bool{}
	for n := range 700 {
		s, err := qr.Encode(randomText(r, 2, 1+r.IntN(300)), qr.Level(n%4))
		if err != nil {
			t.Fatal(err)
		}
		data := letters[s.Level()]<<3 | s.Mask()
		seen[data] = true
		size := s.Size()
		around := moduleBits(s, func(i int) (int, int) { // beside the top left finder, most significant bit first
			return []int{0, 1, 2, 3, 4, 5, 7, 8, 8, 8, 8, 8, 8, 8, 8}[i], []int{8, 8, 8, 8, 8, 8, 8, 8, 7, 5, 4, 3, 2, 1, 0}[i]
		}, 15)
		along := moduleBits(s, func(i int) (int, int) { // beside the other two
			if i < 7 {
				return 8, size - 1 - i
			}
			return size - 15 + i, 8
		}, 15)
		if around != format[data] || along != format[data] {
			t.Fatalf("format of %v mask %d: %04x and %04x, want %04x", s.Level(), s.Mask(), around, along, format[data])
		}
		if want, ok := version[s.Version()]; ok {
			got := moduleBits(s, func(i int) (int, int) { i = 17 - i; return i / 3, size - 11 + i%3 }, 18)
			other := moduleBits(s, func(i int) (int, int) { i = 17 - i; return size - 11 + i%3, i / 3 }, 18)
			if got != want || other != want {
				t.Fatalf("version %d: %05x and %05x, want %05x", s.Version(), got, other, want)
			}
		}
	}
	if len(seen) < 16 {
		t.Fatalf("only %d of 32 formats came up", len(seen))
	}
}

func TestCheckCodewordsOfTheStandard(t *testing.T) {
	// ISO/IEC 18004 annex I: "01234567" in version 1-M.
	data := []byte{0x10, 0x20, 0x0C, 0x56, 0x61, 0x80, 0xEC, 0x11, 0xEC, 0x11, 0xEC, 0x11, 0xEC, 0x11, 0xEC, 0x11}
	want := []byte{0xA5, 0x24, 0xD4, 0xC1, 0xED, 0x36, 0xC7, 0x87, 0x2C, 0x55}
	if got := qr.Interleave(data, 1, qr.M); !bytes.Equal(got, append(data, want...)) {
		t.Errorf("check codewords % X, want % X", got[16:], want)
	}
}

func TestSplitIsOptimal(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	for range 100 {
		text := randomText(r, 4, 6)
		text = text[:min(len(text), 8)]
		class := r.IntN(3)
		if got, want := qr.PlannedBits(text, class), leastBits(text, class); got != want {
			t.Fatalf("%q in class %d: %d bits, want %d", text, class, got, want)
		}
	}
}

// leastBits tries every assignment of modes.
func leastBits(text string, class int) int {
	least := 1 << 30
	total := 1
	for range len(text) {
		total *= 3
	}
	for n := range total {
		modes := make([]int, len(text))
		ok := true
		for i, rest := 0, n; i < len(text); i, rest = i+1, rest/3 {
			modes[i] = rest % 3
			number := text[i] >= '0' && text[i] <= '9'
			ok = ok && (modes[i] == 2 || modes[i] == 0 && number ||
				modes[i] == 1 && text[i] < 128 && strings.ContainsRune(string(letters45), rune(text[i])))
		}
		if ok {
			least = min(least, bitsOf(modes, class))
		}
	}
	return least
}

func bitsOf(modes []int, class int) int {
	count := [3][3]int{{10, 9, 8}, {12, 11, 16}, {14, 13, 16}}
	bits := 0
	for i := 0; i < len(modes); {
		j := i
		for j < len(modes) && modes[j] == modes[i] {
			j++
		}
		n := j - i
		bits += 4 + count[class][modes[i]]
		switch modes[i] {
		case 0:
			bits += n/3*10 + []int{0, 4, 7}[n%3]
		case 1:
			bits += n/2*11 + n%2*6
		default:
			bits += 8 * n
		}
		i = j
	}
	return bits
}

func TestPenaltyCountsWhatTheStandardSays(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 8))
	for n := range 60 {
		s, err := qr.Encode(randomText(r, n%5, 1+n*n/3), qr.Level(n%4))
		if err != nil {
			t.Fatal(err)
		}
		if got, want := qr.Penalty(s), slowPenalty(s); got != want {
			t.Fatalf("version %d: %d points, want %d", s.Version(), got, want)
		}
	}
}

// slowPenalty is table 11 of the standard module by module.
func slowPenalty(s *qr.Symbol) int {
	size, points, dark := s.Size(), 0, 0
	lines := []func(a, b int) bool{func(a, b int) bool { return s.Dark(b, a) }, func(a, b int) bool { return s.Dark(a, b) }}
	for _, at := range lines {
		for a := range size {
			run := 0
			for b := range size {
				if b > 0 && at(a, b) == at(a, b-1) {
					run++
				} else {
					run = 1
				}
				if run == 5 {
					points += 3
				} else if run > 5 {
					points++
				}
				points += finderPoints(at, a, b, size)
			}
		}
	}
	for y := range size {
		for x := range size {
			d := s.Dark(x, y)
			if d {
				dark++
			}
			if x+1 < size && y+1 < size && d == s.Dark(x+1, y) && d == s.Dark(x, y+1) && d == s.Dark(x+1, y+1) {
				points += 3
			}
		}
	}
	for k := 1; ; k++ { // how many steps of 5 % the share of dark modules is away from half
		if 20*dark >= (10-k)*size*size && 20*dark <= (10+k)*size*size {
			return points + 10*exactSteps(k, dark, size)
		}
	}
}

// exactSteps turns "within k steps" into "k steps away": a share exactly on a step counts as that step.
func exactSteps(k, dark, size int) int {
	if 20*dark == (10-k)*size*size || 20*dark == (10+k)*size*size {
		return k
	}
	return k - 1
}

func finderPoints(at func(a, b int) bool, a, b, size int) int {
	if b+7 > size {
		return 0
	}
	for i, want := range []bool{true, false, true, true, true, false, true} {
		if at(a, b+i) != want {
			return 0
		}
	}
	before, after := true, true
	for i := 1; i <= 4; i++ {
		before = before && !at(a, b-i)
		after = after && !at(a, b+6+i)
	}
	if before || after {
		return 40
	}
	return 0
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
