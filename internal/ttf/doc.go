// Package ttf takes from a TrueType font what a few lines of text in a PDF need.
//
//	font, err := ttf.Parse(data)
//	glyphs, err := font.Glyphs("Nguyễn Trọng Nghĩa")   // an error names nothing but that a letter is missing
//	small, err := font.Subset(glyphs)                   // the same glyph numbers, the other outlines left out
//
// Every offset and count is checked against the file: a font is input like any other. Fonts with PostScript outlines (OTTO)
// and fonts whose licence forbids embedding are refused. Source: the OpenType specification 1.9, chapters of the tables.
package ttf
