package sdjwt

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/motcua/motcua/internal/jose"
)

// IssuerConfig holds what is optional. The zero value is safe.
type IssuerConfig struct {
	// Alg is the signature algorithm. Empty: that of the key (ES256 for P-256).
	Alg string
	// KeyID names the key in the issuer's metadata. Empty: the key's thumbprint (RFC 7638).
	KeyID string
	// Chain is the certificate chain, leaf first and without its root, put into each credential. The leaf names the issuer.
	Chain []*x509.Certificate
	// Hash is the digest of disclosures. Empty: sha-256.
	Hash string
	// LegacyType issues under the media type of older drafts.
	LegacyType bool
	// Now tells the time. Nil: time.Now.
	Now func() time.Time
}

// Issuer issues credentials: an agency that hands its result to a person's wallet. It is safe for concurrent use if its
// signer is.
type Issuer struct {
	signer crypto.Signer
	name   string
	cfg    IssuerConfig
	header map[string]any
}

// NewIssuer takes the key, which may lie in a token or HSM, and the issuer's name, an https URL. Errors: *Error.
func NewIssuer(signer crypto.Signer, name string, cfg IssuerConfig) (*Issuer, error) {
	if signer == nil {
		return nil, refuse("config", "signer")
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Alg == "" {
		cfg.Alg = jose.AlgOf(signer.Public())
	}
	if cfg.Hash == "" {
		cfg.Hash = hashNames[0]
	}
	u, err := url.Parse(name)
	switch {
	case !jose.Fits(signer.Public(), cfg.Alg):
		return nil, refuse("config", "alg")
	case !slices.Contains(hashNames[:], cfg.Hash):
		return nil, refuse("config", "hash")
	case err != nil || u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || len(name) > 200:
		return nil, refuse("config", "issuer")
	}
	if cfg.KeyID == "" {
		if cfg.KeyID, err = jose.Thumbprint(signer.Public()); err != nil {
			return nil, &Error{Field: "config", Rule: "signer", Err: err}
		}
	}
	i := &Issuer{signer: signer, name: name, cfg: cfg, header: map[string]any{"typ": Format, "kid": cfg.KeyID}}
	if cfg.LegacyType {
		i.header["typ"] = legacyTypeHeader
	}
	if len(cfg.Chain) > 0 {
		if !slices.Contains(namesOf(cfg.Chain[0]), name) || len(cfg.Chain) > maxCertificates {
			return nil, refuse("config", "chain")
		}
		i.header["x5c"] = encodeChain(cfg.Chain)
	}
	return i, nil
}

// Format prints the issuer's name and nothing of its key.
func (i Issuer) Format(state fmt.State, _ rune) {
	_, _ = io.WriteString(state, "sdjwt.Issuer("+i.name+")")
}

// LogValue gives loggers what Format prints.
func (i Issuer) LogValue() slog.Value { return slog.StringValue("sdjwt.Issuer(" + i.name + ")") }

func encodeChain(chain []*x509.Certificate) []string {
	var list []string
	for _, certificate := range chain {
		list = append(list, base64.StdEncoding.EncodeToString(certificate.Raw))
	}
	return list
}

// Metadata returns the issuer's public key as the document that belongs at /.well-known/jwt-vc-issuer (SD-JWT VC,
// JWT VC Issuer Metadata): [ParseKeySet] reads it.
func (i *Issuer) Metadata() ([]byte, error) {
	key, err := jose.PublicJWK(i.signer.Public())
	if err != nil {
		return nil, &Error{Field: "config", Rule: "signer", Err: err}
	}
	key["kid"], key["alg"], key["use"] = i.cfg.KeyID, i.cfg.Alg, "sig"
	return json.Marshal(map[string]any{"issuer": i.name, "jwks": map[string]any{"keys": []any{key}}})
}

// Draft is a credential to be issued.
type Draft struct {
	// Type is the vct, a collision-free name such as a URL. Required.
	Type string
	// Claims are what is said, as encoding/json writes them, without the registered claims that have fields here.
	Claims map[string]any
	// Disclose names what the holder may show or withhold; what is below such a claim comes along whole unless it is
	// named too. Everything else is always shown.
	Disclose []Path
	// Holder is the public key of the wallet. Required unless InsecureBearer: whoever has the text may then show it.
	Holder         crypto.PublicKey
	InsecureBearer bool
	// IssuedAt is filled in if it is zero. Expires is zero for what never ends, such as an extract from a register.
	IssuedAt, NotBefore, Expires time.Time
	// Status says where the credential's status stands. Nil: it cannot be revoked.
	Status *StatusRef
	// Decoys is how many digests of nothing stand beside the others of each object, so that their number says less. At
	// most 32.
	Decoys int
}

const maxDecoys = 32

// Issue signs a credential. Each call makes new salts, so that two credentials of one person cannot be linked by them.
// Errors: *Error, or the signer's own.
func (i *Issuer) Issue(d Draft) (Credential, error) {
	payload, err := i.payload(d)
	if err != nil {
		return Credential{}, err
	}
	c := concealer{paths: d.Disclose, hash: i.hash(), decoys: d.Decoys, used: make([]bool, len(d.Disclose))}
	hidden, err := c.object(payload, nil)
	if err != nil {
		return Credential{}, err
	}
	if slices.Contains(c.used, false) {
		return Credential{}, refuse("path", "nowhere")
	}
	if len(c.out) > maxDisclosures {
		return Credential{}, refuse("draft", "disclosures-count")
	}
	if len(c.out) > 0 || d.Decoys > 0 {
		hidden[memberHash] = i.cfg.Hash
	}
	i.register(hidden, d)
	raw, err := encodeJSON(hidden)
	if err != nil {
		return Credential{}, &Error{Field: "draft", Rule: "claims", Err: err}
	}
	signed, err := jose.Sign(i.signer, i.cfg.Alg, i.header, raw)
	if err != nil {
		return Credential{}, err
	}
	text := signed + "~" + strings.Join(append(c.out, ""), "~")
	if len(signed) > maxIssued || len(text) > maxPresentation {
		return Credential{}, refuse("draft", "size")
	}
	return ParseCredential(text)
}

func (i *Issuer) hash() crypto.Hash {
	_, hash, _ := hashOf(map[string]any{memberHash: i.cfg.Hash}, hashNames[:])
	return hash
}

// payload checks a draft and returns its claims as plain JSON values.
func (i *Issuer) payload(d Draft) (map[string]any, error) {
	if err := checkPaths(d.Disclose); err != nil {
		return nil, err
	}
	switch {
	case d.Type == "" || len(d.Type) > maxName:
		return nil, refuse("draft", "type")
	case d.Holder == nil && !d.InsecureBearer, d.Holder != nil && jose.AlgOf(d.Holder) == "":
		return nil, refuse("draft", "holder")
	case !d.Expires.IsZero() && !d.Expires.After(i.cfg.Now()):
		return nil, refuse("draft", "expires")
	case d.Decoys < 0 || d.Decoys > maxDecoys:
		return nil, refuse("draft", "decoys")
	case d.Status != nil && !isStatusURI(d.Status.URI):
		return nil, refuse("draft", "status")
	}
	for name := range d.Claims {
		if slices.Contains(registered[:], name) || name == "iat" {
			return nil, refuse("draft", "claim-registered")
		}
	}
	for _, path := range d.Disclose {
		if name, ok := path[0].(string); ok && slices.Contains(registered[:], name) {
			return nil, refuse("draft", "claim-registered")
		}
	}
	raw, err := encodeJSON(d.Claims)
	if err != nil {
		return nil, &Error{Field: "draft", Rule: "claims", Err: err}
	}
	if d.Claims == nil {
		return map[string]any{}, nil
	}
	object, err := jose.Object(raw)
	if err != nil {
		return nil, &Error{Field: "draft", Rule: "claims", Err: err}
	}
	return object, nil
}

// register adds the claims that are always shown.
func (i *Issuer) register(payload map[string]any, d Draft) {
	payload["iss"], payload["vct"] = i.name, d.Type
	issued := d.IssuedAt
	if issued.IsZero() {
		issued = i.cfg.Now()
	}
	payload["iat"] = issued.Unix()
	if !d.NotBefore.IsZero() {
		payload["nbf"] = d.NotBefore.Unix()
	}
	if !d.Expires.IsZero() {
		payload["exp"] = d.Expires.Unix()
	}
	if d.Holder != nil {
		key, err := jose.PublicJWK(d.Holder)
		if err == nil { // AlgOf has looked at it
			payload["cnf"] = map[string]any{"jwk": key}
		}
	}
	if d.Status != nil {
		payload["status"] = map[string]any{"status_list": map[string]any{"idx": d.Status.Index, "uri": d.Status.URI}}
	}
}

// encodeJSON writes JSON as people write it, without turning < and & into numbers.
func encodeJSON(value any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(value); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// concealer turns claims into disclosures and digests, the innermost first (RFC 9901 section 4.2).
type concealer struct {
	paths  []Path
	used   []bool
	hash   crypto.Hash
	decoys int
	out    []string
}

// named reports whether this very place is to be disclosed selectively.
func (c *concealer) named(place Path) bool {
	found := false
	for i, path := range c.paths {
		if len(path) == len(place) && path.meets(place) {
			c.used[i], found = true, true
		}
	}
	return found
}

func (c *concealer) value(value any, place Path) (any, error) {
	switch value := value.(type) {
	case map[string]any:
		return c.object(value, place)
	case []any:
		return c.array(value, place)
	}
	return value, nil
}

func (c *concealer) object(object map[string]any, place Path) (map[string]any, error) {
	out := make(map[string]any, len(object))
	var digests []string
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if name == memberDigests || name == memberElement || name == memberHash || len(name) > maxName {
			return nil, refuse("draft", "claim-reserved")
		}
		here := append(slices.Clone(place), name)
		inside, err := c.value(object[name], here)
		if err != nil {
			return nil, err
		}
		if !c.named(here) {
			out[name] = inside
			continue
		}
		sum, err := c.disclose(name, inside)
		if err != nil {
			return nil, err
		}
		digests = append(digests, sum)
	}
	if len(digests) > 0 || len(place) == 0 {
		for range c.decoys {
			digests = append(digests, digest(c.hash, newSalt()))
		}
	}
	if len(digests) > 0 {
		slices.Sort(digests) // their order says nothing of the claims'
		out[memberDigests] = digests
	}
	return out, nil
}

func (c *concealer) array(list []any, place Path) ([]any, error) {
	out := make([]any, len(list))
	for i, element := range list {
		here := append(slices.Clone(place), i)
		inside, err := c.value(element, here)
		if err != nil {
			return nil, err
		}
		out[i] = inside
		if c.named(here) {
			sum, err := c.disclose(inside)
			if err != nil {
				return nil, err
			}
			out[i] = map[string]any{memberElement: sum}
		}
	}
	return out, nil
}

// disclose writes a disclosure and returns its digest.
func (c *concealer) disclose(parts ...any) (string, error) {
	raw, err := encodeJSON(append([]any{newSalt()}, parts...))
	if err != nil {
		return "", &Error{Field: "draft", Rule: "claims", Err: err}
	}
	text := base64.RawURLEncoding.EncodeToString(raw)
	c.out = append(c.out, text)
	return digest(c.hash, text), nil
}

// newSalt returns 128 random bits as text (RFC 9901 section 9.3).
func newSalt() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails, see crypto/rand
	return base64.RawURLEncoding.EncodeToString(b[:])
}
