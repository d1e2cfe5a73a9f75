-- The ballot states the size of its roll. No statement may exceed it, and at commit it must be reached: so nobody joins later.

CREATE OR REPLACE FUNCTION governance_roll_guard() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM governance_ballot b
        WHERE b.id IN (SELECT DISTINCT ballot_id FROM joined)
          AND (SELECT count(*) FROM governance_rollentry r WHERE r.ballot_id = b.id) > b.roll_size
    ) THEN
        RAISE EXCEPTION 'nobody joins a roll after the ballot opened'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'roll_is_frozen_from_opening', TABLE = 'governance_rollentry';
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION governance_roll_guard() IS
    'Counts the roll of each ballot that a statement added to.';
REVOKE ALL ON FUNCTION governance_roll_guard() FROM PUBLIC;

CREATE OR REPLACE TRIGGER roll_is_frozen_from_opening AFTER INSERT ON governance_rollentry
    REFERENCING NEW TABLE AS joined FOR EACH STATEMENT EXECUTE FUNCTION governance_roll_guard();
COMMENT ON TRIGGER roll_is_frozen_from_opening ON governance_rollentry IS
    'Members admitted after the opening have no vote in it.';

CREATE OR REPLACE FUNCTION governance_roll_is_whole() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF (SELECT count(*) FROM governance_rollentry r WHERE r.ballot_id = NEW.id) <> NEW.roll_size THEN
        RAISE EXCEPTION 'the roll of ballot % has not the size it states', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'roll_has_the_size_the_ballot_states', TABLE = 'governance_ballot';
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION governance_roll_is_whole() IS
    'Counts the roll of a new ballot at commit.';
REVOKE ALL ON FUNCTION governance_roll_is_whole() FROM PUBLIC;

DROP TRIGGER IF EXISTS roll_has_the_size_the_ballot_states ON governance_ballot;
CREATE CONSTRAINT TRIGGER roll_has_the_size_the_ballot_states AFTER INSERT ON governance_ballot
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION governance_roll_is_whole();
COMMENT ON TRIGGER roll_has_the_size_the_ballot_states ON governance_ballot IS
    'Nobody who has a vote is left off the roll and added when it suits.';
