package oidc

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"unicode/utf8"
)

const (
	maxDepth   = 16
	maxMembers = 4096
)

var errJSON = errors.New("oidc: not one strict JSON object")

// decodeObject reads one JSON object and nothing behind it. encoding/json lets the last of two equal members win and
// mends bad UTF-8; a signed statement must not depend on who reads it, so both are refused, as are depth and bulk.
func decodeObject(raw []byte) (map[string]any, error) {
	if !utf8.Valid(raw) {
		return nil, errJSON
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	budget := maxMembers
	value, err := decodeValue(dec, 0, &budget)
	if err != nil {
		return nil, err
	}
	object, ok := value.(map[string]any)
	if !ok {
		return nil, errJSON
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errJSON
	}
	return object, nil
}

func decodeValue(dec *json.Decoder, depth int, budget *int) (any, error) {
	token, err := dec.Token()
	*budget--
	if err != nil || depth > maxDepth || *budget < 0 {
		return nil, errJSON
	}
	switch token {
	case json.Delim('{'):
		return decodeMembers(dec, depth, budget)
	case json.Delim('['):
		list := []any{}
		for dec.More() {
			value, err := decodeValue(dec, depth+1, budget)
			if err != nil {
				return nil, err
			}
			list = append(list, value)
		}
		_, err := dec.Token()
		return list, err
	}
	return token, nil
}

func decodeMembers(dec *json.Decoder, depth int, budget *int) (any, error) {
	object := map[string]any{}
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return nil, errJSON
		}
		key, ok := name.(string)
		if _, twice := object[key]; !ok || twice {
			return nil, errJSON
		}
		if object[key], err = decodeValue(dec, depth+1, budget); err != nil {
			return nil, err
		}
	}
	_, err := dec.Token()
	return object, err
}
