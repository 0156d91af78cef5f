package signature_test

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"slices"
	"testing"
	"time"

	"github.com/motcua/motcua/signature"
	"github.com/motcua/motcua/signature/pades"
	"github.com/motcua/motcua/signature/revocation"
	"github.com/motcua/motcua/signature/signaturetest"
	"github.com/motcua/motcua/signature/timestamp"
)

// world is a CA with its services on loopback HTTP, and a clock that the test sets.
type world struct {
	now    time.Time
	ca     *signaturetest.CA
	tsa    *signaturetest.TSA
	server *signaturetest.Server
	leader *signaturetest.Identity
	agency *signaturetest.Identity
	client *timestamp.Client
}

func newWorld(tb testing.TB) *world {
	tb.Helper()
	w := &world{now: at}
	check := func(err error) {
		tb.Helper()
		if err != nil {
			tb.Fatal(err)
		}
	}
	var err error
	w.server, err = signaturetest.NewServer(func() time.Time { return w.now })
	check(err)
	tb.Cleanup(func() { _ = w.server.Close() })
	w.ca, err = signaturetest.NewCA(at, signaturetest.CAConfig{URL: w.server.URL})
	check(err)
	w.tsa, err = w.ca.NewTSA(at, signaturetest.TSAConfig{Key: signaturetest.RSA2048, NotAfter: at.AddDate(3, 0, 0)})
	check(err)
	w.leader = issue(tb, w.ca, signaturetest.Subject{CommonName: "Nguyễn Trọng Nghĩa"})
	w.agency = issue(tb, w.ca, signaturetest.Subject{CommonName: "UBND xã Vĩnh Mỹ", Key: signaturetest.P384})
	w.server.Serve(w.ca, w.tsa)
	w.server.Know(w.leader.Certificate, w.agency.Certificate, w.tsa.Certificate)
	w.client, err = timestamp.New(w.server.URL+"/tsa", timestamp.Config{Pause: time.Millisecond})
	check(err)
	return w
}

func (w *world) verifier(tb testing.TB, source signature.Source) *signature.Verifier {
	tb.Helper()
	trust, err := signature.NewTrustStore(w.ca.Root)
	if err != nil {
		tb.Fatal(err)
	}
	v, err := signature.NewVerifier(trust, signature.Policy{Revocation: signature.RevocationRequired, Source: source})
	if err != nil {
		tb.Fatal(err)
	}
	return v
}

func (w *world) fetcher() *revocation.Fetcher {
	return revocation.New(revocation.Config{Now: func() time.Time { return w.now }})
}

func (w *world) sign(tb testing.TB, doc []byte, id *signaturetest.Identity) []byte {
	tb.Helper()
	return sign(tb, doc, id, pades.Config{At: w.now, ForTimestamp: true})
}

