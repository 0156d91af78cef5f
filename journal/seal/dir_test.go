package seal_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/motcua/motcua/journal/seal"
)

func TestKeyIsMadeOnce(t *testing.T) {
	keys := newSafe(t)
	stores := []safe{keys, keys.again(t), keys.again(t)}
	var mu sync.Mutex
	made := make(map[string]int)
	var all sync.WaitGroup
	for i := range 24 {
		all.Go(func() {
			key, err := stores[i%len(stores)].Current(t.Context(), nghia)
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			made[string(key.Reveal())]++
		})
	}
	all.Wait()
	if len(made) != 1 {
		t.Errorf("made %d keys, want 1", len(made))
	}
	other := must(keys.Current(t.Context(), vinh))(t)
	if made[string(other.Reveal())] != 0 {
		t.Error("two subjects have one key")
	}
}

func TestDestroy(t *testing.T) {
	keys := newSafe(t)
	far := keys.again(t)
	first := must(keys.Current(t.Context(), nghia))(t)
	if got := must(far.Key(t.Context(), nghia, first.ID()))(t); string(got.Reveal()) != string(first.Reveal()) {
		t.Fatal("another process reads another key")
	}
	for range 2 {
		if err := keys.Destroy(t.Context(), nghia); err != nil {
			t.Fatal(err)
		}
		for name, store := range map[string]safe{"here": keys, "elsewhere": far, "anew": keys.again(t)} {
			if _, err := store.Key(t.Context(), nghia, first.ID()); !errors.Is(err, seal.ErrErased) {
				t.Errorf("%s: got %v, want ErrErased", name, err)
			}
		}
	}
	if exists(keys.file(nghia, 1)) {
		t.Error("the wrapped key is still there")
	}
	second := must(far.Current(t.Context(), nghia))(t)
	if second.ID() == first.ID() || string(must(keys.Key(t.Context(), nghia, second.ID()))(t).Reveal()) != string(second.Reveal()) {
		t.Error("there is no new key after the destroyed one")
	}
}

// A file that a race or a crash has put back does not bring the key back.
func TestDestroyedStaysDestroyed(t *testing.T) {
	keys := newSafe(t)
	key := must(keys.Current(t.Context(), nghia))(t)
	file := keys.file(nghia, 1)
	kept := must(os.ReadFile(file))(t)
	if err := keys.Destroy(t.Context(), nghia); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, kept, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := keys.Key(t.Context(), nghia, key.ID()); !errors.Is(err, seal.ErrErased) {
		t.Errorf("got %v, want ErrErased", err)
	}
	if got := must(keys.Current(t.Context(), nghia))(t); got.ID() == key.ID() {
		t.Error("the destroyed key is in use again")
	}
	if n, err := keys.Rewrap(t.Context()); n != 0 || err != nil || exists(file) {
		t.Errorf("rewrap: %d, %v, and the file is there: %v", n, err, exists(file))
	}
}

// TestDestroyWhileRewrapping runs both at once, many times.
func TestDestroyWhileRewrapping(t *testing.T) {
	keys := newSafe(t)
	far := keys.again(t)
	for range 12 {
		key := must(keys.Current(t.Context(), nghia))(t)
		must(keys.ring.Rotate())(t)
		var both sync.WaitGroup
		both.Go(func() { must(far.Rewrap(t.Context()))(t) })
		both.Go(func() {
			if err := keys.Destroy(t.Context(), nghia); err != nil {
				t.Error(err)
			}
		})
		both.Wait()
		if _, err := far.Key(t.Context(), nghia, key.ID()); !errors.Is(err, seal.ErrErased) {
			t.Fatalf("got %v, want ErrErased", err)
		}
	}
	if live, err := filepath.Glob(filepath.Join(keys.path, "keys", "*", "*.[0-9]*")); err != nil || len(live) != 12 {
		t.Fatalf("got %d files, %v, want 12 marks", len(live), err)
	} else {
		for _, name := range live {
			if !strings.HasSuffix(name, ".gone") {
				t.Errorf("%s is left", filepath.Base(name))
			}
		}
	}
}

