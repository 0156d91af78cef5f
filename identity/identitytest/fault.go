package identitytest

import "slices"

// Fault is one way to misbehave.
type Fault string

// The faults. Each must make a relying party refuse, save those marked harmless.
const (
	WrongIssuer        Fault = "wrong-issuer"         // iss of the id_token
	WrongAudience      Fault = "wrong-audience"       // aud names another client
	TwoAudiences       Fault = "two-audiences"        // aud names two clients, no azp
	WrongAZP           Fault = "wrong-azp"            // azp names another client
	WrongNonce         Fault = "wrong-nonce"          // nonce of another login
	NoNonce            Fault = "no-nonce"             // nonce left out
	Expired            Fault = "expired"              // exp an hour ago
	NoExpiry           Fault = "no-expiry"            // exp left out
	IssuedInFuture     Fault = "issued-in-future"     // iat in an hour
	NotYetValid        Fault = "not-yet-valid"        // nbf in an hour
	OldToken           Fault = "old-token"            // iat an hour ago, exp still ahead
	WrongAtHash        Fault = "wrong-at-hash"        // at_hash of another access token
	AlgNone            Fault = "alg-none"             // unsigned
	AlgHS256           Fault = "alg-hs256"            // HMAC with the public key as secret
	BadSignature       Fault = "bad-signature"        // one bit changed
	UnknownKey         Fault = "unknown-key"          // signed by a key that is not in the set
	EmbeddedKey        Fault = "embedded-key"         // signed by the key its own header carries
	CriticalHeader     Fault = "critical-header"      // crit with an extension
	AccessTokenType    Fault = "access-token-type"    // typ at+jwt
	Encrypted          Fault = "encrypted"            // five parts
	DoubleClaim        Fault = "double-claim"         // aud twice in the payload
	NoIDToken          Fault = "no-id-token"          // left out of the answer
	UserInfoOtherSub   Fault = "userinfo-other-sub"   // userinfo about somebody else
	UserInfoConflict   Fault = "userinfo-conflict"    // another personal number than the id_token's
	UserInfoFails      Fault = "userinfo-fails"       // 401
	UnknownAccount     Fault = "unknown-account"      // LoaiTaiKhoan 7
	NumberAccount      Fault = "number-account"       // LoaiTaiKhoan as a number; harmless
	NoPersonID         Fault = "no-person-id"         // SoDinhDanh empty
	BadPersonID        Fault = "bad-person-id"        // SoDinhDanh with a letter
	WrongBirthDate     Fault = "wrong-birth-date"     // year differs from the personal number
	LowLevel           Fault = "low-level"            // acr LoA1 whoever signs in
	ResponseIssuer     Fault = "response-issuer"      // iss of the authorization response
	NoResponseIssuer   Fault = "no-response-issuer"   // iss promised in discovery and left out
	TokenError         Fault = "token-error"          // invalid_grant
	TokenRedirect      Fault = "token-redirect"       // the token endpoint redirects
	TokenHuge          Fault = "token-huge"           // 32 MB of answer
	TokenHTML          Fault = "token-html"           // an error page with status 200
	Outage             Fault = "outage"               // 503 at the token endpoint
	Hang               Fault = "hang"                 // no answer at the token endpoint until the client gives up
	KeysFail           Fault = "keys-fail"            // JWKS 503
	KeysHang           Fault = "keys-hang"            // no answer at the JWKS until the client gives up
	KeysHuge           Fault = "keys-huge"            // JWKS of 32 MB
	KeysRedirect       Fault = "keys-redirect"        // JWKS redirects
	KeysStale          Fault = "keys-stale"           // JWKS without the key that signs
	KeysPrivate        Fault = "keys-private"         // JWKS with a private key in it
	DiscoveryIssuer    Fault = "discovery-issuer"     // discovery names another issuer
	PARFails           Fault = "par-fails"            // a pushed request is refused
	EveryNonceStale    Fault = "every-nonce-stale"    // no nonce of a proof is ever good enough
	TokenUnbound       Fault = "token-unbound"        // a bearer token although a proof was sent
	WrongCHash         Fault = "wrong-c-hash"         // c_hash of another code
	EncryptedTag       Fault = "encrypted-tag"        // one bit of the authentication tag changed
	EncryptedNoKey     Fault = "encrypted-no-key"     // the encrypted key left out
	EncryptedZip       Fault = "encrypted-zip"        // compression asked for
	EncryptedPassword  Fault = "encrypted-password"   // a key derived from a password, a billion rounds
	EncryptedNoType    Fault = "encrypted-no-type"    // cty left out
	EncryptedUnsigned  Fault = "encrypted-unsigned"   // bare claims inside
	NotEncrypted       Fault = "not-encrypted"        // a client with a key gets a plain token
	RefreshOtherSub    Fault = "refresh-other-sub"    // a refreshed id_token about somebody else
	RefreshDenied      Fault = "refresh-denied"       // invalid_grant at the refresh
	NoRotation         Fault = "no-rotation"          // the same refresh token again; harmless
	LogoutNonce        Fault = "logout-nonce"         // a logout token with a nonce
	LogoutNoEvent      Fault = "logout-no-event"      // without the event
	LogoutNoSubject    Fault = "logout-no-subject"    // without sub and sid
	LogoutNoID         Fault = "logout-no-id"         // without jti
	LogoutIDToken      Fault = "logout-id-token"      // typed like an id_token
	DiscoveryPlainHTTP Fault = "discovery-plain-http" // discovery names a token endpoint on http
)

// Misbehave replaces the set of faults; without arguments the provider behaves again.
func (p *Provider) Misbehave(faults ...Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults = slices.Clone(faults)
}

func (p *Provider) is(fault Fault) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.playing(fault)
}

// playing is is for those who hold the lock.
func (p *Provider) playing(fault Fault) bool { return slices.Contains(p.faults, fault) }
