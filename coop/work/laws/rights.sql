-- What the application may do with each table. Work that was quoted, imported, answered or timed is never edited.

SELECT canut_kept('work_client', changing => ARRAY[
    'legal_name', 'country', 'kind', 'vat_id', 'contact', 'beneficial_client', 'subcontract_chain']);
SELECT canut_kept('work_clientuser', changing => ARRAY['role']);
SELECT canut_kept('work_project', changing => ARRAY[
    'title', 'purpose', 'final_client', 'end_use', 'product', 'sold_as_automated', 'disclosure', 'languages', 'template',
    'instructions', 'redundancy', 'seconds_per_answer', 'weight', 'quote_id', 'rule_book', 'price_per_answer',
    'funded_answers', 'low_seq', 'reopen_gen', 'open_items', 'status', 'revised_at', 'submitted_at', 'quoted_at', 'funded_at',
    'live_at', 'paused_at', 'resumed_at', 'done_at', 'cancelled_at']);
SELECT canut_append_only('work_quote');
SELECT canut_append_only('work_quoteline');
SELECT canut_append_only('work_itemimport');
SELECT canut_kept('work_item', changing => ARRAY['n_active', 'n_done', 'state']);
SELECT canut_kept('work_memberproject', changing => ARRAY['last_seq', 'exhausted_gen']);
SELECT canut_kept('work_assignment', changing => ARRAY[
    'state', 'submitted_at', 'released_at', 'measured_seconds', 'paused_seconds', 'declared_seconds']);
SELECT canut_append_only('work_answer');
SELECT canut_append_only('work_timeentry');
SELECT canut_append_only('work_consensusround');
SELECT canut_append_only('work_consensus');
SELECT canut_append_only('work_golddraw');
SELECT canut_append_only('work_goldtruth');
