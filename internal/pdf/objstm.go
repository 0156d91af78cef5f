package pdf

import "bytes"

const keptStreams = 4 // decoded object streams kept in memory

// objectStream is a decoded object stream: the numbers of its objects and where they begin.
type objectStream struct {
	data    []byte
	numbers []int
	offsets []int64
}

// packed reads the object at an index of an object stream.
func (d *Document) packed(num, container, index int) (Value, error) {
	if err := d.spend(0); err != nil {
		return nil, err
	}
	s, err := d.objectStream(container)
	if err != nil {
		return nil, err
	}
	if index >= len(s.numbers) || s.numbers[index] != num {
		return nil, syntax(-1, "the object that the cross-reference entry names in its object stream")
	}
	l := lexer{src: newSource(bytes.NewReader(s.data), int64(len(s.data))), pos: s.offsets[index]}
	v, err := l.value(0)
	if short := d.spend(l.pos - s.offsets[index]); err == nil {
		err = short
	}
	return v, err
}

func (d *Document) objectStream(num int) (*objectStream, error) {
	if s, ok := d.streams[num]; ok {
		return s, nil
	}
	e := d.entry(num)
	if e.kind != entryOffset { // an object stream is never inside another
		return nil, syntax(-1, "an object stream that stands in the file itself")
	}
	v, _, err := d.objectAt(e.off, Ref{num, int(e.aux)})
	if err != nil {
		return nil, err
	}
	stream, ok := v.(*Stream)
	if !ok || stream.Dict["Type"] != Name("ObjStm") {
		return nil, syntax(e.off, "an object stream")
	}
	if d.unpacking {
		return nil, syntax(e.off, "an object stream whose length stands outside object streams")
	}
	d.unpacking = true
	data, err := d.decode(stream)
	d.unpacking = false
	if err != nil {
		return nil, err
	}
	s, err := splitStream(data, stream)
	if err != nil {
		return nil, err
	}
	if len(d.order) >= keptStreams {
		delete(d.streams, d.order[0])
		d.order = d.order[1:]
	}
	d.streams[num] = s
	d.order = append(d.order, num)
	return s, nil
}

func splitStream(data []byte, stream *Stream) (*objectStream, error) {
	count, ok1 := stream.Dict["N"].(int64)
	first, ok2 := stream.Dict["First"].(int64)
	if !ok1 || !ok2 || count < 0 || count > maxValues || first < 0 || first > int64(len(data)) {
		return nil, syntax(stream.Pos, "/N and /First of an object stream")
	}
	s := &objectStream{data: data}
	l := lexer{src: newSource(bytes.NewReader(data), first)}
	for range count {
		num, ok1 := l.integer()
		off, ok2 := l.integer()
		if !ok1 || !ok2 || num > maxObjects || off > int64(len(data))-first {
			return nil, syntax(stream.Pos, "numbers and offsets in an object stream")
		}
		s.numbers = append(s.numbers, int(num))
		s.offsets = append(s.offsets, first+off)
	}
	return s, nil
}
