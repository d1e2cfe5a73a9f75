import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("coop", "0002_shared_cache"),
    ]

    operations = [
        migrations.CreateModel(
            name="Entry",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("kind", models.CharField(max_length=60)),
                ("subject", models.CharField(max_length=120)),
                ("recorded_at", models.DateTimeField()),
                ("canonical", models.BinaryField()),
            ],
            options={
                "indexes": [models.Index(fields=["subject", "id"], name="audit_entry_of_subject")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind", ""), _negated=True), name="audit_entry_names_its_kind"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("subject", ""), _negated=True), name="audit_entry_names_its_subject"
                    ),
                ],
            },
        ),
        migrations.RunSQL("SELECT canut_append_only('audit_entry')", migrations.RunSQL.noop),
    ]
