package postgrestest

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
)

// shared is the server that the tests of one binary share; it starts when the first of them asks.
var shared struct {
	mu     sync.Mutex
	server *Server
	count  int
}

// Run runs the tests and stops the shared server, for TestMain.
func Run(m *testing.M) int {
	defer func() {
		shared.mu.Lock()
		defer shared.mu.Unlock()
		if shared.server != nil {
			shared.server.remove()
		}
	}()
	return m.Run()
}

// Shared returns the throw-away server that the tests of one binary share. It does not look at MOTCUA_POSTGRES.
func Shared(tb testing.TB) *Server {
	tb.Helper()
	shared.mu.Lock()
	defer shared.mu.Unlock()
	Program(tb, "initdb")
	if shared.server == nil {
		s, err := throwAway(Config{})
		if err != nil {
			if s != nil {
				s.remove()
			}
			tb.Fatal(err)
		}
		shared.server = s
	}
	return shared.server
}

// Database returns the DSN of a new, empty database, which is dropped when tb ends.
func Database(tb testing.TB) string {
	tb.Helper()
	admin, name := prepare(tb, "CREATE DATABASE %s TEMPLATE template0 ENCODING 'UTF8'", "DROP DATABASE IF EXISTS %s WITH (FORCE)")
	return dsn(tb, admin, name)
}

// Schema returns a new, empty schema and a DSN whose search path is that schema; it is dropped when tb ends. It costs far
// less than a database.
func Schema(tb testing.TB) (dsn, schema string) {
	tb.Helper()
	admin, name := prepare(tb, "CREATE SCHEMA %s", "DROP SCHEMA IF EXISTS %s CASCADE")
	return admin + " search_path=" + name, name
}

// prepare runs a statement about a new name, and another one when tb ends.
func prepare(tb testing.TB, create, drop string) (admin, name string) {
	tb.Helper()
	if admin = External(); admin == "" {
		admin = Shared(tb).DSN("postgres")
	} else {
		admin = dsn(tb, admin, "")
	}
	shared.mu.Lock()
	shared.count++
	name = fmt.Sprintf("motcua_test_%d_%d", os.Getpid(), shared.count)
	shared.mu.Unlock()
	if err := execute(admin, fmt.Sprintf(create, name)); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = execute(admin, fmt.Sprintf(drop, name)) }) // or the server is gone, and all with it
	return admin, name
}

// dsn spells a connection string as words, so that more can be added, with another database if one is named.
func dsn(tb testing.TB, of, database string) string {
	tb.Helper()
	cfg, err := pgx.ParseConfig(of)
	if err != nil {
		tb.Fatal("MOTCUA_POSTGRES is not a connection string")
	}
	password := strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(cfg.Password)
	return fmt.Sprintf("host=%s port=%d user=%s password='%s' dbname=%s", cfg.Host, cfg.Port, cfg.User, password,
		cmp.Or(database, cfg.Database))
}

func execute(dsn, sql string) error {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, sql)
	return err
}

// External returns the DSN in MOTCUA_POSTGRES, empty when the tests start servers themselves.
func External() string { return os.Getenv("MOTCUA_POSTGRES") }
