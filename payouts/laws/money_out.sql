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
