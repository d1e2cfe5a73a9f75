"""The tables of work, as its models state them. Written by `manage.py fold`."""

import uuid

import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.comparison
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("audit", "0001_tables"),
        ("members", "0001_tables"),
        ("members", "__first__"),
    ]

    operations = [
        migrations.CreateModel(
            name="Client",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("legal_name", models.CharField(max_length=200, verbose_name="legal name")),
                (
                    "country",
                    models.CharField(
                        max_length=2,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A[A-Z]{2}\\Z", "Give the country as two capital letters, such as MG or SN."
                            )
                        ],
                        verbose_name="country",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("research", "research"),
                            ("ngo", "association or NGO"),
                            ("company", "company"),
                            ("public", "public body"),
                            ("coop", "co-operative"),
                        ],
                        max_length=12,
                        verbose_name="kind of organisation",
                    ),
                ),
                ("vat_id", models.CharField(blank=True, max_length=20, verbose_name="VAT number")),
                ("contact", models.EmailField(max_length=254, verbose_name="contact address")),
                (
                    "beneficial_client",
                    models.CharField(blank=True, max_length=200, verbose_name="on whose behalf you order"),
                ),
                (
                    "subcontract_chain",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=200),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="firms between them and you",
                    ),
                ),
                ("registered_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("legal_name", ""), _negated=True), name="client_has_a_legal_name"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("contact", ""), _negated=True), name="client_can_be_reached"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("country__regex", "^[A-Z]{2}$")), name="client_country_is_two_letters"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["research", "ngo", "company", "public", "coop"])),
                        name="client_kind_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("subcontract_chain", []),
                            models.Q(("beneficial_client", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="client_with_a_chain_says_on_whose_behalf",
                    ),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="ClientUser",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="people", to="work.client"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="client_roles",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[("owner", "owner"), ("editor", "editor"), ("viewer", "viewer")],
                        max_length=8,
                        verbose_name="role",
                    ),
                ),
                ("added_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("client", "user"), name="client_user_has_one_role"),
                    models.CheckConstraint(
                        condition=models.Q(("role__in", ["owner", "editor", "viewer"])),
                        name="client_user_role_is_known",
                    ),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="PaceFactor",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "member",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="pace_factor", to="members.member"
                    ),
                ),
                ("permille", models.PositiveSmallIntegerField(default=1000)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("permille__gte", 1000), ("permille__lte", 3000)),
                        name="pace_factor_is_one_to_three",
                    )
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="Project",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="projects", to="work.client"
                    ),
                ),
                ("title", models.CharField(max_length=200, verbose_name="title")),
                ("purpose", models.TextField(max_length=2000, verbose_name="purpose")),
                ("final_client", models.CharField(max_length=200, verbose_name="final client")),
                (
                    "end_use",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40), size=None, verbose_name="end use"
                    ),
                ),
                ("product", models.CharField(max_length=200, verbose_name="product the work goes into")),
                ("sold_as_automated", models.BooleanField(default=False, verbose_name="will be sold as automated")),
                (
                    "disclosure",
                    models.TextField(
                        blank=True, max_length=2000, verbose_name="how the people behind it are disclosed"
                    ),
                ),
                (
                    "languages",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=8),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="languages",
                    ),
                ),
                ("task_type", models.CharField(max_length=20, verbose_name="task type")),
                ("template", models.JSONField(verbose_name="template")),
                ("instructions", models.TextField(max_length=20000, verbose_name="instructions")),
                (
                    "redundancy",
                    models.PositiveSmallIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(9),
                        ],
                        verbose_name="answers per item",
                    ),
                ),
                (
                    "seconds_per_answer",
                    models.PositiveIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(36000),
                        ],
                        verbose_name="seconds you expect one answer to take",
                    ),
                ),
                ("weight", models.PositiveIntegerField(default=1000)),
                ("rule_book", models.CharField(blank=True, max_length=64)),
                ("price_per_answer", models.PositiveBigIntegerField(blank=True, null=True)),
                ("funded_answers", models.PositiveIntegerField(default=0)),
                ("low_seq", models.PositiveIntegerField(default=0)),
                ("reopen_gen", models.PositiveBigIntegerField(default=0)),
                ("open_items", models.PositiveIntegerField(default=0)),
                ("pace_seconds", models.PositiveIntegerField(blank=True, null=True)),
                ("paced_words", models.PositiveIntegerField(default=0)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("draft", "draft"),
                            ("quoted", "quoted"),
                            ("live", "live"),
                            ("paused", "paused"),
                            ("done", "done"),
                            ("cancelled", "cancelled"),
                        ],
                        default="draft",
                        max_length=12,
                        verbose_name="status",
                    ),
                ),
                ("drafted_at", models.DateTimeField()),
                ("revised_at", models.DateTimeField(blank=True, null=True)),
                ("submitted_at", models.DateTimeField(blank=True, null=True)),
                ("quoted_at", models.DateTimeField(blank=True, null=True)),
                ("funded_at", models.DateTimeField(blank=True, null=True)),
                ("live_at", models.DateTimeField(blank=True, null=True)),
                ("paused_at", models.DateTimeField(blank=True, null=True)),
                ("resumed_at", models.DateTimeField(blank=True, null=True)),
                ("done_at", models.DateTimeField(blank=True, null=True)),
                ("cancelled_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Quote",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="quotes", to="work.project"
                    ),
                ),
                ("rule_book", models.CharField(max_length=64)),
                ("items", models.PositiveIntegerField()),
                ("redundancy", models.PositiveSmallIntegerField()),
                ("seconds_per_answer", models.PositiveIntegerField()),
                ("answers", models.PositiveIntegerField()),
                ("labour", models.PositiveBigIntegerField()),
                ("total", models.PositiveBigIntegerField()),
                ("escrow", models.PositiveBigIntegerField()),
                ("price_per_answer", models.PositiveBigIntegerField()),
                ("currency", models.CharField(default="EUR", max_length=3)),
                ("quoted_at", models.DateTimeField()),
                ("valid_until", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "answers",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("items"), "*", models.F("redundancy")
                                ),
                            ),
                            ("answers__gt", 0),
                        ),
                        name="quote_counts_its_answers",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("escrow__gte", models.F("total")), ("total__gte", models.F("labour"))),
                        name="quote_covers_its_labour",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "total__lte",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("answers"), "*", models.F("price_per_answer")
                                ),
                            )
                        ),
                        name="quote_is_covered_by_its_price",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("valid_until__gt", models.F("quoted_at"))),
                        name="quote_is_valid_for_a_while",
                    ),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="QuoteLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "quote",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="lines", to="work.quote"
                    ),
                ),
                ("position", models.PositiveSmallIntegerField()),
                ("key", models.CharField(max_length=40)),
                ("amount", models.PositiveBigIntegerField()),
                ("seconds", models.PositiveBigIntegerField(null=True)),
                ("share", models.PositiveIntegerField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("quote", "position"), name="quote_line_has_one_position")
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="Item",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "project",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="items",
                        to="work.project",
                    ),
                ),
                ("seq", models.PositiveIntegerField()),
                ("payload", models.JSONField()),
                ("extra", models.JSONField(default=dict)),
                ("external_id", models.CharField(max_length=200)),
                ("payload_sha256", models.CharField(max_length=64)),
                ("target", models.PositiveSmallIntegerField()),
                ("n_active", models.PositiveSmallIntegerField(default=0)),
                ("n_done", models.PositiveSmallIntegerField(default=0)),
                ("state", models.PositiveSmallIntegerField(default=0)),
                (
                    "open",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Case(
                            models.When(
                                models.Q(
                                    ("state", 0),
                                    (
                                        "target__gt",
                                        django.db.models.expressions.CombinedExpression(
                                            models.F("n_active"), "+", models.F("n_done")
                                        ),
                                    ),
                                ),
                                then=models.Value(True),
                            ),
                            default=models.Value(False),
                        ),
                        output_field=models.BooleanField(),
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("open", True)), fields=["project", "seq"], name="item_open_in_order"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("n_active__gte", 0)), name="item_active_is_not_negative"
                    ),
                    models.CheckConstraint(condition=models.Q(("n_done__gte", 0)), name="item_done_is_not_negative"),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "target__gte",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("n_active"), "+", models.F("n_done")
                                ),
                            )
                        ),
                        name="item_is_never_given_out_more_often_than_wanted",
                    ),
                    models.CheckConstraint(condition=models.Q(("target__gte", 1)), name="item_wants_an_answer"),
                    models.CheckConstraint(condition=models.Q(("state__in", [0, 1])), name="item_state_is_known"),
                    models.CheckConstraint(condition=models.Q(("seq__gte", 1)), name="item_numbers_begin_at_one"),
                    models.UniqueConstraint(
                        django.db.models.functions.text.Concat(
                            django.db.models.functions.comparison.Cast("project", models.TextField()),
                            models.Value("/", models.TextField()),
                            django.db.models.functions.comparison.Cast("seq", models.TextField()),
                        ),
                        name="item_number_once_per_project",
                    ),
                    models.UniqueConstraint(
                        fields=("project", "external_id"), name="item_external_id_once_per_project"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ItemImport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="imports", to="work.project"
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("source_sha256", models.CharField(max_length=64)),
                ("kept", models.PositiveIntegerField()),
                ("unchanged", models.PositiveIntegerField(default=0)),
                ("refused", models.JSONField(default=list)),
                ("imported_at", models.DateTimeField()),
            ],
            options={
                "indexes": [],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="ConsensusRound",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "project",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="consensus_rounds",
                        to="work.project",
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("strategy", models.CharField(max_length=40)),
                ("rule_book", models.CharField(max_length=64)),
                ("answers", models.PositiveIntegerField()),
                ("inputs_sha256", models.CharField(max_length=64)),
                ("agreement_num", models.BigIntegerField(null=True)),
                ("agreement_den", models.BigIntegerField(null=True)),
                ("alpha_permille", models.IntegerField(null=True)),
                ("gold", models.PositiveIntegerField(default=0)),
                ("accuracy_from_permille", models.PositiveSmallIntegerField(null=True)),
                ("accuracy_to_permille", models.PositiveSmallIntegerField(null=True)),
                ("reckoned_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("project", "number"), name="consensus_round_numbers_are_unique"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("agreement_den__isnull", True), ("agreement_num__isnull", True)),
                            models.Q(
                                ("agreement_den__gt", 0),
                                ("agreement_den__isnull", False),
                                ("agreement_num__isnull", False),
                                ("agreement_num__lte", models.F("agreement_den")),
                            ),
                            _connector="OR",
                        ),
                        name="consensus_round_agreement_is_a_share",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("accuracy_from_permille__isnull", True), ("accuracy_to_permille__isnull", True)),
                            models.Q(
                                ("accuracy_from_permille__isnull", False),
                                ("accuracy_from_permille__lte", models.F("accuracy_to_permille")),
                                ("accuracy_to_permille__isnull", False),
                                ("accuracy_to_permille__lte", 1000),
                                ("gold__gte", 30),
                            ),
                            _connector="OR",
                        ),
                        name="consensus_round_accuracy_was_measured",
                    ),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="Consensus",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "item",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="consensus",
                        to="work.item",
                    ),
                ),
                (
                    "round",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="verdicts",
                        to="work.consensusround",
                    ),
                ),
                ("value", models.JSONField()),
                ("support", models.PositiveSmallIntegerField(null=True)),
                ("confidence", models.PositiveSmallIntegerField(null=True)),
                ("answers", models.PositiveSmallIntegerField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("item", "round"), name="consensus_one_per_item_and_round"),
                    models.CheckConstraint(
                        condition=models.Q(("support__isnull", True), ("support__lte", 1000), _connector="OR"),
                        name="consensus_support_is_permille",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("confidence__isnull", True), ("confidence__lte", 1000), _connector="OR"),
                        name="consensus_confidence_is_permille",
                    ),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="Assignment",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "item",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="assignments",
                        to="work.item",
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="assignments",
                        to="work.project",
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="assignments",
                        to="members.member",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("leased", "in hand"),
                            ("submitted", "submitted"),
                            ("released", "given back"),
                            ("expired", "expired"),
                        ],
                        default="leased",
                        max_length=10,
                    ),
                ),
                ("leased_at", models.DateTimeField()),
                ("lease_expires_at", models.DateTimeField()),
                ("bound_seconds", models.PositiveIntegerField()),
                ("submitted_at", models.DateTimeField(blank=True, null=True)),
                ("released_at", models.DateTimeField(blank=True, null=True)),
                ("measured_seconds", models.PositiveIntegerField(blank=True, null=True)),
                ("paused_seconds", models.PositiveIntegerField(blank=True, null=True)),
                ("declared_seconds", models.PositiveIntegerField(blank=True, null=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "leased")),
                        fields=["lease_expires_at"],
                        name="assignment_lease_ends",
                    ),
                    models.Index(condition=models.Q(("state", "leased")), fields=["member"], name="assignment_in_hand"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("item", "member"), name="assignment_one_item_once_per_member"),
                    models.CheckConstraint(
                        condition=models.Q(("lease_expires_at__gt", models.F("leased_at"))),
                        name="assignment_lease_lasts",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("bound_seconds__gt", 0)), name="assignment_has_its_bound"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("released_at__isnull", True), ("state", "submitted"), ("submitted_at__isnull", False)
                            ),
                            models.Q(
                                ("released_at__isnull", False), ("state", "released"), ("submitted_at__isnull", True)
                            ),
                            models.Q(
                                ("released_at__isnull", True),
                                ("state__in", ["leased", "expired"]),
                                ("submitted_at__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="assignment_state_follows_its_timestamps",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("declared_seconds__isnull", True),
                                ("measured_seconds__isnull", True),
                                ("paused_seconds__isnull", True),
                                ("submitted_at__isnull", True),
                            ),
                            models.Q(
                                ("declared_seconds__isnull", False),
                                ("measured_seconds__isnull", False),
                                ("paused_seconds__isnull", False),
                                ("paused_seconds__lte", models.F("measured_seconds")),
                                ("submitted_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="assignment_submitted_says_its_three_times",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MemberProject",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "member",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="members.member",
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="work.project"
                    ),
                ),
                ("last_seq", models.PositiveIntegerField(default=0)),
                ("exhausted_gen", models.BigIntegerField(default=-1)),
                ("counted_seconds", models.PositiveIntegerField(default=0)),
                ("delivered", models.PositiveIntegerField(default=0)),
                ("reading_since", models.DateTimeField(null=True)),
                ("training_counted", models.BooleanField(default=False)),
            ],
            options={
                "indexes": [models.Index(fields=["project"], name="member_project_of_project")],
                "constraints": [
                    models.UniqueConstraint(fields=("member", "project"), name="member_project_one_cursor")
                ],
            },
        ),
        migrations.CreateModel(
            name="Answer",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "assignment",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="answers",
                        to="work.assignment",
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="answers",
                        to="work.item",
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="answers",
                        to="work.project",
                    ),
                ),
                ("revision", models.PositiveSmallIntegerField(default=1)),
                ("value", models.JSONField()),
                ("fills_slot", models.BooleanField()),
                ("submitted_at", models.DateTimeField()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["project", "submitted_at"], name="answer_of_project_in_time"),
                    models.Index(fields=["submitted_at"], name="answer_in_time"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("assignment", "revision"), name="answer_one_per_revision"),
                    models.CheckConstraint(
                        condition=models.Q(("revision__gte", 1)), name="answer_revisions_begin_at_one"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TimeEntry",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "member",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="time_entries",
                        to="members.member",
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="work.project",
                    ),
                ),
                (
                    "assignment",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="time_entries",
                        to="work.assignment",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("task", "task"),
                            ("pilot", "pilot"),
                            ("training", "training"),
                            ("standby", "stand-by"),
                            ("review", "review"),
                            ("jury", "jury"),
                            ("assembly", "assembly"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[("measured", "measured"), ("declared", "declared"), ("roster", "roster")],
                        max_length=10,
                    ),
                ),
                ("span", django.contrib.postgres.fields.ranges.DateTimeRangeField()),
                ("counted_seconds", models.PositiveIntegerField()),
                ("counted_at", models.DateTimeField()),
                ("superseded_at", models.DateTimeField(null=True)),
                ("frozen", models.BooleanField(default=False)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["counted_at"], name="time_entry_in_time"),
                    models.Index(fields=["member", "counted_at"], name="time_entry_of_member_in_time"),
                    models.Index(fields=["assignment"], name="time_entry_of_assignment"),
                ],
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        condition=models.Q(("superseded_at__isnull", True)),
                        expressions=[("member", "="), ("span", "&&")],
                        name="time_entry_no_second_is_counted_twice",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("superseded_at__isnull", True), ("frozen", False), _connector="OR"),
                        name="time_entry_of_a_run_is_not_superseded",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("span__isempty", False), ("span__lower_inf", False), ("span__upper_inf", False)
                        ),
                        name="time_entry_has_a_beginning_and_an_end",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "counted_seconds__lte",
                                models.Func(
                                    django.db.models.expressions.CombinedExpression(
                                        models.Func(models.F("span"), function="upper"),
                                        "-",
                                        models.Func(models.F("span"), function="lower"),
                                    ),
                                    output_field=models.DecimalField(),
                                    template="extract(epoch from %(expressions)s)",
                                ),
                            )
                        ),
                        name="time_entry_counts_no_more_than_passed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind__in", ["task", "pilot", "training", "standby", "review", "jury", "assembly"])
                        ),
                        name="time_entry_kind_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("source__in", ["measured", "declared", "roster"])),
                        name="time_entry_source_is_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="GoldDraw",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "project",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="gold_draw", to="work.project"
                    ),
                ),
                ("seed", models.CharField(max_length=64)),
                ("number", models.PositiveIntegerField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("drawn_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("seed__regex", "^[0-9a-f]{64}$")), name="gold_draw_has_a_whole_seed"
                    ),
                    models.CheckConstraint(condition=models.Q(("number__gte", 30)), name="gold_draw_tells_something"),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="GoldTruth",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "draw",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="truths",
                        to="work.golddraw",
                    ),
                ),
                ("place", models.PositiveIntegerField()),
                (
                    "item",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="gold_truth", to="work.item"
                    ),
                ),
                ("value", models.JSONField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("stated_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("draw", "place"), name="gold_truth_one_for_each_place"),
                    models.CheckConstraint(
                        condition=models.Q(("place__gte", 1)), name="gold_truth_places_begin_at_one"
                    ),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="TimeCorrection",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "assignment",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="corrections",
                        to="work.assignment",
                    ),
                ),
                ("number", models.PositiveSmallIntegerField()),
                ("declared_seconds", models.PositiveIntegerField()),
                ("corrected_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("assignment", "number"), name="time_correction_numbers_are_unique")
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="WaitingTime",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "assignment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="waiting", to="work.assignment"
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="waiting_time",
                        to="members.member",
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="waiting_time",
                        to="work.project",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("task", "task"),
                            ("pilot", "pilot"),
                            ("training", "training"),
                            ("standby", "stand-by"),
                            ("review", "review"),
                            ("jury", "jury"),
                            ("assembly", "assembly"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "cause",
                    models.CharField(
                        choices=[
                            ("bound", "beyond what is counted without a question"),
                            ("project", "the project's instructions and price are being looked at"),
                        ],
                        max_length=8,
                    ),
                ),
                ("seconds", models.PositiveIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting"),
                            ("counted", "counted"),
                            ("contested", "contested"),
                            ("refused", "refused"),
                            ("withdrawn", "taken back"),
                        ],
                        default="waiting",
                        max_length=9,
                    ),
                ),
                ("stated_at", models.DateTimeField()),
                ("counts_at", models.DateTimeField()),
                ("counted_at", models.DateTimeField(null=True)),
                ("contested_at", models.DateTimeField(null=True)),
                ("refused_at", models.DateTimeField(null=True)),
                ("withdrawn_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ["waiting", "contested"])),
                        fields=["counts_at"],
                        name="waiting_time_due",
                    ),
                    models.Index(
                        condition=models.Q(("state", "waiting")), fields=["project"], name="waiting_time_of_project"
                    ),
                    models.Index(fields=["member", "stated_at"], name="waiting_time_of_member"),
                ],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("seconds__gt", 0)), name="waiting_time_is_some_time"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind", "task"), models.Q(("cause", "project"), ("kind", "training")), _connector="OR"
                        ),
                        name="waiting_time_kind_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("counts_at__gt", models.F("stated_at"))), name="waiting_time_ends"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("cause", "bound"), ("contested_at__isnull", True), _connector="OR"),
                        name="waiting_time_of_projects_is_not_contested",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["waiting", "contested"])),
                        fields=("assignment", "cause", "kind"),
                        name="waiting_time_once_per_assignment",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("contested_at", None),
                                ("counted_at", None),
                                ("refused_at", None),
                                ("state", "waiting"),
                                ("withdrawn_at", None),
                            ),
                            models.Q(
                                ("contested_at__isnull", False),
                                ("counted_at", None),
                                ("refused_at", None),
                                ("state", "contested"),
                                ("withdrawn_at", None),
                            ),
                            models.Q(
                                ("counted_at__isnull", False),
                                ("refused_at", None),
                                ("state", "counted"),
                                ("withdrawn_at", None),
                            ),
                            models.Q(
                                ("contested_at__isnull", False),
                                ("counted_at", None),
                                ("refused_at__isnull", False),
                                ("state", "refused"),
                            ),
                            models.Q(
                                ("contested_at", None),
                                ("counted_at", None),
                                ("state", "withdrawn"),
                                ("withdrawn_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="waiting_time_state_follows_its_timestamps",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Contest",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "waiting",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="contest", to="work.waitingtime"
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("reasons", models.TextField(max_length=2000, verbose_name="reasons")),
                ("answer", models.TextField(blank=True, max_length=2000, verbose_name="what you say to it")),
                (
                    "log_entry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="audit.entry"
                    ),
                ),
                ("seed", models.CharField(blank=True, max_length=128)),
                ("opened_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("reasons__regex", "^\\s*$"), _negated=True), name="contest_says_its_reasons"
                    )
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="ContestSeat",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "contest",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="seats",
                        to="work.contest",
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="members.member"
                    ),
                ),
                ("refuses", models.BooleanField(null=True)),
                ("words", models.TextField(blank=True, max_length=2000, verbose_name="your reasons")),
                ("decided_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("contest", "member"), name="contest_seat_one_per_member"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at__isnull", True), ("refuses__isnull", True)),
                            models.Q(("decided_at__isnull", False), ("refuses__isnull", False)),
                            _connector="OR",
                        ),
                        name="contest_seat_decides_once",
                    ),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="Halt",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="halts", to="work.project"
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("quote", "more hours are counted than its quote pays for"),
                            ("debt", "at the floor it would owe more than the labour billed for its answers"),
                        ],
                        max_length=6,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "to be looked at"), ("looked", "looked at")], default="open", max_length=6
                    ),
                ),
                ("halted_at", models.DateTimeField()),
                ("looked_at", models.DateTimeField(null=True)),
                (
                    "looked_by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="members.member"
                    ),
                ),
                (
                    "words",
                    models.TextField(
                        blank=True, max_length=2000, verbose_name="what you found in the instructions and the price"
                    ),
                ),
                ("more_seconds", models.PositiveIntegerField(null=True)),
                ("allowed_seconds", models.PositiveIntegerField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "open")), fields=("project",), name="halt_one_open_per_project"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("allowed_seconds", None),
                                ("looked_at", None),
                                ("looked_by", None),
                                ("more_seconds", None),
                                ("state", "open"),
                                ("words", ""),
                            ),
                            models.Q(
                                ("allowed_seconds__gte", models.F("more_seconds")),
                                ("allowed_seconds__isnull", False),
                                ("looked_at__isnull", False),
                                ("looked_by__isnull", False),
                                ("more_seconds__isnull", False),
                                ("state", "looked"),
                                models.Q(("words__regex", "^\\s*$"), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="halt_looked_at_says_by_whom_and_why",
                    ),
                ],
                "indexes": [],
            },
        ),
        migrations.AddField(
            model_name="project",
            name="quote",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="work.quote"
            ),
        ),
        migrations.AddIndex(
            model_name="project",
            index=models.Index(condition=models.Q(("status", "live")), fields=["live_at"], name="project_live"),
        ),
        migrations.AddConstraint(
            model_name="project",
            constraint=models.CheckConstraint(
                condition=models.Q(("title", ""), _negated=True), name="project_has_a_title"
            ),
        ),
        migrations.AddConstraint(
            model_name="project",
            constraint=models.CheckConstraint(
                condition=models.Q(("purpose__regex", "^\\s*$"), _negated=True), name="project_states_its_purpose"
            ),
        ),
        migrations.AddConstraint(
            model_name="project",
            constraint=models.CheckConstraint(
                condition=models.Q(("final_client__regex", "^\\s*$"), _negated=True),
                name="project_names_its_final_client",
            ),
        ),
        migrations.AddConstraint(
            model_name="project",
            constraint=models.CheckConstraint(
                condition=models.Q(("end_use", []), _negated=True), name="project_states_its_end_use"
            ),
        ),
        migrations.AddConstraint(
            model_name="project",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "end_use__contained_by",
                        [
                            "research",
                            "education",
                            "health",
                            "environment",
                            "accessibility",
                            "culture_heritage",
                            "public_service",
                            "language_technology",
                            "search",
                            "commerce",
                            "finance",
                            "transport",
                            "content_moderation",
                            "other",
                            "surveillance",
                            "biometric_identification",
                            "military",
                            "migration_control",
                            "union_busting",
                            "fake_engagement",
                        ],
                    )
                ),
                name="project_end_use_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="project",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("sold_as_automated", False),
                    models.Q(("disclosure__regex", "^\\s*$"), _negated=True),
                    _connector="OR",
                ),
                name="project_sold_as_automated_discloses_the_people",
            ),
        ),
        migrations.AddConstraint(
            model_name="project",
            constraint=models.CheckConstraint(
                condition=models.Q(("redundancy__gte", 1)), name="project_asks_at_least_one_answer"
            ),
        ),
        migrations.AddConstraint(
            model_name="project",
            constraint=models.CheckConstraint(
                condition=models.Q(("seconds_per_answer__gte", 1)), name="project_expects_some_time"
            ),
        ),
        migrations.AddConstraint(
            model_name="project",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("funded_at__isnull", True),
                        ("quoted_at__isnull", True),
                        ("status", "draft"),
                        ("submitted_at__isnull", True),
                    ),
                    models.Q(("funded_at__isnull", True), ("quoted_at__isnull", False), ("status", "quoted")),
                    models.Q(
                        ("done_at__isnull", True),
                        ("live_at__isnull", False),
                        ("paused_at__isnull", True),
                        ("status", "live"),
                    ),
                    models.Q(
                        ("done_at__isnull", True),
                        ("live_at__isnull", False),
                        ("paused_at__isnull", False),
                        ("status", "paused"),
                    ),
                    models.Q(("done_at__isnull", False), ("live_at__isnull", False), ("status", "done")),
                    models.Q(("cancelled_at__isnull", False), ("done_at__isnull", True), ("status", "cancelled")),
                    _connector="OR",
                ),
                name="project_status_follows_its_timestamps",
            ),
        ),
        migrations.AddConstraint(
            model_name="project",
            constraint=models.CheckConstraint(
                condition=models.Q(("status", "cancelled"), ("cancelled_at__isnull", True), _connector="OR"),
                name="project_only_cancelled_has_that_moment",
            ),
        ),
        migrations.AddConstraint(
            model_name="project",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("quoted_at__isnull", True),
                    models.Q(
                        ("price_per_answer__isnull", False),
                        ("quote__isnull", False),
                        ("submitted_at__isnull", False),
                        models.Q(("rule_book", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="project_quoted_has_its_quote",
            ),
        ),
        migrations.AddConstraint(
            model_name="project",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("funded_answers", 0), ("funded_at__isnull", True)),
                    models.Q(("funded_answers__gt", 0), ("funded_at__isnull", False), ("quoted_at__isnull", False)),
                    _connector="OR",
                ),
                name="project_funded_was_quoted",
            ),
        ),
        migrations.AddConstraint(
            model_name="project",
            constraint=models.CheckConstraint(
                condition=models.Q(("live_at__isnull", True), ("funded_at__isnull", False), _connector="OR"),
                name="project_live_was_funded",
            ),
        ),
    ]
