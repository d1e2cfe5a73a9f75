-- What has ended, was paid, was handled or was replaced stays so.

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
