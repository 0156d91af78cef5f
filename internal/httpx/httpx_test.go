package httpx_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/motcua/motcua/internal/httpx"
)

func TestReadBody(t *testing.T) {
	broken := errors.New("broken")
	tests := []struct {
		name  string
		body  io.Reader
		limit int64
		want  string
		err   error
	}{
		{"shorter", strings.NewReader("abc"), 4, "abc", nil},
		{"exactly the limit", strings.NewReader("abcd"), 4, "abcd", nil},
		{"one more", strings.NewReader("abcde"), 4, "", httpx.ErrTooLarge},
		{"endless", endless{}, 1 << 16, "", httpx.ErrTooLarge},
		{"empty under zero", strings.NewReader(""), 0, "", nil},
		{"negative limit", strings.NewReader(""), -1, "", httpx.ErrTooLarge},
		{"error of the reader", iotest.ErrReader(broken), 4, "", broken},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := httpx.ReadBody(tt.body, tt.limit)
			if string(got) != tt.want || !errors.Is(err, tt.err) {
				t.Fatalf("got %q, %v; want %q, %v", got, err, tt.want, tt.err)
			}
		})
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

func TestClientDoesNotFollowRedirects(t *testing.T) {
	followed := false
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/elsewhere" {
			followed = true
			return
		}
		http.Redirect(w, r, "/elsewhere", http.StatusFound)
	}))
	defer server.Close()
	resp, err := httpx.NewClient(time.Second).Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusFound || followed {
		t.Fatalf("status %d, followed %v; want the redirect itself", resp.StatusCode, followed)
	}
}

func TestClientTimesOut(t *testing.T) {
	hang := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-hang }))
	defer server.Close()
	defer close(hang)
	_, err := httpx.NewClient(30 * time.Millisecond).Get(server.URL)
	var timeout interface{ Timeout() bool }
	if !errors.As(err, &timeout) || !timeout.Timeout() {
		t.Fatalf("got %v, want a timeout", err)
	}
}
