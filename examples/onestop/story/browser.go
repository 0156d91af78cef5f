package story

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/textproto"
	"net/url"
	"strings"
	"time"

	"golang.org/x/net/html"
)

// maxPage bounds what a story reads of one answer.
const maxPage = 32 << 20

// browser does what a person does without JavaScript: open pages, follow redirects, fill in forms and send them.
type browser struct {
	client *http.Client
	at     *url.URL // the page that is open
	page   *html.Node
	raw    []byte
	status int
	media  string
}

func newBrowser(base string) (*browser, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	at, err := url.Parse(base)
	return &browser{client: &http.Client{Jar: jar, Timeout: 30 * time.Second}, at: at}, err
}

// open goes to an address, relative to the page that is open.
func (b *browser) open(ctx context.Context, address string) error {
	target, err := b.at.Parse(address)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target.String(), nil)
	if err != nil {
		return err
	}
	return b.send(req)
}

func (b *browser) send(req *http.Request) error {
	resp, err := b.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if b.raw, err = io.ReadAll(io.LimitReader(resp.Body, maxPage)); err != nil {
		return err
	}
	b.at, b.status, b.media, b.page = resp.Request.URL, resp.StatusCode, resp.Header.Get("Content-Type"), nil
	if strings.HasPrefix(b.media, "text/html") {
		if b.page, err = html.Parse(bytes.NewReader(b.raw)); err != nil {
			return err
		}
	}
	if b.status >= 400 {
		return fmt.Errorf("%s: status %d: %s", b.at.Path, b.status, b.problems())
	}
	return nil
}

// problems is what the page says is wrong.
func (b *browser) problems() string {
	alert := find(b.page, func(n *html.Node) bool { return attr(n, "role") == "alert" })
	if alert == nil {
		return strings.TrimSpace(string(b.raw[:min(len(b.raw), 200)]))
	}
	return text(alert)
}

// upload is a file chosen in a form.
type upload struct {
	name  string
	media string
	data  []byte
}

// submit fills in the form whose action ends so and sends it. What the form holds already is sent along, as browsers do;
// fields that the form does not have are an error.
func (b *browser) submit(ctx context.Context, action string, fields map[string]string, files map[string]upload) error {
	form := find(b.page, func(n *html.Node) bool {
		return n.Data == "form" && strings.HasSuffix(attr(n, "action"), action) && holds(n, fields)
	})
	if form == nil {
		return fmt.Errorf("%s: there is no form %q with these fields", b.at.Path, action)
	}
	values := controls(form)
	for name, value := range fields {
		values.Set(name, value)
	}
	target, err := b.at.Parse(attr(form, "action"))
	if err != nil {
		return err
	}
	if attr(form, "method") != "post" {
		target.RawQuery = values.Encode()
		return b.open(ctx, target.String())
	}
	body, media, err := encode(form, values, files)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, target.String(), body)
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", media)
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.send(req)
}

func encode(form *html.Node, values url.Values, files map[string]upload) (io.Reader, string, error) {
	if attr(form, "enctype") != "multipart/form-data" {
		if len(files) > 0 {
			return nil, "", errors.New("the form takes no files")
		}
		return strings.NewReader(values.Encode()), "application/x-www-form-urlencoded", nil
	}
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for name, list := range values {
		for _, value := range list {
			if err := w.WriteField(name, value); err != nil {
				return nil, "", err
			}
		}
	}
	for name, file := range files {
		header := textproto.MIMEHeader{"Content-Disposition": {fmt.Sprintf(`form-data; name=%q; filename=%q`, name, file.name)},
			"Content-Type": {file.media}}
		part, err := w.CreatePart(header)
		if err != nil {
			return nil, "", err
		}
		if _, err := part.Write(file.data); err != nil {
			return nil, "", err
		}
	}
	return &body, w.FormDataContentType(), w.Close()
}

// holds reports whether a form has controls of all these names.
func holds(form *html.Node, fields map[string]string) bool {
	for name, value := range fields {
		control := find(form, func(n *html.Node) bool {
			return attr(n, "name") == name && (n.Data != "button" && attr(n, "type") != "radio" || attr(n, "value") == value)
		})
		if control == nil {
			return false
		}
	}
	return true
}

// controls are the values a form would send untouched.
func controls(form *html.Node) url.Values {
	values := url.Values{}
	walk(form, func(n *html.Node) {
		name := attr(n, "name")
		switch {
		case name == "":
		case n.Data == "input" && (attr(n, "type") == "radio" || attr(n, "type") == "checkbox"):
			if has(n, "checked") {
				values.Add(name, attr(n, "value"))
			}
		case n.Data == "input" && attr(n, "type") != "file":
			values.Set(name, attr(n, "value"))
		case n.Data == "textarea":
			values.Set(name, text(n))
		case n.Data == "select":
			if chosen := find(n, func(o *html.Node) bool { return o.Data == "option" && has(o, "selected") }); chosen != nil {
				values.Set(name, attr(chosen, "value"))
			}
		}
	})
	return values
}

// link returns the address of the first link whose address ends so.
func (b *browser) link(suffix string) (string, error) {
	n := find(b.page, func(n *html.Node) bool { return n.Data == "a" && strings.HasSuffix(attr(n, "href"), suffix) })
	if n == nil {
		return "", fmt.Errorf("%s: there is no link to %q", b.at.Path, suffix)
	}
	return attr(n, "href"), nil
}

// row returns the value beside a label in a list of rows.
func (b *browser) row(label string) string {
	var value string
	walk(b.page, func(n *html.Node) {
		if n.Data == "dt" && text(n) == label && value == "" {
			if dd := find(n.Parent, func(m *html.Node) bool { return m.Data == "dd" }); dd != nil {
				value = text(dd)
			}
		}
	})
	return value
}

func walk(n *html.Node, visit func(*html.Node)) {
	if n == nil {
		return
	}
	if n.Type == html.ElementNode {
		visit(n)
	}
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		walk(child, visit)
	}
}

func find(n *html.Node, match func(*html.Node) bool) *html.Node {
	var found *html.Node
	walk(n, func(m *html.Node) {
		if found == nil && match(m) {
			found = m
		}
	})
	return found
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	for _, a := range n.Attr {
		if a.Key == name {
			return true
		}
	}
	return false
}

// text is what a node says, with white space folded.
func text(n *html.Node) string {
	var b strings.Builder
	var collect func(*html.Node)
	collect = func(n *html.Node) {
		if n.Type == html.TextNode {
			b.WriteString(n.Data + " ")
		}
		for child := n.FirstChild; child != nil; child = child.NextSibling {
			collect(child)
		}
	}
	collect(n)
	return strings.Join(strings.Fields(b.String()), " ")
}
