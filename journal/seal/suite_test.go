package seal_test

import (
	"testing"

	"github.com/motcua/motcua/journal/seal"
	"github.com/motcua/motcua/journal/seal/sealtest"
)

func TestDirKeepsThePromises(t *testing.T) {
	for name, cfg := range map[string]seal.DirConfig{"cached": {}, "uncached": {Cache: -1}, "hardly cached": {Cache: 1}} {
		t.Run(name, func(t *testing.T) {
			sealtest.RunKeyStore(t, func(tb testing.TB) (seal.KeyStore, seal.KeyStore) {
				first := newSafe(tb)
				return openSafe(tb, first.path, first.ring, cfg), openSafe(tb, first.path, first.again(tb).ring, cfg)
			})
		})
	}
}

func TestKeyringKeepsThePromises(t *testing.T) {
	sealtest.RunWrapper(t, func(tb testing.TB) seal.Wrapper { return newSafe(tb).ring })
}
