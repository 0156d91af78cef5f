package file_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/motcua/motcua/dossier/file"
)

// pdf makes a small sound file with padding before the table.
func pdf(padding int) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type/Pages/Kids[]/Count 0>>\nendobj\n")
	b.WriteString("%" + strings.Repeat("x", padding) + "\n")
	at := b.Len()
	fmt.Fprintf(&b, "xref\n0 3\n0000000000 65535 f \n0000000009 00000 n \n0000000056 00000 n \n")
	fmt.Fprintf(&b, "trailer\n<</Size 3/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", at)
	return b.Bytes()
}

// pdfStream has a cross-reference stream instead of a table.
func pdfStream() []byte {
	head := "%PDF-1.5\n"
	return fmt.Appendf(nil, "%s5 0 obj\n<</Type/XRef/Root 1 0 R/Size 6/W[1 2 1]/Length 0>>stream\n\nendstream\nendobj\nstartxref\n%d\n%%%%EOF",
		head, len(head))
}

func pixels(tb testing.TB, t file.Type, w, h int) []byte {
	tb.Helper()
	var b bytes.Buffer
	var err error
	img := image.NewGray(image.Rect(0, 0, w, h))
	if t == file.PNG {
		err = png.Encode(&b, img)
	} else {
		err = jpeg.Encode(&b, img, nil)
	}
	if err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

// hugePNG claims a size it does not carry.
func hugePNG(tb testing.TB) []byte {
	raw := pixels(tb, file.PNG, 4, 4)
	binary.BigEndian.PutUint32(raw[16:], 60000)
	binary.BigEndian.PutUint32(raw[20:], 60000)
	binary.BigEndian.PutUint32(raw[29:], crc32.ChecksumIEEE(raw[12:29]))
	return raw
}

func open(tb testing.TB) (*file.Store, string) {
	tb.Helper()
	dir := filepath.Join(tb.TempDir(), "uploads")
	store, err := file.OpenStore(dir, file.Config{})
	if err != nil {
		tb.Fatal(err)
	}
	return store, dir
}

// stored lists the files under a part of the store.
func stored(tb testing.TB, dir, part string) []string {
	tb.Helper()
	var list []string
	err := filepath.WalkDir(filepath.Join(dir, part), func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			list = append(list, path)
		}
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	return list
}

func Example() {
	dir, err := os.MkdirTemp("", "uploads")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	ctx := context.Background()
	store, err := file.OpenStore(dir, file.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	ref, err := store.Put(ctx, bytes.NewReader(pdf(0)), file.Spec{Types: []file.Type{file.PDF}})
	fmt.Println(ref.Type, ref.Size, err)
	_, err = store.Put(ctx, strings.NewReader("MZ not a document"), file.Spec{})
	var rejected *file.RejectedError
	if errors.As(err, &rejected) {
		fmt.Println(rejected.Code(), rejected.Text("vi"))
	}
	// Output:
	// application/pdf 222 <nil>
	// file.type Loại tệp này không được nhận. Vui lòng nộp tệp PDF, JPEG hoặc PNG.
}

func TestPutAndOpen(t *testing.T) {
	store, dir := open(t)
	for _, tt := range []struct {
		name string
		raw  []byte
		want file.Type
	}{
		{"PDF", pdf(0), file.PDF}, {"PDF over many reads", pdf(300_000), file.PDF},
		{"PDF with a cross-reference stream", pdfStream(), file.PDF},
		{"JPEG", pixels(t, file.JPEG, 64, 48), file.JPEG},
		{"JPEG with camera data behind it", append(pixels(t, file.JPEG, 8, 8), make([]byte, 100_000)...), file.JPEG},
		{"PNG", pixels(t, file.PNG, 64, 48), file.PNG},
	} {
		t.Run(tt.name, func(t *testing.T) {
			before := len(stored(t, dir, "objects"))
			ref, err := store.Put(t.Context(), iotest.OneByteReader(bytes.NewReader(tt.raw)), file.Spec{})
			if err != nil {
				t.Fatal(err)
			}
			sum := sha256.Sum256(tt.raw)
			if ref.Hash.String() != hex.EncodeToString(sum[:]) || ref.Size != int64(len(tt.raw)) || ref.Type != tt.want {
				t.Fatalf("%+v", ref)
			}
			if judged, err := file.Judge(bytes.NewReader(tt.raw), int64(len(tt.raw)), file.Spec{}); err != nil || judged != ref {
				t.Fatalf("judged: %+v, %v", judged, err)
			}
			again, err := store.Put(t.Context(), bytes.NewReader(tt.raw), file.Spec{})
			if err != nil || again != ref {
				t.Fatalf("again: %+v, %v", again, err)
			}
			if n := len(stored(t, dir, "objects")); n != before+1 {
				t.Fatalf("%d files stored for one content", n-before)
			}
			r, err := store.Open(t.Context(), ref.Hash)
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			got, err := io.ReadAll(r)
			if err != nil || !bytes.Equal(got, tt.raw) {
				t.Fatalf("%d bytes back, %v", len(got), err)
			}
		})
	}
	if left := stored(t, dir, "tmp"); len(left) != 0 {
		t.Errorf("temporary files left: %v", left)
	}
}

func TestPutRefuses(t *testing.T) {
	whole, wide := pdf(0), pixels(t, file.PNG, 400, 300)
	badSum := bytes.Clone(wide)
	badSum[40] ^= 1
	tests := []struct {
		name string
		raw  []byte
		spec file.Spec
		want file.Reason
	}{
		{"no bytes", nil, file.Spec{}, file.Empty},
		{"one byte too many", whole, file.Spec{MaxSize: int64(len(whole)) - 1}, file.TooLarge},
		{"a program", append([]byte("MZ"), make([]byte, 5000)...), file.Spec{}, file.WrongType},
		{"a text shorter than any signature", []byte("hi"), file.Spec{}, file.WrongType},
		{"a web page", []byte("<html><script>alert(1)</script>%PDF-1.7"), file.Spec{}, file.WrongType},
		{"a sound type that is not wanted here", wide, file.Spec{Types: []file.Type{file.PDF}}, file.WrongType},
		{"PDF in name only", []byte("%PDF-1.7\n" + strings.Repeat("hello ", 100)), file.Spec{}, file.Broken},
		{"PDF header alone", []byte("%PDF-"), file.Spec{}, file.Broken},
		{"PDF cut short", whole[:len(whole)-30], file.Spec{}, file.Broken},
		{"PDF whose table is elsewhere", bytes.Replace(whole, []byte("xref\n0 3"), []byte("yref\n0 3"), 1), file.Spec{}, file.Broken},
		{"PDF without a catalogue", bytes.Replace(whole, []byte("/Root"), []byte("/Toor"), 1), file.Spec{}, file.Broken},
		{"PDF with an offset outside", []byte("%PDF-1.7\nstartxref\n99999\n%%EOF"), file.Spec{}, file.Broken},
		{"PDF with a negative offset", []byte("%PDF-1.7\nstartxref\n-5\n%%EOF"), file.Spec{}, file.Broken},
		{"JPEG cut short", pixels(t, file.JPEG, 400, 300)[:700], file.Spec{}, file.Broken},
		{"JPEG header alone", []byte{0xFF, 0xD8, 0xFF, 0xE0}, file.Spec{}, file.Broken},
		{"PNG cut short", wide[:len(wide)-20], file.Spec{}, file.Broken},
		{"PNG with a flipped bit", badSum, file.Spec{}, file.Broken},
		{"too many pixels", wide, file.Spec{MaxPixels: 100_000}, file.TooWide},
		{"a size that is a bomb", hugePNG(t), file.Spec{}, file.TooWide},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			store, dir := open(t)
			_, err := store.Put(t.Context(), bytes.NewReader(tt.raw), tt.spec)
			var rejected *file.RejectedError
			if !errors.As(err, &rejected) || rejected.Reason != tt.want {
				t.Fatalf("got %v, want %s", err, tt.want)
			}
			if rejected.Text("vi") == "" || rejected.Text("en") == rejected.Text("vi") {
				t.Errorf("text %q", rejected.Text("vi"))
			}
			_, err = file.Judge(bytes.NewReader(tt.raw), int64(len(tt.raw)), tt.spec)
			if judged := new(file.RejectedError); !errors.As(err, &judged) || judged.Reason != tt.want {
				t.Errorf("Judge says %v, want %s", err, tt.want)
			}
			if n := len(stored(t, dir, "")); n != 0 {
				t.Errorf("%d files left", n)
			}
		})
	}
}

