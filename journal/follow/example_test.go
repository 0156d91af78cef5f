package follow_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/journal/follow"
)

// Example tells of what happens in a journal. A record that cannot be told waits for somebody, and its stream with it.
func Example() {
	ctx := context.Background()
	j := journal.NewMemory()
	say := func(name string, after int64, kinds ...string) {
		stream, _ := journal.ParseStream(name)
		for i, kind := range kinds {
			fact := journal.Fact{Kind: kind, Actor: "officer-7", At: time.Unix(1.8e9, 0), Body: []byte(`{}`)}
			if _, err := j.Append(ctx, stream, after+int64(i), fact); err != nil {
				fmt.Println(err)
			}
		}
	}
	say("dossier/1", 0, "dossier.filed", "dossier.accepted")
	say("dossier/2", 0, "dossier.filed", "dossier.refused", "dossier.withdrawn")
	mailFull := true
	f, err := follow.New(j, "notices", func(_ context.Context, r journal.Record) error {
		if r.Kind == "dossier.refused" && mailFull {
			return follow.Permanent(errors.New("mailbox full"))
		}
		fmt.Println(r.Stream, r.Kind)
		return nil
	}, follow.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	done, err := f.Drain(ctx) // a server calls Run(ctx)
	fmt.Println("handled:", done, err)
	page, err := f.Letters(ctx, "", 50)
	fmt.Println("letters:", len(page.Letters), page.Letters[0].Stream, page.Letters[0].Reason, err)
	mailFull = false
	fmt.Println("retry:", f.Retry(ctx, page.Letters[0], "officer-7"))
	done, err = f.Drain(ctx)
	fmt.Println("handled:", done, err)
	// Output:
	// dossier/1 dossier.filed
	// dossier/1 dossier.accepted
	// dossier/2 dossier.filed
	// handled: 3 <nil>
	// letters: 1 dossier/2 mailbox full <nil>
	// retry: <nil>
	// dossier/2 dossier.refused
	// dossier/2 dossier.withdrawn
	// handled: 2 <nil>
}

// ExampleNewTimers acts on what is overdue. The act states other keys, and so ends the timer in the same append.
func ExampleNewTimers() {
	ctx := context.Background()
	j := journal.NewMemory()
	now := time.Date(2026, 11, 23, 1, 30, 0, 0, time.UTC)
	for name, due := range map[string]time.Time{"dossier/late": now.Add(-time.Hour), "dossier/early": now.Add(time.Hour)} {
		stream, _ := journal.ParseStream(name)
		_, err := j.Append(ctx, stream, 0, journal.Fact{Kind: "dossier.accepted", Actor: "officer-7", At: now,
			Body: []byte(`{}`), Keys: []journal.Key{{Name: "dossier.due", Value: "open", Sort: due.Unix()}}})
		if err != nil {
			fmt.Println(err)
		}
	}
	timers, err := follow.NewTimers(j, "overdue", follow.Due{Name: "dossier.due", Value: "open"},
		func(ctx context.Context, hit journal.Hit) error {
			fmt.Println("overdue:", hit.Head.Stream)
			_, err := j.Append(ctx, hit.Head.Stream, hit.Head.Seq, journal.Fact{Kind: "dossier.apologised", Actor: "system",
				At: now, Body: []byte(`{}`), Keys: []journal.Key{}})
			return err
		}, follow.Config{Now: func() time.Time { return now }})
	if err != nil {
		fmt.Println(err)
		return
	}
	for range 2 {
		done, err := timers.Drain(ctx)
		fmt.Println(done, err)
	}
	// Output:
	// overdue: dossier/late
	// 1 <nil>
	// 0 <nil>
}
