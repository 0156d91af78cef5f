package qr

import "math/bits"

// plane is a square of modules kept twice, by row and by column, so that both directions are read a word at a time.
type plane struct {
	rows, cols []uint64
}

// canvas is a symbol being drawn.
type canvas struct {
	version, size, stride int
	fixed                 plane // which modules belong to function patterns
	dark                  plane // which modules are dark, before the mask
}

func newCanvas(version int) *canvas {
	c := &canvas{version: version, size: 17 + 4*version}
	c.stride = (c.size + 63) / 64
	n := c.size * c.stride
	words := make([]uint64, 4*n)
	c.fixed = plane{rows: words[:n:n], cols: words[n : 2*n : 2*n]}
	c.dark = plane{rows: words[2*n : 3*n : 3*n], cols: words[3*n:]}
	return c
}

func (c *canvas) set(p plane, x, y int) {
	p.rows[y*c.stride+x>>6] |= 1 << (x & 63)
	p.cols[x*c.stride+y>>6] |= 1 << (y & 63)
}

// draw sets a module of a function pattern.
func (c *canvas) draw(x, y int, dark bool) {
	c.set(c.fixed, x, y)
	if dark {
		c.set(c.dark, x, y)
	}
}

// drawFunctionPatterns draws everything of clause 6.3 and reserves the place of the format information.
func (c *canvas) drawFunctionPatterns() {
	for _, corner := range [3][2]int{{3, 3}, {c.size - 4, 3}, {3, c.size - 4}} {
		c.drawFinder(corner[0], corner[1])
	}
	for i := 8; i < c.size-8; i++ {
		c.draw(6, i, i%2 == 0)
		c.draw(i, 6, i%2 == 0)
	}
	var room [7]int
	centres := alignmentCentres(c.version, &room)
	last := len(centres) - 1
	for i, x := range centres {
		for j, y := range centres {
			if i == 0 && j == 0 || i == 0 && j == last || i == last && j == 0 {
				continue // a finder pattern stands there
			}
			c.drawAlignment(x, y)
		}
	}
	c.eachFormatModule(func(_, x, y int) { c.draw(x, y, false) })
	c.draw(8, c.size-8, true)
	if c.version >= 7 {
		c.drawVersion()
	}
}

// drawFinder draws a finder pattern around its centre with its separator.
func (c *canvas) drawFinder(cx, cy int) {
	for y := max(cy-4, 0); y <= min(cy+4, c.size-1); y++ {
		for x := max(cx-4, 0); x <= min(cx+4, c.size-1); x++ {
			ring := max(x-cx, cx-x, y-cy, cy-y)
			c.draw(x, y, ring != 2 && ring != 4)
		}
	}
}

func (c *canvas) drawAlignment(cx, cy int) {
	for y := cy - 2; y <= cy+2; y++ {
		for x := cx - 2; x <= cx+2; x++ {
			c.draw(x, y, max(x-cx, cx-x, y-cy, cy-y) != 1)
		}
	}
}

func (c *canvas) drawVersion() {
	v := versionBits(c.version)
	for i := range 18 {
		a, b := c.size-11+i%3, i/3
		dark := v>>i&1 != 0
		c.draw(a, b, dark)
		c.draw(b, a, dark)
	}
}

// eachFormatModule calls f with each of the two places of each of the 15 format bits (clause 8.9, figure 25).
func (c *canvas) eachFormatModule(f func(bit, x, y int)) {
	for i := range 15 {
		switch {
		case i < 6:
			f(i, 8, i)
		case i < 8:
			f(i, 8, i+1)
		case i == 8:
			f(i, 7, 8)
		default:
			f(i, 14-i, 8)
		}
		if i < 8 {
			f(i, c.size-1-i, 8)
		} else {
			f(i, 8, c.size-15+i)
		}
	}
}

