package journal_test

import (
	"testing"

	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/journal/journaltest"
)

func TestMemory(t *testing.T) {
	journaltest.Run(t, func(testing.TB) journal.Journal { return journal.NewMemory() }, journaltest.Config{})
}
