package signature_test

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/motcua/motcua/signature"
	"github.com/motcua/motcua/signature/pades"
	"github.com/motcua/motcua/signature/signaturetest"
)

const (
	qcCA    = "http://uri.etsi.org/TrstSvc/Svctype/CA/QC"
	qtst    = "http://uri.etsi.org/TrstSvc/Svctype/TSA/QTST"
	granted = "http://uri.etsi.org/TrstSvc/TrustedList/Svcstatus/granted"
	withdrn = "http://uri.etsi.org/TrstSvc/TrustedList/Svcstatus/withdrawn"
	forSigs = "http://uri.etsi.org/TrstSvc/TrustedList/SvcInfoExt/ForeSignatures"
	forWeb  = "http://uri.etsi.org/TrstSvc/TrustedList/SvcInfoExt/ForWebSiteAuthentication"
)

// state is one state of a service in a trusted list.
type state struct {
	kind, status string
	since        time.Time
	usages       []string
}

func (s state) xml(cert *x509.Certificate) string {
	var b strings.Builder
	fmt.Fprintf(&b, "<ServiceTypeIdentifier>%s</ServiceTypeIdentifier><ServiceName><Name xml:lang=\"en\">a</Name></ServiceName>", s.kind)
	if cert != nil {
		fmt.Fprintf(&b, "<ServiceDigitalIdentity><DigitalId><X509Certificate>\n%s\n</X509Certificate></DigitalId><DigitalId><X509SubjectName>CN=a</X509SubjectName></DigitalId></ServiceDigitalIdentity>",
			base64.StdEncoding.EncodeToString(cert.Raw))
	}
	fmt.Fprintf(&b, "<ServiceStatus>%s</ServiceStatus><StatusStartingTime>%s</StatusStartingTime>", s.status, s.since.UTC().Format(time.RFC3339))
	if s.usages != nil {
		b.WriteString("<ServiceInformationExtensions>")
		for _, u := range s.usages {
			fmt.Fprintf(&b, `<Extension Critical="true"><AdditionalServiceInformation><URI xml:lang="en">%s</URI></AdditionalServiceInformation></Extension>`, u)
		}
		b.WriteString("</ServiceInformationExtensions>")
	}
	return b.String()
}

func service(cert *x509.Certificate, now state, history ...state) string {
	out := "<TSPService><ServiceInformation>" + now.xml(cert) + "</ServiceInformation>"
	if len(history) > 0 {
		out += "<ServiceHistory>"
		for _, h := range history {
			out += "<ServiceHistoryInstance>" + h.xml(nil) + "</ServiceHistoryInstance>"
		}
		out += "</ServiceHistory>"
	}
	return out + "</TSPService>"
}

func europeanList(services ...string) string {
	return `<?xml version="1.0" encoding="UTF-8"?>
<tsl:TrustServiceStatusList xmlns:tsl="http://uri.etsi.org/02231/v2#" xmlns="http://uri.etsi.org/02231/v2#" Id="a" TSLTag="http://uri.etsi.org/19612/TSLTag">
<SchemeInformation><TSLVersionIdentifier>5</TSLVersionIdentifier><TSLSequenceNumber>41</TSLSequenceNumber>
<TSLType>http://uri.etsi.org/TrstSvc/TrustedList/TSLType/EUgeneric</TSLType>
<SchemeOperatorName><Name xml:lang="en">Test Operator</Name></SchemeOperatorName>
<ListIssueDateTime>` + at.AddDate(0, -1, 0).UTC().Format(time.RFC3339) + `</ListIssueDateTime>
<NextUpdate><dateTime>` + at.AddDate(0, 5, 0).UTC().Format(time.RFC3339) + `</dateTime></NextUpdate></SchemeInformation>
<TrustServiceProviderList><TrustServiceProvider><TSPInformation><TSPName><Name xml:lang="en">p</Name></TSPName></TSPInformation><TSPServices>` +
		strings.Join(services, "\n") + `</TSPServices></TrustServiceProvider></TrustServiceProviderList></tsl:TrustServiceStatusList>`
}

