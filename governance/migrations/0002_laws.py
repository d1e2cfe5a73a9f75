"""The laws of governance: a copy of its laws/*.sql. Written by `manage.py fold`."""

from django.db import migrations

BALLOTS = r"""
-- What a vote is about, who may vote and until when is fixed when the ballot opens; its result when it is counted.

CREATE OR REPLACE TRIGGER ballot_is_frozen_from_opening BEFORE UPDATE ON governance_ballot FOR EACH ROW
    EXECUTE FUNCTION canut_fixed_but('closed_at', 'result', 'result_sha256', 'bundle', 'bundle_sha256', 'tally_entry_id');
COMMENT ON TRIGGER ballot_is_frozen_from_opening ON governance_ballot IS
    'Neither the question, the roll nor the deadline changes after the fact.';

CREATE OR REPLACE TRIGGER ballot_closed_stays_closed BEFORE UPDATE ON governance_ballot FOR EACH ROW WHEN (OLD.closed_at IS NOT NULL)
    EXECUTE FUNCTION canut_fixed_but('result', 'result_sha256', 'bundle', 'bundle_sha256', 'tally_entry_id');
COMMENT ON TRIGGER ballot_closed_stays_closed ON governance_ballot IS
    'A vote ended when it ended, and only its result is added.';

CREATE OR REPLACE TRIGGER ballot_counted_keeps_its_result BEFORE UPDATE ON governance_ballot FOR EACH ROW WHEN (OLD.result IS NOT NULL)
    EXECUTE FUNCTION canut_fixed_but();
COMMENT ON TRIGGER ballot_counted_keeps_its_result ON governance_ballot IS
    'What was counted and published is the result for good.';
"""

PROPOSALS = r"""
-- Once submitted, the words of a proposal stand as they were read.

CREATE OR REPLACE TRIGGER proposal_is_frozen_once_submitted BEFORE UPDATE ON governance_proposal FOR EACH ROW WHEN (OLD.state <> 'draft')
    EXECUTE FUNCTION canut_fixed_but('state', 'voting_from', 'opened_at', 'closed_at', 'tallied_at', 'executable_at', 'expires_at', 'settled_at');
COMMENT ON TRIGGER proposal_is_frozen_once_submitted ON governance_proposal IS
    'What members read is what they vote on, and a proposal that answers a request goes on answering that one.';

ALTER TABLE governance_proposal DROP CONSTRAINT IF EXISTS proposal_has_its_binding_text;
ALTER TABLE governance_proposal ADD CONSTRAINT proposal_has_its_binding_text
    CHECK (texts -> language ->> 'title' <> '' AND (texts -> language ->> 'title') IS NOT NULL);
COMMENT ON CONSTRAINT proposal_has_its_binding_text ON governance_proposal IS
    'The language that binds is one in which the proposal can be read.';
"""

RIGHTS = r"""
-- What the application may do with each table. Of a ballot only the close and the count are added; of a vote only the choice changes.

SELECT canut_kept('governance_proposal', changing => ARRAY[
    'request', 'language', 'texts', 'change_set', 'change_set_sha256', 'procedure_key', 'thread_id', 'state', 'submitted_at',
    'voting_from', 'opened_at', 'closed_at', 'tallied_at', 'executable_at', 'expires_at', 'settled_at']);
SELECT canut_kept('governance_ballot', changing => ARRAY[
    'closed_at', 'result', 'result_sha256', 'bundle', 'bundle_sha256', 'tally_entry_id']);
SELECT canut_append_only('governance_rollentry');
SELECT canut_kept('governance_vote', changing => ARRAY['choice']);
SELECT canut_append_only('governance_enactment');
"""

ROLLS = r"""
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
"""

STATES = r"""
-- The graph of a proposal: no decision skips deliberation, voting or its count, and nobody writes one into the record that is already decided.

SELECT canut_states('governance_proposal', 'state', begins => ARRAY['draft'], moves => ARRAY[
    'draft>deliberation', 'draft>withdrawn',
    'deliberation>voting', 'deliberation>withdrawn',
    'voting>closed',
    'closed>rejected', 'closed>no_quorum', 'closed>tied', 'closed>adopted',
    'adopted>executable', 'adopted>expired',
    'executable>executed', 'executable>execution_failed', 'executable>expired']);
"""

VOTES = r"""
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
"""


class Migration(migrations.Migration):
    dependencies = [("governance", "0001_tables"), ("payouts", "0002_laws")]
    operations = [
        migrations.RunSQL(BALLOTS),
        migrations.RunSQL(PROPOSALS),
        migrations.RunSQL(RIGHTS),
        migrations.RunSQL(ROLLS),
        migrations.RunSQL(STATES),
        migrations.RunSQL(VOTES),
    ]
