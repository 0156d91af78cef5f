package chip

// parseCOM reads EF.COM (Doc 9303-10, 4.6.1): which data groups the chip says it holds. Nobody signs it.
func parseCOM(files Files) (listed []File, ok bool) {
	body, ok := files.body(COM)
	if !ok {
		return nil, false
	}
	in := tlv{in: body}
	for !in.done() {
		tag, value, ok := in.next()
		if !ok {
			return nil, false
		}
		if tag != 0x5c {
			continue
		}
		for _, t := range value {
			file, known := fileOf(t)
			if !known || len(listed) >= 16 {
				return nil, false
			}
			listed = append(listed, file)
		}
	}
	return listed, len(listed) > 0
}

func fileOf(tag byte) (File, bool) {
	for f := File(1); f <= 16; f++ {
		if f.tag() == tag {
			return f, true
		}
	}
	return 0, false
}
