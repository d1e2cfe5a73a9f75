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
