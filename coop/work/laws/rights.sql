-- What the application may do with each table. Work that was quoted, imported, answered or timed is never edited.

SELECT canut_kept('work_client', changing => ARRAY[
    'legal_name', 'country', 'kind', 'vat_id', 'contact', 'beneficial_client', 'subcontract_chain']);
SELECT canut_kept('work_clientuser', changing => ARRAY['role']);
SELECT canut_kept('work_project', changing => ARRAY[
    'title', 'purpose', 'final_client', 'end_use', 'product', 'sold_as_automated', 'disclosure', 'languages', 'template',
    'instructions', 'redundancy', 'seconds_per_answer', 'weight', 'quote_id', 'rule_book', 'price_per_answer',
    'funded_answers', 'low_seq', 'reopen_gen', 'open_items', 'pace_seconds', 'paced_words', 'status', 'revised_at', 'submitted_at', 'quoted_at', 'funded_at',
    'live_at', 'paused_at', 'resumed_at', 'done_at', 'cancelled_at']);
SELECT canut_append_only('work_quote');
SELECT canut_append_only('work_quoteline');
SELECT canut_append_only('work_itemimport');
SELECT canut_kept('work_item', changing => ARRAY['n_active', 'n_done', 'state']);
SELECT canut_kept('work_memberproject', changing => ARRAY[
    'last_seq', 'exhausted_gen', 'counted_seconds', 'delivered', 'reading_since', 'training_counted']);
SELECT canut_kept('work_assignment', changing => ARRAY[
    'state', 'lease_expires_at', 'submitted_at', 'released_at', 'measured_seconds', 'paused_seconds', 'declared_seconds']);
SELECT canut_append_only('work_answer');
SELECT canut_kept('work_timeentry', changing => ARRAY['superseded_at', 'frozen']);
SELECT canut_kept('work_pacefactor', changing => ARRAY['permille']);
SELECT canut_append_only('work_timecorrection');
SELECT canut_kept('work_waitingtime', changing => ARRAY[
    'state', 'counts_at', 'counted_at', 'contested_at', 'refused_at', 'withdrawn_at']);
SELECT canut_kept('work_contest', changing => ARRAY['answer', 'seed']);
SELECT canut_kept('work_contestseat', changing => ARRAY['refuses', 'words', 'decided_at']);
SELECT canut_kept('work_halt', changing => ARRAY['state', 'looked_at', 'looked_by_id', 'words', 'more_seconds', 'allowed_seconds']);
SELECT canut_append_only('work_consensusround');
SELECT canut_append_only('work_consensus');
SELECT canut_append_only('work_golddraw');
SELECT canut_append_only('work_goldtruth');
