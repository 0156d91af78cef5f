package seal_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/journal/seal"
)

// Example seals what a citizen has said, erases it, and finds the chain whole.
func Example() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "seal-")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	ring, err := seal.OpenKeyring(filepath.Join(dir, "ring"))
	if errors.Is(err, os.ErrNotExist) { // the first start
		ring, err = seal.CreateKeyring(filepath.Join(dir, "ring"))
	}
	if err != nil {
		fmt.Println(err)
		return
	}
	keys, err := seal.OpenDir(filepath.Join(dir, "subjects"), ring, seal.DirConfig{})
	if err != nil {
		fmt.Println(err)
		return
	}
	below := journal.NewMemory()
	j, err := seal.New(below, keys, seal.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	stream, _ := journal.ParseStream("dossier/7f3a9c")
	_, err = j.Append(ctx, stream, 0, journal.Fact{Kind: "dossier.filed", Actor: "citizen-52", Subject: "citizen-52",
		At: time.Date(2026, 11, 23, 1, 30, 0, 0, time.UTC), Body: []byte(`{"state":"filed"}`),
		Private: []byte("Trần Thị Mỹ Vĩnh")})
	if err != nil {
		fmt.Println(err)
		return
	}
	show := func() {
		records, err := journal.Load(ctx, j, stream)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%s %q erased: %v\n", records[0].Body, records[0].Private, records[0].IsErased())
	}
	show()
	err = j.Erase(ctx, "citizen-52", seal.Order{Actor: "officer-7", Ground: "request 12 of 2026-11-21"})
	fmt.Println("erase:", err)
	show()
	sum, err := journal.Verify(ctx, below) // needs no key
	fmt.Println("verify:", sum.Facts, err)
	// Output:
	// {"state":"filed"} "Trần Thị Mỹ Vĩnh" erased: false
	// erase: <nil>
	// {"state":"filed"} "" erased: true
	// verify: 3 <nil>
}