func (w *world) stamp(tb testing.TB, doc []byte) []byte {
	tb.Helper()
	var out bytes.Buffer
	if err := pades.Stamp(tb.Context(), bytes.NewReader(doc), int64(len(doc)), &out, w.client); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

func (w *world) preserve(tb testing.TB, doc []byte) []byte {
	tb.Helper()
	report := verify(tb, w.verifier(tb, w.fetcher()), doc, w.now)
	if report.Indication != signature.TotalPassed {
		explain(tb, report)
		tb.Fatal("what does not pass is not preserved")
	}
	var out bytes.Buffer
	if err := pades.Preserve(bytes.NewReader(doc), int64(len(doc)), &out, report); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

func (w *world) archive(tb testing.TB, doc []byte) []byte {
	tb.Helper()
	var out bytes.Buffer
	err := pades.Archive(tb.Context(), bytes.NewReader(doc), int64(len(doc)), &out, w.client, pades.Config{})
	if err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

func explain(tb testing.TB, report *signature.Report) {
	tb.Helper()
	for _, s := range report.Signatures {
		tb.Log(s.Field, s.Level, s.Indication, s.SubIndication, codes(s), s.Revocation, s.Changes)
		for _, t := range s.Timestamps {
			tb.Log("  time stamp", t.Time, t.Indication, t.Reasons, t.Revocation)
		}
		for _, r := range s.Warnings {
			tb.Log("  warning", r.Code)
		}
	}
	for _, t := range report.DocumentTimestamps {
		tb.Log(t.Field, t.Time, t.Indication, t.Reasons, t.Revocation)
	}
}

// The four baseline levels, in files with a cross-reference table and stream, and two signatures.
func TestLevels(t *testing.T) {
	for name, file := range map[string]signaturetest.File{"table": {}, "stream": {XRefStream: true, Fields: []string{"a"}}} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			doc := w.sign(t, signaturetest.NewPDF(file), w.leader)
			steps := []struct {
				level string
				do    func([]byte) []byte
			}{
				{"PAdES-BASELINE-B", slices.Clone[[]byte]},
				{"PAdES-BASELINE-T", func(b []byte) []byte { return w.stamp(t, b) }},
				{"PAdES-BASELINE-LT", func(b []byte) []byte { return w.preserve(t, b) }},
				{"PAdES-BASELINE-LTA", func(b []byte) []byte { return w.archive(t, b) }},
			}
			for _, step := range steps {
				doc = step.do(doc)
				w.now = w.now.Add(time.Minute)
				report := verify(t, w.verifier(t, w.fetcher()), doc, w.now)
				s := report.Signatures[0]
				if s.Level != step.level || report.Indication != signature.TotalPassed {
					explain(t, report)
					t.Fatalf("%s: %s %s", step.level, s.Level, report.Indication)
				}
				if (s.ProvenTime != nil) != (step.level != "PAdES-BASELINE-B") {
					t.Errorf("%s: proven %v", step.level, s.ProvenTime)
				}
			}
			both := w.preserve(t, w.stamp(t, w.sign(t, doc, w.agency)))
			report := verify(t, w.verifier(t, w.fetcher()), both, w.now)
			if report.Indication != signature.TotalPassed || len(report.Signatures) != 2 || len(report.DocumentTimestamps) != 1 {
				explain(t, report)
				t.Fatal(report)
			}
			if report.Signatures[1].Level != "PAdES-BASELINE-LT" || report.Signatures[0].Level != "PAdES-BASELINE-LTA" {
				t.Error(report.Signatures[0].Level, report.Signatures[1].Level)
			}
		})
	}
}

// What each level is for: the certificate expires, the authority's does, the proof is renewed.
func TestYearsLater(t *testing.T) {
	w := newWorld(t)
	plain := w.sign(t, signaturetest.NewPDF(signaturetest.File{}), w.leader)
	stamped := w.stamp(t, plain)
	preserved := w.preserve(t, stamped)
	archived := w.archive(t, preserved)
	year := func(n int) { w.now = at.AddDate(n, 0, 1) }
	year(2) // the leader's certificate was for one
	passes := func(name string, doc []byte, want signature.Indication, code string) {
		t.Helper()
		report := verify(t, w.verifier(t, w.fetcher()), doc, w.now)
		s := report.Signatures[0]
		if s.Indication != want || code != "" && !slices.Contains(codes(s), code) {
			explain(t, report)
			t.Errorf("%s: %s %v", name, s.Indication, codes(s))
		}
	}
	passes("B, two years later", plain, signature.Indeterminate, "certificate.expired")
	passes("T, two years later", stamped, signature.TotalPassed, "")
	passes("LT, two years later", preserved, signature.TotalPassed, "")
	passes("LTA, two years later", archived, signature.TotalPassed, "")
	tsa, err := w.ca.NewTSA(w.now, signaturetest.TSAConfig{Key: signaturetest.RSA2048, NotAfter: at.AddDate(14, 0, 0)})
	if err != nil {
		t.Fatal(err)
	}
	w.server.Serve(w.ca, tsa)
	w.server.Know(tsa.Certificate)
	renewed := w.archive(t, w.preserve(t, archived))
	year(4) // the first authority's certificate has expired
	passes("T, four years later", stamped, signature.Indeterminate, "certificate.expired")
	passes("LTA, not renewed", archived, signature.Indeterminate, "certificate.expired")
	passes("LTA, renewed", renewed, signature.TotalPassed, "")
	report := verify(t, w.verifier(t, w.fetcher()), renewed, w.now)
	if s := report.Signatures[0]; s.ProvenTime == nil || s.ProvenTime.After(at.Add(time.Hour)) || s.Level != "PAdES-BASELINE-LTA" {
		t.Errorf("proven %v, %s", s.ProvenTime, s.Level)
	}
	year(6) // so have the certificates of the issuers
	passes("LTA, renewed once only", renewed, signature.Indeterminate, "certificate.expired")
}

