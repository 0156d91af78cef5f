package enginetest

import (
	"os"
	"testing"
)

// NPM returns the directory, named by an environment variable, in which an npm package is installed. Without it the test
// skips, or fails when MOTCUA_REQUIRE asks for the engine; "absent" says that this machine cannot have it.
func NPM(tb testing.TB, variable, name, engine string) string {
	tb.Helper()
	dir := os.Getenv(variable)
	switch {
	case dir == "" && Required(engine):
		tb.Fatalf("%s names no directory with the npm package %s, and MOTCUA_REQUIRE asks for it", variable, name)
	case dir == "" || dir == "absent":
		tb.Skipf("%s names no directory with the npm package %s", variable, name)
	}
	return dir
}
