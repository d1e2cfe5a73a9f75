-- A price is the sum of its lines, when it is written and for ever.

CREATE OR REPLACE FUNCTION canut_quote_adds_up() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    changed uuid := CASE TG_TABLE_NAME WHEN 'work_quote' THEN (to_jsonb(NEW)->>'id')::uuid ELSE (to_jsonb(NEW)->>'quote_id')::uuid END;
BEGIN
    IF (SELECT total FROM work_quote WHERE id = changed)
       IS DISTINCT FROM (SELECT coalesce(sum(amount), 0) FROM work_quoteline WHERE quote_id = changed) THEN
        RAISE EXCEPTION 'the lines of a quote add up to its total'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'quote_adds_up', TABLE = 'work_quote';
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION canut_quote_adds_up() IS 'Adds the lines of a quote up at commit, for the quote or the line that was written.';
REVOKE ALL ON FUNCTION canut_quote_adds_up() FROM PUBLIC;

DROP TRIGGER IF EXISTS quote_adds_up ON work_quote;
CREATE CONSTRAINT TRIGGER quote_adds_up AFTER INSERT ON work_quote DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION canut_quote_adds_up();
COMMENT ON TRIGGER quote_adds_up ON work_quote IS 'A client never pays a total that its lines don''t explain.';

DROP TRIGGER IF EXISTS quote_adds_up ON work_quoteline;
CREATE CONSTRAINT TRIGGER quote_adds_up AFTER INSERT ON work_quoteline DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION canut_quote_adds_up();
COMMENT ON TRIGGER quote_adds_up ON work_quoteline IS 'No line is added to a quote whose total was already told.';
