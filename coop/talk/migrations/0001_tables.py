"""The tables of talk, as its models state them. Written by `manage.py fold`."""

import uuid

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("members", "0001_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="Thread",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("subject", models.CharField(max_length=120, unique=True)),
                ("opened_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("subject", ""), _negated=True), name="thread_is_about_something"
                    )
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="Post",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "thread",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="posts", to="talk.thread"
                    ),
                ),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="posts", to="members.member"
                    ),
                ),
                ("body", models.TextField(max_length=4000)),
                ("posted_at", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["thread", "id"], name="talk_post_of_thread")],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("body", ""), _negated=True), name="post_says_something")
                ],
            },
        ),
    ]
