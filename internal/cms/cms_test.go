package cms_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"io"
	"math/big"
	"testing"
	"time"

	"github.com/motcua/motcua/internal/asn1x"
	"github.com/motcua/motcua/internal/cms"
)

// opaque is a key of which only the signer interface can be seen, like one in a token.
type opaque struct{ key crypto.Signer }

func (o opaque) Public() crypto.PublicKey { return o.key.Public() }
func (o opaque) Sign(r io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	return o.key.Sign(r, digest, opts)
}

func certificate(tb testing.TB, key crypto.Signer, serial int64) *x509.Certificate {
	tb.Helper()
	template := &x509.Certificate{SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: "Trần Thị Mỹ Vĩnh"},
		NotBefore: time.Unix(1_700_000_000, 0), NotAfter: time.Unix(1_900_000_000, 0), SubjectKeyId: []byte{1, 2, 3}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		tb.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		tb.Fatal(err)
	}
	return cert
}

func ecKey(tb testing.TB, curve elliptic.Curve) crypto.Signer {
	tb.Helper()
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	return key
}

func digestOf(h crypto.Hash, content []byte) []byte {
	d := h.New()
	d.Write(content)
	return d.Sum(nil)
}

var content = []byte("nội dung được ký")

func build(tb testing.TB, key crypto.Signer, pkcs1 bool) (*x509.Certificate, []byte) {
	tb.Helper()
	cert := certificate(tb, key, 7)
	scheme, err := cms.SchemeFor(key.Public(), pkcs1)
	if err != nil {
		tb.Fatal(err)
	}
	attrs := cms.SignedAttributes(cert, scheme, digestOf(scheme.Hash, content))
	value, err := scheme.Sign(opaque{key}, attrs)
	if err != nil {
		tb.Fatal(err)
	}
	der, err := cms.Assemble(cms.Parts{Certificate: cert, Chain: []*x509.Certificate{cert}, Scheme: scheme, Attributes: attrs,
		Value: value})
	if err != nil {
		tb.Fatal(err)
	}
	return cert, der
}

func parse(tb testing.TB, der []byte) (*cms.Message, *cms.Signer) {
	tb.Helper()
	m, rest, err := cms.Parse(der)
	if err != nil || len(rest) != 0 || len(m.Signers) != 1 {
		tb.Fatalf("parse: %v, %d rest", err, len(rest))
	}
	return m, m.Signers[0]
}

func check(m *cms.Message, s *cms.Signer) error {
	cert, err := m.Certificate(s)
	if err != nil {
		return err
	}
	if err := s.CheckContent(cms.OIDData, digestOf(s.Digest, content)); err != nil {
		return err
	}
	if err := s.CheckSignature(cert); err != nil {
		return err
	}
	if bound, err := s.CheckBinding(cert); err != nil || !bound {
		return errors.Join(errors.New("not bound"), err)
	}
	return nil
}

func TestEveryKeyThroughAnOpaqueSigner(t *testing.T) {
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	_, edKey, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name   string
		key    crypto.Signer
		pkcs1  bool
		scheme string
		digest string
	}{
		{"RSA", rsaKey, true, "RSASSA-PKCS1-v1_5", "SHA-256"},
		{"RSA-PSS", rsaKey, false, "RSASSA-PSS", "SHA-256"},
		{"P-256", ecKey(t, elliptic.P256()), false, "ECDSA", "SHA-256"},
		{"P-384", ecKey(t, elliptic.P384()), false, "ECDSA", "SHA-384"},
		{"P-521", ecKey(t, elliptic.P521()), false, "ECDSA", "SHA-512"},
		{"Ed25519", edKey, false, "Ed25519", "SHA-512"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, der := build(t, tt.key, tt.pkcs1)
			m, s := parse(t, der)
			if err := check(m, s); err != nil {
				t.Fatal(err)
			}
			if s.Scheme.String() != tt.scheme || cms.HashName(s.Digest) != tt.digest {
				t.Errorf("got %s, %s", s.Scheme, cms.HashName(s.Digest))
			}
			if err := s.CheckContent(cms.OIDData, digestOf(s.Digest, []byte("khác"))); !errors.Is(err, cms.ErrDigest) {
				t.Errorf("other content: %v", err)
			}
			s.Value[len(s.Value)-1] ^= 1
			if err := check(m, s); !errors.Is(err, cms.ErrSignature) {
				t.Errorf("other value: %v", err)
			}
			if _, ok := s.Attribute(cms.OIDSigningTime); ok {
				t.Error("signing-time in the message")
			}
			if len(m.Certificates) != 1 {
				t.Errorf("%d certificates", len(m.Certificates))
			}
		})
	}
	if _, err := cms.SchemeFor(ecKey(t, elliptic.P224()).Public(), false); !errors.Is(err, cms.ErrAlgorithm) {
		t.Errorf("P-224: %v", err)
	}
}

