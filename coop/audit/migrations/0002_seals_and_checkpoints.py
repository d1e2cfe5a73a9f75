import django.db.models.deletion
from django.db import migrations, models

LAWS = """
ALTER TABLE audit_entry
    ADD CONSTRAINT audit_entry_columns_are_those_of_its_bytes CHECK (
        convert_from(canonical, 'UTF8')::json ->> 'kind' = kind
        AND convert_from(canonical, 'UTF8')::json ->> 'subject' = subject
        AND convert_from(canonical, 'UTF8')::json ->> 'id' = uuid::text);
SELECT canut_append_only('audit_seal');
SELECT canut_append_only('audit_leaf');
SELECT canut_append_only('audit_checkpoint');
"""


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0001_entries"),
    ]

    operations = [
        migrations.CreateModel(
            name="Seal",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                ("first", models.BigIntegerField(unique=True)),
                ("count", models.IntegerField()),
                ("leaves_sha256", models.CharField(max_length=64)),
                ("previous", models.CharField(max_length=64, unique=True)),
                ("hash", models.CharField(max_length=64, unique=True)),
                ("sealed_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("count__gt", 0)), name="audit_seal_covers_entries"),
                    models.CheckConstraint(
                        condition=models.Q(("hash", models.F("previous")), _negated=True),
                        name="audit_seal_has_a_hash_of_its_own",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Leaf",
            fields=[
                ("index", models.BigIntegerField(primary_key=True, serialize=False)),
                ("hash", models.BinaryField()),
                (
                    "entry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="leaf", to="audit.entry"
                    ),
                ),
                (
                    "seal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="leaves", to="audit.seal"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("index__gte", 0)), name="audit_leaf_counts_from_zero")
                ],
            },
        ),
        migrations.CreateModel(
            name="Checkpoint",
            fields=[
                ("size", models.BigIntegerField(primary_key=True, serialize=False)),
                ("root", models.BinaryField()),
                ("peaks", models.BinaryField()),
                ("note", models.TextField()),
                ("signed_at", models.DateTimeField()),
                (
                    "seal",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="checkpoint", to="audit.seal"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("size__gt", 0)), name="audit_checkpoint_covers_entries")
                ],
            },
        ),
        migrations.RunSQL(LAWS, "ALTER TABLE audit_entry DROP CONSTRAINT audit_entry_columns_are_those_of_its_bytes"),
    ]
