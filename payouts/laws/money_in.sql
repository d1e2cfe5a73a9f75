-- What has ended, was paid, was handled or was replaced stays so.

CREATE OR REPLACE TRIGGER order_ended_stays_ended BEFORE UPDATE ON payouts_order FOR EACH ROW
    WHEN (OLD.state IN ('cancelled', 'refunded')) EXECUTE FUNCTION canut_deny();
COMMENT ON TRIGGER order_ended_stays_ended ON payouts_order IS
    'An order is not paid or refunded after its end.';

CREATE OR REPLACE TRIGGER order_keeps_its_payment BEFORE UPDATE ON payouts_order FOR EACH ROW
    WHEN (OLD.payment <> '' AND OLD.payment <> NEW.payment) EXECUTE FUNCTION canut_deny();
COMMENT ON TRIGGER order_keeps_its_payment ON payouts_order IS
    'A refund goes back to the payment that was made.';

CREATE OR REPLACE TRIGGER inbox_event_done_stays_done BEFORE UPDATE ON payouts_inboxevent FOR EACH ROW
    WHEN (OLD.state = 'done') EXECUTE FUNCTION canut_deny();
COMMENT ON TRIGGER inbox_event_done_stays_done ON payouts_inboxevent IS
    'An event of a rail is booked once.';

CREATE OR REPLACE TRIGGER rail_details_replaced_stay_replaced BEFORE UPDATE ON payouts_raildetails FOR EACH ROW
    WHEN (OLD.replaced_at IS NOT NULL) EXECUTE FUNCTION canut_deny();
COMMENT ON TRIGGER rail_details_replaced_stay_replaced ON payouts_raildetails IS
    'Pay never goes to details that a member has replaced.';
