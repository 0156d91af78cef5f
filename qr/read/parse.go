package read

import (
	"bytes"
	"compress/flate"
	"compress/zlib"
	"io"
	"strings"

	"github.com/motcua/motcua/internal/base45"
)

const (
	maxText  = 7_089    // characters of the largest symbol
	maxPlain = 64 << 10 // bytes after decompression
)

// Parse reads the text of a code. Errors: *qr.InvalidError; a text of no format known here is one with field "format".
func Parse(text string) (*Document, error) {
	switch {
	case len(text) > maxText:
		return nil, broken("text", "what fits one symbol", nil)
	case strings.HasPrefix(text, "HC1:"):
		return parseCWT(HCERT, text[len("HC1:"):])
	case strings.HasPrefix(text, "shc:/"):
		return parseSHC(text[len("shc:/"):])
	case strings.HasPrefix(text, "VN1:"):
		return nil, broken("format", "a foreign code; package qr reads VN1", nil)
	}
	d, err := parseCWT(Claim169, text)
	if err != nil {
		return nil, broken("format", "HC1, shc or Claim 169", err)
	}
	return d, nil
}

func parseCWT(scheme Scheme, text string) (*Document, error) {
	packed, err := base45.AppendDecoded(nil, text)
	if err != nil {
		return nil, broken("base45", "RFC 9285", err)
	}
	plain, err := inflate(packed)
	if err != nil {
		return nil, err
	}
	return parseCOSE(scheme, plain)
}

// inflate undoes zlib. HCERT lets a producer leave it out.
func inflate(packed []byte) ([]byte, error) {
	if len(packed) < 2 || packed[0] != 0x78 {
		return packed, nil
	}
	r, err := zlib.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, broken("zlib", "RFC 1950", err)
	}
	return bounded("zlib", r)
}

func bounded(layer string, r io.Reader) ([]byte, error) {
	plain, err := io.ReadAll(io.LimitReader(r, maxPlain+1))
	switch {
	case err != nil:
		return nil, broken(layer, "whole compressed data", err)
	case len(plain) > maxPlain:
		return nil, broken(layer, "at most 64 KiB", nil)
	}
	return plain, nil
}

func inflateRaw(packed []byte) ([]byte, error) {
	return bounded("deflate", flate.NewReader(bytes.NewReader(packed)))
}
