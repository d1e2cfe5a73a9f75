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
