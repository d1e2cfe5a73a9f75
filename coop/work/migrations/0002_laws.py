"""The laws of work: a copy of its laws/*.sql. Written by `manage.py fold`."""

from django.db import migrations

ASSIGNMENTS = r"""
-- An assignment ends once.

CREATE OR REPLACE TRIGGER assignment_ended_stays_ended BEFORE UPDATE ON work_assignment FOR EACH ROW
    WHEN (OLD.state IN ('submitted', 'released')) EXECUTE FUNCTION canut_deny();
COMMENT ON TRIGGER assignment_ended_stays_ended ON work_assignment IS
    'Seconds that were handed in or given back are not reckoned again.';

CREATE OR REPLACE TRIGGER time_entry_superseded_or_frozen_stays_so BEFORE UPDATE ON work_timeentry FOR EACH ROW
    WHEN (OLD.superseded_at IS NOT NULL OR OLD.frozen) EXECUTE FUNCTION canut_deny();
COMMENT ON TRIGGER time_entry_superseded_or_frozen_stays_so ON work_timeentry IS
    'Time that a run is reckoned from is not corrected, and what was replaced doesn''t come back.';

CREATE OR REPLACE TRIGGER contest_seat_decided_stays_decided BEFORE UPDATE ON work_contestseat FOR EACH ROW
    WHEN (OLD.decided_at IS NOT NULL) EXECUTE FUNCTION canut_deny();
COMMENT ON TRIGGER contest_seat_decided_stays_decided ON work_contestseat IS
    'Who was drawn to hear a contest decides once.';

CREATE OR REPLACE TRIGGER contest_drawn_stays_drawn BEFORE UPDATE OF seed ON work_contest FOR EACH ROW
    WHEN (OLD.seed <> '' AND OLD.seed <> NEW.seed) EXECUTE FUNCTION canut_deny();
COMMENT ON TRIGGER contest_drawn_stays_drawn ON work_contest IS
    'Who hears a contest is drawn once.';

CREATE OR REPLACE FUNCTION contest_seat_is_drawn() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    contest work_contest;
BEGIN
    SELECT * INTO contest FROM work_contest WHERE id = NEW.contest_id FOR NO KEY UPDATE;
    IF contest.seed = '' THEN
        RAISE USING ERRCODE = 'check_violation', CONSTRAINT = 'contest_seat_after_the_draw', TABLE = 'work_contestseat',
            MESSAGE = 'contest_seat_after_the_draw: nobody hears a contest before the lot is drawn';
    ELSIF (SELECT count(*) FROM work_contestseat WHERE contest_id = NEW.contest_id) >= 2 THEN
        RAISE USING ERRCODE = 'check_violation', CONSTRAINT = 'contest_seats_are_two', TABLE = 'work_contestseat',
            MESSAGE = 'contest_seats_are_two: two members hear a contest';
    ELSIF NEW.member_id = (SELECT member_id FROM work_waitingtime WHERE id = contest.waiting_id) THEN
        RAISE USING ERRCODE = 'check_violation', CONSTRAINT = 'contest_seat_of_somebody_else', TABLE = 'work_contestseat',
            MESSAGE = 'contest_seat_of_somebody_else: nobody hears a contest about their own time';
    END IF;
    RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION contest_seat_is_drawn() FROM PUBLIC;
COMMENT ON FUNCTION contest_seat_is_drawn() IS
    'Refuses a seat before the draw, a third one, and one for her whose time is contested.';

CREATE OR REPLACE TRIGGER contest_seat_is_drawn BEFORE INSERT ON work_contestseat
    FOR EACH ROW EXECUTE FUNCTION contest_seat_is_drawn();
COMMENT ON TRIGGER contest_seat_is_drawn ON work_contestseat IS
    'Nobody is put among those who hear a contest but by its lot.';
"""

