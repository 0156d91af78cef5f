package jetstream_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/journal/jetstream"
	"github.com/motcua/motcua/journal/jetstream/jetstreamtest"
)

// TestWhatNATSLosesIsSentAgain takes from the servers what they had confirmed, as a power cut can, by putting back an
// older copy of their data. The same relay and the same inbox go on as if nothing had happened: the stream is whole
// again, and the listener, which had heard everything, hears nothing twice.
func TestWhatNATSLosesIsSentAgain(t *testing.T) {
	dir := t.TempDir()
	data, older := filepath.Join(dir, "data"), filepath.Join(dir, "older")
	cluster, err := jetstreamtest.Start(data, 1)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cluster.Close() })
	conn := connect(t, cluster.URL())
	source := parseSource(t, "H26.35.12")
	if err := jetstream.CreateStream(t.Context(), conn, source, one); err != nil {
		t.Fatal(err)
	}
	j := journal.NewMemory()
	var heard notes
	inbox := newInbox(t, conn, source, jetstream.InboxConfig{})
	listen(t, inbox, func(_ context.Context, e jetstream.Event) error { heard.add(e.Position); return nil })
	restart := func(change func() error) {
		t.Helper()
		if err := errors.Join(cluster.Stop(0), change(), cluster.Restart(0)); err != nil {
			t.Fatal(err)
		}
	}

	write(t, j, "a", "dossier.noted", 50)
	r, err := jetstream.NewRelay(j, conn, source, []string{"*"},
		jetstream.RelayConfig{Poll: 5 * time.Millisecond, Look: 50 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	start(t, r.Run)
	await(t, "fifty", func() bool { return len(heard.all()) == 50 })
	restart(func() error { return os.CopyFS(older, os.DirFS(data)) })
	write(t, j, "a", "dossier.noted", 50)
	await(t, "a hundred", func() bool { return len(heard.all()) == 100 })
	lose := func() error { return errors.Join(os.RemoveAll(data), os.CopyFS(data, os.DirFS(older))) }
	restart(lose)
	write(t, j, "a", "dossier.noted", 50)
	await(t, "a hundred and fifty", func() bool { return len(heard.all()) >= 150 })
	if got := heard.all(); !slices.Equal(got, upTo(1, 150)) {
		t.Errorf("got %v", got)
	}
	sameAsJournal(t, conn, source, j)
	restart(lose) // and nothing new to send that would show it
	await(t, "the stream to be whole", func() bool {
		info, err := streamInfo(conn, source)
		return err == nil && info.State.LastSeq == 150
	})
	sameAsJournal(t, conn, source, j)
}
