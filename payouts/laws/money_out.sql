-- Never pay twice: a payment keeps its reference.

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
