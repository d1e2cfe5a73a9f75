-- Never pay twice: a payment keeps its reference, and a try keeps the request and the key it was made under.

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

CREATE OR REPLACE TRIGGER payout_item_epoch_only_grows BEFORE UPDATE ON payouts_payoutitem FOR EACH ROW
    WHEN (NEW.epoch NOT IN (OLD.epoch, OLD.epoch + 1)) EXECUTE FUNCTION canut_deny();
COMMENT ON TRIGGER payout_item_epoch_only_grows ON payouts_payoutitem IS
    'A key that was burnt is never used again.';

CREATE OR REPLACE TRIGGER payout_item_keeps_the_request_of_its_key BEFORE UPDATE ON payouts_payoutitem FOR EACH ROW
    WHEN (OLD.sealed_request IS NOT NULL AND NEW.epoch = OLD.epoch AND OLD.sealed_request IS DISTINCT FROM NEW.sealed_request)
    EXECUTE FUNCTION canut_deny();
COMMENT ON TRIGGER payout_item_keeps_the_request_of_its_key ON payouts_payoutitem IS
    'Under one key the rail is asked for one thing.';

CREATE OR REPLACE TRIGGER batch_file_downloaded_first_stays BEFORE UPDATE ON payouts_batchfile FOR EACH ROW
    WHEN (OLD.downloaded_at IS NOT NULL) EXECUTE FUNCTION canut_deny();
COMMENT ON TRIGGER batch_file_downloaded_first_stays ON payouts_batchfile IS
    'Who first took a file with members'' details out of the house stays on record.';
