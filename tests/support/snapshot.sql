-- SPDX-License-Identifier: MIT
-- Number and checksum of the rows of every table, catalogs included: a line each. Two snapshots are
-- equal when nothing at all was changed between them, object numbers and sequences included. Much
-- quicker than pg_dump. Runs as its owner, the superuser, so that it sees everything.
--
-- Left out: statistics, and the system's own objects (their numbers are below 16384), which no
-- ordinary role can change; schemas, databases and roles are looked at, all of them.
CREATE SCHEMA extmgr_test;
GRANT USAGE ON SCHEMA extmgr_test TO PUBLIC;
CREATE FUNCTION extmgr_test.snapshot() RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
	kind record;
	line text;
	lines text := '';
BEGIN
	FOR kind IN
		SELECT c.oid::regclass AS name,
			CASE
			WHEN c.relkind = 'S' THEN 'concat(last_value, is_called)'
			-- CREATE INDEX writes these columns in place, outside of its transaction.
			WHEN c.oid = 'pg_class'::regclass THEN '(to_jsonb(t) - ''{relpages,reltuples,'
				'relallvisible,relhasindex,relfrozenxid,relminmxid}''::text[])::text'
			ELSE 't::text' END AS content,
			CASE
			WHEN c.relname IN ('pg_namespace', 'pg_database', 'pg_authid') THEN 'true'
			WHEN c.oid < 16384 THEN coalesce((
				SELECT attname || ' >= 16384' FROM pg_attribute
				WHERE attrelid = c.oid AND atttypid = 'oid'::regtype
					AND attname IN ('oid', 'attrelid', 'objid', 'objoid')), 'true')
			ELSE 'true' END AS condition
		FROM pg_class c
		WHERE c.relkind IN ('r', 'S', 'm') AND c.relpersistence <> 't'
			AND c.oid <> 'pg_statistic'::regclass
			AND c.relnamespace <> 'information_schema'::regnamespace
		ORDER BY 1::text
	LOOP
		EXECUTE format('SELECT concat_ws('' '', %L, count(*), '
			'sum(hashtextextended(%s, 0))) FROM %s t WHERE %s',
			kind.name, kind.content, kind.name, kind.condition) INTO line;
		lines := lines || line || E'\n';
	END LOOP;
	RETURN lines;
END $$;
