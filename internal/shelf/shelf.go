// Package shelf keeps a bounded number of things of one process under names: logins, requests and grants under way.
package shelf

import (
	"container/list"
	"sync"
)

// Shelf is safe for concurrent use. What is put on a full one displaces the oldest.
type Shelf[T any] struct {
	mu    sync.Mutex
	limit int
	byID  map[string]*list.Element
	order *list.List // oldest first
}

type entry[T any] struct {
	id    string
	thing T
}

// New returns a shelf for at most limit things.
func New[T any](limit int) *Shelf[T] {
	return &Shelf[T]{limit: limit, byID: map[string]*list.Element{}, order: list.New()}
}

// Put keeps a thing under an id that is not in use, or reports that it is. Over, if not nil, says of the oldest things, one
// after another until it says no, that they may be forgotten.
func (s *Shelf[T]) Put(id string, thing T, over func(oldest T) bool) (kept bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, used := s.byID[id]; used {
		return false
	}
	for front := s.order.Front(); front != nil; front = s.order.Front() {
		oldest := front.Value.(*entry[T])
		if s.order.Len() < s.limit && (over == nil || !over(oldest.thing)) {
			break
		}
		s.order.Remove(front)
		delete(s.byID, oldest.id)
	}
	s.byID[id] = s.order.PushBack(&entry[T]{id, thing})
	return true
}

// Get returns what is kept under an id.
func (s *Shelf[T]) Get(id string) (thing T, found bool) {
	found = s.Change(id, func(t *T) { thing = *t })
	return thing, found
}

// Change lets a function look at what is kept under an id, and change it, while nobody else does.
func (s *Shelf[T]) Change(id string, change func(*T)) (found bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	element, found := s.byID[id]
	if found {
		change(&element.Value.(*entry[T]).thing)
	}
	return found
}
