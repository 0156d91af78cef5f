package jetstream

import (
	"sync"
	"time"

	js "github.com/nats-io/nats.go/jetstream"
)

// work tells the stream from time to time that the message at hand is being worked on, so that a slow handler is not
// taken for a dead one.
type work struct {
	mu      sync.Mutex
	message js.Msg // nil between messages
	done    chan struct{}
	running sync.WaitGroup
}

func startWork(interval time.Duration) *work {
	w := &work{done: make(chan struct{})}
	w.running.Go(func() {
		ticker := time.NewTicker(max(interval, time.Millisecond))
		defer ticker.Stop()
		for {
			select {
			case <-w.done:
				return
			case <-ticker.C:
				w.tell()
			}
		}
	})
	return w
}

// set says which message is at hand. Once it has returned, nothing more is told about the one before.
func (w *work) set(message js.Msg) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.message = message
}

func (w *work) tell() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.message != nil {
		_ = w.message.InProgress() // if it does not arrive, the message comes again, as after a crash
	}
}

func (w *work) stop() {
	close(w.done)
	w.running.Wait()
}
