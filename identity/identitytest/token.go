package identitytest

import (
	"crypto"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// grant is a code that was given out, and the access token it became.
type grant struct {
	request pending
	persona Persona
	at      time.Time
	expires time.Time
	used    bool
	access  string
	code    string
	session string // sid
	jkt     string // the key the tokens are bound to
	refresh string // the token that is good next
}

const maxRemembered = 50_000

func (p *Provider) token(w http.ResponseWriter, r *http.Request) {
	if p.breakToken(w, r) {
		return
	}
	if err := r.ParseForm(); err != nil {
		writeJSON(w, http.StatusBadRequest, map[string]any{"error": "invalid_request"})
		return
	}
	client, ok := p.authenticate(r)
	if !ok {
		w.Header().Set("WWW-Authenticate", `Basic realm="identitytest"`)
		writeJSON(w, http.StatusUnauthorized, map[string]any{"error": "invalid_client"})
		return
	}
	jkt, ok := p.checkProof(w, r, "")
	if !ok {
		return
	}
	var g *grant
	again := false
	switch r.PostForm.Get("grant_type") {
	case "authorization_code":
		g, ok = p.redeem(client, r.PostForm, jkt)
	case "refresh_token":
		again = true
		g, ok = p.renew(client, r.PostForm, jkt)
	default:
		writeJSON(w, http.StatusBadRequest, map[string]any{"error": "unsupported_grant_type"})
		return
	}
	if !ok || p.is(TokenError) || again && p.is(RefreshDenied) {
		writeJSON(w, http.StatusBadRequest, map[string]any{"error": "invalid_grant"})
		return
	}
	p.answer(w, client, g, again)
}

// answer hands out the tokens of a grant.
func (p *Provider) answer(w http.ResponseWriter, client Client, g *grant, again bool) {
	p.mu.Lock()
	answer := map[string]any{"access_token": g.access, "token_type": "Bearer", "expires_in": 1800, "scope": g.request.scope}
	if g.refresh != "" {
		answer["refresh_token"] = g.refresh
	}
	if g.jkt != "" && !p.playing(TokenUnbound) {
		answer["token_type"] = "DPoP"
	}
	p.mu.Unlock()
	if !p.is(NoIDToken) {
		token := p.idToken(g, again)
		if client.EncryptKey != nil && !p.is(NotEncrypted) {
			token = p.encrypt(client.EncryptKey, token)
		}
		answer["id_token"] = token
	}
	writeJSON(w, http.StatusOK, answer)
}

// renew takes a refresh token, once: each use brings a new one, and one that comes a second time is stolen and ends the
// grant (RFC 9700 section 4.14). A token bound to a key needs that key.
func (p *Provider) renew(client Client, form url.Values, jkt string) (*grant, bool) {
	token := form.Get("refresh_token")
	p.mu.Lock()
	defer p.mu.Unlock()
	g, known := p.refresh[token]
	if !known || g.request.client != client.ID || g.jkt != jkt {
		return nil, false
	}
	if token != g.refresh {
		delete(p.access, g.access)
		g.refresh = ""
		return nil, false
	}
	delete(p.access, g.access)
	g.access = random()
	p.access[g.access] = g
	if !p.playing(NoRotation) {
		g.refresh = random()
		p.refresh[g.refresh] = g
	}
	return g, true
}

// breakToken plays the faults that are not about the token's content.
func (p *Provider) breakToken(w http.ResponseWriter, r *http.Request) bool {
	switch {
	case p.is(Outage):
		http.Error(w, "unavailable", http.StatusServiceUnavailable)
	case p.is(Hang):
		_ = r.ParseForm() // only a request read to its end tells that the client has left
		<-r.Context().Done()
	case p.is(TokenRedirect):
		http.Redirect(w, r, p.base+"/elsewhere", http.StatusTemporaryRedirect)
	case p.is(TokenHuge):
		writeHuge(w)
	case p.is(TokenHTML):
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte("<html>error</html>"))
	default:
		return false
	}
	return true
}

// authenticate holds the client to its registered method and no other.
func (p *Provider) authenticate(r *http.Request) (Client, bool) {
	form := r.PostForm
	user, password, basic := r.BasicAuth()
	if basic {
		user, _ = url.QueryUnescape(user)
		password, _ = url.QueryUnescape(password)
		client, known := p.clients[user]
		return client, known && client.Auth == "client_secret_basic" && same(password, client.Secret) &&
			!form.Has("client_secret") && (!form.Has("client_id") || form.Get("client_id") == user)
	}
	client, known := p.clients[form.Get("client_id")]
	switch {
	case !known:
		return Client{}, false
	case client.Auth == "private_key_jwt":
		return client, p.checkAssertion(client, form)
	case client.Auth == "tls_client_auth": // RFC 8705 section 2
		key, ok := client.Key.(interface{ Equal(crypto.PublicKey) bool })
		return client, ok && r.TLS != nil && len(r.TLS.PeerCertificates) > 0 && key.Equal(r.TLS.PeerCertificates[0].PublicKey)
	}
	return client, client.Auth == "client_secret_post" && client.Secret != "" &&
		same(form.Get("client_secret"), client.Secret)
}

