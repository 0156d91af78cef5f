package pgtest

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/motcua/motcua/internal/enginetest"
)

// Program returns the path of one of PostgreSQL's programs, such as "pgbench". Without it the test skips, or fails when
// MOTCUA_REQUIRE asks for "postgres".
func Program(tb testing.TB, name string) string {
	tb.Helper()
	return program(tb, name)
}

func program(tb testing.TB, name string) string {
	tb.Helper()
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	// Debian keeps the server's programs out of PATH, by version; the newest is the last.
	found, _ := filepath.Glob(filepath.Join("/usr/lib/postgresql/*/bin", name))
	slices.Sort(found)
	if len(found) > 0 {
		return found[len(found)-1]
	}
	if enginetest.Required("postgres") {
		tb.Fatalf("PostgreSQL's %s is not installed and MOTCUA_REQUIRE asks for it", name)
	}
	tb.Skipf("PostgreSQL's %s is not installed; set MOTCUA_REQUIRE=all to make this a failure", name)
	return ""
}

// External returns the DSN in MOTCUA_POSTGRES, empty when the tests start servers themselves.
func External() string { return os.Getenv("MOTCUA_POSTGRES") }
