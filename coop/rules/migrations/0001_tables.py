"""The tables of rules, as its models state them. Written by `manage.py fold`."""

import uuid

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="RuleVersion",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("key", models.CharField(max_length=60)),
                ("number", models.PositiveIntegerField()),
                ("value", models.JSONField()),
                ("value_hash", models.CharField(max_length=64)),
                ("effective_from", models.DateTimeField()),
                ("decision", models.UUIDField(null=True)),
                (
                    "supersedes",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="superseded_by",
                        to="rules.ruleversion",
                    ),
                ),
                ("recorded_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("key", "effective_from"), name="rule_version_one_per_moment"),
                    models.UniqueConstraint(fields=("key", "number"), name="rule_version_numbers_are_unique"),
                    models.UniqueConstraint(
                        condition=models.Q(("supersedes__isnull", True)),
                        fields=("key",),
                        name="rule_version_one_founding_value",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("number", 1), ("supersedes__isnull", True)),
                            models.Q(("decision__isnull", False), ("number__gt", 1), ("supersedes__isnull", False)),
                            _connector="OR",
                        ),
                        name="rule_version_after_the_founding_has_a_decision",
                    ),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="PinnedBook",
            fields=[
                ("hash", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("rules", models.JSONField()),
                ("pinned_at", models.DateTimeField()),
            ],
            options={
                "indexes": [],
                "constraints": [],
            },
        ),
    ]
