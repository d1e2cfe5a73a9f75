-- What the application may do with each table. What was shared, sent and answered is never edited; the state of a thing moves on.

SELECT canut_kept('payouts_period', changing => ARRAY['state', 'closed_at']);
SELECT canut_kept('payouts_revenueline', changing => ARRAY['superseded_by_id']);
SELECT canut_append_only('payouts_runversion');
SELECT canut_kept('payouts_payoutrun', changing => ARRAY[
    'state', 'frozen_inputs', 'frozen_sha256', 'current_id', 'recognition_id', 'distribution_id', 'frozen_at', 'computed_at', 'objections_until',
    'approved_at', 'approved_by_id', 'reserved_at', 'executing_at', 'settled_at', 'closed_at']);
SELECT canut_append_only('payouts_membershare');
SELECT canut_kept('payouts_paidtime', changing => ARRAY['superseded_by_id']);
SELECT canut_kept('payouts_adjustment', changing => ARRAY['taken_in_id']);
SELECT canut_append_only('payouts_notpaid');
SELECT canut_kept('payouts_objection', changing => ARRAY[
    'answer', 'answered_at', 'answered_by_id', 'upheld', 'kind', 'seconds', 'led_to_id']);
SELECT canut_kept('payouts_attempt', changing => ARRAY[
    'state', 'epoch', 'sealed_request', 'first_try_at', 'last_try_at', 'look_after', 'tries', 'next_try_at', 'reference',
    'trouble']);
SELECT canut_kept('payouts_refund', changing => ARRAY['reference', 'refunded_at']);
SELECT canut_kept('payouts_order', changing => ARRAY[
    'state', 'checkout', 'checkout_url', 'payment', 'paid_at', 'confirmed_by_id', 'cancelled_at', 'completed_at']);
SELECT canut_kept('payouts_inboxevent', changing => ARRAY['state', 'tries', 'next_try_at', 'trouble', 'handled_at']);
SELECT canut_append_only('payouts_exchangerate');
SELECT canut_kept('payouts_raildetails', changing => ARRAY['replaced_at']);
SELECT canut_kept('payouts_payoutitem', changing => ARRAY[
    'details_id', 'reserved', 'state', 'file_id', 'reference', 'trouble', 'sent_at', 'ended_at']);
SELECT canut_append_only('payouts_payoutstep');
SELECT canut_kept('payouts_batchfile', changing => ARRAY['downloaded_at', 'downloaded_by_id', 'withdrawn_at']);
SELECT canut_append_only('payouts_batchanswer');
