// Command verifier is a phone-first page that checks VN1 codes offline, and the same check on the command line.
//
//	go run ./examples/verifier                                 # a demonstration; open http://127.0.0.1:8090
//	go run ./examples/verifier -trust trust.json               # codes under a real trust list
//	go run ./examples/verifier -trust trust.json -check CODE   # text, or a picture of a code
//
// The page carries the verifier as WebAssembly, built from the same Go packages when the program starts; after the first
// visit it needs no network. Without JavaScript the server judges. Without -trust it invents an agency for this run, and
// prints a code that holds and one taken back. A trust.json comes from a story of examples/onestop.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"time"

	"github.com/motcua/motcua/examples/verifier/judge"
	"github.com/motcua/motcua/qr"
	"github.com/motcua/motcua/qr/scan"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	valid, err := run(ctx, os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "verifier:", err)
		os.Exit(2)
	}
	if !valid {
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) (valid bool, err error) {
	flags := flag.NewFlagSet("verifier", flag.ContinueOnError)
	addr := flags.String("addr", "127.0.0.1:8090", "where to listen")
	trust := flags.String("trust", "", "trust file; without one, a demonstration with an agency invented for this run")
	check := flags.String("check", "", "judge this text or picture and end")
	var status [][]byte
	flags.Func("status", "a signed status list; may be given more than once", func(path string) error {
		data, err := os.ReadFile(path)
		status = append(status, data)
		return err
	})
	lang := flags.String("lang", "vi", "vi or en")
	wasm := flags.String("wasm", "", "a WebAssembly build made before; default: build it now")
	if err := flags.Parse(args); err != nil {
		return false, err
	}
	if *trust == "" {
		if *check != "" || status != nil {
			return false, errors.New("-trust is required: a verdict rests on a stated trust list")
		}
		return true, demonstrate(ctx, os.Stdout, *addr, *wasm)
	}
	text, err := os.ReadFile(*trust)
	if err != nil {
		return false, err
	}
	if *check != "" {
		return checkOne(text, status, *check, *lang)
	}
	return true, serve(ctx, *addr, text, status, *wasm)
}

// demonstrate serves the page under a list made for this run.
func demonstrate(ctx context.Context, out io.Writer, addr, wasm string) error {
	d, err := newDemo(time.Now())
	if err != nil {
		return err
	}
	symbol, err := d.code.Symbol(qr.M)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "Cơ quan và khóa của lần chạy này chỉ để trình diễn.\n\nMã hợp lệ:\n%s\n%s\n\nMã đã bị thu hồi:\n%s\n\n",
		symbol.Terminal(), d.code.Text(), d.revoked.Text())
	return serve(ctx, addr, d.trust, d.status, wasm)
}

// checkOne judges on the command line.
func checkOne(trust []byte, status [][]byte, input, lang string) (bool, error) {
	verifier, err := newVerifier(trust, status)
	if err != nil {
		return false, err
	}
	if picture, err := os.Open(input); err == nil {
		defer picture.Close()
		texts, err := scan.ReadImage(picture, scan.Config{})
		if err != nil {
			return false, err
		}
		input = texts[0]
	}
	view := judge.Judge(verifier, input, lang, time.Now())
	out := json.NewEncoder(os.Stdout)
	out.SetIndent("", "  ")
	out.SetEscapeHTML(false)
	return view.Valid, out.Encode(view)
}

func serve(ctx context.Context, addr string, trust []byte, status [][]byte, prebuilt string) error {
	wasm, loader, err := program(ctx, prebuilt)
	if err != nil {
		return err
	}
	s, err := newServer(trust, status, wasm, loader, time.Now)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	fmt.Printf("Kiểm tra mã QR tại http://%s – WebAssembly %.1f MB\n", listener.Addr(), float64(len(wasm))/1e6)
	server := &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}
	defer context.AfterFunc(ctx, func() { _ = server.Close() })()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// program returns the WebAssembly build and the loader that belongs to the Go release.
func program(ctx context.Context, prebuilt string) (wasm, loader []byte, err error) {
	root, err := exec.CommandContext(ctx, "go", "env", "GOROOT").Output()
	if err != nil {
		return nil, nil, fmt.Errorf("go env: %w", err)
	}
	if loader, err = os.ReadFile(filepath.Join(strings.TrimSpace(string(root)), "lib", "wasm", "wasm_exec.js")); err != nil {
		return nil, nil, err
	}
	if prebuilt == "" {
		dir, err := os.MkdirTemp("", "verifier-")
		if err != nil {
			return nil, nil, err
		}
		defer os.RemoveAll(dir)
		prebuilt = filepath.Join(dir, "verifier.wasm")
		build := exec.CommandContext(ctx, "go", "build", "-ldflags=-s -w", "-o", prebuilt, "github.com/motcua/motcua/examples/verifier/wasm")
		build.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm", "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			return nil, nil, fmt.Errorf("build: %w: %s", err, out)
		}
	}
	wasm, err = os.ReadFile(prebuilt)
	return wasm, loader, err
}
