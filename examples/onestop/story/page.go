package story

import (
	_ "embed"
	"encoding/base64"
	"html/template"
	"io"
	"time"
)

//go:embed page.html
var pageHTML string

// WriteHTML writes the story as one page to look at, with its drawings and the QR code in it.
func (t *Told) WriteHTML(w io.Writer) error {
	page, err := template.New("story").Funcs(template.FuncMap{
		"minute":  func(at time.Time) string { return at.Format("02/01/2006 15:04") },
		"drawing": func(svg string) template.HTML { return template.HTML(svg) }, // drawn by the office itself
		"png": func(data []byte) template.URL {
			return template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(data))
		},
	}).Parse(pageHTML)
	if err != nil {
		return err
	}
	return page.Execute(w, t)
}
