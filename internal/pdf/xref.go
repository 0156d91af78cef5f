package pdf

// loadSections follows the chain of cross-reference sections from the newest to the oldest.
func (d *Document) loadSections(start int64) error {
	seen := map[int64]bool{}
	for pos := start; ; {
		if seen[pos] {
			return syntax(pos, "cross-reference sections without a loop")
		}
		seen[pos] = true
		if len(d.sections) >= maxSections {
			return limit(pos, "at most 1024 cross-reference sections")
		}
		section, err := d.loadSection(pos)
		if err != nil {
			return err
		}
		d.sections = append(d.sections, section)
		hybrid, ok, err := offsetIn(section.Trailer, "XRefStm", pos)
		if err != nil {
			return err
		}
		if ok && !section.Stream {
			if _, err := d.loadStream(hybrid, true); err != nil {
				return err
			}
		}
		prev, ok, err := offsetIn(section.Trailer, "Prev", pos)
		if err != nil {
			return err
		}
		if !ok {
			return nil
		}
		pos = prev
	}
}

func offsetIn(trailer Dict, key Name, pos int64) (int64, bool, error) {
	v, ok := trailer[key]
	if !ok {
		return 0, false, nil
	}
	n, ok := v.(int64)
	if !ok || n <= 0 {
		return 0, false, syntax(pos, "an offset in the trailer")
	}
	return n, true, nil
}

func (d *Document) loadSection(pos int64) (Section, error) {
	if pos <= 0 || pos >= d.size {
		return Section{}, syntax(pos, "a cross-reference section inside the file")
	}
	l := lexer{src: d.src, pos: pos}
	if l.keyword("xref") {
		trailer, err := d.loadTable(&l)
		return Section{Pos: pos, Trailer: trailer}, err
	}
	trailer, err := d.loadStream(pos, false)
	return Section{Pos: pos, Stream: true, Trailer: trailer}, err
}

// loadTable reads the subsections of a table and the trailer after them.
func (d *Document) loadTable(l *lexer) (Dict, error) {
	start := l.pos
	for !l.keyword("trailer") {
		first, ok1 := l.integer()
		count, ok2 := l.integer()
		if !ok1 || !ok2 {
			return nil, syntax(l.pos, "a cross-reference subsection")
		}
		if first+count > maxObjects {
			return nil, limit(l.pos, "at most 1048576 objects")
		}
		for i := range count {
			off, ok1 := l.integer()
			gen, ok2 := l.integer()
			// Some writers give unused entries generation 65536, and call them in use at offset 0, where no object can be.
			if !ok1 || !ok2 || gen > 65536 {
				return nil, syntax(l.pos, "a cross-reference entry")
			}
			e := entry{off: off, aux: int32(gen), kind: entryOffset}
			switch used := l.keyword("n"); {
			case !used && !l.keyword("f"):
				return nil, syntax(l.pos, "n or f in a cross-reference entry")
			case !used || gen > 65535 && off == 0:
				e = entry{kind: entryFree}
			case gen > 65535:
				return nil, syntax(l.pos, "a cross-reference entry")
			}
			d.put(int(first+i), e, false)
		}
		if err := d.spend(l.pos - start); err != nil {
			return nil, err
		}
		start = l.pos
	}
	v, err := l.value(0)
	if err != nil {
		return nil, err
	}
	trailer, ok := v.(Dict)
	if !ok {
		return nil, syntax(l.pos, "a trailer dictionary")
	}
	return trailer, d.spend(l.pos - start)
}

// put records an entry unless a newer one stands. In a hybrid file the stream beside a table fills what that table
// hides as free (ISO 32000-2, 7.5.8.4).
func (d *Document) put(num int, e entry, hybrid bool) {
	for num >= len(d.entries) {
		d.entries = append(d.entries, entry{})
	}
	section := uint16(len(d.sections))
	if hybrid {
		section-- // the table's own section has been recorded already
	}
	e.section = section
	old := &d.entries[num]
	if old.kind == entryAbsent || hybrid && old.kind == entryFree && old.section == section {
		*old = e
	}
}