// Revocation, by OCSP and by CRL.
func TestRevocation(t *testing.T) {
	list := func(w *world, when time.Time, cfg signaturetest.ListConfig) []byte {
		der, _, err := w.ca.List(when, cfg)
		if err != nil {
			t.Fatal(err)
		}
		return der
	}
	ocsp := func(w *world, cert *x509.Certificate, cfg signaturetest.StatusConfig) []byte {
		der, err := w.ca.Status(w.now, cert, cfg)
		if err != nil {
			t.Fatal(err)
		}
		return der
	}
	hour := func(n int) time.Time { return at.Add(time.Duration(n) * time.Hour) }
	tests := []struct {
		name    string
		before  func(w *world)
		give    func(w *world) signature.Evidence
		stamped bool
		want    signature.Indication
		code    string
	}{
		{"good by OCSP and CRL", nil, func(w *world) signature.Evidence {
			return signature.Evidence{OCSPs: [][]byte{ocsp(w, w.leader.Certificate, signaturetest.StatusConfig{})}}
		}, false, signature.TotalPassed, ""},
		{"good by CRL", nil, func(w *world) signature.Evidence {
			return signature.Evidence{CRLs: [][]byte{list(w, w.now, signaturetest.ListConfig{})}}
		}, false, signature.TotalPassed, ""},
		{"good by OCSP with SHA-256 names", nil, func(w *world) signature.Evidence {
			return signature.Evidence{OCSPs: [][]byte{ocsp(w, w.leader.Certificate, signaturetest.StatusConfig{Hash: crypto.SHA256})}}
		}, false, signature.TotalPassed, ""},
		{"nobody says", nil, func(*world) signature.Evidence { return signature.Evidence{} }, false,
			signature.Indeterminate, "certificate.revocation-unknown"},
		{"a CRL of yesterday", nil, func(w *world) signature.Evidence {
			return signature.Evidence{CRLs: [][]byte{list(w, w.now.AddDate(0, 0, -2), signaturetest.ListConfig{})}}
		}, false, signature.Indeterminate, "certificate.revocation-unknown"},
		{"a CRL of tomorrow", nil, func(w *world) signature.Evidence {
			return signature.Evidence{CRLs: [][]byte{list(w, w.now.AddDate(0, 0, 1), signaturetest.ListConfig{})}}
		}, false, signature.Indeterminate, "certificate.revocation-unknown"},
		{"revoked, no time stamp", func(w *world) {
			w.ca.Revoke(w.leader.Certificate, signaturetest.Revocation{At: hour(-2), Reason: 1})
		}, func(w *world) signature.Evidence {
			return signature.Evidence{CRLs: [][]byte{list(w, w.now, signaturetest.ListConfig{})}}
		}, false, signature.Indeterminate, "certificate.revoked-no-poe"},
		{"revoked after the time stamp", func(w *world) {
			w.ca.Revoke(w.leader.Certificate, signaturetest.Revocation{At: hour(5), Reason: 1})
			w.now = hour(6)
		}, func(w *world) signature.Evidence {
			return signature.Evidence{CRLs: [][]byte{list(w, w.now, signaturetest.ListConfig{})}}
		}, true, signature.TotalPassed, ""},
		{"suspended", func(w *world) {
			w.ca.Revoke(w.leader.Certificate, signaturetest.Revocation{At: hour(-1), Reason: signaturetest.ReasonHold})
		}, func(w *world) signature.Evidence {
			return signature.Evidence{OCSPs: [][]byte{ocsp(w, w.leader.Certificate, signaturetest.StatusConfig{})}}
		}, false, signature.Indeterminate, "certificate.on-hold"},
		{"suspended when stamped, released later", func(w *world) { w.now = hour(30) }, func(w *world) signature.Evidence {
			w.ca.Revoke(w.leader.Certificate, signaturetest.Revocation{At: hour(-1), Reason: signaturetest.ReasonHold})
			held := list(w, at.Add(-30*time.Minute), signaturetest.ListConfig{})
			w.ca.Release(w.leader.Certificate)
			return signature.Evidence{CRLs: [][]byte{held, list(w, w.now, signaturetest.ListConfig{})}}
		}, true, signature.Indeterminate, "certificate.on-hold"},
		{"a delta CRL revokes", nil, func(w *world) signature.Evidence {
			base, number, err := w.ca.List(at.Add(-2*time.Hour), signaturetest.ListConfig{})
			if err != nil {
				t.Fatal(err)
			}
			w.ca.Revoke(w.leader.Certificate, signaturetest.Revocation{At: hour(-1), Reason: 1})
			delta := list(w, w.now, signaturetest.ListConfig{DeltaOf: number, Only: []*x509.Certificate{w.leader.Certificate}})
			return signature.Evidence{CRLs: [][]byte{base, delta}}
		}, false, signature.Indeterminate, "certificate.revoked-no-poe"},
		{"a delta CRL alone", nil, func(w *world) signature.Evidence {
			return signature.Evidence{CRLs: [][]byte{list(w, w.now, signaturetest.ListConfig{DeltaOf: 1})}}
		}, false, signature.Indeterminate, "certificate.revocation-unknown"},
		{"the intermediate is revoked", func(w *world) {
			w.ca.Revoke(w.ca.Intermediate, signaturetest.Revocation{At: hour(-3), Reason: 2})
		}, func(w *world) signature.Evidence {
			return signature.Evidence{CRLs: [][]byte{list(w, w.now, signaturetest.ListConfig{})}}
		}, false, signature.Indeterminate, "certificate.ca-revoked"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			doc := w.sign(t, signaturetest.NewPDF(signaturetest.File{}), w.leader)
			if tt.stamped {
				doc = w.stamp(t, doc)
			}
			w.now = w.now.Add(time.Minute)
			if tt.before != nil {
				tt.before(w)
			}
			evidence := tt.give(w)
			evidence.CRLs = append(evidence.CRLs, list(w, w.now, signaturetest.ListConfig{Root: true}))
			evidence.OCSPs = append(evidence.OCSPs, ocsp(w, w.tsa.Certificate, signaturetest.StatusConfig{}))
			report := verify(t, w.verifier(t, evidence), doc, w.now)
			if s := report.Signatures[0]; s.Indication != tt.want || tt.code != "" && !slices.Contains(codes(s), tt.code) {
				explain(t, report)
				t.Errorf("%s %v", s.Indication, codes(s))
			}
		})
	}
}

