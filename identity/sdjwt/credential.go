package sdjwt

import (
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"

	"github.com/motcua/motcua/internal/jose"
)

const (
	maxPresentation = 256 << 10 // bytes of a whole presentation
	maxIssued       = 128 << 10 // bytes of its first part
	maxProof        = 8 << 10   // bytes of its last part
	maxDisclosures  = 1000
)

// Format is the name of the format, and the media type in the header of a credential.
const Format = "dc+sd-jwt"

const (
	legacyTypeHeader = "vc+sd-jwt" // of drafts before November 2024
	proofTypeHeader  = "kb+jwt"
)

// Credential is what an issuer has handed to a holder: personal data. It prints as nothing; [Credential.Reveal] gives the
// text, for the wallet's store and its transport.
type Credential struct{ text func() string }

// ParseCredential reads the form of a credential and matches its disclosures. It verifies no signature:
// [Verifier.VerifyIssued] does. Errors: *Error.
func ParseCredential(text string) (Credential, error) {
	parts, reason := split(text)
	if reason != "" {
		return Credential{}, refuse("credential", reason)
	}
	if parts.proof != "" {
		return Credential{}, refuse("credential", "holder-proof") // RFC 9901 section 7.2
	}
	c := Credential{func() string { return text }}
	if _, err := c.expand(); err != nil {
		return Credential{}, err
	}
	return c, nil
}

// Reveal returns the text: the signed part and all disclosures.
func (c Credential) Reveal() string {
	if c.text == nil {
		return ""
	}
	return c.text()
}

// IsZero reports whether there is no credential.
func (c Credential) IsZero() bool { return c.text == nil }

// Paths returns what can be disclosed selectively, outer claims before inner ones.
func (c Credential) Paths() []Path {
	x, err := c.expand()
	if err != nil {
		return nil
	}
	var paths []Path
	for _, p := range x.placed {
		paths = append(paths, p.path)
	}
	slices.SortFunc(paths, func(a, b Path) int {
		if len(a) != len(b) {
			return len(a) - len(b)
		}
		return strings.Compare(a.String(), b.String())
	})
	return paths
}

// Format prints nothing of the credential.
func (c Credential) Format(state fmt.State, _ rune) {
	_, _ = io.WriteString(state, "sdjwt.Credential(***)")
}

// LogValue gives loggers nothing of the credential.
func (c Credential) LogValue() slog.Value { return slog.StringValue("sdjwt.Credential(***)") }

// MarshalText gives encoders nothing of the credential.
func (c Credential) MarshalText() ([]byte, error) { return []byte("sdjwt.Credential(***)"), nil }

// expand puts the disclosures into their places and notes where these are.
func (c Credential) expand() (*expander, error) {
	parts, reason := split(c.Reveal())
	if reason != "" {
		return nil, refuse("credential", reason)
	}
	_, middle, _ := strings.Cut(parts.issued, ".")
	payload, _, _ := strings.Cut(middle, ".")
	raw, err := jose.Part(payload)
	if err != nil {
		return nil, refuse("credential", "base64")
	}
	object, err := jose.Object(raw)
	if err != nil {
		return nil, refuse("credential", "payload")
	}
	name, hash, ok := hashOf(object, hashNames[:])
	if !ok {
		return nil, refuse("credential", "hash")
	}
	x := &expander{note: true, hashName: name}
	if reason := x.run(object, parts.disclosures, hash); reason != "" {
		return nil, refuse("credential", reason)
	}
	return x, nil
}

// pieces are the parts of a presentation, and everything its holder's proof is over.
type pieces struct {
	issued      string
	disclosures []string
	proof       string
	covered     string
}

// split takes a presentation apart: signed part, disclosures, proof or nothing (RFC 9901 section 4).
func split(text string) (pieces, string) {
	if text == "" || len(text) > maxPresentation {
		return pieces{}, "size"
	}
	if strings.Count(text, "~") > maxDisclosures+1 {
		return pieces{}, "disclosures-count"
	}
	parts := strings.Split(text, "~")
	if len(parts) < 2 {
		return pieces{}, "form"
	}
	last := len(parts) - 1
	p := pieces{issued: parts[0], disclosures: parts[1:last], proof: parts[last]}
	p.covered = text[:len(text)-len(p.proof)]
	if p.issued == "" || slices.Contains(p.disclosures, "") {
		return pieces{}, "form"
	}
	return p, ""
}
