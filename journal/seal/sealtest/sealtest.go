// Package sealtest is what a key store and a wrapper must pass: the promises of [seal.KeyStore] and [seal.Wrapper],
// asked from outside. A vendor's adapter of an HSM, a key management service or a database runs it as ours do.
//
// The happy path is one call in the adapter's test:
//
//	func TestKeyStore(t *testing.T) { sealtest.RunKeyStore(t, open) }
//	func TestWrapper(t *testing.T)  { sealtest.RunWrapper(t, func(tb testing.TB) seal.Wrapper { … }) }
//
// Stable: the two functions. What they ask grows with the promises.
package sealtest

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/motcua/motcua/journal/seal"
)

// RunKeyStore asks every promise of the port of stores made by open. Each call of open gives two ways to one empty store,
// as two processes would have it.
func RunKeyStore(t *testing.T, open func(tb testing.TB) (here, there seal.KeyStore)) {
	for _, part := range []struct {
		name string
		ask  func(t *testing.T, here, there seal.KeyStore)
	}{
		{"made once", madeOnce}, {"kept", kept}, {"unknown", unknown}, {"destroyed", destroyed},
		{"destroyed while in use", destroyedInUse}, {"subjects", subjects}, {"cancelled", cancelled},
	} {
		t.Run(part.name, func(t *testing.T) {
			here, there := open(t)
			part.ask(t, here, there)
		})
	}
}

func current(t *testing.T, store seal.KeyStore, subject string) seal.Key {
	t.Helper()
	key, err := store.Current(context.Background(), subject)
	if err != nil {
		t.Fatalf("current: %v", err)
	}
	return key
}

func same(a, b seal.Key) bool { return a.ID() == b.ID() && bytes.Equal(a.Reveal(), b.Reveal()) }

// madeOnce asks for one subject's key from many sides at once.
func madeOnce(t *testing.T, here, there seal.KeyStore) {
	const rivals = 16
	keys := make([]seal.Key, rivals)
	var all sync.WaitGroup
	for i := range keys {
		store := here
		if i%2 == 1 {
			store = there
		}
		all.Go(func() {
			key, err := store.Current(context.Background(), "subject-1")
			if err != nil {
				t.Errorf("current: %v", err)
			}
			keys[i] = key
		})
	}
	all.Wait()
	for _, key := range keys {
		if !same(key, keys[0]) || key.ID() == (seal.KeyID{}) || bytes.Equal(key.Reveal(), make([]byte, 32)) {
			t.Fatal("a subject has two keys, or none")
		}
	}
}

func kept(t *testing.T, here, there seal.KeyStore) {
	one, two := current(t, here, "subject-1"), current(t, here, "subject-2")
	if one.ID() == two.ID() || bytes.Equal(one.Reveal(), two.Reveal()) {
		t.Error("two subjects share a key")
	}
	for range 2 {
		for _, store := range []seal.KeyStore{here, there} {
			if !same(current(t, store, "subject-1"), one) {
				t.Error("the current key has changed by itself")
			}
			if got, err := store.Key(context.Background(), "subject-2", two.ID()); err != nil || !same(got, two) {
				t.Errorf("the key is not the one that was made: %v", err)
			}
		}
	}
}

// unknown: what was never there is not taken for destroyed, and one subject's key is no other's.
func unknown(t *testing.T, here, there seal.KeyStore) {
	one := current(t, here, "subject-1")
	current(t, here, "subject-2")
	for name, ask := range map[string]func() (seal.Key, error){
		"no such subject":     func() (seal.Key, error) { return there.Key(context.Background(), "nobody", one.ID()) },
		"another's key":       func() (seal.Key, error) { return there.Key(context.Background(), "subject-2", one.ID()) },
		"no such key":         func() (seal.Key, error) { return here.Key(context.Background(), "subject-1", seal.KeyID{7}) },
		"in a store once hit": func() (seal.Key, error) { return here.Key(context.Background(), "subject-2", one.ID()) },
	} {
		if key, err := ask(); !errors.Is(err, seal.ErrNoKey) || errors.Is(err, seal.ErrErased) || key.ID() != (seal.KeyID{}) {
			t.Errorf("%s: got %v, want ErrNoKey and no key", name, err)
		}
	}
}

func destroyed(t *testing.T, here, there seal.KeyStore) {
	ctx := context.Background()
	if err := here.Destroy(ctx, "nobody"); err != nil {
		t.Errorf("a subject without keys: %v", err)
	}
	other := current(t, there, "subject-2")
	var gone []seal.Key
	for range 3 {
		key := current(t, there, "subject-1")
		for _, old := range gone {
			if key.ID() == old.ID() || bytes.Equal(key.Reveal(), old.Reveal()) {
				t.Fatal("a destroyed key is in use again")
			}
		}
		gone = append(gone, key)
		for range 2 {
			if err := here.Destroy(ctx, "subject-1"); err != nil {
				t.Fatalf("destroy: %v", err)
			}
		}
		for _, old := range gone {
			for name, store := range map[string]seal.KeyStore{"here": here, "there": there} {
				if got, err := store.Key(ctx, "subject-1", old.ID()); !errors.Is(err, seal.ErrErased) || got.ID() != (seal.KeyID{}) {
					t.Errorf("%s: got %v, want ErrErased and no key", name, err)
				}
			}
		}
	}
	if got, err := here.Key(ctx, "subject-2", other.ID()); err != nil || !same(got, other) {
		t.Errorf("another subject's key has gone with it: %v", err)
	}
}

