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
