-- Never pay twice: a payment keeps its reference, and agrees with its books, its rail and its run.

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
