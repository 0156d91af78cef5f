package chip

// tlv steps through BER-TLV as chips write it (ISO/IEC 7816-4, 5.2.2): tags of one or two bytes, definite lengths of up to
// four bytes, not necessarily the shortest. It copies nothing.
type tlv struct {
	in  []byte
	pos int
}

func (t *tlv) done() bool { return t.pos >= len(t.in) }

// next returns a tag and its value; ok is false when what follows is none.
func (t *tlv) next() (tag int, value []byte, ok bool) {
	rest := t.in[min(t.pos, len(t.in)):]
	if len(rest) < 2 {
		return 0, nil, false
	}
	tag, n := int(rest[0]), 1
	if rest[0]&0x1f == 0x1f {
		if rest[1]&0x80 != 0 { // a third byte: no file of the application has such tags
			return 0, nil, false
		}
		tag, n = tag<<8|int(rest[1]), 2
	}
	length, size, ok := lengthOf(rest[n:])
	if !ok || length > len(rest)-n-size {
		return 0, nil, false
	}
	start := t.pos + n + size
	t.pos = start + length
	return tag, t.in[start:t.pos], true
}

// take returns the value of the next tag, which must be this one.
func (t *tlv) take(tag int) ([]byte, bool) {
	was := t.pos
	got, value, ok := t.next()
	if !ok || got != tag {
		t.pos = was
		return nil, false
	}
	return value, true
}

func lengthOf(in []byte) (length, size int, ok bool) {
	if len(in) == 0 {
		return 0, 0, false
	}
	if in[0] < 0x80 {
		return int(in[0]), 1, true
	}
	count := int(in[0] & 0x7f)
	if count == 0 || count > 4 || len(in) < 1+count {
		return 0, 0, false
	}
	n := uint64(0)
	for _, b := range in[1 : 1+count] {
		n = n<<8 | uint64(b)
	}
	if n > maxFiles {
		return 0, 0, false
	}
	return int(n), 1 + count, true
}
