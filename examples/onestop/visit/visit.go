// Package visit does what a person does at a browser without JavaScript: opens pages, follows redirects, fills forms in
// and sends them. Stories and tests use it.
package visit

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

// Browser is one visitor with cookies of its own. It is not safe for concurrent use.
type Browser struct {
	Client *http.Client
	// At, Page, Raw and Status are those of the page that is open; Page is nil unless it is HTML.
	At     *url.URL
	Page   *html.Node
	Raw    []byte
	Status int
}

// New returns a visitor who has not opened anything yet.
func New(base string) (*Browser, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	at, err := url.Parse(base)
	return &Browser{Client: &http.Client{Jar: jar, Timeout: 30 * time.Second}, At: at}, err
}

// Open goes to an address, relative to the page that is open.
func (b *Browser) Open(ctx context.Context, address string) error {
	target, err := b.At.Parse(address)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target.String(), nil)
	if err != nil {
		return err
	}
	return b.Send(req)
}

// Send sends a request of one's own making and opens what comes back. An answer of 400 and above is a *RefusedError.
func (b *Browser) Send(req *http.Request) error {
	resp, err := b.Client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if b.Raw, err = io.ReadAll(io.LimitReader(resp.Body, maxPage)); err != nil {
		return err
	}
	b.At, b.Status, b.Page = resp.Request.URL, resp.StatusCode, nil
	if strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html") {
		if b.Page, err = html.Parse(bytes.NewReader(b.Raw)); err != nil {
			return err
		}
	}
	if b.Status >= 400 {
		return &RefusedError{b.At.Path, b.Status, b.Problems()}
	}
	return nil
}

// RefusedError is a page that answers with an error: what a person would read on it.
type RefusedError struct {
	Path   string
	Status int
	Says   string
}

func (e *RefusedError) Error() string {
	return fmt.Sprintf("%s: status %d: %s", e.Path, e.Status, e.Says)
}

// Problems is what the page says is wrong.
func (b *Browser) Problems() string {
	alert := Find(b.Page, func(n *html.Node) bool { return Attr(n, "role") == "alert" })
	if alert == nil {
		return strings.TrimSpace(string(b.Raw[:min(len(b.Raw), 200)]))
	}
	return Text(alert)
}

// Upload is a file chosen in a form.
type Upload struct {
	Name  string
	Media string
	Data  []byte
}

// Submit fills in the form whose action ends so and sends it. What the form holds already is sent along, as browsers do;
// fields that the form does not have are an error.
func (b *Browser) Submit(ctx context.Context, action string, fields map[string]string, files map[string]Upload) error {
	form := Find(b.Page, func(n *html.Node) bool {
		return n.Data == "form" && strings.HasSuffix(Attr(n, "action"), action) && holds(n, fields)
	})
	if form == nil {
		return fmt.Errorf("%s: there is no form %q with these fields", b.At.Path, action)
	}
	values := controls(form)
	for name, value := range fields {
		values.Set(name, value)
	}
	target, err := b.At.Parse(Attr(form, "action"))
	if err != nil {
		return err
	}
	if Attr(form, "method") != "post" {
		target.RawQuery = values.Encode()
		return b.Open(ctx, target.String())
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
	return b.Send(req)
}

func encode(form *html.Node, values url.Values, files map[string]Upload) (io.Reader, string, error) {
	if Attr(form, "enctype") != "multipart/form-data" {
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
		header := textproto.MIMEHeader{"Content-Disposition": {fmt.Sprintf(`form-data; name=%q; filename=%q`, name, file.Name)},
			"Content-Type": {file.Media}}
		part, err := w.CreatePart(header)
		if err != nil {
			return nil, "", err
		}
		if _, err := part.Write(file.Data); err != nil {
			return nil, "", err
		}
	}
	return &body, w.FormDataContentType(), w.Close()
}

// holds reports whether a form has controls of all these names.
func holds(form *html.Node, fields map[string]string) bool {
	for name, value := range fields {
		control := Find(form, func(n *html.Node) bool {
			return Attr(n, "name") == name && (n.Data != "button" && Attr(n, "type") != "radio" || Attr(n, "value") == value)
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
	Walk(form, func(n *html.Node) {
		name := Attr(n, "name")
		switch {
		case name == "":
		case n.Data == "input" && (Attr(n, "type") == "radio" || Attr(n, "type") == "checkbox"):
			if Has(n, "checked") {
				values.Add(name, Attr(n, "value"))
			}
		case n.Data == "input" && Attr(n, "type") != "file":
			values.Set(name, Attr(n, "value"))
		case n.Data == "textarea":
			values.Set(name, Text(n))
		case n.Data == "select":
			if chosen := Find(n, func(o *html.Node) bool { return o.Data == "option" && Has(o, "selected") }); chosen != nil {
				values.Set(name, Attr(chosen, "value"))
			}
		}
	})
	return values
}

// Row returns the value beside a label in a list of rows.
func (b *Browser) Row(label string) string {
	var value string
	Walk(b.Page, func(n *html.Node) {
		if n.Data == "dt" && Text(n) == label && value == "" {
			if dd := Find(n.Parent, func(m *html.Node) bool { return m.Data == "dd" }); dd != nil {
				value = Text(dd)
			}
		}
	})
	return value
}

// Walk visits every element below n.
func Walk(n *html.Node, visit func(*html.Node)) {
	if n == nil {
		return
	}
	if n.Type == html.ElementNode {
		visit(n)
	}
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		Walk(child, visit)
	}
}

// Find returns the first element below n that matches, or nil.
func Find(n *html.Node, match func(*html.Node) bool) *html.Node {
	var found *html.Node
	Walk(n, func(m *html.Node) {
		if found == nil && match(m) {
			found = m
		}
	})
	return found
}

// Attr returns an attribute of an element, "" when it has none.
func Attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// Has reports whether an element has an attribute.
func Has(n *html.Node, name string) bool {
	for _, a := range n.Attr {
		if a.Key == name {
			return true
		}
	}
	return false
}

// Text is what a node says, with white space folded.
func Text(n *html.Node) string {
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

// IsElement matches elements of a name.
func IsElement(name string) func(*html.Node) bool {
	return func(n *html.Node) bool { return n.Data == name }
}

// Named matches controls of a name.
func Named(name string) func(*html.Node) bool {
	return func(n *html.Node) bool { return Attr(n, "name") == name }
}
