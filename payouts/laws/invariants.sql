-- What must never be seen in periods, runs, orders and payments: each view is empty as long as everything is right.

DROP VIEW IF EXISTS invariant_run_not_conserved;
CREATE VIEW invariant_run_not_conserved AS
    SELECT run.id, run.payable_total, shares.payable FROM payouts_runversion run
    LEFT JOIN LATERAL (SELECT coalesce(sum(payable), 0) AS payable FROM payouts_membershare WHERE version_id = run.id) shares ON true
    WHERE (
        run.payable_total <> shares.payable
        OR (run.result->>'labour_pool')::bigint + (run.result->>'reserve_draw')::bigint
           <> shares.payable + (run.result->>'to_reserve')::bigint
        OR (run.result->>'distributable')::bigint <> (run.result->>'labour_pool')::bigint
           + (SELECT coalesce(sum((levy->>'amount')::bigint), 0) FROM jsonb_array_elements(run.result->'levies') levy));
COMMENT ON VIEW invariant_run_not_conserved IS
    'A version of a run whose shares, draw and levies are not what it distributes.';
SELECT canut_read_only('invariant_run_not_conserved');

DROP VIEW IF EXISTS invariant_run_share_not_in_the_books;
CREATE VIEW invariant_run_share_not_in_the_books AS
    SELECT share.run_id, share.pseudonym, share.payable, -booked.amount AS booked FROM payouts_membershare share
    JOIN payouts_payoutrun run ON run.id = share.run_id AND run.current_id = share.version_id AND run.approved_at IS NOT NULL
    LEFT JOIN LATERAL (
        SELECT coalesce(sum(entry.amount), 0) AS amount FROM ledger_entry entry
        JOIN ledger_account account ON account.id = entry.account_id
        WHERE entry.transaction_id = run.distribution_id AND account.code = 'member:' || share.pseudonym || ':payable') booked ON true
    WHERE share.payable <> -booked.amount;
COMMENT ON VIEW invariant_run_share_not_in_the_books IS
    'A share of an approved run that differs from what was credited to the member.';
SELECT canut_read_only('invariant_run_share_not_in_the_books');

DROP VIEW IF EXISTS invariant_member_paid_twice;
CREATE VIEW invariant_member_paid_twice AS
    SELECT account.owner, -sum(entry.amount) AS sent, earned.amount AS earned
    FROM ledger_entry entry JOIN ledger_transaction header ON header.id = entry.transaction_id AND header.kind <> 'sent'
    JOIN ledger_account account ON account.id = entry.account_id AND account.code LIKE 'member:%:reserved'
    LEFT JOIN (SELECT payable.owner, -sum(credited.amount) AS amount FROM ledger_entry credited
               JOIN ledger_account payable ON payable.id = credited.account_id AND payable.code LIKE 'member:%:payable'
               WHERE EXISTS (SELECT FROM payouts_payoutrun run
                             WHERE run.distribution_id = credited.transaction_id AND run.approved_at IS NOT NULL)
                  OR EXISTS (SELECT FROM ledger_transaction header JOIN payouts_payoutitem item
                             ON header.idem = 'po:' || item.id || ':returned' AND item.state = 'returned'
                             WHERE header.id = credited.transaction_id)
               GROUP BY payable.owner) earned ON earned.owner = account.owner
    GROUP BY account.owner, earned.amount HAVING -sum(entry.amount) > coalesce(earned.amount, 0);
COMMENT ON VIEW invariant_member_paid_twice IS
    'A member to whom more was sent, or is on its way, than approved runs gave. What came back and goes out again is not paid twice.';
SELECT canut_read_only('invariant_member_paid_twice');

DROP VIEW IF EXISTS invariant_booked_without_approval;
CREATE VIEW invariant_booked_without_approval AS
    SELECT header.id, header.run FROM ledger_transaction header
    WHERE header.kind IN ('distribution', 'revenue') AND NOT EXISTS (
        SELECT FROM payouts_payoutrun run
        WHERE run.approved_at IS NOT NULL AND (run.distribution_id = header.id OR run.recognition_id = header.id));
COMMENT ON VIEW invariant_booked_without_approval IS
    'Pay or revenue in the books that no approved run has booked.';
SELECT canut_read_only('invariant_booked_without_approval');

