package postgres_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/journal/postgres"
	"github.com/motcua/motcua/journal/postgres/postgrestest"
)

func TestOpenRefuses(t *testing.T) {
	dsn, schema := postgrestest.Schema(t)
	for _, test := range []struct {
		name, dsn, field string
		cfg              postgres.Config
	}{
		{"no connection string", "host=", "", postgres.Config{}},
		{"noise", "a b c", "dsn", postgres.Config{}},
		{"schema in capitals", dsn, "config.schema", postgres.Config{Schema: "H26"}},
		{"schema with a quote", dsn, "config.schema", postgres.Config{Schema: `a"; DROP TABLE x; --`}},
		{"schema that begins with a digit", dsn, "config.schema", postgres.Config{Schema: "1a"}},
		{"long schema", dsn, "config.schema", postgres.Config{Schema: strings.Repeat("a", 64)}},
		{"negative wait", dsn, "config", postgres.Config{Wait: -1}},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := postgres.Open(t.Context(), test.dsn, test.cfg)
			var invalid *journal.InvalidError
			if test.field == "" && err == nil || test.field != "" && (!errors.As(err, &invalid) || invalid.Field != test.field) {
				t.Errorf("got %v, want *InvalidError for %q", err, test.field)
			}
		})
	}
	for _, readOnly := range []bool{false, true} {
		if _, err := postgres.Open(t.Context(), dsn, postgres.Config{Schema: schema, ReadOnly: readOnly}); !errors.Is(err,
			postgres.ErrNotJournal) {
			t.Errorf("empty schema, read-only %v: got %v, want ErrNotJournal", readOnly, err)
		}
	}
}

func TestOpenKeepsThePasswordToItself(t *testing.T) {
	_, err := postgres.Open(t.Context(), "postgres://u:bimat-0000@127.0.0.1:1/x?connect_timeout=nonsense", postgres.Config{})
	if err == nil || strings.Contains(err.Error(), "bimat") {
		t.Errorf("got %v", err)
	}
}

func TestForgetfulServerRefused(t *testing.T) {
	dsn, schema := postgrestest.Schema(t)
	forgetful := dsn + " synchronous_commit=off"
	_, err := postgres.Open(t.Context(), forgetful, postgres.Config{Schema: schema, Migrate: true})
	var setting *postgres.SettingError
	if !errors.As(err, &setting) || setting.Name != "synchronous_commit" {
		t.Errorf("got %v, want *SettingError for synchronous_commit", err)
	}
	j := openAt(t, forgetful, postgres.Config{Schema: schema, Migrate: true, InsecureSettings: true})
	mustAppend(t, j, "dossier/1", 0, noted(1))
}

// TestMigrateFromEachVersion fills the tables as each earlier version left them, and brings them up.
func TestMigrateFromEachVersion(t *testing.T) {
	filled := open(t)
	for i := range 6 {
		mustAppend(t, filled, "dossier/"+string(rune('a'+i%2)), int64(i/2), noted(i))
	}
	for version := range postgres.SchemaVersion {
		dsn, schema := postgrestest.Schema(t)
		pool := newPool(t, dsn)
		if err := postgres.MigrateTo(t.Context(), pool, schema, version); err != nil {
			t.Fatal(err)
		}
		var old *postgres.SchemaError
		if _, err := postgres.New(t.Context(), pool, postgres.Config{Schema: schema}); !errors.As(err, &old) ||
			old.Found != version || old.Known != postgres.SchemaVersion {
			t.Errorf("open at version %d: got %v, want *SchemaError", version, err)
		}
		facts := 0
		if version >= 1 {
			facts = 6
			for _, table := range []string{"journal_fact", "journal_head", "journal_key"} {
				execute(t, pool, "INSERT INTO "+table+" SELECT * FROM "+schemaOf(filled)+"."+table)
			}
		}
		j, err := postgres.New(t.Context(), pool, postgres.Config{Schema: schema, Migrate: true})
		if err != nil {
			t.Fatal(err)
		}
		if sum := verify(t, j); sum.Facts != int64(facts) {
			t.Errorf("from version %d: %d facts verify, want %d", version, sum.Facts, facts)
		}
		mustAppend(t, j, "dossier/a", int64(facts/2), noted(9))
		guarded(t, j)
		verify(t, j)
		j.Close()
	}
}

func TestMigrateTogether(t *testing.T) {
	dsn, _ := postgrestest.Schema(t)
	pool := newPool(t, dsn)
	const schema = "tinh_44_motcua_test"
	t.Cleanup(func() { execute(t, pool, "DROP SCHEMA IF EXISTS "+schema+" CASCADE") })
	var done sync.WaitGroup
	for range 6 {
		done.Go(func() {
			if err := postgres.Migrate(t.Context(), pool, schema); err != nil {
				t.Error(err)
			}
		})
	}
	done.Wait()
	j, err := postgres.New(t.Context(), pool, postgres.Config{Schema: schema})
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	mustAppend(t, j, "dossier/1", 0, noted(1))
	verify(t, j)
}

