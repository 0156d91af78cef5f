package postgrestest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

const patience = 60 * time.Second // of a loaded machine

// Config holds what is optional of a throw-away server.
type Config struct {
	// Settings are further lines of postgresql.conf, such as "max_connections": "200".
	Settings map[string]string
	// StandbyOf makes the server a streaming replica of another.
	StandbyOf *Server
}

// Server is a throw-away PostgreSQL server.
type Server struct {
	Port int    // on 127.0.0.1
	Dir  string // holds the cluster in "data", the server's log in "log", and its Unix socket

	user    *user
	mu      sync.Mutex
	process *exec.Cmd
	exited  chan struct{}
}

// New makes a cluster and starts its server; tb's cleanup stops the one and removes the other.
func New(tb testing.TB, cfg Config) *Server {
	tb.Helper()
	Program(tb, "initdb")
	s, err := throwAway(cfg)
	if s != nil {
		tb.Cleanup(s.remove)
	}
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// throwAway returns a server also with an error, so that what is there of it can be removed.
func throwAway(cfg Config) (*Server, error) {
	dir, err := os.MkdirTemp("", "motcua-pg")
	if err != nil {
		return nil, err
	}
	s := &Server{Dir: dir, user: unprivileged()}
	return s, s.create(cfg)
}

// Start starts the server of the cluster in a folder, which it makes when it is not there. The caller stops it with
// [Server.Stop]. Without PostgreSQL: [ErrNotInstalled].
func Start(dir string, cfg Config) (*Server, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	s := &Server{Dir: dir, user: unprivileged()}
	if _, err := os.Stat(s.Data()); errors.Is(err, fs.ErrNotExist) {
		if _, err := program("initdb"); err != nil {
			return nil, err
		}
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, err
		}
		return s, s.create(cfg)
	}
	if s.Port, err = freePort(); err != nil {
		return nil, err
	}
	if err := s.configure(cfg); err != nil {
		return nil, err
	}
	return s, s.Start()
}

func (s *Server) create(cfg Config) (err error) {
	if s.Port, err = freePort(); err != nil {
		return err
	}
	if err := s.user.own(s.Dir); err != nil {
		return err
	}
	if cfg.StandbyOf != nil {
		_, err = s.Run("pg_basebackup", "-D", s.Data(), "-d", cfg.StandbyOf.DSN("postgres"), "-R", "-X", "stream", "-c", "fast")
	} else {
		_, err = s.Run("initdb", "-D", s.Data(), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync",
			"--data-checksums")
	}
	if err != nil {
		return err
	}
	if err := s.configure(cfg); err != nil {
		return err
	}
	return s.Start()
}

// Data is the folder of the cluster, to be damaged while the server is stopped.
func (s *Server) Data() string { return filepath.Join(s.Dir, "data") }

func (s *Server) configure(cfg Config) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "\nport = %d\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = '%s'\n", s.Port, s.socket())
	b.WriteString("max_connections = 120\nshared_buffers = '64MB'\nfsync = on\nsynchronous_commit = on\n" +
		"log_min_messages = warning\n")
	if cfg.StandbyOf != nil {
		name := "standby_" + strconv.Itoa(s.Port)
		fmt.Fprintf(&b, "primary_conninfo = '%s application_name=%s'\n", cfg.StandbyOf.DSN("postgres"), name)
	}
	for name, value := range cfg.Settings {
		fmt.Fprintf(&b, "%s = '%s'\n", name, strings.ReplaceAll(value, "'", "''"))
	}
	file, err := os.OpenFile(filepath.Join(s.Data(), "postgresql.auto.conf"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = file.Write(b.Bytes())
	return errors.Join(err, file.Close())
}

// socket is the folder of the Unix socket: none where the path would be longer than a socket's name may be.
func (s *Server) socket() string {
	if len(s.Dir) > 90 || strings.ContainsAny(s.Dir, `'\ `) {
		return ""
	}
	return s.Dir
}

// DSN connects to a database of the server through its Unix socket, or the loopback interface where it has none.
func (s *Server) DSN(database string) string {
	if s.socket() == "" {
		return s.TCP(database)
	}
	return fmt.Sprintf("host=%s port=%d user=postgres dbname=%s", s.Dir, s.Port, database)
}

// TCP connects to a database of the server through the loopback interface.
func (s *Server) TCP(database string) string {
	return fmt.Sprintf("host=127.0.0.1 port=%d user=postgres dbname=%s sslmode=disable", s.Port, database)
}

// Run runs one of PostgreSQL's programs as the server's user, such as "pg_dump", and returns its standard output.
func (s *Server) Run(name string, args ...string) ([]byte, error) {
	path, err := program(name)
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(path, args...)
	cmd.Dir = s.Dir
	s.user.become(cmd, false)
	out, err := cmd.Output()
	if err != nil {
		var failed *exec.ExitError
		if errors.As(err, &failed) {
			err = fmt.Errorf("%w: %s", err, failed.Stderr)
		}
		return nil, fmt.Errorf("postgrestest: %s: %w", name, err)
	}
	return out, nil
}

// Start starts a stopped server and waits until it takes connections.
func (s *Server) Start() error {
	path, err := program("postgres")
	if err != nil {
		return err
	}
	log, err := os.OpenFile(filepath.Join(s.Dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	cmd := exec.Command(path, "-D", s.Data())
	cmd.Stdout, cmd.Stderr, cmd.Dir = log, log, s.Dir
	s.user.become(cmd, true)
	if err := cmd.Start(); err != nil {
		return err
	}
	exited := make(chan struct{})
	go func() { _ = cmd.Wait(); close(exited) }()
	s.mu.Lock()
	s.process, s.exited = cmd, exited
	s.mu.Unlock()
	return s.await(exited)
}

func (s *Server) await(exited chan struct{}) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		conn, err := pgx.Connect(ctx, s.DSN("postgres"))
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-exited:
			return fmt.Errorf("postgrestest: the server ended: %s", s.log())
		case <-ctx.Done():
			return fmt.Errorf("postgrestest: the server does not answer: %w: %s", err, s.log())
		case <-tick.C:
		}
	}
}

// PID is the process every session of a running server descends from.
func (s *Server) PID() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.process.Process.Pid
}

// Stop shuts the server down in order ("fast").
func (s *Server) Stop() { s.signal(syscall.SIGINT) }

// Crash ends the server as pg_ctl stop -m immediate does: no checkpoint, recovery at the next start.
func (s *Server) Crash() { s.signal(syscall.SIGQUIT) }

func (s *Server) signal(sig os.Signal) {
	s.mu.Lock()
	process, exited := s.process, s.exited
	s.mu.Unlock()
	if process == nil {
		return
	}
	_ = process.Process.Signal(sig)
	select {
	case <-exited:
	case <-time.After(patience):
		_ = process.Process.Kill()
		<-exited
	}
}

// Promote makes a standby the primary and waits until it writes.
func (s *Server) Promote() error {
	_, err := s.Run("pg_ctl", "promote", "-D", s.Data(), "-w")
	return err
}

// remove crashes the server and deletes its folder.
func (s *Server) remove() {
	s.Crash()
	_ = os.RemoveAll(s.Dir)
}

func (s *Server) log() string {
	text, _ := os.ReadFile(filepath.Join(s.Dir, "log"))
	return string(text[max(0, len(text)-2000):])
}

func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}
