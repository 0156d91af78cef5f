package enginetest

import (
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// SlowFlush has every fsync and fdatasync of the processes, and of those they start, take so much longer, as on a disk that
// is slow to sync. It returns when it is so, with the way back, which may be called more than once. It needs strace (Linux);
// where the machine lets nobody follow another process, the test skips.
func SlowFlush(tb testing.TB, delay time.Duration, processes ...int) (mend func()) {
	tb.Helper()
	cmd := exec.Command(Need(tb, "strace"), "-f", "-qq", "-o", os.DevNull, "-e", "trace=fsync,fdatasync",
		"-e", fmt.Sprintf("inject=fsync,fdatasync:delay_enter=%d", delay.Microseconds()))
	for _, process := range processes {
		cmd.Args = append(cmd.Args, "-p", strconv.Itoa(process))
	}
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { _ = cmd.Wait(); close(ended) }()
	mend = func() {
		_ = cmd.Process.Signal(os.Interrupt) // upon which it lets go of them
		<-ended
	}
	tb.Cleanup(mend)
	limit, tick := time.After(30*time.Second), time.NewTicker(5*time.Millisecond)
	defer tick.Stop()
	for !allFollowed(processes) {
		select {
		case <-tick.C:
		case <-ended:
			tb.Skip("strace may not follow another process here")
		case <-limit:
			tb.Fatal("strace does not follow the processes")
		}
	}
	return mend
}

// allFollowed reports whether each thread of each process has a tracer.
func allFollowed(processes []int) bool {
	return !slices.ContainsFunc(processes, func(process int) bool {
		threads, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", process))
		return err != nil || slices.ContainsFunc(threads, func(thread os.DirEntry) bool {
			status, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%s/status", process, thread.Name()))
			return err == nil && strings.Contains(string(status), "TracerPid:\t0\n")
		})
	})
}
