import uuid

import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("audit", "0002_seals_and_checkpoints"),
        ("ledger", "0002_the_seven_rules"),
        ("members", "0001_people_members_offices"),
        ("rules", "0001_rule_versions"),
        ("work", "0002_what_may_change"),
    ]

    operations = [
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
                            models.Q(("follows", models.F("starts_at")), ("number__gt", 1)),
                            _connector="OR",
                        ),
                        name="period_begins_where_the_one_before_ends",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closed_at__isnull", True), ("state", "open")),
                            models.Q(("closed_at__gte", models.F("ends_at")), ("state", "closed")),
                            _connector="OR",
                        ),
                        name="period_closes_when_it_is_over",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RevenueLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
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
                (
                    "transaction",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.transaction",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("period", "project"), name="revenue_line_one_per_period_and_project"
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
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("amount", 0), ("transaction__isnull", True)),
                            models.Q(("amount__gt", 0), ("transaction__isnull", False)),
                            _connector="OR",
                        ),
                        name="revenue_line_is_in_the_books",
                    ),
                ],
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
                ("inputs", models.JSONField(null=True)),
                ("inputs_sha256", models.CharField(blank=True, default="", max_length=64)),
                ("result", models.JSONField(null=True)),
                ("result_sha256", models.CharField(blank=True, default="", max_length=64)),
                ("payable_total", models.PositiveBigIntegerField(null=True)),
                (
                    "distribution",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.transaction",
                    ),
                ),
                ("bundle_sha256", models.CharField(blank=True, default="", max_length=64)),
                (
                    "log_entry",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="audit.entry"
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
            options={
                "constraints": [
                    models.CheckConstraint(
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
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("frozen_at__isnull", True), ("inputs__isnull", True), ("inputs_sha256", "")),
                            models.Q(
                                ("frozen_at__isnull", False),
                                ("inputs__isnull", False),
                                models.Q(("inputs_sha256", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="run_frozen_has_its_inputs",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("computed_at__isnull", True),
                                ("objections_until__isnull", True),
                                ("result__isnull", True),
                            ),
                            models.Q(
                                ("computed_at__isnull", False),
                                ("log_entry__isnull", False),
                                ("objections_until__gte", models.F("computed_at")),
                                ("payable_total__isnull", False),
                                ("result__isnull", False),
                                models.Q(("result_sha256", ""), _negated=True),
                                models.Q(("bundle_sha256", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="run_computed_has_its_result",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("approved_at__isnull", True), ("approved_by__isnull", True)),
                            models.Q(
                                ("approved_at__gte", models.F("objections_until")), ("approved_by__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="run_approved_after_objections_by_somebody",
                    ),
                ],
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
                (
                    "payable",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.expressions.CombinedExpression(
                            models.F("amount"), "+", models.F("owed_paid")
                        ),
                        output_field=models.PositiveBigIntegerField(),
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("run", "member"), name="member_share_one_per_run"),
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
            },
        ),
        migrations.CreateModel(
            name="PaidTime",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
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
                "constraints": [models.UniqueConstraint(fields=("entry",), name="paid_time_is_paid_once")],
            },
        ),
    ]
