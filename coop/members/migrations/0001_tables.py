"""The tables of members, as its models state them. Written by `manage.py fold`."""

import uuid

import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.CreateModel(
            name="User",
            fields=[
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                (
                    "is_superuser",
                    models.BooleanField(
                        default=False,
                        help_text="Designates that this user has all permissions without explicitly assigning them.",
                        verbose_name="superuser status",
                    ),
                ),
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("email", models.EmailField(max_length=254, unique=True, verbose_name="e-mail address")),
                ("name", models.CharField(blank=True, max_length=120, verbose_name="name")),
                ("language", models.CharField(default="en", max_length=8, verbose_name="language")),
                ("is_active", models.BooleanField(default=True)),
                ("simulated", models.BooleanField(default=False)),
                ("log_pseudonym", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("joined_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "groups",
                    models.ManyToManyField(
                        blank=True,
                        help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.group",
                        verbose_name="groups",
                    ),
                ),
                (
                    "user_permissions",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Specific permissions for this user.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.permission",
                        verbose_name="user permissions",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "indexes": [],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="Member",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="memberships",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                (
                    "college",
                    models.CharField(
                        choices=[("producer", "producers"), ("user", "non-profit users"), ("support", "supporters")],
                        max_length=12,
                        verbose_name="college",
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
                    "languages",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=8), default=list, size=None, verbose_name="languages"
                    ),
                ),
                (
                    "engagement",
                    models.CharField(
                        choices=[
                            ("employee", "employee"),
                            ("worker_member", "worker-member"),
                            ("self_employed", "self-employed"),
                            ("unknown", "not yet known"),
                        ],
                        default="unknown",
                        max_length=16,
                        verbose_name="engagement status",
                    ),
                ),
                ("pseudonym", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("log_pseudonym", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("simulated", models.BooleanField(default=False)),
                ("decision", models.UUIDField(blank=True, null=True)),
                ("admitted_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=("user",),
                        name="member_one_live_membership_per_person",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ended_at__isnull", True), ("ended_at__gte", models.F("admitted_at")), _connector="OR"
                        ),
                        name="member_ends_after_admission",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("country__regex", "^[A-Z]{2}$")), name="member_country_is_two_letters"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("college__in", ["producer", "user", "support"])),
                        name="member_college_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("engagement__in", ["employee", "worker_member", "self_employed", "unknown"])
                        ),
                        name="member_engagement_is_known",
                    ),
                    models.CheckConstraint(condition=models.Q(("name", ""), _negated=True), name="member_has_a_name"),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="Office",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="offices", to="members.member"
                    ),
                ),
                ("kind", models.CharField(choices=[("steward", "steward"), ("treasurer", "treasurer")], max_length=16)),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("decision", models.UUIDField(blank=True, null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends_at__gt", models.F("starts_at"))), name="office_ends_after_it_starts"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["steward", "treasurer"])), name="office_kind_is_known"
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
                            ("member", "="),
                            ("kind", "="),
                            (
                                models.Func(
                                    "starts_at",
                                    "ends_at",
                                    django.contrib.postgres.fields.ranges.RangeBoundary(),
                                    function="TSTZRANGE",
                                    output_field=django.contrib.postgres.fields.ranges.DateTimeRangeField(),
                                ),
                                "&&",
                            ),
                        ],
                        name="office_terms_of_a_member_do_not_overlap",
                    ),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="Application",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="applications",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                (
                    "college",
                    models.CharField(
                        choices=[("producer", "producers"), ("user", "non-profit users"), ("support", "supporters")],
                        max_length=12,
                        verbose_name="college",
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
                    "languages",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=8), default=list, size=None, verbose_name="languages"
                    ),
                ),
                (
                    "engagement",
                    models.CharField(
                        choices=[
                            ("employee", "employee"),
                            ("worker_member", "worker-member"),
                            ("self_employed", "self-employed"),
                            ("unknown", "not yet known"),
                        ],
                        default="unknown",
                        max_length=16,
                        verbose_name="engagement status",
                    ),
                ),
                ("statement", models.TextField(blank=True, max_length=4000, verbose_name="why you want to join")),
                ("simulated", models.BooleanField(default=False)),
                ("applied_at", models.DateTimeField()),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[("admitted", "admitted"), ("declined", "declined"), ("withdrawn", "withdrawn")],
                        default="",
                        max_length=12,
                    ),
                ),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("decision", models.UUIDField(blank=True, null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("outcome", "")), fields=("user",), name="application_one_open_per_person"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at__isnull", True), ("outcome", "")),
                            models.Q(models.Q(("outcome", ""), _negated=True), ("decided_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="application_decided_has_its_moment",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("country__regex", "^[A-Z]{2}$")), name="application_country_is_two_letters"
                    ),
                ],
                "indexes": [],
            },
        ),
    ]
