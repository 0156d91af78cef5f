package postgres

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/motcua/motcua/journal"
)

// Config holds what is optional; the zero value is right for an application server beside its database.
type Config struct {
	// Schema is the database schema that holds the tables: one for each agency that shares a database. "" means "public".
	Schema string
	// Migrate has the journal created, or brought to this package's schema. Its role must own the schema; [Migrate] does
	// it apart, where the application's role may not.
	Migrate bool
	// ReadOnly opens a journal without ever writing to it, such as on a replica.
	ReadOnly bool
	// Pooler says that connections made from a DSN go through pgbouncer in transaction mode, where a prepared statement
	// does not outlive its transaction. A pool given to [New] has its own setting: pgx.QueryExecModeExec.
	Pooler bool
	// Wait bounds the waiting for the pen when another process or a vendor's transaction holds it. 0 means 5 s.
	Wait time.Duration
	// Statement bounds each statement of an append. 0 means 10 s.
	Statement time.Duration
	// Retry bounds how long an append or a read rides out a failover. 0 means 30 s.
	Retry time.Duration
	// InsecureSettings opens a journal on a server whose settings may lose what was acknowledged, for tests.
	InsecureSettings bool
}

// Journal is a journal in one schema of a PostgreSQL database. Its methods are safe for concurrent use, and other
// processes may write to the same journal.
type Journal struct {
	view
	cfg    Config
	pool   *pgxpool.Pool
	own    bool
	writer *writer // nil when read-only
}

var (
	_ journal.Journal = (*Journal)(nil)
	_ journal.Auditor = (*Journal)(nil)
)

// Open connects to the database that dsn names, as a URL or in the form "host=db dbname=office", and opens the journal
// in it. Several hosts with target_session_attrs=read-write let it follow a failover. Errors: those of [New], and those
// of the connection.
func Open(ctx context.Context, dsn string, cfg Config) (*Journal, error) {
	poolConfig, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, &journal.InvalidError{Field: "dsn", Rule: "a PostgreSQL connection string"} // err would quote it
	}
	if cfg.Pooler {
		poolConfig.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeExec
	}
	pool, err := pgxpool.NewWithConfig(ctx, poolConfig)
	if err != nil {
		return nil, fault("open", journal.BrokenError{}, err)
	}
	j, err := New(ctx, pool, cfg)
	if err != nil {
		pool.Close()
		return nil, err
	}
	j.own = true
	return j, nil
}

// New opens the journal on a pool that stays the caller's. Errors: *[SchemaError], [ErrNotJournal], *[SettingError],
// *journal.InvalidError, and those of the connection.
func New(ctx context.Context, pool *pgxpool.Pool, cfg Config) (*Journal, error) {
	cfg, err := cfg.check()
	if err != nil {
		return nil, err
	}
	if cfg.Migrate && !cfg.ReadOnly {
		if err := Migrate(ctx, pool, cfg.Schema); err != nil {
			return nil, err
		}
	}
	version, id, err := readMeta(ctx, pool, cfg.Schema)
	switch {
	case err != nil:
		return nil, err
	case version != len(migrations):
		return nil, &SchemaError{Found: version, Known: len(migrations)}
	}
	if !cfg.ReadOnly && !cfg.InsecureSettings {
		if err := checkSettings(ctx, pool); err != nil {
			return nil, err
		}
	}
	j := &Journal{cfg: cfg, pool: pool, view: view{
		id: id, sql: newStatements(cfg.Schema), db: pool, retry: cfg.Retry,
	}}
	if !cfg.ReadOnly {
		if j.writer, err = newWriter(pool, j.sql, id, cfg); err != nil {
			return nil, err
		}
	}
	return j, nil
}

func (cfg Config) check() (Config, error) {
	cfg.Schema = cmp.Or(cfg.Schema, "public")
	cfg.Wait = cmp.Or(cfg.Wait, 5*time.Second)
	cfg.Statement = cmp.Or(cfg.Statement, 10*time.Second)
	cfg.Retry = cmp.Or(cfg.Retry, 30*time.Second)
	if cfg.Wait < time.Millisecond || cfg.Statement < time.Millisecond || cfg.Retry < time.Millisecond {
		return cfg, &journal.InvalidError{Field: "config", Rule: "durations of a millisecond at least"}
	}
	return cfg, checkSchemaName(cfg.Schema)
}