func TestNewerSchemaRefused(t *testing.T) {
	j := open(t)
	execute(t, j.Pool(), `UPDATE journal_meta SET value = '999' WHERE name = 'schema'`)
	for _, cfg := range []postgres.Config{{}, {ReadOnly: true}, {Migrate: true}} {
		cfg.Schema = schemaOf(j)
		_, err := postgres.New(t.Context(), j.Pool(), cfg)
		var newer *postgres.SchemaError
		if !errors.As(err, &newer) || newer.Found != 999 || newer.Known != postgres.SchemaVersion {
			t.Errorf("%+v: got %v, want *SchemaError for 999", cfg, err)
		}
	}
	if err := postgres.Migrate(t.Context(), j.Pool(), schemaOf(j)); err == nil {
		t.Error("a newer schema was migrated")
	}
}

func TestReadOnly(t *testing.T) {
	writer := open(t)
	mustAppend(t, writer, "dossier/1", 0, noted(1), noted(2))
	reader, err := postgres.New(t.Context(), writer.Pool(), postgres.Config{Schema: schemaOf(writer), ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	if _, err := reader.Append(t.Context(), stream(t, "dossier/1"), 2, noted(3)); !errors.Is(err, postgres.ErrReadOnly) {
		t.Errorf("append: got %v, want ErrReadOnly", err)
	}
	if _, err := reader.WithTx(begin(t, writer)).Append(t.Context(), stream(t, "dossier/1"), 2, noted(3)); !errors.Is(err,
		postgres.ErrReadOnly) {
		t.Errorf("append in a transaction: got %v, want ErrReadOnly", err)
	}
	mustAppend(t, writer, "dossier/1", 2, noted(3)) // what is committed meanwhile is seen
	if sum := verify(t, reader); sum.Facts != 3 {
		t.Errorf("%d facts, want 3", sum.Facts)
	}
}

func TestClosed(t *testing.T) {
	j := open(t)
	mustAppend(t, j, "dossier/1", 0, noted(1))
	for range 2 {
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := j.Append(t.Context(), stream(t, "dossier/1"), 1, noted(2)); !errors.Is(err, postgres.ErrClosed) {
		t.Errorf("append: got %v, want ErrClosed", err)
	}
	for _, err := range j.Read(t.Context(), stream(t, "dossier/1"), 0) {
		if !errors.Is(err, postgres.ErrClosed) {
			t.Errorf("read: got %v, want ErrClosed", err)
		}
	}
}

// guarded wants every way of changing or removing a fact refused by the database.
func guarded(t *testing.T, j *postgres.Journal) {
	t.Helper()
	for _, statement := range []string{`UPDATE journal_fact SET kind = 'x'`, `DELETE FROM journal_fact`,
		`UPDATE journal_fact_1 SET kind = 'x'`, `DELETE FROM journal_fact_1`, `TRUNCATE journal_fact`, `TRUNCATE journal_fact_1`} {
		_, err := j.Pool().Exec(t.Context(), statement)
		var refused *pgconn.PgError
		if !errors.As(err, &refused) || refused.Code != "23001" {
			t.Errorf("%s: got %v, want a refusal", statement, err)
		}
	}
}

func TestAnotherJournalRefused(t *testing.T) {
	j := open(t)
	mustAppend(t, j, "dossier/1", 0, noted(1))
	execute(t, j.Pool(), `UPDATE journal_meta SET value = 'SOMEBODYELSES' WHERE name = 'id'`)
	if _, err := j.Append(t.Context(), stream(t, "dossier/1"), 1, noted(2)); !errors.Is(err, journal.ErrBroken) {
		t.Errorf("append after the database was changed under it: got %v, want ErrBroken", err)
	}
}

// TestRoles reads the grants from docs/scale.md and works with no others: the role appends and follows, and cannot touch
// what was.
func TestRoles(t *testing.T) {
	guide, err := os.ReadFile(filepath.Join("..", "..", "docs", "scale.md"))
	if err != nil {
		t.Fatal(err)
	}
	owner := open(t)
	schema := schemaOf(owner)
	role := schema + "_office"
	execute(t, owner.Pool(), "CREATE ROLE "+role)
	t.Cleanup(func() {
		pool := newPool(t, owner.Pool().Config().ConnString())
		execute(t, pool, "DROP OWNED BY "+role)
		execute(t, pool, "DROP ROLE "+role)
	})
	grants := regexp.MustCompile(`(?m)^    (GRANT .*?);`).FindAllSubmatch(guide, -1)
	if len(grants) < 5 {
		t.Fatalf("the guide has %d grants", len(grants))
	}
	for _, grant := range grants {
		execute(t, owner.Pool(), strings.NewReplacer("h26", schema, "office", role).Replace(string(grant[1])))
	}
	j := openAt(t, owner.Pool().Config().ConnString()+" role="+role, postgres.Config{Schema: schema, Migrate: true})
	for i := range 3 {
		mustAppend(t, j, "dossier/1", int64(i), noted(i))
	}
	verify(t, j)
	for _, table := range []string{"journal_fact", "journal_fact_1"} {
		for _, statement := range []string{"UPDATE %s SET kind = 'x'", "DELETE FROM %s", "TRUNCATE %s", "DROP TABLE %s",
			"ALTER TABLE %s DISABLE TRIGGER ALL"} {
			_, err := j.Pool().Exec(t.Context(), fmt.Sprintf(statement, table))
			var refused *pgconn.PgError
			if !errors.As(err, &refused) || refused.Code != "42501" {
				t.Errorf(statement+": got %v, want insufficient privilege", table, err)
			}
		}
	}
}