// What a European list grants, and when, is what counts.
func TestEuropeanList(t *testing.T) {
	o := newOffice(t)
	tsa, err := o.ca.NewTSA(at, signaturetest.TSAConfig{})
	if err != nil {
		t.Fatal(err)
	}
	doc := sign(t, signaturetest.NewPDF(signaturetest.File{}), o.leader, pades.Config{Room: 16384})
	year, later := at.AddDate(-1, 0, 0), at.AddDate(0, 1, 0)
	for name, tt := range map[string]struct {
		services []string
		at       time.Time
		want     signature.Indication
		code     string
	}{
		"granted": {[]string{service(o.ca.Intermediate, state{qcCA, granted, year, nil})}, at, signature.TotalPassed, ""},
		"granted for signatures": {[]string{service(o.ca.Intermediate, state{qcCA, granted, year, []string{forSigs, forWeb}})}, at,
			signature.TotalPassed, ""},
		"a root": {[]string{service(o.ca.Root, state{qcCA, granted, year, nil})}, at, signature.TotalPassed, ""},
		"withdrawn since": {[]string{service(o.ca.Intermediate, state{qcCA, withdrn, at.Add(-time.Minute), nil}, state{qcCA, granted, year, nil})}, at,
			signature.Indeterminate, "certificate.role"},
		"withdrawn later": {[]string{service(o.ca.Intermediate, state{qcCA, withdrn, later, nil}, state{qcCA, granted, year, nil})}, at,
			signature.TotalPassed, ""},
		"granted again": {[]string{service(o.ca.Intermediate, state{qcCA, granted, at.AddDate(0, 0, -1), nil},
			state{qcCA, withdrn, at.AddDate(0, -2, 0), nil}, state{qcCA, granted, year, nil})}, at, signature.TotalPassed, ""},
		"not yet granted": {[]string{service(o.ca.Intermediate, state{qcCA, granted, later, nil})}, at, signature.Indeterminate, "certificate.role"},
		"time stamps only": {[]string{service(tsa.Certificate, state{qtst, granted, year, nil})}, at, signature.Indeterminate,
			"certificate.untrusted"},
	} {
		t.Run(name, func(t *testing.T) {
			data := []byte(europeanList(tt.services...))
			trust, err := signature.ParseEuropeanList(data, sha256.Sum256(data), tt.at, 41)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range trust.Entries() {
				if e.Certificate == nil || !e.Anchor || e.Since.IsZero() || e.Role == "" {
					t.Errorf("%+v", e)
				}
			}
			v, err := signature.NewVerifier(trust, signature.Policy{Revocation: signature.RevocationNotChecked})
			if err != nil {
				t.Fatal(err)
			}
			s := verify(t, v, doc, tt.at).Signatures[0]
			if tt.code == "" && (s.Indication != tt.want || s.Role != signature.RoleForeign) {
				t.Errorf("%s, role %q: %v", s.Indication, s.Role, codes(s))
			}
			if tt.code != "" {
				expect(t, s, tt.want, tt.code)
			}
		})
	}
}

// A time-stamp authority that a list names by its own certificate stamps, and signs nothing.
func TestEuropeanTimestamps(t *testing.T) {
	w := newWorld(t)
	doc := w.stamp(t, w.sign(t, signaturetest.NewPDF(signaturetest.File{}), w.leader))
	judged := func(services ...string) signature.Signature {
		data := []byte(europeanList(services...))
		trust, err := signature.ParseEuropeanList(data, sha256.Sum256(data), w.now, 1)
		if err != nil {
			t.Fatal(err)
		}
		v, err := signature.NewVerifier(trust, signature.Policy{Revocation: signature.RevocationNotChecked})
		if err != nil {
			t.Fatal(err)
		}
		return verify(t, v, doc, w.now.Add(time.Minute)).Signatures[0]
	}
	ca := service(w.ca.Intermediate, state{qcCA, granted, at.AddDate(-1, 0, 0), nil})
	if s := judged(ca, service(w.tsa.Certificate, state{qtst, granted, at.AddDate(-1, 0, 0), nil})); s.ProvenTime == nil || s.Indication != signature.TotalPassed {
		t.Errorf("%s %v, %v", s.Indication, codes(s), s.Timestamps)
	}
	if s := judged(ca); s.ProvenTime != nil { // the authority for signatures issued the time-stamp certificate, but was not granted time stamps
		t.Errorf("%v", s.Timestamps)
	}
	if s := judged(ca, service(w.tsa.Certificate, state{qtst, withdrn, at.AddDate(-1, 0, 0), nil})); s.ProvenTime != nil {
		t.Errorf("withdrawn: %v", s.Timestamps)
	}
}

