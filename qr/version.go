package qr

// Bounds of the standard.
const (
	minVersion  = 1
	maxVersion  = 40
	maxModules  = 17 + 4*maxVersion
	maxCheck    = 30 // check codewords of one block
	maxNumerals = 7089
)

// checkPerBlock is the number of error correction codewords of each block, by level and version (ISO/IEC 18004,
// table 9).
var checkPerBlock = [4][maxVersion]uint8{
	{7, 10, 15, 20, 26, 18, 20, 24, 30, 18, 20, 24, 26, 30, 22, 24, 28, 30, 28, 28,
		28, 28, 30, 30, 26, 28, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30},
	{10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26,
		26, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28},
	{13, 22, 18, 26, 18, 24, 18, 22, 20, 24, 28, 26, 24, 20, 30, 24, 28, 28, 26, 30,
		28, 30, 30, 30, 30, 28, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30},
	{17, 28, 22, 16, 22, 28, 26, 26, 24, 28, 24, 28, 22, 24, 24, 30, 28, 28, 26, 28,
		30, 24, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30},
}

// blockCount is the number of blocks the data is split into, by level and version (same table).
var blockCount = [4][maxVersion]uint8{
	{1, 1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4, 4, 4, 6, 6, 6, 6, 7, 8,
		8, 9, 9, 10, 12, 12, 12, 13, 14, 15, 16, 17, 18, 19, 19, 20, 21, 22, 24, 25},
	{1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16,
		17, 17, 18, 20, 21, 23, 25, 26, 28, 29, 31, 33, 35, 37, 38, 40, 43, 45, 47, 49},
	{1, 1, 2, 2, 4, 4, 6, 6, 8, 8, 8, 10, 12, 16, 12, 17, 16, 18, 21, 20,
		23, 23, 25, 27, 29, 34, 34, 35, 38, 40, 43, 45, 48, 51, 53, 56, 59, 62, 65, 68},
	{1, 1, 2, 4, 4, 4, 5, 6, 8, 8, 11, 11, 16, 16, 18, 16, 19, 21, 25, 25,
		25, 34, 30, 32, 35, 37, 40, 42, 45, 48, 51, 54, 57, 60, 63, 66, 70, 74, 77, 81},
}

// allCodewords is the number of data and check codewords a version holds: what its function patterns leave free.
func allCodewords(version int) int {
	bits := (16*version+128)*version + 64
	if version >= 2 {
		n := version/7 + 2
		bits -= (25*n-10)*n - 55
	}
	if version >= 7 {
		bits -= 36
	}
	return bits / 8
}

func dataCodewords(version int, level Level) int {
	check := int(checkPerBlock[level][version-1]) * int(blockCount[level][version-1])
	return allCodewords(version) - check
}

// alignmentCentres returns the row and column numbers of the alignment patterns' centres (annex E), ascending.
func alignmentCentres(version int, centres *[7]int) []int {
	if version == 1 {
		return nil
	}
	n := version/7 + 2
	step := (version*4 + n*2 + 1) / (n*2 - 2) * 2
	if version == 32 {
		step = 26
	}
	centres[0] = 6
	for i := 1; i < n; i++ {
		centres[i] = 17 + 4*version - 7 - (n-1-i)*step
	}
	return centres[:n]
}

// formatBits is the format information (clause 8.9): level and mask under a BCH (15,5) code.
func formatBits(level Level, mask int) uint32 {
	data := uint32([4]uint8{1, 0, 3, 2}[level])<<3 | uint32(mask)
	rem := data
	for range 10 {
		rem = rem<<1 ^ (rem>>9)*0x537
	}
	return (data<<10 | rem) ^ 0x5412
}

// versionBits is the version information (clause 8.10): the version under a BCH (18,6) code.
func versionBits(version int) uint32 {
	rem := uint32(version)
	for range 12 {
		rem = rem<<1 ^ (rem>>11)*0x1F25
	}
	return uint32(version)<<12 | rem
}
