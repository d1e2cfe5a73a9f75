-- What the application may do with each table. Of a ballot only the close and the count are added; of a vote only the choice changes.

SELECT canut_kept('governance_proposal', changing => ARRAY[
    'request', 'language', 'texts', 'change_set', 'change_set_sha256', 'procedure_key', 'thread_id', 'state', 'submitted_at',
    'voting_from', 'opened_at', 'closed_at', 'tallied_at', 'executable_at', 'expires_at', 'settled_at']);
SELECT canut_kept('governance_ballot', changing => ARRAY[
    'closed_at', 'result', 'result_sha256', 'bundle', 'bundle_sha256', 'tally_entry_id']);
SELECT canut_append_only('governance_rollentry');
SELECT canut_kept('governance_vote', changing => ARRAY['choice']);
SELECT canut_append_only('governance_enactment');
