package pdf

// Scan reads what stands in the file from an offset to its end, in the order of the bytes: objects, cross-reference
// sections, end marks, and nothing else but white space and comments. It calls found for every object. A reader that
// gives up on the cross-reference sees the file this way.
func (d *Document) Scan(from int64, found func(num int, pos int64, v Value)) error {
	l := lexer{src: d.src, pos: from, inFile: true}
	for {
		l.skip()
		start := l.pos
		if l.eof() {
			return d.src.err
		}
		if !isDigit(l.peek()) {
			if err := d.scanSection(&l); err != nil {
				return err
			}
			continue
		}
		num, ok1 := l.integer()
		gen, ok2 := l.integer()
		if !ok1 || !ok2 || num >= maxObjects || gen > 65535 {
			return syntax(start, "an object or a cross-reference section")
		}
		v, end, err := d.objectAt(start, Ref{int(num), int(gen)})
		if err != nil {
			return err
		}
		if s, ok := v.(*Stream); ok {
			raw, err := d.Raw(s)
			if err != nil {
				return err
			}
			l.pos = s.Pos + raw.Size()
			if !l.keyword("endstream") || !l.keyword("endobj") {
				return syntax(l.pos, "endstream and endobj")
			}
			end = l.pos
		}
		found(int(num), start, v)
		l.pos, l.values = end, 0
	}
}

// scanSection passes a cross-reference table with its trailer, or startxref with its number.
func (d *Document) scanSection(l *lexer) error {
	start := l.pos
	switch l.word() {
	case "startxref":
		if _, ok := l.integer(); !ok {
			return syntax(l.pos, "an offset after startxref")
		}
	case "xref":
		for !l.keyword("trailer") {
			if _, ok := l.integer(); !ok && !l.keyword("n") && !l.keyword("f") {
				return syntax(l.pos, "a cross-reference table")
			}
		}
		l.values = 0
		if _, err := l.value(0); err != nil {
			return err
		}
	default:
		return syntax(start, "an object or a cross-reference section")
	}
	return d.spend(l.pos - start)
}
