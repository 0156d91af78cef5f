package main

import (
	"bytes"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"

	"github.com/motcua/motcua/signature"
	"github.com/motcua/motcua/signature/revocation"
)

const maxStatusFiles = 512

// readAnchors reads the roots that a verdict rests on.
func readAnchors(name string) (*signature.TrustStore, error) {
	data, err := readFile(name)
	if err != nil {
		return nil, err
	}
	return signature.ParseTrustStore(data)
}

// revocationPolicy says what is to be known about revocation. With a source of evidence an unknown status is INDETERMINATE;
// without one too, unless the certificate names nobody who could be asked: then the report carries a warning.
func revocationPolicy(path string, fetch bool) (signature.Policy, error) {
	p := signature.Policy{Revocation: signature.RevocationWhereNamed}
	if path == "" && !fetch {
		return p, nil
	}
	p.Revocation = signature.RevocationRequired
	evidence, err := readEvidence(path)
	if err != nil {
		return p, err
	}
	p.Source = evidence
	if fetch {
		p.Source = both{evidence, revocation.New(revocation.Config{})}
	}
	return p, nil
}

// readEvidence reads CRLs and OCSP responses from a file or from all files of a directory.
func readEvidence(path string) (signature.Evidence, error) {
	var e signature.Evidence
	if path == "" {
		return e, nil
	}
	info, err := os.Stat(path)
	if err != nil {
		return e, err
	}
	files := []string{path}
	if info.IsDir() {
		entries, err := os.ReadDir(path)
		if err != nil {
			return e, err
		}
		files = nil
		for _, entry := range entries {
			if entry.Type().IsRegular() {
				files = append(files, filepath.Join(path, entry.Name()))
			}
		}
	}
	if len(files) > maxStatusFiles {
		return e, errors.New("-crl: want at most 512 files")
	}
	for _, name := range files {
		data, err := readFile(name)
		if err != nil {
			return e, err
		}
		addEvidence(&e, data)
	}
	return e, nil
}

// addEvidence offers a file as whatever it may be: the verifier takes from each kind only what parses.
func addEvidence(e *signature.Evidence, data []byte) {
	add := func(der []byte) {
		e.CRLs, e.OCSPs = append(e.CRLs, der), append(e.OCSPs, der)
	}
	if !bytes.HasPrefix(bytes.TrimSpace(data), []byte("-----BEGIN")) {
		add(data)
		return
	}
	for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
		if block.Type == "CERTIFICATE" {
			e.Certificates = append(e.Certificates, block.Bytes)
			continue
		}
		add(block.Bytes)
	}
}
