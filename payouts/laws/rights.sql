-- What the application may do with each table. What was shared, sent and answered is never edited; the state of a thing moves on.

SELECT canut_kept('payouts_period', frozen => ARRAY['number', 'follows', 'starts_at', 'ends_at']);
SELECT canut_append_only('payouts_revenueline');
SELECT canut_kept('payouts_payoutrun', frozen => ARRAY['period_id', 'currency', 'rule_book', 'drafted_at']);
SELECT canut_append_only('payouts_membershare');
SELECT canut_append_only('payouts_paidtime');
SELECT canut_kept('payouts_objection', frozen => ARRAY['share_id', 'reason', 'raised_at']);
SELECT canut_kept('payouts_attempt', frozen => ARRAY['purpose', 'subject', 'rail']);
SELECT canut_kept('payouts_refund', frozen => ARRAY['order_id', 'amount', 'due_at', 'attempt_id']);
SELECT canut_kept('payouts_order', frozen => ARRAY[
    'project_id', 'quote_id', 'amount', 'currency', 'method', 'reference', 'placed_by_id', 'placed_at']);
SELECT canut_kept('payouts_inboxevent', frozen => ARRAY[
    'source', 'event_id', 'type', 'about', 'account', 'payload', 'said_at', 'received_at']);
SELECT canut_append_only('payouts_exchangerate');
SELECT canut_kept('payouts_raildetails', frozen => ARRAY['member_id', 'rail', 'sealed', 'digest', 'masked', 'set_at']);
SELECT canut_kept('payouts_payoutitem', frozen => ARRAY[
    'run_id', 'member_id', 'rail', 'details_id', 'amount', 'currency', 'rate_id', 'local_amount', 'hold_id', 'attempt_id', 'planned_at']);
SELECT canut_append_only('payouts_payoutstep');
SELECT canut_kept('payouts_batchfile', frozen => ARRAY[
    'run_id', 'operator', 'currency', 'rows', 'total', 'sealed', 'sha256', 'written_at']);
SELECT canut_append_only('payouts_batchanswer');
