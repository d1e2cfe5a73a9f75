"""What the database itself refuses: a state out of order, an edited proposal, a late voter, a vote after close, a changed result."""

from django.db import migrations

PROPOSALS = """
CREATE FUNCTION governance_proposal_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state <> OLD.state AND (OLD.state || '>' || NEW.state) <> ALL (ARRAY[
        'draft>deliberation', 'draft>withdrawn',
        'deliberation>voting', 'deliberation>withdrawn',
        'voting>closed',
        'closed>rejected', 'closed>no_quorum', 'closed>tied', 'closed>adopted',
        'adopted>executable', 'adopted>expired',
        'executable>executed', 'executable>execution_failed', 'executable>expired'
    ]) THEN
        RAISE EXCEPTION 'a proposal does not go from % to %', OLD.state, NEW.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'proposal_states_move_along_the_graph', TABLE = 'governance_proposal';
    END IF;
    IF OLD.state <> 'draft' AND (NEW.texts, NEW.language, NEW.change_set, NEW.change_set_sha256, NEW.procedure_key, NEW.thread_id, NEW.submitted_at)
        IS DISTINCT FROM (OLD.texts, OLD.language, OLD.change_set, OLD.change_set_sha256, OLD.procedure_key, OLD.thread_id, OLD.submitted_at) THEN
        RAISE EXCEPTION 'a submitted proposal is not edited'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'proposal_is_frozen_once_submitted', TABLE = 'governance_proposal';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER proposal_states_move_along_the_graph BEFORE UPDATE ON governance_proposal
    FOR EACH ROW EXECUTE FUNCTION governance_proposal_guard();
CREATE FUNCTION governance_proposal_begins() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state <> 'draft' THEN
        RAISE EXCEPTION 'a proposal begins as a draft'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'proposal_begins_as_a_draft', TABLE = 'governance_proposal';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER proposal_begins_as_a_draft BEFORE INSERT ON governance_proposal
    FOR EACH ROW EXECUTE FUNCTION governance_proposal_begins();
ALTER TABLE governance_proposal ADD CONSTRAINT proposal_has_its_binding_text
    CHECK (texts -> language ->> 'title' <> '' AND (texts -> language ->> 'title') IS NOT NULL);
SELECT canut_updatable('governance_proposal', ARRAY[
    'language', 'texts', 'change_set', 'change_set_sha256', 'procedure_key', 'thread_id', 'state', 'submitted_at', 'voting_from',
    'opened_at', 'closed_at', 'tallied_at', 'executable_at', 'expires_at', 'settled_at']);
"""

BALLOTS = """
CREATE FUNCTION governance_ballot_guard() RETURNS trigger LANGUAGE plpgsql AS $$
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
CREATE TRIGGER ballot_is_frozen_from_opening BEFORE UPDATE ON governance_ballot
    FOR EACH ROW EXECUTE FUNCTION governance_ballot_guard();
SELECT canut_updatable('governance_ballot', ARRAY['closed_at', 'result', 'result_sha256', 'bundle', 'bundle_sha256', 'tally_entry_id']);
"""

# The ballot states the size of its roll. No statement may exceed it, and at commit it must be reached: so nobody joins later.
ROLLS = """
CREATE FUNCTION governance_roll_guard() RETURNS trigger LANGUAGE plpgsql AS $$
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
CREATE TRIGGER roll_is_frozen_from_opening AFTER INSERT ON governance_rollentry
    REFERENCING NEW TABLE AS joined FOR EACH STATEMENT EXECUTE FUNCTION governance_roll_guard();
SELECT canut_append_only('governance_rollentry');

CREATE FUNCTION governance_roll_is_whole() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT count(*) FROM governance_rollentry r WHERE r.ballot_id = NEW.id) <> NEW.roll_size THEN
        RAISE EXCEPTION 'the roll of ballot % has not the size it states', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'roll_has_the_size_the_ballot_states', TABLE = 'governance_ballot';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER roll_has_the_size_the_ballot_states AFTER INSERT ON governance_ballot
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION governance_roll_is_whole();
"""

# A vote is from the roll of its own ballot, and is written only by a transaction that sees the ballot open and keeps it so.
VOTES = """
ALTER TABLE governance_rollentry ADD CONSTRAINT roll_entry_belongs_to_its_ballot UNIQUE (ballot_id, id);
ALTER TABLE governance_vote ADD CONSTRAINT vote_comes_from_the_roll_of_its_ballot
    FOREIGN KEY (ballot_id, entry_id) REFERENCES governance_rollentry (ballot_id, id);
CREATE FUNCTION governance_vote_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM governance_ballot b
        WHERE b.id = NEW.ballot_id AND b.closed_at IS NULL AND coop_now() < b.closes_at FOR SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'this ballot is closed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'vote_only_while_the_ballot_is_open', TABLE = 'governance_vote';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER vote_only_while_the_ballot_is_open BEFORE INSERT OR UPDATE ON governance_vote
    FOR EACH ROW EXECUTE FUNCTION governance_vote_guard();
SELECT canut_updatable('governance_vote', ARRAY['choice']);
"""

ENACTMENTS = "SELECT canut_append_only('governance_enactment');"


class Migration(migrations.Migration):
    dependencies = [("governance", "0001_proposals_ballots_and_votes"), ("coop", "0001_clock_and_table_laws")]
    operations = [
        migrations.RunSQL(law, migrations.RunSQL.noop) for law in (PROPOSALS, BALLOTS, ROLLS, VOTES, ENACTMENTS)
    ]
