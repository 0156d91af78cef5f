package pdf

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/md5"
	"crypto/rand"
	"crypto/rc4"
	"encoding/binary"
	"maps"
)

// method is how a crypt filter encrypts.
type method int

const (
	methodNone method = iota
	methodRC4
	methodAES128
	methodAES256
)

// crypt is the standard security handler of a file that opens without a password (ISO 32000-2, 7.6): such files are
// encrypted to carry restrictions, not to keep a secret.
type crypt struct {
	key              []byte
	strings, streams method
	metadata         bool // metadata streams are encrypted too
	dict             int  // object number of the encryption dictionary, 0 when it stands in the trailer
}

func locked(rule string) error { return &Error{Kind: ErrEncrypted, Offset: -1, Rule: rule} }

// setUp prepares reading an encrypted file. Every revision has the same encryption dictionary, but the main part of a
// linearized file, whose first page stands before it and names the dictionary for both (ISO 32000-2, F.3.4).
func (d *Document) setUp() error {
	want, encrypted := d.Trailer()["Encrypt"]
	for i, s := range d.sections {
		v, ok := s.Trailer["Encrypt"]
		main := i > 0 && i == len(d.sections)-1 && d.sections[i-1].Pos < s.Pos
		if encrypted && !ok && main {
			continue
		}
		if ok != encrypted || ok && !Equal(v, want) {
			return locked("one encryption dictionary in all revisions")
		}
	}
	if !encrypted {
		return nil
	}
	dict, err := d.Dict(want)
	if err != nil || dict == nil || dict["Filter"] != Name("Standard") {
		return locked("the standard security handler")
	}
	c := &crypt{metadata: dict["EncryptMetadata"] != false}
	if ref, ok := want.(Ref); ok {
		c.dict = ref.Num
	}
	if err := c.chooseMethods(dict); err != nil {
		return err
	}
	ids, _ := d.Trailer()["ID"].(Array)
	var id []byte
	if len(ids) == 2 {
		if s, ok := ids[0].(String); ok {
			id = s.Bytes
		}
	}
	if err := c.openKey(dict, id); err != nil {
		return err
	}
	clear(d.streams)
	d.order = nil
	d.crypt = c
	return nil
}

func (c *crypt) chooseMethods(dict Dict) error {
	switch dict["V"] {
	case int64(1), int64(2):
		c.strings, c.streams = methodRC4, methodRC4
		return nil
	case int64(4), int64(5):
	default:
		return locked("encryption version 1, 2, 4 or 5")
	}
	filters, _ := dict["CF"].(Dict)
	choose := func(key Name) (method, bool) {
		name, ok := dict[key].(Name)
		if !ok || name == "Identity" {
			return methodNone, true
		}
		filter, _ := filters[name].(Dict)
		switch filter["CFM"] {
		case Name("V2"):
			return methodRC4, true
		case Name("AESV2"):
			return methodAES128, true
		case Name("AESV3"):
			return methodAES256, true
		case Name("None"):
			return methodNone, true
		}
		return methodNone, false
	}
	var ok1, ok2 bool
	c.strings, ok1 = choose("StrF")
	c.streams, ok2 = choose("StmF")
	if !ok1 || !ok2 {
		return locked("crypt filters V2, AESV2 or AESV3")
	}
	return nil
}

// objectKey is the key for one object (7.6.3.3).
func (c *crypt) objectKey(m method, ref Ref) []byte {
	if m == methodAES256 {
		return c.key
	}
	h := md5.New()
	h.Write(c.key)
	h.Write([]byte{byte(ref.Num), byte(ref.Num >> 8), byte(ref.Num >> 16), byte(ref.Gen), byte(ref.Gen >> 8)})
	if m == methodAES128 {
		h.Write([]byte("sAlT"))
	}
	return h.Sum(nil)[:min(len(c.key)+5, 16)]
}

