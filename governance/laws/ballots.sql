-- What a vote is about, who may vote and until when is fixed when the ballot opens; its result when it is counted.

CREATE OR REPLACE FUNCTION governance_ballot_guard() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF (NEW.proposal_id, NEW.procedure_table, NEW.procedure_sha256, NEW.rule_book_id, NEW.roll_size, NEW.roll_root, NEW.opened_at, NEW.closes_at)
        IS DISTINCT FROM (OLD.proposal_id, OLD.procedure_table, OLD.procedure_sha256, OLD.rule_book_id, OLD.roll_size, OLD.roll_root, OLD.opened_at, OLD.closes_at)
        OR (OLD.closed_at IS NOT NULL AND NEW.closed_at IS DISTINCT FROM OLD.closed_at)
        OR (OLD.result IS NOT NULL AND (NEW.result, NEW.result_sha256, NEW.bundle, NEW.bundle_sha256, NEW.tally_entry_id)
            IS DISTINCT FROM (OLD.result, OLD.result_sha256, OLD.bundle, OLD.bundle_sha256, OLD.tally_entry_id)) THEN
        RAISE EXCEPTION 'a ballot is frozen from its opening, its close and its result when they are made'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ballot_is_frozen_from_opening', TABLE = 'governance_ballot';
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION governance_ballot_guard() IS
    'Knows what of a ballot is fixed from its opening, its close and its count.';
REVOKE ALL ON FUNCTION governance_ballot_guard() FROM PUBLIC;

CREATE OR REPLACE TRIGGER ballot_is_frozen_from_opening BEFORE UPDATE ON governance_ballot
    FOR EACH ROW EXECUTE FUNCTION governance_ballot_guard();
COMMENT ON TRIGGER ballot_is_frozen_from_opening ON governance_ballot IS
    'Neither the question, the roll, the deadline nor the result changes after the fact.';
