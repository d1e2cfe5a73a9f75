"""The laws of coop: a copy of its laws/*.sql. Written by `manage.py fold`."""

from django.db import migrations

CACHE = r"""
-- The cache that all web processes of one node share (limits of attempts need one), in the layout of Django's database cache.

CREATE UNLOGGED TABLE IF NOT EXISTS shared_cache (
    cache_key varchar(255) PRIMARY KEY,
    value text NOT NULL,
    expires timestamptz NOT NULL
);
CREATE INDEX IF NOT EXISTS shared_cache_expires ON shared_cache (expires);
COMMENT ON TABLE shared_cache IS 'What every web process must count together; nothing in it is worth keeping.';
REVOKE ALL ON shared_cache FROM PUBLIC, canut_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON shared_cache TO canut_app;
"""

CLOCK = r"""
-- The clock of the co-operative. Every deadline asks it; nobody but the owner's role moves it, and only in a sandbox, and only forward.

CREATE TABLE IF NOT EXISTS sandbox_clock (
    only_row boolean PRIMARY KEY DEFAULT true CONSTRAINT sandbox_clock_has_one_row CHECK (only_row),
    sandbox boolean NOT NULL DEFAULT false,
    ahead_by interval NOT NULL DEFAULT '0',
    CONSTRAINT sandbox_clock_moves_only_in_sandbox CHECK (sandbox OR ahead_by = '0'),
    CONSTRAINT sandbox_clock_is_never_late CHECK (ahead_by >= '0')
);
COMMENT ON TABLE sandbox_clock IS 'How far the clock of a sandbox is ahead of the wall; the application only reads it, so no member can shorten a vote.';
INSERT INTO sandbox_clock DEFAULT VALUES ON CONFLICT DO NOTHING;
REVOKE ALL ON sandbox_clock FROM PUBLIC, canut_app;
GRANT SELECT ON sandbox_clock TO canut_app;

-- The table is named with its schema: a temporary table of the same name would otherwise be found first, and time would be its maker's.
CREATE OR REPLACE FUNCTION coop_now() RETURNS timestamptz LANGUAGE sql STABLE AS
$$ SELECT clock_timestamp() + ahead_by FROM public.sandbox_clock $$;
COMMENT ON FUNCTION coop_now() IS 'The moment it is for the co-operative: the same for every process, whatever the clock of its machine says.';
REVOKE ALL ON FUNCTION coop_now() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION coop_now() TO canut_app;
"""

FRAMEWORKS = r"""
-- The owner migrates; the application only asks whether that was done.

REVOKE ALL ON django_migrations FROM canut_app;
GRANT SELECT ON django_migrations TO canut_app;
"""

KEEPING = r"""
-- The four ways in which a table may be kept. Each app says for each of its tables which one, in its rights.sql.
-- Calling any of them again, or another one, leaves what the last call says and nothing else.

CREATE OR REPLACE FUNCTION canut_deny() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION '% of % is not allowed: what happened is never edited', lower(TG_OP), TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
END $$;
COMMENT ON FUNCTION canut_deny() IS 'Refuses whatever its trigger was made for, in the trigger''s name, whoever asks: the owner''s role too.';
REVOKE ALL ON FUNCTION canut_deny() FROM PUBLIC;

CREATE OR REPLACE FUNCTION canut_fixed_but() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    moving text[] := coalesce(TG_ARGV, '{}');  -- NULL where a trigger names nothing, and NULL is not distinct from NULL
BEGIN
    IF (to_jsonb(NEW) - moving)::text IS DISTINCT FROM (to_jsonb(OLD) - moving)::text THEN  -- as JSON, 500 would equal 500.0
        RAISE EXCEPTION 'of this row of % nothing changes any more but: %', TG_TABLE_NAME, array_to_string(moving, ', ')
            USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION canut_fixed_but() IS
    'Refuses, in its trigger''s name, a change of any column but those that its trigger names: of one that is added later too.';
REVOKE ALL ON FUNCTION canut_fixed_but() FROM PUBLIC;

CREATE OR REPLACE FUNCTION canut_begin_keeping(target regclass) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    EXECUTE format('DROP TRIGGER IF EXISTS %I ON %s', target || '_append_only', target);
    EXECUTE format('DROP TRIGGER IF EXISTS %I ON %s', target || '_is_kept', target);
    EXECUTE format('REVOKE ALL ON %s FROM PUBLIC, canut_app', target);
    EXECUTE format('GRANT SELECT, INSERT ON %s TO canut_app', target);
END $$;
COMMENT ON FUNCTION canut_begin_keeping(regclass) IS 'Takes back what was said of a table before: the application may read it and add to it, and no more.';
REVOKE ALL ON FUNCTION canut_begin_keeping(regclass) FROM PUBLIC;

CREATE OR REPLACE FUNCTION canut_append_only(target regclass) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM canut_begin_keeping(target);
    EXECUTE format('CREATE TRIGGER %I BEFORE UPDATE OR DELETE OR TRUNCATE ON %s FOR EACH STATEMENT EXECUTE FUNCTION canut_deny()',
                   target || '_append_only', target);
    EXECUTE format('COMMENT ON TRIGGER %I ON %s IS %L', target || '_append_only', target,
                   'What was written stays as it was written; nothing is changed and nothing goes.');
END $$;
COMMENT ON FUNCTION canut_append_only(regclass) IS 'Rows come and stay as they are. A new column can''t be changed either.';
REVOKE ALL ON FUNCTION canut_append_only(regclass) FROM PUBLIC;

CREATE OR REPLACE FUNCTION canut_kept(target regclass, changing text[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    unknown text := (SELECT string_agg(name, ', ') FROM unnest(changing) name
                     WHERE NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = target AND attname = name AND attnum > 0 AND NOT attisdropped));
    named text := (SELECT string_agg(quote_ident(name), ', ' ORDER BY name) FROM unnest(changing) name);
BEGIN
    IF unknown IS NOT NULL THEN
        RAISE EXCEPTION '% has no column %', target, unknown;
    END IF;
    PERFORM canut_begin_keeping(target);
    EXECUTE format('CREATE TRIGGER %I BEFORE DELETE OR TRUNCATE ON %s FOR EACH STATEMENT EXECUTE FUNCTION canut_deny()',
                   target || '_is_kept', target);
    EXECUTE format('COMMENT ON TRIGGER %I ON %s IS %L', target || '_is_kept', target, 'What was written may go on; it never goes away.');
    EXECUTE format('GRANT UPDATE (%s) ON %s TO canut_app', named, target);
END $$;
COMMENT ON FUNCTION canut_kept(regclass, text[]) IS 'Rows come and stay; of a row only the columns that are named may change. A new column can''t be changed unless it is named.';
REVOKE ALL ON FUNCTION canut_kept(regclass, text[]) FROM PUBLIC;

CREATE OR REPLACE FUNCTION canut_free(target regclass) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM canut_begin_keeping(target);
    EXECUTE format('GRANT UPDATE, DELETE ON %s TO canut_app', target);
END $$;
COMMENT ON FUNCTION canut_free(regclass) IS 'Rows come, change and go: nothing here is history.';
REVOKE ALL ON FUNCTION canut_free(regclass) FROM PUBLIC;

CREATE OR REPLACE FUNCTION canut_read_only(target regclass) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM canut_begin_keeping(target);
    EXECUTE format('REVOKE INSERT ON %s FROM canut_app', target);
END $$;
COMMENT ON FUNCTION canut_read_only(regclass) IS 'The application looks at it and never writes: a trigger does, or it is a view.';
REVOKE ALL ON FUNCTION canut_read_only(regclass) FROM PUBLIC;
"""

