package c06

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

// Bounds of an answer's XML.
const (
	maxDepth    = 24
	maxElements = 4096
	maxAttrs    = 32
	maxText     = 4096 // bytes of one element's own text
)

// errXML means an answer's XML is not what the service speaks. It never quotes it.
var errXML = errors.New("c06: answer is not the service's XML")

// node is one element of an answer.
type node struct {
	name     xml.Name
	attrs    []xml.Attr
	text     string
	children []*node
}

// parseXML reads one document into a tree within the bounds. Document type definitions and processing instructions are
// refused; encoding/xml knows no entities but the five of XML itself.
func parseXML(body []byte) (*node, error) {
	dec := xml.NewDecoder(bytes.NewReader(body))
	var root *node
	var stack []*node
	for count := 0; ; {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) && root != nil && len(stack) == 0 {
			return root, nil
		}
		if err != nil {
			return nil, errXML
		}
		switch t := token.(type) {
		case xml.StartElement:
			count++
			if count > maxElements || len(stack) >= maxDepth || len(t.Attr) > maxAttrs ||
				len(stack) == 0 && root != nil {
				return nil, errXML
			}
			n := &node{name: t.Name, attrs: t.Copy().Attr}
			if len(stack) == 0 {
				root = n
			} else {
				parent := stack[len(stack)-1]
				parent.children = append(parent.children, n)
			}
			stack = append(stack, n)
		case xml.EndElement:
			stack = stack[:len(stack)-1]
		case xml.CharData:
			if err := addText(stack, t); err != nil {
				return nil, err
			}
		case xml.ProcInst:
			if t.Target != "xml" || root != nil {
				return nil, errXML
			}
		case xml.Directive:
			return nil, errXML
		}
	}
}

func addText(stack []*node, text xml.CharData) error {
	if len(stack) == 0 {
		if len(bytes.TrimSpace(text)) > 0 {
			return errXML
		}
		return nil
	}
	n := stack[len(stack)-1]
	if len(n.text)+len(text) > maxText {
		return errXML
	}
	n.text += string(text)
	return nil
}

func (n *node) is(space, local string) bool { return n.name.Space == space && n.name.Local == local }

// child returns the only child of a name, nil when there is none, and refuses a second.
func (n *node) child(space, local string) (*node, error) {
	var found *node
	for _, c := range n.children {
		if !c.is(space, local) {
			continue
		}
		if found != nil {
			return nil, errXML
		}
		found = c
	}
	return found, nil
}

// value returns the text of the only child of a name, "" when there is none. A child with children has no text.
func (n *node) value(local string) (string, error) {
	c, err := n.child(responseNS, local)
	if err != nil || c == nil {
		return "", err
	}
	if len(c.children) > 0 {
		return "", errXML
	}
	return strings.TrimSpace(c.text), nil
}

// attr returns an attribute without name space, "" when there is none.
func (n *node) attr(local string) string {
	for _, a := range n.attrs {
		if a.Name.Space == "" && a.Name.Local == local {
			return a.Value
		}
	}
	return ""
}
