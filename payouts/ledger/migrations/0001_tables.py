"""The tables of ledger, as its models state them. Written by `manage.py fold`."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Account",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=80, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("asset", "Asset"),
                            ("liability", "Liability"),
                            ("equity", "Equity"),
                            ("income", "Income"),
                            ("expense", "Expense"),
                        ],
                        max_length=9,
                    ),
                ),
                ("normal_side", models.CharField(choices=[("debit", "Debit"), ("credit", "Credit")], max_length=6)),
                ("currency", models.CharField(max_length=3)),
                ("min_balance", models.BigIntegerField(null=True)),
                ("posting_mode", models.CharField(choices=[("locked", "Locked"), ("append", "Append")], max_length=6)),
                ("owner", models.CharField(max_length=32, null=True)),
                ("opened_at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("owner__isnull", False)), fields=["owner"], name="ledger_account_of_member"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["asset", "liability", "equity", "income", "expense"])),
                        name="ledger_account_kind_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("normal_side__in", ["debit", "credit"])), name="ledger_account_has_a_side"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("currency__regex", "^[A-Z]{3}$")), name="ledger_account_has_a_currency"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("min_balance__isnull", True), ("posting_mode", "append")),
                            models.Q(("min_balance__isnull", False), ("posting_mode", "locked")),
                            _connector="OR",
                        ),
                        name="ledger_account_with_a_minimum_is_locked",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Transaction",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("idem", models.CharField(max_length=160, unique=True)),
                ("request_hash", models.CharField(max_length=64)),
                ("kind", models.CharField(max_length=40)),
                ("effective_at", models.DateTimeField()),
                ("posted_at", models.DateTimeField()),
                ("legs", models.PositiveIntegerField()),
                ("rule_book", models.CharField(blank=True, default="", max_length=64)),
                ("run", models.UUIDField(null=True)),
                ("source_event", models.CharField(blank=True, default="", max_length=160)),
                (
                    "reversal_of",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reversals",
                        to="ledger.transaction",
                    ),
                ),
                (
                    "resolves",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="resolutions",
                        to="ledger.transaction",
                    ),
                ),
                ("resolves_leg", models.PositiveIntegerField(null=True)),
                ("actor", models.CharField(max_length=80)),
                ("memo", models.CharField(blank=True, default="", max_length=200)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["effective_at"], name="ledger_transaction_in_time"),
                    models.Index(
                        condition=models.Q(("run__isnull", False)), fields=["run"], name="ledger_transaction_of_run"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("legs__gte", 2)), name="ledger_transaction_has_two_legs_or_more"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("idem", ""), _negated=True),
                            models.Q(("kind", ""), _negated=True),
                            models.Q(("actor", ""), _negated=True),
                        ),
                        name="ledger_transaction_is_named",
                    ),
                    models.UniqueConstraint(fields=("reversal_of",), name="ledger_transaction_is_reversed_once"),
                    models.UniqueConstraint(fields=("resolves", "resolves_leg"), name="ledger_hold_is_resolved_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("resolves__isnull", True), ("resolves_leg__isnull", True)),
                            models.Q(("resolves__isnull", False), ("resolves_leg__isnull", False)),
                            _connector="OR",
                        ),
                        name="ledger_resolution_names_its_hold",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Entry",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "transaction_id", "leg", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "transaction",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="entries",
                        to="ledger.transaction",
                    ),
                ),
                ("leg", models.PositiveIntegerField()),
                (
                    "account",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="entries",
                        to="ledger.account",
                    ),
                ),
                ("amount", models.BigIntegerField()),
                ("currency", models.CharField(max_length=3)),
            ],
            options={
                "indexes": [models.Index(fields=["account", "transaction"], name="ledger_entry_of_account")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("amount", 0), _negated=True), name="ledger_entry_is_not_zero"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="BalanceLocked",
            fields=[
                (
                    "account",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="locked_balance",
                        serialize=False,
                        to="ledger.account",
                    ),
                ),
                ("balance", models.BigIntegerField()),
                ("minimum", models.BigIntegerField()),
            ],
            options={
                "db_table": "ledger_balance_locked",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("balance__gte", models.F("minimum"))),
                        name="ledger_balance_not_below_its_minimum",
                    )
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="Period",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField(unique=True)),
                ("starts_at", models.DateTimeField(unique=True)),
                ("closed_at", models.DateTimeField(null=True)),
                (
                    "closing_transaction",
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
                    models.CheckConstraint(condition=models.Q(("number__gte", 1)), name="ledger_period_counts_from_one")
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="BalanceCheckpoint",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "period",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="balances", to="ledger.period"
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="checkpoints", to="ledger.account"
                    ),
                ),
                ("total", models.BigIntegerField()),
            ],
            options={
                "db_table": "ledger_balance_checkpoint",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("account", "period"), name="ledger_checkpoint_one_per_account_and_period"
                    )
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="Chain",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("first", models.BigIntegerField(unique=True)),
                ("last", models.BigIntegerField(unique=True)),
                ("count", models.PositiveIntegerField()),
                ("format", models.CharField(max_length=20)),
                ("payload_sha256", models.CharField(max_length=64)),
                ("previous", models.CharField(max_length=64, unique=True)),
                ("hash", models.CharField(max_length=64, unique=True)),
                ("chained_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("last__gte", models.F("first")), ("count__gte", 1)),
                        name="ledger_chain_link_is_not_empty",
                    )
                ],
                "indexes": [],
            },
        ),
    ]
