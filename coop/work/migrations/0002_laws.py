"""The laws of work: a copy of its laws/*.sql. Written by `manage.py fold`."""

from django.db import migrations

ASSIGNMENTS = r"""
-- An assignment ends once.

CREATE OR REPLACE TRIGGER assignment_ended_stays_ended BEFORE UPDATE ON work_assignment FOR EACH ROW
    WHEN (OLD.state IN ('submitted', 'released')) EXECUTE FUNCTION canut_deny();
COMMENT ON TRIGGER assignment_ended_stays_ended ON work_assignment IS
    'Seconds that were handed in or given back are not reckoned again.';
"""

QUOTES = r"""
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
"""

RIGHTS = r"""
-- What the application may do with each table. Work that was quoted, imported, answered or timed is never edited.

SELECT canut_kept('work_client', changing => ARRAY[
    'legal_name', 'country', 'kind', 'vat_id', 'contact', 'beneficial_client', 'subcontract_chain']);
SELECT canut_kept('work_clientuser', changing => ARRAY['role']);
SELECT canut_kept('work_project', changing => ARRAY[
    'title', 'purpose', 'final_client', 'end_use', 'product', 'sold_as_automated', 'disclosure', 'languages', 'template',
    'instructions', 'redundancy', 'seconds_per_answer', 'weight', 'quote_id', 'rule_book', 'price_per_answer',
    'funded_answers', 'low_seq', 'reopen_gen', 'open_items', 'status', 'revised_at', 'submitted_at', 'quoted_at', 'funded_at',
    'live_at', 'paused_at', 'resumed_at', 'done_at', 'cancelled_at']);
SELECT canut_append_only('work_quote');
SELECT canut_append_only('work_quoteline');
SELECT canut_append_only('work_itemimport');
SELECT canut_kept('work_item', changing => ARRAY['n_active', 'n_done', 'state']);
SELECT canut_kept('work_memberproject', changing => ARRAY['last_seq', 'exhausted_gen']);
SELECT canut_kept('work_assignment', changing => ARRAY[
    'state', 'submitted_at', 'released_at', 'measured_seconds', 'paused_seconds', 'declared_seconds']);
SELECT canut_append_only('work_answer');
SELECT canut_append_only('work_timeentry');
SELECT canut_append_only('work_consensusround');
SELECT canut_append_only('work_consensus');
"""

ROOM = r"""
-- Room on the pages for the counters that change with every claim and answer, so that an update stays on its page.

ALTER TABLE work_item SET (fillfactor = 80);
ALTER TABLE work_assignment SET (fillfactor = 85);
ALTER TABLE work_memberproject SET (fillfactor = 50);
ALTER TABLE work_project SET (fillfactor = 50);
"""

STATES = r"""
-- The graphs of work: an order, a thing to look at, and who has it in hand.

SELECT canut_states('work_project', 'status', begins => ARRAY['draft'], moves => ARRAY[
    'draft>quoted', 'draft>cancelled',
    'quoted>draft', 'quoted>live', 'quoted>cancelled',
    'live>paused', 'live>done', 'live>cancelled',
    'paused>live', 'paused>done', 'paused>cancelled']);
SELECT canut_states('work_item', 'state', begins => ARRAY['0'], moves => ARRAY['0>1']);
SELECT canut_states('work_assignment', 'state', begins => ARRAY['leased'], moves => ARRAY[
    'leased>submitted', 'leased>released', 'leased>expired',
    'expired>submitted', 'expired>released']);
"""


class Migration(migrations.Migration):
    dependencies = [("work", "0001_tables"), ("talk", "0002_laws")]
    operations = [
        migrations.RunSQL(ASSIGNMENTS),
        migrations.RunSQL(QUOTES),
        migrations.RunSQL(RIGHTS),
        migrations.RunSQL(ROOM),
        migrations.RunSQL(STATES),
    ]
