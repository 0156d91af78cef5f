package signature_test

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"fmt"
	"io"
	"runtime"
	"testing"
	"time"

	peerpdf "github.com/digitorus/pdf"
	peersign "github.com/digitorus/pdfsign/sign"
	peerverify "github.com/digitorus/pdfsign/verify"

	"github.com/motcua/motcua/signature"
	"github.com/motcua/motcua/signature/pades"
	"github.com/motcua/motcua/signature/signaturetest"
)

// The benchmarks come in pairs: the floor is SHA-256 over the file and the bare key operations, and what the package
// adds is the difference. A verification needs one key operation for the signature and one for each link of the chain.

func benchIdentity(b *testing.B) (office, *signaturetest.Identity) {
	b.Helper()
	ca, err := signaturetest.NewCA(at, signaturetest.CAConfig{Key: signaturetest.RSA2048})
	if err != nil {
		b.Fatal(err)
	}
	return office{ca: ca}, issue(b, ca, signaturetest.Subject{CommonName: "Trần Thị Mỹ Vĩnh", Key: signaturetest.RSA2048})
}

var benchSizes = []struct {
	name string
	size int
}{{"100KB", 100 << 10}, {"20MB", 20 << 20}}

// turns runs the floor and the work in turns of a few milliseconds and reports the quietest turn of each, and their ratio:
// on a shared machine what interrupts one interrupts the other.
func turns(b *testing.B, floor, work func()) {
	b.Helper()
	quietest := func(f func(), best time.Duration) time.Duration {
		start, n := time.Now(), 0
		for ; n == 0 || time.Since(start) < 4*time.Millisecond; n++ {
			f()
		}
		if took := time.Since(start) / time.Duration(n); best == 0 || took < best {
			return took
		}
		return best
	}
	var below, above time.Duration
	for b.Loop() {
		below = quietest(floor, below)
		above = quietest(work, above)
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(below.Nanoseconds()), "floor-ns")
	b.ReportMetric(float64(above.Nanoseconds()), "work-ns")
	b.ReportMetric(float64(below)/float64(above), "of-floor")
}

func BenchmarkSign(b *testing.B) {
	_, id := benchIdentity(b)
	for _, s := range benchSizes {
		doc := signaturetest.NewPDF(signaturetest.File{Padding: s.size})
		b.Run(s.name, func(b *testing.B) {
			turns(b, func() {
				sum := sha256.Sum256(doc)
				if _, err := id.Signer.Sign(rand.Reader, sum[:], &rsa.PSSOptions{SaltLength: 32, Hash: crypto.SHA256}); err != nil {
					b.Fatal(err)
				}
			}, func() {
				if err := pades.Sign(bytes.NewReader(doc), int64(len(doc)), io.Discard, id.Signer, id.Chain, pades.Config{At: at}); err != nil {
					b.Fatal(err)
				}
			})
		})
	}
}

// A verifier that has seen the authorities before verifies one signature with one key operation; a new one needs one more
// for each link of the chain.
func BenchmarkVerify(b *testing.B) {
	o, id := benchIdentity(b)
	key := id.Signer.Public().(*rsa.PublicKey)
	for _, s := range benchSizes {
		doc := sign(b, signaturetest.NewPDF(signaturetest.File{Padding: s.size}), id, pades.Config{})
		sum := sha256.Sum256(doc)
		value, err := id.Signer.Sign(rand.Reader, sum[:], &rsa.PSSOptions{SaltLength: 32, Hash: crypto.SHA256})
		if err != nil {
			b.Fatal(err)
		}
		floor := func(operations int) func() {
			return func() {
				sum := sha256.Sum256(doc)
				for range operations {
					if rsa.VerifyPSS(key, crypto.SHA256, sum[:], value, nil) != nil {
						b.Fatal("floor")
					}
				}
			}
		}
		work := func(v *signature.Verifier) {
			if verify(b, v, doc, at).Indication != signature.TotalPassed {
				b.Fatal("does not pass")
			}
		}
		b.Run(s.name+"/many documents, 1 key operation", func(b *testing.B) {
			v := verifier(b, o.ca.Root)
			turns(b, floor(1), func() { work(v) })
		})
		b.Run(s.name+"/first document, 3 key operations", func(b *testing.B) {
			turns(b, floor(3), func() { work(verifier(b, o.ca.Root)) })
		})
		b.Run(s.name+"/allocations", func(b *testing.B) {
			b.ReportAllocs()
			v := verifier(b, o.ca.Root)
			for b.Loop() {
				work(v)
			}
		})
	}
}

// stretched is a file with a stream of zeros in it that exists only as a number.
type stretched struct {
	head []byte
	gap  int64
	tail []byte
}

func (s stretched) size() int64 { return int64(len(s.head)) + s.gap + int64(len(s.tail)) }

