package openid4vci_test

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"testing"

	"github.com/motcua/motcua/identity/sdjwt"
	"github.com/motcua/motcua/internal/enginetest"
)

// TestPeerReceives hands a result to a wallet nobody of us wrote: the npm package @openid4vc/openid4vci 0.4.6, run by node
// on loopback. Set MOTCUA_WALLET_PEER to a directory where it is installed (npm install @openid4vc/openid4vci@0.4.6
// jose@6.2.17).
func TestPeerReceives(t *testing.T) {
	dir := enginetest.NPM(t, "MOTCUA_WALLET_PEER", "@openid4vc/openid4vci", "openid4vc")
	node := enginetest.Need(t, "node")
	o := open(t)
	offer := o.offer(t)
	cmd := exec.Command(node, "testdata/peer.mjs", dir, offer.Link, offer.TxCode)
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, complaints.String())
	}
	var said struct{ Credential, X, Version string }
	if err := json.Unmarshal(out, &said); err != nil {
		t.Fatal(err)
	}
	report := o.verifier.VerifyIssued(t.Context(), must[sdjwt.Credential](t)(sdjwt.ParseCredential(said.Credential)))
	if report.Verdict != sdjwt.Valid || report.Claims().Text("cnf", "jwk", "x") != said.X {
		t.Errorf("%v", report.Err())
	}
}