DROP VIEW IF EXISTS invariant_run_not_booked_as_published;
CREATE VIEW invariant_run_not_booked_as_published AS
    SELECT run.id, code FROM payouts_payoutrun run JOIN payouts_runversion version ON version.id = run.current_id
    CROSS JOIN LATERAL (
        SELECT code, sum(amount) AS amount FROM (
            SELECT line->>'account' AS code, (line->>'amount')::bigint AS amount FROM jsonb_array_elements(version.postings) line
            UNION ALL
            SELECT account.code, -entry.amount FROM ledger_entry entry JOIN ledger_account account ON account.id = entry.account_id
            WHERE entry.transaction_id = run.distribution_id) both_sides GROUP BY code) differing
    WHERE run.approved_at IS NOT NULL AND differing.amount <> 0;
COMMENT ON VIEW invariant_run_not_booked_as_published IS
    'An approved run whose books are not what its published version says.';
SELECT canut_read_only('invariant_run_not_booked_as_published');

DROP VIEW IF EXISTS invariant_version_not_of_what_was_frozen;
CREATE VIEW invariant_version_not_of_what_was_frozen AS
    SELECT run.id, version.number FROM payouts_runversion version JOIN payouts_payoutrun run ON run.id = version.run_id
    WHERE (version.inputs - 'corrections')::text IS DISTINCT FROM (run.frozen_inputs - 'corrections')::text;
COMMENT ON VIEW invariant_version_not_of_what_was_frozen IS
    'A version of a run reckoned from anything but what was frozen and the corrections of upheld objections.';
SELECT canut_read_only('invariant_version_not_of_what_was_frozen');

DROP VIEW IF EXISTS invariant_adjustment_not_in_its_run;
CREATE VIEW invariant_adjustment_not_in_its_run AS
    SELECT adjustment.id, listed.id AS listed FROM payouts_adjustment adjustment
    JOIN members_member member ON member.id = adjustment.member_id
    FULL JOIN (SELECT run.id AS run_id, line->>'id' AS id, line->>'member' AS member, (line->>'amount')::bigint AS amount
               FROM payouts_payoutrun run, jsonb_array_elements(run.frozen_inputs->'adjustments') line) listed
        ON listed.id = adjustment.id::text AND listed.run_id = adjustment.taken_in_id
        AND listed.member = replace(member.pseudonym::text, '-', '') AND listed.amount = adjustment.amount
    WHERE adjustment.id IS NULL OR adjustment.taken_in_id IS NOT NULL AND listed.id IS NULL;
COMMENT ON VIEW invariant_adjustment_not_in_its_run IS
    'A mistake that is called put right and stands in no run, or a line of a run that nobody signed.';
SELECT canut_read_only('invariant_adjustment_not_in_its_run');

DROP VIEW IF EXISTS invariant_time_paid_differs;
CREATE VIEW invariant_time_paid_differs AS
    SELECT share.run_id, share.pseudonym, share.seconds, paid.seconds AS paid, corrected.seconds AS corrected
    FROM payouts_membershare share JOIN payouts_runversion version ON version.id = share.version_id
    CROSS JOIN LATERAL (SELECT coalesce(sum(seconds), 0) AS seconds FROM payouts_paidtime WHERE share_id = share.id) paid
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(objection.seconds), 0) AS seconds FROM payouts_objection objection
        JOIN payouts_membershare objected ON objected.id = objection.share_id AND objected.member_id = share.member_id
        JOIN payouts_runversion led_to ON led_to.id = objection.led_to_id
             AND led_to.run_id = version.run_id AND led_to.number <= version.number) corrected
    WHERE share.seconds <> paid.seconds + corrected.seconds;
COMMENT ON VIEW invariant_time_paid_differs IS
    'Paid time, as upheld objections corrected it, that is not the seconds of its share.';
SELECT canut_read_only('invariant_time_paid_differs');

DROP VIEW IF EXISTS invariant_revenue_not_in_the_books;
CREATE VIEW invariant_revenue_not_in_the_books AS
    SELECT line.period_id, line.project_id, line.amount, booked.amount AS booked FROM payouts_revenueline line
    JOIN payouts_runversion version ON version.id = line.version_id
    JOIN payouts_payoutrun run ON run.id = version.run_id AND run.current_id = version.id AND run.approved_at IS NOT NULL
    LEFT JOIN LATERAL (
        SELECT coalesce(sum(entry.amount), 0) AS amount FROM ledger_entry entry
        JOIN ledger_account account ON account.id = entry.account_id
        WHERE entry.transaction_id = run.recognition_id AND account.code = 'project:' || line.project_id || ':escrow') booked ON true
    WHERE line.amount <> booked.amount;
COMMENT ON VIEW invariant_revenue_not_in_the_books IS
    'Revenue of an approved run that the books don''t carry.';
SELECT canut_read_only('invariant_revenue_not_in_the_books');

