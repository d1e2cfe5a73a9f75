-- What the application may do with each table. Of a ballot only the close and the count are added; of a vote only the choice changes.

SELECT canut_kept('governance_proposal', frozen => ARRAY['author_id', 'drafted_at']);
SELECT canut_kept('governance_ballot', frozen => ARRAY[
    'proposal_id', 'procedure_table', 'procedure_sha256', 'rule_book_id', 'roll_size', 'roll_root', 'opened_at', 'closes_at']);
SELECT canut_append_only('governance_rollentry');
SELECT canut_kept('governance_vote', frozen => ARRAY['ballot_id', 'entry_id']);
SELECT canut_append_only('governance_enactment');
