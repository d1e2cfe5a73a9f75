"""The laws of payouts: a copy of its laws/*.sql. Written by `manage.py fold`."""

from django.db import migrations

ATTEMPTS = r"""
-- Never twice, never lost: under one key one thing is asked, the fence is never moved away, and what was answered stays.

CREATE OR REPLACE TRIGGER attempt_burns_its_key BEFORE UPDATE ON payouts_attempt FOR EACH ROW
    WHEN (NEW.epoch <> OLD.epoch + (OLD.state <> 'waiting' AND NEW.state = 'waiting')::int)
    EXECUTE FUNCTION canut_deny();
COMMENT ON TRIGGER attempt_burns_its_key ON payouts_attempt IS
    'Going back to waiting takes the next key, and nothing else does: a key that was burnt is never used again.';

CREATE OR REPLACE TRIGGER attempt_keeps_the_request_of_its_key BEFORE UPDATE ON payouts_attempt FOR EACH ROW
    WHEN (OLD.sealed_request IS NOT NULL AND NEW.epoch = OLD.epoch)
    EXECUTE FUNCTION canut_fixed_but('state', 'last_try_at', 'look_after', 'tries', 'next_try_at', 'reference', 'trouble');
COMMENT ON TRIGGER attempt_keeps_the_request_of_its_key ON payouts_attempt IS
    'Under one key the rail is asked for one thing, and the key is as old as its first try.';

CREATE OR REPLACE TRIGGER attempt_fence_only_comes_nearer BEFORE UPDATE ON payouts_attempt FOR EACH ROW
    WHEN (NEW.epoch = OLD.epoch AND NEW.look_after > OLD.look_after) EXECUTE FUNCTION canut_deny();
COMMENT ON TRIGGER attempt_fence_only_comes_nearer ON payouts_attempt IS
    'The moment from which a key is not asked again is not put off.';

CREATE OR REPLACE TRIGGER attempt_keeps_its_reference BEFORE UPDATE ON payouts_attempt FOR EACH ROW
    WHEN (OLD.reference <> '' AND NEW.epoch = OLD.epoch AND OLD.reference <> NEW.reference) EXECUTE FUNCTION canut_deny();
COMMENT ON TRIGGER attempt_keeps_its_reference ON payouts_attempt IS
    'What the rail answered under a key is its answer for ever.';

CREATE OR REPLACE TRIGGER attempt_done_stays_done BEFORE UPDATE ON payouts_attempt FOR EACH ROW
    WHEN (OLD.state = 'done' AND NEW.state <> 'done' AND OLD.purpose <> 'checkout') EXECUTE FUNCTION canut_deny();
COMMENT ON TRIGGER attempt_done_stays_done ON payouts_attempt IS
    'What was paid, given back or opened is never asked again; only a page on which nobody paid lapses.';
"""

INVARIANTS = r"""
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
"""

