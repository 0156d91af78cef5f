package signature

import (
	"testing"
	"time"
)

// A verifier that has seen very many authorities remembers some of them, the last ones among them.
func TestGenerations(t *testing.T) {
	var g generations[int, int]
	for i := range 20 * remembered {
		g.put(i, -i)
		g.get(0) // what is asked for again and again stays
		if v, ok := g.get(i); !ok || v != -i {
			t.Fatalf("%d: %d, %v", i, v, ok)
		}
		if n := len(g.young) + len(g.old); n > 2*remembered+2 {
			t.Fatalf("%d are remembered", n)
		}
	}
	if v, ok := g.get(0); !ok || v != 0 {
		t.Errorf("what was asked for is forgotten")
	}
	if _, ok := g.get(1); ok {
		t.Error("nothing is forgotten")
	}
	if _, ok := g.get(20*remembered - remembered/2); !ok {
		t.Error("what came lately is forgotten")
	}
}

// What was found for one instant holds for others only while no certificate begins or ends.
func TestSearchIsSteady(t *testing.T) {
	at := time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)
	var s search
	s.steady(at, nil)
	var m memory
	m.keep(searchKey{}, s)
	if _, ok := m.recall(searchKey{}, at); ok {
		t.Error("without a certificate nothing bounds the time, and nothing is recalled")
	}
}