func TestRotation(t *testing.T) {
	keys := newSafe(t)
	subjects := []string{nghia, vinh, "subject-3", "subject-4"}
	before := make(map[string]seal.Key)
	for _, s := range subjects {
		before[s] = must(keys.Current(t.Context(), s))(t)
	}
	if err := keys.Destroy(t.Context(), "subject-4"); err != nil {
		t.Fatal(err)
	}
	backup := t.TempDir()
	if err := os.CopyFS(filepath.Join(backup, "keys"), os.DirFS(filepath.Join(keys.path, "keys"))); err != nil {
		t.Fatal(err)
	}
	if n := must(keys.Rewrap(t.Context()))(t); n != 0 {
		t.Errorf("rewrapped %d keys that were current", n)
	}
	number := must(keys.ring.Rotate())(t)
	if err := keys.ring.Retire(number); err == nil {
		t.Error("the current wrapping key was retired")
	}
	if n := must(keys.Rewrap(t.Context()))(t); n != 3 {
		t.Errorf("rewrapped %d keys, want 3", n)
	}
	if err := keys.ring.Retire(number - 1); err != nil {
		t.Fatal(err)
	}
	later := keys.again(t)
	for _, s := range subjects[:3] {
		got := must(later.Key(t.Context(), s, before[s].ID()))(t)
		if string(got.Reveal()) != string(before[s].Reveal()) {
			t.Errorf("%s has another key after the rotation", s)
		}
	}
	if _, err := later.Key(t.Context(), "subject-4", before["subject-4"].ID()); !errors.Is(err, seal.ErrErased) {
		t.Errorf("what was destroyed before: got %v", err)
	}
	old := openSafe(t, backup, later.ring, seal.DirConfig{})
	_, err := old.Key(t.Context(), nghia, before[nghia].ID())
	if key, ok := errors.AsType[*seal.KeyError](err); !ok || key.Act != "unwrap" || !errors.Is(err, seal.ErrNoKey) {
		t.Errorf("a backup under the retired wrapping key: got %v", err)
	}
}

// flaky is a wrapper without dates whose device goes away after some calls.
type flaky struct {
	*seal.Keyring
	left int
}

func (f *flaky) Wrap(ctx context.Context, key, bound []byte) ([]byte, error) {
	if f.left--; f.left < 0 {
		return nil, errAway
	}
	return f.Keyring.Wrap(ctx, key, bound)
}

func (f *flaky) IsCurrent() {} // hides the ring's own: this one cannot tell

func TestRotationBrokenOff(t *testing.T) {
	keys := newSafe(t)
	for _, s := range []string{"a", "b", "c", "d", "e"} {
		must(keys.Current(t.Context(), s))(t)
	}
	must(keys.ring.Rotate())(t)
	device := &flaky{keys.ring, 2}
	broken := must(seal.OpenDir(filepath.Join(keys.path, "keys"), device, seal.DirConfig{}))(t)
	if n, err := broken.Rewrap(t.Context()); n != 2 || !errors.Is(err, errAway) {
		t.Errorf("got %d, %v, want 2 and the device's error", n, err)
	}
	if n, err := keys.Rewrap(t.Context()); n != 3 || err != nil {
		t.Errorf("again: got %d, %v, want the other 3", n, err)
	}
	device.left = 99
	if n, err := broken.Rewrap(t.Context()); n != 5 || err != nil {
		t.Errorf("a wrapper that cannot tell: got %d, %v, want all 5", n, err)
	}
	device.left = 0
	if _, err := broken.Current(t.Context(), "new"); !errors.Is(err, errAway) || exists(keys.file("new", 1)) {
		t.Errorf("a key that cannot be wrapped: got %v", err)
	}
}

// A key's file belongs to its subject and place; a wrapped key belongs to its file.
func TestFilesSwapped(t *testing.T) {
	keys := newSafe(t)
	a, b := must(keys.Current(t.Context(), nghia))(t), must(keys.Current(t.Context(), vinh))(t)
	theirs := must(os.ReadFile(keys.file(vinh, 1)))(t)
	if err := os.WriteFile(keys.file(nghia, 1), theirs, 0o600); err != nil {
		t.Fatal(err)
	}
	keys = keys.again(t)
	if _, err := keys.Key(t.Context(), nghia, a.ID()); !errors.Is(err, seal.ErrNoKey) {
		t.Errorf("got %v, want ErrNoKey", err)
	}
	if _, err := keys.Key(t.Context(), nghia, b.ID()); err == nil || errors.Is(err, seal.ErrErased) {
		t.Errorf("another subject's key: got %v", err)
	}
}

