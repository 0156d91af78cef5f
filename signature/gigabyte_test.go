package signature_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/motcua/motcua/signature"
	"github.com/motcua/motcua/signature/pades"
	"github.com/motcua/motcua/signature/signaturetest"
)

// sparse writes a PDF with one stream of so many zeros, which a file system need not store.
func sparse(t *testing.T, path string, gap int64) {
	t.Helper()
	head := []byte("%PDF-1.7\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n")
	offsets := []int{9, len(head)}
	head = append(head, "2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n"...)
	offsets = append(offsets, len(head))
	head = append(head, "3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>\nendobj\n"...)
	head = fmt.Appendf(head, "4 0 obj\n<</Length %d>>\nstream\n", gap)
	tail := []byte("\nendstream\nendobj\n")
	start := int64(len(head)) + gap + int64(len(tail))
	tail = append(tail, "xref\n0 4\n0000000000 65535 f\r\n"...)
	for _, at := range offsets {
		tail = fmt.Appendf(tail, "%010d 00000 n\r\n", at)
	}
	tail = fmt.Appendf(tail, "trailer\n<</Size 5/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", start)
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	_, err1 := f.Write(head)
	_, err2 := f.WriteAt(tail, int64(len(head))+gap)
	for _, err := range []error{err1, err2, f.Close()} {
		if err != nil {
			t.Fatal(err)
		}
	}
}

// peakOf is the most memory the process has ever had resident, in KiB, as Linux counts it.
func peakOf(t *testing.T) (kib int) {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Skip("no /proc/self/status to read the peak from")
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	if _, err := fmt.Sscan(rest, &kib); err != nil {
		t.Fatal(err)
	}
	return kib
}

const gigabyteRole = "MOTCUA_TEST_GIGABYTE" // the directory a process of its own works in

// TestGigabyte signs and verifies a file of 1 GiB on disk, twice signed in the end, in a process of its own whose peak of
// memory stays under 32 MiB. It runs by night, for it writes two gigabytes.
func TestGigabyte(t *testing.T) {
	if dir := os.Getenv(gigabyteRole); dir != "" {
		gigabyte(t, dir)
		return
	}
	if os.Getenv("MOTCUA_NIGHTLY") == "" {
		t.Skip("set MOTCUA_NIGHTLY to sign a gigabyte")
	}
	cmd := exec.Command(os.Args[0], "-test.run", "^TestGigabyte$", "-test.v")
	cmd.Env = append(os.Environ(), gigabyteRole+"="+t.TempDir())
	out, err := cmd.CombinedOutput()
	t.Logf("%s", out)
	if err != nil || !bytes.Contains(out, []byte("peak")) {
		t.Fatal(err)
	}
}

func gigabyte(t *testing.T, dir string) {
	o := newOffice(t)
	v := verifier(t, o.ca.Root)
	path := filepath.Join(dir, "0.pdf")
	sparse(t, path, 1<<30)
	for i, signer := range []*signaturetest.Identity{o.leader, o.agency} {
		next := filepath.Join(dir, fmt.Sprint(i+1, ".pdf"))
		start := time.Now()
		withFile(t, path, func(in *os.File, size int64) {
			out, err := os.Create(next)
			if err != nil {
				t.Fatal(err)
			}
			err = pades.Sign(in, size, out, signer.Signer, signer.Chain, pades.Config{At: at.Add(-time.Hour)})
			if closed := out.Close(); err != nil || closed != nil {
				t.Fatal(err, closed)
			}
		})
		t.Logf("signature %d: %v", i+1, time.Since(start))
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		path = next
		start = time.Now()
		withFile(t, path, func(in *os.File, size int64) {
			report, err := v.Verify(t.Context(), in, size, at)
			if err != nil || report.Indication != signature.TotalPassed || len(report.Signatures) != i+1 {
				t.Fatalf("%v, %v", report, err)
			}
		})
		t.Logf("verification of %d: %v", i+1, time.Since(start))
	}
	peak := peakOf(t)
	t.Logf("peak of memory: %d KiB", peak)
	if peak > 32<<10 {
		t.Errorf("more than 32 MiB")
	}
}

func withFile(t *testing.T, path string, do func(in *os.File, size int64)) {
	t.Helper()
	in, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		t.Fatal(err)
	}
	do(in, info.Size())
}