MONEY_IN = r"""
-- What has ended, was paid, was handled or was replaced stays so, and an order and its refund say the same.

CREATE OR REPLACE TRIGGER order_ended_stays_ended BEFORE UPDATE ON payouts_order FOR EACH ROW
    WHEN (OLD.state IN ('cancelled', 'refunded')) EXECUTE FUNCTION canut_deny();
COMMENT ON TRIGGER order_ended_stays_ended ON payouts_order IS
    'An order is not paid or refunded after its end.';

CREATE OR REPLACE TRIGGER order_keeps_its_payment BEFORE UPDATE ON payouts_order FOR EACH ROW
    WHEN (OLD.payment <> '' AND OLD.payment <> NEW.payment) EXECUTE FUNCTION canut_deny();
COMMENT ON TRIGGER order_keeps_its_payment ON payouts_order IS
    'A refund goes back to the payment that was made.';

CREATE OR REPLACE FUNCTION refund_is_of_its_order() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    o payouts_order%ROWTYPE;
BEGIN
    SELECT * INTO o FROM payouts_order WHERE id = NEW.order_id;
    IF o.paid_at IS NULL OR NEW.amount > o.amount OR (o.cancelled_at IS NOT NULL AND NEW.amount <> o.amount) THEN
        RAISE USING ERRCODE = 'check_violation', CONSTRAINT = 'refund_is_of_its_order', TABLE = 'payouts_refund',
            MESSAGE = 'refund_is_of_its_order: never more than was paid, and all of it when the order was cancelled';
    END IF;
    RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION refund_is_of_its_order() FROM PUBLIC;
COMMENT ON FUNCTION refund_is_of_its_order() IS
    'Refuses a refund of what was not paid, of more than was paid, or of a part of a cancelled order.';

CREATE OR REPLACE TRIGGER refund_is_of_its_order BEFORE INSERT ON payouts_refund FOR EACH ROW EXECUTE FUNCTION refund_is_of_its_order();
COMMENT ON TRIGGER refund_is_of_its_order ON payouts_refund IS
    'A cancelled order goes back in full, and no order gives back more than it was paid.';

CREATE OR REPLACE FUNCTION refund_and_order_agree() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    changed uuid := CASE TG_TABLE_NAME WHEN 'payouts_order' THEN (to_jsonb(NEW)->>'id')::uuid ELSE (to_jsonb(NEW)->>'order_id')::uuid END;
    o payouts_order%ROWTYPE;
    r payouts_refund%ROWTYPE;
BEGIN
    SELECT * INTO o FROM payouts_order WHERE id = changed;
    SELECT * INTO r FROM payouts_refund WHERE order_id = changed;
    IF (o.state IN ('refund_due', 'refunded')) IS DISTINCT FROM (r.id IS NOT NULL)
       OR (o.state = 'refunded') IS DISTINCT FROM (r.refunded_at IS NOT NULL)
       OR (o.cancelled_at IS NOT NULL AND r.amount <> o.amount) THEN
        RAISE USING ERRCODE = 'check_violation', CONSTRAINT = 'refund_and_order_agree', TABLE = 'payouts_order',
            MESSAGE = 'refund_and_order_agree: an order owes or gave back what its refund says, and all of it when it was cancelled';
    END IF;
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION refund_and_order_agree() FROM PUBLIC;
COMMENT ON FUNCTION refund_and_order_agree() IS
    'Compares an order and its refund at commit, whichever of them was written.';

DROP TRIGGER IF EXISTS refund_and_order_agree ON payouts_order;
CREATE CONSTRAINT TRIGGER refund_and_order_agree AFTER INSERT OR UPDATE ON payouts_order DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION refund_and_order_agree();
COMMENT ON TRIGGER refund_and_order_agree ON payouts_order IS
    'No order owes or gave back anything without a refund that says how much, nor is cancelled after a part went back.';

DROP TRIGGER IF EXISTS refund_and_order_agree ON payouts_refund;
CREATE CONSTRAINT TRIGGER refund_and_order_agree AFTER INSERT OR UPDATE ON payouts_refund DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION refund_and_order_agree();
COMMENT ON TRIGGER refund_and_order_agree ON payouts_refund IS
    'No refund is of an order that doesn''t owe it.';

CREATE OR REPLACE TRIGGER refund_given_stays_given BEFORE UPDATE ON payouts_refund FOR EACH ROW
    WHEN (OLD.refunded_at IS NOT NULL) EXECUTE FUNCTION canut_deny();
COMMENT ON TRIGGER refund_given_stays_given ON payouts_refund IS
    'What went back does not go back again.';

CREATE OR REPLACE TRIGGER inbox_event_done_stays_done BEFORE UPDATE ON payouts_inboxevent FOR EACH ROW
    WHEN (OLD.state = 'done') EXECUTE FUNCTION canut_deny();
COMMENT ON TRIGGER inbox_event_done_stays_done ON payouts_inboxevent IS
    'An event of a rail is booked once.';

CREATE OR REPLACE TRIGGER rail_details_replaced_stay_replaced BEFORE UPDATE ON payouts_raildetails FOR EACH ROW
    WHEN (OLD.replaced_at IS NOT NULL) EXECUTE FUNCTION canut_deny();
COMMENT ON TRIGGER rail_details_replaced_stay_replaced ON payouts_raildetails IS
    'Pay never goes to details that a member has replaced.';
"""

