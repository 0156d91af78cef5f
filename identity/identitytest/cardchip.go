package identitytest

import (
	"bytes"
	"crypto"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"maps"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/motcua/motcua/identity/chip"
	"github.com/motcua/motcua/internal/asn1x"
)

// CardChip is a personalised chip: its files, and the keys it proves itself with.
type CardChip struct {
	Files map[chip.File][]byte

	active, agreement *cardKey
	cipher            string
}

func newCardChip(s Specimen, cfg CardConfig) (*CardChip, error) {
	c := &CardChip{Files: make(map[chip.File][]byte), cipher: cfg.Cipher}
	zone := s.TD1()
	if cfg.Passport {
		zone = s.TD3()
	}
	c.Files[chip.DG1] = asn1x.Encode(0x61, high(0x5f1f, []byte(strings.ReplaceAll(zone, "\n", ""))))
	picture := cfg.Image
	if picture == nil {
		var err error
		if picture, err = nobody(); err != nil {
			return nil, err
		}
	}
	c.Files[chip.DG2] = portraitFile(picture)
	if !cfg.Passport {
		c.Files[chip.DG13] = detailsFile(s)
	}
	if cfg.WithoutPortrait {
		delete(c.Files, chip.DG2)
	}
	maps.Copy(c.Files, cfg.More)
	return c, c.addKeys(cfg)
}

func (c *CardChip) addKeys(cfg CardConfig) (err error) {
	var infos [][]byte
	if cfg.Active.Key != "" {
		if c.active, err = newCardKey(cfg.Active); err != nil {
			return err
		}
		c.Files[chip.DG15] = asn1x.Encode(0x6f, c.active.spki())
		if c.active.rsa == nil && !cfg.Silent {
			digests := map[crypto.Hash]int{crypto.SHA1: 1, crypto.SHA224: 2, crypto.SHA256: 3, crypto.SHA384: 4, crypto.SHA512: 5}
			infos = append(infos, asn1x.Encode(asn1x.Sequence, asn1x.EncodeOID(oid(2, 23, 136, 1, 1, 5)), []byte{2, 1, 1},
				asn1x.EncodeOID(oid(0, 4, 0, 127, 0, 7, 1, 1, 4, 1, digests[cfg.Active.hash()]))))
		}
	}
	if cfg.Agreement != "" {
		if c.agreement, err = newCardKey(CardAlgorithm{Key: cfg.Agreement, Explicit: true}); err != nil {
			return err
		}
		if c.cipher == "" {
			c.cipher = "3DES"
		}
		arcs := map[string]int{"3DES": 1, "AES-128": 2, "AES-192": 3, "AES-256": 4}
		if !cfg.Silent {
			infos = append(infos, asn1x.Encode(asn1x.Sequence,
				asn1x.EncodeOID(oid(0, 4, 0, 127, 0, 7, 2, 2, 3, 2, arcs[c.cipher])), []byte{2, 1, 1, 2, 1, 7}))
		}
		infos = append(infos,
			asn1x.Encode(asn1x.Sequence, asn1x.EncodeOID(oid(0, 4, 0, 127, 0, 7, 2, 2, 1, 2)), c.agreement.spki(), []byte{2, 1, 7}))
	}
	if len(infos) > 0 {
		c.Files[chip.DG14] = asn1x.Encode(0x6e, asn1x.EncodeSetOf(infos...))
	}
	return nil
}

// securityObject lists the hashes of the files (Doc 9303-10, 4.6.2.3), and writes EF.COM.
func (c *CardChip) securityObject(cfg CardConfig) []byte {
	var hashes [][]byte
	var tags []byte
	for _, file := range slices.Sorted(maps.Keys(c.Files)) {
		if file == chip.DG13 && cfg.is(CardInjectedFile) {
			continue
		}
		h := cfg.Hash.New()
		h.Write(c.Files[file])
		sum := h.Sum(nil)
		if file == chip.DG1 && cfg.is(CardWrongHash) {
			sum[0] ^= 1
		}
		entry := asn1x.Encode(asn1x.Sequence, asn1x.EncodeInt(big.NewInt(int64(file))), asn1x.Encode(asn1x.OctetString, sum))
		hashes = append(hashes, entry)
		if file == chip.DG1 && cfg.is(CardTwiceListed) {
			hashes = append(hashes, entry)
		}
		tags = append(tags, c.Files[file][0])
	}
	c.Files[chip.COM] = asn1x.Encode(0x60, high(0x5f01, []byte("0108")), high(0x5f36, []byte("040000")), asn1x.Encode(0x5c, tags))
	parts := [][]byte{asn1x.EncodeInt(big.NewInt(int64(cfg.Version))), hashIdentifier(cfg.Hash), asn1x.Encode(asn1x.Sequence, hashes...)}
	if cfg.Version == 1 {
		parts = append(parts, asn1x.Encode(asn1x.Sequence, printable("0108"), printable("040000")))
	}
	return asn1x.Encode(asn1x.Sequence, parts...)
}

