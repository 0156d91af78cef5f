// Package enginetest decides whether a test that needs an outside engine (a browser, a PDF tool, a database server) runs,
// skips or fails. Only tests import it.
package enginetest

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// Need returns the path of an engine's program. Without the program the test skips with one line, or fails when the
// environment variable MOTCUA_REQUIRE is "all" or a comma-separated list that names the engine.
func Need(tb testing.TB, engine string) string {
	tb.Helper()
	path, err := exec.LookPath(engine)
	if err == nil {
		return path
	}
	if Required(engine) {
		tb.Fatalf("%s is not installed and MOTCUA_REQUIRE asks for it", engine)
	}
	tb.Skipf("%s is not installed; set MOTCUA_REQUIRE=all to make this a failure", engine)
	return ""
}

// Required reports whether MOTCUA_REQUIRE asks for the engine.
func Required(engine string) bool {
	wanted := strings.Split(os.Getenv("MOTCUA_REQUIRE"), ",")
	return slices.Contains(wanted, "all") || slices.Contains(wanted, engine)
}
