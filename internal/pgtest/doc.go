// Package pgtest gives a test a PostgreSQL server of its own: throw-away clusters made with initdb in a temporary folder,
// listening on a Unix socket and a loopback port, with fsync and synchronous_commit as a province would run them. Only
// tests import it.
//
//	func TestMain(m *testing.M) { os.Exit(pgtest.Run(m)) }        // stops the shared server at the end
//	dsn := pgtest.Database(t)                                      // an empty database on the shared server
//	dsn, schema := pgtest.Schema(t)                                // an empty schema on it, which is cheaper
//	server := pgtest.New(t, pgtest.Config{}); server.Crash(t)      // a server of the test's own, to ill-treat
//
// The shared server is the one that MOTCUA_POSTGRES names (a DSN whose role may create databases), or a throw-away one.
// Where no PostgreSQL is installed the test skips, or fails when MOTCUA_REQUIRE asks for "postgres".
package pgtest
