package qr

import (
	"crypto"
	"crypto/rand"
	"errors"
)

// rootList is a kind of list that a root key signs and whoever verifies codes holds to pinned roots.
type rootList struct{ field, rule, typ string }

var (
	trustLists = rootList{"trustlist", "a signed trust list", typTrustList}
	codeLists  = rootList{"codelist", "a signed code list", typCodeList}
)

// sign signs what payload returns, which is asked only when there is a key to sign with.
func (l rootList) sign(root crypto.Signer, payload func() ([]byte, error)) ([]byte, error) {
	if root == nil {
		return nil, &InvalidError{Field: "root", Rule: "a signer"}
	}
	key, err := newVerifyKey(root.Public())
	if err != nil {
		return nil, err
	}
	content, err := payload()
	if err != nil {
		return nil, err
	}
	message, err := sealSign1(root, rand.Reader, key.alg, protectedHeader(key.alg, key.id, l.typ), content)
	if err == nil && len(message) > maxListBytes {
		return nil, &InvalidError{Field: l.field, Rule: "at most 4 MiB"}
	}
	return message, err
}

// open returns the payload of a list that one of the roots has signed. Errors: [ErrUntrustedList], *InvalidError.
func (l rootList) open(data []byte, roots []crypto.PublicKey) (payload []byte, err error) {
	if len(data) > maxListBytes {
		return nil, &InvalidError{Field: l.field, Rule: "at most 4 MiB"}
	}
	message, reason := parseSign1(data, l.typ)
	if reason != reasonNone {
		return nil, &InvalidError{Field: l.field, Rule: l.rule, Err: errors.New(reason.Code())}
	}
	signed := toBeSigned(message.protected, message.payload)
	for _, root := range roots {
		key, err := newVerifyKey(root)
		if err != nil {
			return nil, err
		}
		if key.id == message.kid && key.verify(message.alg, signed, message.signature) {
			return message.payload, nil
		}
	}
	return nil, ErrUntrustedList
}
