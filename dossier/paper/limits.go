package paper

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Bounds of one document.
const (
	maxText  = 4000 // runes of one field
	maxName  = 200  // runes of a name or a heading
	maxRows  = 500  // rows of one list or table
	maxPages = 100
)

// checker collects the first fault of a document and hands texts on in NFC, so that a letter is one glyph.
type checker struct{ err error }

func (c *checker) need(field string, ok bool, rule string) {
	if c.err == nil && !ok {
		c.err = &InvalidError{Field: field, Rule: rule}
	}
}

func (c *checker) rows(field string, n int) { c.need(field, n <= maxRows, "at most 500 rows") }

func (c *checker) required(field string, texts ...*string) {
	for _, s := range texts {
		c.text(field, s)
		c.need(field, strings.TrimSpace(*s) != "", "a text")
	}
}

// short holds names and headings to a length that keeps them on a page beside each other.
func (c *checker) short(field string, texts ...*string) {
	for _, s := range texts {
		c.text(field, s)
		c.need(field, utf8.RuneCountInString(*s) <= maxName, "at most 200 characters")
	}
}

// text normalises *s. Line breaks stay; other control characters and letters without a glyph are faults.
func (c *checker) text(field string, texts ...*string) {
	for _, s := range texts {
		if len(*s) > 4*maxText {
			c.need(field, false, "at most 4000 characters")
			continue
		}
		*s = norm.NFC.String(*s)
		n := 0
		for _, r := range *s {
			n++
			if r == '\n' {
				continue
			}
			c.need(field, !unicode.IsControl(r) && r != unicode.ReplacementChar, "text without control characters")
			c.need(field, drawable(r), "letters of the face (Latin, Vietnamese, Greek, Cyrillic)")
		}
		c.need(field, n <= maxText, "at most 4000 characters")
	}
}
