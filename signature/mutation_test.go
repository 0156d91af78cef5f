package signature_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/motcua/motcua/internal/asn1x"
	"github.com/motcua/motcua/signature"
	"github.com/motcua/motcua/signature/pades"
	"github.com/motcua/motcua/signature/signaturetest"
)

// harmless reports whether a changed document may pass: nothing changed outside the hole of the last signature, and the
// report is the same to the letter. A message has bytes that mean nothing to a verdict: the case of its digits, its
// version, the list of digests that repeats what the signer says.
func harmless(a, b []byte, hole []int64, before, after *signature.Report) bool {
	x, err1 := json.Marshal(before)
	y, err2 := json.Marshal(after)
	return err1 == nil && err2 == nil && bytes.Equal(x, y) && len(a) == len(b) &&
		bytes.Equal(a[:hole[0]], b[:hole[0]]) && bytes.Equal(a[hole[1]:], b[hole[1]:])
}

// Every single byte of a signed document matters: whatever is flipped, the document does not pass any more.
func TestEveryByteIsCovered(t *testing.T) {
	o := newOffice(t)
	v := verifier(t, o.ca.Root)
	doc := sign(t, signaturetest.NewPDF(signaturetest.File{}), o.leader, pades.Config{Room: 2048})
	judged := verify(t, v, doc, at)
	r := judged.Signatures[0].ByteRange
	step := 1
	if testing.Short() {
		step = 17
	}
	for i := 0; i < len(doc); i += step {
		changed := bytes.Clone(doc)
		flip := []byte{0x01, 0x20, 0x80}[i%3]
		changed[i] ^= flip
		report, err := v.Verify(t.Context(), bytes.NewReader(changed), int64(len(changed)), at)
		if err != nil {
			if !errors.As(err, new(*signature.DocumentError)) {
				t.Fatalf("byte %d: %v", i, err)
			}
			continue
		}
		if report.Indication == signature.TotalPassed && !harmless(doc, changed, r[1:3], judged, report) {
			t.Fatalf("byte %d (%q) flipped by %#x passes", i, doc[i], flip)
		}
	}
	for n := range len(doc) {
		report, err := v.Verify(t.Context(), bytes.NewReader(doc[:n]), int64(n), at)
		if err == nil && report.Indication == signature.TotalPassed {
			t.Fatalf("the first %d of %d bytes pass", n, len(doc))
		}
	}
}

// rebuild takes a message apart down to the parts of its signer and puts it together again.
func rebuild(t *testing.T, message []byte, edit func(parts [][]byte) [][]byte, signers int) []byte {
	t.Helper()
	open := func(full []byte, tag byte) *asn1x.Cursor {
		e, err := asn1x.Open(full).Take(tag)
		if err != nil {
			t.Fatal(err)
		}
		return asn1x.Open(e.Body)
	}
	all := func(c *asn1x.Cursor) (out [][]byte) {
		for !c.Done() {
			e, err := c.Next()
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, e.Full)
		}
		return out
	}
	info := all(open(message, asn1x.Sequence))
	data := all(open(all(open(info[1], asn1x.Context(0)))[0], asn1x.Sequence))
	last := len(data) - 1
	signer := all(open(data[last], asn1x.Set))[0]
	signer = asn1x.Encode(asn1x.Sequence, edit(all(open(signer, asn1x.Sequence)))...)
	var set [][]byte
	for range signers {
		set = append(set, signer)
	}
	data[last] = asn1x.EncodeSetOf(set...)
	return asn1x.Encode(asn1x.Sequence, info[0], asn1x.Encode(asn1x.Context(0), asn1x.Encode(asn1x.Sequence, data...)))
}

// indefinite gives the outermost three levels of a message the indefinite lengths of BER, as streaming writers do.
func indefinite(t *testing.T, message []byte) []byte {
	t.Helper()
	info, err := asn1x.Open(message).Take(asn1x.Sequence)
	if err != nil {
		t.Fatal(err)
	}
	c := asn1x.Open(info.Body)
	id, err1 := c.Next()
	wrapped, err2 := c.Next()
	data, err3 := asn1x.Open(wrapped.Body).Next()
	if err := errors.Join(err1, err2, err3); err != nil {
		t.Fatal(err)
	}
	out := append([]byte{0x30, 0x80}, id.Full...)
	out = append(out, 0xa0, 0x80, 0x30, 0x80)
	out = append(out, data.Body...)
	return append(out, 0, 0, 0, 0, 0, 0)
}

