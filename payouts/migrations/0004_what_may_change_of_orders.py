"""What may still change of an order, an event and a member's details; what has ended stays as it is."""

from django.db import migrations

KEPT = """
SELECT canut_append_only('payouts_exchangerate');
SELECT canut_updatable('payouts_order', ARRAY[
    'state', 'checkout', 'checkout_epoch', 'checkout_url', 'payment', 'paid_at', 'confirmed_by_id', 'cancelled_at',
    'refund_epoch', 'refund_request', 'refund_first_try_at', 'refund_last_try_at', 'refund_look_after', 'refund_trouble',
    'refund_reference', 'refunded_at']);
SELECT canut_updatable('payouts_inboxevent', ARRAY['state', 'tries', 'next_try_at', 'trouble', 'handled_at']);
SELECT canut_updatable('payouts_raildetails', ARRAY['replaced_at']);

CREATE TRIGGER order_ended_stays_ended BEFORE UPDATE ON payouts_order FOR EACH ROW
    WHEN (OLD.state IN ('cancelled', 'refunded')) EXECUTE FUNCTION canut_deny();
CREATE TRIGGER order_keeps_its_payment BEFORE UPDATE ON payouts_order FOR EACH ROW
    WHEN (OLD.payment <> '' AND OLD.payment <> NEW.payment) EXECUTE FUNCTION canut_deny();
CREATE TRIGGER inbox_event_done_stays_done BEFORE UPDATE ON payouts_inboxevent FOR EACH ROW
    WHEN (OLD.state = 'done') EXECUTE FUNCTION canut_deny();
CREATE TRIGGER rail_details_replaced_stay_replaced BEFORE UPDATE ON payouts_raildetails FOR EACH ROW
    WHEN (OLD.replaced_at IS NOT NULL) EXECUTE FUNCTION canut_deny();
"""


class Migration(migrations.Migration):
    dependencies = [("coop", "0001_clock_and_table_laws"), ("payouts", "0003_orders_inbox_and_rail_details")]
    operations = [migrations.RunSQL(KEPT, migrations.RunSQL.noop)]