func TestEuropeanListRefused(t *testing.T) {
	o := newOffice(t)
	one := service(o.ca.Intermediate, state{qcCA, granted, at.AddDate(-1, 0, 0), nil})
	good := europeanList(one)
	replace := func(old, with string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("the list does not say %q", old)
		}
		return strings.Replace(good, old, with, 1)
	}
	for name, tt := range map[string]struct {
		list  string
		at    time.Time
		least int
		want  error // nil: a PolicyError
	}{
		"empty":                      {"", at, 1, nil},
		"not XML":                    {"{}", at, 1, nil},
		"cut":                        {good[:len(good)-40], at, 1, nil},
		"another document":           {`<a xmlns="http://uri.etsi.org/02231/v2#"/>`, at, 1, nil},
		"another namespace":          {strings.ReplaceAll(good, "02231/v2#", "02231/v1#"), at, 1, nil},
		"a document type":            {replace("<tsl:Trust", `<!DOCTYPE a [<!ENTITY b "c">]><tsl:Trust`), at, 1, nil},
		"version 3":                  {replace("<TSLVersionIdentifier>5", "<TSLVersionIdentifier>3"), at, 1, nil},
		"an old one":                 {good, at, 42, nil},
		"not yet issued":             {good, at.AddDate(0, -2, 0), 1, nil},
		"to have been replaced":      {good, at.AddDate(0, 6, 0), 1, nil},
		"closed":                     {replace("<NextUpdate>", "<NextUpdate/><b>") + "</b>", at, 1, nil},
		"a certificate not base64":   {replace("<X509Certificate>\n", "<X509Certificate>!"), at, 1, nil},
		"nothing granted":            {europeanList(service(o.ca.Intermediate, state{qcCA, withdrn, at.AddDate(-1, 0, 0), nil})), at, 1, signature.ErrNoAnchors},
		"websites only":              {europeanList(service(o.ca.Intermediate, state{qcCA, granted, at.AddDate(-1, 0, 0), []string{forWeb}})), at, 1, signature.ErrNoAnchors},
		"a person":                   {europeanList(service(o.leader.Certificate, state{qcCA, granted, at.AddDate(-1, 0, 0), nil})), at, 1, signature.ErrNoAnchors},
		"a person for time stamps":   {europeanList(service(o.leader.Certificate, state{qtst, granted, at.AddDate(-1, 0, 0), nil})), at, 1, signature.ErrNoAnchors},
		"an unknown kind of service": {europeanList(service(o.ca.Root, state{qcCA + "x", granted, at.AddDate(-1, 0, 0), nil})), at, 1, signature.ErrNoAnchors},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := signature.ParseEuropeanList([]byte(tt.list), sha256.Sum256([]byte(tt.list)), tt.at, tt.least)
			if tt.want != nil && !errors.Is(err, tt.want) || tt.want == nil && !errors.As(err, new(*signature.PolicyError)) {
				t.Errorf("got %v", err)
			}
		})
	}
	if _, err := signature.ParseEuropeanList([]byte(good+" "), sha256.Sum256([]byte(good)), at, 1); !errors.As(err, new(*signature.PolicyError)) {
		t.Errorf("another file than the confirmed one: %v", err)
	}
}

