-- Once submitted, the words of a proposal stand as they were read.

CREATE OR REPLACE FUNCTION governance_proposal_guard() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF OLD.state <> 'draft' AND (NEW.texts, NEW.language, NEW.change_set, NEW.change_set_sha256, NEW.procedure_key, NEW.thread_id, NEW.submitted_at)
        IS DISTINCT FROM (OLD.texts, OLD.language, OLD.change_set, OLD.change_set_sha256, OLD.procedure_key, OLD.thread_id, OLD.submitted_at) THEN
        RAISE EXCEPTION 'a submitted proposal is not edited'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'proposal_is_frozen_once_submitted', TABLE = 'governance_proposal';
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION governance_proposal_guard() IS
    'Knows what of a proposal is fixed from its submission.';
REVOKE ALL ON FUNCTION governance_proposal_guard() FROM PUBLIC;

CREATE OR REPLACE TRIGGER proposal_is_frozen_once_submitted BEFORE UPDATE ON governance_proposal
    FOR EACH ROW EXECUTE FUNCTION governance_proposal_guard();
COMMENT ON TRIGGER proposal_is_frozen_once_submitted ON governance_proposal IS
    'What members read is what they vote on.';

CREATE OR REPLACE TRIGGER proposal_request_is_frozen_once_submitted BEFORE UPDATE ON governance_proposal
    FOR EACH ROW WHEN (OLD.state <> 'draft' AND NEW.request IS DISTINCT FROM OLD.request)
    EXECUTE FUNCTION canut_deny();
COMMENT ON TRIGGER proposal_request_is_frozen_once_submitted ON governance_proposal IS
    'A proposal that answers a request goes on answering that one.';

ALTER TABLE governance_proposal DROP CONSTRAINT IF EXISTS proposal_has_its_binding_text;
ALTER TABLE governance_proposal ADD CONSTRAINT proposal_has_its_binding_text
    CHECK (texts -> language ->> 'title' <> '' AND (texts -> language ->> 'title') IS NOT NULL);
COMMENT ON CONSTRAINT proposal_has_its_binding_text ON governance_proposal IS
    'The language that binds is one in which the proposal can be read.';
