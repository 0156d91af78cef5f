package postgres_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/motcua/motcua/internal/pgtest"
	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/journal/postgres"
)

// cut says what happens to the connection on which the next COMMIT is sent.
type cut int32

const (
	whole       cut = iota
	beforeSent      // the COMMIT never leaves
	beforeReply     // it is obeyed; the reply never arrives
	late            // the client's end is cut first, and the server hears of the COMMIT some time after
)

// cutter stands between the journal and the server and cuts connections.
type cutter struct {
	listener net.Listener
	server   *pgtest.Server
	next     atomic.Int32
	cuts     atomic.Int32
}

func newCutter(t *testing.T, server *pgtest.Server) *cutter {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &cutter{listener: listener, server: server}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			go c.serve(client)
		}
	}()
	return c
}

func (c *cutter) dsn(more string) string {
	return fmt.Sprintf("host=127.0.0.1 port=%d user=postgres dbname=postgres sslmode=disable %s",
		c.listener.Addr().(*net.TCPAddr).Port, more)
}

func (c *cutter) serve(client net.Conn) {
	defer client.Close()
	server, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", c.server.Port))
	if err != nil {
		return
	}
	defer server.Close()
	var muted atomic.Bool
	go func() {
		buffer := make([]byte, 64<<10)
		for {
			n, err := server.Read(buffer)
			if muted.Load() && n > 0 || err != nil { // the reply that never arrives
				client.Close()
				return
			}
			if _, err := client.Write(buffer[:n]); err != nil {
				return
			}
		}
	}()
	buffer := make([]byte, 64<<10)
	for {
		n, err := client.Read(buffer)
		if err != nil {
			return
		}
		how := whole
		if bytes.Contains(buffer[:n], []byte("COMMIT\x00")) {
			how = cut(c.next.Swap(int32(whole)))
		}
		if how != whole {
			c.cuts.Add(1)
		}
		switch how {
		case beforeSent:
			return
		case beforeReply:
			muted.Store(true)
		case late:
			client.Close()
			<-time.After(100 * time.Millisecond)
		}
		if _, err := server.Write(buffer[:n]); err != nil {
			return
		}
		if how == late {
			_, _ = io.Copy(io.Discard, server) // until the server has answered and hears that we are gone
			return
		}
	}
}

// TestConnectionCut cuts the connection around the commit of an append without command: it is there, and there once.
func TestConnectionCut(t *testing.T) {
	_, schema := pgtest.Schema(t)
	c := newCutter(t, pgtest.Shared(t))
	// Without prepared statements the cutter can read along.
	j := openAt(t, c.dsn("search_path="+schema), postgres.Config{Schema: schema, Migrate: true, Pooler: true})
	const n = 24
	for i := range n {
		c.next.Store(int32(i % 4))
		records := mustAppend(t, j, "dossier/1", int64(i), noted(i))
		if records[0].Position != int64(i+1) || records[0].Seq != int64(i+1) {
			t.Fatalf("append %d (cut %d) returned position %d, no. %d", i, i%4, records[0].Position, records[0].Seq)
		}
		c.next.Store(int32(whole))
	}
	if got := c.cuts.Load(); got != n*3/4 {
		t.Errorf("%d connections were cut, want %d", got, n*3/4)
	}
	if sum := verify(t, j); sum.Facts != n {
		t.Errorf("%d facts, want %d", sum.Facts, n)
	}
}

// load has writers append until stopped, each to a stream of its own and without commands, and returns how many appends
// each was told are written. An error is a failure: the journal rides out what happens meanwhile.
func load(t *testing.T, j *postgres.Journal, writers int, during func()) []int64 {
	t.Helper()
	counts := make([]int64, writers)
	var stop atomic.Bool
	var done sync.WaitGroup
	for w := range writers {
		name := stream(t, fmt.Sprintf("dossier/writer-%d", w))
		done.Go(func() {
			for !stop.Load() {
				if _, err := j.Append(context.Background(), name, counts[w], noted(int(counts[w]))); err != nil {
					t.Errorf("writer %d after %d: %v", w, counts[w], err)
					return
				}
				counts[w]++
			}
		})
	}
	during()
	stop.Store(true)
	done.Wait()
	return counts
}

