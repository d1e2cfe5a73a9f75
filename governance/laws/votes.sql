-- A vote is from the roll of its own ballot, and is written only by a transaction that sees the ballot open and keeps it so.

ALTER TABLE governance_vote DROP CONSTRAINT IF EXISTS vote_comes_from_the_roll_of_its_ballot;
ALTER TABLE governance_vote ADD CONSTRAINT vote_comes_from_the_roll_of_its_ballot
    FOREIGN KEY (ballot_id, entry_id) REFERENCES governance_rollentry (ballot_id, id);
COMMENT ON CONSTRAINT vote_comes_from_the_roll_of_its_ballot ON governance_vote IS
    'A line on the roll of one ballot is no vote in another.';

CREATE OR REPLACE FUNCTION governance_vote_guard() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM 1 FROM governance_ballot b
        WHERE b.id = NEW.ballot_id AND b.closed_at IS NULL AND coop_now() < b.closes_at FOR SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'this ballot is closed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'vote_only_while_the_ballot_is_open', TABLE = 'governance_vote';
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION governance_vote_guard() IS
    'Holds the ballot open for as long as a vote is being written, or refuses.';
REVOKE ALL ON FUNCTION governance_vote_guard() FROM PUBLIC;

CREATE OR REPLACE TRIGGER vote_only_while_the_ballot_is_open BEFORE INSERT OR UPDATE ON governance_vote
    FOR EACH ROW EXECUTE FUNCTION governance_vote_guard();
COMMENT ON TRIGGER vote_only_while_the_ballot_is_open ON governance_vote IS
    'No vote is cast or changed after the close, by anybody, in any race.';