// place lays the codewords into the free modules, two columns at a time from the right, up and down by turns (clause
// 8.7.3). Modules left over stay light.
func (c *canvas) place(codewords []byte) {
	next, pending, left := 0, byte(0), 0
	for right := c.size - 1; right >= 1; right -= 2 {
		if right == 6 {
			right = 5 // the column of the timing pattern
		}
		for step := range c.size {
			y := step
			if (right+1)&2 == 0 {
				y = c.size - 1 - step
			}
			for x := right; x >= right-1; x-- {
				if c.fixed.cols[x*c.stride+y>>6]>>(y&63)&1 != 0 {
					continue
				}
				if left == 0 {
					if next == len(codewords) {
						return
					}
					pending, left, next = codewords[next], 8, next+1
				}
				left--
				bit := uint64(pending >> left & 1)
				c.dark.rows[y*c.stride+x>>6] |= bit << (x & 63)
				c.dark.cols[x*c.stride+y>>6] |= bit << (y & 63)
			}
		}
	}
}

// bestMask tries the eight masks and returns the number and the rows of the one with the least penalty (clause 8.8).
func (c *canvas) bestMask(level Level) (int, []uint64) {
	n := c.size * c.stride
	words := make([]uint64, 4*n)
	best := plane{rows: words[:n:n], cols: words[n : 2*n : 2*n]}
	trial := plane{rows: words[2*n : 3*n : 3*n], cols: words[3*n:]}
	least, mask := 0, -1
	for k := range 8 {
		c.apply(k, trial)
		format := formatBits(level, k)
		c.eachFormatModule(func(bit, x, y int) {
			if format>>bit&1 != 0 {
				c.set(trial, x, y)
			}
		})
		if p := c.penalty(trial); mask < 0 || p < least {
			least, mask = p, k
			best, trial = trial, best
		}
	}
	return mask, append([]uint64(nil), best.rows...)
}

// apply writes the drawing under mask k into p.
func (c *canvas) apply(k int, p plane) {
	for line := range c.size {
		row, col := maskRows[k][line%12], maskCols[k][line%12]
		for w := range c.stride {
			i := line*c.stride + w
			valid := ^uint64(0)
			if rest := c.size - 64*w; rest < 64 {
				valid = 1<<rest - 1
			}
			p.rows[i] = c.dark.rows[i] ^ spread(row, w)&^c.fixed.rows[i]&valid
			p.cols[i] = c.dark.cols[i] ^ spread(col, w)&^c.fixed.cols[i]&valid
		}
	}
}

// spread repeats a pattern of 12 modules over word w of a line.
func spread(pattern uint16, w int) uint64 {
	turn := 64 * w % 12
	turned := uint64(pattern>>turn|pattern<<(12-turn)) & 0xFFF
	return turned * (1 | 1<<12 | 1<<24 | 1<<36 | 1<<48 | 1<<60)
}

// penalty is the sum of the four features of table 11, counted on 64 modules at once. What lies outside the symbol
// counts as light, because a scanner sees the quiet zone.
func (c *canvas) penalty(p plane) int {
	sum := 0
	for line := range c.size {
		at := line * c.stride
		sum += linePenalty(p.rows[at:at+c.stride], c.size)
		sum += linePenalty(p.cols[at:at+c.stride], c.size)
	}
	dark := 0
	for _, w := range p.rows {
		dark += bits.OnesCount64(w)
	}
	total := c.size * c.size
	off := max(20*dark-10*total, 10*total-20*dark)
	return sum + 3*c.blocks(p.rows) + 10*(off/total)
}

// linePenalty counts, in one row or column, runs of five and more modules of one colour (3 points, and one for each
// module beyond five) and patterns 1:1:3:1:1 with four light modules before or behind (40 points).
func linePenalty(line []uint64, size int) int {
	runs, starts, finders := 0, 0, 0
	var prev, prevRun uint64
	for w, x := range line {
		var next uint64
		if w+1 < len(line) {
			next = line[w+1]
		}
		x1, x2, x3, x4 := x>>1|next<<63, x>>2|next<<62, x>>3|next<<61, x>>4|next<<60
		x5, x6 := x>>5|next<<59, x>>6|next<<58
		run := (x&x1&x2&x3&x4 | ^(x | x1 | x2 | x3 | x4)) & upTo(size-4-64*w)
		runs += bits.OnesCount64(run)
		starts += bits.OnesCount64(run &^ (run<<1 | prevRun>>63))
		finder := x &^ x1 & x2 & x3 & x4 &^ x5 & x6
		if finder != 0 {
			before := x<<1 | prev>>63 | x<<2 | prev>>62 | x<<3 | prev>>61 | x<<4 | prev>>60
			after := x>>7 | next<<57 | x>>8 | next<<56 | x>>9 | next<<55 | x>>10 | next<<54
			finders += bits.OnesCount64(finder & (^before | ^after))
		}
		prev, prevRun = x, run
	}
	return runs + 2*starts + 40*finders
}

