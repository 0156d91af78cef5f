package qr_test

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/motcua/motcua/qr"
)

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
