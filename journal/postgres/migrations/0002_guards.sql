-- The database itself refuses to change or remove a fact, whoever asks, until somebody drops these guards.
CREATE FUNCTION {schema}.journal_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION 'journal: a fact is never changed and never removed' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER journal_fact_never_changes BEFORE UPDATE OR DELETE ON {schema}.journal_fact
	FOR EACH ROW EXECUTE FUNCTION {schema}.journal_refuse();
CREATE TRIGGER journal_fact_never_leaves BEFORE TRUNCATE ON {schema}.journal_fact
	FOR EACH STATEMENT EXECUTE FUNCTION {schema}.journal_refuse();
CREATE TRIGGER journal_fact_1_never_leaves BEFORE TRUNCATE ON {schema}.journal_fact_1
	FOR EACH STATEMENT EXECUTE FUNCTION {schema}.journal_refuse();
