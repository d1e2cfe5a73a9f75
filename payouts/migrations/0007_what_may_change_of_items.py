"""What may still change of a payment; what was sent, where and under which reference never does."""

from django.db import migrations

KEPT = """
SELECT canut_append_only('payouts_payoutstep'), canut_append_only('payouts_batchanswer');
SELECT canut_updatable('payouts_batchfile', ARRAY['downloaded_at', 'downloaded_by_id']);
SELECT canut_updatable('payouts_payoutitem', ARRAY[
    'reserved', 'state', 'epoch', 'sealed_request', 'first_try_at', 'last_try_at', 'tries', 'next_try_at', 'look_after',
    'file_id', 'reference', 'trouble', 'sent_at', 'ended_at']);

CREATE TRIGGER payout_item_paid_only_comes_back BEFORE UPDATE ON payouts_payoutitem FOR EACH ROW
    WHEN (OLD.state = 'paid' AND NEW.state <> 'returned') EXECUTE FUNCTION canut_deny();
CREATE TRIGGER payout_item_returned_stays_returned BEFORE UPDATE ON payouts_payoutitem FOR EACH ROW
    WHEN (OLD.state = 'returned') EXECUTE FUNCTION canut_deny();
CREATE TRIGGER payout_item_keeps_its_reference BEFORE UPDATE ON payouts_payoutitem FOR EACH ROW
    WHEN (OLD.reference <> '' AND OLD.reference <> NEW.reference) EXECUTE FUNCTION canut_deny();
CREATE TRIGGER payout_item_epoch_only_grows BEFORE UPDATE ON payouts_payoutitem FOR EACH ROW
    WHEN (NEW.epoch NOT IN (OLD.epoch, OLD.epoch + 1)) EXECUTE FUNCTION canut_deny();
CREATE TRIGGER payout_item_keeps_the_request_of_its_key BEFORE UPDATE ON payouts_payoutitem FOR EACH ROW
    WHEN (OLD.sealed_request IS NOT NULL AND NEW.epoch = OLD.epoch AND OLD.sealed_request IS DISTINCT FROM NEW.sealed_request)
    EXECUTE FUNCTION canut_deny();
CREATE TRIGGER batch_file_downloaded_first_stays BEFORE UPDATE ON payouts_batchfile FOR EACH ROW
    WHEN (OLD.downloaded_at IS NOT NULL) EXECUTE FUNCTION canut_deny();
"""


class Migration(migrations.Migration):
    dependencies = [("coop", "0001_clock_and_table_laws"), ("payouts", "0006_payout_items_and_batch_files")]
    operations = [migrations.RunSQL(KEPT, migrations.RunSQL.noop)]