func TestPutStopsEarly(t *testing.T) {
	store, dir := open(t)
	src := &counting{Reader: io.LimitReader(zeros{}, 1<<40)}
	if _, err := store.Put(t.Context(), src, file.Spec{}); err == nil || src.n > 1<<20 {
		t.Errorf("%v after %d bytes of a wrong type", err, src.n)
	}
	src = &counting{Reader: io.MultiReader(strings.NewReader("%PDF-1.7 0123456789"), io.LimitReader(zeros{}, 1<<40))}
	if _, err := store.Put(t.Context(), src, file.Spec{MaxSize: 1 << 20}); err == nil || src.n > 1<<21 {
		t.Errorf("%v after %d bytes of an endless upload", err, src.n)
	}
	if _, err := store.Put(t.Context(), iotest.TimeoutReader(iotest.OneByteReader(bytes.NewReader(pdf(0)))), file.Spec{}); !errors.Is(err, iotest.ErrTimeout) {
		t.Errorf("broken connection: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := store.Put(ctx, bytes.NewReader(pdf(0)), file.Spec{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if left := stored(t, dir, ""); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestOpenFindsRot(t *testing.T) {
	store, dir := open(t)
	ref, err := store.Put(t.Context(), bytes.NewReader(pdf(1000)), file.Spec{})
	if err != nil {
		t.Fatal(err)
	}
	path := stored(t, dir, "objects")[0]
	rotten := pdf(1000)
	rotten[200] ^= 1
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, rotten, 0o600); err != nil {
		t.Fatal(err)
	}
	read := func() error {
		r, err := store.Open(t.Context(), ref.Hash)
		if err != nil {
			return err
		}
		defer r.Close()
		_, err = io.ReadAll(r)
		return err
	}
	if err := read(); !errors.Is(err, file.ErrCorrupt) {
		t.Fatalf("rotten file: %v", err)
	}
	if _, err := store.Put(t.Context(), bytes.NewReader(pdf(1000)), file.Spec{}); err != nil {
		t.Fatal(err)
	}
	if err := read(); err != nil {
		t.Fatalf("not healed by the next upload: %v", err)
	}
	unknown, err := file.ParseHash(strings.Repeat("0", 64))
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range []file.Hash{unknown, {}} {
		if _, err := store.Open(t.Context(), h); !errors.Is(err, file.ErrNotFound) {
			t.Errorf("unknown hash: %v", err)
		}
	}
}

func TestManyAtOnce(t *testing.T) {
	store, dir := open(t)
	var wg sync.WaitGroup
	for i := range 32 {
		wg.Go(func() {
			if _, err := store.Put(t.Context(), bytes.NewReader(pdf(i%4)), file.Spec{}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := len(stored(t, dir, "objects")); n != 4 {
		t.Errorf("%d files stored, want 4", n)
	}
}

// TestKill kills a process in the middle of an upload. What it leaves is one temporary file, and Sweep removes it.
func TestKill(t *testing.T) {
	if dir := os.Getenv("FILE_TEST_PUT"); dir != "" {
		store, err := file.OpenStore(dir, file.Config{})
		if err != nil {
			t.Fatal(err)
		}
		src := io.MultiReader(bytes.NewReader(pdf(0)[:200]), said{}, os.Stdin)
		_, err = store.Put(t.Context(), src, file.Spec{})
		t.Fatalf("put came back: %v", err)
	}
	store, dir := open(t)
	cmd := exec.Command(os.Args[0], "-test.run=^TestKill$")
	cmd.Env = append(os.Environ(), "FILE_TEST_PUT="+dir)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer stdin.Close()
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(stdout, make([]byte, 5)); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed: an error is what we want
	if n := len(stored(t, dir, "objects")); n != 0 {
		t.Errorf("%d half files have a name", n)
	}
	if n := len(stored(t, dir, "tmp")); n != 1 {
		t.Errorf("%d temporary files", n)
	}
	if n, err := store.Sweep(t.Context(), time.Now().Add(-time.Hour)); n != 0 || err != nil {
		t.Errorf("swept %d that may still be written, %v", n, err)
	}
	if n, err := store.Sweep(t.Context(), time.Now().Add(time.Hour)); n != 1 || err != nil {
		t.Errorf("swept %d, %v", n, err)
	}
}

func TestMemoryIsConstant(t *testing.T) {
	store, _ := open(t)
	big := pdf(32 << 20)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := store.Put(t.Context(), bytes.NewReader(big), file.Spec{MaxSize: 64 << 20}); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; used > 1<<20 {
		t.Errorf("%d bytes allocated for an upload of %d", used, len(big))
	}
}

func TestRefJSON(t *testing.T) {
	store, _ := open(t)
	ref, err := store.Put(t.Context(), bytes.NewReader(pdf(0)), file.Spec{})
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(ref)
	if err != nil {
		t.Fatal(err)
	}
	var back file.Ref
	if err := json.Unmarshal(raw, &back); err != nil || back != ref {
		t.Fatalf("%s: %v", raw, err)
	}
	if err := json.Unmarshal([]byte(`{"hash":"../../etc/passwd"}`), &back); err == nil {
		t.Error("a path passed as a hash")
	}
	if _, err := store.Put(t.Context(), bytes.NewReader(pdf(0)), file.Spec{Types: []file.Type{"text/html"}}); err == nil {
		t.Error("a type nobody can judge was allowed")
	}
}

func TestCleanName(t *testing.T) {
	for in, want := range map[string]string{
		"Giấy chứng sinh.pdf": "Giấy chứng sinh.pdf", "../../etc/passwd": "passwd", `C:\Users\x\cmnd.jpg`: "cmnd.jpg",
		".htaccess": "htaccess", "a\x00b\u202Egpj.exe": "abgpj.exe", "  ": "", "..": "",
		"Gia\u0302\u0301y.pdf": "Giấy.pdf", strings.Repeat("đ", 300) + ".pdf": strings.Repeat("đ", 116) + ".pdf",
	} {
		if got := file.CleanName(in); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
}

func FuzzParseHash(f *testing.F) {
	f.Add(strings.Repeat("0a", 32))
	f.Add("..")
	f.Fuzz(func(t *testing.T, s string) {
		h, err := file.ParseHash(s)
		if err == nil && h.String() != s {
			t.Fatalf("%q comes back as %q", s, h)
		}
	})
}

func FuzzPut(f *testing.F) {
	f.Add(pdf(0))
	f.Add(pdfStream())
	f.Add(pixels(f, file.PNG, 4, 4))
	f.Add(pixels(f, file.JPEG, 4, 4))
	f.Add([]byte("%PDF-1.7\nstartxref\n5\n%%EOF"))
	dir := f.TempDir()
	store, err := file.OpenStore(dir, file.Config{})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		ref, err := store.Put(t.Context(), bytes.NewReader(raw), file.Spec{})
		var rejected *file.RejectedError
		if err != nil {
			if !errors.As(err, &rejected) {
				t.Fatal(err)
			}
			return
		}
		r, err := store.Open(t.Context(), ref.Hash)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, raw) {
			t.Fatalf("%d of %d bytes back, %v", len(got), len(raw), err)
		}
	})
}

func BenchmarkPut1MiB(b *testing.B) {
	store, _ := open(b)
	raw := pdf(1 << 20)
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		binary.LittleEndian.PutUint64(raw[1000:], uint64(i))
		if _, err := store.Put(b.Context(), bytes.NewReader(raw), file.Spec{}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkPlain1MiB is the peer: write, hash, rename, and no sync at all, which is what a directory driver without
// durability does.
func BenchmarkPlain1MiB(b *testing.B) {
	dir := b.TempDir()
	raw := pdf(1 << 20)
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		binary.LittleEndian.PutUint64(raw[1000:], uint64(i))
		sum := sha256.Sum256(raw)
		tmp := filepath.Join(dir, "tmp")
		if err := os.WriteFile(tmp, raw, 0o600); err != nil {
			b.Fatal(err)
		}
		if err := os.Rename(tmp, filepath.Join(dir, hex.EncodeToString(sum[:]))); err != nil {
			b.Fatal(err)
		}
	}
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

type counting struct {
	io.Reader
	n int64
}

func (c *counting) Read(b []byte) (int, error) {
	n, err := c.Reader.Read(b)
	c.n += int64(n)
	return n, err
}

// said tells the parent that everything before it has been read and written.
type said struct{}

func (said) Read([]byte) (int, error) {
	fmt.Println("ready")
	return 0, io.EOF
}
