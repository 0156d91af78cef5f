package office

import (
	"errors"
	"net/http"

	"github.com/motcua/motcua/dossier"
	"github.com/motcua/motcua/journal/seal"
)

// statusOf is the HTTP status that fits an error: what people can mend is theirs, the rest is ours.
func statusOf(err error) int {
	var tooLarge *http.MaxBytesError
	var l legible
	var f failure
	switch {
	case errors.As(err, &tooLarge):
		return http.StatusRequestEntityTooLarge
	case errors.Is(err, seal.ErrErased):
		return http.StatusGone
	case errors.Is(err, failure("sign.timestamp")):
		return http.StatusServiceUnavailable
	case errors.Is(err, dossier.ErrNotFound), errors.Is(err, errNoDraft):
		return http.StatusNotFound
	case errors.Is(err, dossier.ErrStale), errors.Is(err, errStale):
		return http.StatusConflict
	case errors.As(err, &l), errors.As(err, &f):
		return http.StatusUnprocessableEntity
	}
	return http.StatusInternalServerError
}
