package postgrestest_test

import (
	"os"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/motcua/motcua/journal/postgres/postgrestest"
)

func TestMain(m *testing.M) { os.Exit(postgrestest.Run(m)) }

func TestDatabasesAreApart(t *testing.T) {
	for range 2 {
		conn, err := pgx.Connect(t.Context(), postgrestest.Database(t))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close(t.Context())
		if _, err := conn.Exec(t.Context(), `CREATE TABLE mine (n int)`); err != nil {
			t.Errorf("the database is not empty: %v", err)
		}
	}
}

// TestCrashAndStart shows that what a crash leaves comes back, and what was not committed does not.
func TestCrashAndStart(t *testing.T) {
	server := postgrestest.New(t, postgrestest.Config{})
	conn, err := pgx.Connect(t.Context(), server.TCP("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Exec(t.Context(), `CREATE TABLE kept (n int); INSERT INTO kept VALUES (1)`); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Exec(t.Context(), `BEGIN; INSERT INTO kept VALUES (2)`); err != nil {
		t.Fatal(err)
	}
	server.Crash()
	if _, err := conn.Exec(t.Context(), `SELECT 1`); err == nil {
		t.Error("a crashed server answers")
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	again, err := pgx.Connect(t.Context(), server.DSN("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close(t.Context())
	var sum int
	if err := again.QueryRow(t.Context(), `SELECT sum(n) FROM kept`).Scan(&sum); err != nil || sum != 1 {
		t.Errorf("got %d, %v, want the committed row alone", sum, err)
	}
}
