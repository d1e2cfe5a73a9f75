-- How sure labels are is measured on items drawn by lot, none left out, or not told.

CREATE OR REPLACE FUNCTION canut_gold_in_the_order_drawn() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NEW.place IS DISTINCT FROM (SELECT count(*) + 1 FROM work_goldtruth WHERE draw_id = NEW.draw_id)
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

CREATE OR REPLACE FUNCTION canut_confidence_was_measured() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF (SELECT gold FROM work_consensusround WHERE id = NEW.round_id) < 30 THEN
        RAISE EXCEPTION 'without thirty gold items nobody knows how sure a label is'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'consensus_confidence_was_measured', TABLE = 'work_consensus';
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION canut_confidence_was_measured() IS 'Looks on how many gold items the round of this label was measured.';
REVOKE ALL ON FUNCTION canut_confidence_was_measured() FROM PUBLIC;

CREATE OR REPLACE TRIGGER consensus_confidence_was_measured BEFORE INSERT ON work_consensus
    FOR EACH ROW WHEN (NEW.confidence IS NOT NULL) EXECUTE FUNCTION canut_confidence_was_measured();
COMMENT ON TRIGGER consensus_confidence_was_measured ON work_consensus IS
    'A model''s opinion of itself is never delivered as confidence.';
