package postgres_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/motcua/motcua/internal/enginetest"
	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/journal/journaltest"
	"github.com/motcua/motcua/journal/postgres"
	"github.com/motcua/motcua/journal/postgres/postgrestest"
)

const bouncerConfig = `[databases]
postgres = host=%s port=%d dbname=postgres user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = %d
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 4
max_client_conn = 500
`

// bouncer starts pgbouncer in transaction mode with few sessions for many clients, and returns a DSN through it.
func bouncer(t *testing.T, server *postgrestest.Server) string {
	t.Helper()
	program := enginetest.Need(t, "pgbouncer")
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := listener.Addr().(*net.TCPAddr).Port
	listener.Close()
	file := filepath.Join(server.Dir, "pgbouncer.ini")
	config := fmt.Sprintf(bouncerConfig, server.Dir, server.Port, port)
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := server.Own(file); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "-q", file)
	server.Become(cmd)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	dsn := fmt.Sprintf("host=127.0.0.1 port=%d user=postgres dbname=postgres sslmode=disable", port)
	await(t, "pgbouncer", func() bool {
		conn, err := pgx.Connect(context.Background(), dsn)
		if err != nil {
			return false
		}
		return conn.Close(context.Background()) == nil
	})
	return dsn
}

func TestThroughPgbouncer(t *testing.T) {
	dsn := bouncer(t, postgrestest.New(t, postgrestest.Config{}))
	number := 0
	journaltest.Run(t, func(tb testing.TB) journal.Journal {
		number++
		return openAt(tb, dsn, postgres.Config{Migrate: true, Pooler: true, Schema: fmt.Sprintf("s%d", number)})
	}, journaltest.Config{})

	// More clients than sessions, of several processes as it were, on one journal.
	var done sync.WaitGroup
	for p := range 6 {
		j := openAt(t, dsn, postgres.Config{Pooler: true, Schema: "s1"})
		done.Go(func() {
			for i := range int64(40) {
				name := fmt.Sprintf("shared/process-%d", p)
				if _, err := j.Append(context.Background(), stream(t, name), i, noted(int(i))); err != nil {
					t.Errorf("process %d: %v", p, err)
					return
				}
			}
		})
	}
	done.Wait()
	verify(t, openAt(t, dsn, postgres.Config{Pooler: true, Schema: "s1", ReadOnly: true}))
}
