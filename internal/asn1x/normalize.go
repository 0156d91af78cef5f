package asn1x

import (
	"bytes"
	"errors"
	"fmt"
)

// Limits bound what [Normalize] accepts. A zero field means the default.
type Limits struct {
	Depth    int // nesting; default 32
	Elements int // count of all elements; default 16384
	Size     int // bytes of the outermost element; default 4 MiB
}

const (
	defaultDepth    = 32
	defaultElements = 1 << 14
	defaultSize     = 4 << 20
)

// Errors of this package, wrapped in [SyntaxError].
var (
	ErrSyntax = errors.New("asn1x: malformed encoding")
	ErrLimit  = errors.New("asn1x: limit exceeded")
)

// SyntaxError says where an encoding breaks which rule. errors.Is reports ErrSyntax or ErrLimit.
type SyntaxError struct {
	Offset int
	Rule   string
	Kind   error
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("%v: offset %d: want %s", e.Kind, e.Offset, e.Rule)
}

// Unwrap returns ErrSyntax or ErrLimit.
func (e *SyntaxError) Unwrap() error { return e.Kind }

func broken(offset int, rule string) error { return &SyntaxError{offset, rule, ErrSyntax} }

func (l Limits) withDefaults() Limits {
	if l.Depth == 0 {
		l.Depth = defaultDepth
	}
	if l.Elements == 0 {
		l.Elements = defaultElements
	}
	if l.Size == 0 {
		l.Size = defaultSize
	}
	return l
}

// node is one element of the input. Nodes stand in the order of their first byte, so a parent comes before its
// children and lengths can be summed by walking backwards.
type node struct {
	tag        byte
	indefinite bool
	parent     int32 // -1 for the outermost
	body, end  int   // contents in the input, without end-of-contents octets
	length     int   // of the contents in DER
	inString   bool  // a piece of a constructed OCTET STRING: contributes contents, no header
}

const endOpen = -1 // end of an indefinite-length element, not yet seen

// Normalize returns the first element of input in definite-length, minimal-length form, with the segments of
// constructed OCTET STRINGs joined, and what follows it. The result aliases input when that was in this form already.
// The order of SET OF is left alone: a signature covers it as it came.
func Normalize(input []byte, limits Limits) (der, rest []byte, err error) {
	w := walker{in: input, limits: limits.withDefaults()}
	n, err := w.walk()
	if err != nil {
		return nil, nil, err
	}
	if !w.changed {
		return input[:n], input[n:], nil
	}
	w = walker{in: input, limits: w.limits, nodes: make([]node, 0, w.count)}
	if _, err := w.walk(); err != nil {
		return nil, nil, err
	}
	w.measure()
	return w.emit(), input[n:], nil
}

// walker reads an encoding element by element. What is DER already needs no nodes, so they are collected in a second
// walk only, for which there is room.
type walker struct {
	in      []byte
	limits  Limits
	count   int
	nodes   []node  // when there is room for them
	open    []frame // the constructed elements around the position
	changed bool
}

// frame is an open constructed element.
type frame struct {
	tag   byte
	end   int   // endOpen while it is not known
	limit int   // the offset no element inside may pass: the end of the innermost one around whose end is known
	node  int32 // its index
}

// walk reads the outermost element and returns its length.
func (w *walker) walk() (int, error) {
	pos := 0
	for {
		if len(w.open) > 0 {
			closed, next := w.close(pos)
			if closed {
				pos = next
				if len(w.open) == 0 {
					return pos, nil
				}
				continue
			}
		}
		next, err := w.enter(pos)
		if err != nil {
			return 0, err
		}
		pos = next
		if len(w.open) == 0 {
			return pos, nil
		}
	}
}

// close ends the innermost open element if it ends at pos.
func (w *walker) close(pos int) (closed bool, next int) {
	top := w.open[len(w.open)-1]
	switch {
	case top.end != endOpen && pos == top.end:
	case top.end == endOpen && pos+1 < len(w.in) && w.in[pos] == 0 && w.in[pos+1] == 0:
		if w.nodes != nil {
			w.nodes[top.node].end = pos
		}
		pos += 2
	default:
		return false, pos
	}
	w.open = w.open[:len(w.open)-1]
	return true, pos
}

