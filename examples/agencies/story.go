package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"time"

	"github.com/motcua/motcua/dossier"
	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/journal/jetstream"
	"github.com/motcua/motcua/journal/jetstream/jetstreamtest"
)

// story is the two wards and what connects them.
type story struct {
	*narrator
	size    int
	cluster *jetstreamtest.Cluster
	server  *http.Server
	asking  *asking
	asked   *asked

	agencies []*agency
}

// open starts a cluster of that many servers, and the two wards with it. The story is to be closed even after an error,
// when ctx has ended.
func open(ctx context.Context, out io.Writer, dir string, size int) (s *story, err error) {
	s = &story{narrator: newNarrator(out), size: size}
	if s.cluster, err = jetstreamtest.Start(filepath.Join(dir, "nats"), size); err != nil {
		return s, err
	}
	s.tell("Liên thông", fmt.Sprintf("cụm NATS JetStream %d máy chủ đã sẵn sàng", size))
	replicas := min(size, 3)
	one, err := openAgency(ctx, s.narrator, dir, "H26.35.12", "UBND phường Ví Dụ", s.cluster.URL(), replicas, consulted)
	if err != nil {
		return s, err
	}
	s.agencies = append(s.agencies, one)
	other, err := openAgency(ctx, s.narrator, dir, "H57.31.8", "UBND phường Minh Họa", s.cluster.URL(), replicas,
		answered)
	if err != nil {
		return s, err
	}
	s.agencies = append(s.agencies, other)
	key := rand.Text()
	if s.asking, err = newAsking(one, map[dossier.AgencyID]string{other.id: key}); err != nil {
		return s, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return s, err
	}
	mux := http.NewServeMux()
	mux.Handle("GET /consults/{dossier}/{version}", s.asking)
	s.server = &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = s.server.Serve(listener) }()
	s.asked = newAsked(other, "http://"+listener.Addr().String(), key)
	return s, nil
}

// play is the story itself.
func (s *story) play(ctx context.Context) error {
	if _, _, err := s.asked.listen(ctx, s.asking.source, consulted, s.asked.hear); err != nil {
		return err
	}
	inbox, stop, err := s.asking.listen(ctx, s.asked.source, answered, s.asking.hear)
	if err != nil {
		return err
	}
	d, err := s.asking.file(ctx)
	if err != nil {
		return err
	}
	if d, err = s.asking.consult(ctx, d, s.asked.id); err != nil {
		return err
	}
	if err := s.asked.await(ctx, s.asked.received); err != nil {
		return err
	}
	stream, err := s.asked.next(ctx)
	if err != nil {
		return err
	}
	if s.size >= 3 {
		if err := s.cluster.Stop(0); err != nil {
			return err
		}
		s.tell("Liên thông", s.cluster.Name(0)+" ngừng hoạt động; hai máy chủ còn lại giữ đủ sự kiện")
	}
	if err := s.asked.answer(ctx, stream, answer{To: s.asking.id, Dossier: d.ID, Version: d.Version, Outcome: noMarriage,
		Document: "07/UBND-HT"}); err != nil {
		return err
	}
	if err := s.asking.await(ctx, s.asking.entered); err != nil {
		return err
	}
	stop()
	if err := s.again(ctx, inbox); err != nil {
		return err
	}
	return s.verify(ctx)
}

// again has the opinion delivered a second time, as after a crash or by an operator who starts over.
func (s *story) again(ctx context.Context, inbox *jetstream.Inbox) error {
	if err := inbox.Reset(ctx, 0); err != nil {
		return err
	}
	_, stop, err := s.asking.listen(ctx, s.asked.source, answered, s.asking.hear)
	if err != nil {
		return err
	}
	defer stop()
	return s.asking.await(ctx, s.asking.entered)
}

// verify recomputes both journals and prints what travelled between the wards.
func (s *story) verify(ctx context.Context) error {
	for _, side := range []struct {
		a    *agency
		kind string
	}{{s.asking.agency, consulted}, {s.asked.agency, answered}} {
		sum, err := journal.Verify(ctx, side.a.journal)
		if err != nil {
			return err
		}
		inbox, err := jetstream.NewInbox(side.a.conn, "inspector", side.a.source, []string{"*"}, jetstream.InboxConfig{})
		if err != nil {
			return err
		}
		var sent []string
		for e, err := range inbox.Replay(ctx, 0) {
			if err != nil {
				return err
			}
			sent = append(sent, fmt.Sprintf("đã gửi %s %s (%d byte)", e.ID(), e.Kind, len(e.Body)))
		}
		s.tell(side.a.name, fmt.Sprintf("sổ theo dõi toàn vẹn: %d sự việc, %d luồng", sum.Facts, sum.Streams), sent...)
	}
	return nil
}

// Close ends everything, the cluster last.
func (s *story) Close() error {
	var errs []error
	if s.server != nil {
		errs = append(errs, s.server.Close())
	}
	for _, a := range s.agencies {
		errs = append(errs, a.Close())
	}
	if s.cluster != nil {
		errs = append(errs, s.cluster.Close())
	}
	return errors.Join(errs...)
}
