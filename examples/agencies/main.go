// Command agencies has two agencies exchange a step of a dossier, each with a journal of its own:
//
//	go run ./examples/agencies
//
// A ward asks another ward, in which the applicant lived before, for its opinion (lấy ý kiến); the other answers. Codes
// and dates travel as events over a NATS JetStream cluster that loses a server on the way. The question, which names a
// person, does not: the other ward fetches it from the asking one, which records who read it. Every step is printed; at
// the end both journals verify, and the opinion, delivered twice, is in the dossier once.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	flags := flag.NewFlagSet("agencies", flag.ExitOnError)
	servers := flags.Int("servers", 3, "size of the NATS cluster; of 3 one is stopped on the way")
	dir := flags.String("dir", "", "keep journals and streams in this new directory instead of a temporary one")
	_ = flags.Parse(os.Args[1:])
	if err := run(ctx, os.Stdout, *dir, *servers); err != nil {
		fmt.Fprintln(os.Stderr, "agencies:", err)
		os.Exit(1)
	}
}

// run plays the story below a directory, a temporary one if dir is empty.
func run(ctx context.Context, out io.Writer, dir string, servers int) error {
	if dir == "" {
		temporary, err := os.MkdirTemp("", "agencies")
		if err != nil {
			return err
		}
		defer os.RemoveAll(temporary)
		dir = temporary
	} else if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	s, err := open(ctx, out, dir, servers)
	if err == nil {
		err = s.play(ctx)
	}
	cancel()
	return errors.Join(err, s.Close())
}
