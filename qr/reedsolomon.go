package qr

import "encoding/binary"

// double multiplies by α in GF(256) with the polynomial x⁸+x⁴+x³+x²+1 (clause 8.5).
func double(a byte) byte { return a<<1 ^ (a>>7)*0x1D }

func multiply(a, b byte) byte {
	var p byte
	for ; b != 0; b >>= 1 {
		p ^= a * (b & 1)
		a = double(a)
	}
	return p
}

// remainderTable divides by a generator polynomial a byte at a time: row f holds f times the generator, its
// coefficients as 32 bytes in four words, the highest first. All rows follow from eight, because the field is linear.
type remainderTable [256][4]uint64

func (t *remainderTable) fill(degree int) {
	var generator [maxCheck + 2]byte // coefficients below the leading one, the highest first
	generator[degree-1] = 1
	root := byte(1)
	for range degree {
		for i := range degree {
			generator[i] = multiply(generator[i], root) ^ generator[i+1]
		}
		generator[degree] = 0
		root = double(root)
	}
	for bit := 1; bit < 256; bit <<= 1 {
		for w := range 4 {
			t[bit][w] = binary.BigEndian.Uint64(generator[8*w:])
		}
		for i := range degree {
			generator[i] = double(generator[i])
		}
	}
	for f := 1; f < 256; f++ {
		if low := f & -f; low != f {
			for w := range 4 {
				t[f][w] = t[low][w] ^ t[f^low][w]
			}
		}
	}
}

// check writes the remainder of the data, that is its check codewords, into out.
func (t *remainderTable) check(data []byte, out []byte) {
	var a, b, c, d uint64
	for _, v := range data {
		row := &t[v^byte(a>>56)]
		a = (a<<8 | b>>56) ^ row[0]
		b = (b<<8 | c>>56) ^ row[1]
		c = (c<<8 | d>>56) ^ row[2]
		d = d<<8 ^ row[3]
	}
	var raw [32]byte
	binary.BigEndian.PutUint64(raw[0:], a)
	binary.BigEndian.PutUint64(raw[8:], b)
	binary.BigEndian.PutUint64(raw[16:], c)
	binary.BigEndian.PutUint64(raw[24:], d)
	copy(out, raw[:])
}

// interleave splits the data codewords into blocks, computes each block's check codewords and returns all of them in
// the order in which they are placed (clause 8.6).
func interleave(data []byte, version int, level Level) []byte {
	blocks := int(blockCount[level][version-1])
	degree := int(checkPerBlock[level][version-1])
	short := len(data) / blocks
	longer := len(data) % blocks // the last blocks are one codeword longer
	var table remainderTable
	table.fill(degree)
	out := make([]byte, len(data)+blocks*degree)
	var check [maxCheck]byte
	start := 0
	for b := range blocks {
		size := short
		if b >= blocks-longer {
			size++
		}
		block := data[start : start+size]
		start += size
		for i := range short {
			out[i*blocks+b] = block[i]
		}
		if size > short {
			out[short*blocks+b-(blocks-longer)] = block[short]
		}
		table.check(block, check[:degree])
		for i := range degree {
			out[len(data)+i*blocks+b] = check[i]
		}
	}
	return out
}