// destroyedInUse destroys while others ask: whoever gets a key after Destroy has returned gets a new one.
func destroyedInUse(t *testing.T, here, there seal.KeyStore) {
	ctx := context.Background()
	for range 8 {
		before := current(t, there, "subject-1")
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				if _, err := there.Current(ctx, "subject-1"); err != nil {
					t.Errorf("current: %v", err)
				}
				if got, err := there.Key(ctx, "subject-1", before.ID()); !errors.Is(err, seal.ErrErased) && (err != nil || !same(got, before)) {
					t.Errorf("key: %v", err)
				}
			})
		}
		if err := here.Destroy(ctx, "subject-1"); err != nil {
			t.Fatal(err)
		}
		if got := current(t, there, "subject-1"); got.ID() == before.ID() {
			t.Error("the destroyed key is still current")
		}
		all.Wait()
	}
}

// subjects are any text the journal takes.
func subjects(t *testing.T, here, there seal.KeyStore) {
	seen := make(map[seal.KeyID]string)
	for _, subject := range []string{"a", "A", "a ", "../../a", "a/b", ".", "ệ", "e\u0323\u0302", `"'%;--`, "CON", strings.Repeat("x", 200),
		strings.Repeat("x", 199) + "y", "a\n"} {
		key := current(t, here, subject)
		if other, ok := seen[key.ID()]; ok {
			t.Errorf("%q and %q share a key", subject, other)
		}
		seen[key.ID()] = subject
		if got, err := there.Key(context.Background(), subject, key.ID()); err != nil || !same(got, key) {
			t.Errorf("%q: %v", subject, err)
		}
	}
}

func cancelled(t *testing.T, here, there seal.KeyStore) {
	key := current(t, here, "subject-1")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, currentErr := there.Current(ctx, "subject-1")
	_, keyErr := there.Key(ctx, "subject-1", key.ID())
	for name, err := range map[string]error{"current": currentErr, "key": keyErr, "destroy": there.Destroy(ctx, "subject-1")} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: got %v, want context.Canceled", name, err)
		}
	}
	if got, err := here.Key(context.Background(), "subject-1", key.ID()); err != nil || !same(got, key) {
		t.Errorf("after the cancelled calls: %v", err)
	}
}

// RunWrapper asks every promise of the port of wrappers made by open.
func RunWrapper(t *testing.T, open func(tb testing.TB) seal.Wrapper) {
	wrapper, ctx := open(t), context.Background()
	key, bound := []byte("0123456789abcdef0123456789abcdef"), []byte("context of one key")
	wrapped, err := wrapper.Wrap(ctx, bytes.Clone(key), bound)
	if err != nil {
		t.Fatalf("wrap: %v", err)
	}
	t.Run("back", func(t *testing.T) {
		for range 2 {
			if got, err := wrapper.Unwrap(ctx, bytes.Clone(wrapped), bound); err != nil || !bytes.Equal(got, key) {
				t.Errorf("unwrap: %v, and not the key", err)
			}
		}
	})
	t.Run("hidden", func(t *testing.T) {
		if bytes.Contains(wrapped, key[:8]) {
			t.Error("the key stands in clear in what wraps it")
		}
	})
	t.Run("changed", func(t *testing.T) {
		for i := range wrapped {
			edited := bytes.Clone(wrapped)
			edited[i] ^= 0x40
			if got, err := wrapper.Unwrap(ctx, edited, bound); err == nil && !bytes.Equal(got, key) {
				t.Errorf("byte %d: unwrapped to another key", i)
			}
		}
		for _, cut := range [][]byte{nil, wrapped[:len(wrapped)/2], wrapped[1:]} {
			if _, err := wrapper.Unwrap(ctx, cut, bound); err == nil {
				t.Errorf("unwrapped what was cut to %d bytes", len(cut))
			}
		}
	})
	t.Run("context", func(t *testing.T) {
		for _, other := range [][]byte{nil, []byte("context of another"), bound[:len(bound)-1], append(bytes.Clone(bound), 0)} {
			if _, err := wrapper.Unwrap(ctx, bytes.Clone(wrapped), other); err == nil {
				t.Errorf("unwrapped in the context %q", other)
			}
		}
	})
	t.Run("current", func(t *testing.T) {
		if dater, ok := wrapper.(seal.Dater); ok && !dater.IsCurrent(wrapped) {
			t.Error("what was just wrapped is not under the current key")
		}
	})
}