RIGHTS = r"""
-- What the application may do with each table.

SELECT canut_free('coop_heartbeat');
"""

STATES = r"""
-- A thing moves along the graph of its states, and begins where its graph does. Each app says the graphs of its tables in its states.sql.

CREATE OR REPLACE FUNCTION canut_state_refused() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        RAISE EXCEPTION 'a row of % does not begin with % "%"', TG_TABLE_NAME, TG_ARGV[0], to_jsonb(NEW) ->> TG_ARGV[0]
            USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
    END IF;
    RAISE EXCEPTION 'a row of % does not go from % "%" to "%"', TG_TABLE_NAME, TG_ARGV[0],
        to_jsonb(OLD) ->> TG_ARGV[0], to_jsonb(NEW) ->> TG_ARGV[0]
        USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
END $$;
COMMENT ON FUNCTION canut_state_refused() IS 'Refuses a beginning or a move that is not in the graph; its trigger asks only for those.';
REVOKE ALL ON FUNCTION canut_state_refused() FROM PUBLIC;

CREATE OR REPLACE FUNCTION canut_states(target regclass, state name, begins text[], moves text[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    beginning name := target || '_' || state || '_begins_where_its_graph_does';
    moving name := target || '_' || state || '_moves_along_its_graph';
BEGIN
    EXECUTE format('CREATE OR REPLACE TRIGGER %I BEFORE INSERT ON %s FOR EACH ROW WHEN (NEW.%I::text <> ALL (%L::text[])) '
                   'EXECUTE FUNCTION canut_state_refused(%L)', beginning, target, state, begins, state);
    EXECUTE format('COMMENT ON TRIGGER %I ON %s IS %L', beginning, target, 'Nothing is written into the record as if it had been decided, paid or ended.');
    EXECUTE format('CREATE OR REPLACE TRIGGER %I BEFORE UPDATE ON %s FOR EACH ROW WHEN (OLD.%I IS DISTINCT FROM NEW.%I '
                   'AND (OLD.%I::text || ''>'' || NEW.%I::text) <> ALL (%L::text[])) EXECUTE FUNCTION canut_state_refused(%L)',
                   moving, target, state, state, state, state, moves, state);
    EXECUTE format('COMMENT ON TRIGGER %I ON %s IS %L', moving, target, 'No step is skipped, and what has ended stays ended.');
END $$;
COMMENT ON FUNCTION canut_states(regclass, name, text[], text[]) IS
    'The graph of one state column: where rows may begin, and each way as from>to. Calling it again replaces the graph.';
REVOKE ALL ON FUNCTION canut_states(regclass, name, text[], text[]) FROM PUBLIC;
"""


class Migration(migrations.Migration):
    dependencies = [("coop", "0001_tables")]
    operations = [
        migrations.RunSQL(CACHE),
        migrations.RunSQL(CLOCK),
        migrations.RunSQL(FRAMEWORKS),
        migrations.RunSQL(KEEPING),
        migrations.RunSQL(RIGHTS),
        migrations.RunSQL(STATES),
    ]
