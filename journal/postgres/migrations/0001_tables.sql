-- Facts are the truth; heads and keys follow from them, as AuditIndex checks. The facts are partitioned by position,
-- which grows with time; they begin as one partition without ends.
CREATE TABLE {schema}.journal_fact (
	position    bigint           NOT NULL PRIMARY KEY,
	stream      text COLLATE "C" NOT NULL,
	seq         bigint           NOT NULL,
	part        integer          NOT NULL,
	kind        text COLLATE "C" NOT NULL,
	actor       text COLLATE "C" NOT NULL,
	at          timestamptz      NOT NULL,
	body        text COLLATE "C" NOT NULL, -- canonical JSON
	private     bytea,
	subject     text COLLATE "C",
	command     text COLLATE "C",
	command_sum bytea,
	keys        text COLLATE "C",          -- JSON array; NULL: unchanged
	prev        bytea            NOT NULL,
	hash        bytea            NOT NULL
) PARTITION BY RANGE (position);
CREATE TABLE {schema}.journal_fact_1 PARTITION OF {schema}.journal_fact FOR VALUES FROM (MINVALUE) TO (MAXVALUE);
CREATE UNIQUE INDEX journal_fact_1_stream ON {schema}.journal_fact_1 (stream, seq);
CREATE UNIQUE INDEX journal_fact_1_command ON {schema}.journal_fact_1 (stream, command) WHERE command IS NOT NULL;
CREATE TABLE {schema}.journal_head (
	stream   text COLLATE "C" NOT NULL PRIMARY KEY,
	seq      bigint           NOT NULL,
	position bigint           NOT NULL,
	hash     bytea            NOT NULL,
	keys     text COLLATE "C"
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02);
CREATE TABLE {schema}.journal_key (
	name   text COLLATE "C" NOT NULL,
	value  text COLLATE "C" NOT NULL,
	sort   bigint           NOT NULL,
	stream text COLLATE "C" NOT NULL,
	PRIMARY KEY (name, value, sort, stream)
) WITH (autovacuum_vacuum_scale_factor = 0.02);
