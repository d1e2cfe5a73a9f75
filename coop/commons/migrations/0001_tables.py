"""The tables of commons, as its models state them. Written by `manage.py fold`."""

import uuid

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("members", "0001_tables"),
        ("members", "__first__"),
        ("work", "0001_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="Dataset",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "project",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="dataset", to="work.project"
                    ),
                ),
                ("title", models.CharField(max_length=200, verbose_name="title")),
                ("summary", models.TextField(max_length=5000, verbose_name="summary")),
                (
                    "origin",
                    models.CharField(
                        choices=[
                            ("member_initiated", "begun by members"),
                            ("client_commissioned", "ordered by a client"),
                        ],
                        max_length=20,
                        verbose_name="origin",
                    ),
                ),
                ("client_rights", models.TextField(max_length=2000, verbose_name="by what right it is ours to share")),
                (
                    "returns",
                    models.CharField(
                        choices=[("all", "the items and their labels"), ("labels", "the labels only")],
                        max_length=12,
                        verbose_name="what returns to the commons",
                    ),
                ),
                ("personal_data", models.BooleanField(default=False, verbose_name="holds personal data")),
                (
                    "steward",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="members.member"
                    ),
                ),
                ("opened_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("title", ""), _negated=True), models.Q(("summary", ""), _negated=True)
                        ),
                        name="dataset_says_what_it_is",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("client_rights__regex", "^\\s*$"), _negated=True),
                        name="dataset_says_by_what_right_it_is_shared",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("origin__in", ["member_initiated", "client_commissioned"])),
                        name="dataset_origin_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("returns__in", ["all", "labels"])), name="dataset_says_what_returns"
                    ),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="UsePolicy",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "dataset",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="policies", to="commons.dataset"
                    ),
                ),
                ("version", models.PositiveIntegerField()),
                ("odrl", models.JSONField()),
                ("odrl_sha256", models.CharField(max_length=64)),
                ("texts", models.JSONField()),
                ("decision", models.UUIDField(null=True)),
                ("adopted_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("dataset", "version"), name="use_policy_versions_are_unique"),
                    models.CheckConstraint(
                        condition=models.Q(("odrl_sha256__regex", "^[0-9a-f]{64}$")), name="use_policy_is_hashed"
                    ),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="Contributor",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "dataset",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="contributors", to="commons.dataset"
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="members.member"
                    ),
                ),
                ("pseudonym", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("dataset", "member"), name="contributor_one_pseudonym_per_dataset")
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="Contribution",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "dataset",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="contributions", to="commons.dataset"
                    ),
                ),
                ("pseudonym", models.UUIDField()),
                ("unit", models.CharField(max_length=64)),
                ("payload_sha256", models.CharField(max_length=64)),
                ("month", models.CharField(max_length=7)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("dataset", "unit", "pseudonym"), name="contribution_one_per_unit"),
                    models.CheckConstraint(
                        condition=models.Q(("month__regex", "^\\d{4}-\\d{2}$")), name="contribution_month_is_coarse"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("payload_sha256__regex", "^[0-9a-f]{64}$")), name="contribution_is_hashed"
                    ),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="Release",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "dataset",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="releases", to="commons.dataset"
                    ),
                ),
                (
                    "policy",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="commons.usepolicy"
                    ),
                ),
                ("version", models.PositiveIntegerField()),
                ("units", models.PositiveIntegerField()),
                ("contributors", models.PositiveIntegerField()),
                ("consensus_round", models.PositiveIntegerField()),
                ("manifest_sha256", models.CharField(max_length=64)),
                ("released_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("dataset", "version"), name="release_versions_are_unique"),
                    models.CheckConstraint(
                        condition=models.Q(("manifest_sha256__regex", "^[0-9a-f]{64}$")), name="release_is_hashed"
                    ),
                    models.CheckConstraint(condition=models.Q(("units__gt", 0)), name="release_holds_something"),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="ReleaseFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "release",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="files", to="commons.release"
                    ),
                ),
                ("name", models.CharField(max_length=60)),
                ("content", models.BinaryField()),
                ("sha256", models.CharField(max_length=64)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("release", "name"), name="release_file_names_are_unique"),
                    models.CheckConstraint(
                        condition=models.Q(("name__regex", "^[A-Za-z0-9.]+$")), name="release_file_name_is_plain"
                    ),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="AccessRequest",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "dataset",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="requests", to="commons.dataset"
                    ),
                ),
                (
                    "policy",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="commons.usepolicy"
                    ),
                ),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("organisation", models.CharField(max_length=200, verbose_name="organisation")),
                (
                    "legal_form",
                    models.CharField(
                        choices=[
                            ("public_body", "public body or university"),
                            ("non_profit", "association, foundation or NGO"),
                            ("coop", "co-operative"),
                            ("firm", "firm"),
                            ("person", "private person"),
                            ("other", "something else"),
                        ],
                        max_length=20,
                        verbose_name="legal form",
                    ),
                ),
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
                    "sector",
                    models.CharField(
                        choices=[
                            ("research_education", "research and education"),
                            ("public_administration", "public administration"),
                            ("health_care", "health care"),
                            ("non_profit", "associations and non-profit work"),
                            ("culture_media", "culture and media"),
                            ("technology", "information technology"),
                            ("finance", "banking and finance"),
                            ("commerce_industry", "commerce and industry"),
                            ("insurance", "insurance"),
                            ("pharmaceutical", "pharmaceutical industry"),
                            ("security_surveillance", "security and surveillance"),
                            ("defence", "defence and arms"),
                            ("border_control", "border and migration control"),
                            ("workplace_monitoring", "monitoring and control of workers"),
                            ("other", "something else"),
                        ],
                        max_length=30,
                        verbose_name="sector",
                    ),
                ),
                (
                    "purpose",
                    models.CharField(
                        choices=[
                            ("academic_research", "academic research"),
                            ("non_commercial_research", "other research without profit"),
                            ("education", "teaching"),
                            ("public_benefit", "a service of general interest"),
                            ("journalism", "journalism"),
                            ("commercial_research", "research for profit"),
                            ("product_development", "developing a product or service"),
                            ("insurance_pricing", "pricing or refusing insurance"),
                            ("drug_development", "developing or selling medicines"),
                            ("surveillance", "watching people"),
                            ("biometric_identification", "recognising people by their body"),
                            ("military_use", "military use"),
                            ("border_decisions", "deciding on migration and asylum"),
                            ("worker_monitoring", "monitoring or scoring workers"),
                            ("other", "something else"),
                        ],
                        max_length=30,
                        verbose_name="kind of purpose",
                    ),
                ),
                (
                    "purpose_text",
                    models.TextField(
                        max_length=5000,
                        validators=[django.core.validators.MinLengthValidator(20)],
                        verbose_name="what exactly you want to do",
                    ),
                ),
                (
                    "actions",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("use", "read and analyse the data"),
                                ("derive", "train models on the data"),
                                ("publish_results", "publish results about the data"),
                                ("distribute", "pass the data on"),
                                ("sell", "sell the data"),
                            ],
                            max_length=20,
                        ),
                        size=None,
                        verbose_name="what you will do",
                    ),
                ),
                ("recipients", models.TextField(max_length=2000, verbose_name="who will receive the data or results")),
                (
                    "recipient_sectors",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("research_education", "research and education"),
                                ("public_administration", "public administration"),
                                ("health_care", "health care"),
                                ("non_profit", "associations and non-profit work"),
                                ("culture_media", "culture and media"),
                                ("technology", "information technology"),
                                ("finance", "banking and finance"),
                                ("commerce_industry", "commerce and industry"),
                                ("insurance", "insurance"),
                                ("pharmaceutical", "pharmaceutical industry"),
                                ("security_surveillance", "security and surveillance"),
                                ("defence", "defence and arms"),
                                ("border_control", "border and migration control"),
                                ("workplace_monitoring", "monitoring and control of workers"),
                                ("other", "something else"),
                            ],
                            max_length=30,
                        ),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="sectors of those who will receive it",
                    ),
                ),
                (
                    "environment",
                    models.CharField(
                        choices=[
                            ("safe_room", "in a protected room of the co-operative"),
                            ("query", "by queries only"),
                            ("download", "by download"),
                        ],
                        default="download",
                        max_length=12,
                        verbose_name="where you will use it",
                    ),
                ),
                ("until", models.DateField(verbose_name="until")),
                (
                    "offer",
                    models.PositiveBigIntegerField(
                        default=0, verbose_name="what you offer for the commons, in euro cents"
                    ),
                ),
                ("simulated", models.BooleanField(default=False)),
                ("screening", models.JSONField()),
                ("proposal", models.UUIDField(null=True)),
                (
                    "outcome",
                    models.CharField(
                        blank=True, choices=[("granted", "granted"), ("refused", "refused")], default="", max_length=8
                    ),
                ),
                ("refused_for", models.CharField(blank=True, default="", max_length=30)),
                ("decision", models.UUIDField(null=True)),
                ("submitted_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["-submitted_at"], name="access_request_newest"),
                    models.Index(
                        condition=models.Q(("outcome", "")), fields=["submitted_at"], name="access_request_undecided"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("organisation", ""), _negated=True), name="access_request_names_who_asks"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("purpose_text", ""), _negated=True), name="access_request_says_what_for"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("actions", []), _negated=True), name="access_request_says_what_will_be_done"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("recipients", ""), _negated=True), name="access_request_names_who_receives"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("country__regex", "^[A-Z]{2}$")),
                        name="access_request_country_is_two_letters",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("outcome", "refused"), models.Q(("refused_for", ""), _negated=True)),
                            models.Q(
                                models.Q(("outcome", "refused"), _negated=True),
                                ("outcome__in", ["", "granted"]),
                                ("refused_for", ""),
                            ),
                            _connector="OR",
                        ),
                        name="access_request_refused_names_why",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at__isnull", True), ("outcome", "")),
                            models.Q(models.Q(("outcome", ""), _negated=True), ("decided_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="access_request_decided_has_its_moment",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("outcome", "granted"), _negated=True),
                            ("decision__isnull", False),
                            _connector="OR",
                        ),
                        name="access_request_granted_only_by_a_decision",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Grant",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "request",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="grant", to="commons.accessrequest"
                    ),
                ),
                (
                    "release",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="grants", to="commons.release"
                    ),
                ),
                ("policy_sha256", models.CharField(max_length=64)),
                ("agreement_sha256", models.CharField(max_length=64)),
                ("fee", models.PositiveBigIntegerField()),
                ("fee_paid_at", models.DateTimeField(null=True)),
                ("decision", models.UUIDField()),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends_at__gt", models.F("starts_at"))), name="grant_ends_after_it_starts"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("fee__gt", 0), ("fee_paid_at__isnull", True), _connector="OR"),
                        name="grant_free_is_not_paid",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("agreement_sha256__regex", "^[0-9a-f]{64}$"), ("policy_sha256__regex", "^[0-9a-f]{64}$")
                        ),
                        name="grant_is_hashed",
                    ),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="AccessEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "grant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="events", to="commons.grant"
                    ),
                ),
                ("file", models.CharField(max_length=60)),
                ("at", models.DateTimeField()),
            ],
            options={
                "indexes": [],
                "constraints": [],
            },
        ),
    ]