GOLD = r"""
-- How sure labels are is measured on items drawn by lot, none left out, or not told.

CREATE OR REPLACE FUNCTION canut_gold_is_drawn_of_what_is_done() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF (SELECT status FROM work_project WHERE id = NEW.project_id) IS DISTINCT FROM 'done' THEN
        RAISE EXCEPTION 'answers can still come, nothing is drawn yet'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'gold_draw_waits_for_the_answers', TABLE = 'work_golddraw';
    END IF;
    IF NEW.number > (SELECT count(*) FROM work_item WHERE project_id = NEW.project_id) THEN
        RAISE EXCEPTION 'there are fewer items than are to be drawn (gold_draw_asks_for_items_that_are_there)'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'gold_draw_asks_for_items_that_are_there', TABLE = 'work_golddraw';
    END IF;
    IF NEW.drawn_at < (SELECT max(submitted_at) FROM work_answer WHERE project_id = NEW.project_id) THEN
        RAISE EXCEPTION 'some answers are later than the draw (gold_draw_follows_the_answers)'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'gold_draw_follows_the_answers', TABLE = 'work_golddraw';
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION canut_gold_is_drawn_of_what_is_done() IS 'Looks whether all answers are there, and items enough.';
REVOKE ALL ON FUNCTION canut_gold_is_drawn_of_what_is_done() FROM PUBLIC;

CREATE OR REPLACE TRIGGER gold_draw_waits_for_the_answers BEFORE INSERT ON work_golddraw
    FOR EACH ROW EXECUTE FUNCTION canut_gold_is_drawn_of_what_is_done();
COMMENT ON TRIGGER gold_draw_waits_for_the_answers ON work_golddraw IS
    'Nobody answers the gold items better than the others: while answers come, nobody knows which they are.';

CREATE OR REPLACE FUNCTION canut_gold_hears_no_late_answer() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM work_golddraw WHERE project_id = NEW.project_id AND drawn_at >= NEW.submitted_at) THEN
        RAISE EXCEPTION 'an answer after the draw is no earlier one (gold_hears_no_late_answer)'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'gold_hears_no_late_answer', TABLE = 'work_answer';
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION canut_gold_hears_no_late_answer() IS 'Looks whether the gold items of the project were drawn before.';
REVOKE ALL ON FUNCTION canut_gold_hears_no_late_answer() FROM PUBLIC;

CREATE OR REPLACE TRIGGER gold_hears_no_late_answer BEFORE INSERT ON work_answer
    FOR EACH ROW EXECUTE FUNCTION canut_gold_hears_no_late_answer();
COMMENT ON TRIGGER gold_hears_no_late_answer ON work_answer IS
    'Late work is paid; the labels that are measured were made before anybody knew which items are gold.';

CREATE OR REPLACE FUNCTION canut_gold_in_the_order_drawn() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NEW.place > (SELECT number FROM work_golddraw WHERE id = NEW.draw_id)
       OR NEW.place IS DISTINCT FROM (SELECT count(*) + 1 FROM work_goldtruth WHERE draw_id = NEW.draw_id)
       OR NEW.item_id IS DISTINCT FROM (
           SELECT item.id FROM work_golddraw draw JOIN work_item item ON item.project_id = draw.project_id
           WHERE draw.id = NEW.draw_id AND NOT EXISTS (SELECT FROM work_goldtruth known WHERE known.item_id = item.id)
           ORDER BY sha256(convert_to(draw.seed || ':' || item.seq, 'UTF8')) LIMIT 1) THEN
        RAISE EXCEPTION 'another item was drawn to come next'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'gold_truth_leaves_none_out', TABLE = 'work_goldtruth';
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION canut_gold_in_the_order_drawn() IS 'Draws again from the seed, as coop.work.gold does, and looks whether this item comes next.';
REVOKE ALL ON FUNCTION canut_gold_in_the_order_drawn() FROM PUBLIC;

CREATE OR REPLACE TRIGGER gold_truth_in_the_order_drawn BEFORE INSERT ON work_goldtruth
    FOR EACH ROW EXECUTE FUNCTION canut_gold_in_the_order_drawn();
COMMENT ON TRIGGER gold_truth_in_the_order_drawn ON work_goldtruth IS
    'Nobody leaves out the items of which they are not sure: labels would look better than they are.';

CREATE OR REPLACE FUNCTION canut_gold_was_stated() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM work_golddraw draw JOIN work_goldtruth last ON last.draw_id = draw.id AND last.place = draw.number
        WHERE draw.project_id = NEW.project_id AND NEW.gold <= draw.number AND NEW.answers = (
            SELECT count(DISTINCT answer.assignment_id) FROM work_answer answer
            WHERE answer.project_id = NEW.project_id AND answer.submitted_at <= draw.drawn_at)) THEN
        RAISE EXCEPTION 'nothing is measured on gold items before all of them were stated, nor on later answers'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'consensus_round_gold_was_stated', TABLE = 'work_consensusround';
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION canut_gold_was_stated() IS
    'Looks whether the truth of as many items is stated as the draw asks for, and whether the round heard what came before the draw.';
REVOKE ALL ON FUNCTION canut_gold_was_stated() FROM PUBLIC;

CREATE OR REPLACE TRIGGER consensus_round_gold_was_stated BEFORE INSERT ON work_consensusround
    FOR EACH ROW WHEN (NEW.gold > 0) EXECUTE FUNCTION canut_gold_was_stated();
COMMENT ON TRIGGER consensus_round_gold_was_stated ON work_consensusround IS
    'Nobody stops stating truths where it looks best, or moves a label once it is known what is measured.';

CREATE OR REPLACE FUNCTION canut_confidence_was_measured() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM work_consensusround round JOIN work_golddraw draw ON draw.project_id = round.project_id
        JOIN work_goldtruth last ON last.draw_id = draw.id AND last.place = draw.number
        JOIN work_item item ON item.project_id = round.project_id
        WHERE round.id = NEW.round_id AND round.gold >= 30 AND item.id = NEW.item_id) THEN
        RAISE EXCEPTION 'without thirty gold items, and all of them stated, nobody knows how sure a label is (consensus_confidence_was_measured)'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'consensus_confidence_was_measured', TABLE = 'work_consensus';
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION canut_confidence_was_measured() IS
    'Looks on how many gold items the round of this label was measured, and whether all that were asked for are stated.';
REVOKE ALL ON FUNCTION canut_confidence_was_measured() FROM PUBLIC;

CREATE OR REPLACE TRIGGER consensus_confidence_was_measured BEFORE INSERT ON work_consensus
    FOR EACH ROW WHEN (NEW.confidence IS NOT NULL) EXECUTE FUNCTION canut_confidence_was_measured();
COMMENT ON TRIGGER consensus_confidence_was_measured ON work_consensus IS
    'A model''s opinion of itself is never delivered as confidence.';
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
    'funded_answers', 'low_seq', 'reopen_gen', 'open_items', 'pace_seconds', 'paced_words', 'status', 'revised_at', 'submitted_at', 'quoted_at', 'funded_at',
    'live_at', 'paused_at', 'resumed_at', 'done_at', 'cancelled_at']);
SELECT canut_append_only('work_quote');
SELECT canut_append_only('work_quoteline');
SELECT canut_append_only('work_itemimport');
SELECT canut_kept('work_item', changing => ARRAY['n_active', 'n_done', 'state']);
SELECT canut_kept('work_memberproject', changing => ARRAY[
    'last_seq', 'exhausted_gen', 'counted_seconds', 'delivered', 'reading_since', 'training_counted']);
SELECT canut_kept('work_assignment', changing => ARRAY[
    'state', 'lease_expires_at', 'submitted_at', 'released_at', 'measured_seconds', 'paused_seconds', 'declared_seconds']);
SELECT canut_append_only('work_answer');
SELECT canut_kept('work_timeentry', changing => ARRAY['superseded_at', 'frozen']);
SELECT canut_kept('work_pacefactor', changing => ARRAY['permille']);
SELECT canut_append_only('work_timecorrection');
SELECT canut_kept('work_waitingtime', changing => ARRAY[
    'state', 'counts_at', 'counted_at', 'contested_at', 'refused_at', 'withdrawn_at']);
SELECT canut_kept('work_contest', changing => ARRAY['answer', 'seed']);
SELECT canut_kept('work_contestseat', changing => ARRAY['refuses', 'words', 'decided_at']);
SELECT canut_kept('work_halt', changing => ARRAY['state', 'looked_at', 'looked_by_id', 'words', 'more_seconds', 'allowed_seconds']);
SELECT canut_append_only('work_consensusround');
SELECT canut_append_only('work_consensus');
SELECT canut_append_only('work_golddraw');
SELECT canut_append_only('work_goldtruth');
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
    'expired>leased', 'expired>submitted', 'expired>released']);
SELECT canut_states('work_waitingtime', 'state', begins => ARRAY['waiting'], moves => ARRAY[
    'waiting>counted', 'waiting>contested', 'waiting>withdrawn',
    'contested>counted', 'contested>refused']);
SELECT canut_states('work_halt', 'state', begins => ARRAY['open'], moves => ARRAY['open>looked']);
"""


class Migration(migrations.Migration):
    dependencies = [("work", "0001_tables"), ("notices", "0002_laws")]
    operations = [
        migrations.RunSQL(ASSIGNMENTS),
        migrations.RunSQL(GOLD),
        migrations.RunSQL(QUOTES),
        migrations.RunSQL(RIGHTS),
        migrations.RunSQL(ROOM),
        migrations.RunSQL(STATES),
    ]