// Certification (DocMDP) and field locks (FieldMDP), as this package signs them and as it judges what came after.
func TestCertification(t *testing.T) {
	o := newOffice(t)
	v := verifier(t, o.ca.Root)
	do := must(t)
	form := signaturetest.NewPDF(signaturetest.File{Fields: []string{"so_tien", "ghi_chu"}})
	certify := func(c pades.Certification, lock pades.FieldLock) []byte {
		return sign(t, form, o.leader, pades.Config{Certify: c, Lock: lock})
	}
	only := pades.FieldLock{Action: pades.LockInclude, Fields: []string{"so_tien"}}
	tests := []struct {
		name  string
		doc   []byte
		want  signature.Indication
		code  string
		level int
	}{
		{"nothing may change, nothing did", certify(pades.NoChanges, pades.FieldLock{}), signature.TotalPassed, "", 1},
		{"a form was filled under a lock on it", do(signaturetest.EditField(certify(pades.FormFields, only), "so_tien", "0")),
			signature.TotalFailed, "document.field-locked", 2},
		{"another field was filled", do(signaturetest.EditField(certify(pades.FormFields, only), "ghi_chu", "0")),
			signature.Indeterminate, "document.form-changed", 2},
		{"all fields are locked", do(signaturetest.EditField(certify(0, pades.FieldLock{Action: pades.LockAll}), "ghi_chu", "0")),
			signature.TotalFailed, "document.field-locked", 0},
		{"all but one are locked", do(signaturetest.EditField(certify(0, pades.FieldLock{Action: pades.LockExclude,
			Fields: []string{"ghi_chu"}}), "ghi_chu", "0")), signature.Indeterminate, "document.form-changed", 0},
		{"the agency signs a certified document", sign(t, certify(pades.FormFields, pades.FieldLock{}), o.agency, pades.Config{}),
			signature.TotalPassed, "", 2},
		{"annotated", do(signaturetest.CoverPage(certify(pades.Annotation, pades.FieldLock{}))), signature.TotalFailed,
			"document.changed", 3},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := verify(t, v, tt.doc, at).Signatures[0]
			if s.Indication != tt.want || s.Certification != tt.level || tt.code != "" && !slices.Contains(codes(s), tt.code) {
				t.Errorf("%s %v, level %d", s.Indication, codes(s), s.Certification)
			}
		})
	}
	// What the certification says is told object by object, beside what this package says.
	for level, want := range map[pades.Certification]bool{pades.NoChanges: false, pades.FormFields: true, pades.Annotation: true} {
		edited := verify(t, v, do(signaturetest.EditField(certify(level, pades.FieldLock{}), "so_tien", "0")), at).Signatures[0]
		if len(edited.Changes) != 1 || edited.Changes[0].Certified == nil || *edited.Changes[0].Certified != want ||
			edited.Changes[0].Permitted || edited.Changes[0].Why != "document.form-changed" {
			t.Errorf("certification %d: %+v", level, edited.Changes)
		}
	}
	if locked := verify(t, v, certify(0, only), at).Signatures[0].LockedFields; !slices.Equal(locked, []string{"so_tien"}) {
		t.Errorf("locked %v", locked)
	}
}