// open decrypts; what is not well-formed comes back empty, as no reader can make anything of it.
func (c *crypt) open(m method, ref Ref, data []byte) []byte {
	switch m {
	case methodNone:
		return data
	case methodRC4:
		return c.rc4(ref, data)
	}
	block, err := aes.NewCipher(c.objectKey(m, ref))
	if err != nil || len(data) < 2*aes.BlockSize || len(data)%aes.BlockSize != 0 {
		return nil
	}
	out := make([]byte, len(data)-aes.BlockSize)
	cipher.NewCBCDecrypter(block, data[:aes.BlockSize]).CryptBlocks(out, data[aes.BlockSize:])
	pad := int(out[len(out)-1])
	if pad < 1 || pad > aes.BlockSize {
		return nil
	}
	return out[:len(out)-pad]
}

// seal encrypts.
func (c *crypt) seal(m method, ref Ref, data []byte) ([]byte, error) {
	switch m {
	case methodNone:
		return data, nil
	case methodRC4:
		return c.rc4(ref, data), nil
	}
	block, err := aes.NewCipher(c.objectKey(m, ref))
	if err != nil {
		return nil, err
	}
	pad := aes.BlockSize - len(data)%aes.BlockSize
	out := make([]byte, aes.BlockSize+len(data)+pad)
	if _, err := rand.Read(out[:aes.BlockSize]); err != nil {
		return nil, err
	}
	copy(out[aes.BlockSize:], data)
	copy(out[aes.BlockSize+len(data):], bytes.Repeat([]byte{byte(pad)}, pad))
	cipher.NewCBCEncrypter(block, out[:aes.BlockSize]).CryptBlocks(out[aes.BlockSize:], out[aes.BlockSize:])
	return out, nil
}

func (c *crypt) rc4(ref Ref, data []byte) []byte {
	stream, err := rc4.NewCipher(c.objectKey(methodRC4, ref))
	if err != nil {
		return nil
	}
	out := make([]byte, len(data))
	stream.XORKeyStream(out, data)
	return out
}

// value decrypts the strings of an object. The value of a signature is not encrypted, nor is the encryption dictionary.
func (c *crypt) value(v Value, ref Ref) Value {
	switch v := v.(type) {
	case String:
		v.Bytes = c.open(c.strings, ref, v.Bytes)
		return v
	case Array:
		for i, e := range v {
			v[i] = c.value(e, ref)
		}
	case Dict:
		_, signature := v["ByteRange"]
		for key, e := range v {
			if !signature || key != "Contents" {
				v[key] = c.value(e, ref)
			}
		}
	case *Stream:
		c.value(v.Dict, ref)
	}
	return v
}

// plainStream reports whether a stream is not encrypted.
func (c *crypt) plainStream(dict Dict) bool {
	return dict["Type"] == Name("XRef") || dict["Type"] == Name("Metadata") && !c.metadata
}

// sealed returns a copy of a value to be written, with its strings and streams encrypted.
func (c *crypt) sealed(v Value, ref Ref) (Value, error) {
	var err error
	switch v := v.(type) {
	case String:
		out, err := c.seal(c.strings, ref, v.Bytes)
		return String{Bytes: out, Hex: true}, err
	case Array:
		out := make(Array, len(v))
		for i, e := range v {
			if out[i], err = c.sealed(e, ref); err != nil {
				return nil, err
			}
		}
		return out, nil
	case Dict:
		out := maps.Clone(v)
		_, signature := v["ByteRange"]
		for key, e := range v {
			if signature && key == "Contents" {
				continue
			}
			if out[key], err = c.sealed(e, ref); err != nil {
				return nil, err
			}
		}
		return out, nil
	case *Data:
		dict, err := c.sealed(v.Dict, ref)
		if err != nil {
			return nil, err
		}
		if c.plainStream(v.Dict) {
			return &Data{dict.(Dict), v.Bytes}, nil
		}
		body, err := c.seal(c.streams, ref, v.Bytes)
		return &Data{dict.(Dict), body}, err
	}
	return v, nil
}

// little is the four bytes of the permissions, as they enter the key.
func little(p int64) []byte { return binary.LittleEndian.AppendUint32(nil, uint32(p)) }
