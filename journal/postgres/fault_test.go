package postgres_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/journal/postgres"
	"github.com/motcua/motcua/journal/postgres/postgrestest"
)

// cut says what happens to the connection on which the next COMMIT is sent.
type cut int32

const (
	whole       cut = iota
	beforeSent      // the COMMIT never leaves
	beforeReply     // it is obeyed; the reply never arrives
	late            // the client's end is cut first, and the server hears of the COMMIT some time after
	held            // the COMMIT waits until the cutter is released
)

// cutter stands between the journal and the server and cuts connections.
type cutter struct {
	listener net.Listener
	server   *postgrestest.Server
	next     atomic.Int32
	cuts     atomic.Int32
	down     atomic.Bool // no new connections
	release  chan struct{}
}

func newCutter(t *testing.T, server *postgrestest.Server) *cutter {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &cutter{listener: listener, server: server, release: make(chan struct{})}
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
	if c.down.Load() {
		return
	}
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
		case held:
			<-c.release
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
	_, schema := postgrestest.Schema(t)
	c := newCutter(t, postgrestest.Shared(t))
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

// commanded is a fact that can safely be sent again.
func commanded(n int) journal.Fact {
	f := noted(n)
	f.Command = journal.NewCommand(fmt.Sprintf("key-%d", n))
	return f
}

// TestOutcomeUnknown has the caller leave, and the server vanish, while a commit is on its way. Sending the command again
// tells what became of it.
func TestOutcomeUnknown(t *testing.T) {
	_, schema := postgrestest.Schema(t)
	c := newCutter(t, postgrestest.Shared(t))
	j := openAt(t, c.dsn("search_path="+schema), postgres.Config{
		Schema: schema, Migrate: true, Pooler: true, Retry: 300 * time.Millisecond,
	})
	ctx, cancel := context.WithCancel(t.Context())
	c.next.Store(int32(held))
	left := make(chan error)
	go func() {
		_, err := j.Append(ctx, stream(t, "dossier/1"), 0, commanded(1))
		left <- err
	}()
	await(t, "a commit on its way", func() bool { return c.cuts.Load() == 1 })
	cancel()
	if err := <-left; !errors.Is(err, postgres.ErrUnknown) || !errors.Is(err, context.Canceled) {
		t.Errorf("the caller left: got %v, want ErrUnknown and context.Canceled", err)
	}
	close(c.release)
	if got := mustAppend(t, j, "dossier/1", 0, commanded(1)); got[0].Position != 1 {
		t.Errorf("sent again: position %d, want 1", got[0].Position)
	}

	c.next.Store(int32(beforeReply))
	go func() {
		_, err := j.Append(context.Background(), stream(t, "dossier/1"), 1, commanded(2))
		left <- err
	}()
	await(t, "a commit obeyed", func() bool { return c.cuts.Load() == 2 })
	c.down.Store(true)
	if err := <-left; err != nil && !errors.Is(err, postgres.ErrUnknown) { // it may have come through just before
		t.Errorf("the server vanished: got %v, want ErrUnknown", err)
	}
	if _, err := j.Append(t.Context(), stream(t, "dossier/2"), 0, commanded(3)); err != nil && !errors.Is(err,
		postgres.ErrUnavailable) {
		t.Errorf("no server: got %v, want ErrUnavailable", err)
	}
	c.down.Store(false)
	if got := mustAppend(t, j, "dossier/1", 0, commanded(2)); got[0].Position != 2 || got[0].Seq != 2 {
		t.Errorf("sent again: got position %d, want 2", got[0].Position)
	}
	mustAppend(t, j, "dossier/2", 0, commanded(3))
	if sum := verify(t, j); sum.Facts != 3 {
		t.Errorf("%d facts, want 3", sum.Facts)
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
	crashes := rounds(t, 3, 100)
	server := postgrestest.New(t, postgrestest.Config{})
	j := openAt(t, server.DSN("postgres"), postgres.Config{Migrate: true, Retry: 2 * time.Minute})
	counts := load(t, j, 8, func() {
		for i := range crashes {
			pause(time.Duration(100+37*i%200) * time.Millisecond)
			server.Crash()
			if err := server.Start(); err != nil {
				t.Fatal(err)
			}
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
	primary := postgrestest.New(t, postgrestest.Config{})
	openAt(t, primary.DSN("postgres"), postgres.Config{Migrate: true}).Close()
	standby := postgrestest.New(t, postgrestest.Config{StandbyOf: primary, Settings: map[string]string{"synchronous_standby_names": ""}})
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
	mistaken := openAt(t, standby.DSN("postgres"), postgres.Config{})
	if _, err := mistaken.Append(t.Context(), stream(t, "dossier/x"), 0, noted(1)); !errors.Is(err, postgres.ErrReadOnly) {
		t.Errorf("append on a replica: got %v, want ErrReadOnly", err)
	}
	counts := load(t, j, 8, func() {
		pause(400 * time.Millisecond)
		verify(t, replica) // a replica's tail has no holes either
		primary.Crash()
		if err := standby.Promote(); err != nil {
			t.Fatal(err)
		}
		pause(400 * time.Millisecond)
	})
	checkLoad(t, j, counts)
	checkLoad(t, replica, counts)
}

// TestTriedAgain has the server report serialization failures and deadlocks, as YugabyteDB does for conflicts.
func TestTriedAgain(t *testing.T) {
	for name, state := range map[string]string{"serialization failure": "40001", "deadlock": "40P01"} {
		t.Run(name, func(t *testing.T) {
			j := open(t)
			execute(t, j.Pool(), `CREATE SEQUENCE vendor_count`)
			execute(t, j.Pool(), `CREATE FUNCTION vendor_fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
				IF nextval('vendor_count') % 5 <> 0 THEN RAISE EXCEPTION 'again' USING ERRCODE = '`+state+`'; END IF;
				RETURN NEW; END $$`)
			execute(t, j.Pool(), `CREATE TRIGGER vendor BEFORE INSERT ON journal_fact FOR EACH ROW EXECUTE FUNCTION vendor_fail()`)
			for i := range 4 {
				mustAppend(t, j, "dossier/1", int64(i), noted(i))
			}
			if sum := verify(t, j); sum.Facts != 4 {
				t.Errorf("%d facts, want 4", sum.Facts)
			}
			_, err := j.WithTx(begin(t, j)).Append(t.Context(), stream(t, "dossier/1"), 4, noted(4))
			if err == nil || errors.Is(err, journal.ErrConflict) {
				t.Errorf("in the vendor's own transaction: got %v, want the server's failure", err)
			}
		})
	}
}

// TestCorruptedPage flips bytes in the file of the facts while the server is down. The cluster has checksums.
func TestCorruptedPage(t *testing.T) {
	server := postgrestest.New(t, postgrestest.Config{})
	j := openAt(t, server.DSN("postgres"), postgres.Config{Migrate: true, Retry: time.Second})
	for i := range 100 {
		f := noted(i)
		f.Private, f.Subject = bytes.Repeat([]byte{byte(i)}, 500), "subject-31"
		mustAppend(t, j, "dossier/1", int64(i), f)
	}
	var file string
	if err := j.Pool().QueryRow(t.Context(), `SELECT pg_relation_filepath('journal_fact_1')`).Scan(&file); err != nil {
		t.Fatal(err)
	}
	j.Close()
	server.Stop()
	path := filepath.Join(server.Data(), file)
	image, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	page := len(image) / 8192 / 2
	image[page*8192+5000] ^= 0xff
	if err := os.WriteFile(path, image, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	j = openAt(t, server.DSN("postgres"), postgres.Config{Retry: time.Second})
	_, err = journal.Verify(t.Context(), j)
	var broken *journal.BrokenError
	if !errors.As(err, &broken) || broken.Position < 2 || broken.Position > 99 {
		t.Fatalf("got %v, want *BrokenError with a position in the middle", err)
	}
	t.Logf("page %d of %d: %v", page, len(image)/8192, broken)
}

// TestRestoreDrill dumps one agency's schema while others write to it, restores it on another server, and wants the
// journal as it was at one moment: at least what was acknowledged before the dump, whole, and ready to go on.
func TestRestoreDrill(t *testing.T) {
	from, to := postgrestest.Shared(t), postgrestest.New(t, postgrestest.Config{})
	const schema = "drill"
	j := openAt(t, from.DSN("postgres")+" search_path="+schema, postgres.Config{Migrate: true, Schema: schema})
	var before journal.Summary
	var dump []byte
	counts := load(t, j, 4, func() {
		pause(200 * time.Millisecond)
		before = verify(t, j)
		var err error
		if dump, err = from.Run("pg_dump", "-n", schema, "-Fc", from.DSN("postgres")); err != nil {
			t.Fatal(err)
		}
		pause(100 * time.Millisecond)
	})
	checkLoad(t, j, counts)
	file := filepath.Join(to.Dir, "dump")
	if err := errors.Join(os.WriteFile(file, dump, 0o600), to.Own(file)); err != nil {
		t.Fatal(err)
	}
	if _, err := to.Run("pg_restore", "--exit-on-error", "-d", to.DSN("postgres"), file); err != nil {
		t.Fatal(err)
	}
	restored := openAt(t, to.DSN("postgres")+" search_path="+schema, postgres.Config{Schema: schema})
	after := verify(t, restored)
	if after.Facts < before.Facts {
		t.Errorf("%d facts were there before the dump, %d came back", before.Facts, after.Facts)
	}
	next, stop := iter.Pull2(j.Tail(t.Context(), 0))
	defer stop()
	for record, err := range restored.Tail(t.Context(), 0) {
		original, _, _ := next()
		if err != nil || record.Hash != original.Hash || record.Position != original.Position {
			t.Fatalf("position %d came back as another record: %v", record.Position, err)
		}
	}
	mustAppend(t, restored, "dossier/restored", 0, noted(1))
	guarded(t, restored)
	verify(t, restored)
	t.Logf("%d facts before the dump, %d in it", before.Facts, after.Facts)
}
