"""What may still change once it is recorded, and room on the pages for the counters that do."""

from django.db import migrations

KEPT = """
SELECT canut_append_only('work_quote'), canut_append_only('work_quoteline'), canut_append_only('work_itemimport'),
       canut_append_only('work_answer'), canut_append_only('work_timeentry'),
       canut_append_only('work_consensusround'), canut_append_only('work_consensus');
SELECT canut_updatable('work_item', ARRAY['n_active', 'n_done', 'state']);
SELECT canut_updatable('work_assignment', ARRAY['state', 'submitted_at', 'released_at', 'measured_seconds', 'paused_seconds', 'declared_seconds']);
SELECT canut_updatable('work_memberproject', ARRAY['last_seq', 'exhausted_gen']);
SELECT canut_updatable('work_project', ARRAY[
    'title', 'purpose', 'final_client', 'end_use', 'product', 'sold_as_automated', 'disclosure', 'languages', 'template',
    'instructions', 'redundancy', 'seconds_per_answer', 'weight', 'quote_id', 'rule_book', 'price_per_answer', 'funded_answers',
    'low_seq', 'reopen_gen', 'open_items', 'status', 'submitted_at', 'quoted_at', 'funded_at', 'live_at', 'paused_at', 'done_at',
    'archived_at', 'cancelled_at']);

CREATE TRIGGER assignment_ended_stays_ended BEFORE UPDATE ON work_assignment FOR EACH ROW
    WHEN (OLD.state IN ('submitted', 'released')) EXECUTE FUNCTION canut_deny();
"""

QUOTE = """
CREATE FUNCTION canut_quote_adds_up() RETURNS trigger LANGUAGE plpgsql AS $$
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
CREATE CONSTRAINT TRIGGER quote_adds_up AFTER INSERT ON work_quote DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION canut_quote_adds_up();
CREATE CONSTRAINT TRIGGER quote_adds_up AFTER INSERT ON work_quoteline DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION canut_quote_adds_up();
"""

ROOM = """
ALTER TABLE work_item SET (fillfactor = 80);
ALTER TABLE work_assignment SET (fillfactor = 85);
ALTER TABLE work_memberproject SET (fillfactor = 50);
ALTER TABLE work_project SET (fillfactor = 50);
"""


class Migration(migrations.Migration):
    dependencies = [("coop", "0001_clock_and_table_laws"), ("work", "0001_the_work_market")]
    operations = [
        migrations.RunSQL(KEPT, migrations.RunSQL.noop),
        migrations.RunSQL(
            QUOTE,
            "DROP TRIGGER quote_adds_up ON work_quoteline; DROP TRIGGER quote_adds_up ON work_quote; DROP FUNCTION canut_quote_adds_up();",
        ),
        migrations.RunSQL(ROOM, migrations.RunSQL.noop),
    ]
