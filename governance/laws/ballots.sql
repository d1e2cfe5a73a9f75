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