// checkLoad wants every acknowledged append there, once and in its place, and nothing else.
func checkLoad(t *testing.T, j journal.Journal, counts []int64) {
	t.Helper()
	var total int64
	for w, count := range counts {
		records, err := journal.Load(t.Context(), j, stream(t, fmt.Sprintf("dossier/writer-%d", w)))
		if err != nil || int64(len(records)) != count {
			t.Errorf("writer %d: %d records, %v; %d were acknowledged", w, len(records), err, count)
		}
		for i, record := range records {
			if want := fmt.Sprintf(`{"n":%d}`, i); string(record.Body) != want {
				t.Fatalf("writer %d: no. %d holds %s", w, i+1, record.Body)
			}
		}
		total += count
	}
	if sum := verify(t, j); sum.Facts != total {
		t.Errorf("%d facts, %d were acknowledged", sum.Facts, total)
	}
	t.Logf("%d appends acknowledged", total)
}

func pause(d time.Duration) { <-time.After(d) }

// TestServerCrash stops the server as pg_ctl stop -m immediate does, again and again, with writers at work.
func TestServerCrash(t *testing.T) {
	crashes := 4
	if os.Getenv("MOTCUA_NIGHTLY") != "" {
		crashes = 100
	}
	server := pgtest.New(t, pgtest.Config{})
	j := openAt(t, server.DSN("postgres"), postgres.Config{Migrate: true, Retry: 2 * time.Minute})
	counts := load(t, j, 8, func() {
		for i := range crashes {
			pause(time.Duration(100+37*i%200) * time.Millisecond)
			server.Crash()
			server.Start(t)
		}
		pause(100 * time.Millisecond)
	})
	checkLoad(t, j, counts)
}

// TestBackendsKilled ends single sessions of the server, as an administrator or a failing pooler does.
func TestBackendsKilled(t *testing.T) {
	j := open(t)
	other := newPool(t, j.Pool().Config().ConnString())
	killed := 0
	counts := load(t, j, 8, func() {
		for range 25 {
			pause(15 * time.Millisecond)
			var n int
			err := other.QueryRow(t.Context(), `SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
				WHERE query LIKE '%' || $1 || '%' AND pid <> pg_backend_pid()`, schemaOf(j)+`".journal_`).Scan(&n)
			if err != nil {
				t.Error(err)
			}
			killed += n
		}
	})
	if killed == 0 {
		t.Error("no session was killed")
	}
	checkLoad(t, j, counts)
}

// TestPromotedReplica loses the primary for good and goes on with its synchronous replica.
func TestPromotedReplica(t *testing.T) {
	primary := pgtest.New(t, pgtest.Config{})
	openAt(t, primary.DSN("postgres"), postgres.Config{Migrate: true}).Close()
	standby := pgtest.New(t, pgtest.Config{StandbyOf: primary, Settings: map[string]string{"synchronous_standby_names": ""}})
	admin := newPool(t, primary.DSN("postgres"))
	execute(t, admin, `ALTER SYSTEM SET synchronous_standby_names = '*'`)
	execute(t, admin, `SELECT pg_reload_conf()`)
	await(t, "a synchronous replica", func() bool {
		var n int
		err := admin.QueryRow(t.Context(), `SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'`).Scan(&n)
		return err == nil && n == 1
	})
	both := fmt.Sprintf("host=%s,%s port=%d,%d user=postgres dbname=postgres target_session_attrs=read-write",
		primary.Dir, standby.Dir, primary.Port, standby.Port)
	j := openAt(t, both, postgres.Config{Retry: 2 * time.Minute})
	replica := openAt(t, standby.DSN("postgres"), postgres.Config{ReadOnly: true})
	counts := load(t, j, 8, func() {
		pause(400 * time.Millisecond)
		verify(t, replica) // a replica's tail has no holes either
		primary.Crash()
		standby.Promote(t)
		pause(400 * time.Millisecond)
	})
	checkLoad(t, j, counts)
	checkLoad(t, replica, counts)
}
