package scan

import (
	"cmp"
	"image"
	"slices"

	"github.com/makiuchi-d/gozxing"
	multi "github.com/makiuchi-d/gozxing/multi/qrcode"
	"github.com/makiuchi-d/gozxing/qrcode"
	"github.com/makiuchi-d/gozxing/qrcode/detector"
)

// A symbol has three finder patterns. With n of them in a picture the peer looks at n³/6 triples, and with several
// symbols tries to read every likely one; a picture papered with patterns would keep it busy for days.
const (
	maxPatternsOfMany = 24  // up to here all symbols are looked for
	maxPatterns       = 120 // up to here the best one is
)

// search tries the two ways of telling dark from light, and at last the negative.
func search(picture *image.Gray) []string {
	source := gozxing.NewLuminanceSourceFromImage(picture)
	for _, binarizer := range []gozxing.Binarizer{
		gozxing.NewHybridBinarizer(source), gozxing.NewGlobalHistgramBinarizer(source),
		gozxing.NewHybridBinarizer(source.Invert()),
	} {
		bitmap, err := gozxing.NewBinaryBitmap(binarizer)
		if err != nil {
			continue
		}
		if texts := read(bitmap); len(texts) > 0 {
			return texts
		}
	}
	return nil
}

// read looks for all symbols, then for one, then for one that fills the picture without a tilt.
func read(bitmap *gozxing.BinaryBitmap) []string {
	matrix, err := bitmap.GetBlackMatrix()
	if err != nil {
		return nil
	}
	n := countPatterns(matrix)
	var texts []string
	if n <= maxPatternsOfMany {
		results, err := multi.NewQRCodeMultiReader().DecodeMultipleWithoutHint(bitmap)
		if err == nil {
			slices.SortStableFunc(results, func(a, b *gozxing.Result) int { return cmp.Compare(top(a), top(b)) })
			for _, result := range results {
				texts = keep(texts, result.GetText())
			}
		}
	}
	hints := []map[gozxing.DecodeHintType]any{
		nil, {gozxing.DecodeHintType_TRY_HARDER: true}, {gozxing.DecodeHintType_PURE_BARCODE: true},
	}
	for i, hint := range hints {
		pure := i == len(hints)-1 // does not look for patterns
		if len(texts) > 0 || n > maxPatterns && !pure {
			continue
		}
		if result, err := qrcode.NewQRCodeReader().Decode(bitmap, hint); err == nil {
			texts = keep(texts, result.GetText())
		}
	}
	return texts
}

// top returns the height at which a symbol begins.
func top(r *gozxing.Result) float64 {
	y := float64(0)
	for i, p := range r.GetResultPoints() {
		if i == 0 || p.GetY() < y {
			y = p.GetY()
		}
	}
	return y
}

// countPatterns counts the places the peer would take for finder patterns, with its own checks, and stops above the
// bound.
func countPatterns(matrix *gozxing.BitMatrix) int {
	finder := detector.NewFinderPatternFinder(matrix, nil)
	const skip = detector.FinderPatternFinder_MIN_SKIP
	for y := skip - 1; y < matrix.GetHeight(); y += skip {
		scanRow(finder, matrix, y)
		if len(finder.GetPossibleCenters()) > maxPatterns {
			break
		}
	}
	return len(finder.GetPossibleCenters())
}

// scanRow hands each 1:1:3:1:1 of dark and light runs in a row to the peer's check.
func scanRow(finder *detector.FinderPatternFinder, matrix *gozxing.BitMatrix, y int) {
	runs := make([]int, 5) // lengths of the last five runs, the last being counted
	dark := false
	for x := 0; x <= matrix.GetWidth(); x++ {
		now := x < matrix.GetWidth() && matrix.Get(x, y)
		if now == dark && x < matrix.GetWidth() {
			runs[4]++
			continue
		}
		if dark && detector.FinderPatternFinder_foundPatternCross(runs) {
			// The check keeps the slice only while it runs.
			finder.HandlePossibleCenter(runs, y, x)
		}
		copy(runs, runs[1:])
		runs[4], dark = 1, now
	}
}
