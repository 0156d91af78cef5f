package journal_test

import (
	"testing"
	"time"

	"github.com/motcua/motcua/journal"
)

// TestSealedHalf: a record that somebody has opened, or can open no more, still is the record that was hashed.
func TestSealedHalf(t *testing.T) {
	stream, err := journal.ParseStream("dossier/7f3a9c")
	if err != nil {
		t.Fatal(err)
	}
	records, err := journal.Link(stream, journal.Head{}, []journal.Fact{{Kind: "dossier.filed", Actor: "citizen-52",
		At: time.Unix(1.8e9, 0), Body: []byte(`{}`), Private: []byte("sealed bytes"), Subject: "subject-1"}})
	if err != nil {
		t.Fatal(err)
	}
	stored := records[0]
	opened, erased, edited, bare := stored, stored, stored, stored
	opened.Sealed, opened.Private = stored.Private, []byte("Trần Thị Mỹ Vĩnh")
	erased.Sealed, erased.Private = stored.Private, nil
	edited.Sealed, edited.Private = []byte("other bytes"), stored.Private
	bare.Private = nil
	for _, test := range []struct {
		name          string
		record        journal.Record
		holds, erased bool
	}{
		{"stored", stored, true, false}, {"opened", opened, true, false}, {"erased", erased, true, true},
		{"another sealed half", edited, false, false}, {"without a private half", bare, false, false},
	} {
		if holds := test.record.Digest() == stored.Hash; holds != test.holds || test.record.IsErased() != test.erased {
			t.Errorf("%s: holds %v, erased %v, want %v, %v", test.name, holds, test.record.IsErased(), test.holds, test.erased)
		}
	}
}
