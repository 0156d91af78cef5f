package sdjwt

import (
	"crypto"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"github.com/motcua/motcua/internal/jose"
)

// HolderConfig holds what is optional. The zero value is safe.
type HolderConfig struct {
	// Alg is the signature algorithm. Empty: that of the key.
	Alg string
	// Now tells the time. Nil: time.Now.
	Now func() time.Time
}

// Holder presents credentials that are bound to its key. It is safe for concurrent use if its signer is.
type Holder struct {
	key crypto.Signer
	cfg HolderConfig
}

// NewHolder takes the key that credentials were issued to. Errors: *Error.
func NewHolder(key crypto.Signer, cfg HolderConfig) (*Holder, error) {
	if key == nil {
		return nil, refuse("config", "signer")
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Alg == "" {
		cfg.Alg = jose.AlgOf(key.Public())
	}
	if !jose.Fits(key.Public(), cfg.Alg) {
		return nil, refuse("config", "alg")
	}
	return &Holder{key, cfg}, nil
}

// Format prints nothing of the key.
func (h Holder) Format(state fmt.State, _ rune) { _, _ = io.WriteString(state, "sdjwt.Holder(***)") }

// LogValue gives loggers what Format prints.
func (h Holder) LogValue() slog.Value { return slog.StringValue("sdjwt.Holder(***)") }

// Present shows the claims at these paths, with what encloses them and what is inside, and proves to one audience, for one
// nonce, that the holder shows them (RFC 9901 section 4.3). Without paths only what is always shown is shown. Errors:
// *Error, or the signer's own.
func (h *Holder) Present(c Credential, audience, nonce string, paths ...Path) (string, error) {
	if audience == "" || nonce == "" || len(audience) > maxAudience || len(nonce) > maxAudience {
		return "", refuse("holder", "audience")
	}
	shown, x, err := c.disclose(paths)
	if err != nil {
		return "", err
	}
	cnf, _ := x.claims["cnf"].(map[string]any)
	key, ok := holderKey(cnf)
	if own, isKey := h.key.Public().(interface{ Equal(crypto.PublicKey) bool }); !ok || !isKey || !own.Equal(key) {
		return "", refuse("holder", "key")
	}
	_, hash, _ := hashOf(map[string]any{memberHash: x.hashName}, hashNames[:])
	raw, err := encodeJSON(map[string]any{
		"iat": h.cfg.Now().Unix(), "aud": audience, "nonce": nonce, "sd_hash": digest(hash, shown),
	})
	if err != nil {
		return "", &Error{Field: "holder", Rule: "audience", Err: err}
	}
	proof, err := jose.Sign(h.key, h.cfg.Alg, map[string]any{"typ": proofTypeHeader}, raw)
	if err != nil {
		return "", err
	}
	return shown + proof, nil
}

// Disclose shows the claims at these paths without a proof of the holder, for verifiers that ask for none. Errors: *Error.
func (c Credential) Disclose(paths ...Path) (string, error) {
	shown, _, err := c.disclose(paths)
	return shown, err
}

func (c Credential) disclose(paths []Path) (string, *expander, error) {
	if err := checkPaths(paths); err != nil {
		return "", nil, err
	}
	x, err := c.expand()
	if err != nil {
		return "", nil, err
	}
	parts, reason := split(c.Reveal())
	if reason != "" {
		return "", nil, refuse("credential", reason)
	}
	show := make([]bool, len(parts.disclosures))
	for _, path := range paths {
		if len(path.in(any(x.claims))) == 0 {
			return "", nil, refuse("path", "nowhere")
		}
		for _, p := range x.placed {
			show[p.at] = show[p.at] || path.meets(p.path)
		}
	}
	var b strings.Builder
	b.WriteString(parts.issued + "~")
	for i, text := range parts.disclosures {
		if show[i] {
			b.WriteString(text + "~")
		}
	}
	return b.String(), x, nil
}
