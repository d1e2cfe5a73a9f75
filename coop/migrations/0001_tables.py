"""The tables of coop, as its models state them. Written by `manage.py fold`."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Heartbeat",
            fields=[
                ("part", models.CharField(max_length=20, primary_key=True, serialize=False)),
                ("beat_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("part", ""), _negated=True), name="heartbeat_names_its_part"
                    )
                ],
                "indexes": [],
            },
        ),
    ]
