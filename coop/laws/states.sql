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
