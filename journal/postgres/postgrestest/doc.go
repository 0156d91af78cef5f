// Package postgrestest runs PostgreSQL servers for tests and demonstrations: clusters made with initdb, listening on a Unix
// socket and a loopback port, with fsync and synchronous_commit as a province would run them. As root they run as another
// user, since PostgreSQL refuses root. They ask nobody for a password and are not for production.
//
//	func TestMain(m *testing.M) { os.Exit(postgrestest.Run(m)) }    // stops the shared server at the end
//	dsn, schema := postgrestest.Schema(t)                            // an empty schema on the shared server
//	dsn := postgrestest.Database(t)                                  // an empty database, which costs more
//	server := postgrestest.New(t, postgrestest.Config{})             // a server of the test's own, to ill-treat
//	server, err := postgrestest.Start("out/postgres", …)             // outside tests: a cluster that stays
//
// The shared server is the one that MOTCUA_POSTGRES names (a DSN whose role may create databases), or a throw-away one.
// Where no PostgreSQL is installed the test skips, or fails when MOTCUA_REQUIRE asks for "postgres".
package postgrestest
