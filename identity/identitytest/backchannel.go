package identitytest

import (
	"encoding/json"
	"net/url"
	"time"
)

// LogoutToken returns a logout token (OpenID Connect Back-Channel Logout 1.0) about the newest session of a persona at a
// client, for the client's back-channel address; ok is false when there is none. Faults about tokens are played.
func (p *Provider) LogoutToken(client, persona string) (token string, ok bool) {
	p.mu.Lock()
	g, ok := p.sessions[client+" "+persona]
	p.mu.Unlock()
	if !ok {
		return "", false
	}
	now := p.now()
	claims := map[string]any{
		"iss": p.issuer, "aud": client, "iat": now.Unix(), "exp": now.Add(2 * time.Minute).Unix(), "jti": random(),
		"sub": g.subject(), "sid": g.session,
		"events": map[string]any{"http://schemas.openid.net/event/backchannel-logout": map[string]any{}},
	}
	for fault, change := range map[Fault]func(){
		WrongIssuer:     func() { claims["iss"] = p.issuer + "/" },
		WrongAudience:   func() { claims["aud"] = "other" },
		Expired:         func() { claims["exp"] = now.Add(-time.Hour).Unix() },
		OldToken:        func() { claims["iat"] = now.Add(-time.Hour).Unix() },
		LogoutNonce:     func() { claims["nonce"] = g.request.nonce },
		LogoutNoEvent:   func() { delete(claims, "events") },
		LogoutNoSubject: func() { delete(claims, "sub"); delete(claims, "sid") },
		LogoutNoID:      func() { delete(claims, "jti") },
	} {
		if p.is(fault) {
			change()
		}
	}
	body, err := json.Marshal(claims)
	if err != nil {
		return "", false
	}
	typ := "logout+jwt"
	if p.is(LogoutIDToken) {
		typ = "JWT"
	}
	return p.signAs(typ, body), true
}

// FrontChannelQuery returns what the provider puts behind a client's front-channel address when a persona logs out
// (OpenID Connect Front-Channel Logout 1.0).
func (p *Provider) FrontChannelQuery(client, persona string) (url.Values, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	g, ok := p.sessions[client+" "+persona]
	if !ok {
		return nil, false
	}
	return url.Values{"iss": {p.issuer}, "sid": {g.session}}, true
}