// redeem takes a code: of this client, once, within its minute, with the same address and the PKCE verifier. A code
// that comes twice is stolen, so the access token it gave is withdrawn (RFC 6749 section 4.1.2).
func (p *Provider) redeem(client Client, form url.Values, jkt string) (*grant, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	g, known := p.codes[form.Get("code")]
	if !known || g.request.client != client.ID {
		return nil, false
	}
	if g.used {
		delete(p.access, g.access)
		return nil, false
	}
	g.used = true
	challenge := sha256.Sum256([]byte(form.Get("code_verifier")))
	length := len(form.Get("code_verifier"))
	if !p.now().Before(g.expires) || form.Get("redirect_uri") != g.request.redirect ||
		length < 43 || length > 128 || !same(encode(challenge[:]), g.request.challenge) ||
		g.request.jkt != "" && g.request.jkt != jkt {
		return nil, false
	}
	g.jkt = jkt
	if slices.Contains(strings.Fields(g.request.scope), "offline_access") {
		if len(p.refresh) >= maxRemembered {
			clear(p.refresh)
		}
		g.refresh = random()
		p.refresh[g.refresh] = g
	}
	if len(p.access) >= maxRemembered {
		clear(p.access)
	}
	g.access = random()
	p.access[g.access] = g
	return g, true
}

func (p *Provider) userInfo(w http.ResponseWriter, r *http.Request) {
	scheme, access, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	p.mu.Lock()
	g, known := p.access[access]
	p.mu.Unlock()
	bearer := scheme == "Bearer" && known && g.jkt == ""
	if scheme == "DPoP" {
		jkt, ok := p.checkProof(w, r, access)
		if !ok {
			return
		}
		bearer = known && g.jkt == jkt
	}
	if !bearer || !known || p.now().After(g.at.Add(8*time.Hour)) || p.is(UserInfoFails) {
		w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`)
		writeJSON(w, http.StatusUnauthorized, map[string]any{"error": "invalid_token"})
		return
	}
	claims := p.claims(g)
	if p.is(UserInfoOtherSub) {
		claims["sub"] = "somebody-else"
	}
	if p.is(UserInfoConflict) {
		claims["SoDinhDanh"] = "001090000124"
	}
	client := p.clients[g.request.client]
	if !client.SignedUserInfo {
		writeJSON(w, http.StatusOK, claims)
		return
	}
	claims["iss"], claims["aud"] = p.issuer, client.ID
	if p.is(WrongAudience) {
		claims["aud"] = "other"
	}
	body, err := json.Marshal(claims)
	if err != nil {
		http.Error(w, "json", http.StatusInternalServerError)
		return
	}
	token := p.sign(body)
	if client.EncryptKey != nil {
		token = p.encrypt(client.EncryptKey, token)
	}
	w.Header().Set("Content-Type", "application/jwt")
	_, _ = w.Write([]byte(token)) // the client may be gone
}

// claims are what is said about the persona, with the faults about a person played.
func (p *Provider) claims(g *grant) map[string]any {
	claims := map[string]any{"sub": g.subject()}
	for name, value := range g.persona.Claims {
		claims[name] = value
	}
	if level, err := strconv.Atoi(p.level(g.persona.ACR)); err == nil { // VNeID says it twice
		claims["IAL"] = level
	}
	for fault, change := range map[Fault]func(){
		UnknownAccount: func() { claims["LoaiTaiKhoan"] = "7" },
		NumberAccount:  func() { claims["LoaiTaiKhoan"] = 1 },
		NoPersonID:     func() { claims["SoDinhDanh"] = "" },
		BadPersonID:    func() { claims["SoDinhDanh"] = "00109000012a" },
		WrongBirthDate: func() { claims["NgayThangNamSinh"] = "19910315" },
	} {
		if p.is(fault) {
			change()
		}
	}
	return claims
}

func (g *grant) subject() string {
	sum := sha256.Sum256([]byte("identitytest subject " + g.persona.ID))
	return encode(sum[:12])
}

func (p *Provider) logout(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	client := p.clients[query.Get("client_id")]
	hint := query.Get("id_token_hint")
	to := query.Get("post_logout_redirect_uri")
	switch {
	case hint != "" && !p.isOurs(hint):
		p.show(w, http.StatusBadRequest, page{Problem: "id_token_hint không do hệ thống này cấp."})
	case to != "" && slices.Contains(client.PostLogoutURLs, to):
		back := url.Values{}
		if state := query.Get("state"); state != "" {
			back.Set("state", state)
			p.redirect(w, r, to, back)
			return
		}
		http.Redirect(w, r, to, http.StatusSeeOther)
	case to != "":
		p.show(w, http.StatusBadRequest, page{Problem: "post_logout_redirect_uri chưa được đăng ký."})
	default:
		p.show(w, http.StatusOK, page{SignedOut: true})
	}
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