// A locked document may be archived, and nothing else.
func TestArchiveOfLockedDocument(t *testing.T) {
	w := newWorld(t)
	doc := sign(t, signaturetest.NewPDF(signaturetest.File{}), w.leader,
		pades.Config{At: w.now, ForTimestamp: true, Certify: pades.NoChanges})
	doc = w.archive(t, w.preserve(t, w.stamp(t, doc)))
	w.now = w.now.Add(time.Minute)
	report := verify(t, w.verifier(t, w.fetcher()), doc, w.now)
	if s := report.Signatures[0]; s.Indication != signature.TotalPassed || s.Level != "PAdES-BASELINE-LTA" {
		explain(t, report)
		t.Errorf("%s %s", s.Indication, s.Level)
	}
}

// The clock of an authority may be a little ahead; more than five minutes it may not.
func TestClocksThatDiffer(t *testing.T) {
	for ahead, want := range map[time.Duration]signature.Indication{time.Second: signature.TotalPassed, 4 * time.Minute: signature.TotalPassed,
		6 * time.Minute: signature.Indeterminate} {
		w := newWorld(t)
		plain := w.sign(t, signaturetest.NewPDF(signaturetest.File{}), w.leader)
		w.now = at.Add(ahead)
		doc := w.stamp(t, plain)
		report := verify(t, w.verifier(t, w.fetcher()), doc, at)
		if s := report.Signatures[0]; s.Indication != want || s.Timestamps[0].Indication != want {
			explain(t, report)
			t.Errorf("%v ahead: %s, time stamp %s", ahead, s.Indication, s.Timestamps[0].Indication)
		}
	}
}
