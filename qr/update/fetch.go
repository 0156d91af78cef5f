package update

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/motcua/motcua/internal/httpx"
)

// maxETag bounds the mark that a server gives a version; a longer one is not kept.
const maxETag = 200

// answer is what a server sent: nothing means "unchanged".
type answer struct {
	data []byte
	etag string
}

// fetch asks for a list, and with conditional only if it has changed since it was kept.
func (u *Updater) fetch(ctx context.Context, from, file string, conditional bool) (answer, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, from, nil)
	if err != nil {
		return answer{}, &FetchError{URL: from, Err: err}
	}
	if etag := u.etag(file, from); conditional && etag != "" {
		request.Header.Set("If-None-Match", etag)
	}
	response, err := u.client.Do(request)
	if err != nil {
		return answer{}, &FetchError{URL: from, Err: err}
	}
	defer response.Body.Close()
	switch {
	case response.StatusCode == http.StatusNotModified && conditional:
		return answer{}, nil
	case response.StatusCode != http.StatusOK:
		return answer{}, &FetchError{URL: from, Status: response.StatusCode}
	case response.Request != nil && response.Request.URL.String() != request.URL.String():
		return answer{}, &FetchError{URL: from, Status: response.StatusCode, Err: errors.New("the client was led elsewhere")}
	}
	data, err := httpx.ReadBody(response.Body, maxList)
	if err == nil && len(data) == 0 {
		err = errors.New("an empty body")
	}
	if err != nil {
		return answer{}, &FetchError{URL: from, Status: response.StatusCode, Err: err}
	}
	return answer{data: data, etag: response.Header.Get("ETag")}, nil
}

// etag returns the mark of the list in a file, if it came from the same address.
func (u *Updater) etag(file, from string) string {
	data, err := u.read(file + ".etag")
	if err != nil {
		return ""
	}
	where, etag, ok := strings.Cut(string(data), "\n")
	if !ok || where != from || !isETag(etag) {
		return ""
	}
	return etag
}

func isETag(s string) bool {
	return s != "" && len(s) <= maxETag && strings.IndexFunc(s, func(r rune) bool { return r < ' ' || r > '~' }) < 0
}

// read reads a file of the directory with a bound; one that is not there is ErrNoTrust.
func (u *Updater) read(name string) ([]byte, error) {
	f, err := os.Open(filepath.Join(u.dir, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNoTrust
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return httpx.ReadBody(f, maxList)
}

// keep writes a list that has been verified. The mark goes first and comes last: with a list but no mark the whole is
// fetched again, with a mark for another list a change would be missed.
func (u *Updater) keep(file, from string, a answer) error {
	mark := filepath.Join(u.dir, file+".etag")
	if err := os.Remove(mark); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := u.replace(file, a.data); err != nil {
		return err
	}
	if !isETag(a.etag) {
		return nil
	}
	return u.replace(file+".etag", []byte(from+"\n"+a.etag))
}

// replace writes a file whole or not at all.
func (u *Updater) replace(name string, data []byte) (err error) {
	f, err := os.CreateTemp(u.dir, name+".*.tmp")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = f.Close()
			_ = os.Remove(f.Name())
		}
	}()
	if _, err = f.Write(data); err != nil {
		return err
	}
	if err = f.Sync(); err != nil {
		return err
	}
	if err = f.Close(); err != nil {
		return err
	}
	if err = os.Rename(f.Name(), filepath.Join(u.dir, name)); err != nil {
		return err
	}
	// The name is on the disk when the directory is. Some systems cannot sync one; the rename has happened all the same.
	if d, openErr := os.Open(u.dir); openErr == nil {
		_ = d.Sync()
		_ = d.Close()
	}
	return nil
}
