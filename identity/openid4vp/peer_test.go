package openid4vp_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/motcua/motcua/identity/identitytest"
	"github.com/motcua/motcua/identity/openid4vp"
	"github.com/motcua/motcua/identity/sdjwt"
	"github.com/motcua/motcua/internal/enginetest"
)

// TestPeerWallet is asked by a wallet nobody of us wrote: the npm packages @openid4vc/openid4vp 0.4.6 and @sd-jwt/sd-jwt-vc
// 0.19.0, run by node on loopback. Set MOTCUA_WALLET_PEER to a directory where they are installed (npm install
// @openid4vc/openid4vp@0.4.6 @sd-jwt/sd-jwt-vc@0.19.0 jose@6.2.17).
func TestPeerWallet(t *testing.T) {
	dir := enginetest.NPM(t, "MOTCUA_WALLET_PEER", "@openid4vc/openid4vp", "openid4vc")
	node := enginetest.Need(t, "node")
	for name, s := range map[string]set{
		"x509_hash, encrypted": {},
		"x509_hash, A128GCM":   {config: func(c *openid4vp.Config) { c.Encs = []string{"A128GCM"} }},
		"x509_hash, plain":     {config: func(c *openid4vp.Config) { c.InsecurePlainResponse = true }},
		"redirect_uri, encrypted": {
			client: func(_ *office, c *openid4vp.Client) { c.ID, c.Key, c.Chain = "redirect_uri:"+c.ResponseURL, nil, nil },
			wallet: func(_ *office, c *identitytest.WalletConfig) { c.Unsigned = true },
		},
	} {
		t.Run(name, func(t *testing.T) {
			s.now = time.Now() // the peer has no clock but this one
			o := open(t, s)
			b := browser(t)
			link := visit(t, b, o.app.URL+"/wallet/start")
			said := askPeer(t, o, node, dir, link)
			if said.Status != http.StatusOK || said.Version != 100 || said.Signed != strings.HasPrefix(name, "x509") {
				t.Fatalf("%+v", said)
			}
			visit(t, b, said.Said.RedirectURI)
			result, err := o.outcome(t)
			if err != nil {
				t.Fatal(err)
			}
			checkPID(t, result)
		})
	}
}

type peerAnswer struct {
	Status, Version int
	Prefix          string
	Signed          bool
	Said            struct {
		RedirectURI string `json:"redirect_uri"`
	}
}

func askPeer(t *testing.T, o *office, node, dir, link string) peerAnswer {
	t.Helper()
	key := newKey(t)
	raw := must[[]byte](t)(key.PublicKey.Bytes())
	secret := must[[]byte](t)(key.Bytes())
	encode := base64.RawURLEncoding.EncodeToString
	credential := must[sdjwt.Credential](t)(o.issuer.Issue(draftFor(o, pidType, key.Public())))
	question := toJSON(t, map[string]any{
		"link": link, "credential": credential.Reveal(), "now": o.now.Unix(), "key": map[string]any{
			"kty": "EC", "crv": "P-256", "x": encode(raw[1:33]), "y": encode(raw[33:]), "d": encode(secret),
		},
	})
	cmd := exec.Command(node, "testdata/peer.mjs", dir)
	var complaints bytes.Buffer
	cmd.Stdin, cmd.Stderr = strings.NewReader(question), &complaints
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, complaints.String())
	}
	var said peerAnswer
	if err := json.Unmarshal(out, &said); err != nil {
		t.Fatal(err)
	}
	return said
}
