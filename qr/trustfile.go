package qr

import (
	"bytes"
	"crypto"
	"encoding/base64"
	"encoding/json"
	"io"
)

// trustFile is the JSON form in which roots and list travel together, for tools that are given one file. Whoever hands
// over the file is trusted with the roots in it; a verifier that is installed pins its roots itself and calls
// [ParseTrustList].
type trustFile struct {
	Root string `json:"root"`               // base64 of a SubjectPublicKeyInfo
	Next string `json:"nextRoot,omitempty"` // the second root, during a change
	List string `json:"list"`               // base64 of the signed list
}

// maxTrustFile bounds the JSON: the list in base64, the roots and the punctuation.
const maxTrustFile = maxListBytes/3*4 + 4096

// EncodeTrustFile writes a signed list and one or two roots as the JSON that [ParseTrustFile] reads. The list must be
// signed by one of them.
func EncodeTrustFile(list []byte, roots ...crypto.PublicKey) ([]byte, error) {
	if len(roots) < 1 || len(roots) > 2 {
		return nil, &InvalidError{Field: "roots", Rule: "one root or two"}
	}
	if _, err := ParseTrustList(list, roots...); err != nil {
		return nil, err
	}
	file := trustFile{List: base64.StdEncoding.EncodeToString(list)}
	for i, into := range []*string{&file.Root, &file.Next}[:len(roots)] {
		key, err := newVerifyKey(roots[i])
		if err != nil {
			return nil, err
		}
		*into = base64.StdEncoding.EncodeToString(key.spki)
	}
	return json.MarshalIndent(file, "", "  ")
}

// ParseTrustFile reads the JSON of [EncodeTrustFile] and verifies the list against the roots beside it. Errors:
// [ErrUntrustedList], *InvalidError.
func ParseTrustFile(data []byte) (*TrustList, error) {
	if len(data) > maxTrustFile {
		return nil, &InvalidError{Field: "trustfile", Rule: "at most 6 MiB"}
	}
	var file trustFile
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&file); err != nil {
		return nil, &InvalidError{Field: "trustfile", Rule: "a JSON object of root, nextRoot and list", Err: err}
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, &InvalidError{Field: "trustfile", Rule: "one JSON object"}
	}
	var roots []crypto.PublicKey
	for _, text := range []string{file.Root, file.Next} {
		if text == "" && len(roots) == 1 {
			continue
		}
		spki, err := base64.StdEncoding.Strict().DecodeString(text)
		if err != nil {
			return nil, &InvalidError{Field: "trustfile.root", Rule: "base64", Err: err}
		}
		key, err := parseVerifyKey(spki)
		if err != nil {
			return nil, &InvalidError{Field: "trustfile.root", Rule: "a public key", Err: err}
		}
		roots = append(roots, key.public())
	}
	list, err := base64.StdEncoding.Strict().DecodeString(file.List)
	if err != nil {
		return nil, &InvalidError{Field: "trustfile.list", Rule: "base64", Err: err}
	}
	return ParseTrustList(list, roots...)
}
