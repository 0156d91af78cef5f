package identitytest

import (
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// pending is an authorization request that waits for somebody to choose a persona.
type pending struct {
	client                            string
	redirect, state, nonce, challenge string
	scope, jkt                        string
	expires                           time.Time
}

// authorize checks the request and shows the page. What is wrong with client or redirect address is said here and never
// sent to an address nobody registered.
func (p *Provider) authorize(w http.ResponseWriter, r *http.Request) {
	query, ok := p.takePushed(r.URL.Query())
	if !ok {
		p.show(w, http.StatusBadRequest, page{Problem: "Yêu cầu đăng nhập phải được gửi trước và còn hiệu lực."})
		return
	}
	client, known := p.clients[query.Get("client_id")]
	redirect := query.Get("redirect_uri")
	if !known || !slices.Contains(client.RedirectURLs, redirect) {
		p.show(w, http.StatusBadRequest, page{Problem: "client_id hoặc redirect_uri chưa được đăng ký."})
		return
	}
	if problem := checkRequest(query); problem != "" {
		p.redirect(w, r, redirect, url.Values{"error": {problem}, "state": {query.Get("state")}})
		return
	}
	id := random()
	p.mu.Lock()
	if len(p.pending) >= maxPending {
		clear(p.pending)
	}
	p.pending[id] = pending{
		client.ID, redirect, query.Get("state"), query.Get("nonce"), query.Get("code_challenge"),
		query.Get("scope"), query.Get("dpop_jkt"), p.now().Add(10 * time.Minute),
	}
	p.mu.Unlock()
	p.show(w, http.StatusOK, page{Request: id, Personas: p.offered(client), Action: p.base + p.paths.Authorization})
}

func checkRequest(query url.Values) string {
	for _, values := range query {
		if len(values) != 1 {
			return "invalid_request"
		}
	}
	switch {
	case query.Get("response_type") != "code":
		return "unsupported_response_type"
	case !slices.Contains(strings.Fields(query.Get("scope")), "openid"):
		return "invalid_scope"
	case query.Get("code_challenge_method") != "S256" || len(query.Get("code_challenge")) != 43:
		return "invalid_request"
	case len(query.Get("state")) < 16 || len(query.Get("nonce")) < 16 || query.Get("state") == query.Get("nonce"):
		return "invalid_request"
	}
	return ""
}

func (p *Provider) offered(client Client) []Persona {
	return slices.DeleteFunc(slices.Clone(p.personas), func(persona Persona) bool {
		return persona.Officer != client.Officers
	})
}

// choose ends the page: somebody signs in, or declines.
func (p *Provider) choose(w http.ResponseWriter, r *http.Request) {
	id := r.PostFormValue("request")
	p.mu.Lock()
	request, ok := p.pending[id]
	delete(p.pending, id)
	p.mu.Unlock()
	if !ok || !p.now().Before(request.expires) {
		p.show(w, http.StatusBadRequest, page{Problem: "Yêu cầu đăng nhập đã hết hạn hoặc đã được sử dụng."})
		return
	}
	back := url.Values{"state": {request.state}}
	if !p.is(NoResponseIssuer) && p.personality != VNeID {
		back.Set("iss", p.issuer)
	}
	if p.is(ResponseIssuer) {
		back.Set("iss", "https://other.example")
	}
	index := slices.IndexFunc(p.offered(p.clients[request.client]), func(persona Persona) bool {
		return persona.ID == r.PostFormValue("persona")
	})
	if index < 0 {
		back.Set("error", "access_denied")
		p.redirect(w, r, request.redirect, back)
		return
	}
	code := random()
	now := p.now()
	p.mu.Lock()
	if len(p.codes) >= maxPending {
		clear(p.codes)
	}
	g := &grant{
		request: request, persona: p.offered(p.clients[request.client])[index], at: now, expires: now.Add(time.Minute),
		code: code, session: random(),
	}
	p.codes[code] = g
	if len(p.sessions) >= maxPending {
		clear(p.sessions)
	}
	p.sessions[request.client+" "+g.persona.ID] = g
	p.mu.Unlock()
	back.Set("code", code)
	p.redirect(w, r, request.redirect, back)
}

func (p *Provider) redirect(w http.ResponseWriter, r *http.Request, to string, query url.Values) {
	separator := "?"
	if strings.Contains(to, "?") {
		separator = "&"
	}
	http.Redirect(w, r, to+separator+query.Encode(), http.StatusSeeOther)
}

// page is what the one template shows: a choice, or a problem, or that one is signed out.
type page struct {
	Request, Action, Problem string
	SignedOut                bool
	Personas                 []Persona
}

func (p *Provider) show(w http.ResponseWriter, status int, content page) {
	tmpl, err := template.New("page").Parse(pageHTML)
	if err != nil {
		http.Error(w, "template", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
	w.WriteHeader(status)
	_ = tmpl.Execute(w, content) // the client may be gone
}

const pageHTML = `<!doctype html>
<html lang="vi">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Đăng nhập (mô phỏng)</title>
<style>
body{font:1.125rem/1.5 "Be Vietnam Pro",system-ui,sans-serif;color:#0b0c0c;max-width:40rem;margin:0 auto;padding:1rem}
.note{border-left:.5rem solid #0b0c0c;padding:.5rem 1rem;background:#f3f2f1}
button{display:block;width:100%;min-height:44px;margin:.5rem 0;padding:.6rem 1rem;font:inherit;text-align:left;
background:#fff;color:#0b0c0c;border:2px solid #0b0c0c;cursor:pointer}
button:focus{outline:4px solid #ffbf47;outline-offset:0}
button.cancel{border-color:#505a5f;margin-top:1.5rem}
</style>
<main>
<h1>Đăng nhập</h1>
<p class="note"><strong>Đây là hệ thống mô phỏng.</strong> Mọi người trong danh sách đều do chương trình đặt ra.</p>
{{if .Problem}}<p role="alert">{{.Problem}}</p>
{{else if .SignedOut}}<p>Bạn đã đăng xuất khỏi hệ thống định danh mô phỏng.</p>
{{else}}<form method="post" action="{{.Action}}">
<input type="hidden" name="request" value="{{.Request}}">
<h2>Bạn muốn đăng nhập với tư cách ai?</h2>
{{range .Personas}}<button name="persona" value="{{.ID}}">{{.Label}}</button>
{{end}}<button class="cancel" name="persona" value="">Hủy đăng nhập</button>
</form>{{end}}
</main>
</html>
`