func TestDamagedFiles(t *testing.T) {
	for _, test := range []struct{ name, content string }{
		{"empty", ""}, {"cut off", `{"version":1,"id":"00`}, {"zeros", strings.Repeat("\x00", 120)},
		{"newer", `{"version":2,"id":"000102030405060708090a0b0c0d0e0f","wrapped":"AAAA"}`},
		{"no ID", `{"version":1,"wrapped":"AAAA"}`}, {"no key", `{"version":1,"id":"000102030405060708090a0b0c0d0e0f"}`},
		{"huge", strings.Repeat(" ", 1<<20)},
		{"not wrapped here", `{"version":1,"id":"000102030405060708090a0b0c0d0e0f","wrapped":"AAAA"}`},
	} {
		for _, mark := range []bool{false, true} {
			keys := newSafe(t)
			key := must(keys.Current(t.Context(), nghia))(t)
			file := keys.file(nghia, 1)
			if mark {
				if test.name == "not wrapped here" || test.name == "no key" {
					continue // they are marks of a destroyed key
				}
				file += ".gone"
			}
			if err := os.WriteFile(file, []byte(test.content), 0o600); err != nil {
				t.Fatal(err)
			}
			keys = keys.again(t)
			for name, ask := range map[string]func() error{
				"current": func() error { _, err := keys.Current(t.Context(), nghia); return err },
				"key": func() error {
					id := key.ID()
					if test.name == "not wrapped here" {
						id = must(seal.ParseKeyID("000102030405060708090a0b0c0d0e0f"))(t)
					}
					_, err := keys.Key(t.Context(), nghia, id)
					return err
				},
			} {
				if _, ok := errors.AsType[*seal.KeyError](ask()); !ok {
					t.Errorf("%s, mark %v, %s: got %v, want *KeyError", test.name, mark, name, ask())
				}
			}
			if exists(keys.file(nghia, 2)) {
				t.Errorf("%s: a second key was made", test.name)
			}
		}
	}
}

func TestLeftovers(t *testing.T) {
	keys := newSafe(t)
	must(keys.Current(t.Context(), nghia))(t)
	left := filepath.Join(filepath.Dir(keys.file(nghia, 1)), "tmp-17")
	if err := os.WriteFile(left, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	must(keys.Rewrap(t.Context()))(t)
	if !exists(left) {
		t.Error("a file that is being written was removed")
	}
	later := openSafe(t, keys.path, keys.ring, seal.DirConfig{Now: func() time.Time { return time.Now().Add(time.Hour) }})
	must(later.Rewrap(t.Context()))(t)
	if exists(left) {
		t.Error("what a crash has left was not removed")
	}
}

func TestOpening(t *testing.T) {
	keys := newSafe(t)
	if _, err := seal.OpenDir("", keys.ring, seal.DirConfig{}); err == nil {
		t.Error("a key store nowhere")
	}
	if _, err := seal.OpenDir(t.TempDir(), nil, seal.DirConfig{}); err == nil {
		t.Error("a key store without a wrapper")
	}
	for _, path := range []string{t.TempDir(), filepath.Join(t.TempDir(), "nowhere")} {
		if _, err := seal.OpenKeyring(path); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("a ring that is not there: got %v", err)
		}
	}
	if _, err := seal.CreateKeyring(filepath.Join(keys.path, "ring")); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a ring that is there: got %v", err)
	}
	if err := os.WriteFile(filepath.Join(keys.path, "ring", "7.wrap"), []byte(`{"version":1,"key":"AAAA"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := seal.OpenKeyring(filepath.Join(keys.path, "ring")); err == nil {
		t.Error("a ring with a damaged key was opened")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := keys.Current(ctx, nghia); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: got %v", err)
	}
	for _, path := range []string{keys.file(nghia, 1), filepath.Join(keys.path, "ring", "1.wrap")} {
		must(keys.ring.Rotate())(t)
		if info, err := os.Stat(path); err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s can be read by others", filepath.Base(path))
		}
	}
}

func TestWrapperRefuses(t *testing.T) {
	ring := newSafe(t).ring
	key := make([]byte, 32)
	wrapped := must(ring.Wrap(t.Context(), key, []byte("context")))(t)
	if got := must(ring.Unwrap(t.Context(), wrapped, []byte("context")))(t); string(got) != string(key) {
		t.Error("got another key")
	}
	for i := range wrapped {
		edited := append([]byte{}, wrapped...)
		edited[i] ^= 1
		if _, err := ring.Unwrap(t.Context(), edited, []byte("context")); err == nil {
			t.Errorf("byte %d may change", i)
		}
	}
	if _, err := ring.Unwrap(t.Context(), wrapped, []byte("other")); err == nil {
		t.Error("unwrapped in another context")
	}
	if _, err := ring.Unwrap(t.Context(), wrapped[:20], []byte("context")); err == nil {
		t.Error("unwrapped what was cut off")
	}
	if _, err := ring.Wrap(t.Context(), key[:16], nil); err == nil {
		t.Error("wrapped a short key")
	}
}
