package journal_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/motcua/motcua/journal"
)

// Example files a dossier, loses a race, tries a command twice, and asks for a work list.
func Example() {
	ctx := context.Background()
	j := journal.NewMemory()
	stream, err := journal.ParseStream("dossier/7f3a9c")
	if err != nil {
		fmt.Println(err)
		return
	}
	body, err := journal.EncodeBody(map[string]any{"state": "accepted", "procedure": "2.000635"})
	if err != nil {
		fmt.Println(err)
		return
	}
	accepted := journal.Fact{
		Kind: "dossier.accepted", Actor: "officer-7", At: time.Date(2026, 11, 23, 1, 30, 0, 0, time.UTC), Body: body,
		Command: journal.NewCommand("request-1", []byte("accept"), body),
		Keys:    []journal.Key{{Name: "unit", Value: "H26.1", Sort: 1_796_000_000}},
	}
	first, err := j.Append(ctx, stream, 0, accepted)
	fmt.Println("first:", len(first), err)
	again, err := j.Append(ctx, stream, 0, accepted) // the answer was lost; the client asks again
	fmt.Println("again:", again[0].Hash == first[0].Hash, err)

	late := journal.Fact{Kind: "dossier.refused", Actor: "officer-9", At: accepted.At, Body: []byte(`{}`)}
	_, err = j.Append(ctx, stream, 0, late)
	fmt.Println("conflict:", errors.Is(err, journal.ErrConflict))

	page, err := j.Find(ctx, journal.Query{Name: "unit", Value: "H26.1", Until: 1_800_000_000})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, hit := range page.Hits {
		fmt.Println("due:", hit.Head.Stream, string(hit.Head.Body))
	}
	// Output:
	// first: 1 <nil>
	// again: true <nil>
	// conflict: true
	// due: dossier/7f3a9c {"procedure":"2.000635","state":"accepted"}
}

// ExampleVerify shows that one changed byte is found where it is.
func ExampleVerify() {
	ctx := context.Background()
	j := journal.NewMemory()
	stream, _ := journal.ParseStream("order/118")
	for n := range int64(3) {
		fact := journal.Fact{Kind: "payment.noted", Actor: "till-1", At: time.Unix(1.8e9, 0),
			Body: fmt.Appendf(nil, `{"amount":%d}`, 8000*(n+1))}
		if _, err := j.Append(ctx, stream, n, fact); err != nil {
			fmt.Println(err)
			return
		}
	}
	sum, err := journal.Verify(ctx, j)
	fmt.Println(sum.Facts, err)
	_, err = journal.Verify(ctx, edited{j, func(r *journal.Record) {
		if r.Position == 2 {
			r.Body[10] = '9'
		}
	}})
	fmt.Println(err)
	// Output:
	// 3 <nil>
	// journal: position 2 ("order/118" no. 2): hash does not hold
}

// ExampleCopy moves an office to another engine. The second run compares: it finds everything there.
func ExampleCopy() {
	ctx := context.Background()
	file, server := journal.NewMemory(), journal.NewMemory()
	stream, _ := journal.ParseStream("order/118")
	fact := journal.Fact{Kind: "payment.noted", Actor: "till-1", At: time.Unix(1.8e9, 0), Body: []byte(`{"amount":8000}`)}
	if _, err := file.Append(ctx, stream, 0, fact); err != nil {
		fmt.Println(err)
		return
	}
	for range 2 {
		sum, err := journal.Copy(ctx, file, server, nil)
		fmt.Println(sum.Facts, sum.Streams, err)
	}
	// Output:
	// 1 1 <nil>
	// 1 1 <nil>
}
