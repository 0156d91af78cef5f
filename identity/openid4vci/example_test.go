package openid4vci_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/motcua/motcua/identity/identitytest"
	"github.com/motcua/motcua/identity/openid4vci"
	"github.com/motcua/motcua/identity/sdjwt"
)

// Example hands the result of a dossier to a wallet. What the extract says is read when the wallet comes for it.
func Example() {
	mux := http.NewServeMux()
	app := httptest.NewServer(mux)
	defer app.Close()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader) // in production one in a token or HSM
	if err != nil {
		fmt.Println(err)
		return
	}
	office, err := sdjwt.NewIssuer(key, "https://hotich.example.vn", sdjwt.IssuerConfig{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fill := func(_ context.Context, _, dossier string) (sdjwt.Draft, error) {
		fmt.Println("the extract of", dossier, "is read")
		return sdjwt.Draft{
			Type: "https://hotich.example.vn/vct/khai-sinh", Claims: map[string]any{"name": "Nguyễn Trọng Nghĩa"},
			Disclose: []sdjwt.Path{{"name"}},
		}, nil
	}
	server, err := openid4vci.New(app.URL, office, fill, map[string]openid4vci.Configuration{
		"khai-sinh": {Type: "https://hotich.example.vn/vct/khai-sinh", NameVI: "Trích lục khai sinh"},
	}, openid4vci.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	server.Register(mux)

	// The link goes out as a symbol on the result slip, the six digits by SMS.
	offer, err := server.Offer(context.Background(), "khai-sinh", "H26.12-261121-0007", openid4vci.OfferConfig{})
	if err != nil {
		fmt.Println(err)
		return
	}
	wallet, err := identitytest.NewWallet(identitytest.WalletConfig{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(wallet.Receive(context.Background(), offer.Link, offer.TxCode), len(wallet.Held()), offer)
	// Output:
	// the extract of H26.12-261121-0007 is read
	// <nil> 1 openid4vci.Offer(***)
}

// FuzzRequests holds that no body makes an endpoint panic, or gets a credential.
func FuzzRequests(f *testing.F) {
	o := open(f)
	offer := o.offer(f)
	access, _, err := o.wallet.Redeem(f.Context(), offer.Link, offer.TxCode)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(`{"credential_configuration_id":"khai-sinh","proofs":{"jwt":["eyJhbGciOiJFUzI1NiIsInR5cCI6Im9wZW5pZDR2Y2ktcHJvb2Yrand0IiwiandrIjp7fX0.e30.AA"]}}`)
	f.Add(`grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Apre-authorized_code&pre-authorized_code=x&tx_code=1`)
	mux := http.NewServeMux()
	o.server.Register(mux)
	f.Fuzz(func(t *testing.T, body string) {
		for path, media := range map[string]string{"/token": "application/x-www-form-urlencoded", "/credential": "application/json"} {
			r := httptest.NewRequest(http.MethodPost, "/cap"+path, strings.NewReader(body))
			r.Header.Set("Content-Type", media)
			r.Header.Set("Authorization", "Bearer "+access)
			w := httptest.NewRecorder()
			mux.ServeHTTP(w, r)
			if w.Code == http.StatusOK || w.Code >= 500 {
				t.Fatalf("%s: %d %s", path, w.Code, w.Body)
			}
		}
	})
}