// blocks counts the squares of two by two modules of one colour.
func (c *canvas) blocks(rows []uint64) int {
	n := 0
	for y := range c.size - 1 {
		a, b := rows[y*c.stride:(y+1)*c.stride], rows[(y+1)*c.stride:(y+2)*c.stride]
		for w := range a {
			var nextA, nextB uint64
			if w+1 < len(a) {
				nextA, nextB = a[w+1], b[w+1]
			}
			unlike := (a[w] ^ (a[w]>>1 | nextA<<63)) | (b[w] ^ (b[w]>>1 | nextB<<63)) | (a[w] ^ b[w])
			n += bits.OnesCount64(^unlike & upTo(c.size-1-64*w))
		}
	}
	return n
}

// upTo returns a word whose lowest n bits are set, n clipped to 0 … 64.
func upTo(n int) uint64 {
	if n <= 0 {
		return 0
	}
	return ^uint64(0) >> max(0, 64-n)
}

// maskRows are the conditions of table 10 by row, maskCols by column: bit i of entry j is the mask at column i, row j
// (maskRows) or at column j, row i (maskCols). All eight repeat after 12 modules.
var (
	maskRows = [8][12]uint16{
		{0x555, 0xaaa, 0x555, 0xaaa, 0x555, 0xaaa, 0x555, 0xaaa, 0x555, 0xaaa, 0x555, 0xaaa},
		{0xfff, 0x000, 0xfff, 0x000, 0xfff, 0x000, 0xfff, 0x000, 0xfff, 0x000, 0xfff, 0x000},
		{0x249, 0x249, 0x249, 0x249, 0x249, 0x249, 0x249, 0x249, 0x249, 0x249, 0x249, 0x249},
		{0x249, 0x924, 0x492, 0x249, 0x924, 0x492, 0x249, 0x924, 0x492, 0x249, 0x924, 0x492},
		{0x1c7, 0x1c7, 0xe38, 0xe38, 0x1c7, 0x1c7, 0xe38, 0xe38, 0x1c7, 0x1c7, 0xe38, 0xe38},
		{0xfff, 0x041, 0x249, 0x555, 0x249, 0x041, 0xfff, 0x041, 0x249, 0x555, 0x249, 0x041},
		{0xfff, 0x1c7, 0x6db, 0x555, 0xb6d, 0xc71, 0xfff, 0x1c7, 0x6db, 0x555, 0xb6d, 0xc71},
		{0x555, 0xe38, 0xc71, 0xaaa, 0x1c7, 0x38e, 0x555, 0xe38, 0xc71, 0xaaa, 0x1c7, 0x38e},
	}
	maskCols = [8][12]uint16{
		{0x555, 0xaaa, 0x555, 0xaaa, 0x555, 0xaaa, 0x555, 0xaaa, 0x555, 0xaaa, 0x555, 0xaaa},
		{0x555, 0x555, 0x555, 0x555, 0x555, 0x555, 0x555, 0x555, 0x555, 0x555, 0x555, 0x555},
		{0xfff, 0x000, 0x000, 0xfff, 0x000, 0x000, 0xfff, 0x000, 0x000, 0xfff, 0x000, 0x000},
		{0x249, 0x924, 0x492, 0x249, 0x924, 0x492, 0x249, 0x924, 0x492, 0x249, 0x924, 0x492},
		{0x333, 0x333, 0x333, 0xccc, 0xccc, 0xccc, 0x333, 0x333, 0x333, 0xccc, 0xccc, 0xccc},
		{0xfff, 0x041, 0x249, 0x555, 0x249, 0x041, 0xfff, 0x041, 0x249, 0x555, 0x249, 0x041},
		{0xfff, 0x1c7, 0x6db, 0x555, 0xb6d, 0xc71, 0xfff, 0x1c7, 0x6db, 0x555, 0xb6d, 0xc71},
		{0x555, 0xe38, 0xc71, 0xaaa, 0x1c7, 0x38e, 0x555, 0xe38, 0xc71, 0xaaa, 0x1c7, 0x38e},
	}
)
