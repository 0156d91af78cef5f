package identitytest

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// pushed is an authorization request that waits for its browser.
type pushed struct {
	client  string
	query   url.Values
	expires time.Time
}

const pushedPrefix = "urn:ietf:params:oauth:request_uri:"

// push takes an authorization request from the client itself (RFC 9126).
func (p *Provider) push(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil || p.is(PARFails) {
		writeJSON(w, http.StatusBadRequest, map[string]any{"error": "invalid_request"})
		return
	}
	client, ok := p.authenticate(r)
	if !ok {
		writeJSON(w, http.StatusUnauthorized, map[string]any{"error": "invalid_client"})
		return
	}
	jkt, ok := p.checkProof(w, r, "")
	if !ok {
		return
	}
	query := url.Values{}
	for name, values := range r.PostForm {
		if name != "client_secret" && !strings.HasPrefix(name, "client_assertion") {
			query[name] = values
		}
	}
	bound := query.Get("dpop_jkt")
	if query.Has("request_uri") || !slices.Contains(client.RedirectURLs, query.Get("redirect_uri")) ||
		checkRequest(query) != "" || bound != "" && bound != jkt {
		writeJSON(w, http.StatusBadRequest, map[string]any{"error": "invalid_request"})
		return
	}
	reference := pushedPrefix + random()
	p.mu.Lock()
	if len(p.pushed) >= maxPending {
		clear(p.pushed)
	}
	p.pushed[reference] = pushed{client.ID, query, p.now().Add(time.Minute)}
	p.mu.Unlock()
	writeJSON(w, http.StatusCreated, map[string]any{"request_uri": reference, "expires_in": 60})
}

// takePushed returns the request a reference stands for: once, for its client, within its minute. Without a reference it
// is the query itself, unless the personality takes pushed requests only.
func (p *Provider) takePushed(query url.Values) (url.Values, bool) {
	reference := query.Get("request_uri")
	if reference == "" {
		return query, p.personality != FAPI2
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	got, ok := p.pushed[reference]
	delete(p.pushed, reference)
	return got.query, ok && got.client == query.Get("client_id") && p.now().Before(got.expires)
}