MONEY_OUT = r"""
-- Never pay twice: a payment keeps its reference, and agrees with its books, its rail and its run. It goes to where its member is
-- paid when it is asked for.

CREATE OR REPLACE TRIGGER payout_item_paid_only_comes_back BEFORE UPDATE ON payouts_payoutitem FOR EACH ROW
    WHEN (OLD.state = 'paid' AND NEW.state <> 'returned') EXECUTE FUNCTION canut_deny();
COMMENT ON TRIGGER payout_item_paid_only_comes_back ON payouts_payoutitem IS
    'What was paid is not sent again; it can only come back.';

CREATE OR REPLACE TRIGGER payout_item_returned_stays_returned BEFORE UPDATE ON payouts_payoutitem FOR EACH ROW
    WHEN (OLD.state = 'returned') EXECUTE FUNCTION canut_deny();
COMMENT ON TRIGGER payout_item_returned_stays_returned ON payouts_payoutitem IS
    'Returned money is sent by a new payment that has its own hold.';

CREATE OR REPLACE TRIGGER payout_item_keeps_its_reference BEFORE UPDATE ON payouts_payoutitem FOR EACH ROW
    WHEN (OLD.reference <> '' AND OLD.reference <> NEW.reference) EXECUTE FUNCTION canut_deny();
COMMENT ON TRIGGER payout_item_keeps_its_reference ON payouts_payoutitem IS
    'The transfer that a payment found is its own for ever.';

CREATE OR REPLACE TRIGGER batch_file_downloaded_first_stays BEFORE UPDATE ON payouts_batchfile FOR EACH ROW
    WHEN (OLD.downloaded_at IS NOT NULL) EXECUTE FUNCTION canut_deny();
COMMENT ON TRIGGER batch_file_downloaded_first_stays ON payouts_batchfile IS
    'Who first took a file with members'' details out of the house stays on record.';

CREATE OR REPLACE TRIGGER payout_item_never_asked_is_given_back BEFORE UPDATE ON payouts_payoutitem FOR EACH ROW
    WHEN (OLD.state = 'planned' AND NEW.state = 'held' AND NEW.reserved) EXECUTE FUNCTION canut_deny();
COMMENT ON TRIGGER payout_item_never_asked_is_given_back ON payouts_payoutitem IS
    'Nobody has to find out what became of a payment that was asked of nobody: its money is payable again.';

-- What a payment says of itself, what the books say of it, and what was asked of its rail are one thing, whichever was written.
CREATE OR REPLACE FUNCTION payout_item_and_books_agree() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    changed text := CASE TG_TABLE_NAME WHEN 'payouts_payoutitem' THEN 'po:' || (to_jsonb(NEW)->>'id')
                                       ELSE substring(to_jsonb(NEW)->>'idem' FROM '^po:[0-9a-f-]{36}') END;
    item payouts_payoutitem%ROWTYPE;
    asked text;
BEGIN
    SELECT * INTO item FROM payouts_payoutitem WHERE id = substring(changed FROM 4)::uuid;
    SELECT state INTO asked FROM payouts_attempt WHERE id = item.attempt_id;
    IF item.id IS NULL
       OR (item.state IN ('sent', 'paid', 'returned')) IS DISTINCT FROM EXISTS (
              SELECT FROM ledger_transaction WHERE idem = changed || ':sent')
       OR (item.state = 'returned') IS DISTINCT FROM EXISTS (SELECT FROM ledger_transaction WHERE idem = changed || ':returned')
       OR (item.state = 'held' AND NOT item.reserved) IS DISTINCT FROM EXISTS (
              SELECT FROM ledger_transaction WHERE idem = changed || ':void')
       OR EXISTS (SELECT FROM ledger_transaction WHERE idem IN (changed || ':sent', changed || ':void')
                  AND resolves_id IS DISTINCT FROM item.hold_id)
       OR (item.state = 'held' AND NOT item.reserved AND asked <> 'dropped')
       OR (item.state IN ('sent', 'paid', 'returned') AND asked <> 'done') THEN
        RAISE USING ERRCODE = 'check_violation', CONSTRAINT = 'payout_item_and_books_agree', TABLE = 'payouts_payoutitem',
            MESSAGE = 'payout_item_and_books_agree: what was sent, came back or was given back is booked, and nothing else is';
    END IF;
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION payout_item_and_books_agree() FROM PUBLIC;
COMMENT ON FUNCTION payout_item_and_books_agree() IS
    'Compares, at commit, a payment with its transactions in the books and with what was asked of its rail.';

DROP TRIGGER IF EXISTS payout_item_and_books_agree ON payouts_payoutitem;
CREATE CONSTRAINT TRIGGER payout_item_and_books_agree AFTER INSERT OR UPDATE ON payouts_payoutitem DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION payout_item_and_books_agree();
COMMENT ON TRIGGER payout_item_and_books_agree ON payouts_payoutitem IS
    'No money is payable again while it may be under way, and none that was given back is sent.';

DROP TRIGGER IF EXISTS payout_item_and_books_agree ON ledger_transaction;
CREATE CONSTRAINT TRIGGER payout_item_and_books_agree AFTER INSERT ON ledger_transaction DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.idem ~ '^po:[0-9a-f-]{36}:(sent|returned|void)$') EXECUTE FUNCTION payout_item_and_books_agree();
COMMENT ON TRIGGER payout_item_and_books_agree ON ledger_transaction IS
    'Nothing is booked of a payment that the payment doesn''t say of itself.';

CREATE OR REPLACE FUNCTION run_and_its_payments_agree() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    changed uuid := CASE TG_TABLE_NAME WHEN 'payouts_payoutrun' THEN (to_jsonb(NEW)->>'id')::uuid ELSE (to_jsonb(NEW)->>'run_id')::uuid END;
    run payouts_payoutrun%ROWTYPE;
BEGIN
    SELECT * INTO run FROM payouts_payoutrun WHERE id = changed;
    IF run.settled_at IS NOT NULL AND EXISTS (
        SELECT FROM payouts_payoutitem WHERE run_id = changed AND state IN ('planned', 'submitting', 'sent')) THEN
        RAISE USING ERRCODE = 'check_violation', CONSTRAINT = 'run_settles_when_nothing_is_under_way', TABLE = 'payouts_payoutrun',
            MESSAGE = 'run_settles_when_nothing_is_under_way: a run is settled when every payment of it has ended';
    ELSIF run.state = 'settled' AND EXISTS (
        SELECT FROM payouts_payoutitem WHERE run_id = changed AND state NOT IN ('paid', 'returned')) THEN
        RAISE USING ERRCODE = 'check_violation', CONSTRAINT = 'run_settled_was_paid_in_full', TABLE = 'payouts_payoutrun',
            MESSAGE = 'run_settled_was_paid_in_full: a run of which something was held is settled with holds';
    ELSIF run.closed_at IS NOT NULL AND EXISTS (
        SELECT FROM payouts_payoutitem WHERE run_id = changed AND state = 'held' AND reserved) THEN
        RAISE USING ERRCODE = 'check_violation', CONSTRAINT = 'run_closes_when_nothing_is_unresolved', TABLE = 'payouts_payoutrun',
            MESSAGE = 'run_closes_when_nothing_is_unresolved: a run waits for the person who finds out what became of a payment';
    END IF;
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION run_and_its_payments_agree() FROM PUBLIC;
COMMENT ON FUNCTION run_and_its_payments_agree() IS
    'Compares, at commit, how far a run says it is with how far its payments are, whichever of them was written.';

DROP TRIGGER IF EXISTS run_and_its_payments_agree ON payouts_payoutrun;
CREATE CONSTRAINT TRIGGER run_and_its_payments_agree AFTER UPDATE ON payouts_payoutrun DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.settled_at IS NOT NULL) EXECUTE FUNCTION run_and_its_payments_agree();
COMMENT ON TRIGGER run_and_its_payments_agree ON payouts_payoutrun IS
    'No payment is forgotten under way by a run that calls itself settled.';

DROP TRIGGER IF EXISTS run_and_its_payments_agree ON payouts_payoutitem;
CREATE CONSTRAINT TRIGGER run_and_its_payments_agree AFTER INSERT OR UPDATE ON payouts_payoutitem DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION run_and_its_payments_agree();
COMMENT ON TRIGGER run_and_its_payments_agree ON payouts_payoutitem IS
    'Nothing is sent again in the name of a run that is settled.';

CREATE OR REPLACE TRIGGER batch_file_withdrawn_stays BEFORE UPDATE ON payouts_batchfile FOR EACH ROW
    WHEN (OLD.withdrawn_at IS NOT NULL) EXECUTE FUNCTION canut_deny();
COMMENT ON TRIGGER batch_file_withdrawn_stays ON payouts_batchfile IS
    'A file that another stands in for is not taken to the operator as well.';

CREATE OR REPLACE FUNCTION batch_file_pays_current_details() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM payouts_payoutitem item JOIN payouts_raildetails details ON details.id = item.details_id
               WHERE item.file_id = NEW.id AND details.replaced_at IS NOT NULL) THEN
        RAISE USING ERRCODE = 'check_violation', CONSTRAINT = 'batch_file_pays_current_details', TABLE = 'payouts_batchfile',
            MESSAGE = 'batch_file_pays_current_details: a member in this file is paid elsewhere by now';
    END IF;
    RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION batch_file_pays_current_details() FROM PUBLIC;
COMMENT ON FUNCTION batch_file_pays_current_details() IS
    'Refuses that a file is taken to its operator with details that were replaced.';

CREATE OR REPLACE TRIGGER batch_file_pays_current_details BEFORE UPDATE ON payouts_batchfile FOR EACH ROW
    WHEN (OLD.downloaded_at IS NULL AND NEW.downloaded_at IS NOT NULL) EXECUTE FUNCTION batch_file_pays_current_details();
COMMENT ON TRIGGER batch_file_pays_current_details ON payouts_batchfile IS
    'What leaves the house goes to where its members are paid then.';

CREATE OR REPLACE FUNCTION payout_item_goes_to_its_member() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM payouts_raildetails details
                   WHERE details.id = NEW.details_id AND details.member_id = NEW.member_id AND details.rail = NEW.rail
                     AND (NEW.state <> 'submitting' OR details.replaced_at IS NULL)) THEN
        RAISE USING ERRCODE = 'check_violation', CONSTRAINT = 'payout_item_goes_to_its_member', TABLE = 'payouts_payoutitem',
            MESSAGE = 'payout_item_goes_to_its_member: these are not the details by which this member is paid on this rail now';
    END IF;
    RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION payout_item_goes_to_its_member() FROM PUBLIC;
COMMENT ON FUNCTION payout_item_goes_to_its_member() IS
    'Refuses a payment to the details of another member or rail, and the asking for one to details that were replaced.';

CREATE OR REPLACE TRIGGER payout_item_planned_for_its_member BEFORE INSERT ON payouts_payoutitem
    FOR EACH ROW EXECUTE FUNCTION payout_item_goes_to_its_member();
COMMENT ON TRIGGER payout_item_planned_for_its_member ON payouts_payoutitem IS
    'Nobody''s pay is planned to somebody else''s account.';

CREATE OR REPLACE TRIGGER payout_item_goes_to_its_member BEFORE UPDATE ON payouts_payoutitem FOR EACH ROW
    WHEN (OLD.details_id <> NEW.details_id OR OLD.state = 'planned' AND NEW.state = 'submitting')
    EXECUTE FUNCTION payout_item_goes_to_its_member();
COMMENT ON TRIGGER payout_item_goes_to_its_member ON payouts_payoutitem IS
    'Money goes to the details that are current when it is asked for.';

CREATE OR REPLACE TRIGGER payout_item_asked_for_keeps_its_details BEFORE UPDATE ON payouts_payoutitem FOR EACH ROW
    WHEN (OLD.state <> 'planned' AND OLD.details_id <> NEW.details_id) EXECUTE FUNCTION canut_deny();
COMMENT ON TRIGGER payout_item_asked_for_keeps_its_details ON payouts_payoutitem IS
    'Where a payment went stays on record.';
"""

