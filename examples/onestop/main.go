// Command onestop is a whole one-stop office in one process: citizen pages, officer pages and a public check, on an
// embedded journal, with simulators of the outside world on loopback.
//
//	go run ./examples/onestop                        # open http://127.0.0.1:8080
//	go run ./examples/onestop -story copy -out out   # play a procedure without a browser
//
// A story prints each legal step and leaves in the -out directory result.pdf, qr.png, journal.db, roots.pem, trust.json
// and story.html, for examples/inspect to judge and people to look at.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"time"

	"github.com/motcua/motcua/examples/onestop/story"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "onestop:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("onestop", flag.ContinueOnError)
	addr := flags.String("addr", "127.0.0.1:8080", "where to listen")
	dir := flags.String("dir", "out/onestop", "data directory: journal, uploads, demonstration keys")
	settings := flags.String("settings", "", "JSON file that points simulators' places at real endpoints")
	play := flags.String("story", "", "play a procedure without a browser: "+story.Names())
	out := flags.String("out", "out", "where a story leaves its files")
	at := flags.String("at", "", "start the office's clock at this time (yyyy-mm-ddThh:mm) instead of now")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return nil
	} else if err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return errors.New("everything is said by flags: see -help")
	}
	if *play != "" {
		return playStory(ctx, *play, *out, *at)
	}
	clock, err := newClock(*at)
	if err != nil {
		return err
	}
	return serve(ctx, *addr, *dir, *settings, clock)
}

// serve runs the office until the process is interrupted.
func serve(ctx context.Context, addr, dir, settingsFile string, clock *clock) error {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	base := "http://" + listener.Addr().String()
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	house, err := openHouse(ctx, house{Dir: dir, URL: base, Settings: settingsFile, Now: clock.Now, Log: log})
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	defer house.Close()
	server := &http.Server{Handler: house.Office.Handler(), ReadHeaderTimeout: 10 * time.Second}
	stopped := context.AfterFunc(ctx, func() {
		grace, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = server.Shutdown(grace)
	})
	defer stopped()
	fmt.Printf("Một cửa đang mở tại   %s\nCán bộ đăng nhập tại  %s/staff\nKiểm tra giấy tờ tại  %s/verify\n", base, base, base)
	if note := clock.Note(); note != "" {
		fmt.Println(note)
	}
	fmt.Println("Dữ liệu trong", dir, "– dừng bằng Ctrl+C")
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
