package sdjwt_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"slices"
	"testing"

	"github.com/motcua/motcua/identity/sdjwt"
	"github.com/motcua/motcua/internal/enginetest"
)

// TestPeerCredentials holds issuer, holder and verifier to the npm package @sd-jwt/sd-jwt-vc 0.19.0: each accepts what the other
// shows, and what we accept of the spoilt presentations, it accepts too. Set MOTCUA_WALLET_PEER to a directory where it is
// installed (npm install @sd-jwt/sd-jwt-vc@0.19.0).
func TestPeerCredentials(t *testing.T) {
	dir := enginetest.NPM(t, "MOTCUA_WALLET_PEER", "@sd-jwt/sd-jwt-vc", "sd-jwt-vc")
	node := enginetest.Need(t, "node")
	texts := map[string]string{}
	credential := must[sdjwt.Credential](t)(issuer(t).Issue(extract()))
	for i, path := range credential.Paths() {
		texts[fmt.Sprintf("ours %d %s", i, path)] = must[string](t)(holder(t).Present(credential, audience, nonce, path))
	}
	ours := len(texts)
	v := verifier(t, nil)
	for _, spoilt := range ruleTests() {
		s := fresh()
		spoilt.spoil(s)
		texts["spoilt: "+spoilt.name] = s.build()
	}
	question := toJSON(map[string]any{
		"issuer": jwk(&keys().issuer.PublicKey), "texts": texts, "nonce": nonce, "aud": audience, "now": now.Unix(),
		"iss": issuerName, "vct": birthType,
	})
	cmd := exec.Command(node, "testdata/peer.mjs", dir)
	var complaints bytes.Buffer
	cmd.Stdin, cmd.Stderr = bytes.NewReader(question), &complaints
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, complaints.String())
	}
	var said struct {
		Accepted map[string]bool
		Shown    string
		Key      json.RawMessage
	}
	if err := json.Unmarshal(out, &said); err != nil || len(said.Accepted) != len(texts) {
		t.Fatalf("%v: %d verdicts for %d texts", err, len(said.Accepted), len(texts))
	}
	var looser []string
	for name, text := range texts {
		valid := v.Verify(context.Background(), text, expect).Verdict == sdjwt.Valid
		switch theirs := said.Accepted[name]; {
		case valid && !theirs:
			t.Errorf("%s: we accept, the peer refuses", name)
		case !valid && theirs:
			looser = append(looser, name)
		}
	}
	slices.Sort(looser)
	t.Logf("%d of ours, %d spoilt; the peer accepts %d that we refuse: %q", ours, len(texts)-ours, len(looser), looser)
	set := must[sdjwt.KeySet](t)(sdjwt.ParseKeySet([]byte(`{"keys":[` + string(said.Key) + `]}`)))
	theirs := verifier(t, func(i *sdjwt.TrustedIssuer, _ *sdjwt.Config) { i.Keys = set })
	report := theirs.Verify(context.Background(), said.Shown, expect)
	if err := report.Err(); err != nil {
		t.Fatal(err)
	}
	claims := report.Claims()
	if claims.Text("family_name") != "Trần" || claims.Text("place_of_birth", "province") != "Hà Nội" ||
		claims.Text("nationalities", 0) != "VN" || claims.Has(sdjwt.Path{"nationalities", 1}) || claims.Has(sdjwt.Path{"birthdate"}) {
		t.Errorf("%v", claims.Names())
	}
}
