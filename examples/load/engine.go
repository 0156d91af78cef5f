package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync/atomic"

	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/journal/postgres"
	"github.com/motcua/motcua/journal/postgres/postgrestest"
	"github.com/motcua/motcua/journal/sqlite"
)

func engineNames() string { return "where the journal is kept: sqlite, postgres or memory" }

// open opens the journal of the engine asked for: an empty one, or one an earlier run has left.
func (s settings) open(ctx context.Context) (j *counted, shut func(), err error) {
	switch s.engine {
	case "memory":
		if s.again {
			return nil, nil, errors.New("-again: memory has kept nothing")
		}
		return &counted{Journal: journal.NewMemory()}, func() {}, nil
	case "sqlite":
		path := filepath.Join(s.out, "journal.db")
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) == s.again {
			return nil, nil, fmt.Errorf("%s %s", path, thereOrNot(s.again))
		}
		db, err := sqlite.Open(ctx, path, sqlite.Config{})
		if err != nil {
			return nil, nil, err
		}
		return &counted{Journal: db}, func() { _ = db.Close() }, nil
	case "postgres":
		return s.openPostgres(ctx)
	}
	return nil, nil, fmt.Errorf("-engine %q is not known; %s", s.engine, engineNames())
}

// openPostgres opens the database of -dsn. Without one it runs a server of its own, whose cluster stays in -out.
func (s settings) openPostgres(ctx context.Context) (j *counted, shut func(), err error) {
	dsn, stop := s.dsn, func() {}
	if dsn == "" {
		server, err := postgrestest.Start(filepath.Join(s.out, clusterFolder), postgrestest.Config{
			Settings: map[string]string{"max_wal_size": "4GB", "shared_buffers": "1GB"},
		})
		if err != nil {
			return nil, nil, fmt.Errorf("a server for the run (or name one with -dsn): %w", err)
		}
		dsn, stop = server.DSN("postgres"), server.Stop
	}
	db, err := postgres.Open(ctx, dsn, postgres.Config{Migrate: true})
	if err != nil {
		stop()
		return nil, nil, err
	}
	shut = func() { _ = db.Close(); stop() }
	if isEmpty(ctx, db) == s.again {
		shut()
		return nil, nil, fmt.Errorf("a journal in that database %s", thereOrNot(s.again))
	}
	return &counted{Journal: db}, shut, nil
}

// clusterFolder holds the server that a run starts for itself.
const clusterFolder = "postgres"

func thereOrNot(wanted bool) string {
	if wanted {
		return "is not there: fill one first, without -again"
	}
	return "is there already: name another place, or measure it with -again"
}

func isEmpty(ctx context.Context, j journal.Journal) bool {
	for range j.Tail(ctx, 0) {
		return false
	}
	return true
}

// counted counts the facts written through it.
type counted struct {
	journal.Journal
	facts atomic.Int64
}

// Append implements [journal.Journal].
func (c *counted) Append(ctx context.Context, s journal.Stream, after int64, facts ...journal.Fact,
) ([]journal.Record, error) {
	records, err := c.Journal.Append(ctx, s, after, facts...)
	if err == nil {
		c.facts.Add(int64(len(records)))
	}
	return records, err
}
