package identitytest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// show presents the first credential of a type that is asked for (RFC 9901 section 7.2).
func (w *Wallet) show(request walletRequest, query credentialQuery) (string, error) {
	for _, text := range w.Held() {
		parts := strings.Split(strings.TrimSuffix(text, "~"), "~")
		payload, ok := decodeMember(parts[0])
		vct, _ := payload["vct"].(string)
		if !ok || query.Format != "dc+sd-jwt" || slices.Contains(query.Meta.VCT, vct) == w.is(WalletOtherType) {
			continue
		}
		chosen := choose(payload, parts[1:], query, w.is(WalletOvershare))
		if chosen == nil {
			continue
		}
		return w.prove(request, parts[0], parts[1:], chosen), nil
	}
	return "", ErrWalletNothing
}

func decodeMember(jwt string) (map[string]any, bool) {
	parts := strings.Split(jwt, ".")
	if len(parts) != 3 {
		return nil, false
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	var payload map[string]any
	return payload, err == nil && json.Unmarshal(raw, &payload) == nil
}

// choose returns the disclosures that a query needs; nil when the credential lacks a claim.
func choose(payload map[string]any, disclosures []string, query credentialQuery, all bool) []string {
	if all {
		return disclosures
	}
	byDigest := map[string]string{}
	for _, text := range disclosures {
		sum := sha256.Sum256([]byte(text))
		byDigest[encode(sum[:])] = text
	}
	need := map[string]bool{}
	for _, claim := range query.Claims {
		if !walk(payload, claim.Path, byDigest, need) {
			return nil
		}
	}
	chosen := []string{}
	for _, text := range disclosures {
		if need[text] {
			chosen = append(chosen, text)
		}
	}
	return chosen
}

// walk follows a path of names and notes the disclosures on its way and below its end.
func walk(value any, path []any, byDigest map[string]string, need map[string]bool) bool {
	object, ok := value.(map[string]any)
	if !ok {
		return len(path) == 0
	}
	digests, _ := object["_sd"].([]any)
	if len(path) == 0 {
		for _, digest := range digests {
			sum, _ := digest.(string)
			if list := contents(byDigest[sum]); len(list) == 3 {
				need[byDigest[sum]] = true
				walk(list[2], nil, byDigest, need)
			}
		}
		return true
	}
	name, _ := path[0].(string)
	if next, open := object[name]; open {
		return walk(next, path[1:], byDigest, need)
	}
	for _, digest := range digests {
		sum, _ := digest.(string)
		text := byDigest[sum]
		if list := contents(text); len(list) == 3 && list[1] == any(name) {
			need[text] = true
			return walk(list[2], path[1:], byDigest, need)
		}
	}
	return false
}

func contents(disclosure string) []any {
	raw, err := base64.RawURLEncoding.DecodeString(disclosure)
	var list []any
	if err != nil || json.Unmarshal(raw, &list) != nil {
		return nil
	}
	return list
}

// prove assembles a presentation with its proof, and plays the faults about it.
func (w *Wallet) prove(request walletRequest, issued string, all, chosen []string) string {
	chosen = slices.Clone(chosen)
	switch {
	case w.is(WalletWithhold) && len(chosen) > 0:
		chosen = chosen[:len(chosen)-1]
	case w.is(WalletDouble) && len(chosen) > 0:
		chosen = append(chosen, chosen[0])
	case w.is(WalletForge):
		chosen = append(chosen, encode([]byte(`["salt","is_admin",true]`)))
	case w.is(WalletHuge):
		for range 900 {
			chosen = append(chosen, encode(make([]byte, 900)))
		}
	}
	shown := issued + "~" + strings.Join(append(slices.Clone(chosen), ""), "~")
	proof := w.proof(request, shown)
	switch {
	case w.is(WalletDrop) && len(chosen) > 0:
		shown = issued + "~" + strings.Join(append(slices.Clone(chosen[1:]), ""), "~")
	case w.is(WalletAdd):
		for _, text := range all {
			if !slices.Contains(chosen, text) {
				shown += text + "~"
				break
			}
		}
	}
	return shown + proof
}

// proof signs the key binding JWT (RFC 9901 section 4.3).
func (w *Wallet) proof(request walletRequest, shown string) string {
	sum := sha256.Sum256([]byte(shown))
	claims := map[string]any{
		"iat": w.cfg.Now().Unix(), "aud": request.ClientID, "nonce": request.Nonce, "sd_hash": encode(sum[:]),
	}
	header, key := map[string]any{"alg": "ES256", "typ": "kb+jwt"}, w.key
	for fault, change := range map[WalletFault]func(){
		WalletOtherNonce:    func() { claims["nonce"] = random() },
		WalletOtherAudience: func() { claims["aud"] = "x509_hash:somebody-else" },
		WalletOldProof:      func() { claims["iat"] = w.cfg.Now().Add(-time.Hour).Unix() },
		WalletProofType:     func() { header["typ"] = "JWT" },
		WalletProofNone:     func() { header["alg"] = "none" },
		WalletOtherKey: func() {
			if stranger, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err == nil {
				key = stranger
			}
		},
	} {
		if w.is(fault) {
			change()
		}
	}
	body, err := json.Marshal(claims)
	switch {
	case err != nil || w.is(WalletNoProof):
		return ""
	case w.is(WalletProofByTrash):
		return "proof"
	case w.is(WalletProofNone):
		return join(header, body) + "."
	}
	return signES256(key, join(header, body))
}

func signES256(key *ecdsa.PrivateKey, signed string) string {
	digest := sha256.Sum256([]byte(signed))
	r, s, err := ecdsa.Sign(rand.Reader, key, digest[:])
	if err != nil {
		return ""
	}
	signature := make([]byte, 64)
	r.FillBytes(signature[:32])
	s.FillBytes(signature[32:])
	return signed + "." + encode(signature)
}