func (s stretched) ReadAt(p []byte, off int64) (int, error) {
	for i := range p {
		switch at := off + int64(i); {
		case at < int64(len(s.head)):
			p[i] = s.head[at]
		case at < int64(len(s.head))+s.gap:
			n := min(int64(len(p)-i), int64(len(s.head))+s.gap-at)
			clear(p[i : i+int(n)])
			m, err := s.ReadAt(p[i+int(n):], at+n)
			return i + int(n) + m, err
		case at < s.size():
			p[i] = s.tail[at-int64(len(s.head))-s.gap]
		default:
			return i, io.EOF
		}
	}
	return len(p), nil
}

// keepTail counts what is written and keeps what comes after skip bytes.
type keepTail struct {
	skip int64
	kept []byte
}

func (k *keepTail) Write(p []byte) (int, error) {
	n := min(k.skip, int64(len(p)))
	k.skip -= n
	k.kept = append(k.kept, p[n:]...)
	return len(p), nil
}

// Memory does not follow the size of the document: everything that signing and verifying a file of 256 MB allocate
// together is less than 32 MB.
func TestMemoryIsConstant(t *testing.T) {
	if testing.Short() {
		t.Skip("reads a large file three times")
	}
	o := newOffice(t)
	v := verifier(t, o.ca.Root)
	head := []byte("%PDF-1.7\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n")
	offsets := []int{9, len(head)}
	head = append(head, "2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n"...)
	offsets = append(offsets, len(head))
	head = append(head, "3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>\nendobj\n"...)
	const gap = 256 << 20
	head = append(head, fmt.Sprintf("4 0 obj\n<</Length %d>>\nstream\n", gap)...)
	tail := []byte("\nendstream\nendobj\n")
	start := len(head) + gap + len(tail)
	tail = append(tail, "xref\n0 4\n0000000000 65535 f\r\n"...)
	for _, at := range offsets {
		tail = fmt.Appendf(tail, "%010d 00000 n\r\n", at)
	}
	tail = fmt.Appendf(tail, "trailer\n<</Size 5/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", start)
	file := stretched{head, gap, tail}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	out := &keepTail{skip: file.size()}
	if err := pades.Sign(file, file.size(), out, o.leader.Signer, o.leader.Chain, pades.Config{At: at}); err != nil {
		t.Fatal(err)
	}
	file.tail = append(file.tail, out.kept...)
	report, err := v.Verify(t.Context(), file, file.size(), at)
	runtime.ReadMemStats(&after)
	if err != nil || report.Indication != signature.TotalPassed {
		t.Fatalf("%v, %v", report, err)
	}
	allocated := after.TotalAlloc - before.TotalAlloc
	t.Logf("%d bytes in all for signing and verifying %d bytes", allocated, file.size())
	if allocated > 32<<20 {
		t.Errorf("%d bytes allocated", allocated)
	}
}

// The same work by github.com/digitorus/pdfsign v0.9.0, which reads the file into memory.
func BenchmarkPeerPdfsign(b *testing.B) {
	_, id := benchIdentity(b)
	data := peersign.SignData{
		Signature: peersign.SignDataSignature{Info: peersign.SignDataSignatureInfo{Name: "a", Date: at},
			CertType: peersign.ApprovalSignature},
		Signer: id.Signer, Certificate: id.Certificate, DigestAlgorithm: crypto.SHA256,
		CertificateChains: [][]*x509.Certificate{id.Chain},
	}
	for _, s := range benchSizes {
		doc := signaturetest.NewPDF(signaturetest.File{Padding: s.size})
		reader, err := peerpdf.NewReader(bytes.NewReader(doc), int64(len(doc)))
		if err != nil {
			b.Fatal(err)
		}
		var signed bytes.Buffer
		b.Run(s.name+"/sign", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				signed.Reset()
				if err := peersign.Sign(bytes.NewReader(doc), &signed, reader, int64(len(doc)), data); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(s.name+"/verify", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := peerverify.Verify(bytes.NewReader(signed.Bytes()), int64(signed.Len())); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// What each level costs over B-B, without the network: time stamps, revocation and the difference of two revisions more.
func BenchmarkVerifyLevels(b *testing.B) {
	w := newWorld(b)
	plain := w.sign(b, signaturetest.NewPDF(signaturetest.File{Padding: 100 << 10}), w.leader)
	stamped := w.stamp(b, plain)
	preserved := w.preserve(b, stamped)
	archived := w.archive(b, preserved)
	var lists [][]byte
	for _, root := range []bool{false, true} {
		der, _, err := w.ca.List(w.now, signaturetest.ListConfig{Root: root})
		if err != nil {
			b.Fatal(err)
		}
		lists = append(lists, der)
	}
	v := w.verifier(b, signature.Evidence{CRLs: lists})
	for name, doc := range map[string][]byte{"B-B": plain, "B-T": stamped, "B-LT": preserved, "B-LTA": archived} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if verify(b, v, doc, w.now).Indication != signature.TotalPassed {
					b.Fatal("does not pass")
				}
			}
		})
	}
}