func TestMessagesTakenApart(t *testing.T) {
	o := newOffice(t)
	v := verifier(t, o.ca.Root)
	doc := sign(t, signaturetest.NewPDF(signaturetest.File{}), o.leader, pades.Config{})
	message := must(t)(signaturetest.Message(doc))
	same := func(p [][]byte) [][]byte { return p }
	twice := func(p [][]byte) [][]byte {
		set, err := asn1x.Open(p[3]).Take(asn1x.Context(0))
		if err != nil {
			t.Fatal(err)
		}
		first, err := asn1x.Open(set.Body).Next()
		if err != nil {
			t.Fatal(err)
		}
		p[3] = asn1x.Encode(asn1x.Context(0), set.Body, first.Full)
		return p
	}
	for name, tt := range map[string]struct {
		message []byte
		want    signature.Indication
		code    string
	}{
		"as it was":            {rebuild(t, message, same, 1), signature.TotalPassed, ""},
		"indefinite lengths":   {indefinite(t, message), signature.TotalPassed, ""},
		"two signers":          {rebuild(t, message, same, 2), signature.TotalFailed, "signature.signers"},
		"no signer":            {rebuild(t, message, same, 0), signature.TotalFailed, "signature.signers"},
		"no signed attributes": {rebuild(t, message, func(p [][]byte) [][]byte { return append(p[:3:3], p[4:]...) }, 1), signature.TotalFailed, "signature.attributes"},
		"an attribute twice":   {rebuild(t, message, twice, 1), signature.TotalFailed, "signature.attributes"},
	} {
		t.Run(name, func(t *testing.T) {
			s := verify(t, v, must(t)(signaturetest.ReplaceContents(doc, tt.message)), at).Signatures[0]
			if tt.code == "" && s.Indication != signature.TotalPassed {
				t.Errorf("got %s %v", s.Indication, codes(s))
			}
			if tt.code != "" {
				expect(t, s, tt.want, tt.code)
			}
		})
	}
}

// The dated table decides about algorithms, the date about the table.
func TestAlgorithmTable(t *testing.T) {
	o := newOffice(t)
	trust, err := signature.NewTrustStore(o.ca.Root)
	if err != nil {
		t.Fatal(err)
	}
	doc := sign(t, signaturetest.NewPDF(signaturetest.File{}), o.agency, pades.Config{})
	rows := func(rows ...signature.Algorithm) []signature.Algorithm { return rows }
	ec := signature.Algorithm{Name: "ECDSA", MinBits: 256}
	for name, tt := range map[string]struct {
		table []signature.Algorithm
		want  signature.Indication
	}{
		"the default":         {nil, signature.TotalPassed},
		"digest not listed":   {rows(ec), signature.Indeterminate},
		"digest ended":        {rows(ec, signature.Algorithm{Name: "SHA-384", Until: at}), signature.Indeterminate},
		"digest not ended":    {rows(ec, signature.Algorithm{Name: "SHA-384", Until: at.Add(time.Second)}), signature.TotalPassed},
		"key too short":       {rows(signature.Algorithm{Name: "ECDSA", MinBits: 400}, signature.Algorithm{Name: "SHA-384"}), signature.Indeterminate},
		"issuer's key weaker": {rows(signature.Algorithm{Name: "ECDSA", MinBits: 384}, signature.Algorithm{Name: "SHA-384"}), signature.Indeterminate},
	} {
		t.Run(name, func(t *testing.T) {
			v, err := signature.NewVerifier(trust, signature.Policy{Revocation: signature.RevocationNotChecked, Algorithms: tt.table})
			if err != nil {
				t.Fatal(err)
			}
			s := verify(t, v, doc, at).Signatures[0]
			if s.Indication != tt.want {
				t.Errorf("got %s %v", s.Indication, codes(s))
			}
			if tt.want != signature.TotalPassed {
				expect(t, s, tt.want, "signature.algorithm")
			}
		})
	}
	for _, row := range signature.DefaultAlgorithms() {
		if row.Name == "MD5" || row.Source == "" || row.Name == "SHA-1" && (row.Until.IsZero() || row.Until.After(at)) {
			t.Errorf("row %+v", row)
		}
	}
}

func FuzzVerify(f *testing.F) {
	o := newOffice(f)
	v := verifier(f, o.ca.Root)
	seeds := [][]byte{
		sign(f, signaturetest.NewPDF(signaturetest.File{Fields: []string{"a"}}), o.leader, pades.Config{Room: 2048}),
		sign(f, signaturetest.NewPDF(signaturetest.File{XRefStream: true}), o.leader, pades.Config{Room: 2048}),
	}
	seeds = append(seeds, sign(f, seeds[0], o.agency, pades.Config{Room: 2048}))
	judged := make([]*signature.Report, len(seeds))
	for i, s := range seeds {
		judged[i] = verify(f, v, s, at)
		f.Add(uint8(i), uint32(100), uint16(3), []byte("abc"))
		f.Add(uint8(i), uint32(len(s)), uint16(0), []byte("9 0 obj\n<<>>\nendobj\nstartxref\n0\n%%EOF\n"))
	}
	// A stretch of a signed file is replaced by other bytes.
	f.Fuzz(func(t *testing.T, which uint8, from uint32, count uint16, with []byte) {
		i := int(which) % len(seeds)
		seed := seeds[i]
		start := int(from) % (len(seed) + 1)
		end := min(start+int(count), len(seed))
		doc := append(append(bytes.Clone(seed[:start]), with...), seed[end:]...)
		report, err := v.Verify(t.Context(), bytes.NewReader(doc), int64(len(doc)), at)
		if err != nil || report.Indication != signature.TotalPassed {
			return
		}
		last := judged[i].Signatures[len(judged[i].Signatures)-1]
		if !harmless(seed, doc, last.ByteRange[1:3], judged[i], report) {
			t.Fatalf("a changed document passes: %d bytes at %d replaced by %q", end-start, start, with)
		}
	})
}
