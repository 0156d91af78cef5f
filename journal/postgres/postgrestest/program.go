package postgrestest

import (
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/motcua/motcua/internal/enginetest"
)

// ErrNotInstalled says that a program of PostgreSQL's server is not on this machine.
var ErrNotInstalled = errors.New("postgrestest: not installed")

// Program returns the path of one of PostgreSQL's programs, such as "pgbench". Without it the test skips, or fails when
// MOTCUA_REQUIRE asks for "postgres".
func Program(tb testing.TB, name string) string {
	tb.Helper()
	path, err := program(name)
	switch {
	case err == nil:
	case enginetest.Required("postgres"):
		tb.Fatalf("%v, and MOTCUA_REQUIRE asks for it", err)
	default:
		tb.Skipf("%v; set MOTCUA_REQUIRE=all to make this a failure", err)
	}
	return path
}

func program(name string) (string, error) {
	if path, err := exec.LookPath(name); err == nil {
		return path, nil
	}
	// Debian keeps the server's programs out of PATH, by version; the newest is the last.
	found, _ := filepath.Glob(filepath.Join("/usr/lib/postgresql/*/bin", name))
	slices.Sort(found)
	if len(found) == 0 {
		return "", fmt.Errorf("%w: PostgreSQL's %s", ErrNotInstalled, name)
	}
	return found[len(found)-1], nil
}