// enter reads one header at pos, records the node and returns where reading goes on.
func (w *walker) enter(pos int) (int, error) {
	limit := w.limitAt()
	tag, body, length, minimal, err := header(w.in[:limit], pos)
	if err != nil {
		return 0, err
	}
	if w.count >= w.limits.Elements {
		return 0, &SyntaxError{pos, fmt.Sprintf("at most %d elements", w.limits.Elements), ErrLimit}
	}
	n := node{tag: tag, parent: -1, body: body, end: endOpen, indefinite: length < 0}
	if length >= 0 {
		if length > limit-body {
			return 0, broken(pos, "a length inside the enclosing element")
		}
		n.end = body + length
	}
	if end := max(n.end, body); end > w.limits.Size {
		return 0, &SyntaxError{pos, fmt.Sprintf("at most %d bytes", w.limits.Size), ErrLimit}
	}
	if err := w.place(&n, pos); err != nil {
		return 0, err
	}
	w.changed = w.changed || !minimal || n.indefinite
	if w.nodes != nil {
		w.nodes = append(w.nodes, n)
	}
	w.count++
	if tag&constructed == 0 {
		return n.end, nil
	}
	if len(w.open) >= w.limits.Depth {
		return 0, &SyntaxError{pos, fmt.Sprintf("at most %d levels", w.limits.Depth), ErrLimit}
	}
	if n.end != endOpen {
		limit = n.end
	}
	w.open = append(w.open, frame{tag, n.end, limit, int32(w.count - 1)})
	return body, nil
}

// limitAt is the offset no element may pass.
func (w *walker) limitAt() int {
	if len(w.open) > 0 {
		return w.open[len(w.open)-1].limit
	}
	return len(w.in)
}

// place links the node to its parent and checks the pieces of a constructed OCTET STRING.
func (w *walker) place(n *node, pos int) error {
	if n.tag == OctetString|constructed {
		w.changed = true
	}
	if n.tag&constructed == 0 && n.indefinite {
		return broken(pos, "a definite length for a primitive element")
	}
	if len(w.open) == 0 {
		return nil
	}
	top := w.open[len(w.open)-1]
	n.parent = top.node
	if top.tag == OctetString|constructed {
		if n.tag&^byte(constructed) != OctetString {
			return broken(pos, "OCTET STRING segments inside a constructed OCTET STRING")
		}
		n.inString = true
	}
	return nil
}

// header decodes tag and length at pos. length is -1 for the indefinite form.
func header(in []byte, pos int) (tag byte, body, length int, minimal bool, err error) {
	if len(in)-pos < 2 {
		return 0, 0, 0, false, broken(pos, "tag and length")
	}
	tag = in[pos]
	if tag&0x1f == 0x1f {
		return 0, 0, 0, false, broken(pos, "a tag number up to 30")
	}
	if tag == 0 {
		return 0, 0, 0, false, broken(pos, "an element, not end-of-contents")
	}
	first := in[pos+1]
	if first < 0x80 {
		return tag, pos + 2, int(first), true, nil
	}
	if first == 0x80 {
		return tag, pos + 2, -1, false, nil
	}
	count := int(first & 0x7f)
	if count > 4 || len(in)-pos-2 < count {
		return 0, 0, 0, false, broken(pos, "a length of at most four octets")
	}
	var n uint64
	for _, b := range in[pos+2 : pos+2+count] {
		n = n<<8 | uint64(b)
	}
	if n > 1<<31-1 {
		return 0, 0, 0, false, broken(pos, "a length below 2^31")
	}
	minimal = n >= 0x80 && in[pos+2] != 0
	return tag, pos + 2 + count, int(n), minimal, nil
}

// measure computes every node's DER length, children before parents.
func (w *walker) measure() {
	for i := len(w.nodes) - 1; i >= 0; i-- {
		n := &w.nodes[i]
		if n.tag&constructed == 0 {
			n.length = n.end - n.body
		}
		if n.parent < 0 {
			continue
		}
		total := n.length
		if !n.inString {
			total += headerSize(n.length)
		}
		w.nodes[n.parent].length += total
	}
}

func (w *walker) emit() []byte {
	var out bytes.Buffer
	out.Grow(w.nodes[0].length + 6)
	for i := range w.nodes {
		n := &w.nodes[i]
		if !n.inString {
			tag := n.tag
			if tag == OctetString|constructed {
				tag = OctetString
			}
			out.Write(appendHeader(nil, tag, n.length))
		}
		if n.tag&constructed == 0 {
			out.Write(w.in[n.body:n.end])
		}
	}
	return out.Bytes()
}