// forge assembles a message from hand-made pieces with ECDSA P-256 and SHA-256.
type forge struct {
	key      crypto.Signer
	cert     *x509.Certificate
	attrs    [][]byte // encoded attributes, in this order
	noAttrs  bool
	sid      []byte
	version  int64
	digest   []byte
	sigAlg   []byte
	content  []byte
	ctype    asn1.ObjectIdentifier
	signOver []byte // what the value signs, instead of the attributes
}

func attribute(id asn1.ObjectIdentifier, values ...[]byte) []byte {
	return asn1x.Encode(asn1x.Sequence, asn1x.EncodeOID(id), asn1x.EncodeSetOf(values...))
}

func newForge(tb testing.TB) *forge {
	key := ecKey(tb, elliptic.P256())
	cert := certificate(tb, key, 9)
	sum := sha256.Sum256(cert.Raw)
	ess := asn1x.Encode(asn1x.Sequence, asn1x.Encode(asn1x.Sequence, asn1x.Encode(asn1x.Sequence,
		asn1x.Encode(asn1x.OctetString, sum[:]))))
	return &forge{key: key, cert: cert, version: 1, ctype: cms.OIDData,
		attrs: [][]byte{attribute(cms.OIDContentType, asn1x.EncodeOID(cms.OIDData)),
			attribute(cms.OIDMessageDigest, asn1x.Encode(asn1x.OctetString, digestOf(crypto.SHA256, content))),
			attribute(cms.OIDSigningCertificateV2, ess)},
		sid:    asn1x.Encode(asn1x.Sequence, cert.RawIssuer, asn1x.EncodeInt(cert.SerialNumber)),
		digest: asn1x.Encode(asn1x.Sequence, asn1x.EncodeOID(asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1})),
		sigAlg: asn1x.Encode(asn1x.Sequence, asn1x.EncodeOID(asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2})),
	}
}

func (f *forge) message(tb testing.TB) []byte {
	tb.Helper()
	set := asn1x.Encode(asn1x.Set, f.attrs...)
	over := set
	if f.signOver != nil {
		over = f.signOver
	}
	value, err := f.key.Sign(rand.Reader, digestOf(crypto.SHA256, over), crypto.SHA256)
	if err != nil {
		tb.Fatal(err)
	}
	info := [][]byte{asn1x.EncodeInt(big.NewInt(f.version)), f.sid, f.digest}
	if !f.noAttrs {
		info = append(info, asn1x.Encode(asn1x.Context(0), f.attrs...))
	}
	info = append(info, f.sigAlg, asn1x.Encode(asn1x.OctetString, value))
	encap := [][]byte{asn1x.EncodeOID(f.ctype)}
	if f.content != nil {
		encap = append(encap, asn1x.Encode(asn1x.Context(0), asn1x.Encode(asn1x.OctetString, f.content)))
	}
	data := asn1x.Encode(asn1x.Sequence, asn1x.EncodeInt(big.NewInt(1)), asn1x.EncodeSetOf(f.digest),
		asn1x.Encode(asn1x.Sequence, encap...), asn1x.Encode(asn1x.Context(0), f.cert.Raw),
		asn1x.EncodeSetOf(asn1x.Encode(asn1x.Sequence, info...)))
	return asn1x.Encode(asn1x.Sequence, asn1x.EncodeOID(cms.OIDSignedData), asn1x.Encode(asn1x.Context(0), data))
}

