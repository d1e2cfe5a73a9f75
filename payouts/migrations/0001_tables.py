"""The tables of payouts, as its models state them. Written by `manage.py fold`."""

import datetime
import uuid

import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("audit", "0001_tables"),
        ("ledger", "0001_tables"),
        ("members", "0001_tables"),
        ("members", "__first__"),
        ("rules", "0001_tables"),
        ("work", "0001_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="Attempt",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("purpose", models.CharField(max_length=20)),
                ("subject", models.UUIDField()),
                ("rail", models.CharField(max_length=16)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "not asked yet"),
                            ("asking", "being asked"),
                            ("done", "done"),
                            ("held", "waits for a person"),
                            ("dropped", "not asked any more"),
                        ],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("epoch", models.PositiveIntegerField(default=1)),
                ("sealed_request", models.BinaryField(null=True)),
                ("first_try_at", models.DateTimeField(null=True)),
                ("last_try_at", models.DateTimeField(null=True)),
                ("look_after", models.DateTimeField(null=True)),
                ("tries", models.PositiveIntegerField(default=0)),
                ("next_try_at", models.DateTimeField(null=True)),
                ("reference", models.CharField(blank=True, default="", max_length=255)),
                ("trouble", models.CharField(blank=True, default="", max_length=300)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ["waiting", "asking"])),
                        fields=["purpose", "next_try_at"],
                        name="attempt_due",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("purpose", "subject"), name="attempt_one_per_thing_asked"),
                    models.UniqueConstraint(
                        condition=models.Q(("reference", ""), _negated=True),
                        fields=("rail", "reference"),
                        name="attempt_reference_answers_one",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("purpose__regex", "^[a-z_]+$")), name="attempt_has_a_purpose"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["waiting", "asking", "done", "held", "dropped"])),
                        name="attempt_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "asking"), _negated=True),
                            models.Q(
                                ("first_try_at__isnull", False),
                                ("look_after__isnull", False),
                                ("sealed_request__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="attempt_writes_its_request_before_the_call",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "waiting"), _negated=True),
                            models.Q(
                                ("first_try_at__isnull", True),
                                ("look_after__isnull", True),
                                ("reference", ""),
                                ("sealed_request__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="attempt_waiting_has_asked_nothing",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("look_after__isnull", True),
                            models.Q(
                                ("first_try_at__isnull", False),
                                (
                                    "look_after__lte",
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("first_try_at"), "+", models.Value(datetime.timedelta(seconds=82800))
                                    ),
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="attempt_looks_before_the_key_is_forgotten",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("first_try_at__isnull", True), ("last_try_at__isnull", True)),
                            models.Q(
                                ("first_try_at__isnull", False),
                                ("last_try_at__gte", models.F("first_try_at")),
                                ("last_try_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="attempt_tries_in_order",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "done"), models.Q(("reference", ""), _negated=True)),
                            models.Q(models.Q(("state", "done"), _negated=True), ("reference", "")),
                            _connector="OR",
                        ),
                        name="attempt_done_has_its_reference",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["held", "dropped"]), _negated=True),
                            models.Q(("trouble", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="attempt_ended_otherwise_says_why",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="InboxEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("account", models.CharField(max_length=64)),
                ("event_id", models.CharField(max_length=255)),
                ("type", models.CharField(max_length=120)),
                ("about", models.CharField(max_length=255)),
                ("payload", models.BinaryField()),
                ("source", models.CharField(choices=[("webhook", "Webhook"), ("poll", "Poll")], max_length=8)),
                (
                    "state",
                    models.CharField(
                        choices=[("new", "new"), ("done", "handled"), ("poison", "could not be handled")],
                        default="new",
                        max_length=8,
                    ),
                ),
                ("tries", models.PositiveIntegerField(default=0)),
                ("next_try_at", models.DateTimeField()),
                ("trouble", models.CharField(blank=True, default="", max_length=300)),
                ("said_at", models.DateTimeField()),
                ("received_at", models.DateTimeField()),
                ("handled_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "new")), fields=["next_try_at"], name="inbox_event_to_handle"
                    ),
                    models.Index(
                        condition=models.Q(("state", "poison")), fields=["received_at"], name="inbox_event_poisoned"
                    ),
                    models.Index(fields=["said_at"], name="inbox_event_said_at"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("account", "event_id"), name="inbox_event_comes_once"),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["new", "done", "poison"])), name="inbox_event_state_is_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("handled_at__isnull", False), ("state", "done")),
                            models.Q(models.Q(("state", "done"), _negated=True), ("handled_at__isnull", True)),
                            _connector="OR",
                        ),
                        name="inbox_event_done_has_its_moment",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "poison"), _negated=True),
                            models.Q(("trouble", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="inbox_event_poisoned_says_why",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RailDetails",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="rail_details", to="members.member"
                    ),
                ),
                ("rail", models.CharField(max_length=16)),
                ("sealed", models.BinaryField()),
                ("masked", models.CharField(max_length=80)),
                ("digest", models.CharField(max_length=64)),
                ("set_at", models.DateTimeField()),
                ("replaced_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["digest"], name="rail_details_by_account")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("replaced_at__isnull", True)),
                        fields=("member",),
                        name="rail_details_one_current_per_member",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("rail__regex", "^[a-z_]+$")), name="rail_details_name_their_rail"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("replaced_at__isnull", True), ("replaced_at__gte", models.F("set_at")), _connector="OR"
                        ),
                        name="rail_details_replaced_after_set",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ExchangeRate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("currency", models.CharField(max_length=3)),
                ("num", models.PositiveBigIntegerField()),
                ("den", models.PositiveBigIntegerField()),
                ("source", models.CharField(max_length=200)),
                ("read_at", models.DateTimeField()),
                ("recorded_at", models.DateTimeField()),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="members.member"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["currency", "-recorded_at"], name="exchange_rate_latest")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("den__gt", 0), ("num__gt", 0)), name="exchange_rate_is_above_zero"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("currency__regex", "^[A-Z]{3}$")), name="exchange_rate_has_a_currency"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("source", ""), _negated=True), name="exchange_rate_names_its_source"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("read_at__lte", models.F("recorded_at"))),
                        name="exchange_rate_read_before_recorded",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Period",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("number", models.PositiveIntegerField(unique=True)),
                ("starts_at", models.DateTimeField(unique=True)),
                ("ends_at", models.DateTimeField(unique=True)),
                (
                    "follows",
                    models.ForeignKey(
                        db_column="follows",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="payouts.period",
                        to_field="ends_at",
                    ),
                ),
                (
                    "state",
                    models.CharField(choices=[("open", "open"), ("closed", "closed")], default="open", max_length=6),
                ),
                ("closed_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends_at__gt", models.F("starts_at"))), name="period_ends_after_it_starts"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("follows__isnull", True), ("number", 1)),
                            models.Q(("follows", models.F("starts_at")), ("follows__isnull", False), ("number__gt", 1)),
                            _connector="OR",
                        ),
                        name="period_begins_where_the_one_before_ends",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closed_at__isnull", True), ("state", "open")),
                            models.Q(
                                ("closed_at__gte", models.F("ends_at")),
                                ("closed_at__isnull", False),
                                ("state", "closed"),
                            ),
                            _connector="OR",
                        ),
                        name="period_closes_when_it_is_over",
                    ),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="Order",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="orders", to="work.project"
                    ),
                ),
                (
                    "quote",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="orders", to="work.quote"
                    ),
                ),
                (
                    "method",
                    models.CharField(
                        choices=[("checkout", "card, by Stripe Checkout"), ("bank_transfer", "bank transfer")],
                        max_length=16,
                    ),
                ),
                ("amount", models.PositiveBigIntegerField()),
                ("currency", models.CharField(max_length=3)),
                ("reference", models.CharField(max_length=20, unique=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("awaiting_payment", "awaiting payment"),
                            ("paid", "paid"),
                            ("cancelled", "cancelled"),
                            ("refund_due", "to be refunded"),
                            ("refunded", "refunded"),
                        ],
                        default="awaiting_payment",
                        max_length=16,
                    ),
                ),
                (
                    "placed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("placed_at", models.DateTimeField()),
                ("checkout", models.CharField(blank=True, default="", max_length=255)),
                ("checkout_url", models.URLField(blank=True, default="", max_length=1000)),
                ("payment", models.CharField(blank=True, default="", max_length=255)),
                ("paid_at", models.DateTimeField(null=True)),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="members.member"
                    ),
                ),
                ("cancelled_at", models.DateTimeField(null=True)),
                ("completed_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ["awaiting_payment", "refund_due"])),
                        fields=["state", "placed_at"],
                        name="order_open",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["awaiting_payment", "paid"])),
                        fields=("project",),
                        name="order_one_live_per_project",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("checkout", ""), _negated=True),
                        fields=("checkout",),
                        name="order_checkout_is_its_own",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("payment", ""), _negated=True),
                        fields=("payment",),
                        name="order_payment_pays_one_order",
                    ),
                    models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="order_costs_something"),
                    models.CheckConstraint(
                        condition=models.Q(("method__in", ["checkout", "bank_transfer"])), name="order_method_is_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("cancelled_at__isnull", True), ("paid_at__isnull", True), ("state", "awaiting_payment")
                            ),
                            models.Q(("cancelled_at__isnull", True), ("paid_at__isnull", False), ("state", "paid")),
                            models.Q(
                                ("cancelled_at__isnull", False), ("paid_at__isnull", True), ("state", "cancelled")
                            ),
                            models.Q(("paid_at__isnull", False), ("state__in", ["refund_due", "refunded"])),
                            _connector="OR",
                        ),
                        name="order_state_follows_its_moments",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("completed_at__isnull", True),
                            models.Q(("cancelled_at__isnull", True), ("paid_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="order_completed_was_paid_and_not_cancelled",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["refund_due", "refunded"]), _negated=True),
                            ("completed_at__isnull", False),
                            ("cancelled_at__isnull", False),
                            _connector="OR",
                        ),
                        name="order_gives_back_when_cancelled_or_completed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("paid_at__isnull", True), ("payment", "")),
                            models.Q(("paid_at__isnull", False), models.Q(("payment", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="order_paid_names_its_payment",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("paid_at__isnull", True),
                            models.Q(("method", "bank_transfer"), _negated=True),
                            ("confirmed_by__isnull", False),
                            _connector="OR",
                        ),
                        name="order_transfer_is_confirmed_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("cancelled_at__isnull", True),
                            ("cancelled_at__gte", models.F("placed_at")),
                            _connector="OR",
                        ),
                        name="order_cancelled_after_placed",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Refund",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "order",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="refund", to="payouts.order"
                    ),
                ),
                ("amount", models.PositiveBigIntegerField()),
                ("due_at", models.DateTimeField()),
                (
                    "attempt",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="refund",
                        to="payouts.attempt",
                    ),
                ),
                ("reference", models.CharField(blank=True, default="", max_length=255)),
                ("refunded_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("reference", ""), _negated=True),
                        fields=("reference",),
                        name="refund_reference_gives_back_once",
                    ),
                    models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="refund_gives_something_back"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("reference", ""), ("refunded_at__isnull", True)),
                            models.Q(("refunded_at__isnull", False), models.Q(("reference", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="refund_names_its_reference",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("refunded_at__isnull", True), ("refunded_at__gte", models.F("due_at")), _connector="OR"
                        ),
                        name="refund_given_after_due",
                    ),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="PayoutRun",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "period",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="run", to="payouts.period"
                    ),
                ),
                (
                    "rule_book",
                    models.ForeignKey(
                        db_column="rule_book",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="rules.pinnedbook",
                    ),
                ),
                ("currency", models.CharField(max_length=3)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "draft"),
                            ("frozen", "frozen"),
                            ("computed", "computed, open to objections"),
                            ("approved", "approved"),
                            ("reserved", "reserved"),
                            ("executing", "being paid"),
                            ("settled", "paid"),
                            ("settled_with_holds", "paid, some held"),
                            ("closed", "closed"),
                        ],
                        default="draft",
                        max_length=18,
                    ),
                ),
                ("frozen_inputs", models.JSONField(null=True)),
                ("frozen_sha256", models.CharField(blank=True, default="", max_length=64)),
                (
                    "recognition",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.transaction",
                    ),
                ),
                (
                    "distribution",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.transaction",
                    ),
                ),
                ("drafted_at", models.DateTimeField()),
                ("frozen_at", models.DateTimeField(null=True)),
                ("computed_at", models.DateTimeField(null=True)),
                ("objections_until", models.DateTimeField(null=True)),
                ("approved_at", models.DateTimeField(null=True)),
                (
                    "approved_by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="members.member"
                    ),
                ),
                ("reserved_at", models.DateTimeField(null=True)),
                ("executing_at", models.DateTimeField(null=True)),
                ("settled_at", models.DateTimeField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="RunVersion",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="versions", to="payouts.payoutrun"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                (
                    "replaces",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="replaced_by",
                        to="payouts.runversion",
                    ),
                ),
                ("inputs", models.JSONField()),
                ("inputs_sha256", models.CharField(max_length=64)),
                ("result", models.JSONField()),
                ("result_sha256", models.CharField(max_length=64)),
                ("payable_total", models.PositiveBigIntegerField()),
                ("postings", models.JSONField()),
                ("bundle_sha256", models.CharField(max_length=64)),
                (
                    "log_entry",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="audit.entry"),
                ),
                ("made_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("run", "number"), name="run_version_has_its_number"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("number", 1), ("replaces__isnull", True)),
                            models.Q(("number__gt", 1), ("replaces__isnull", False)),
                            _connector="OR",
                        ),
                        name="run_version_names_what_it_replaces",
                    ),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="RevenueLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="revenue", to="payouts.runversion"
                    ),
                ),
                (
                    "superseded_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="payouts.runversion",
                    ),
                ),
                (
                    "period",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="revenue", to="payouts.period"
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="revenue", to="work.project"
                    ),
                ),
                ("answers", models.PositiveIntegerField()),
                ("price", models.PositiveBigIntegerField()),
                ("amount", models.PositiveBigIntegerField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("superseded_by__isnull", True)),
                        fields=("period", "project"),
                        name="revenue_line_one_per_period_and_project",
                    ),
                    models.CheckConstraint(condition=models.Q(("answers__gt", 0)), name="revenue_line_counts_answers"),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "amount__lte",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("answers"), "*", models.F("price")
                                ),
                            )
                        ),
                        name="revenue_line_not_above_its_price",
                    ),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="MemberShare",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="shares", to="payouts.payoutrun"
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="shares", to="payouts.runversion"
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="shares", to="members.member"
                    ),
                ),
                ("pseudonym", models.CharField(max_length=32)),
                ("seconds", models.PositiveBigIntegerField()),
                ("weight", models.PositiveBigIntegerField()),
                ("floor", models.PositiveBigIntegerField()),
                ("cap", models.PositiveBigIntegerField(null=True)),
                ("owed_paid", models.PositiveBigIntegerField()),
                ("exact", models.TextField()),
                ("amount", models.PositiveBigIntegerField()),
                ("shortfall", models.PositiveBigIntegerField()),
                ("owed_left", models.PositiveBigIntegerField()),
                ("adjustment", models.BigIntegerField(default=0)),
                ("adjustment_left", models.BigIntegerField(default=0)),
                (
                    "payable",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.expressions.CombinedExpression(
                            django.db.models.expressions.CombinedExpression(
                                models.F("amount"), "+", models.F("owed_paid")
                            ),
                            "+",
                            models.F("adjustment"),
                        ),
                        output_field=models.PositiveBigIntegerField(),
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("version", "member"), name="member_share_one_per_version"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("weight__gt", 0), models.Q(("amount", 0), ("floor", 0), ("shortfall", 0)), _connector="OR"
                        ),
                        name="member_share_without_work_is_nothing",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("amount__gte", models.F("floor")),
                            (
                                "shortfall",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("floor"), "-", models.F("amount")
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="member_share_reaches_the_floor_or_owes_it",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("cap__isnull", True), ("amount__lte", models.F("cap")), _connector="OR"),
                        name="member_share_not_above_its_cap",
                    ),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="PaidTime",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "superseded_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="payouts.runversion",
                    ),
                ),
                (
                    "share",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="time", to="payouts.membershare"
                    ),
                ),
                (
                    "entry",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="work.timeentry"
                    ),
                ),
                ("kind", models.CharField(max_length=10)),
                ("seconds", models.PositiveIntegerField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("superseded_by__isnull", True)),
                        fields=("entry",),
                        name="paid_time_is_paid_once",
                    )
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="BatchFile",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="files", to="payouts.payoutrun"
                    ),
                ),
                ("rail", models.CharField(max_length=16)),
                ("operator", models.CharField(max_length=20)),
                ("currency", models.CharField(max_length=3)),
                ("rows", models.PositiveIntegerField()),
                ("total", models.PositiveBigIntegerField()),
                ("sealed", models.BinaryField()),
                ("sha256", models.CharField(max_length=64)),
                ("written_at", models.DateTimeField()),
                ("downloaded_at", models.DateTimeField(null=True)),
                (
                    "downloaded_by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="members.member"
                    ),
                ),
                ("withdrawn_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("withdrawn_at__isnull", True)),
                        fields=("run", "rail", "operator"),
                        name="batch_file_written_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("downloaded_at__isnull", True), ("withdrawn_at__isnull", True), _connector="OR"
                        ),
                        name="batch_file_taken_or_withdrawn",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("rows__gt", 0), ("total__gt", 0)), name="batch_file_pays_somebody"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("downloaded_at__isnull", True), ("downloaded_by__isnull", True)),
                            models.Q(("downloaded_at__isnull", False), ("downloaded_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="batch_file_downloaded_by_somebody",
                    ),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="BatchAnswer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="answers", to="payouts.batchfile"
                    ),
                ),
                ("sealed", models.BinaryField()),
                ("sha256", models.CharField(max_length=64)),
                ("taken", models.PositiveIntegerField()),
                ("bad_lines", models.JSONField(default=list)),
                ("uploaded_at", models.DateTimeField()),
                (
                    "uploaded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="members.member"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("file", "sha256"), name="batch_answer_read_once")],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="PayoutItem",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="items", to="payouts.payoutrun"
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="payout_items", to="members.member"
                    ),
                ),
                ("rail", models.CharField(max_length=16)),
                (
                    "details",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="payouts.raildetails"
                    ),
                ),
                ("amount", models.PositiveBigIntegerField()),
                ("currency", models.CharField(max_length=3)),
                ("local_amount", models.PositiveBigIntegerField()),
                (
                    "rate",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="payouts.exchangerate",
                    ),
                ),
                (
                    "hold",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ledger.transaction"
                    ),
                ),
                ("reserved", models.BooleanField(default=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("planned", "planned"),
                            ("submitting", "being sent"),
                            ("sent", "sent"),
                            ("paid", "paid"),
                            ("returned", "came back"),
                            ("held", "held"),
                        ],
                        default="planned",
                        max_length=12,
                    ),
                ),
                ("planned_at", models.DateTimeField()),
                (
                    "attempt",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="payout_item",
                        to="payouts.attempt",
                    ),
                ),
                (
                    "file",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="items",
                        to="payouts.batchfile",
                    ),
                ),
                ("reference", models.CharField(blank=True, default="", max_length=255)),
                ("trouble", models.CharField(blank=True, default="", max_length=300)),
                ("sent_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["run", "state"], name="payout_item_of_run")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("run", "member", "currency", "rail"), name="payout_item_one_per_run_member_and_rail"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("reference", ""), _negated=True),
                        fields=("rail", "reference"),
                        name="payout_item_reference_pays_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount__gt", 0), ("local_amount__gt", 0)),
                        name="payout_item_pays_something",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["planned", "submitting", "sent", "paid", "returned", "held"])
                        ),
                        name="payout_item_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "submitting"), _negated=True),
                            ("attempt__isnull", False),
                            ("file__isnull", False),
                            _connector="OR",
                        ),
                        name="payout_item_is_sent_by_an_attempt_or_a_file",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["sent", "paid", "returned"]), _negated=True),
                            models.Q(("reference", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="payout_item_sent_has_its_reference",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["planned", "submitting"]), _negated=True),
                            ("reserved", True),
                            _connector="OR",
                        ),
                        name="payout_item_reserves_before_it_sends",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["sent", "paid", "returned"]), _negated=True),
                            ("reserved", False),
                            _connector="OR",
                        ),
                        name="payout_item_sent_is_no_longer_reserved",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "held"), _negated=True),
                            models.Q(("trouble", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="payout_item_held_says_why",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at__isnull", False), ("state__in", ["paid", "returned", "held"])),
                            models.Q(("ended_at__isnull", True), ("state__in", ["planned", "submitting", "sent"])),
                            _connector="OR",
                        ),
                        name="payout_item_ended_has_its_moment",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PayoutStep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="steps", to="payouts.payoutitem"
                    ),
                ),
                ("epoch", models.PositiveIntegerField()),
                ("what", models.CharField(max_length=20)),
                ("note", models.CharField(blank=True, default="", max_length=300)),
                ("by", models.CharField(max_length=80)),
                ("at", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["item", "at"], name="payout_step_of_item")],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="NotPaid",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="not_paid", to="payouts.payoutrun"
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="not_paid", to="members.member"
                    ),
                ),
                (
                    "why",
                    models.CharField(
                        choices=[
                            ("no_details", "has not said where to be paid"),
                            ("below_minimum", "less than the smallest payout"),
                            ("rail_off", "this way of paying is switched off"),
                            ("moved", "is paid another way since then"),
                            ("no_rate", "there is no exchange rate"),
                            ("too_little", "too little to be sent in this currency"),
                            ("held", "the payment did not go through"),
                            ("returned", "the payment came back"),
                            ("nothing_due", "nothing was due to this member"),
                            ("unknown", "nobody knows yet whether the payment arrived"),
                        ],
                        max_length=14,
                    ),
                ),
                ("amount", models.PositiveBigIntegerField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("run", "member"), name="not_paid_named_once_per_run"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("amount__gt", 0), models.Q(("why", "nothing_due"), _negated=True)),
                            models.Q(("amount", 0), ("why", "nothing_due")),
                            _connector="OR",
                        ),
                        name="not_paid_is_something_or_nothing_was_due",
                    ),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="Objection",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "share",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="objections", to="payouts.membershare"
                    ),
                ),
                ("reason", models.CharField(max_length=2000)),
                ("raised_at", models.DateTimeField()),
                ("answer", models.CharField(blank=True, default="", max_length=2000)),
                ("answered_at", models.DateTimeField(null=True)),
                (
                    "answered_by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="members.member"
                    ),
                ),
                ("upheld", models.BooleanField(null=True)),
                ("kind", models.CharField(blank=True, default="", max_length=10)),
                ("seconds", models.IntegerField(default=0)),
                (
                    "led_to",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="objections_upheld",
                        to="payouts.runversion",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("reason__regex", "^\\s*$"), _negated=True),
                        name="objection_gives_its_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("answer", ""),
                                ("answered_at__isnull", True),
                                ("answered_by__isnull", True),
                                ("upheld__isnull", True),
                            ),
                            models.Q(
                                ("answered_at__gte", models.F("raised_at")),
                                ("answered_at__isnull", False),
                                ("answered_by__isnull", False),
                                ("upheld__isnull", False),
                                models.Q(("answer__regex", "^\\s*$"), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="objection_is_answered_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("led_to__isnull", False),
                                ("upheld", True),
                                ("upheld__isnull", False),
                                models.Q(("seconds", 0), _negated=True),
                                models.Q(("kind", ""), _negated=True),
                            ),
                            models.Q(
                                ("kind", ""),
                                ("led_to__isnull", True),
                                ("seconds", 0),
                                models.Q(("upheld__isnull", True), ("upheld", False), _connector="OR"),
                            ),
                            _connector="OR",
                        ),
                        name="objection_upheld_changes_something",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("seconds__gte", 0), ("seconds__lte", 2678400)),
                        name="objection_adds_a_month_at_most",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("answered_at__isnull", True)),
                        fields=("share",),
                        name="objection_one_open_per_statement",
                    ),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="Adjustment",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="adjustments", to="members.member"
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="adjustments", to="payouts.payoutrun"
                    ),
                ),
                ("amount", models.BigIntegerField()),
                ("reason", models.CharField(max_length=500)),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="members.member"
                    ),
                ),
                ("made_at", models.DateTimeField()),
                (
                    "taken_in",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="payouts.payoutrun"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("amount", 0), _negated=True), name="adjustment_moves_something"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount__gte", -10000000), ("amount__lte", 10000000)),
                        name="adjustment_is_what_may_be_typed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason__regex", "^\\s*$"), _negated=True),
                        name="adjustment_gives_its_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("member", models.F("made_by")), _negated=True),
                        name="adjustment_made_by_somebody_else",
                    ),
                    models.UniqueConstraint(
                        fields=("member", "run", "amount", "reason"), name="adjustment_is_made_once"
                    ),
                ],
                "indexes": [],
            },
        ),
        migrations.AddField(
            model_name="payoutrun",
            name="current",
            field=models.OneToOneField(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="payouts.runversion"
            ),
        ),
        migrations.AddConstraint(
            model_name="payoutrun",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("approved_at__isnull", True),
                        ("closed_at__isnull", True),
                        ("computed_at__isnull", True),
                        ("executing_at__isnull", True),
                        ("frozen_at__isnull", True),
                        ("reserved_at__isnull", True),
                        ("settled_at__isnull", True),
                        ("state", "draft"),
                    ),
                    models.Q(
                        ("approved_at__isnull", True),
                        ("closed_at__isnull", True),
                        ("computed_at__isnull", True),
                        ("executing_at__isnull", True),
                        ("frozen_at__isnull", False),
                        ("reserved_at__isnull", True),
                        ("settled_at__isnull", True),
                        ("state", "frozen"),
                    ),
                    models.Q(
                        ("approved_at__isnull", True),
                        ("closed_at__isnull", True),
                        ("computed_at__isnull", False),
                        ("executing_at__isnull", True),
                        ("frozen_at__isnull", False),
                        ("reserved_at__isnull", True),
                        ("settled_at__isnull", True),
                        ("state", "computed"),
                    ),
                    models.Q(
                        ("approved_at__isnull", False),
                        ("closed_at__isnull", True),
                        ("computed_at__isnull", False),
                        ("executing_at__isnull", True),
                        ("frozen_at__isnull", False),
                        ("reserved_at__isnull", True),
                        ("settled_at__isnull", True),
                        ("state", "approved"),
                    ),
                    models.Q(
                        ("approved_at__isnull", False),
                        ("closed_at__isnull", True),
                        ("computed_at__isnull", False),
                        ("executing_at__isnull", True),
                        ("frozen_at__isnull", False),
                        ("reserved_at__isnull", False),
                        ("settled_at__isnull", True),
                        ("state", "reserved"),
                    ),
                    models.Q(
                        ("approved_at__isnull", False),
                        ("closed_at__isnull", True),
                        ("computed_at__isnull", False),
                        ("executing_at__isnull", False),
                        ("frozen_at__isnull", False),
                        ("reserved_at__isnull", False),
                        ("settled_at__isnull", True),
                        ("state", "executing"),
                    ),
                    models.Q(
                        ("approved_at__isnull", False),
                        ("closed_at__isnull", True),
                        ("computed_at__isnull", False),
                        ("executing_at__isnull", False),
                        ("frozen_at__isnull", False),
                        ("reserved_at__isnull", False),
                        ("settled_at__isnull", False),
                        ("state", "settled"),
                    ),
                    models.Q(
                        ("approved_at__isnull", False),
                        ("closed_at__isnull", True),
                        ("computed_at__isnull", False),
                        ("executing_at__isnull", False),
                        ("frozen_at__isnull", False),
                        ("reserved_at__isnull", False),
                        ("settled_at__isnull", False),
                        ("state", "settled_with_holds"),
                    ),
                    models.Q(
                        ("approved_at__isnull", False),
                        ("closed_at__isnull", False),
                        ("computed_at__isnull", False),
                        ("executing_at__isnull", False),
                        ("frozen_at__isnull", False),
                        ("reserved_at__isnull", False),
                        ("settled_at__isnull", False),
                        ("state", "closed"),
                    ),
                    _connector="OR",
                ),
                name="run_state_follows_its_moments",
            ),
        ),
        migrations.AddConstraint(
            model_name="payoutrun",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("frozen_at__isnull", True), ("frozen_inputs__isnull", True), ("frozen_sha256", "")),
                    models.Q(
                        ("frozen_at__isnull", False),
                        ("frozen_inputs__isnull", False),
                        models.Q(("frozen_sha256", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="run_frozen_has_its_inputs",
            ),
        ),
        migrations.AddConstraint(
            model_name="payoutrun",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("computed_at__isnull", True), ("current__isnull", True), ("objections_until__isnull", True)
                    ),
                    models.Q(
                        ("computed_at__isnull", False),
                        ("current__isnull", False),
                        ("objections_until__gte", models.F("computed_at")),
                        ("objections_until__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="run_computed_has_its_version",
            ),
        ),
        migrations.AddConstraint(
            model_name="payoutrun",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("approved_at__isnull", False),
                    models.Q(("distribution__isnull", True), ("recognition__isnull", True)),
                    _connector="OR",
                ),
                name="run_posts_nothing_before_its_approval",
            ),
        ),
        migrations.AddConstraint(
            model_name="payoutrun",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("approved_at__isnull", True), ("approved_by__isnull", True)),
                    models.Q(
                        ("approved_at__gte", models.F("objections_until")),
                        ("approved_at__isnull", False),
                        ("approved_by__isnull", False),
                        ("objections_until__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="run_approved_after_objections_by_somebody",
            ),
        ),
    ]
