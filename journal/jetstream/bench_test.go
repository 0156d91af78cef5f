package jetstream_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	js "github.com/nats-io/nats.go/jetstream"

	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/journal/jetstream"
	"github.com/motcua/motcua/journal/jetstream/jetstreamtest"
)

// relayed is how many facts one turn of the benchmarks moves.
const relayed = 20_000

// BenchmarkRelay moves a journal of facts with bodies of 200 bytes to a stream, in turns with a peer:
// what somebody writes by hand with nats.go, asynchronous publishing of the same messages with an identifier each and
// no order to keep. The ratio is that of the times, below 1 when the relay is slower.
func BenchmarkRelay(b *testing.B) {
	j := journal.NewMemory()
	stream, err := journal.ParseStream("dossier/7f3a9c")
	if err != nil {
		b.Fatal(err)
	}
	for seq := int64(0); seq < relayed; seq += 50 {
		facts := make([]journal.Fact, 50)
		for i := range facts {
			facts[i] = journal.Fact{Kind: "dossier.noted", Actor: "officer-7", At: time.Unix(1_800_000_000, 0),
				Body: fmt.Appendf(nil, `{"n":%d,"text":"%0180d"}`, seq+int64(i), 0)}
		}
		if _, err := j.Append(b.Context(), stream, seq, facts...); err != nil {
			b.Fatal(err)
		}
	}
	for _, servers := range []int{1, 3} {
		b.Run(fmt.Sprintf("servers=%d", servers), func(b *testing.B) {
			cluster, err := jetstreamtest.Start(b.TempDir(), servers)
			if err != nil {
				b.Fatal(err)
			}
			defer cluster.Close()
			var ours, peer time.Duration
			for b.Loop() {
				began := time.Now()
				benchRelay(b, j, cluster.URL(), servers)
				middle := time.Now()
				benchPublish(b, j, cluster.URL(), servers)
				ours, peer = ours+middle.Sub(began), peer+time.Since(middle)
			}
			b.ReportMetric(float64(b.N)*relayed/ours.Seconds(), "facts/s")
			b.ReportMetric(float64(b.N)*relayed/peer.Seconds(), "by-hand/s")
			b.ReportMetric(peer.Seconds()/ours.Seconds(), "ratio")
		})
	}
}

func benchStream(b *testing.B, url string, servers int) (*nats.Conn, jetstream.Source) {
	conn := connect(b, url)
	source := parseSource(b, fmt.Sprintf("bench.%d", shared.last.Add(1)))
	if err := jetstream.CreateStream(b.Context(), conn, source, jetstream.StreamConfig{Replicas: servers}); err != nil {
		b.Fatal(err)
	}
	return conn, source
}

func benchRelay(b *testing.B, j journal.Journal, url string, servers int) {
	conn, source := benchStream(b, url, servers)
	defer deleteStream(b, conn, source)
	r, stop := relay(b, j, conn, source)
	await(b, "the relay", func() bool { return r.Position() == relayed })
	stop()
}

func benchPublish(b *testing.B, j journal.Journal, url string, servers int) {
	conn, source := benchStream(b, url, servers)
	defer deleteStream(b, conn, source)
	client, err := js.New(conn, js.WithPublishAsyncMaxPending(1024))
	if err != nil {
		b.Fatal(err)
	}
	for record, err := range j.Tail(b.Context(), 0) {
		if err != nil {
			b.Fatal(err)
		}
		event := jetstream.NewEvent(source, record)
		data, err := event.MarshalJSON()
		if err != nil {
			b.Fatal(err)
		}
		message := &nats.Msg{Subject: source.Subject(event.Kind), Data: data,
			Header: nats.Header{js.MsgIDHeader: {event.ID()}}}
		if _, err := client.PublishMsgAsync(message, js.WithStallWait(time.Minute)); err != nil {
			b.Fatal(err)
		}
	}
	<-client.PublishAsyncComplete()
}

// BenchmarkInbox hears a stream to the end, in turns with a peer: a durable consumer of nats.go with the same one event
// out at a time, which reads nothing and keeps no order of its own.
func BenchmarkInbox(b *testing.B) {
	const count = 2000
	conn, source, _ := filled(b, count)
	var ours, peer time.Duration
	for n := 0; b.Loop(); n++ {
		began := time.Now()
		inbox, err := jetstream.NewInbox(conn, fmt.Sprintf("ours-%d", n), source, []string{"*"}, jetstream.InboxConfig{})
		if err != nil {
			b.Fatal(err)
		}
		done := make(chan struct{})
		stop := listen(b, inbox, func(_ context.Context, e jetstream.Event) error {
			if e.Position == count {
				close(done)
			}
			return nil
		})
		<-done
		middle := time.Now()
		benchConsume(b, conn, source, fmt.Sprintf("peer-%d", n), count)
		ours, peer = ours+middle.Sub(began), peer+time.Since(middle)
		stop()
	}
	b.ReportMetric(float64(b.N)*count/ours.Seconds(), "events/s")
	b.ReportMetric(float64(b.N)*count/peer.Seconds(), "by-hand/s")
	b.ReportMetric(peer.Seconds()/ours.Seconds(), "ratio")
}

func benchConsume(b *testing.B, conn *nats.Conn, source jetstream.Source, name string, count int64) {
	client, err := js.New(conn)
	if err != nil {
		b.Fatal(err)
	}
	consumer, err := client.CreateConsumer(b.Context(), source.Stream(),
		js.ConsumerConfig{Durable: name, AckPolicy: js.AckExplicitPolicy, MaxAckPending: 1})
	if err != nil {
		b.Fatal(err)
	}
	var heard atomic.Int64
	done := make(chan struct{})
	consuming, err := consumer.Consume(func(m js.Msg) {
		if err := m.Ack(); err == nil && heard.Add(1) == count {
			close(done)
		}
	})
	if err != nil {
		b.Fatal(err)
	}
	<-done
	consuming.Stop()
}

func deleteStream(tb testing.TB, conn *nats.Conn, source jetstream.Source) {
	client, err := js.New(conn)
	if err == nil {
		err = client.DeleteStream(context.Background(), source.Stream())
	}
	if err != nil {
		tb.Error(err)
	}
}

// BenchmarkReplay reads a stream from its beginning.
func BenchmarkReplay(b *testing.B) {
	const count = 5000
	conn, source, _ := filled(b, count)
	for b.Loop() {
		if got := len(replay(b, conn, source, 0, "*")); got != count {
			b.Fatalf("got %d events", got)
		}
	}
	b.ReportMetric(float64(b.N)*count/b.Elapsed().Seconds(), "events/s")
}
