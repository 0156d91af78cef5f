package audittest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net/http"
	"sync/atomic"
	"time"
)

// Fault is something an authority does wrong.
type Fault int32

// Faults.
const (
	None        Fault = iota
	WrongNonce        // answers another request
	NoNonce           // leaves the nonce out
	WrongDigest       // stamps something else
	NotForTime        // its certificate is for another use as well
	NotCritical       // its certificate's usage is not critical
	Unbound           // the signed reference to its certificate is missing
	BadValue          // the signature value is another's
	Expired           // stamps after its certificate's end
	Refusing          // answers with a rejection
	Garbage           // answers bytes that are no reply
	Huge              // answers without an end
	NotFound          // answers with HTTP status 404
	WrongType         // answers with another media type
	Silent            // never answers
	faultCount
)

// Faults returns every fault there is.
func Faults() []Fault {
	var all []Fault
	for f := None + 1; f < faultCount; f++ {
		all = append(all, f)
	}
	return all
}

// TSA is an authority with a root of its own. It is an http.Handler.
type TSA struct {
	now     func() time.Time
	root    *x509.Certificate
	key     *ecdsa.PrivateKey
	certs   map[Fault]*x509.Certificate // by the fault they are made for
	serial  atomic.Int64
	fault   atomic.Int32
	granted atomic.Int64
}

var _ http.Handler = (*TSA)(nil)

// NewTSA makes an authority whose certificates are valid a year around now.
func NewTSA(now func() time.Time) (*TSA, error) {
	t := &TSA{now: now, certs: make(map[Fault]*x509.Certificate)}
	rootKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	if t.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		return nil, err
	}
	at := now()
	root := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: name("TSA gốc THỬ NGHIỆM"), IsCA: true,
		NotBefore: at.AddDate(-5, 0, 0), NotAfter: at.AddDate(5, 0, 0), BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign}
	if t.root, err = certify(root, root, rootKey.Public(), rootKey); err != nil {
		return nil, err
	}
	for _, f := range []Fault{None, NotForTime, NotCritical, Expired} {
		if t.certs[f], err = certify(t.template(f, at), t.root, t.key.Public(), rootKey); err != nil {
			return nil, err
		}
	}
	return t, nil
}

func name(common string) pkix.Name {
	return pkix.Name{Country: []string{"VN"}, Organization: []string{"Thử nghiệm"}, CommonName: common}
}

func (t *TSA) template(f Fault, at time.Time) *x509.Certificate {
	usages := []asn1.ObjectIdentifier{{1, 3, 6, 1, 5, 5, 7, 3, 8}}
	if f == NotForTime {
		usages = append(usages, asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 4})
	}
	value, _ := asn1.Marshal(usages) // identifiers always encode
	usage := pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 37}, Critical: f != NotCritical, Value: value}
	c := &x509.Certificate{SerialNumber: big.NewInt(10 + int64(f)), Subject: name("TSA THỬ NGHIỆM"),
		NotBefore: at.AddDate(0, -6, 0), NotAfter: at.AddDate(0, 6, 0), KeyUsage: x509.KeyUsageDigitalSignature,
		ExtraExtensions: []pkix.Extension{usage}}
	if f == Expired {
		c.NotBefore, c.NotAfter = at.AddDate(-2, 0, 0), at.AddDate(-1, 0, 0)
	}
	return c
}

func certify(template, parent *x509.Certificate, pub crypto.PublicKey, key crypto.Signer) (*x509.Certificate, error) {
	der, err := x509.CreateCertificate(rand.Reader, template, parent, pub, key)
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}

// Root returns the certificate to believe it by.
func (t *TSA) Root() *x509.Certificate { return t.root }

// RootPEM returns the same as a PEM file has it.
func (t *TSA) RootPEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: t.root.Raw})
}

// Break makes every answer from now on commit a fault; None mends it.
func (t *TSA) Break(f Fault) { t.fault.Store(int32(f)) }

// Granted is how many tokens it has handed out.
func (t *TSA) Granted() int64 { return t.granted.Load() }

// ServeHTTP implements http.Handler, RFC 3161, 3.4.
func (t *TSA) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 8<<10))
	if err != nil {
		return
	}
	f := Fault(t.fault.Load())
	switch {
	case f == NotFound:
		http.NotFound(w, r)
		return
	case f == Silent:
		<-r.Context().Done()
		return
	case r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/timestamp-query":
		http.Error(w, "want a time-stamp query by POST", http.StatusUnsupportedMediaType)
		return
	}
	kind := "application/timestamp-reply"
	if f == WrongType {
		kind = "text/html"
	}
	w.Header().Set("Content-Type", kind)
	switch f {
	case Garbage:
		_, _ = w.Write([]byte("<html>"))
		return
	case Huge:
		for block := make([]byte, 1<<16); err == nil; {
			_, err = w.Write(block)
		}
		return
	}
	_, _ = w.Write(t.answer(body, f))
}

// answer returns a TimeStampResp.
func (t *TSA) answer(request []byte, f Fault) []byte {
	query, err := parseQuery(request)
	if err != nil || f == Refusing {
		return refusal()
	}
	token, err := t.token(query, f)
	if err != nil {
		return refusal()
	}
	out, err := asn1.Marshal(struct {
		Status struct{ Status int }
		Token  asn1.RawValue
	}{Token: asn1.RawValue{FullBytes: token}})
	if err != nil {
		return refusal()
	}
	t.granted.Add(1)
	return out
}

// refusal is status rejection (2).
func refusal() []byte { return []byte{0x30, 0x05, 0x30, 0x03, 0x02, 0x01, 0x02} }

type imprint struct {
	Algorithm pkix.AlgorithmIdentifier
	Digest    []byte
}

type query struct {
	Version      int
	Imprint      imprint
	Policy       asn1.ObjectIdentifier `asn1:"optional"`
	Nonce        *big.Int              `asn1:"optional"`
	Certificates bool                  `asn1:"optional"`
}

func parseQuery(der []byte) (*query, error) {
	q := new(query)
	rest, err := asn1.Unmarshal(der, q)
	switch {
	case err != nil:
		return nil, err
	case len(rest) > 0 || q.Version != 1 || len(q.Imprint.Digest) != sha256.Size ||
		!q.Imprint.Algorithm.Algorithm.Equal(oidSHA256):
		return nil, errors.New("audittest: want a query over a SHA-256 digest")
	}
	return q, nil
}