RIGHTS = r"""
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
"""

RUNS = r"""
-- A run goes forward: its inputs are fixed when it is frozen, its result when it is computed.

CREATE OR REPLACE TRIGGER period_stays_closed BEFORE UPDATE ON payouts_period
    FOR EACH ROW WHEN (OLD.closed_at IS NOT NULL) EXECUTE FUNCTION canut_deny();
COMMENT ON TRIGGER period_stays_closed ON payouts_period IS
    'A period whose pay was shared is not opened again.';

CREATE OR REPLACE TRIGGER run_frozen_keeps_its_inputs BEFORE UPDATE ON payouts_payoutrun FOR EACH ROW
    WHEN (OLD.frozen_at IS NOT NULL AND OLD.approved_at IS NULL)
    EXECUTE FUNCTION canut_fixed_but('state', 'current_id', 'recognition_id', 'distribution_id', 'computed_at', 'objections_until',
                                     'approved_at', 'approved_by_id');
COMMENT ON TRIGGER run_frozen_keeps_its_inputs ON payouts_payoutrun IS
    'Members object to what was reckoned from; it does not change under them.';

CREATE OR REPLACE TRIGGER run_approved_keeps_its_version BEFORE UPDATE ON payouts_payoutrun FOR EACH ROW
    WHEN (OLD.approved_at IS NOT NULL)
    EXECUTE FUNCTION canut_fixed_but('state', 'reserved_at', 'executing_at', 'settled_at', 'closed_at');
COMMENT ON TRIGGER run_approved_keeps_its_version ON payouts_payoutrun IS
    'What was approved is what is paid, and who let it be paid, and when, is answered for by nobody else; a mistake found later is an adjustment of the next run.';

CREATE OR REPLACE FUNCTION run_version_follows() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM payouts_runversion
                   WHERE id = NEW.current_id AND run_id = NEW.id AND replaces_id IS NOT DISTINCT FROM OLD.current_id) THEN
        RAISE USING ERRCODE = 'check_violation', CONSTRAINT = 'run_version_follows', TABLE = 'payouts_payoutrun',
            MESSAGE = 'run_version_follows: the next version of this run names the one it replaces';
    END IF;
    RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION run_version_follows() FROM PUBLIC;
COMMENT ON FUNCTION run_version_follows() IS
    'Refuses a current version of another run, or one that does not replace the version before it.';

CREATE OR REPLACE TRIGGER run_version_follows BEFORE UPDATE ON payouts_payoutrun FOR EACH ROW
    WHEN (OLD.current_id IS DISTINCT FROM NEW.current_id) EXECUTE FUNCTION run_version_follows();
COMMENT ON TRIGGER run_version_follows ON payouts_payoutrun IS
    'No version of a run disappears: each names the one it replaces.';

CREATE OR REPLACE FUNCTION run_approved_in_order() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM payouts_period period LEFT JOIN payouts_payoutrun run ON run.period_id = period.id
               WHERE period.number < (SELECT number FROM payouts_period WHERE id = NEW.period_id) AND run.approved_at IS NULL) THEN
        RAISE USING ERRCODE = 'check_violation', CONSTRAINT = 'run_approved_in_order', TABLE = 'payouts_payoutrun',
            MESSAGE = 'run_approved_in_order: the run of an earlier period is not approved yet';
    END IF;
    RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION run_approved_in_order() FROM PUBLIC;
COMMENT ON FUNCTION run_approved_in_order() IS
    'Refuses the approval of a run while the run of an earlier period is not approved.';

CREATE OR REPLACE TRIGGER run_approved_in_order BEFORE UPDATE ON payouts_payoutrun FOR EACH ROW
    WHEN (OLD.approved_at IS NULL AND NEW.approved_at IS NOT NULL) EXECUTE FUNCTION run_approved_in_order();
COMMENT ON TRIGGER run_approved_in_order ON payouts_payoutrun IS
    'Each run starts from what the approved ones before it left in the books.';

CREATE OR REPLACE FUNCTION run_approved_by_somebody_else() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT coalesce((
        WITH change AS (
            SELECT made_by_id AS by, member_id AS of FROM payouts_adjustment WHERE taken_in_id = NEW.id
            UNION ALL
            SELECT objection.answered_by_id, share.member_id FROM payouts_objection objection
            JOIN payouts_runversion version ON version.id = objection.led_to_id
            JOIN payouts_membershare share ON share.id = objection.share_id
            WHERE version.run_id = NEW.id
        ), circle AS (
            SELECT member.id,
                CASE WHEN EXISTS (SELECT FROM change WHERE by = member.id) THEN NULL
                     WHEN EXISTS (SELECT FROM change WHERE of = member.id) THEN 3
                     WHEN EXISTS (SELECT FROM members_office WHERE member_id = member.id AND kind IN ('treasurer', 'steward')
                                  AND starts_at <= NEW.approved_at AND ends_at > NEW.approved_at) THEN 1
                     ELSE 2 END AS rank
            FROM members_member member
            WHERE admitted_at <= NEW.approved_at AND (ended_at IS NULL OR ended_at > NEW.approved_at)
        )
        SELECT rank = (SELECT min(rank) FROM circle) FROM circle WHERE id = NEW.approved_by_id), false) THEN
        RAISE USING ERRCODE = 'check_violation', CONSTRAINT = 'run_approved_by_somebody_else', TABLE = 'payouts_payoutrun',
            MESSAGE = 'run_approved_by_somebody_else: somebody approves it who changed no pay in it and whose own was not changed: '
                'an officer, and only where none is left a member';
    END IF;
    RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION run_approved_by_somebody_else() FROM PUBLIC;
COMMENT ON FUNCTION run_approved_by_somebody_else() IS
    'Refuses as approver whoever upheld an objection or made an adjustment of this run, and whose pay that changed. Where no other officer is left a member approves; where everybody''s pay was changed, one who changed nobody''s.';

CREATE OR REPLACE TRIGGER run_approved_by_somebody_else BEFORE UPDATE ON payouts_payoutrun FOR EACH ROW
    WHEN (OLD.approved_at IS NULL AND NEW.approved_at IS NOT NULL) EXECUTE FUNCTION run_approved_by_somebody_else();
COMMENT ON TRIGGER run_approved_by_somebody_else ON payouts_payoutrun IS
    'It takes two people to give anybody more or less than the rules give, two officers where there are, and nobody stops all pay by changing that of all officers.';

CREATE OR REPLACE FUNCTION run_window_as_voted() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    voted jsonb := (SELECT rules FROM rules_pinnedbook WHERE hash = NEW.rule_book);
    objecting interval := (voted->'pay.objection_days'->>'value')::int * interval '24 hours';
    approving interval := (voted->'pay.approval_days'->>'value')::int * interval '24 hours';
    made timestamptz := (SELECT made_at FROM payouts_runversion WHERE id = NEW.current_id);
BEGIN
    IF NEW.computed_at IS DISTINCT FROM coalesce(OLD.computed_at, made)
       OR NEW.objections_until IS DISTINCT FROM least(made + objecting, NEW.computed_at + objecting + approving)
       OR NEW.objections_until < OLD.objections_until
       OR NEW.current_id <> OLD.current_id AND NEW.objections_until < made + interval '24 hours' THEN
        RAISE USING ERRCODE = 'check_violation', CONSTRAINT = 'run_window_as_voted', TABLE = 'payouts_payoutrun',
            MESSAGE = 'run_window_as_voted: objections are taken for the voted days after a version, until the deadline of the run, and for a day at least after a correction';
    END IF;
    RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION run_window_as_voted() FROM PUBLIC;
COMMENT ON FUNCTION run_window_as_voted() IS
    'Refuses another moment of computing than that of the first version, another end of the objection window than its rule book gives, and a correction that would leave less than a day to object.';

CREATE OR REPLACE TRIGGER run_window_as_voted BEFORE UPDATE ON payouts_payoutrun FOR EACH ROW
    WHEN (OLD.current_id IS DISTINCT FROM NEW.current_id OR OLD.computed_at IS DISTINCT FROM NEW.computed_at
          OR OLD.objections_until IS DISTINCT FROM NEW.objections_until)
    EXECUTE FUNCTION run_window_as_voted();
COMMENT ON TRIGGER run_window_as_voted ON payouts_payoutrun IS
    'Nobody shortens the time to object, and nobody puts off the deadline.';

CREATE OR REPLACE FUNCTION run_approved_with_every_objection_answered() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM payouts_objection objection JOIN payouts_membershare share ON share.id = objection.share_id
               WHERE share.run_id = NEW.id AND objection.answered_at IS NULL) THEN
        RAISE USING ERRCODE = 'check_violation', CONSTRAINT = 'run_approved_with_every_objection_answered',
            TABLE = 'payouts_payoutrun',
            MESSAGE = 'run_approved_with_every_objection_answered: a member''s objection waits for an answer';
    END IF;
    RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION run_approved_with_every_objection_answered() FROM PUBLIC;
COMMENT ON FUNCTION run_approved_with_every_objection_answered() IS
    'Refuses the approval of a run while an objection to it waits for an answer.';

CREATE OR REPLACE TRIGGER run_approved_with_every_objection_answered BEFORE UPDATE ON payouts_payoutrun FOR EACH ROW
    WHEN (OLD.approved_at IS NULL AND NEW.approved_at IS NOT NULL)
    EXECUTE FUNCTION run_approved_with_every_objection_answered();
COMMENT ON TRIGGER run_approved_with_every_objection_answered ON payouts_payoutrun IS
    'Who says that a line is wrong hears why it is not, or sees it put right, before anybody is paid.';

CREATE OR REPLACE FUNCTION objection_upheld_by_somebody_else() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NEW.answered_by_id = (SELECT member_id FROM payouts_membershare WHERE id = NEW.share_id) THEN
        RAISE USING ERRCODE = 'check_violation', CONSTRAINT = 'objection_upheld_by_somebody_else', TABLE = 'payouts_objection',
            MESSAGE = 'objection_upheld_by_somebody_else: nobody upholds their own objection';
    END IF;
    RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION objection_upheld_by_somebody_else() FROM PUBLIC;
COMMENT ON FUNCTION objection_upheld_by_somebody_else() IS
    'Refuses an objection that is upheld by the member whose statement it is about.';

CREATE OR REPLACE TRIGGER objection_upheld_by_somebody_else BEFORE INSERT OR UPDATE ON payouts_objection FOR EACH ROW
    WHEN (NEW.upheld) EXECUTE FUNCTION objection_upheld_by_somebody_else();
COMMENT ON TRIGGER objection_upheld_by_somebody_else ON payouts_objection IS
    'Nobody gives themselves more time than was counted.';

CREATE OR REPLACE FUNCTION run_version_made() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM payouts_payoutrun WHERE id = NEW.run_id AND approved_at IS NOT NULL) THEN
        RAISE USING ERRCODE = 'check_violation', CONSTRAINT = 'run_version_before_the_approval', TABLE = 'payouts_runversion',
            MESSAGE = 'run_version_before_the_approval: an approved run is not reckoned again';
    END IF;
    IF NEW.replaces_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM payouts_runversion WHERE id = NEW.replaces_id AND run_id = NEW.run_id AND number = NEW.number - 1) THEN
        RAISE USING ERRCODE = 'check_violation', CONSTRAINT = 'run_version_replaces_its_own', TABLE = 'payouts_runversion',
            MESSAGE = 'run_version_replaces_its_own: a version replaces the one before it of the same run';
    END IF;
    RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION run_version_made() FROM PUBLIC;
COMMENT ON FUNCTION run_version_made() IS
    'Refuses a version of an approved run, and one that replaces anything but the version before it of the same run.';

CREATE OR REPLACE TRIGGER run_version_made BEFORE INSERT ON payouts_runversion
    FOR EACH ROW EXECUTE FUNCTION run_version_made();
COMMENT ON TRIGGER run_version_made ON payouts_runversion IS
    'The versions of a run are one chain, which ends when it is approved.';

CREATE OR REPLACE FUNCTION superseded_by_what_replaces_it() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    mine uuid := CASE TG_TABLE_NAME WHEN 'payouts_revenueline' THEN (to_jsonb(NEW)->>'version_id')::uuid
        ELSE (SELECT version_id FROM payouts_membershare WHERE id = (to_jsonb(NEW)->>'share_id')::uuid) END;
BEGIN
    IF NOT EXISTS (SELECT FROM payouts_runversion WHERE id = NEW.superseded_by_id AND replaces_id = mine) THEN
        RAISE USING ERRCODE = 'check_violation', CONSTRAINT = 'superseded_by_what_replaces_it', TABLE = TG_TABLE_NAME,
            MESSAGE = 'superseded_by_what_replaces_it: only the version that replaces its own supersedes this';
    END IF;
    RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION superseded_by_what_replaces_it() FROM PUBLIC;
COMMENT ON FUNCTION superseded_by_what_replaces_it() IS
    'Refuses to free time or revenue that a version counts, unless the version that replaces it takes it over.';

CREATE OR REPLACE FUNCTION paid_time_is_time_that_stands() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM work_timeentry WHERE id = NEW.entry_id AND frozen AND superseded_at IS NULL
                   AND kind = NEW.kind AND counted_seconds = NEW.seconds
                   AND member_id = (SELECT member_id FROM payouts_membershare WHERE id = NEW.share_id)) THEN
        RAISE USING ERRCODE = 'check_violation', CONSTRAINT = 'paid_time_is_time_that_stands', TABLE = 'payouts_paidtime',
            MESSAGE = 'paid_time_is_time_that_stands: a run pays the counted time of its member that was frozen, as it was counted';
    END IF;
    RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION paid_time_is_time_that_stands() FROM PUBLIC;
COMMENT ON FUNCTION paid_time_is_time_that_stands() IS
    'Refuses paid time of an entry that can still be corrected, was replaced, is somebody else''s, or counts other seconds.';

CREATE OR REPLACE TRIGGER paid_time_is_time_that_stands BEFORE INSERT ON payouts_paidtime
    FOR EACH ROW EXECUTE FUNCTION paid_time_is_time_that_stands();
COMMENT ON TRIGGER paid_time_is_time_that_stands ON payouts_paidtime IS
    'An answer is not paid once as it was said first, and again as it was corrected.';

CREATE OR REPLACE FUNCTION time_correction_before_the_run() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    handed_in timestamptz := (SELECT submitted_at FROM work_assignment WHERE id = NEW.assignment_id);
    within uuid;
BEGIN
    SELECT id INTO within FROM payouts_period WHERE starts_at <= handed_in AND ends_at > handed_in FOR SHARE;
    IF EXISTS (SELECT FROM payouts_payoutrun WHERE period_id = within AND frozen_at IS NOT NULL) THEN
        RAISE USING ERRCODE = 'check_violation', CONSTRAINT = 'time_correction_before_the_run', TABLE = 'work_timecorrection',
            MESSAGE = 'time_correction_before_the_run: a run is reckoned from the period in which this was handed in';
    END IF;
    RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION time_correction_before_the_run() FROM PUBLIC;
COMMENT ON FUNCTION time_correction_before_the_run() IS
    'Refuses the correction of an answer''s time once the run of its period is frozen; one under way makes that run wait.';

CREATE OR REPLACE TRIGGER time_correction_before_the_run BEFORE INSERT ON work_timecorrection
    FOR EACH ROW EXECUTE FUNCTION time_correction_before_the_run();
COMMENT ON TRIGGER time_correction_before_the_run ON work_timecorrection IS
    'What a run reckoned as nothing, or has yet to count, is not said otherwise afterwards.';

CREATE OR REPLACE TRIGGER paid_time_superseded_by_what_replaces_it BEFORE INSERT OR UPDATE ON payouts_paidtime
    FOR EACH ROW WHEN (NEW.superseded_by_id IS NOT NULL) EXECUTE FUNCTION superseded_by_what_replaces_it();
COMMENT ON TRIGGER paid_time_superseded_by_what_replaces_it ON payouts_paidtime IS
    'Time that was paid is not freed to be paid again.';

CREATE OR REPLACE TRIGGER revenue_line_superseded_by_what_replaces_it BEFORE INSERT OR UPDATE ON payouts_revenueline
    FOR EACH ROW WHEN (NEW.superseded_by_id IS NOT NULL) EXECUTE FUNCTION superseded_by_what_replaces_it();
COMMENT ON TRIGGER revenue_line_superseded_by_what_replaces_it ON payouts_revenueline IS
    'Revenue that was booked is not freed to be booked again.';

CREATE OR REPLACE TRIGGER paid_time_superseded_once BEFORE UPDATE ON payouts_paidtime FOR EACH ROW
    WHEN (OLD.superseded_by_id IS NOT NULL) EXECUTE FUNCTION canut_deny();
COMMENT ON TRIGGER paid_time_superseded_once ON payouts_paidtime IS
    'Time that a later version took over is never paid by the old one.';

CREATE OR REPLACE TRIGGER revenue_line_superseded_once BEFORE UPDATE ON payouts_revenueline FOR EACH ROW
    WHEN (OLD.superseded_by_id IS NOT NULL) EXECUTE FUNCTION canut_deny();
COMMENT ON TRIGGER revenue_line_superseded_once ON payouts_revenueline IS
    'Revenue that a later version took over is never booked by the old one.';

CREATE OR REPLACE TRIGGER adjustment_taken_once BEFORE UPDATE ON payouts_adjustment FOR EACH ROW
    WHEN (OLD.taken_in_id IS NOT NULL) EXECUTE FUNCTION canut_deny();
COMMENT ON TRIGGER adjustment_taken_once ON payouts_adjustment IS
    'A mistake is put right once.';

CREATE OR REPLACE TRIGGER run_never_goes_back BEFORE UPDATE ON payouts_payoutrun FOR EACH ROW
    WHEN (OLD.reserved_at <> coalesce(NEW.reserved_at, '-infinity') OR OLD.executing_at <> coalesce(NEW.executing_at, '-infinity')
          OR OLD.settled_at <> coalesce(NEW.settled_at, '-infinity') OR OLD.closed_at <> coalesce(NEW.closed_at, '-infinity'))
    EXECUTE FUNCTION canut_deny();
COMMENT ON TRIGGER run_never_goes_back ON payouts_payoutrun IS
    'No moment of a run is unmade or moved.';

CREATE OR REPLACE TRIGGER objection_answered_stays_answered BEFORE UPDATE ON payouts_objection
    FOR EACH ROW WHEN (OLD.answered_at IS NOT NULL) EXECUTE FUNCTION canut_deny();
COMMENT ON TRIGGER objection_answered_stays_answered ON payouts_objection IS
    'An answer that was given is not taken back or reworded.';

CREATE OR REPLACE FUNCTION books_follow_the_periods() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NEW.number > 1 AND EXISTS (SELECT FROM payouts_period)
       AND NOT EXISTS (SELECT FROM payouts_period WHERE number = NEW.number AND starts_at = NEW.starts_at) THEN
        RAISE USING ERRCODE = 'check_violation', CONSTRAINT = 'books_begin_with_their_period', TABLE = 'ledger_period',
            MESSAGE = 'books_begin_with_their_period: a period of the books begins when its period does';
    ELSIF NEW.closed_at IS NOT NULL AND EXISTS (
        SELECT FROM payouts_period period LEFT JOIN payouts_payoutrun run ON run.period_id = period.id
        WHERE period.number = NEW.number AND run.approved_at IS NULL) THEN
        RAISE USING ERRCODE = 'check_violation', CONSTRAINT = 'books_close_with_their_run', TABLE = 'ledger_period',
            MESSAGE = 'books_close_with_their_run: the books of a period close with the approval of the run that shares it';
    END IF;
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION books_follow_the_periods() FROM PUBLIC;
COMMENT ON FUNCTION books_follow_the_periods() IS
    'Compares, at commit, a period of the books with the period of pay of the same number and its run.';

DROP TRIGGER IF EXISTS books_follow_the_periods ON ledger_period;
CREATE CONSTRAINT TRIGGER books_follow_the_periods AFTER INSERT OR UPDATE ON ledger_period DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION books_follow_the_periods();
COMMENT ON TRIGGER books_follow_the_periods ON ledger_period IS
    'What a period earned is shared before its books close, and never after.';
"""

