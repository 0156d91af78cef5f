package chip

import (
	"bytes"
	"crypto"
	"encoding/asn1"
	"slices"
	"time"

	"github.com/motcua/motcua/internal/asn1x"
	"github.com/motcua/motcua/internal/cms"
	"github.com/motcua/motcua/internal/csca"
)

// Content types of a document security object: that of Doc 9303-10, and two older ones that are still met.
var (
	oidSecurityObject = asn1.ObjectIdentifier{2, 23, 136, 1, 1, 1}
	oldSecurityObject = []asn1.ObjectIdentifier{{1, 3, 27, 1, 1, 1}, {1, 2, 528, 1, 1006, 1, 20, 1}}
)

// securityObject is EF.SOD taken apart: which hash each data group should have, and who signed that.
type securityObject struct {
	message *cms.Message
	signer  *cms.Signer
	// certificate is the signer's, nil when it did not come along.
	certificate *csca.Certificate
	// oldType is set for a content type older than Doc 9303.
	oldType bool

	hash   crypto.Hash
	hashes map[File][]byte
	listed []File
	// version is the LDS version of a v1 object, such as "0108".
	version string

	// signedAt is the signing-time attribute; zero when there is none, and brokenTime is set when it cannot be read.
	signedAt   time.Time
	brokenTime bool
}

// parseSecurityObject reads EF.SOD. The rule of the error names what is wrong.
func parseSecurityObject(files Files) (*securityObject, string) {
	body, ok := files.body(SOD)
	if !ok {
		return nil, "frame"
	}
	message, raw, rest, err := cms.ParseRaw(body)
	switch {
	case err != nil:
		return nil, "cms"
	case len(rest) != 0:
		return nil, "trailing"
	case len(message.Signers) != 1:
		return nil, "signers"
	}
	o := &securityObject{message: message, signer: message.Signers[0]}
	o.certificate = csca.FindSigner(o.signer, csca.ParseAll(raw))
	o.oldType = slices.ContainsFunc(oldSecurityObject, message.ContentType.Equal)
	if !o.oldType && !message.ContentType.Equal(oidSecurityObject) {
		return nil, "type"
	}
	if !o.parseLDS(message.Content) {
		return nil, "lds"
	}
	o.readTime()
	return o, ""
}

// parseLDS reads LDSSecurityObject, version 0 or 1 (Doc 9303-10, 4.6.2.3).
func (o *securityObject) parseLDS(content []byte) bool {
	outer := asn1x.Open(content)
	seq, err := outer.Take(asn1x.Sequence)
	if err != nil || outer.End() != nil {
		return false
	}
	c := asn1x.Open(seq.Body)
	version, err := c.Int()
	if err != nil || version != 0 && version != 1 {
		return false
	}
	if o.hash, err = cms.TakeHash(c); err != nil {
		return false
	}
	list, err := c.Take(asn1x.Sequence)
	if err != nil || !o.parseHashes(asn1x.Open(list.Body)) {
		return false
	}
	if info, ok, err := c.Optional(asn1x.Sequence); err != nil || ok != (version == 1) {
		return false
	} else if ok && !o.parseVersion(asn1x.Open(info.Body)) {
		return false
	}
	return c.End() == nil
}

func (o *securityObject) parseHashes(c *asn1x.Cursor) bool {
	o.hashes = make(map[File][]byte, 16)
	size := hashSize(o.hash)
	for !c.Done() {
		e, err := c.Take(asn1x.Sequence)
		if err != nil {
			return false
		}
		in := asn1x.Open(e.Body)
		number, err := in.Take(asn1x.Integer)
		value, err2 := in.Take(asn1x.OctetString)
		if err != nil || err2 != nil || in.End() != nil || len(number.Body) != 1 {
			return false
		}
		file := File(number.Body[0])
		if !file.isGroup() || o.hashes[file] != nil || len(value.Body) != size {
			return false
		}
		o.hashes[file] = value.Body
		o.listed = append(o.listed, file)
	}
	slices.Sort(o.listed)
	return len(o.listed) > 0
}

func hashSize(h crypto.Hash) int {
	if made := cms.NewHash(h); made != nil {
		return made.Size()
	}
	return 16 // MD5, which is refused by name later
}

func (o *securityObject) parseVersion(c *asn1x.Cursor) bool {
	const printableString = 0x13
	lds, err1 := c.Take(printableString)
	unicode, err2 := c.Take(printableString)
	if err1 != nil || err2 != nil || c.End() != nil || len(lds.Body) != 4 || len(unicode.Body) != 6 {
		return false
	}
	o.version = string(lds.Body)
	return true
}

// matches compares a data group with its listed hash.
func (o *securityObject) matches(file File, raw []byte) bool {
	h := cms.NewHash(o.hash)
	if h == nil {
		return false
	}
	h.Write(raw)
	return bytes.Equal(h.Sum(nil), o.hashes[file])
}

// readTime reads the signing-time attribute (RFC 5652, 11.3).
func (o *securityObject) readTime() {
	value, ok := o.signer.Attribute(cms.OIDSigningTime)
	if !ok {
		return
	}
	at, err := csca.TakeTime(asn1x.Open(value))
	o.signedAt, o.brokenTime = at, err != nil
}
