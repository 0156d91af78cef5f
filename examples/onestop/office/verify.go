package office

import (
	"bytes"
	"errors"
	"io"
	"net/http"

	"github.com/motcua/motcua/qr/scan"
)

// maxVerify bounds what the public may hand over to be checked.
const maxVerify = 20 << 20

// verdictView is what the public check says.
type verdictView struct {
	Headline, Class string
	Reasons         []string
	Sections        []verdictSection
	Revisions       []revision
	Drawing         []byte
}

type verdictSection struct {
	Title, State, Class string
	Rows, Details       []verdictRow
	Changes             []changeLine
}

type verdictRow struct{ Label, Value string }

func (o *Office) verifyPage(w http.ResponseWriter, r *http.Request) {
	o.show(w, r, http.StatusOK, "verify", "verify.title", verdictView{})
}

func (o *Office) verify(w http.ResponseWriter, r *http.Request) {
	v, err := o.judgeUpload(w, r)
	if err != nil {
		o.show(w, r, statusOf(err), "verify", "verify.title", verdictView{}, problem{Field: "file", Text: o.explain(lang(r), err)})
		return
	}
	o.show(w, r, http.StatusOK, "verify", "verify.title", v)
}

func (o *Office) judgeUpload(w http.ResponseWriter, r *http.Request) (verdictView, error) {
	r.Body = http.MaxBytesReader(w, r.Body, maxVerify+maxForm)
	if err := r.ParseMultipartForm(8 << 20); err != nil {
		return verdictView{}, asUploadError(err)
	}
	defer func() { _ = r.MultipartForm.RemoveAll() }()
	upload, header, err := r.FormFile("file")
	if errors.Is(err, http.ErrMissingFile) || err == nil && header.Size == 0 {
		if text := r.PostFormValue("text"); text != "" {
			return o.judgeCode(lang(r), text), nil
		}
		return verdictView{}, failure("verify.nothing")
	}
	if err != nil {
		return verdictView{}, asUploadError(err)
	}
	defer upload.Close()
	head := make([]byte, 1024)
	n, err := io.ReadFull(upload, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return verdictView{}, err
	}
	switch head = head[:n]; {
	case bytes.Contains(head, []byte("%PDF-")):
		return o.judgePDF(r.Context(), lang(r), upload, header.Size)
	case http.DetectContentType(head) == "image/png", http.DetectContentType(head) == "image/jpeg":
		if _, err := upload.Seek(0, io.SeekStart); err != nil {
			return verdictView{}, err
		}
		texts, err := scan.ReadImage(upload, scan.Config{})
		if errors.Is(err, scan.ErrNotFound) {
			return verdictView{}, failure("verify.noqr")
		}
		if err != nil {
			return verdictView{}, err
		}
		return o.judgeCode(lang(r), texts[0]), nil
	}
	return verdictView{}, failure("verify.type")
}

func asUploadError(err error) error {
	if tooLarge := new(http.MaxBytesError); errors.As(err, &tooLarge) {
		return errors.Join(failure("error.toolarge"), err)
	}
	return errors.Join(failure("error.form"), err)
}
