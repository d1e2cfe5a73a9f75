"""The tables of governance, as its models state them. Written by `manage.py fold`."""

import uuid

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("audit", "0001_tables"),
        ("members", "0001_tables"),
        ("rules", "0001_tables"),
        ("talk", "0001_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="Proposal",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "author",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="proposals",
                        to="members.member",
                    ),
                ),
                ("request", models.UUIDField(null=True)),
                ("language", models.CharField(max_length=8)),
                ("texts", models.JSONField()),
                ("change_set", models.JSONField()),
                ("change_set_sha256", models.CharField(max_length=64)),
                ("procedure_key", models.CharField(blank=True, default="", max_length=60)),
                (
                    "thread",
                    models.OneToOneField(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="talk.thread"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "draft"),
                            ("deliberation", "in deliberation"),
                            ("voting", "voting"),
                            ("closed", "closed, being counted"),
                            ("rejected", "rejected"),
                            ("no_quorum", "quorum not reached"),
                            ("tied", "tied: nothing changes"),
                            ("adopted", "adopted, waiting"),
                            ("executable", "adopted, about to take effect"),
                            ("executed", "adopted and carried out"),
                            ("execution_failed", "adopted, could not be carried out"),
                            ("expired", "adopted, expired"),
                            ("withdrawn", "withdrawn"),
                        ],
                        default="draft",
                        max_length=20,
                    ),
                ),
                ("drafted_at", models.DateTimeField()),
                ("submitted_at", models.DateTimeField(null=True)),
                ("voting_from", models.DateTimeField(null=True)),
                ("opened_at", models.DateTimeField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
                ("tallied_at", models.DateTimeField(null=True)),
                ("executable_at", models.DateTimeField(null=True)),
                ("expires_at", models.DateTimeField(null=True)),
                ("settled_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["state", "submitted_at"], name="proposal_by_state")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("author__isnull", False), ("request__isnull", False), _connector="OR"),
                        name="proposal_comes_from_a_member_or_a_request",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("author__isnull", True)),
                        fields=("request",),
                        name="proposal_one_by_itself_per_request",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                [
                                    "draft",
                                    "deliberation",
                                    "voting",
                                    "closed",
                                    "rejected",
                                    "no_quorum",
                                    "tied",
                                    "adopted",
                                    "executable",
                                    "executed",
                                    "execution_failed",
                                    "expired",
                                    "withdrawn",
                                ],
                            )
                        ),
                        name="proposal_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "draft"), ("submitted_at__isnull", True)),
                            ("state", "withdrawn"),
                            models.Q(
                                models.Q(("state__in", ["draft", "withdrawn"]), _negated=True),
                                ("submitted_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="proposal_submitted_has_its_moment",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("procedure_key", ""),
                                ("submitted_at__isnull", True),
                                ("thread__isnull", True),
                                ("voting_from__isnull", True),
                            ),
                            models.Q(
                                ("submitted_at__isnull", False),
                                ("thread__isnull", False),
                                ("voting_from__isnull", False),
                                models.Q(("procedure_key", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="proposal_submitted_has_procedure_and_thread",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                (
                                    "state__in",
                                    [
                                        "adopted",
                                        "closed",
                                        "executable",
                                        "executed",
                                        "execution_failed",
                                        "expired",
                                        "no_quorum",
                                        "rejected",
                                        "tied",
                                        "voting",
                                    ],
                                ),
                                ("opened_at__isnull", False),
                            ),
                            models.Q(
                                models.Q(
                                    (
                                        "state__in",
                                        [
                                            "adopted",
                                            "closed",
                                            "executable",
                                            "executed",
                                            "execution_failed",
                                            "expired",
                                            "no_quorum",
                                            "rejected",
                                            "tied",
                                            "voting",
                                        ],
                                    ),
                                    _negated=True,
                                ),
                                ("opened_at__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="proposal_opened_has_its_moment",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                (
                                    "state__in",
                                    [
                                        "adopted",
                                        "closed",
                                        "executable",
                                        "executed",
                                        "execution_failed",
                                        "expired",
                                        "no_quorum",
                                        "rejected",
                                        "tied",
                                    ],
                                ),
                                ("closed_at__isnull", False),
                            ),
                            models.Q(
                                models.Q(
                                    (
                                        "state__in",
                                        [
                                            "adopted",
                                            "closed",
                                            "executable",
                                            "executed",
                                            "execution_failed",
                                            "expired",
                                            "no_quorum",
                                            "rejected",
                                            "tied",
                                        ],
                                    ),
                                    _negated=True,
                                ),
                                ("closed_at__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="proposal_closed_has_its_moment",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                (
                                    "state__in",
                                    [
                                        "adopted",
                                        "executable",
                                        "executed",
                                        "execution_failed",
                                        "expired",
                                        "no_quorum",
                                        "rejected",
                                        "tied",
                                    ],
                                ),
                                ("tallied_at__isnull", False),
                            ),
                            models.Q(
                                models.Q(
                                    (
                                        "state__in",
                                        [
                                            "adopted",
                                            "executable",
                                            "executed",
                                            "execution_failed",
                                            "expired",
                                            "no_quorum",
                                            "rejected",
                                            "tied",
                                        ],
                                    ),
                                    _negated=True,
                                ),
                                ("tallied_at__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="proposal_tallied_has_its_moment",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("state__in", ["adopted", "executable", "executed", "execution_failed", "expired"]),
                                ("executable_at__isnull", False),
                            ),
                            models.Q(
                                models.Q(
                                    ("state__in", ["adopted", "executable", "executed", "execution_failed", "expired"]),
                                    _negated=True,
                                ),
                                ("executable_at__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="proposal_adopted_has_its_timelock",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("state__in", ["adopted", "executable", "executed", "execution_failed", "expired"]),
                                ("expires_at__isnull", False),
                            ),
                            models.Q(
                                models.Q(
                                    ("state__in", ["adopted", "executable", "executed", "execution_failed", "expired"]),
                                    _negated=True,
                                ),
                                ("expires_at__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="proposal_adopted_has_its_expiry",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                (
                                    "state__in",
                                    [
                                        "executed",
                                        "execution_failed",
                                        "expired",
                                        "no_quorum",
                                        "rejected",
                                        "tied",
                                        "withdrawn",
                                    ],
                                ),
                                ("settled_at__isnull", False),
                            ),
                            models.Q(
                                models.Q(
                                    (
                                        "state__in",
                                        [
                                            "executed",
                                            "execution_failed",
                                            "expired",
                                            "no_quorum",
                                            "rejected",
                                            "tied",
                                            "withdrawn",
                                        ],
                                    ),
                                    _negated=True,
                                ),
                                ("settled_at__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="proposal_settled_has_its_moment",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("voting_from__isnull", True),
                            models.Q(("submitted_at__isnull", False), ("voting_from__gte", models.F("submitted_at"))),
                            _connector="OR",
                        ),
                        name="proposal_deliberated_before_voting",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("opened_at__isnull", True),
                            models.Q(("voting_from__isnull", False), ("opened_at__gte", models.F("voting_from"))),
                            _connector="OR",
                        ),
                        name="proposal_opens_after_deliberation",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("closed_at__isnull", True),
                            models.Q(("opened_at__isnull", False), ("closed_at__gt", models.F("opened_at"))),
                            _connector="OR",
                        ),
                        name="proposal_closes_after_opening",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("tallied_at__isnull", True),
                            models.Q(("closed_at__isnull", False), ("tallied_at__gte", models.F("closed_at"))),
                            _connector="OR",
                        ),
                        name="proposal_tallied_after_the_close",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("executable_at__isnull", True),
                            models.Q(("tallied_at__isnull", False), ("executable_at__gte", models.F("tallied_at"))),
                            _connector="OR",
                        ),
                        name="proposal_timelock_runs_from_the_tally",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("expires_at__isnull", True),
                            models.Q(("executable_at__isnull", False), ("expires_at__gt", models.F("executable_at"))),
                            _connector="OR",
                        ),
                        name="proposal_can_be_executed_before_it_expires",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("change_set_sha256__regex", "^[0-9a-f]{64}$")),
                        name="proposal_change_set_is_hashed",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Ballot",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "proposal",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="ballot", to="governance.proposal"
                    ),
                ),
                ("procedure_table", models.JSONField()),
                ("procedure_sha256", models.CharField(max_length=64)),
                (
                    "rule_book",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="rules.pinnedbook"
                    ),
                ),
                ("roll_size", models.PositiveIntegerField()),
                ("roll_root", models.CharField(max_length=64)),
                ("opened_at", models.DateTimeField()),
                ("closes_at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(null=True)),
                ("result", models.JSONField(null=True)),
                ("result_sha256", models.CharField(max_length=64, null=True)),
                ("bundle", models.BinaryField(null=True)),
                ("bundle_sha256", models.CharField(max_length=64, null=True)),
                (
                    "tally_entry",
                    models.OneToOneField(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="audit.entry"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("closes_at__gt", models.F("opened_at"))), name="ballot_ends_after_opening"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("closed_at__isnull", True), ("closed_at__gte", models.F("closes_at")), _connector="OR"
                        ),
                        name="ballot_is_never_closed_early",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("bundle__isnull", True),
                                ("bundle_sha256__isnull", True),
                                ("result__isnull", True),
                                ("result_sha256__isnull", True),
                                ("tally_entry__isnull", True),
                            ),
                            models.Q(
                                ("bundle__isnull", False),
                                ("bundle_sha256__isnull", False),
                                ("bundle_sha256__regex", "^[0-9a-f]{64}$"),
                                ("closed_at__isnull", False),
                                ("result__isnull", False),
                                ("result_sha256__isnull", False),
                                ("result_sha256__regex", "^[0-9a-f]{64}$"),
                                ("tally_entry__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="ballot_has_no_result_before_close",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("procedure_sha256__regex", "^[0-9a-f]{64}$")),
                        name="ballot_procedure_is_hashed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("roll_root__regex", "^[0-9a-f]{64}$")), name="ballot_roll_is_hashed"
                    ),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="RollEntry",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "ballot",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="roll", to="governance.ballot"
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="roll_entries", to="members.member"
                    ),
                ),
                (
                    "college",
                    models.CharField(
                        choices=[("producer", "producers"), ("user", "non-profit users"), ("support", "supporters")],
                        max_length=12,
                    ),
                ),
                ("weight", models.PositiveSmallIntegerField(default=1)),
                ("voter", models.CharField(max_length=32)),
                ("salt", models.BinaryField()),
                ("commitment", models.CharField(max_length=64)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("ballot", "member"), name="roll_one_entry_per_member"),
                    models.UniqueConstraint(fields=("ballot", "voter"), name="roll_voters_are_distinct"),
                    models.UniqueConstraint(fields=("ballot", "id"), name="roll_entry_belongs_to_its_ballot"),
                    models.CheckConstraint(condition=models.Q(("weight", 1)), name="roll_one_member_one_vote"),
                    models.CheckConstraint(
                        condition=models.Q(("voter__regex", "^[0-9a-f]{32}$")), name="roll_voter_is_16_bytes"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("commitment__regex", "^[0-9a-f]{64}$")), name="roll_commitment_is_a_hash"
                    ),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="Vote",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "ballot",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="votes", to="governance.ballot"
                    ),
                ),
                (
                    "entry",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="votes", to="governance.rollentry"
                    ),
                ),
                (
                    "choice",
                    models.CharField(choices=[("yes", "Yes"), ("no", "No"), ("abstain", "Abstain")], max_length=8),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("ballot", "entry"), name="vote_one_member_one_vote"),
                    models.CheckConstraint(
                        condition=models.Q(("choice__in", ["yes", "no", "abstain"])), name="vote_says_yes_no_or_abstain"
                    ),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="Enactment",
            fields=[
                (
                    "proposal",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="enactment",
                        serialize=False,
                        to="governance.proposal",
                    ),
                ),
                ("enacted_at", models.DateTimeField()),
                ("effects", models.JSONField(default=list)),
                ("failure_code", models.CharField(blank=True, default="", max_length=60)),
                ("failure", models.JSONField(blank=True, default=dict)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("failure", {}), ("failure_code", "")),
                            models.Q(
                                models.Q(("failure_code", ""), _negated=True),
                                ("failure__has_key", "en"),
                                ("effects", []),
                            ),
                            _connector="OR",
                        ),
                        name="enactment_succeeds_whole_or_fails_with_a_reason",
                    )
                ],
                "indexes": [],
            },
        ),
    ]
