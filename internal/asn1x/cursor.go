package asn1x

import (
	"encoding/asn1"
	"fmt"
	"math/big"
)

// Tags of the elements that signatures are made of.
const (
	Integer     = 0x02
	BitString   = 0x03
	OctetString = 0x04
	Null        = 0x05
	OID         = 0x06
	Sequence    = 0x30
	Set         = 0x31

	constructed = 0x20
)

// Context returns the tag of the constructed context-specific element [n].
func Context(n int) byte { return 0xa0 | byte(n&0x1f) }

// ContextPrimitive returns the tag of the primitive context-specific element [n].
func ContextPrimitive(n int) byte { return 0x80 | byte(n&0x1f) }

// Element is one tag, length and contents.
type Element struct {
	Tag  byte
	Full []byte // with the header
	Body []byte // the contents
}

// Cursor steps through the elements of a DER body, one level at a time. It copies nothing.
type Cursor struct {
	in  []byte
	pos int
}

// Open returns a cursor at the start of body.
func Open(body []byte) *Cursor { return &Cursor{in: body} }

// Done reports whether no bytes are left.
func (c *Cursor) Done() bool { return c.pos >= len(c.in) }

// Peek returns the tag of the next element, 0 at the end.
func (c *Cursor) Peek() byte {
	if c.Done() {
		return 0
	}
	return c.in[c.pos]
}

// Next returns the next element, whatever it is.
func (c *Cursor) Next() (Element, error) {
	tag, body, length, minimal, err := header(c.in, c.pos)
	if err != nil {
		return Element{}, err
	}
	if !minimal || length > len(c.in)-body {
		return Element{}, broken(c.pos, "a minimal length inside the enclosing element")
	}
	e := Element{Tag: tag, Full: c.in[c.pos : body+length], Body: c.in[body : body+length]}
	c.pos = body + length
	return e, nil
}

// Take returns the next element, which must have the tag.
func (c *Cursor) Take(tag byte) (Element, error) {
	if c.Peek() != tag {
		return Element{}, broken(c.pos, fmt.Sprintf("tag %02x", tag))
	}
	return c.Next()
}

// Optional returns the next element if it has the tag.
func (c *Cursor) Optional(tag byte) (e Element, ok bool, err error) {
	if c.Peek() != tag {
		return Element{}, false, nil
	}
	e, err = c.Next()
	return e, err == nil, err
}

// End is an error unless all bytes are read.
func (c *Cursor) End() error {
	if !c.Done() {
		return broken(c.pos, "no further element")
	}
	return nil
}

// OID takes an object identifier.
func (c *Cursor) OID() (asn1.ObjectIdentifier, error) {
	e, err := c.Take(OID)
	if err != nil {
		return nil, err
	}
	id := parseOID(e.Body)
	if id == nil {
		return nil, broken(c.pos, "an object identifier")
	}
	return id, nil
}

// parseOID reads the contents of an OBJECT IDENTIFIER by the rules of encoding/asn1, of which a message needs many: arcs
// below 2^31, in as few octets as they fit. It returns nil for any other.
func parseOID(body []byte) asn1.ObjectIdentifier {
	if len(body) == 0 {
		return nil
	}
	id := make(asn1.ObjectIdentifier, 0, len(body)+1)
	for len(body) > 0 {
		arc, n := int64(0), 0
		for {
			if n >= len(body) || n >= 5 || n == 0 && body[0] == 0x80 {
				return nil
			}
			arc = arc<<7 | int64(body[n]&0x7f)
			n++
			if body[n-1] < 0x80 {
				break
			}
		}
		if arc > 1<<31-1 {
			return nil
		}
		if body = body[n:]; len(id) > 0 {
			id = append(id, int(arc))
			continue
		}
		first := min(arc/40, 2)
		id = append(id, int(first), int(arc-40*first))
	}
	return id
}

// Int takes an INTEGER that fits an int.
func (c *Cursor) Int() (int, error) {
	e, err := c.Take(Integer)
	if err != nil {
		return 0, err
	}
	body := e.Body
	if len(body) == 0 || len(body) > 8 || len(body) > 1 && (body[0] == 0 && body[1] < 0x80 || body[0] == 0xff && body[1] >= 0x80) {
		return 0, broken(c.pos, "a small integer")
	}
	n := int64(int8(body[0]))
	for _, b := range body[1:] {
		n = n<<8 | int64(b)
	}
	if int64(int(n)) != n {
		return 0, broken(c.pos, "a small integer")
	}
	return int(n), nil
}

// BigInt takes an INTEGER of at most 64 bytes, enough for serial numbers.
func (c *Cursor) BigInt() (*big.Int, error) {
	e, err := c.Take(Integer)
	if err != nil {
		return nil, err
	}
	var n *big.Int
	if len(e.Body) > 64 {
		return nil, broken(c.pos, "an integer of at most 64 bytes")
	}
	if _, err := asn1.Unmarshal(e.Full, &n); err != nil {
		return nil, broken(c.pos, "an integer")
	}
	return n, nil
}
