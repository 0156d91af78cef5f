package chip

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"time"

	"github.com/motcua/motcua/internal/csca"
)

// Certificate is one of a document authority: of a country's signing authority (CSCA), a link from its old key to its new
// one, or of a document signer. It speaks of authorities, never of card holders.
type Certificate struct{ c *csca.Certificate }

// maxCertificates bounds a file of certificates.
const maxCertificates = 8192

// ParseCertificates reads certificates in PEM, or one in DER. Brainpool curves and written-out parameters are fine; what
// crypto/x509 says of them does not matter. Errors: *InvalidError.
func ParseCertificates(data []byte) ([]*Certificate, error) {
	if !bytes.Contains(data, []byte("-----BEGIN")) {
		c, err := csca.Parse(bytes.Clone(data))
		if err != nil {
			return nil, refuseBy("certificate", "form", err)
		}
		return []*Certificate{{c}}, nil
	}
	var list []*Certificate
	for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != "CERTIFICATE" {
			continue
		}
		c, err := csca.Parse(block.Bytes)
		if err != nil {
			return nil, refuseBy("certificate", "form", err)
		}
		if len(list) >= maxCertificates {
			return nil, refuse("certificate", "count")
		}
		list = append(list, &Certificate{c})
	}
	if len(list) == 0 {
		return nil, refuse("certificate", "form")
	}
	return list, nil
}

// Subject returns whom the certificate is about, such as "C=VN, O=…, CN=…".
func (c *Certificate) Subject() string { return c.c.Subject.String() }

// Country returns the two-letter code of the subject's country in capitals, "" when there is none.
func (c *Certificate) Country() string { return c.c.Subject.Country }

// Key names the kind of key, such as "RSA 4096" or "brainpoolP512r1"; "none" when it cannot be used.
func (c *Certificate) Key() string { return c.c.Key.String() }

// Validity returns from when to when the certificate is valid.
func (c *Certificate) Validity() (from, to time.Time) { return c.c.NotBefore, c.c.NotAfter }

// Fingerprint returns the SHA-256 of the certificate in hexadecimal: what is compared over another channel before a
// certificate is believed.
func (c *Certificate) Fingerprint() string {
	sum := c.c.Fingerprint()
	return hex.EncodeToString(sum[:])
}

// DER returns a copy of the certificate.
func (c *Certificate) DER() []byte { return bytes.Clone(c.c.Raw) }

// String returns subject and fingerprint.
func (c *Certificate) String() string { return c.Subject() + " " + c.Fingerprint() }

// MarshalJSON returns subject, serial number, key, validity and fingerprint.
func (c *Certificate) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Subject     string    `json:"subject"`
		Issuer      string    `json:"issuer"`
		Serial      string    `json:"serial"`
		Key         string    `json:"key"`
		From        time.Time `json:"from"`
		To          time.Time `json:"to"`
		Fingerprint string    `json:"sha256"`
	}{c.Subject(), c.c.Issuer.String(), c.c.Serial.Text(16), c.Key(), c.c.NotBefore, c.c.NotAfter, c.Fingerprint()})
}

func wrap(list []*csca.Certificate) []*Certificate {
	out := make([]*Certificate, len(list))
	for i, c := range list {
		out[i] = &Certificate{c}
	}
	return out
}