// checkSchemaName accepts names that need no quoting, so that everybody who writes SQL beside us spells them alike.
func checkSchemaName(name string) error {
	for i, c := range []byte(name) {
		if c != '_' && (c < 'a' || c > 'z') && (i == 0 || c < '0' || c > '9') || i == 63 {
			return &journal.InvalidError{Field: "config.schema", Rule: "lower-case letters, digits and '_', at most 63"}
		}
	}
	return nil
}

// checkSettings refuses a server that forgets on a crash. It sees what holds for this role and database.
func checkSettings(ctx context.Context, pool *pgxpool.Pool) error {
	names := []string{"fsync", "full_page_writes", "synchronous_commit"}
	for _, name := range names {
		var value string
		if err := pool.QueryRow(ctx, `SELECT current_setting($1)`, name).Scan(&value); err != nil {
			return fault("open", journal.BrokenError{}, err)
		}
		if value == "off" {
			return &SettingError{Name: name}
		}
	}
	return nil
}

// Pool is the pool of connections, for the vendor's own tables in the same database. Inside a transaction append through
// [Journal.WithTx]: Journal.Append would wait for the transaction to end. A pool that [Open] made belongs to the journal.
func (j *Journal) Pool() *pgxpool.Pool { return j.pool }

// Close waits for appends under way, refuses later ones with [ErrClosed], and closes the pool if [Open] made it.
func (j *Journal) Close() error {
	if j.writer != nil {
		j.writer.close()
	}
	if j.own {
		j.pool.Close()
	}
	return nil
}

// Append implements [journal.Journal]. It is durable when it returns, and as far replicated as synchronous_commit says.
// When ctx ends while the append is being written, the answer is [ErrUnknown].
func (j *Journal) Append(ctx context.Context, stream journal.Stream, after int64, facts ...journal.Fact,
) ([]journal.Record, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if j.writer == nil {
		return nil, ErrReadOnly
	}
	r := newRequest(ctx, stream, after, facts)
	if err := j.writer.append(r); err != nil {
		return nil, err
	}
	if r.obeyed > 0 {
		return j.obeyed(ctx, stream, r.obeyed)
	}
	return r.records, nil
}

// request is one append on its way.
type request struct {
	ctx    context.Context
	stream journal.Stream
	after  int64
	facts  []journal.Fact

	done    chan struct{} // closed when the verdict is in
	records []journal.Record
	obeyed  int64 // the sequence number at which the same command was obeyed before
	pending *plan // of an attempt whose commit may have gone through
	err     error
}

// newRequest copies the facts: when the caller gives up waiting, the memory is his again, and the writer still needs it.
func newRequest(ctx context.Context, stream journal.Stream, after int64, facts []journal.Fact) *request {
	facts = slices.Clone(facts)
	if len(facts) <= journal.MaxFacts {
		for i := range facts {
			f := &facts[i]
			if len(f.Body) <= journal.MaxBody && len(f.Private) <= journal.MaxPrivate { // else they are only refused
				f.Body, f.Private = bytes.Clone(f.Body), bytes.Clone(f.Private)
			}
			if f.Keys != nil && len(f.Keys) <= journal.MaxKeys {
				f.Keys = append([]journal.Key{}, f.Keys...)
			}
		}
	}
	return &request{ctx: ctx, stream: stream, after: after, facts: facts, done: make(chan struct{})}
}

func (r *request) command() journal.Command {
	if len(r.facts) == 0 {
		return journal.Command{}
	}
	return r.facts[0].Command
}

func (r *request) size() (bytes int) {
	for _, fact := range r.facts {
		bytes += len(fact.Body) + len(fact.Private)
	}
	return bytes
}

func setError(group []*request, err error) {
	for _, r := range group {
		r.records, r.obeyed, r.err = nil, 0, err
	}
}
