"""What is left of an order goes back: how much, and when it was completed. A cancelled one goes back in full, as before."""

from django.db import migrations, models

GRANTED = "GRANT UPDATE (completed_at, refund_amount) ON payouts_order TO canut_app"
TAKEN_BACK = "REVOKE UPDATE (completed_at, refund_amount) ON payouts_order FROM canut_app"

# Orders that were cancelled before have ended, and ended ones stay as they are but for this amount.
IN_FULL = """
ALTER TABLE payouts_order DISABLE TRIGGER order_ended_stays_ended;
UPDATE payouts_order SET refund_amount = amount WHERE state IN ('refund_due', 'refunded');
ALTER TABLE payouts_order ENABLE TRIGGER order_ended_stays_ended;
"""


class Migration(migrations.Migration):
    dependencies = [("payouts", "0010_what_may_change_of_objections")]

    operations = [
        migrations.RemoveConstraint(
            model_name="order",
            name="order_state_follows_its_moments",
        ),
        migrations.AddField(
            model_name="order",
            name="completed_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="order",
            name="refund_amount",
            field=models.PositiveBigIntegerField(null=True),
        ),
        migrations.RunSQL(GRANTED, TAKEN_BACK),
        migrations.RunSQL(IN_FULL, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("cancelled_at__isnull", True), ("paid_at__isnull", True), ("state", "awaiting_payment")),
                    models.Q(("cancelled_at__isnull", True), ("paid_at__isnull", False), ("state", "paid")),
                    models.Q(("cancelled_at__isnull", False), ("paid_at__isnull", True), ("state", "cancelled")),
                    models.Q(("paid_at__isnull", False), ("refunded_at__isnull", True), ("state", "refund_due")),
                    models.Q(("paid_at__isnull", False), ("refunded_at__isnull", False), ("state", "refunded")),
                    _connector="OR",
                ),
                name="order_state_follows_its_moments",
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("completed_at__isnull", True),
                    models.Q(("cancelled_at__isnull", True), ("paid_at__isnull", False)),
                    _connector="OR",
                ),
                name="order_completed_was_paid_and_not_cancelled",
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("refund_amount__gt", 0),
                        ("refund_amount__isnull", False),
                        ("refund_amount__lte", models.F("amount")),
                        ("state__in", ["refund_due", "refunded"]),
                    ),
                    models.Q(("refund_amount__isnull", True), ("state__in", ["awaiting_payment", "paid", "cancelled"])),
                    _connector="OR",
                ),
                name="order_refund_has_its_amount",
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["refund_due", "refunded"]), _negated=True),
                    ("completed_at__isnull", False),
                    models.Q(("cancelled_at__isnull", False), ("refund_amount", models.F("amount"))),
                    _connector="OR",
                ),
                name="order_cancelled_goes_back_in_full",
            ),
        ),
    ]
