package shelf_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/motcua/motcua/internal/shelf"
)

func TestShelf(t *testing.T) {
	s := shelf.New[int](3)
	for n := range 4 {
		if !s.Put(fmt.Sprint(n), n, nil) {
			t.Errorf("%d is not kept", n)
		}
	}
	if _, found := s.Get("0"); found {
		t.Error("the oldest is still there")
	}
	if n, found := s.Get("3"); !found || n != 3 {
		t.Errorf("got %d, %v", n, found)
	}
	if s.Put("2", 9, nil) {
		t.Error("an id is used twice")
	}
	if !s.Put("8", 8, func(oldest int) bool { return oldest < 3 }) {
		t.Error("8 is not kept")
	}
	for id, want := range map[string]bool{"1": false, "2": false, "3": true, "8": true} {
		if _, found := s.Get(id); found != want {
			t.Errorf("%s: found %v", id, found)
		}
	}
}

func TestOneTakes(t *testing.T) {
	s := shelf.New[bool](1)
	s.Put("login", false, nil)
	var winners atomic.Int64
	var all sync.WaitGroup
	for range 32 {
		all.Go(func() {
			s.Change("login", func(taken *bool) {
				if !*taken {
					winners.Add(1)
				}
				*taken = true
			})
		})
	}
	all.Wait()
	if winners.Load() != 1 {
		t.Errorf("%d took it", winners.Load())
	}
}
