package postgres

const factColumns = `f.position, f.stream, f.seq, f.part, f.kind, f.actor, f.at, f.body, f.private, f.subject,
	f.command, f.command_sum, f.keys, f.prev, f.hash`

// statements are the SQL for one schema. Those of an append take arrays, so that a group of any size is the same few
// statements.
type statements struct {
	begin, settings, pen, heads, commands                     string
	insertFact, insertFacts, putHeads, deleteKeys, insertKeys string
	isWritten, commit                                         string
	read, tail, findUp, findDown                              string
}

// newStatements writes the statements for a schema whose name has been checked.
func newStatements(schema string) *statements {
	in := func(sql string) string { return in(schema, sql) }
	return &statements{
		begin:       `BEGIN ISOLATION LEVEL READ COMMITTED`,
		settings:    sqlSettings,
		pen:         in(sqlPen),
		heads:       in(sqlHeads),
		commands:    in(sqlCommands),
		insertFact:  in(sqlInsertFact),
		insertFacts: in(sqlInsertFacts),
		putHeads:    in(sqlPutHeads),
		deleteKeys:  in(sqlDeleteKeys),
		insertKeys: in(`INSERT INTO {schema}.journal_key (name, value, sort, stream)
			SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[])`),
		isWritten: in(`SELECT count(*) FROM {schema}.journal_fact WHERE position = $1 AND hash = $2`),
		commit:    `COMMIT`,
		read: in(`SELECT ` + factColumns + ` FROM {schema}.journal_fact f
			WHERE f.stream = $1 AND f.seq > $2 ORDER BY f.seq LIMIT $3`),
		tail: in(`SELECT ` + factColumns + ` FROM {schema}.journal_fact f
			WHERE f.position > $1 ORDER BY f.position LIMIT $2`),
		findUp:   in(sqlFindUp),
		findDown: in(sqlFindDown),
	}
}

// sqlSettings sets for one transaction what a connection of its own would have been opened with.
const sqlSettings = `SELECT count(set_config(name, value, true)) FROM unnest($1::text[], $2::text[]) AS s (name, value)`

// sqlPen takes the lock that orders all appends. Locking a row leaves no dead version of it behind, as counting in it
// would; what is read of it tells that this is still the journal that was opened.
const sqlPen = `SELECT value, current_setting('transaction_isolation') FROM {schema}.journal_meta
	WHERE name = 'id' FOR UPDATE`

// sqlHeads yields the journal's end with each head it finds, or by itself.
const sqlHeads = `SELECT e.position, h.stream, h.seq, h.hash, h.keys
	FROM (SELECT coalesce(max(position), 0) AS position FROM {schema}.journal_fact) e
	LEFT JOIN {schema}.journal_head h ON h.stream = ANY($1::text[])`

const sqlCommands = `SELECT f.stream, f.command, f.seq, f.command_sum
	FROM unnest($1::text[], $2::text[]) AS c (stream, command)
	JOIN {schema}.journal_fact f ON f.stream = c.stream AND f.command = c.command`

const sqlInsertInto = `INSERT INTO {schema}.journal_fact (position, stream, seq, part, kind, actor, at, body, private,
	subject, command, command_sum, keys, prev, hash) `

const sqlInsertFact = sqlInsertInto + `VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`

const sqlInsertFacts = sqlInsertInto + `
	SELECT * FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::integer[], $5::text[], $6::text[],
		$7::timestamptz[], $8::text[], $9::bytea[], $10::text[], $11::text[], $12::bytea[], $13::text[], $14::bytea[],
		$15::bytea[])`

const sqlPutHeads = `INSERT INTO {schema}.journal_head (stream, seq, position, hash, keys)
	SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bytea[], $5::text[])
	ON CONFLICT (stream) DO UPDATE
	SET seq = excluded.seq, position = excluded.position, hash = excluded.hash, keys = excluded.keys`

const sqlDeleteKeys = `DELETE FROM {schema}.journal_key k
	USING unnest($1::text[], $2::text[], $3::bigint[], $4::text[]) AS d (name, value, sort, stream)
	WHERE k.name = d.name AND k.value = d.value AND k.sort = d.sort AND k.stream = d.stream`

// A page is one range of journal_key's index; LATERAL with LIMIT keeps the planner from anything but one look-up of the
// head and one of the fact for each hit.
const (
	sqlFindFrom = `SELECT k.sort, ` + factColumns + ` FROM (SELECT k.sort, k.stream FROM {schema}.journal_key k
		WHERE k.name = $1 AND k.value = $2 `
	sqlFindJoin = ` LIMIT $6) k
		CROSS JOIN LATERAL (SELECT h.position FROM {schema}.journal_head h WHERE h.stream = k.stream LIMIT 1) h
		CROSS JOIN LATERAL (SELECT * FROM {schema}.journal_fact f WHERE f.position = h.position LIMIT 1) f `
	sqlFindUp = sqlFindFrom + `AND (k.sort, k.stream) > ($3, $4) AND k.sort <= $5 ORDER BY k.sort, k.stream` +
		sqlFindJoin + `ORDER BY k.sort, k.stream`
	sqlFindDown = sqlFindFrom + `AND (k.sort, k.stream) < ($3, $4) AND k.sort >= $5 ORDER BY k.sort DESC, k.stream DESC` +
		sqlFindJoin + `ORDER BY k.sort DESC, k.stream DESC`
)