DROP VIEW IF EXISTS invariant_period_out_of_order;
CREATE VIEW invariant_period_out_of_order AS
    SELECT number FROM payouts_period period
    WHERE number > 1 AND NOT EXISTS (
        SELECT FROM payouts_period earlier WHERE earlier.number = period.number - 1 AND earlier.ends_at = period.starts_at);
COMMENT ON VIEW invariant_period_out_of_order IS
    'A period that does not begin where the one before ends.';
SELECT canut_read_only('invariant_period_out_of_order');

DROP VIEW IF EXISTS invariant_order_not_in_the_books;
CREATE VIEW invariant_order_not_in_the_books AS
    SELECT o.id, o.state, o.amount FROM payouts_order o
    WHERE (o.paid_at IS NOT NULL) <> EXISTS (SELECT FROM ledger_transaction WHERE idem = 'order:' || o.id || ':paid')
       OR (o.state = 'refunded') <> EXISTS (SELECT FROM ledger_transaction WHERE idem = 'order:' || o.id || ':refunded')
       OR (o.state IN ('refund_due', 'refunded')) <> EXISTS (SELECT FROM payouts_refund r WHERE r.order_id = o.id)
       OR (o.state = 'refunded') <> EXISTS (SELECT FROM payouts_refund r WHERE r.order_id = o.id AND r.refunded_at IS NOT NULL);
COMMENT ON VIEW invariant_order_not_in_the_books IS
    'An order whose payment or refund is not booked, or is booked and not recorded.';
SELECT canut_read_only('invariant_order_not_in_the_books');

DROP VIEW IF EXISTS invariant_item_not_in_the_books;
CREATE VIEW invariant_item_not_in_the_books AS
    SELECT item.id, item.state FROM payouts_payoutitem item
    WHERE (item.state IN ('sent', 'paid', 'returned'))
              <> EXISTS (SELECT FROM ledger_transaction WHERE idem = 'po:' || item.id || ':sent')
       OR (item.state = 'returned')
              <> EXISTS (SELECT FROM ledger_transaction WHERE idem = 'po:' || item.id || ':returned')
       OR (item.state = 'held' AND NOT item.reserved)
              <> EXISTS (SELECT FROM ledger_transaction WHERE idem = 'po:' || item.id || ':void');
COMMENT ON VIEW invariant_item_not_in_the_books IS
    'A payment whose sending, return or release is not booked, or is booked and not recorded.';
SELECT canut_read_only('invariant_item_not_in_the_books');

DROP VIEW IF EXISTS invariant_reserved_without_an_item;
CREATE VIEW invariant_reserved_without_an_item AS
    SELECT account.owner, held.balance, coalesce(items.amount, 0) AS items
    FROM ledger_account account JOIN ledger_balance_locked held ON held.account_id = account.id
    LEFT JOIN (SELECT replace(member.pseudonym::text, '-', '') AS owner, sum(item.amount) AS amount
               FROM payouts_payoutitem item JOIN members_member member ON member.id = item.member_id
               WHERE item.reserved GROUP BY 1) items ON items.owner = account.owner
    WHERE account.code LIKE 'member:%:reserved' AND held.balance <> coalesce(items.amount, 0);
COMMENT ON VIEW invariant_reserved_without_an_item IS
    'Reserved money of a member that no payment under way explains.';
SELECT canut_read_only('invariant_reserved_without_an_item');

DROP VIEW IF EXISTS invariant_settled_run_has_items_under_way;
CREATE VIEW invariant_settled_run_has_items_under_way AS
    SELECT run.id, item.id AS item, item.state FROM payouts_payoutrun run JOIN payouts_payoutitem item ON item.run_id = run.id
    WHERE run.settled_at IS NOT NULL AND item.state IN ('planned', 'submitting', 'sent');
COMMENT ON VIEW invariant_settled_run_has_items_under_way IS
    'A settled run with a payment that has not ended.';
SELECT canut_read_only('invariant_settled_run_has_items_under_way');

DROP VIEW IF EXISTS invariant_file_differs_from_its_items;
CREATE VIEW invariant_file_differs_from_its_items AS
    SELECT file.id, file.rows, file.total FROM payouts_batchfile file
    LEFT JOIN LATERAL (SELECT count(*) AS rows, coalesce(sum(local_amount), 0) AS total
                       FROM payouts_payoutitem WHERE file_id = file.id) items ON true
    WHERE CASE WHEN file.withdrawn_at IS NULL THEN file.rows <> items.rows OR file.total <> items.total ELSE items.rows > 0 END;
COMMENT ON VIEW invariant_file_differs_from_its_items IS
    'A batch file whose rows or total are not those of its payments, or a withdrawn one that still has any.';
SELECT canut_read_only('invariant_file_differs_from_its_items');
