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
