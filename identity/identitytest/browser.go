package identitytest

import (
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
	"regexp"
)

// SignIn does what a person does at a browser: opens the application's login address, chooses a persona on the
// provider's page (an empty one declines) and is sent back. It returns the page where that ends; close its body. The
// client needs a cookie jar and must follow redirects.
func SignIn(client *http.Client, loginURL, persona string) (*http.Response, error) {
	if client.Jar == nil {
		return nil, errors.New("identitytest: sign in: the client has no cookie jar")
	}
	resp, err := client.Get(loginURL)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	_ = resp.Body.Close()
	if err != nil {
		return nil, err
	}
	request := regexp.MustCompile(`name="request" value="([^"]+)"`).FindSubmatch(text)
	action := regexp.MustCompile(`action="([^"]+)"`).FindSubmatch(text)
	if resp.StatusCode != http.StatusOK || request == nil || action == nil {
		return nil, fmt.Errorf("identitytest: sign in: no page of the provider, status %d", resp.StatusCode)
	}
	form := url.Values{"request": {string(request[1])}, "persona": {persona}}
	return client.PostForm(html.UnescapeString(string(action[1])), form)
}