// loadStream reads a cross-reference stream and returns its dictionary, which is the trailer too.
func (d *Document) loadStream(pos int64, hybrid bool) (Dict, error) {
	if pos <= 0 || pos >= d.size {
		return nil, syntax(pos, "a cross-reference stream inside the file")
	}
	l := lexer{src: d.src, pos: pos}
	num, ok1 := l.integer()
	gen, ok2 := l.integer()
	if !ok1 || !ok2 || num > maxObjects || gen > 65535 {
		return nil, syntax(pos, "a cross-reference section")
	}
	v, _, err := d.objectAt(pos, Ref{int(num), int(gen)})
	if err != nil {
		return nil, err
	}
	s, ok := v.(*Stream)
	if !ok || s.Dict["Type"] != Name("XRef") {
		return nil, syntax(pos, "a cross-reference stream")
	}
	if _, ok := s.Dict["Length"].(int64); !ok {
		return nil, syntax(pos, "a direct length of a cross-reference stream")
	}
	data, err := d.decode(s)
	if err != nil {
		return nil, err
	}
	return s.Dict, d.loadEntries(s.Dict, data, pos, hybrid)
}

func (d *Document) loadEntries(dict Dict, data []byte, pos int64, hybrid bool) error {
	w, row, err := widths(dict, pos)
	if err != nil {
		return err
	}
	index, ok := dict["Index"].(Array)
	if !ok {
		index = Array{int64(0), dict["Size"]}
	}
	if len(index)%2 != 0 {
		return syntax(pos, "pairs in /Index")
	}
	for ; len(index) > 0; index = index[2:] {
		first, ok1 := index[0].(int64)
		count, ok2 := index[1].(int64)
		if !ok1 || !ok2 || first < 0 || count < 0 {
			return syntax(pos, "object numbers in /Index")
		}
		if first > maxObjects || count > maxObjects || first+count > maxObjects {
			return limit(pos, "at most 1048576 objects")
		}
		if count*int64(row) > int64(len(data)) {
			return syntax(pos, "as many entries as /Index promises")
		}
		for i := range count {
			e, err := entryOf(data[:row], w, pos)
			if err != nil {
				return err
			}
			d.put(int(first+i), e, hybrid)
			data = data[row:]
		}
	}
	return nil
}

func widths(dict Dict, pos int64) (w [3]int, row int, err error) {
	a, ok := dict["W"].(Array)
	if !ok || len(a) != 3 {
		return w, 0, syntax(pos, "three widths in /W")
	}
	for i, v := range a {
		n, ok := v.(int64)
		if !ok || n < 0 || n > 8 {
			return w, 0, syntax(pos, "widths of 0 to 8 in /W")
		}
		w[i] = int(n)
		row += int(n)
	}
	if row == 0 {
		return w, 0, syntax(pos, "a width in /W")
	}
	return w, row, nil
}

func entryOf(row []byte, w [3]int, pos int64) (entry, error) {
	var f [3]uint64
	for i, n := range w {
		for _, b := range row[:n] {
			f[i] = f[i]<<8 | uint64(b)
		}
		row = row[n:]
	}
	if w[0] == 0 {
		f[0] = 1
	}
	if f[1] > 1<<62 || f[2] > 1<<31-1 {
		return entry{}, syntax(pos, "an entry within bounds")
	}
	switch f[0] {
	case 0:
		return entry{kind: entryFree}, nil
	case 1:
		return entry{kind: entryOffset, off: int64(f[1]), aux: int32(f[2])}, nil
	case 2:
		if f[1] > maxObjects {
			return entry{}, limit(pos, "an object stream number within bounds")
		}
		return entry{kind: entryPacked, off: int64(f[1]), aux: int32(f[2])}, nil
	}
	return entry{}, nil // other types are null references
}
