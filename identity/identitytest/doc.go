// Package identitytest is an OpenID Provider to test a sign-in against: it speaks the real protocol over HTTP, has only
// invented people, and can be told to misbehave.
//
// The happy path is three calls:
//
//	provider, err := identitytest.New(base, clients, identitytest.Config{}) // an http.Handler; base is where it listens
//	profile.Issuer, profile.Discovery = provider.Issuer(), provider.DiscoveryURL()
//	resp, err := identitytest.SignIn(browser, app+"/login", "nghia")        // or use the page, it works without script
//
// It is shaped like the national single sign-on: the odd issuer that is the token endpoint's address, claims named
// SoDinhDanh, HoVaTen, LoaiTaiKhoan, levels LoA1 and LoA2. It verifies what it gets by its own code, sharing none with
// identity/oidc: client and its proof, registered addresses, PKCE S256, nonce, one use and one minute for a code.
// Officers sign in at clients registered for them.
//
// Beside the provider there are cards: a [Specimen] prints codes and zones, a [CardAuthority] with its [CardSigner]
// personalises chips of invented people, with every algorithm that travel documents use and a choice of flaws:
//
//	authority, err := identitytest.NewCardAuthority(identitytest.CardAuthorityConfig{})
//	signer, err := authority.Signer(identitytest.CardSignerConfig{})
//	chip, err := signer.Personalise(identitytest.Specimens()[0], identitytest.CardConfig{Signed: at})
//
// [Wallet] is the other side: a wallet on an invented person's telephone, for verifiers and issuers of credentials.
//
// Never mount it where real people sign in: whoever reaches the page is whoever they choose to be.
//
// Stable: the personas' ids and claims, the names of faults and flaws.
package identitytest
