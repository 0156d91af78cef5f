package signature

import (
	"slices"

	"github.com/motcua/motcua/internal/pdf"
	"github.com/motcua/motcua/internal/vntime"
)

// measure reads the signature dictionary and checks that it signs everything but itself, before any cryptography:
// /ByteRange is four numbers, begins at 0, leaves out exactly the hexadecimal string of /Contents, and ends in the
// file.
func (j *judgement) measure(c *candidate) {
	position, ok := j.doc.Position(c.ref.Num)
	if c.ref == (pdf.Ref{}) || !ok {
		c.fail("signature.unreadable", c.ref.Num)
		return
	}
	v, err := j.doc.Object(c.ref)
	dict, ok := v.(pdf.Dict)
	if err != nil || !ok {
		c.fail("signature.unreadable", c.ref.Num)
		return
	}
	c.dict = dict
	j.describe(c)
	contents, ok1 := dict["Contents"].(pdf.String)
	ranges, ok2 := byteRange(dict["ByteRange"])
	if !ok1 || !contents.Hex || contents.Pos <= position || !ok2 {
		c.fail("signature.byte-range", c.ref.Num)
		return
	}
	c.out.ByteRange = ranges
	c.contents = contents.Bytes
	c.pos, c.end, c.tail = ranges[1], ranges[2], ranges[2]+ranges[3]
	exact := ranges[0] == 0 && c.pos == contents.Pos && c.end == contents.End && contents.Solid
	if !exact || c.tail > j.size || ranges[3] == 0 {
		c.tail = 0
		c.fail("signature.byte-range", c.ref.Num)
		return
	}
	c.sound = true
}

// byteRange takes four numbers that stand in the dictionary itself and do not overflow.
func byteRange(v pdf.Value) ([]int64, bool) {
	a, ok := v.(pdf.Array)
	if !ok || len(a) != 4 {
		return nil, false
	}
	out := make([]int64, 4)
	for i, v := range a {
		n, ok := v.(int64)
		if !ok || n < 0 || n > 1<<60 {
			return nil, false
		}
		out[i] = n
	}
	return out, true
}

// describe copies what the dictionary claims.
func (j *judgement) describe(c *candidate) {
	text := func(key pdf.Name) string {
		v, err := j.doc.Resolve(c.dict[key])
		if s, ok := v.(pdf.String); err == nil && ok && len(s.Bytes) <= 8192 {
			return s.Text()
		}
		return ""
	}
	c.out.Name, c.out.Why, c.out.Location = text("Name"), text("Reason"), text("Location")
	if s, ok := c.dict["M"].(pdf.String); ok {
		if t, ok := s.Time(); ok {
			t = vntime.In(t)
			c.out.ClaimedTime = &t
		}
	}
}

// checkAfter judges what stands behind the signed range: nothing, or revisions that only add what is permitted.
func (j *judgement) checkAfter(c *candidate) {
	if c.tail == j.size {
		c.out.Coverage = EntireFile
		return
	}
	signed, err := pdf.Open(j.in, c.tail, pdf.Limits{Work: max(j.work, 1)})
	if err != nil || signed.End() != c.tail {
		c.fail("document.revision")
		return
	}
	defer func() { j.work = signed.Work() }()
	v, err := signed.Object(c.ref)
	if err != nil || !pdf.Equal(v, c.dict) || !j.holds(signed, c) {
		c.fail("document.revision", c.ref.Num)
		return
	}
	c.out.Coverage = EntireRevision
	if j.doc.End() != j.size {
		c.fail("document.trailing")
	} else {
		j.checkBytes(c)
	}
	last := signed.Sections()[0].Pos
	if !slices.ContainsFunc(j.doc.Sections(), func(s pdf.Section) bool { return s.Pos == last }) {
		c.fail("document.changed")
		return
	}
	j.checkDifference(c, signed)
}

// checkBytes reads the bytes after the signed range without the help of cross-references: every one belongs to an
// object or a section, and the last object of each number is the one that the cross-reference names. Otherwise a reader
// that rebuilds the cross-reference shows another document than this package judges.
func (j *judgement) checkBytes(c *candidate) {
	last := map[int]int64{}
	err := j.doc.Scan(c.tail, func(num int, pos int64, v pdf.Value) {
		if s, ok := v.(*pdf.Stream); !ok || s.Dict["Type"] != pdf.Name("XRef") {
			last[num] = pos
		}
	})
	if err != nil {
		c.fail("document.trailing")
		return
	}
	var unlisted []int
	for num, pos := range last {
		if at, ok := j.doc.Position(num); !ok || at != pos {
			unlisted = append(unlisted, num)
		}
	}
	if len(unlisted) > 0 {
		slices.Sort(unlisted)
		c.fail("document.unlisted", unlisted[:min(len(unlisted), maxListed)]...)
	}
}

// holds reports whether the revision has the signature in the same field at the same place.
func (j *judgement) holds(signed *pdf.Document, c *candidate) bool {
	before, ok1 := signed.Position(c.ref.Num)
	now, ok2 := j.doc.Position(c.ref.Num)
	fields, err := signed.Fields()
	return ok1 && ok2 && before == now && err == nil && slices.ContainsFunc(fields, func(f pdf.Field) bool {
		return f.Name == c.field.Name && f.Value == pdf.Value(c.ref)
	})
}
