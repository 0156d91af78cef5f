package office

import (
	"crypto/rand"
	"strconv"
)

// formKey is a fresh idempotency key for one showing of a form: sent twice, the form is carried out once.
func formKey() string { return rand.Text() }

func itoa(n int) string { return strconv.Itoa(n) }