STATES = r"""
-- The graphs of money: a period, its run, each payment of the run, an order, what a rail tells us and what it is asked.

SELECT canut_states('payouts_period', 'state', begins => ARRAY['open'], moves => ARRAY['open>closed']);
SELECT canut_states('payouts_payoutrun', 'state', begins => ARRAY['draft'], moves => ARRAY[
    'draft>frozen', 'frozen>computed', 'computed>approved', 'approved>reserved', 'reserved>executing',
    'executing>settled', 'executing>settled_with_holds',
    'settled>closed', 'settled_with_holds>closed']);
SELECT canut_states('payouts_payoutitem', 'state', begins => ARRAY['planned'], moves => ARRAY[
    'planned>submitting', 'planned>held',
    'submitting>sent', 'submitting>planned', 'submitting>held',
    'sent>paid', 'sent>returned', 'paid>returned',
    'held>sent']);
SELECT canut_states('payouts_order', 'state', begins => ARRAY['awaiting_payment'], moves => ARRAY[
    'awaiting_payment>paid', 'awaiting_payment>cancelled',
    'paid>refund_due', 'refund_due>refunded']);
SELECT canut_states('payouts_inboxevent', 'state', begins => ARRAY['new'], moves => ARRAY[
    'new>done', 'new>poison', 'poison>new']);
SELECT canut_states('payouts_attempt', 'state', begins => ARRAY['waiting'], moves => ARRAY[
    'waiting>asking', 'waiting>dropped',
    'asking>done', 'asking>waiting', 'asking>held', 'asking>dropped',
    'held>done', 'held>dropped',
    'done>waiting']);
"""


class Migration(migrations.Migration):
    dependencies = [("payouts", "0001_tables"), ("ledger", "0002_laws")]
    operations = [
        migrations.RunSQL(ATTEMPTS),
        migrations.RunSQL(INVARIANTS),
        migrations.RunSQL(MONEY_IN),
        migrations.RunSQL(MONEY_OUT),
        migrations.RunSQL(RIGHTS),
        migrations.RunSQL(RUNS),
        migrations.RunSQL(STATES),
    ]
