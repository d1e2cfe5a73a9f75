"""The tables of notices, as its models state them. Written by `manage.py fold`."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("members", "__first__"),
    ]

    operations = [
        migrations.CreateModel(
            name="Letter",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waits to be sent"),
                            ("sending", "being sent"),
                            ("sent", "sent"),
                            ("given_up", "could not be sent"),
                            ("unknown", "nobody knows whether it arrived"),
                            ("dropped", "not wanted any more"),
                        ],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                (
                    "trouble",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("unreachable", "the mail server could not be reached"),
                            ("not_now", "the mail server did not take it"),
                            ("refused", "the mail server refuses this address"),
                            ("broken_off", "the connection broke while it was being sent"),
                        ],
                        default="",
                        max_length=12,
                    ),
                ),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("written_at", models.DateTimeField()),
                ("next_try_at", models.DateTimeField(null=True)),
                ("tried_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(condition=models.Q(("state", "waiting")), fields=["next_try_at"], name="letter_due"),
                    models.Index(
                        condition=models.Q(("state", "sending")), fields=["tried_at"], name="letter_under_way"
                    ),
                    models.Index(
                        condition=models.Q(("state__in", ["given_up", "unknown"])),
                        fields=["user"],
                        name="letter_failed",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["waiting", "sending", "sent", "given_up", "unknown", "dropped"])
                        ),
                        name="letter_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at__isnull", True), ("state__in", ["waiting", "sending"])),
                            models.Q(
                                ("ended_at__isnull", False), ("state__in", ["sent", "given_up", "unknown", "dropped"])
                            ),
                            _connector="OR",
                        ),
                        name="letter_ended_has_its_moment",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["waiting", "dropped"]),
                            models.Q(
                                ("tried_at__isnull", False),
                                ("tries__gt", 0),
                                models.Q(models.Q(("state", "sent"), _negated=True), ("trouble", ""), _connector="OR"),
                            ),
                            _connector="OR",
                        ),
                        name="letter_was_tried_before_it_is_called_sent_or_failed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["given_up", "unknown"]), _negated=True),
                            models.Q(("trouble", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="letter_failed_says_why",
                    ),
                    models.CheckConstraint(condition=models.Q(("tries__lte", 8)), name="letter_is_not_tried_for_ever"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="notices", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("kind", models.CharField(max_length=40)),
                ("about", models.CharField(max_length=60)),
                ("facts", models.JSONField(default=dict)),
                ("told_at", models.DateTimeField()),
                ("read_at", models.DateTimeField(null=True)),
                (
                    "mailed",
                    models.CharField(
                        blank=True,
                        choices=[("at_once", "at once"), ("gathered", "with others, once a day")],
                        default="",
                        max_length=8,
                    ),
                ),
                (
                    "letter",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notices",
                        to="notices.letter",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["user", "-told_at", "-id"], name="notice_page"),
                    models.Index(condition=models.Q(("read_at__isnull", True)), fields=["user"], name="notice_unread"),
                    models.Index(
                        condition=models.Q(("letter__isnull", True), models.Q(("mailed", ""), _negated=True)),
                        fields=["user", "told_at"],
                        name="notice_to_mail",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("user", "kind", "about"), name="notice_told_once"),
                    models.CheckConstraint(condition=models.Q(("kind__regex", "^[a-z_]+$")), name="notice_has_a_kind"),
                    models.CheckConstraint(
                        condition=models.Q(("about", ""), _negated=True), name="notice_is_about_something"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("read_at__isnull", True), ("read_at__gte", models.F("told_at")), _connector="OR"
                        ),
                        name="notice_is_read_after_it_is_told",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("letter__isnull", True), models.Q(("mailed", ""), _negated=True), _connector="OR"
                        ),
                        name="notice_is_mailed_as_chosen",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MailChoice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="mail_choices",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("kind", models.CharField(max_length=40)),
                ("chosen_at", models.DateTimeField()),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("user", "kind"), name="mail_choice_made_once")],
                "indexes": [],
            },
        ),
    ]
