package signature_test

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/motcua/motcua/signature"
	"github.com/motcua/motcua/signature/pades"
	"github.com/motcua/motcua/signature/signaturetest"
)

func encoded(tb testing.TB, r *signature.Report) string {
	tb.Helper()
	out, err := json.Marshal(r)
	if err != nil {
		tb.Fatal(err)
	}
	return string(out)
}

// What a verifier remembers never shows: whatever it has judged before, and at whatever time, the report is to the letter
// that of a verifier that has seen nothing.
func TestMemoryDoesNotShow(t *testing.T) {
	o := newOffice(t)
	unsigned := signaturetest.NewPDF(signaturetest.File{})
	alone := *o.leader
	alone.Chain = []*x509.Certificate{o.leader.Certificate}
	short := issue(t, o.ca, signaturetest.Subject{CommonName: "Người ký ngắn hạn", NotBefore: at.Add(-time.Hour), NotAfter: at.Add(time.Hour)})
	docs := map[string][]byte{
		"with its issuer": sign(t, unsigned, o.leader, pades.Config{}),
		"alone":           sign(t, unsigned, &alone, pades.Config{}),
		"short-lived":     sign(t, unsigned, short, pades.Config{}),
		"both":            sign(t, sign(t, unsigned, &alone, pades.Config{}), o.agency, pades.Config{}),
	}
	edges := []time.Time{at, o.leader.Certificate.NotBefore, o.leader.Certificate.NotAfter, o.ca.Intermediate.NotBefore,
		o.ca.Intermediate.NotAfter, o.ca.Root.NotBefore, o.ca.Root.NotAfter, short.Certificate.NotBefore, short.Certificate.NotAfter}
	var times []time.Time
	for _, e := range edges {
		times = append(times, e.Add(-time.Second), e.Add(-1), e, e.Add(1), e.Add(time.Second))
	}
	old := verifier(t, o.ca.Root)
	seen := map[signature.Indication]int{}
	for range 2 { // the second time everything is remembered
		for _, when := range times {
			for name, doc := range docs {
				got, want := verify(t, old, doc, when), verify(t, verifier(t, o.ca.Root), doc, when)
				if encoded(t, got) != encoded(t, want) {
					t.Fatalf("%s at %v: %s, a new verifier says %s", name, when, got, want)
				}
				seen[want.Signatures[0].Indication]++
			}
		}
	}
	if seen[signature.TotalPassed] == 0 || seen[signature.Indeterminate] == 0 {
		t.Errorf("the fixtures do not differ: %v", seen)
	}
}

// An issuer that came with one document does not help the next.
func TestIssuersAreNotRemembered(t *testing.T) {
	o := newOffice(t)
	alone := *o.leader
	alone.Chain = []*x509.Certificate{o.leader.Certificate}
	v := verifier(t, o.ca.Root)
	unsigned := signaturetest.NewPDF(signaturetest.File{})
	if r := verify(t, v, sign(t, unsigned, o.leader, pades.Config{}), at); r.Indication != signature.TotalPassed {
		t.Fatal(r)
	}
	expect(t, verify(t, v, sign(t, unsigned, &alone, pades.Config{}), at).Signatures[0], signature.Indeterminate, "certificate.untrusted")
}

// Evidence is the caller's own: what he writes into it does not change what the verifier remembers.
func TestEvidenceIsACopy(t *testing.T) {
	o := newOffice(t)
	v := verifier(t, o.ca.Root)
	doc := sign(t, signaturetest.NewPDF(signaturetest.File{}), o.leader, pades.Config{})
	before := verify(t, v, doc, at)
	for _, der := range before.Signatures[0].Evidence().Certificates {
		clear(der)
	}
	if after := verify(t, v, doc, at); encoded(t, after) != encoded(t, before) || len(after.Signatures[0].Evidence().Certificates) == 0 ||
		after.Signatures[0].Evidence().Certificates[0][0] != 0x30 {
		t.Errorf("%v, before %v", after, before)
	}
}

// More authorities than a verifier remembers, many documents at once.
func TestManyDocumentsAtOnce(t *testing.T) {
	o := newOffice(t)
	v := verifier(t, o.ca.Root)
	const count, workers = 150, 4
	docs := make([][]byte, 30)
	for i := range docs {
		id := issue(t, o.ca, signaturetest.Subject{CommonName: fmt.Sprintf("Người ký %d", i)})
		for len(id.Chain) < 14 { // strangers' certificates beside the signer's
			stranger := issue(t, o.ca, signaturetest.Subject{CommonName: fmt.Sprintf("Người khác %d", i)})
			id.Chain = append(id.Chain, stranger.Certificate)
		}
		docs[i] = sign(t, signaturetest.NewPDF(signaturetest.File{}), id, pades.Config{})
	}
	var group sync.WaitGroup
	for w := range workers {
		group.Go(func() {
			for n := w; n < count; n += workers {
				doc := docs[n%len(docs)]
				r, err := v.Verify(t.Context(), bytes.NewReader(doc), int64(len(doc)), at)
				if err != nil || r.Indication != signature.TotalPassed {
					t.Errorf("%d: %v, %v", n, r, err)
				}
			}
		})
	}
	group.Wait()
}
