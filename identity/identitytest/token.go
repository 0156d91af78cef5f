package identitytest

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"net/url"
	"slices"
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
	if r.PostForm.Get("grant_type") != "authorization_code" {
		writeJSON(w, http.StatusBadRequest, map[string]any{"error": "unsupported_grant_type"})
		return
	}
	g, ok := p.redeem(client, r.PostForm)
	if !ok || p.is(TokenError) {
		writeJSON(w, http.StatusBadRequest, map[string]any{"error": "invalid_grant"})
		return
	}
	answer := map[string]any{
		"access_token": g.access, "token_type": "Bearer", "expires_in": 1800, "scope": "openid",
	}
	if !p.is(NoIDToken) {
		answer["id_token"] = p.idToken(g)
	}
	writeJSON(w, http.StatusOK, answer)
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
	}
	return client, client.Auth == "client_secret_post" && client.Secret != "" &&
		same(form.Get("client_secret"), client.Secret)
}

// redeem takes a code: of this client, once, within its minute, with the same address and the PKCE verifier. A code
// that comes twice is stolen, so the access token it gave is withdrawn (RFC 6749 section 4.1.2).
func (p *Provider) redeem(client Client, form url.Values) (*grant, bool) {
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
		length < 43 || length > 128 || !same(encode(challenge[:]), g.request.challenge) {
		return nil, false
	}
	if len(p.access) >= maxRemembered {
		clear(p.access)
	}
	g.access = random()
	p.access[g.access] = g
	return g, true
}

func (p *Provider) userInfo(w http.ResponseWriter, r *http.Request) {
	access, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	p.mu.Lock()
	g, known := p.access[access]
	p.mu.Unlock()
	if !bearer || !known || p.now().After(g.at.Add(30*time.Minute)) || p.is(UserInfoFails) {
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
	writeJSON(w, http.StatusOK, claims)
}

// claims are what is said about the persona, with the faults about a person played.
func (p *Provider) claims(g *grant) map[string]any {
	claims := map[string]any{"sub": g.subject()}
	for name, value := range g.persona.Claims {
		claims[name] = value
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
