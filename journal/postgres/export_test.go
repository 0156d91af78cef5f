package postgres

import (
	"context"

	"github.com/jackc/pgx/v5/pgxpool"
)

// SchemaVersion is the newest.
const SchemaVersion = len(migrations)

// MigrateTo stops at an earlier version.
func MigrateTo(ctx context.Context, pool *pgxpool.Pool, schema string, version int) error {
	return migrate(ctx, pool, schema, version)
}

// FindQueries are shown to the test that holds their plans.
func (j *Journal) FindQueries() map[string]string {
	return map[string]string{"ascending": j.sql.findUp, "descending": j.sql.findDown}
}

// Waiting returns how many appends stand in the queue.
func (j *Journal) Waiting() int {
	j.writer.mu.Lock()
	defer j.writer.mu.Unlock()
	return len(j.writer.queue)
}

// LastGroup returns how many appends the last commit of the writer's goroutine held.
func (j *Journal) LastGroup() int {
	j.writer.mu.Lock()
	defer j.writer.mu.Unlock()
	return j.writer.last
}