func TestForgedMessages(t *testing.T) {
	tests := []struct {
		name string
		edit func(f *forge)
		want error
	}{
		{"as it should be", func(f *forge) {}, nil},
		{"signer by key identifier", func(f *forge) {
			f.version, f.sid = 3, asn1x.Encode(asn1x.ContextPrimitive(0), []byte{1, 2, 3})
		}, nil},
		{"another key identifier", func(f *forge) {
			f.version, f.sid = 3, asn1x.Encode(asn1x.ContextPrimitive(0), []byte{9})
		}, cms.ErrNoSigner},
		{"attributes not in DER order", func(f *forge) { f.attrs[0], f.attrs[2] = f.attrs[2], f.attrs[0] }, nil},
		{"no signed attributes (EUF-CMA)", func(f *forge) {
			f.noAttrs, f.signOver = true, content
		}, cms.ErrAttributes},
		{"signed attributes presented as content (EUF-CMA)", func(f *forge) {
			f.signOver = asn1x.Encode(asn1x.Set, f.attrs...)
			f.noAttrs, f.content = true, f.signOver
		}, cms.ErrAttributes},
		{"attribute twice", func(f *forge) { f.attrs = append(f.attrs, f.attrs[1]) }, cms.ErrAttributes},
		{"digest with two values", func(f *forge) {
			d := asn1x.Encode(asn1x.OctetString, digestOf(crypto.SHA256, content))
			f.attrs[1] = attribute(cms.OIDMessageDigest, d, d)
		}, cms.ErrAttributes},
		{"content type of another", func(f *forge) {
			f.attrs[0] = attribute(cms.OIDContentType, asn1x.EncodeOID(cms.OIDSignedData))
		}, cms.ErrAttributes},
		{"no content type", func(f *forge) { f.attrs = f.attrs[1:] }, cms.ErrAttributes},
		{"no digest", func(f *forge) { f.attrs = append(f.attrs[:1:1], f.attrs[2]) }, cms.ErrAttributes},
		{"digest not of octets", func(f *forge) {
			f.attrs[1] = attribute(cms.OIDMessageDigest, asn1x.EncodeInt(big.NewInt(5)))
		}, cms.ErrAttributes},
		{"certificate reference of another", func(f *forge) {
			f.attrs[2] = attribute(cms.OIDSigningCertificateV2, asn1x.Encode(asn1x.Sequence, asn1x.Encode(asn1x.Sequence,
				asn1x.Encode(asn1x.Sequence, asn1x.Encode(asn1x.OctetString, make([]byte, 32))))))
		}, cms.ErrBinding},
		{"certificate reference empty", func(f *forge) {
			f.attrs[2] = attribute(cms.OIDSigningCertificateV2, asn1x.Encode(asn1x.Sequence))
		}, cms.ErrBinding},
		{"signature over something else", func(f *forge) { f.signOver = []byte("khác") }, cms.ErrSignature},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newForge(t)
			tt.edit(f)
			m, s := parse(t, f.message(t))
			if err := check(m, s); !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	oid := func(id ...int) []byte { return asn1x.EncodeOID(id) }
	pss := func(digest []byte) []byte {
		h := asn1x.Encode(asn1x.Sequence, digest)
		return asn1x.Encode(asn1x.Sequence, oid(1, 2, 840, 113549, 1, 1, 10), asn1x.Encode(asn1x.Sequence,
			asn1x.Encode(asn1x.Context(0), h)))
	}
	tests := []struct {
		name string
		edit func(f *forge)
		want error
	}{
		{"unknown digest", func(f *forge) { f.digest = asn1x.Encode(asn1x.Sequence, oid(1, 2, 3)) }, cms.ErrAlgorithm},
		{"unknown signature", func(f *forge) { f.sigAlg = asn1x.Encode(asn1x.Sequence, oid(1, 2, 3)) }, cms.ErrAlgorithm},
		{"two digests", func(f *forge) {
			f.sigAlg = asn1x.Encode(asn1x.Sequence, oid(1, 2, 840, 10045, 4, 3, 4))
		}, cms.ErrAlgorithm},
		{"PSS without parameters", func(f *forge) {
			f.sigAlg = asn1x.Encode(asn1x.Sequence, oid(1, 2, 840, 113549, 1, 1, 10))
		}, cms.ErrAlgorithm},
		{"PSS with SHA-1 by default", func(f *forge) {
			f.sigAlg = asn1x.Encode(asn1x.Sequence, oid(1, 2, 840, 113549, 1, 1, 10), asn1x.Encode(asn1x.Sequence))
		}, cms.ErrAlgorithm},
		{"PSS with MGF1 of SHA-1", func(f *forge) { f.sigAlg = pss(oid(2, 16, 840, 1, 101, 3, 4, 2, 1)) }, cms.ErrAlgorithm},
		{"version 2", func(f *forge) { f.version = 2 }, cms.ErrFormat},
		{"an attribute that is none", func(f *forge) { f.attrs = append(f.attrs, []byte{2, 1, 1}) }, cms.ErrFormat},
		{"too many attributes", func(f *forge) {
			for range 70 {
				f.attrs = append(f.attrs, f.attrs[0])
			}
		}, cms.ErrFormat},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newForge(t)
			tt.edit(f)
			if _, _, err := cms.Parse(f.message(t)); !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
	f := newForge(t)
	whole := f.message(t)
	for n := range whole {
		if _, _, err := cms.Parse(whole[:n]); err == nil {
			t.Fatalf("%d of %d bytes parse", n, len(whole))
		}
	}
	bomb := bytes.Repeat([]byte{0x30, 0x80}, 6<<20)
	if _, _, err := cms.Parse(bomb); !errors.Is(err, asn1x.ErrLimit) {
		t.Errorf("bomb: %v", err)
	}
}

// A value that a remote signer made over something else never gets into a message.
func TestAssembleVerifiesTheValue(t *testing.T) {
	key := ecKey(t, elliptic.P256())
	cert := certificate(t, key, 3)
	scheme, err := cms.SchemeFor(key.Public(), false)
	if err != nil {
		t.Fatal(err)
	}
	attrs := cms.SignedAttributes(cert, scheme, digestOf(crypto.SHA256, content))
	value, err := scheme.Sign(key, cms.SignedAttributes(cert, scheme, digestOf(crypto.SHA256, []byte("khác"))))
	if err != nil {
		t.Fatal(err)
	}
	parts := cms.Parts{Certificate: cert, Scheme: scheme, Attributes: attrs, Value: value}
	if _, err := cms.Assemble(parts); !errors.Is(err, cms.ErrSignature) {
		t.Errorf("got %v", err)
	}
}

// SHA-1 is known by name so that a policy can refuse it with a reason; MD5 cannot even be computed.
func TestOldDigests(t *testing.T) {
	if cms.NewHash(crypto.SHA1) == nil || cms.HashName(crypto.SHA1) != "SHA-1" {
		t.Error("SHA-1 has no name")
	}
	if cms.NewHash(crypto.MD5) != nil {
		t.Error("MD5 can be computed")
	}
}

func FuzzParse(f *testing.F) {
	_, der := build(f, ecKey(f, elliptic.P256()), false)
	f.Add(der)
	f.Add(newForge(f).message(f))
	f.Fuzz(func(t *testing.T, in []byte) {
		m, rest, err := cms.Parse(in)
		if err != nil {
			return
		}
		if len(rest) >= len(in) {
			t.Fatal("nothing read")
		}
		for _, s := range m.Signers {
			if cert, err := m.Certificate(s); err == nil {
				_ = s.CheckSignature(cert)
				_, _ = s.CheckBinding(cert)
			}
			if cms.NewHash(s.Digest) != nil {
				_ = s.CheckContent(cms.OIDData, digestOf(s.Digest, content))
			}
		}
	})
}
