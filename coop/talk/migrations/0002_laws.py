"""The laws of talk: a copy of its laws/*.sql. Written by `manage.py fold`."""

from django.db import migrations

RIGHTS = r"""
-- What the application may do with each table: what was said is kept, and kept as it was said.

SELECT canut_append_only('talk_thread');
SELECT canut_append_only('talk_post');
"""


class Migration(migrations.Migration):
    dependencies = [("talk", "0001_tables"), ("members", "0002_laws")]
    operations = [migrations.RunSQL(RIGHTS)]
