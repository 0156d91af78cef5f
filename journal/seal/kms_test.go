package seal_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/journal/seal"
	"github.com/motcua/motcua/journal/seal/sealtest"
)

// kms is an adapter of a key management service that speaks JSON over HTTP, as the usual ones do: what an agency writes.
type kms struct {
	client *http.Client
	url    string
}

var _ seal.Wrapper = (*kms)(nil)

type kmsMessage struct {
	Plaintext  []byte `json:"plaintext,omitempty"`
	Ciphertext []byte `json:"ciphertext,omitempty"`
	Context    []byte `json:"additionalAuthenticatedData"`
}

func (k *kms) Wrap(ctx context.Context, key, bound []byte) ([]byte, error) {
	answer, err := k.ask(ctx, "encrypt", kmsMessage{Plaintext: key, Context: bound})
	return answer.Ciphertext, err
}

func (k *kms) Unwrap(ctx context.Context, wrapped, bound []byte) ([]byte, error) {
	answer, err := k.ask(ctx, "decrypt", kmsMessage{Ciphertext: wrapped, Context: bound})
	return answer.Plaintext, err
}

func (k *kms) ask(ctx context.Context, act string, message kmsMessage) (answer kmsMessage, err error) {
	body, err := json.Marshal(message)
	if err != nil {
		return answer, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, k.url+"/"+act, bytes.NewReader(body))
	if err != nil {
		return answer, err
	}
	response, err := k.client.Do(request)
	if err != nil {
		return answer, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return answer, fmt.Errorf("kms: %s: %s", act, response.Status)
	}
	return answer, json.NewDecoder(io.LimitReader(response.Body, 64<<10)).Decode(&answer)
}

// newKMS starts the service, on a ring of its own, and counts what it is asked.
func newKMS(tb testing.TB) (*kms, *atomic.Int64) {
	tb.Helper()
	ring := must(seal.CreateKeyring(filepath.Join(tb.TempDir(), "ring")))(tb)
	asked := new(atomic.Int64)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		var message, answer kmsMessage
		err := json.NewDecoder(io.LimitReader(r.Body, 64<<10)).Decode(&message)
		switch {
		case err != nil:
		case r.URL.Path == "/encrypt":
			answer.Ciphertext, err = ring.Wrap(r.Context(), message.Plaintext, message.Context)
		default:
			answer.Plaintext, err = ring.Unwrap(r.Context(), message.Ciphertext, message.Context)
		}
		if err != nil {
			http.Error(w, "denied", http.StatusBadRequest)
			return
		}
		_ = json.NewEncoder(w).Encode(answer)
	}))
	tb.Cleanup(server.Close)
	return &kms{&http.Client{Timeout: 5 * time.Second}, server.URL}, asked
}

// TestKMS: a key management service is two methods, and is asked once for each subject, not once for each fact.
func TestKMS(t *testing.T) {
	sealtest.RunWrapper(t, func(tb testing.TB) seal.Wrapper { service, _ := newKMS(tb); return service })

	service, asked := newKMS(t)
	dir, below := t.TempDir(), journal.NewMemory()
	j := sealed(t, below, must(seal.OpenDir(dir, service, seal.DirConfig{}))(t))
	for n := range 9 {
		mustAppend(t, j, "dossier/1", int64(n), filed(n, nghia, secret))
	}
	load(t, j, "dossier/1")
	if got := asked.Load(); got != 1 {
		t.Errorf("asked %d times to write and read a dossier, want 1", got)
	}
	restarted := sealed(t, below, must(seal.OpenDir(dir, service, seal.DirConfig{}))(t))
	for range 3 {
		load(t, restarted, "dossier/1")
	}
	if got := asked.Load(); got != 2 {
		t.Errorf("asked %d times after a restart, want 2", got)
	}
	other, _ := newKMS(t) // with another wrapping key: nothing opens, and nothing looks erased
	_, err := journal.Load(t.Context(), sealed(t, below, must(seal.OpenDir(dir, other, seal.DirConfig{}))(t)), stream(t, "dossier/1"))
	if key, ok := errors.AsType[*seal.KeyError](err); !ok || key.Act != "unwrap" || errors.Is(err, seal.ErrErased) {
		t.Errorf("another service: got %v", err)
	}
}