// A row of the known roots is no anchor by itself: the operator brings certificate and fingerprint, and all have to agree.
func TestKnownRoots(t *testing.T) {
	o := newOffice(t)
	sum := sha256.Sum256(o.ca.Root.Raw)
	print := hex.EncodeToString(sum[:])
	year := func(d int) int { return at.AddDate(d, 0, 0).Year() }
	row := signature.KnownRoot{Name: "thử nghiệm", Role: signature.RoleNational, From: year(-10), To: year(15), Begins: print[:8], Ends: print[60:]}
	colons := strings.ToUpper(print[:2]) + ":" + print[2:32] + " " + print[32:]
	for _, read := range []string{print, colons} {
		e, err := row.Confirm(o.ca.Root, read)
		if err != nil || e.Role != signature.RoleNational || !e.Anchor || e.Certificate != o.ca.Root {
			t.Errorf("%+v, %v", e, err)
		}
	}
	other := row
	other.Begins = "00000000"
	late := row
	late.To++
	for name, tt := range map[string]struct {
		row   signature.KnownRoot
		cert  *x509.Certificate
		print string
	}{
		"no fingerprint":        {row, o.ca.Root, ""},
		"the fragments alone":   {row, o.ca.Root, print[:8] + print[60:]},
		"another fingerprint":   {row, o.ca.Root, strings.Repeat("0", 64)},
		"other fragments":       {other, o.ca.Root, print},
		"other years":           {late, o.ca.Root, print},
		"no certificate":        {row, nil, print},
		"one that is no root":   {row, o.ca.Intermediate, print},
		"another root":          {row, o.ca.Intermediate, strings.Repeat("0", 64)},
		"a person's":            {row, o.leader.Certificate, print},
		"the fingerprint twice": {row, o.ca.Root, print + print},
	} {
		if _, err := tt.row.Confirm(tt.cert, tt.print); !errors.As(err, new(*signature.PolicyError)) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, k := range signature.VietnameseRoots() {
		if !k.Provisional || k.Name == "" || k.Published == "" || k.To == 0 {
			t.Errorf("%+v", k)
		}
		if _, err := k.Confirm(o.ca.Root, print); err == nil {
			t.Errorf("%s: a test root is taken for it", k.Name)
		}
	}
}

func FuzzParseEuropeanList(f *testing.F) {
	o := newOffice(f)
	f.Add([]byte(europeanList(service(o.ca.Intermediate, state{qcCA, granted, at.AddDate(-1, 0, 0), []string{forSigs}}, state{qcCA, withdrn, at.AddDate(-2, 0, 0), nil}))))
	f.Add([]byte("<a/>"))
	f.Fuzz(func(t *testing.T, data []byte) {
		trust, err := signature.ParseEuropeanList(data, sha256.Sum256(data), at, 1)
		if err == nil && len(trust.Anchors()) == 0 {
			t.Fatal("a store without anchors")
		}
	})
}

// A public certificate for more than three years is pointed out, if it was issued since the decree; others are not.
func TestPublicCertificatePeriod(t *testing.T) {
	o := newOffice(t)
	owner := key(t)
	rule := time.Date(2025, time.April, 10, 0, 0, 0, 0, time.FixedZone("", 7*3600))
	for name, tt := range map[string]struct {
		role     signature.Role
		from, to time.Time
		want     bool
	}{
		"three years":              {signature.RoleNational, at.AddDate(0, 0, -1), at.AddDate(3, 0, -1), false},
		"four years":               {signature.RoleNational, at.AddDate(0, 0, -1), at.AddDate(4, 0, -1), true},
		"four years, remote":       {signature.RoleRemote, at.AddDate(0, 0, -1), at.AddDate(4, 0, -1), true},
		"four years, government":   {signature.RoleGovernment, at.AddDate(0, 0, -1), at.AddDate(4, 0, -1), false},
		"on the day of the decree": {signature.RoleNational, rule, rule.AddDate(4, 0, 0), true},
		"before the decree":        {signature.RoleNational, rule.Add(-time.Second), rule.AddDate(4, 0, 0), false},
	} {
		t.Run(name, func(t *testing.T) {
			id := issue(t, o.ca, signaturetest.Subject{CommonName: "a", NotBefore: tt.from, NotAfter: tt.to})
			doc := sign(t, signaturetest.NewPDF(signaturetest.File{}), id, pades.Config{})
			data, err := signature.SignTrustList(owner, trustList(signature.TrustEntry{Certificate: o.ca.Root, Role: tt.role, Anchor: true}))
			if err != nil {
				t.Fatal(err)
			}
			trust, err := signature.ParseTrustList(data, owner.Public(), at, 1)
			if err != nil {
				t.Fatal(err)
			}
			v, err := signature.NewVerifier(trust, signature.Policy{Revocation: signature.RevocationNotChecked})
			if err != nil {
				t.Fatal(err)
			}
			s := verify(t, v, doc, at).Signatures[0]
			warned := false
			for _, w := range s.Warnings {
				warned = warned || w.Code == "certificate.period"
			}
			if s.Indication != signature.TotalPassed || warned != tt.want {
				t.Errorf("%s %v, warned %v", s.Indication, codes(s), warned)
			}
		})
	}
}