// spoil does to the files what somebody does who holds no signer's key.
func (c *CardChip) spoil(cfg CardConfig) error {
	other := Specimens()[1]
	switch {
	case cfg.is(CardSwappedZone):
		zone := other.TD1()
		if cfg.Passport {
			zone = other.TD3()
		}
		c.Files[chip.DG1] = asn1x.Encode(0x61, high(0x5f1f, []byte(strings.ReplaceAll(zone, "\n", ""))))
	case cfg.is(CardSwappedPortrait):
		c.Files[chip.DG2] = portraitFile([]byte("\xff\xd8\xff\xe0 somebody else \xff\xd9"))
	case cfg.is(CardMissingZone):
		delete(c.Files, chip.DG1)
	case cfg.is(CardCloned):
		for _, key := range []**cardKey{&c.active, &c.agreement} {
			if *key == nil {
				continue
			}
			fresh, err := newCardKey((*key).algorithm)
			if err != nil {
				return err
			}
			*key = fresh
		}
	}
	return nil
}

// high writes a data object with a tag of two bytes.
func high(tag uint16, value []byte) []byte {
	return append(binary.BigEndian.AppendUint16(nil, tag), asn1x.Encode(0, value)[1:]...)
}

// portraitFile writes DG2: one biometric template with a facial record of ISO/IEC 19794-5:2005 around an image.
func portraitFile(picture []byte) []byte {
	face := binary.BigEndian.AppendUint32(nil, uint32(20+8+12+len(picture)))
	face = append(face, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0) // one feature point, nothing else said
	face = append(face, make([]byte, 8+12)...)
	face = append(face, picture...)
	record := append([]byte("FAC\x00010\x00"), binary.BigEndian.AppendUint32(nil, uint32(14+len(face)))...)
	record = append(append(record, 0, 1), face...)
	header := asn1x.Encode(0xa1, []byte{0x80, 2, 1, 1, 0x81, 1, 2, 0x87, 2, 1, 1, 0x88, 2, 0, 8})
	template := high(0x7f60, append(header, high(0x5f2e, record)...))
	return asn1x.Encode(0x75, high(0x7f61, append([]byte{2, 1, 1}, template...)))
}

// nobody draws a picture of about the size that chips hold.
func nobody() ([]byte, error) {
	picture := image.NewGray(image.Rect(0, 0, 240, 320))
	for y := range 320 {
		for x := range 240 {
			picture.SetGray(x, y, color.Gray{uint8(x*y/37 ^ x<<2 ^ y)})
		}
	}
	var out bytes.Buffer
	err := jpeg.Encode(&out, picture, &jpeg.Options{Quality: 20})
	return out.Bytes(), err
}

// detailsFile writes DG13 as Vietnamese cards are reported to hold it; the layout is provisional.
func detailsFile(s Specimen) []byte {
	text := func(v string) []byte { return asn1x.Encode(0x0c, []byte(v)) }
	day := func(v string) string { return v[:2] + "/" + v[2:4] + "/" + v[4:] }
	entry := func(n int64, values ...[]byte) []byte {
		return asn1x.Encode(asn1x.Sequence, append([][]byte{asn1x.EncodeInt(big.NewInt(n))}, values...)...)
	}
	sex, expires := "Nam", "Không thời hạn"
	if s.Female {
		sex = "Nữ"
	}
	if s.Expires != "" {
		expires = s.Expires[4:6] + "/" + s.Expires[2:4] + "/20" + s.Expires[:2]
	}
	parents := func(names ...string) (list [][]byte) {
		for _, name := range names {
			list = append(list, asn1x.Encode(asn1x.Sequence, text(name)))
		}
		return list
	}
	entries := [][]byte{
		entry(1, printable(s.Number)), entry(2, text(s.Name)), entry(3, printable(day(s.Birth))), entry(4, text(sex)),
		entry(5, text("Việt Nam")), entry(6, text("Kinh")), entry(7, text("Không")), entry(8, text("Xã Mẫu, huyện Ví Dụ, tỉnh Phú Thọ")),
		// Longer than 127 bytes, as real addresses are: readers that count bytes of the header break here.
		entry(9, text(s.Residence+", tổ dân phố số "+strconv.Itoa(len(s.Name))+strings.Repeat(", khu phố Ví Dụ", 8))),
		entry(10, text("Nốt ruồi cách 1 cm dưới sau mép phải")), entry(11, printable(day(s.Issued))), entry(12, text(expires)),
		entry(13, parents("Nguyễn Văn Mẫu", "Trần Thị Ví Dụ")...), entry(14), entry(16, printable("0000000000000000")),
	}
	if s.OldNumber != "" {
		entries = slices.Insert(entries, len(entries)-1, entry(15, printable(s.OldNumber)))
	}
	return asn1x.Encode(0x6d, asn1x.Encode(asn1x.Sequence, entries...))
}

// errNoKey is what a chip without the key answers.
var errNoKey = errors.New("identitytest: the chip has no such key")
